// SPDX-License-Identifier: MIT

package capture

import (
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

const (
	// The most that is published at once.
	pieceSize = 64 << 10
	// How long something printed may wait for more to join it: no eye sees that, and a
	// loop that prints lines makes 50 messages a second instead of a hundred thousand.
	patience = 20 * time.Millisecond
)

var names = [2]string{"stdout", "stderr"}

// sink gathers what was read into pieces and publishes them.
type sink struct {
	publish func(stream, text string)
	lock    *sync.Mutex // held by all who call, and by the timer

	stream  int // that pending was written to
	pending []byte
	timer   *time.Timer
	waiting bool // the timer runs
	tails   [2][utf8.UTFMax]byte
	tail    [2]int // bytes of an incomplete character, by stream
}

// room is where to put what a stream has: never empty.
func (s *sink) room(stream int) []byte {
	if s.pending == nil {
		s.pending = make([]byte, 0, pieceSize)
	}
	if stream != s.stream || len(s.pending) == cap(s.pending) {
		s.emit()
	}
	if len(s.pending) == 0 {
		s.stream = stream
		s.pending = append(s.pending, s.tails[stream][:s.tail[stream]]...)
		s.tail[stream] = 0
	}
	return s.pending[len(s.pending):cap(s.pending)]
}

// took says that so much was put into room.
func (s *sink) took(n int) {
	s.pending = s.pending[:len(s.pending)+n]
	if len(s.pending) == cap(s.pending) {
		s.emit()
	} else if !s.waiting {
		s.waiting = true
		s.wait()
	}
}

func (s *sink) wait() {
	if s.timer != nil {
		s.timer.Reset(patience)
		return
	}
	s.timer = time.AfterFunc(patience, func() {
		s.lock.Lock()
		defer s.lock.Unlock()
		s.waiting = false
		s.emit()
	})
}

// emit publishes what is pending, up to the last complete character.
func (s *sink) emit() {
	if len(s.pending) == 0 {
		return
	}
	end := complete(s.pending)
	s.tail[s.stream] = copy(s.tails[s.stream][:], s.pending[end:])
	text := string(s.pending[:end])
	s.pending = s.pending[:0]
	s.send(s.stream, text)
}

// emitTails publishes incomplete characters as what they are by now: invalid.
func (s *sink) emitTails() {
	for i := range s.tails {
		text := string(s.tails[i][:s.tail[i]])
		s.tail[i] = 0
		s.send(i, text)
	}
}

func (s *sink) send(stream int, text string) {
	if text != "" {
		s.publish(names[stream], strings.ToValidUTF8(text, string(utf8.RuneError)))
	}
}

// complete is the length of text without a character at its end that has only begun.
func complete(text []byte) int {
	for i := len(text) - 1; i >= 0 && i >= len(text)-utf8.UTFMax; i-- {
		if utf8.RuneStart(text[i]) {
			if utf8.FullRune(text[i:]) {
				return len(text)
			}
			return i
		}
	}
	return len(text)
}
