// SPDX-License-Identifier: MIT

package jupyter

import (
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
)

// Cell is code to be executed, and the way to ask its user for input.
type Cell struct {
	Code  string
	Count int // what the cell is numbered with; it has no number of its own without StoreHistory

	Silent, StoreHistory, AllowStdin bool

	server      *Server
	request     *request
	interrupted chan struct{}
	ended       chan struct{}
	once        sync.Once
}

// interrupt ends the cell's waiting for input, now and later.
func (c *Cell) interrupt() { c.once.Do(func() { close(c.interrupted) }) }

type executeContent struct {
	Code            *string           `json:"code"`
	Silent          bool              `json:"silent"`
	StoreHistory    *bool             `json:"store_history"`
	UserExpressions map[string]string `json:"user_expressions"`
	AllowStdin      bool              `json:"allow_stdin"`
	StopOnError     *bool             `json:"stop_on_error"`
}

// answerExecute runs a cell.
func (s *Server) answerExecute(r *request) map[string]any {
	if r.aborted || s.failure.covers(r) {
		return map[string]any{"status": "aborted"}
	}
	var asked executeContent
	failure := r.decode(&asked)
	if failure == nil && asked.Code == nil {
		failure = r.malformed(`"code" is missing`)
	}
	if failure != nil {
		return s.failed(failure, s.count)
	}
	cell := s.newCell(r, &asked)
	s.output.Store(r)
	if !cell.Silent {
		s.must("execute_input", r, map[string]any{"code": cell.Code, "execution_count": cell.Count})
	}
	result := s.run(cell)
	if result.Err == nil && result.Value != nil && !cell.Silent {
		result.Err = s.publishResult(cell, result.Value)
	}
	if cell.StoreHistory {
		s.history.add(cell.Count, cell.Code, result)
	}
	if result.Err == nil {
		return map[string]any{
			"status": "ok", "execution_count": cell.Count, "payload": payload(result.Page),
			"user_expressions": s.evaluate(asked.UserExpressions),
		}
	}
	if !cell.Silent {
		if asked.StopOnError == nil || *asked.StopOnError {
			// Before anyone can know of the error: what comes after that may be an answer to it.
			s.failure = noteFailure(r)
			s.shellQueue.abort()
		}
		s.must("error", r, result.Err.fields())
	}
	return s.failed(result.Err, cell.Count)
}

// payload is what asks a client to show something beside the notebook.
func payload(page *Bundle) []any {
	if page == nil {
		return []any{}
	}
	return []any{map[string]any{"source": "page", "data": orEmpty(page.Data), "start": 0}}
}

// newCell numbers a cell. As in IPython, an empty one and one that is not to be stored
// don't count.
func (s *Server) newCell(r *request, asked *executeContent) *Cell {
	cell := &Cell{
		Code:         *asked.Code,
		Count:        s.count,
		Silent:       asked.Silent,
		StoreHistory: !asked.Silent && (asked.StoreHistory == nil || *asked.StoreHistory),
		AllowStdin:   asked.AllowStdin,
		server:       s,
		request:      r,
		interrupted:  make(chan struct{}),
		ended:        make(chan struct{}),
	}
	if strings.TrimSpace(cell.Code) == "" {
		cell.StoreHistory = false
		return cell
	}
	cell.Count++
	if cell.StoreHistory {
		s.count = cell.Count
	}
	return cell
}

// run has the language execute a cell, if there is anything in it.
func (s *Server) run(cell *Cell) (result Result) {
	defer close(cell.ended)
	if strings.TrimSpace(cell.Code) == "" {
		return Result{}
	}
	s.running.Store(cell)
	defer s.running.Store(nil)
	defer func() {
		if thrown := recover(); thrown != nil {
			result = Result{Err: s.panicked("execute_request", thrown)}
		}
	}()
	return s.language.Execute(cell)
}

// panicked is the failure that a panic of the kernel's own is answered with.
func (s *Server) panicked(what string, thrown any) *Failure {
	s.log.Printf("%s: panic: %v\n%s", what, thrown, debug.Stack())
	return &Failure{Name: "KernelError", Value: fmt.Sprintf(
		"the kernel failed to answer: %v; its log has the details", thrown,
	)}
}

func (s *Server) publishResult(cell *Cell, value *Bundle) *Failure {
	content := value.fields()
	content["execution_count"] = cell.Count
	if err := s.publish("execute_result", cell.request, content); err != nil {
		return &Failure{Name: "DisplayError", Value: "the result can't be shown: " + err.Error()}
	}
	return nil
}

// must publishes what is certain to be JSON.
func (s *Server) must(kind string, parent *request, content map[string]any) {
	if err := s.publish(kind, parent, content); err != nil {
		s.log.Printf("%s: %v", kind, err)
	}
}

func (s *Server) failed(f *Failure, count int) map[string]any {
	reply := f.reply()
	reply["execution_count"] = count
	return reply
}

// evaluate evaluates a request's user_expressions. One that fails is an entry that says so.
func (s *Server) evaluate(expressions map[string]string) map[string]any {
	values := make(map[string]any, len(expressions))
	for name, expression := range expressions {
		values[name] = s.evaluateOne(expression)
	}
	return values
}

func (s *Server) evaluateOne(expression string) (entry map[string]any) {
	defer func() {
		if thrown := recover(); thrown != nil {
			entry = s.panicked("user_expressions", thrown).reply()
		}
	}()
	result := s.language.Evaluate(expression)
	if result.Err != nil {
		return result.Err.reply()
	}
	value := result.Value
	if value == nil {
		value = &Bundle{}
	}
	entry = value.fields()
	if _, err := marshal(entry); err != nil {
		return (&Failure{Name: "DisplayError", Value: err.Error()}).reply()
	}
	entry["status"] = "ok"
	return entry
}
