// SPDX-License-Identifier: MIT

package jupyter

import "slices"

const (
	// historyBound is how many bytes of code and results are kept.
	historyBound = 16 << 20
	// tailLength is how many entries the end of the history has if nobody says.
	tailLength = 10
	// ownSession is what the session of this process is called; there is no other one.
	ownSession = 1
)

// history is what cells were run, and what came of them.
type history struct {
	entries []historyEntry
	bytes   int
}

type historyEntry struct {
	line   int
	code   string
	result *string // nil: none, or one that isn't text
}

func (e historyEntry) size() int {
	size := len(e.code) + 64
	if e.result != nil {
		size += len(*e.result)
	}
	return size
}

// add stores a cell. The oldest ones are forgotten when there is too much.
func (h *history) add(line int, code string, result Result) {
	entry := historyEntry{line: line, code: code}
	if result.Err == nil && result.Value != nil {
		if text, ok := result.Value.Data["text/plain"].(string); ok {
			entry.result = &text
		}
	}
	h.entries = append(h.entries, entry)
	h.bytes += entry.size()
	for h.bytes > historyBound && len(h.entries) > 1 {
		h.bytes -= h.entries[0].size()
		h.entries = h.entries[1:]
	}
}

type historyContent struct {
	Access  string `json:"hist_access_type"`
	Output  bool   `json:"output"`
	Raw     bool   `json:"raw"` // nothing is ever rewritten: both are the same
	Session int    `json:"session"`
	Start   int    `json:"start"`
	Stop    *int   `json:"stop"`
	N       *int   `json:"n"`
	Pattern string `json:"pattern"`
	Unique  bool   `json:"unique"`
}

// answerHistory gives the entries that are asked for, each as [session, line, code], with
// output as [session, line, [code, result]].
func (s *Server) answerHistory(r *request) map[string]any {
	var asked historyContent
	if failure := r.decode(&asked); failure != nil {
		return failure.reply()
	}
	var found []historyEntry
	switch asked.Access {
	case "tail":
		found = s.history.tail(asked.N)
	case "range":
		found = s.history.between(asked.Session, asked.Start, asked.Stop)
	case "search":
		found = s.history.search(asked.Pattern, asked.N, asked.Unique)
	default:
		return r.malformed(`"hist_access_type" must be tail, range or search`).reply()
	}
	entries := make([]any, len(found))
	for i, e := range found {
		entries[i] = []any{ownSession, e.line, e.code}
		if asked.Output {
			entries[i] = []any{ownSession, e.line, []any{e.code, e.result}}
		}
	}
	return map[string]any{"status": "ok", "history": entries}
}

func (h *history) tail(n *int) []historyEntry {
	if n == nil {
		return last(h.entries, tailLength)
	}
	return last(h.entries, *n)
}

// between gives the cells from line start up to, not including, line stop. Session 0 is
// the one that is current; a negative line counts from the end.
func (h *history) between(session, start int, stop *int) []historyEntry {
	if len(h.entries) == 0 || session != 0 && session != ownSession {
		return nil
	}
	next := h.entries[len(h.entries)-1].line + 1
	end := next
	if stop != nil && *stop != 0 {
		end = *stop
	}
	if start < 0 {
		start += next
	}
	if end < 0 {
		end += next
	}
	var found []historyEntry
	for _, e := range h.entries {
		if e.line >= start && e.line < end {
			found = append(found, e)
		}
	}
	return found
}

// search gives the cells that a pattern fits, or the last n of them; with unique, of the
// same code only the last.
func (h *history) search(pattern string, n *int, unique bool) []historyEntry {
	if pattern == "" {
		pattern = "*"
	}
	fits := glob(pattern)
	seen := make(map[string]bool)
	var found []historyEntry
	for i := len(h.entries) - 1; i >= 0; i-- {
		e := h.entries[i]
		if !fits.MatchString(e.code) || unique && seen[e.code] {
			continue
		}
		seen[e.code] = true
		found = append(found, e)
	}
	slices.Reverse(found)
	if n == nil {
		return found
	}
	return last(found, *n)
}

func last(entries []historyEntry, n int) []historyEntry {
	return entries[max(0, len(entries)-max(n, 0)):]
}
