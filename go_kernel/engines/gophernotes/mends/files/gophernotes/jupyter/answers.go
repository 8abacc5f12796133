// SPDX-License-Identifier: MIT

package jupyter

import "unicode/utf8"

// kernelInfo is the content of every kernel_info_reply.
func kernelInfo(l Language) map[string]any {
	info := map[string]any{"supported_features": []string{}}
	for name, value := range l.Info() {
		info[name] = value
	}
	info["status"], info["protocol_version"] = "ok", protocolVersion
	return info
}

func (s *Server) answerKernelInfo(*request) map[string]any { return s.kernelInfo }

// codeContent is what requests about code have in common.
type codeContent struct {
	Code        *string `json:"code"`
	CursorPos   *int    `json:"cursor_pos"`
	DetailLevel int     `json:"detail_level"`
}

// code reads such a request. A cursor outside of the code is moved to its next end; where
// there is none the code's end is meant.
func (r *request) code() (code string, cursor, detail int, failure *Failure) {
	var asked codeContent
	if failure = r.decode(&asked); failure != nil {
		return
	}
	if asked.Code == nil {
		failure = r.malformed(`"code" is missing`)
		return
	}
	end := utf8.RuneCountInString(*asked.Code)
	cursor = end
	if asked.CursorPos != nil {
		cursor = min(max(*asked.CursorPos, 0), end)
	}
	return *asked.Code, cursor, min(max(asked.DetailLevel, 0), 1), nil
}

func (s *Server) answerComplete(r *request) map[string]any {
	code, cursor, _, failure := r.code()
	if failure != nil {
		return failure.reply()
	}
	found := s.language.Complete(code, cursor)
	if found.Matches == nil {
		found.Matches = []string{}
	}
	return map[string]any{
		"status": "ok", "matches": found.Matches, "metadata": orEmpty(found.Metadata),
		"cursor_start": found.Start, "cursor_end": found.End,
	}
}

func (s *Server) answerInspect(r *request) map[string]any {
	code, cursor, detail, failure := r.code()
	if failure != nil {
		return failure.reply()
	}
	data, found := s.language.Inspect(code, cursor, detail)
	return map[string]any{
		"status": "ok", "found": found, "data": orEmpty(data), "metadata": map[string]any{},
	}
}

func (s *Server) answerIsComplete(r *request) map[string]any {
	code, _, _, failure := r.code()
	if failure != nil {
		return failure.reply()
	}
	status, indent := s.language.IsComplete(code)
	reply := map[string]any{"status": status}
	if status == "incomplete" {
		reply["indent"] = indent
	}
	return reply
}

// answerCommInfo says that there are no comms: nothing in Go opens one.
func (s *Server) answerCommInfo(*request) map[string]any {
	return map[string]any{"status": "ok", "comms": map[string]any{}}
}

// refuseComm closes a comm that a client has opened: no target is known.
// ref: https://jupyter-client.readthedocs.io/en/stable/messaging.html#opening-a-comm
func (s *Server) refuseComm(r *request) map[string]any {
	var asked struct {
		ID     string `json:"comm_id"`
		Target string `json:"target_name"`
	}
	if failure := r.decode(&asked); failure != nil {
		s.log.Print(failure)
		return nil
	}
	s.log.Printf("a comm was closed: there is no target %q", asked.Target)
	s.must("comm_close", r, map[string]any{"comm_id": asked.ID, "data": map[string]any{}})
	return nil
}

// ignore is for messages that need no answer.
func (s *Server) ignore(*request) map[string]any { return nil }
