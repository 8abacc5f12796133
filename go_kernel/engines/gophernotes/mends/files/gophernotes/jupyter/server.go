// SPDX-License-Identifier: MIT

package jupyter

import (
	"errors"
	"fmt"
	"log"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gopherdata/gophernotes/zmtp"
)

// flushTime is how long the end waits for clients to take what they were sent.
const flushTime = time.Second

// Server is a kernel's five sockets and what happens on them. Its methods can be called
// from any goroutine.
type Server struct {
	log     *log.Logger
	signer  *signer
	session string

	shell, control, stdin    *zmtp.Router
	iopub                    *zmtp.Pub
	heartbeat                *zmtp.Echo
	shellQueue, controlQueue *queue
	inputs                   inputs

	language   Language
	interrupt  atomic.Pointer[func()] // nil: nothing is served yet
	kernelInfo map[string]any
	history    history
	count      int          // of the cells whose history is stored
	failure    *lastFailure // nil: none

	output  atomic.Pointer[request] // whose output there is now
	running atomic.Pointer[Cell]    // nil: none

	ended   chan struct{}
	endOnce sync.Once
}

// NewServer opens the sockets of a connection. Heartbeats are answered at once, requests
// wait for Serve.
func NewServer(
	c Connection, listen func(port int) (net.Listener, error), log *log.Logger,
) (*Server, error) {
	s := &Server{
		log:          log,
		signer:       newSigner(c.Key),
		session:      newID(),
		shellQueue:   newQueue(),
		controlQueue: newQueue(),
		inputs:       inputs{turn: make(chan struct{}, 1)},
		ended:        make(chan struct{}),
	}
	listeners, err := openAll(listen, map[string]int{
		"shell": c.ShellPort, "control": c.ControlPort, "stdin": c.StdinPort,
		"iopub": c.IOPubPort, "heartbeat": c.HeartbeatPort,
	})
	if err != nil {
		return nil, err
	}
	s.iopub = zmtp.NewPub(listeners["iopub"], s.welcome, log.Printf)
	s.heartbeat = zmtp.NewEcho(listeners["heartbeat"], log.Printf)
	s.stdin = s.router(listeners["stdin"], s.takeInput)
	s.shell = s.router(listeners["shell"], s.shellQueue.put)
	s.control = s.router(listeners["control"], s.controlQueue.put)
	return s, nil
}

func openAll(
	listen func(port int) (net.Listener, error), ports map[string]int,
) (map[string]net.Listener, error) {
	listeners := make(map[string]net.Listener)
	for name, port := range ports {
		listener, err := listen(port)
		if err != nil {
			for _, other := range listeners {
				other.Close()
			}
			return nil, fmt.Errorf("can't listen on the %s port %d: %w", name, port, err)
		}
		listeners[name] = listener
	}
	return listeners, nil
}

// router serves a channel: messages that are in order go to `take`, others to the log.
func (s *Server) router(listener net.Listener, take func(*request)) *zmtp.Router {
	return zmtp.NewRouter(listener, func(from *zmtp.Peer, frames [][]byte) {
		m, err := s.signer.parse(frames)
		if err != nil {
			s.log.Printf("a message was dropped: %v", err)
			return
		}
		take(&request{message: m, from: from, arrived: time.Now()})
	}, s.log.Printf)
}

// Serve answers requests until a shutdown_request, and then returns. A cell that still
// runs is not waited for: the process is to end.
func (s *Server) Serve(l Language) error {
	if l == nil {
		return errors.New("there is no language to serve")
	}
	s.language = l
	interrupt := l.Interrupt
	s.interrupt.Store(&interrupt)
	s.kernelInfo = kernelInfo(l)
	s.publishStatus("starting", nil)
	go s.loop(s.shellQueue, shellHandlers)
	go s.loop(s.controlQueue, controlHandlers)
	<-s.ended
	s.close()
	return nil
}

func (s *Server) close() {
	s.shellQueue.close()
	s.controlQueue.close()
	deadline := time.Now().Add(flushTime)
	for _, socket := range []interface {
		Flush(time.Time)
		Close()
	}{s.shell, s.control, s.stdin, s.iopub, s.heartbeat} {
		socket.Flush(deadline)
		socket.Close()
	}
}
