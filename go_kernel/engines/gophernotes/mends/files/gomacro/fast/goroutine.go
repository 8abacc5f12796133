// SPDX-License-Identifier: MPL-2.0

package fast

import (
	"fmt"
	"runtime"

	"github.com/cosmos72/gomacro/base"
	"github.com/cosmos72/gomacro/gls"
	xr "github.com/cosmos72/gomacro/xreflect"
)

// stackLimit is how much stack interpreted code may use, in bytes.
//
// The Go runtime ends the process when a stack grows beyond its own, much higher limit.
// Stacks grow by doubling: this is just below a power of two.
const stackLimit = 250 << 20

// StackOverflow is the panic of code that calls too deep.
type StackOverflow struct {
	Depth int // of interpreted calls
}

func (e StackOverflow) Error() string {
	return fmt.Sprintf("stack overflow: %d interpreted calls deep, more than %d MB of stack", e.Depth, stackLimit>>20)
}

// RuntimeError makes it a runtime.Error.
func (StackOverflow) RuntimeError() {}

// checkStack is called now and then by function entry.
func checkStack(depth int) {
	if gls.StackInUse() > stackLimit {
		panic(StackOverflow{depth})
	}
}

// stopNow ends the current goroutine because its task shall end.
//
// Not by a panic: interpreted code, fmt, net/http and many others recover from panics and go on.
func (run *Run) stopNow() {
	if run.task == nil || !run.task.dead() {
		// deferred functions run in peace, unless they are told to hurry
		run.Signals.Async = base.SigNone
	}
	run.noteTrace()
	run.stopping = true
	runtime.Goexit()
}

// stopped returns what is closed when blocking operations of this goroutine shall end; nil if nothing can end them.
func (run *Run) stopped() <-chan struct{} {
	switch {
	case run.task == nil:
		return nil
	case run.stopping:
		return run.task.hurry
	default:
		return run.task.stop
	}
}

// Stopped returns a channel that is closed when the interpreted code of the calling goroutine shall end.
// Then the caller calls StopNow. It is meant for compiled functions that block.
func (ir *Interp) Stopped() <-chan struct{} {
	if run := ir.Comp.IrGlobals.glsGet(gls.GoID()); run != nil {
		return run.stopped()
	}
	return nil
}

// StopNow ends the calling goroutine, running its deferred functions.
func (ir *Interp) StopNow() {
	if run := ir.Comp.IrGlobals.glsGet(gls.GoID()); run != nil {
		run.stopNow()
	}
	runtime.Goexit()
}

// CheckStop ends the calling goroutine if its task shall end.
// It is meant for long work of the compiler, as imports are.
func (g *IrGlobals) CheckStop() {
	if run := g.glsGet(gls.GoID()); run != nil && run.task != nil && run.task.Stopped() {
		run.stopNow()
	}
}

// spawn executes a "go" statement.
func (run *Run) spawn(env *Env, fun xr.Value, args []xr.Value, ellipsis bool) {
	task := run.task // the next one's, once this has ended
	go func() {
		child := run.new(gls.GoID())
		env.Run = child
		child.join(task)
		defer child.leave()
		if ellipsis {
			fun.CallSlice(args)
		} else {
			fun.Call(args)
		}
	}()
}

// enter is called when compiled code calls an interpreted function on a goroutine
// that runs no interpreted function yet: something that net/http, time.AfterFunc… created.
// run is of the goroutine that created the function.
func (run *Run) enter(goid uintptr) *Run {
	child := run.new(goid)
	task := run.tasks.of(gls.Label())
	if task == nil && !run.tasks.isHost(goid) {
		// The runtime itself creates a timer's goroutine, without labels.
		child.adopted = true
		if task = run.task; task == nil {
			task = run.tasks.orphans
		}
	}
	child.join(task)
	// lets the function's body call leaveToCompiled
	child.ExecFlags.SetEntry(true)
	return child
}

func (run *Run) join(task *Task) {
	run.glsStore()
	if task != nil {
		task.add(run)
	}
}

// leave must be deferred itself: it recovers.
func (run *Run) leave() {
	defer run.forget()
	if run.task != nil {
		if value := recover(); value != nil {
			run.task.failed(run.panicked(value))
		}
	}
}

// leaveToCompiled must be deferred itself: it recovers.
//
// After a panic the goroutine ends: its caller is compiled code that expects results.
func (run *Run) leaveToCompiled() {
	defer run.forget()
	if run.task != nil {
		if value := recover(); value != nil {
			run.task.failed(run.panicked(value))
			runtime.Goexit()
		}
	}
}

// forget ends what is known of a goroutine: its id will be another one's soon.
func (run *Run) forget() {
	run.glsDel()
	run.goid = 0
	if run.task != nil {
		run.task.remove(run)
	}
}
