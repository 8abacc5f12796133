// SPDX-License-Identifier: MIT

// Package stdin has interpreted code that reads from os.Stdin ask the notebook's user.
//
// The descriptor itself is /dev/null: compiled code and child processes that read it are
// at its end at once, and never take what was typed into the terminal of the server.
package stdin

import (
	"errors"
	"io"
	"sync"
	"unicode/utf8"
)

// Ask asks the user for a line; password: what is typed must not be seen.
type Ask func(prompt string, password bool) (string, error)

// ErrNotAllowed is what reading gives where nobody can be asked.
var ErrNotAllowed = errors.New("this client cannot be asked for input (allow_stdin is false)")

// endOfInput is what a terminal's client answers for Ctrl-D.
// ref: https://github.com/ipython/ipykernel/blob/main/ipykernel/kernelbase.py
const endOfInput = "\x04"

var (
	mu      sync.Mutex // guards the next four, never held while asking
	current Ask
	cell    int    // counts calls of SetAsk
	left    []byte // of what was answered
	last    []byte // the character read last, if one was: it can be given back

	asking sync.Mutex // one question at a time
)

// SetAsk says how the running cell asks; nil: it may not.
// What is left of an earlier cell's answers is dropped.
func SetAsk(ask Ask) {
	mu.Lock()
	defer mu.Unlock()
	current, left, last = ask, nil, nil
	cell++
}

// reader is os.Stdin for interpreted code. Each answer is a line.
//
// It can give a rune back, since fmt's functions otherwise lose one between two calls.
type reader struct{}

// Read gives what is left of the last answer, or asks for another.
func (reader) Read(into []byte) (int, error) {
	if len(into) == 0 {
		return 0, nil
	}
	if err := fill(); err != nil {
		return 0, err
	}
	mu.Lock()
	defer mu.Unlock()
	n := copy(into, left)
	last, left = nil, left[n:]
	if n == 0 {
		return 0, io.EOF // the cell ended in between
	}
	return n, nil
}

// ReadRune reads one character.
func (reader) ReadRune() (rune, int, error) {
	if err := fill(); err != nil {
		return 0, 0, err
	}
	mu.Lock()
	defer mu.Unlock()
	if len(left) == 0 {
		return 0, 0, io.EOF // the cell ended in between
	}
	character, size := utf8.DecodeRune(left)
	last, left = left[:size], left[size:]
	return character, size, nil
}

// UnreadRune gives the last read character back.
func (reader) UnreadRune() error {
	mu.Lock()
	defer mu.Unlock()
	if len(last) == 0 {
		return errors.New("there is no character to give back")
	}
	left = append(append([]byte(nil), last...), left...)
	last = nil
	return nil
}

// fill asks until something is left to read.
func fill() error {
	asking.Lock()
	defer asking.Unlock()
	mu.Lock()
	ask, asked, ready := current, cell, len(left) > 0
	mu.Unlock()
	if ready {
		return nil
	}
	if ask == nil {
		return ErrNotAllowed
	}
	line, err := ask("", false)
	if err != nil {
		return err
	}
	if line == endOfInput {
		return io.EOF
	}
	mu.Lock()
	defer mu.Unlock()
	if cell != asked {
		return io.EOF // an answer to a cell that is over
	}
	left = append([]byte(line), '\n')
	return nil
}
