// SPDX-License-Identifier: MIT

package goexec

import (
	"bytes"
	"io"
)

// frameWriter passes on what a cell writes to stderr, but the lines of a stack trace as
// a whole: Go writes them word by word, and whoever looks for a file and a line number in
// them (jupyterStackTraceMapperWriter) must see both at once.
//
// Those lines begin with a tab; what doesn't is passed on as it comes.
type frameWriter struct {
	to   io.Writer
	held []byte
}

// Write passes on all but the beginning of a stack trace's line.
func (w *frameWriter) Write(p []byte) (int, error) {
	all := append(w.held, p...)
	last := bytes.LastIndexByte(all, '\n') + 1
	if last == len(all) || all[last] != '\t' {
		last = len(all)
	}
	w.held = bytes.Clone(all[last:])
	if last > 0 {
		if _, err := w.to.Write(all[:last]); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// Flush passes on what is left when all was written.
func (w *frameWriter) Flush() {
	if len(w.held) > 0 {
		_, _ = w.to.Write(w.held)
		w.held = nil
	}
}
