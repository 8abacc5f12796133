// SPDX-License-Identifier: MIT

package zmtp

import (
	"bytes"
	"errors"
	"net"
	"sync"
)

const (
	// From how many bytes on that a subscriber is behind Publish waits for it.
	pubSoft = 4 << 20
	// How many bytes one that doesn't read may be behind, before it is disconnected.
	pubHard = 32 << 20
	// How many bytes of topics one subscriber may have.
	maxTopics = 1 << 20
)

// Message is something to publish. Its first frame is the topic.
type Message struct {
	Frames [][]byte

	// Urgent messages don't wait for subscribers that are behind. They are small.
	Urgent bool

	// Notice, where it is set, says that the message may be left out for a subscriber
	// that has stopped reading; once it reads again it gets, in the place of all that was
	// left out in a row, the frames that Notice makes from the sum of their Bytes.
	Notice func(bytes int) [][]byte
	Bytes  int
}

// Pub is a PUB socket. What subscribers have not read yet is bounded, and nothing is lost
// without a word: see Publish.
type Pub struct {
	socket
	welcome func(topic []byte) [][]byte

	turn          sync.Mutex // one message at a time waits for subscribers: all get the same order
	subscribersMu sync.Mutex
	subscribers   []*subscriber
}

type subscriber struct {
	*conn
	mu     sync.Mutex
	topics map[string]int // how often each is subscribed to
	size   int
}

// NewPub serves a listener, which the Pub closes in the end. `welcome` makes the message
// that a subscriber gets for each new subscription.
func NewPub(listener net.Listener, welcome func(topic []byte) [][]byte, logf Logf) *Pub {
	p := &Pub{
		socket:  socket{kind: pubKind, listener: listener, logf: logf, soft: pubSoft, hard: pubHard},
		welcome: welcome,
	}
	p.serve = p.subscribe
	p.start()
	return p
}

// Publish queues a message for everyone who has subscribed to its topic.
//
// It waits while a subscriber is behind, but not for one that has taken nothing for ten
// seconds: for that one a message with a Notice is left out, others are queued up to a
// bound, and then it is disconnected.
func (p *Pub) Publish(m Message) {
	if !m.Urgent {
		p.turn.Lock()
		defer p.turn.Unlock()
	}
	parts, size := encode(m.Frames)
	for _, s := range p.subscribed(m.Frames[0]) {
		if !m.Urgent {
			s.out.waitForRoom()
		}
		if m.Notice != nil {
			s.out.addOrSkip(parts, size, m.Bytes, m.Notice)
		} else {
			s.send(parts, size)
		}
	}
}

func (p *Pub) subscribed(topic []byte) []*subscriber {
	p.subscribersMu.Lock()
	defer p.subscribersMu.Unlock()
	var found []*subscriber
	for _, s := range p.subscribers {
		if s.wants(topic) {
			found = append(found, s)
		}
	}
	return found
}

// subscribe serves one subscriber.
func (p *Pub) subscribe(c *conn) error {
	s := &subscriber{conn: c, topics: make(map[string]int)}
	p.subscribersMu.Lock()
	p.subscribers = append(p.subscribers, s)
	p.subscribersMu.Unlock()
	defer p.forget(s)

	// ZMTP 3.1 has commands for what is a message in 3.0.
	command := func(name string, topic []byte) error {
		switch name {
		case "SUBSCRIBE":
			return p.add(s, topic)
		case "CANCEL":
			s.remove(topic)
		}
		return nil
	}
	for {
		frames, err := c.next(command)
		if err != nil {
			return err
		}
		if len(frames) != 1 || len(frames[0]) == 0 {
			continue // messages for an XPUB's owner concern nobody
		}
		switch frames[0][0] {
		case 1:
			err = p.add(s, frames[0][1:])
		case 0:
			s.remove(frames[0][1:])
		}
		if err != nil {
			return err
		}
	}
}

func (p *Pub) forget(s *subscriber) {
	p.subscribersMu.Lock()
	defer p.subscribersMu.Unlock()
	for i, other := range p.subscribers {
		if other == s {
			p.subscribers = append(p.subscribers[:i:i], p.subscribers[i+1:]...)
			return
		}
	}
}

// add subscribes; the welcome goes out before any message of that topic can.
func (p *Pub) add(s *subscriber, topic []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.size += len(topic) + entryCost; s.size > maxTopics {
		return errors.New("a peer has too many subscriptions")
	}
	if s.topics[string(topic)] == 0 {
		if err := s.send(encode(p.welcome(bytes.Clone(topic)))); err != nil {
			return err
		}
	}
	s.topics[string(topic)]++
	return nil
}

func (s *subscriber) remove(topic []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	count, ok := s.topics[string(topic)]
	if !ok {
		return
	}
	s.size -= len(topic) + entryCost
	if count == 1 {
		delete(s.topics, string(topic))
	} else {
		s.topics[string(topic)] = count - 1
	}
}

func (s *subscriber) wants(topic []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for prefix := range s.topics {
		if bytes.HasPrefix(topic, []byte(prefix)) {
			return true
		}
	}
	return false
}
