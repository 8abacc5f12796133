// SPDX-License-Identifier: MPL-2.0

package fast

import (
	"go/ast"
	r "reflect"

	xr "github.com/cosmos72/gomacro/xreflect"
)

// Send compiles "channel <- value".
func (c *Comp) Send(node *ast.SendStmt) {
	channel := c.Expr1(node.Chan, nil)
	t := channel.Type
	if t.Kind() != r.Chan {
		c.Errorf("cannot send to non-channel type %v: %v", t, node)
	}
	if t.ChanDir()&r.SendDir == 0 {
		c.Errorf("cannot send to receive-only channel type %v: %v", t, node)
	}
	telem := t.Elem()
	value := c.Expr1(node.Value, nil)
	if value.Const() {
		value.ConstTo(telem)
	} else if value.Type == nil || !value.Type.AssignableTo(telem) {
		c.Errorf("cannot use %v <%v> as type %v in send", node.Value, value.Type, telem)
	} else {
		value.To(c, telem)
	}
	c.append(sendStmt(t.ReflectType(), channel.AsX1(), value))
}

func sendStmt(rchan r.Type, channel func(*Env) xr.Value, value *Expr) (stmt Stmt) {
	switch value := value.WithFun().(type) {
	case func(*Env) bool:
		stmt = sendAs(rchan, channel, value)
	case func(*Env) int:
		stmt = sendAs(rchan, channel, value)
	case func(*Env) int8:
		stmt = sendAs(rchan, channel, value)
	case func(*Env) int16:
		stmt = sendAs(rchan, channel, value)
	case func(*Env) int32:
		stmt = sendAs(rchan, channel, value)
	case func(*Env) int64:
		stmt = sendAs(rchan, channel, value)
	case func(*Env) uint:
		stmt = sendAs(rchan, channel, value)
	case func(*Env) uint8:
		stmt = sendAs(rchan, channel, value)
	case func(*Env) uint16:
		stmt = sendAs(rchan, channel, value)
	case func(*Env) uint32:
		stmt = sendAs(rchan, channel, value)
	case func(*Env) uint64:
		stmt = sendAs(rchan, channel, value)
	case func(*Env) uintptr:
		stmt = sendAs(rchan, channel, value)
	case func(*Env) float32:
		stmt = sendAs(rchan, channel, value)
	case func(*Env) float64:
		stmt = sendAs(rchan, channel, value)
	case func(*Env) complex64:
		stmt = sendAs(rchan, channel, value)
	case func(*Env) complex128:
		stmt = sendAs(rchan, channel, value)
	case func(*Env) string:
		stmt = sendAs(rchan, channel, value)
	}
	if stmt == nil {
		stmt = sendAny(channel, value.AsX1())
	}
	return stmt
}

// sendAs sends without reflection. It returns nil if the channel's elements are not just T.
func sendAs[T any](rchan r.Type, channel func(*Env) xr.Value, value func(*Env) T) Stmt {
	switch rchan {
	case r.TypeOf((chan T)(nil)):
		return func(env *Env) (Stmt, *Env) {
			sendBasic[T](env.Run, channel(env).Interface().(chan T), value(env))
			env.IP++
			return env.Code[env.IP], env
		}
	case r.TypeOf((chan<- T)(nil)):
		return func(env *Env) (Stmt, *Env) {
			sendBasic[T](env.Run, channel(env).Interface().(chan<- T), value(env))
			env.IP++
			return env.Code[env.IP], env
		}
	default:
		return nil
	}
}

func sendBasic[T any](run *Run, channel chan<- T, v T) {
	select {
	case channel <- v:
		return
	default:
	}
	select {
	case channel <- v:
	case <-run.stopped():
		run.stopNow()
	}
}

func sendAny(channel, value func(*Env) xr.Value) Stmt {
	return func(env *Env) (Stmt, *Env) {
		ch := channel(env)
		v := value(env)
		if !ch.TrySend(v) {
			env.Run.selectCase([]xr.SelectCase{{Dir: r.SelectSend, Chan: ch.ReflectValue(), Send: v.ReflectValue()}})
		}
		env.IP++
		return env.Code[env.IP], env
	}
}
