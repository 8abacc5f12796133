// SPDX-License-Identifier: MIT

// Package evaluate runs cells in the interpreter: each in a goroutine of its own that can be stopped,
// or given up if it is stuck in compiled code, and whose failures never are the kernel's.
package evaluate

import (
	"io"
	"sync"

	"github.com/cosmos72/gomacro/base"
	"github.com/cosmos72/gomacro/fast"
	"github.com/cosmos72/gomacro/xreflect"
)

// Evaluator runs cells, one at a time.
type Evaluator struct {
	ir *fast.Interp

	lock        sync.Mutex
	current     *cell // the one that runs, nil between cells
	onInterrupt []func()
	late        func(*Failure)
	notice      func(string)
}

// Source is what a cell is made of.
type Source struct {
	Name   string                            // what tracebacks call it, as "cell 3"
	Code   string                            // as the user wrote it
	Before func(code string) (string, error) // runs first, gives the code to be compiled; may be nil
}

// New prepares an interpreter for cells. It is to be called before anything is imported.
func New(ir *fast.Interp) *Evaluator {
	e := &Evaluator{ir: ir, late: func(*Failure) {}, notice: func(string) {}}
	c := ir.Comp
	c.Options &^= base.OptShowPrompt | base.OptTrapPanic
	// Functions remember their names, and positions their source code.
	c.Options |= base.OptDebugger
	// Notes on names that are declared again and the like: in a notebook that is no mistake.
	c.Stdout, c.Stderr = io.Discard, io.Discard
	e.replaceBinds()
	ir.Orphans(func(p *fast.Panic) { e.tellLate(goroutineFailure(p)) })
	return e
}

// OnInterrupt registers something else that an interrupt has to end, as child processes.
func (e *Evaluator) OnInterrupt(f func()) {
	e.lock.Lock()
	defer e.lock.Unlock()
	e.onInterrupt = append(e.onInterrupt, f)
}

// Late names who is told of failures in goroutines that outlive their cell. Called from any goroutine.
func (e *Evaluator) Late(f func(*Failure)) {
	e.lock.Lock()
	defer e.lock.Unlock()
	e.late = f
}

// Notice names who tells the user something while a cell runs. Called from any goroutine.
func (e *Evaluator) Notice(f func(text string)) {
	e.lock.Lock()
	defer e.lock.Unlock()
	e.notice = f
}

// Run runs a cell. The error, if any, is a *Failure. Without values there is nothing to be shown.
func (e *Evaluator) Run(s Source) ([]any, []xreflect.Type, error) {
	c := e.begin(s.Name)
	go c.run(func() { c.evaluate(s) })
	if err := e.await(c); err != nil {
		return nil, nil, err
	}
	values, types := c.values, c.types
	c.values, c.types = nil, nil
	return values, types, nil
}

// Do runs compiled code that may call interpreted functions, as the methods of a value that is displayed.
// It is interrupted, and fails, as a cell does.
func (e *Evaluator) Do(name string, f func()) error {
	c := e.begin(name)
	go c.run(f)
	return e.await(c)
}

// Interrupt stops the cell that runs, if any. If that is stuck in compiled code, a second call gives it up.
func (e *Evaluator) Interrupt() {
	e.lock.Lock()
	c, others := e.current, e.onInterrupt
	e.lock.Unlock()
	if c == nil {
		return
	}
	c.interrupt()
	for _, f := range others {
		f()
	}
}

func (e *Evaluator) tell(text string) {
	e.lock.Lock()
	f := e.notice
	e.lock.Unlock()
	f(text)
}

func (e *Evaluator) tellLate(failure *Failure) {
	e.lock.Lock()
	f := e.late
	e.lock.Unlock()
	f(failure)
}
