// SPDX-License-Identifier: MIT

package jupyter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/gopherdata/gophernotes/zmtp"
)

// stdinTime is how long a client may take to connect to the stdin channel: its first cell
// can be here before that.
const stdinTime = 5 * time.Second

var (
	// ErrNoStdin says that the cell's client can't be asked for input.
	ErrNoStdin = errors.New("this client can't be asked for input")
	// ErrInterrupted says that the cell was interrupted while it waited for input.
	ErrInterrupted = errors.New("interrupted while waiting for input")
)

// inputs is what cells ask their users. Only one question at a time is open.
type inputs struct {
	turn chan struct{}

	mu   sync.Mutex
	open *question
}

type question struct {
	id      string // of the input_request
	cell    *Cell
	answers chan *request
}

// Input asks the user who runs the cell for a line. The error is ErrNoStdin where the
// client doesn't allow it or the cell has ended, ErrInterrupted after an interrupt, io.EOF
// where the user ends the input.
func (c *Cell) Input(prompt string, password bool) (string, error) {
	if c.server == nil || !c.AllowStdin || !c.request.from.Named() {
		return "", ErrNoStdin // without an identity its stdin channel can't be told from others'
	}
	s := c.server
	select {
	case s.inputs.turn <- struct{}{}:
		defer func() { <-s.inputs.turn }()
	case <-c.interrupted:
		return "", ErrInterrupted
	case <-c.ended:
		return "", ErrNoStdin
	}
	own := s.newHeader("input_request")
	content := map[string]any{"prompt": prompt, "password": password}
	frames, err := s.signer.compose(own, c.request, nil, content)
	if err != nil {
		return "", err
	}
	q := s.inputs.ask(own.ID, c)
	defer s.inputs.done()
	if err := s.send(c, frames); err != nil {
		return "", err
	}
	select {
	case answer := <-q.answers:
		return answer.input()
	case <-c.interrupted:
		return "", ErrInterrupted
	case <-c.ended:
		return "", ErrNoStdin
	case <-s.ended:
		return "", ErrInterrupted
	}
}

// send sends an input_request to the client that has sent the cell.
func (s *Server) send(c *Cell, frames [][]byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), stdinTime)
	defer cancel()
	go func() {
		select {
		case <-c.interrupted:
			cancel()
		case <-ctx.Done():
		}
	}()
	err := s.stdin.SendWhenConnected(ctx, c.request.from.Identity, frames)
	if !errors.Is(err, zmtp.ErrNoPeer) {
		return err
	}
	select {
	case <-c.interrupted:
		return ErrInterrupted
	default:
		return fmt.Errorf("%w: it isn't connected to the stdin channel", ErrNoStdin)
	}
}

func (i *inputs) ask(id string, cell *Cell) *question {
	q := &question{id: id, cell: cell, answers: make(chan *request, 1)}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.open = q
	return q
}

func (i *inputs) done() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.open = nil
}

// takeInput hands an input_reply to the cell that waits for it. One for an input_request
// that is over, since its cell was interrupted, is dropped.
func (s *Server) takeInput(r *request) {
	s.inputs.mu.Lock()
	defer s.inputs.mu.Unlock()
	if r.header.Type != "input_reply" || s.inputs.open == nil || !s.inputs.open.isAnsweredBy(r) {
		s.log.Printf("a message on the stdin channel was dropped: no cell waits for this %q", r.header.Type)
		return
	}
	select {
	case s.inputs.open.answers <- r:
	default: // it has an answer already
	}
}

// isAnsweredBy says whether a reply is from the client that was asked, and to this
// question. Not all clients say what they reply to.
func (q *question) isAnsweredBy(r *request) bool {
	asker := q.cell.request
	if r.header.Session != asker.header.Session {
		return false
	}
	return r.parent.ID == "" || r.parent.ID == q.id || r.parent.ID == asker.header.ID
}

// input is the text of an input_reply.
func (r *request) input() (string, error) {
	var content struct {
		Value *string `json:"value"`
	}
	if err := json.Unmarshal(r.content, &content); err != nil || content.Value == nil {
		return "", errors.New("the client's answer to the question for input has no text")
	}
	if *content.Value == "\x04" { // what a terminal's Ctrl-D sends
		return "", io.EOF
	}
	return *content.Value, nil
}
