// SPDX-License-Identifier: MPL-2.0

package fast

import (
	xr "github.com/cosmos72/gomacro/xreflect"
)

// Peek gives the present value of a constant, function or variable of the current
// package; the zero Value where there is none yet.
//
// Unlike ValueOf it compiles and runs nothing, leaves pending signals alone and takes
// no address: code that runs meanwhile notices nothing of it.
func (ir *Interp) Peek(name string) xr.Value {
	sym := ir.Comp.TryResolve(name)
	env := ir.env
	if sym == nil {
		return xr.Value{}
	}
	for i := 0; i < sym.Upn && env != nil; i++ {
		env = env.Outer
	}
	index := sym.Desc.Index()
	switch sym.Desc.Class() {
	case ConstBind:
		return sym.Bind.ConstValue()
	case VarBind, FuncBind:
		// What is declared gets its slot when it's run.
		if env != nil && 0 <= index && index < len(env.Vals) {
			return env.Vals[index]
		}
	case IntBind:
		if env != nil && 0 <= index && index < len(env.Ints) {
			return sym.Bind.intExpr(ir.Comp.CompGlobals).AsX1()(env)
		}
	}
	return xr.Value{}
}
