// SPDX-License-Identifier: MIT

package jupyter

import (
	"encoding/json"
	"strings"
	"time"
)

// handler answers one type of request: with the content of the reply, or nil for none.
type handler func(s *Server, r *request) map[string]any

// What is answered on which channel. Old clients shut down on the shell's.
var (
	shellHandlers   map[string]handler
	controlHandlers map[string]handler
)

func init() { // the tables and what they hold refer to each other
	shellHandlers = map[string]handler{
		"kernel_info_request": (*Server).answerKernelInfo,
		"execute_request":     (*Server).answerExecute,
		"complete_request":    (*Server).answerComplete,
		"inspect_request":     (*Server).answerInspect,
		"is_complete_request": (*Server).answerIsComplete,
		"history_request":     (*Server).answerHistory,
		"comm_info_request":   (*Server).answerCommInfo,
		"comm_open":           (*Server).refuseComm,
		"comm_msg":            (*Server).ignore,
		"comm_close":          (*Server).ignore,
		"shutdown_request":    (*Server).answerShutdown,
	}
	controlHandlers = map[string]handler{
		"kernel_info_request": (*Server).answerKernelInfo,
		"interrupt_request":   (*Server).answerInterrupt,
		"shutdown_request":    (*Server).answerShutdown,
	}
}

// loop answers the requests of one channel, one after the other.
func (s *Server) loop(q *queue, handlers map[string]handler) {
	over := false
	defer func() {
		if !over { // something that a request called has ended this goroutine: runtime.Goexit
			go s.loop(q, handlers)
		}
	}()
	for r := q.get(); r != nil; r = q.get() {
		s.serve(r, handlers)
	}
	over = true
}

// serve answers one request, with the status busy before and idle after it.
func (s *Server) serve(r *request, handlers map[string]handler) {
	if r.header.Type == "shutdown_request" && meantForPredecessor(r.header.Date) {
		s.log.Printf("a shutdown_request was ignored: it was sent before this kernel started")
		return
	}
	r.started = time.Now()
	s.publishStatus("busy", r)
	defer func() {
		s.publishStatus("idle", r)
		if r.afterIdle != nil {
			r.afterIdle()
		}
	}()
	answer := handlers[r.header.Type]
	if answer == nil {
		s.log.Printf("a message was ignored: nothing is known of %q", r.header.Type)
		return
	}
	s.guard(r, answer)
}

// guard has a request answered, whatever happens meanwhile.
func (s *Server) guard(r *request, answer handler) {
	reply := (&Failure{Name: "Goexit", Value: "the goroutine that ran this was ended"}).reply()
	defer func() {
		if thrown := recover(); thrown != nil {
			reply = s.panicked(r.header.Type, thrown).reply()
		}
		if reply != nil {
			s.reply(r, reply)
		}
		if r.afterReply != nil {
			r.afterReply()
		}
	}()
	reply = answer(s, r)
}

// reply sends the reply to a request.
func (s *Server) reply(r *request, content map[string]any) {
	kind := strings.TrimSuffix(r.header.Type, "_request") + "_reply"
	if !strings.HasSuffix(r.header.Type, "_request") {
		return // what failed is none that gets a reply
	}
	metadata := map[string]any{"started": date(r.started), "status": content["status"]}
	frames, err := s.signer.compose(s.newHeader(kind), r, metadata, content)
	if err != nil { // a value from elsewhere that is none in JSON
		s.log.Printf("%s: %v", kind, err)
		content = (&Failure{Name: "KernelError", Value: err.Error()}).reply()
		frames, _ = s.signer.compose(s.newHeader(kind), r, nil, content)
	}
	frames = append(append([][]byte{}, r.identities...), frames...)
	if err := r.from.Send(frames); err != nil {
		s.log.Printf("%s: %v", kind, err)
	}
}

// decode reads a request's content; the error is the reply.
func (r *request) decode(into any) *Failure {
	if err := json.Unmarshal(r.content, into); err != nil {
		return r.malformed(wrongType(err))
	}
	return nil
}

func (r *request) malformed(why string) *Failure {
	return &Failure{Name: "MalformedRequest", Value: r.header.Type + ": " + why}
}
