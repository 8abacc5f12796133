// SPDX-License-Identifier: MPL-2.0

package fast

import (
	"go/token"

	xr "github.com/cosmos72/gomacro/xreflect"
)

// Panic is a panic that nobody recovered from, or whatever else ended a goroutine, and where it happened.
type Panic struct {
	Value   interface{}
	Frames  []Frame // innermost first
	Adopted bool    // it is not sure that the goroutine is the task's
}

// Frame is an interpreted call.
type Frame struct {
	Func     string // "" outside of functions
	Literal  bool   // a function without a name
	Position token.Position
	Source   string // the line of source code, if known
	Skipped  int    // how many further calls are left out after this one
}

// How many calls of a deep recursion a trace keeps.
const (
	keptInner = 20
	keptOuter = 10
)

// trace is where a panic happened. Functions with deferred calls forget that while they unwind.
type trace struct {
	calls   []call
	skipped int // between the first keptInner calls and the others
	// how far it is unwound: what then matches is the same panic
	env *Env
	ip  int
}

type call struct {
	comp *Comp
	pos  token.Pos
}

// panicked tells of a panic that reached the top of its goroutine.
func (run *Run) panicked(value interface{}) *Panic {
	run.noteTrace()
	p := &Panic{Value: value, Adopted: run.adopted}
	for i, call := range run.trace.calls {
		frame := run.frame(call)
		if i == keptInner-1 {
			frame.Skipped = run.trace.skipped
		}
		p.Frames = append(p.Frames, frame)
	}
	run.trace = nil
	return p
}

// noteTrace keeps where the goroutine is, unless what it has kept is about the same panic.
func (run *Run) noteTrace() {
	env := run.CurrEnv
	if t := run.trace; t != nil && t.env == env && (env == nil || t.ip == env.IP) {
		return
	}
	run.trace = callsOf(env)
	run.unwound(env)
}

// unwound says that the panic has reached env.
func (run *Run) unwound(env *Env) {
	if t := run.trace; t != nil {
		t.env = env
		if env != nil {
			t.ip = env.IP
		}
	}
}

func callsOf(env *Env) *trace {
	t := &trace{}
	var outer []call // the last ones seen
	for env != nil {
		c := call{pos: env.position()}
		c.comp, env = env.function()
		if len(t.calls) < keptInner {
			t.calls = append(t.calls, c)
			continue
		}
		if len(outer) == keptOuter {
			t.skipped++
			outer = outer[1:]
		}
		outer = append(outer, c)
	}
	t.calls = append(t.calls, outer...)
	return t
}

// position returns where in the source code env is.
func (env *Env) position() token.Pos {
	if ip := env.IP; ip >= 0 && ip < len(env.DebugPos) {
		return env.DebugPos[ip]
	}
	return token.NoPos
}

// function returns the compiler of the function that env is inside of, nil if none, and its caller.
func (env *Env) function() (*Comp, *Env) {
	for ; env != nil && env != env.FileEnv; env = env.Outer {
		if c := env.DebugComp; c != nil && c.FuncMaker != nil {
			return c, env.Caller
		}
		if env.Caller != nil {
			return nil, env.Caller
		}
	}
	return nil, nil
}

func (run *Run) frame(c call) Frame {
	source, position := run.Fileset.Source(c.pos)
	f := Frame{Position: position, Source: source}
	if c.comp != nil {
		f.Func = c.comp.FuncMaker.Name
		f.Literal = f.Func == ""
	}
	return f
}

// methodName is how traces name a method.
func methodName(receiver xr.Type, name string) string {
	pointer := ""
	if receiver.Name() == "" {
		pointer = "*"
		receiver = receiver.Elem()
	}
	return "(" + pointer + receiver.Name() + ")." + name
}
