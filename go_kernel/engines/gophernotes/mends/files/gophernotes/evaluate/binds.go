// SPDX-License-Identifier: MIT

package evaluate

import (
	"fmt"
	"log"
	"reflect"
	"runtime"
	"time"

	"github.com/cosmos72/gomacro/imports"
)

// replaceBinds gives interpreted code functions of its own where the standard library's would end the kernel,
// or could not be stopped.
func (e *Evaluator) replaceBinds() {
	for path, binds := range map[string]map[string]any{
		"os":      {"Exit": e.exit},
		"syscall": {"Exit": e.exit},
		"log":     {"Fatal": e.fatal, "Fatalf": e.fatalf, "Fatalln": e.fatalln},
		"time":    {"Sleep": e.sleep, "AfterFunc": e.afterFunc},
	} {
		known := imports.Packages[path].Binds
		for name, function := range binds {
			if _, ok := known[name]; ok {
				known[name] = reflect.ValueOf(function)
			}
		}
	}
}

// exit is os.Exit: it ends the cell, without its deferred functions.
func (e *Evaluator) exit(code int) {
	task := e.ir.CurrentTask()
	if task == nil {
		panic(fmt.Errorf("os.Exit(%d), not called by a cell", code))
	}
	o := &outcome{}
	if code != 0 {
		o.failure = exitFailure(code)
	}
	if c, ok := task.Owner.(*cell); ok {
		if c.decide(o) && code == 0 {
			e.tell("os.Exit(0) ended the cell, the kernel goes on.\n")
		}
		task.Kill()
	} else if code != 0 {
		e.tellLate(o.failure)
	}
	runtime.Goexit()
}

func (e *Evaluator) fatal(v ...any) {
	log.Output(2, fmt.Sprint(v...))
	e.exit(1)
}

func (e *Evaluator) fatalf(format string, v ...any) {
	log.Output(2, fmt.Sprintf(format, v...))
	e.exit(1)
}

func (e *Evaluator) fatalln(v ...any) {
	log.Output(2, fmt.Sprintln(v...))
	e.exit(1)
}

// sleep is time.Sleep that an interrupt ends.
func (e *Evaluator) sleep(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-e.ir.Stopped():
		e.ir.StopNow()
	}
}

// afterFunc is time.AfterFunc whose function runs on behalf of the cell that called it:
// the goroutine is the runtime's, and does not tell.
func (e *Evaluator) afterFunc(d time.Duration, f func()) *time.Timer {
	task := e.ir.CurrentTask()
	if task == nil || f == nil {
		return time.AfterFunc(d, f)
	}
	return time.AfterFunc(d, func() { task.Call(f) })
}
