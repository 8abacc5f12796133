// SPDX-License-Identifier: MPL-2.0

package fast

import (
	"context"
	"runtime/pprof"
	"strconv"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/cosmos72/gomacro/base"
	"github.com/cosmos72/gomacro/gls"
)

// Task is one evaluation: the goroutine that runs it, and all goroutines started on its behalf,
// directly or by compiled code. They can be stopped together.
type Task struct {
	Owner interface{} // whatever the one who made this task wants to find again

	globals *IrGlobals
	failed  func(*Panic)    // told of panics that reach the top of a goroutine other than the task's own
	labels  context.Context // what its goroutines are recognised by, see gls.Label

	lock      sync.Mutex
	own       *Run              // of the task's own goroutine, while that runs
	abandoned bool              // the task's own goroutine
	runs      map[*Run]struct{} // of all its goroutines that are inside interpreted code
	level     int32             // atomic, one of the levels below
	stop      chan struct{}     // closed when level becomes stopping
	hurry     chan struct{}     // closed when level becomes hurrying
}

// How urgently a task shall end.
const (
	levelRunning  int32 = iota
	levelStopping       // its goroutines end; deferred functions run
	levelHurrying       // deferred functions that run by now are ended too
	levelDead           // nothing interpreted runs any more, not even deferred functions
)

// maxTasks is how many tasks are remembered. A goroutine of a forgotten one is nobody's.
const maxTasks = 10000

var taskCount int64 // atomic

// NewTask prepares an evaluation. failed is called, from any goroutine, when another goroutine of the task panics.
func (ir *Interp) NewTask(owner interface{}, failed func(*Panic)) *Task {
	number := strconv.FormatInt(atomic.AddInt64(&taskCount, 1), 10)
	return &Task{
		Owner:   owner,
		globals: ir.Comp.IrGlobals,
		failed:  failed,
		labels:  pprof.WithLabels(context.Background(), pprof.Labels("task", number)),
		runs:    make(map[*Run]struct{}),
		stop:    make(chan struct{}),
		hurry:   make(chan struct{}),
	}
}

// Stop ends all goroutines of the task as runtime.Goexit does, as soon as they are inside interpreted code.
// Their deferred functions run, nobody can recover.
func (t *Task) Stop() { t.end(levelStopping) }

// Hurry is Stop, and also ends deferred functions that run already.
func (t *Task) Hurry() { t.end(levelHurrying) }

// Kill ends all goroutines of the task as Stop does, but without their interpreted deferred functions.
func (t *Task) Kill() { t.end(levelDead) }

func (t *Task) end(level int32) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.raise(level)
}

// raise is end for who holds the lock.
func (t *Task) raise(level int32) {
	was := t.level
	if level <= was {
		return
	}
	atomic.StoreInt32(&t.level, level)
	if was < levelStopping {
		close(t.stop)
	}
	if was < levelHurrying && level >= levelHurrying {
		close(t.hurry)
	}
	for run := range t.runs {
		run.Signals.Async = base.SigInterrupt
	}
}

// Stopped says whether the task has been asked to end.
func (t *Task) Stopped() bool { return atomic.LoadInt32(&t.level) != levelRunning }

func (t *Task) dead() bool { return atomic.LoadInt32(&t.level) == levelDead }

// add makes a goroutine one of the task's.
func (t *Task) add(run *Run) {
	t.lock.Lock()
	defer t.lock.Unlock()
	run.task = t
	t.runs[run] = struct{}{}
	if t.level != levelRunning {
		run.Signals.Async = base.SigInterrupt
	}
}

func (t *Task) remove(run *Run) {
	t.lock.Lock()
	defer t.lock.Unlock()
	delete(t.runs, run)
}

// CurrentTask returns the task on whose behalf the calling goroutine runs; nil if there is none.
func (ir *Interp) CurrentTask() *Task {
	g := ir.Comp.IrGlobals
	if run := g.glsGet(gls.GoID()); run != nil && run.task != nil {
		return run.task
	}
	return g.tasks.of(gls.Label())
}

// tasks finds a task by the labels of its goroutines.
type tasks struct {
	lock    sync.Mutex
	byLabel map[unsafe.Pointer]*Task
	labels  []unsafe.Pointer // in order of age
	hosts   map[uintptr]bool // ids of goroutines that use the interpreter
	orphans *Task            // of goroutines whose task is not known
}

// AddHost makes the calling goroutine, which must not end, one that uses the interpreter:
// a panic in an interpreted function that it calls is its own.
func (ir *Interp) AddHost() {
	ts := &ir.Comp.tasks
	ts.lock.Lock()
	defer ts.lock.Unlock()
	if ts.hosts == nil {
		ts.hosts = make(map[uintptr]bool)
	}
	ts.hosts[gls.GoID()] = true
}

func (ts *tasks) isHost(goid uintptr) bool {
	ts.lock.Lock()
	defer ts.lock.Unlock()
	return ts.hosts[goid]
}

// Orphans names who is told of panics in goroutines of which it is not known who started them.
func (ir *Interp) Orphans(failed func(*Panic)) {
	ir.Comp.tasks.orphans = ir.NewTask(nil, failed)
}

// remember labels the calling goroutine as the task's.
func (ts *tasks) remember(t *Task) {
	pprof.SetGoroutineLabels(t.labels)
	ts.lock.Lock()
	defer ts.lock.Unlock()
	if ts.byLabel == nil {
		ts.byLabel = make(map[unsafe.Pointer]*Task)
	}
	if len(ts.labels) == maxTasks {
		delete(ts.byLabel, ts.labels[0])
		ts.labels = ts.labels[1:]
	}
	label := gls.Label()
	ts.byLabel[label] = t
	ts.labels = append(ts.labels, label)
}

func (ts *tasks) of(label unsafe.Pointer) *Task {
	if label == nil {
		return nil
	}
	ts.lock.Lock()
	defer ts.lock.Unlock()
	return ts.byLabel[label]
}
