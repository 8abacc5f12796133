// SPDX-License-Identifier: MIT

package capture

import (
	"fmt"
	"io"
	"log"
	"os"
	"reflect"

	"github.com/cosmos72/gomacro/fast"
	"github.com/cosmos72/gomacro/imports"

	"github.com/gopherdata/gophernotes/capture/rebind"
)

// Functions that are given a writer once and write to it later.
var givenWriters = map[string][]string{
	"bufio":          {"NewWriter", "NewWriterSize"},
	"encoding/csv":   {"NewWriter"},
	"encoding/json":  {"NewEncoder"},
	"encoding/xml":   {"NewEncoder"},
	"io":             {"Copy", "CopyBuffer", "CopyN", "MultiWriter", "TeeReader", "WriteString"},
	"log":            {"New", "SetOutput"},
	"log/slog":       {"NewJSONHandler", "NewTextHandler"},
	"text/tabwriter": {"NewWriter"},
}

// bind makes what interpreted code prints with come out in order.
//
// Interpreted code sees the standard library through a table of functions; those of fmt
// are written out here, since a loop may call them a million times.
func (c *Capture) bind() {
	log.SetOutput(ordered{c, stderr})
	fast.PrintTo = func() io.Writer { return c.next(os.Stderr) }
	for path, names := range givenWriters {
		rebind.Arguments(path, names, c.inOrder)
	}
	binds := imports.Packages["fmt"].Binds
	for name, function := range c.printers() {
		binds[name] = reflect.ValueOf(function)
	}
}

// printers are fmt's functions that print, in order.
func (c *Capture) printers() map[string]any {
	return map[string]any{
		"Print": func(a ...any) (int, error) {
			return fmt.Fprint(c.next(os.Stdout), a...)
		},
		"Printf": func(format string, a ...any) (int, error) {
			return fmt.Fprintf(c.next(os.Stdout), format, a...)
		},
		"Println": func(a ...any) (int, error) {
			return fmt.Fprintln(c.next(os.Stdout), a...)
		},
		"Fprint": func(w io.Writer, a ...any) (int, error) {
			return fmt.Fprint(c.next(w), a...)
		},
		"Fprintf": func(w io.Writer, format string, a ...any) (int, error) {
			return fmt.Fprintf(c.next(w), format, a...)
		},
		"Fprintln": func(w io.Writer, a ...any) (int, error) {
			return fmt.Fprintln(c.next(w), a...)
		},
	}
}
