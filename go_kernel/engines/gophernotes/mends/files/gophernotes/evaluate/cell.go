// SPDX-License-Identifier: MIT

package evaluate

import (
	"sync"

	"github.com/cosmos72/gomacro/fast"
	"github.com/cosmos72/gomacro/xreflect"
	"github.com/gopherdata/gophernotes/deaths"
)

// cell is a cell that runs, and afterwards what goroutines that outlive it belong to.
type cell struct {
	e    *Evaluator
	name string
	code string // as it is compiled
	task *fast.Task

	program *fast.Program
	phase   phase
	ended   chan struct{} // closed when the cell's own goroutine ends

	// for who waits for ended
	values   []any
	types    []xreflect.Type
	returned bool        // the code ran to its end
	stopped  *fast.Panic // else where it ended,
	failed   *Failure    // and why, if it panicked or compiled code called os.Exit
	exited   func() (deaths.Exit, bool)

	lock       sync.Mutex
	interrupts int
	outcome    *outcome      // of anything but the cell's own goroutine
	news       chan struct{} // interrupts or outcome have changed
	over       bool          // nobody waits for it any more
}

// outcome is what a goroutine other than the cell's own, or a call of os.Exit, decides about the cell.
type outcome struct {
	failure *Failure // nil: none, it just ends
}

// phase is how far a cell has come.
type phase int

const (
	before phase = iota
	parsing
	compiling
	running
)

func (e *Evaluator) begin(name string) *cell {
	c := &cell{e: e, name: name, phase: running, ended: make(chan struct{}), news: make(chan struct{}, 1)}
	e.ir.AddHost()
	c.task = e.ir.NewTask(c, c.goroutinePanicked)
	e.lock.Lock()
	defer e.lock.Unlock()
	e.current = c
	return c
}

// run is the cell's own goroutine.
func (c *cell) run(f func()) {
	defer close(c.ended)
	c.exited = deaths.Watch()
	defer c.exited()
	c.task.Begin(c.e.ir)
	defer c.end()
	defer c.leave()
	f()
	c.returned = true
}

// leave must be deferred itself: it recovers. Without a panic the goroutine may have been ended by runtime.Goexit.
func (c *cell) leave() {
	value := recover()
	if c.returned {
		return
	}
	c.stopped = c.task.Panicked(value)
	if value != nil {
		c.failed = c.failure(c.stopped) // may call Error methods of interpreted types
	} else if exit, ok := c.exited(); ok {
		c.failed = newFailure("exit", exit.Error())
	}
}

func (c *cell) end() {
	if c.task.End() && !c.returned && c.program != nil {
		c.program.Undo()
	}
}

func (c *cell) evaluate(s Source) {
	c.program = c.e.ir.NewProgram()
	c.phase = before
	code := s.Code
	if s.Before != nil {
		var err error
		if code, err = s.Before(code); err != nil {
			panic(err)
		}
		c.e.ir.Comp.CheckStop()
	}
	c.code = code
	c.phase = parsing
	comp := c.e.ir.Comp
	comp.Filepath, comp.Line = s.Name, 0
	nodes := comp.ParseBytes([]byte(code))
	c.phase = compiling
	c.program.Compile(nodes)
	c.phase = running
	values, types := c.program.Run()
	c.values, c.types = shown(c.e.ir, nodes, values, types)
}

// goroutinePanicked is told of a panic in one of the cell's other goroutines.
func (c *cell) goroutinePanicked(p *fast.Panic) {
	failure := goroutineFailure(p)
	if p.Adopted && !startedIn(c.name, p) {
		c.e.tellLate(failure)
	} else if c.decide(&outcome{failure}) {
		c.task.Stop()
	}
}

// decide sets the cell's outcome, unless it has one. False if the cell is over, and it is too late for that.
func (c *cell) decide(o *outcome) bool {
	c.lock.Lock()
	over := c.over
	if !over && c.outcome == nil {
		c.outcome = o
	}
	c.lock.Unlock()
	if over && o.failure != nil {
		c.e.tellLate(o.failure)
	}
	c.wake()
	return !over
}

func (c *cell) interrupt() {
	c.lock.Lock()
	c.interrupts++
	first := c.interrupts == 1
	c.lock.Unlock()
	if first {
		c.task.Stop()
	} else {
		c.task.Hurry()
	}
	c.wake()
}

func (c *cell) wake() {
	select {
	case c.news <- struct{}{}:
	default:
	}
}

func (c *cell) state() (interrupts int, decided *outcome) {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.interrupts, c.outcome
}
