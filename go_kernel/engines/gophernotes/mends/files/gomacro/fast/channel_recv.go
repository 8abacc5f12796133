// SPDX-License-Identifier: MPL-2.0

package fast

import (
	"go/ast"
	r "reflect"

	xr "github.com/cosmos72/gomacro/xreflect"
)

// Channel operations that block end when their goroutine shall end.

// Recv compiles "v, ok := <-channel".
func (c *Comp) Recv(node *ast.UnaryExpr, xe *Expr) *Expr {
	t := xe.Type
	if bad := c.checkRecv(node, xe); bad != nil {
		return bad
	}
	channel := xe.firstValue()
	fun := func(env *Env) (xr.Value, []xr.Value) {
		v, ok := env.Run.recv(channel(env))
		okv := False
		if ok {
			okv = True
		}
		return v, []xr.Value{v, okv}
	}
	return exprXV([]xr.Type{t.Elem(), c.TypeOfBool()}, fun)
}

// Recv1 compiles "<-channel".
func (c *Comp) Recv1(node *ast.UnaryExpr, xe *Expr) *Expr {
	t := xe.Type
	if bad := c.checkRecv(node, xe); bad != nil {
		return bad
	}
	telem := t.Elem()
	channel := xe.firstValue()
	return exprFun(telem, recvFun(telem, t.ReflectType(), channel))
}

func (c *Comp) checkRecv(node *ast.UnaryExpr, xe *Expr) *Expr {
	switch {
	case xe.Type.Kind() != r.Chan:
		return c.badUnaryExpr("expecting channel, found", node, xe)
	case xe.Type.ChanDir()&r.RecvDir == 0:
		return c.badUnaryExpr("cannot receive from send-only channel", node, xe)
	default:
		return nil
	}
}

// firstValue returns what computes the value of an expression, the first one if there are several.
func (e *Expr) firstValue() func(*Env) xr.Value {
	if fun, ok := e.Fun.(func(*Env) (xr.Value, []xr.Value)); ok {
		return func(env *Env) xr.Value {
			v, _ := fun(env)
			return v
		}
	}
	return e.AsX1()
}

// Expressions of basic types are functions that return just these: the rest of the compiler relies on it.
func recvFun(telem xr.Type, rchan r.Type, channel func(*Env) xr.Value) I {
	switch telem.Kind() {
	case xr.Bool:
		return recvAs(rchan, channel, xr.Value.Bool)
	case xr.Int:
		return recvAs(rchan, channel, func(v xr.Value) int { return int(v.Int()) })
	case xr.Int8:
		return recvAs(rchan, channel, func(v xr.Value) int8 { return int8(v.Int()) })
	case xr.Int16:
		return recvAs(rchan, channel, func(v xr.Value) int16 { return int16(v.Int()) })
	case xr.Int32:
		return recvAs(rchan, channel, func(v xr.Value) int32 { return int32(v.Int()) })
	case xr.Int64:
		return recvAs(rchan, channel, xr.Value.Int)
	case xr.Uint:
		return recvAs(rchan, channel, func(v xr.Value) uint { return uint(v.Uint()) })
	case xr.Uint8:
		return recvAs(rchan, channel, func(v xr.Value) uint8 { return uint8(v.Uint()) })
	case xr.Uint16:
		return recvAs(rchan, channel, func(v xr.Value) uint16 { return uint16(v.Uint()) })
	case xr.Uint32:
		return recvAs(rchan, channel, func(v xr.Value) uint32 { return uint32(v.Uint()) })
	case xr.Uint64:
		return recvAs(rchan, channel, xr.Value.Uint)
	case xr.Uintptr:
		return recvAs(rchan, channel, func(v xr.Value) uintptr { return uintptr(v.Uint()) })
	case xr.Float32:
		return recvAs(rchan, channel, func(v xr.Value) float32 { return float32(v.Float()) })
	case xr.Float64:
		return recvAs(rchan, channel, xr.Value.Float)
	case xr.Complex64:
		return recvAs(rchan, channel, func(v xr.Value) complex64 { return complex64(v.Complex()) })
	case xr.Complex128:
		return recvAs(rchan, channel, xr.Value.Complex)
	case xr.String:
		return recvAs(rchan, channel, xr.Value.String)
	default:
		return func(env *Env) xr.Value {
			v, _ := env.Run.recv(channel(env))
			return v
		}
	}
}

// recvAs is for elements whose kind is T's. Those that are just T are received without reflection.
func recvAs[T any](rchan r.Type, channel func(*Env) xr.Value, convert func(xr.Value) T) func(*Env) T {
	switch rchan {
	case r.TypeOf((chan T)(nil)):
		return func(env *Env) T {
			return recvBasic[T](env.Run, channel(env).Interface().(chan T))
		}
	case r.TypeOf((<-chan T)(nil)):
		return func(env *Env) T {
			return recvBasic[T](env.Run, channel(env).Interface().(<-chan T))
		}
	default:
		return func(env *Env) T {
			v, _ := env.Run.recv(channel(env))
			return convert(v)
		}
	}
}

func recvBasic[T any](run *Run, channel <-chan T) T {
	select {
	case v := <-channel:
		return v
	default:
	}
	select {
	case v := <-channel:
		return v
	case <-run.stopped():
		run.stopNow()
		panic("unreachable")
	}
}

// recv receives from any channel.
func (run *Run) recv(channel xr.Value) (xr.Value, bool) {
	if v, ok := channel.TryRecv(); ok || v.IsValid() {
		return v, ok
	}
	_, v, ok := run.selectCase([]xr.SelectCase{{Dir: r.SelectRecv, Chan: channel.ReflectValue()}})
	return v, ok
}

// selectCase executes a select. One without a default ends when the goroutine shall end.
func (run *Run) selectCase(cases []xr.SelectCase) (int, xr.Value, bool) {
	for i := range cases {
		if cases[i].Dir == r.SelectDefault {
			return xr.Select(cases)
		}
	}
	chosen, v, ok := xr.Select(append(cases, xr.SelectCase{Dir: r.SelectRecv, Chan: r.ValueOf(run.stopped())}))
	if chosen == len(cases) {
		run.stopNow()
	}
	return chosen, v, ok
}

// blockForever is "select {}".
func blockForever(env *Env) (Stmt, *Env) {
	<-env.Run.stopped()
	env.Run.stopNow()
	return nil, env
}
