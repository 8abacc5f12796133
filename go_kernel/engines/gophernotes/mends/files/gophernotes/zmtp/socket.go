// SPDX-License-Identifier: MIT

package zmtp

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// socket accepts connections, greets them, and has each served in a goroutine of its own.
type socket struct {
	kind       kind
	listener   net.Listener
	logf       Logf
	soft, hard int // bounds of each connection's outbox

	// serve reads from one connection until it ends.
	serve func(c *conn) error

	unfinished budget
	mu         sync.Mutex
	conns      map[*conn]bool
	closed     bool
}

// start begins to accept connections.
func (s *socket) start() {
	s.conns = make(map[*conn]bool)
	go s.accept()
}

func (s *socket) accept() {
	for {
		raw, err := s.listener.Accept()
		if err == nil {
			s.admit(raw)
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
		// Out of descriptors, say: those that are connected go on.
		s.logf("%s: no connection can be accepted: %v", s.kind.name, err)
		time.Sleep(100 * time.Millisecond)
	}
}

func (s *socket) admit(raw net.Conn) {
	logf := func(format string, values ...any) { s.logf(s.kind.name+": "+format, values...) }
	c := newConn(raw, &s.unfinished, s.soft, s.hard, logf)
	s.mu.Lock()
	full, closed := len(s.conns) >= maxConnections, s.closed
	if !full && !closed {
		s.conns[c] = true
	}
	s.mu.Unlock()
	switch {
	case closed:
		c.close(nil)
	case full:
		c.close(errors.New("there are too many"))
	default:
		go s.run(c)
	}
}

// run serves a connection from its greeting to its end.
func (s *socket) run(c *conn) {
	defer func() {
		s.mu.Lock()
		delete(s.conns, c)
		s.mu.Unlock()
	}()
	if tcp, ok := c.net.(*net.TCPConn); ok {
		// The system's own buffer can take megabytes: then a peer that reads slowly would
		// look like one that doesn't read.
		tcp.SetWriteBuffer(writeBatch)
	}
	var err error
	c.identity, err = shakeHands(c.net, c.reader, s.kind)
	if err == nil {
		go func() { c.close(c.out.writeTo(c.net)) }()
		err = s.serve(c)
	}
	c.reader.giveBack(0)
	if errors.Is(err, io.EOF) {
		err = errHungUp
	}
	c.close(err)
}

func (s *socket) connections() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	conns := make([]*conn, 0, len(s.conns))
	for c := range s.conns {
		conns = append(conns, c)
	}
	return conns
}

// Flush returns when everything that was sent so far is written, except to peers that
// don't read, or when the deadline is reached.
func (s *socket) Flush(deadline time.Time) {
	for _, c := range s.connections() {
		c.out.flush(deadline)
	}
}

// Close stops accepting connections, and ends those that are there.
func (s *socket) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.listener.Close()
	for _, c := range s.connections() {
		c.close(nil)
	}
}
