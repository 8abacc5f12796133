// SPDX-License-Identifier: MIT

package jupyter

import "time"

// Dying tells why this process is about to end: to those who watch, and to who waits for
// the running cell's reply. It returns when that is sent.
func (s *Server) Dying(f Failure) {
	s.Fail(f)
	if cell := s.running.Load(); cell != nil {
		s.reply(cell.request, s.failed(&f, cell.Count))
		s.publishStatus("idle", cell.request)
	}
	deadline := time.Now().Add(flushTime)
	s.shell.Flush(deadline)
	s.iopub.Flush(deadline)
}
