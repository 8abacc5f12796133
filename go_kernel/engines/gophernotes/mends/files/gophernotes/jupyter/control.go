// SPDX-License-Identifier: MIT

package jupyter

// Interrupt stops the cell that runs, also one that waits for input. It is what an
// interrupt_request and a SIGINT mean; before Serve it does nothing.
func (s *Server) Interrupt() {
	interrupt := s.interrupt.Load()
	if interrupt == nil {
		return
	}
	if cell := s.running.Load(); cell != nil {
		cell.interrupt()
	}
	(*interrupt)()
}

func (s *Server) answerInterrupt(*request) map[string]any {
	s.Interrupt()
	return map[string]any{"status": "ok"}
}

// answerShutdown ends the process once the reply is on its way, whatever still runs.
func (s *Server) answerShutdown(r *request) map[string]any {
	var asked struct {
		Restart bool `json:"restart"`
	}
	if failure := r.decode(&asked); failure != nil {
		return failure.reply()
	}
	content := map[string]any{"status": "ok", "restart": asked.Restart}
	r.afterReply = func() {
		s.publishUrgent("shutdown_reply", r, content) // for the clients that didn't ask for it
		s.guardClosing(asked.Restart)
	}
	r.afterIdle = func() { s.endOnce.Do(func() { close(s.ended) }) }
	return content
}

func (s *Server) guardClosing(restart bool) {
	defer func() {
		if thrown := recover(); thrown != nil {
			s.panicked("shutdown_request", thrown)
		}
	}()
	s.language.Closing(restart)
}
