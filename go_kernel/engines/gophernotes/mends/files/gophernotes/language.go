// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/cosmos72/gomacro/base/gotool"
	"github.com/gopherdata/gophernotes/capture"
	"github.com/gopherdata/gophernotes/capture/stdin"
	"github.com/gopherdata/gophernotes/deaths"
	"github.com/gopherdata/gophernotes/evaluate"
	"github.com/gopherdata/gophernotes/introspect"
	"github.com/gopherdata/gophernotes/jupyter"
	"github.com/gopherdata/gophernotes/magic"
)

// language is Go as the message loop knows it.
type language struct {
	kernel    *Kernel
	evaluator *evaluate.Evaluator
	output    *capture.Capture
	server    *jupyter.Server
}

// newLanguage makes an interpreter whose output goes to a server.
func newLanguage(server *jupyter.Server, output *capture.Capture) (*language, error) {
	kernel, err := newKernel()
	if err != nil {
		return nil, err
	}
	l := &language{kernel, evaluate.New(kernel.ir), output, server}
	l.evaluator.OnInterrupt(gotool.Interrupt)
	l.evaluator.Late(l.late)
	l.evaluator.Notice(func(text string) { server.Stream("stderr", text) })
	stdin.Bind()
	deaths.OnExit(l.exited)
	l.declare()
	return l, nil
}

// Info is part of jupyter.Language.
func (l *language) Info() map[string]any { return kernelInfo() }

// Execute is part of jupyter.Language.
func (l *language) Execute(cell *jupyter.Cell) jupyter.Result {
	if asked, ok := askedIn(cell.Code); ok {
		return l.answer(asked)
	}
	if !cell.Silent {
		l.mourn()
	}
	l.output.Begin()
	stdin.SetAsk(nil)
	if cell.AllowStdin {
		stdin.SetAsk(func(prompt string, password bool) (string, error) {
			l.output.Sync() // what was printed before may be the question
			return cell.Input(prompt, password)
		})
	}
	result := l.run(nameOf(cell), cell.Code, l.magics)
	stdin.SetAsk(nil)
	l.output.Flush()
	introspect.Remember(magic.Unmarked(cell.Code), result.Err == nil)
	return result
}

// Evaluate is part of jupyter.Language.
func (l *language) Evaluate(expression string) jupyter.Result {
	result := l.run("expression", expression, nil)
	l.output.Flush()
	return result
}

func (l *language) run(name, code string, before func(string) (string, error)) jupyter.Result {
	values, types, err := l.evaluator.Run(evaluate.Source{Name: name, Code: code, Before: before})
	if err != nil {
		return jupyter.Result{Err: failure(err)}
	}
	if len(values) == 0 {
		return jupyter.Result{}
	}
	var data Data
	// Its methods may be interpreted ones, and go on for ever.
	err = l.evaluator.Do(name, func() {
		if data, err = l.kernel.autoRenderResults(values, types); err != nil {
			panic(err)
		}
	})
	if err != nil {
		return jupyter.Result{Err: failure(err)}
	}
	return jupyter.Result{Value: bundle(data)}
}

// magics runs a cell's first lines that are commands.
func (l *language) magics(code string) (string, error) {
	context := magic.Context{Interp: l.kernel.ir, Stdout: os.Stdout, Stderr: os.Stderr}
	return magic.Run(context, magic.Unmarked(code))
}

// Interrupt is part of jupyter.Language.
func (l *language) Interrupt() { l.evaluator.Interrupt() }

// Complete is part of jupyter.Language.
func (l *language) Complete(code string, cursor int) jupyter.Completion {
	found := introspect.Complete(l.kernel.ir, magic.Unmarked(code), cursor, magic.Names())
	return jupyter.Completion{
		Matches: found.Matches, Start: found.Start, End: found.End, Metadata: withTypes(found),
	}
}

// Inspect is part of jupyter.Language.
func (l *language) Inspect(code string, cursor, detail int) (map[string]any, bool) {
	return introspect.Inspect(l.kernel.ir, magic.Unmarked(code), cursor, detail)
}

// IsComplete is part of jupyter.Language.
func (l *language) IsComplete(code string) (status, indent string) {
	return introspect.IsComplete(magic.Unmarked(code))
}

// Closing is part of jupyter.Language.
func (l *language) Closing(bool) {
	gotool.EndChildren()
	gotool.RemoveScratch()
}

// late shows an error of a goroutine whose cell has ended.
func (l *language) late(f *evaluate.Failure) { l.server.Fail(*failure(f)) }

func nameOf(cell *jupyter.Cell) string {
	if !cell.StoreHistory {
		return "cell"
	}
	return fmt.Sprintf("cell %d", cell.Count)
}

func failure(err error) *jupyter.Failure {
	var failed *evaluate.Failure
	if errors.As(err, &failed) {
		return &jupyter.Failure{Name: failed.Name, Value: failed.Value, Traceback: failed.Traceback}
	}
	return &jupyter.Failure{Name: "error", Value: err.Error(), Traceback: []string{err.Error()}}
}

func bundle(data Data) *jupyter.Bundle {
	if len(data.Data) == 0 {
		return nil
	}
	return &jupyter.Bundle{Data: data.Data, Metadata: data.Metadata, Transient: data.Transient}
}

// withTypes says what each match is, as Jupyter's own kernel does.
func withTypes(found introspect.Completion) map[string]any {
	entries := make([]map[string]any, len(found.Matches))
	for i, match := range found.Matches {
		entries[i] = map[string]any{
			"start": found.Start, "end": found.End, "text": match, "type": found.Types[i],
		}
	}
	return map[string]any{"_jupyter_types_experimental": entries}
}
