// SPDX-License-Identifier: MPL-2.0

package fast

import (
	"runtime"

	"github.com/cosmos72/gomacro/base"
	"github.com/cosmos72/gomacro/gls"
)

// Begin makes the calling goroutine, which must be a new one, the task's own:
// it executes what is outside of functions.
func (t *Task) Begin(ir *Interp) {
	t.globals.tasks.remember(t)
	run := ir.env.Run
	run.glsDel()
	run.reset()
	run.goid = gls.GoID()
	t.lock.Lock()
	t.own = run
	t.lock.Unlock()
	run.join(t)
}

// End ends the task's own goroutine. False if it has been abandoned:
// then it must not touch the interpreter any more.
func (t *Task) End() bool {
	t.lock.Lock()
	abandoned := t.abandoned
	run := t.own
	t.own = nil
	t.lock.Unlock()
	run.forget()
	if abandoned {
		return false
	}
	run.reset()
	return true
}

// Panicked tells of what ended the task's own goroutine. To be called on that goroutine, before End.
func (t *Task) Panicked(value interface{}) *Panic {
	return t.own.panicked(value)
}

// reset makes a Run as new, field by field: other goroutines look at IrGlobals and goid meanwhile.
func (run *Run) reset() {
	run.goid = 0
	run.task, run.adopted, run.stopping, run.trace = nil, false, false, nil
	run.Interrupt, run.Signals, run.ExecFlags = nil, base.Signals{}, 0
	run.CurrEnv, run.InstallDefer, run.DeferOfFun = nil, nil, nil
	run.PanicFun, run.Panic = nil, nil
	run.DebugDepth, run.PoolSize, run.Pool = 0, 0, [poolCapacity]*Env{}
}

// check ends the goroutine if its task shall end.
func (run *Run) check() {
	if sig := run.Signals.Async; sig != base.SigNone {
		run.applyAsyncSignal(sig)
	}
}

// Abandon gives up the task's own goroutine, which is stuck in compiled code. When it comes back, it ends.
// What is executed next gets another environment with the same variables.
// False if the goroutine has ended by itself.
func (t *Task) Abandon(ir *Interp, program *Program) bool {
	t.lock.Lock()
	run := t.own
	if run != nil {
		t.abandoned = true
		t.raise(levelDead)
	}
	t.lock.Unlock()
	if run == nil {
		return false
	}
	run.haltStatements()
	ir.renew()
	if program != nil {
		program.Undo()
	}
	return true
}

// haltStatements replaces the statements that a stuck goroutine would go on with:
// signals are looked at only every few statements.
func (run *Run) haltStatements() {
	env := run.CurrEnv
	for env != nil {
		halt := make([]Stmt, len(env.Code))
		for i := range halt {
			halt[i] = haltStatement
		}
		env.Code = halt
		switch {
		case env.Caller != nil:
			env = env.Caller
		case env != env.FileEnv:
			env = env.Outer
		default:
			return
		}
	}
}

func haltStatement(env *Env) (Stmt, *Env) {
	runtime.Goexit()
	return nil, env
}

// renew gives an interpreter copies of its outermost environment and of its compiler.
// The former environment stays that of the functions declared so far.
func (ir *Interp) renew() {
	old := ir.env
	run := &Run{IrGlobals: old.Run.IrGlobals}
	env := &Env{
		EnvBinds:        old.EnvBinds,
		Outer:           old.Outer,
		Run:             run,
		DebugComp:       old.DebugComp,
		CallDepth:       old.CallDepth,
		UsedByClosure:   true,
		IntAddressTaken: old.IntAddressTaken,
	}
	env.FileEnv = env
	if old.Outer != nil {
		old.Outer.Run = run
	}
	ir.env = env
	run.formerEnvs = append(run.formerEnvs, old)

	comp := *ir.Comp
	comp.Binds, comp.Types = copyBinds(comp.Binds), copyTypes(comp.Types)
	comp.idle()
	ir.Comp = &comp
}

// adoptFormer learns from the environments that env replaced whether its integers may be moved.
func (g *IrGlobals) adoptFormer(env *Env) {
	for _, former := range g.formerEnvs {
		if former.Outer == env.Outer && former.IntAddressTaken {
			env.IntAddressTaken = true
		}
	}
}

// updateFormer tells the environments that env replaced where the variables are.
func (g *IrGlobals) updateFormer(env *Env) {
	for _, former := range g.formerEnvs {
		if former.Outer == env.Outer {
			former.EnvBinds = env.EnvBinds
		}
	}
}
