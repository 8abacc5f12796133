// SPDX-License-Identifier: MPL-2.0

package fast

import (
	"go/ast"
	"go/token"

	xr "github.com/cosmos72/gomacro/xreflect"
)

// DeclTyped declares a function that is told the static type of its last argument: a value
// of an interpreted type has its methods by that alone, and loses them where it becomes an
// interface{}.
//
// For each call in interpreted code, function is asked for the compiled function to call
// with arguments the last of which is of that type (nil for a nil without one). What it
// gives must always have the same type.
func (ir *Interp) DeclTyped(name string, function func(t xr.Type) interface{}) {
	compile := func(c *Comp, sym Symbol, node *ast.CallExpr) *Call {
		return c.callTyped(function, sym, node)
	}
	ir.DeclBuiltin(name, Builtin{Compile: compile, ArgMin: 1, ArgMax: 16})
}

func (c *Comp) callTyped(function func(t xr.Type) interface{}, sym Symbol, node *ast.CallExpr) *Call {
	if node.Ellipsis != token.NoPos {
		c.Errorf("invalid use of ... in call to %s", sym.Name)
	}
	args := c.Exprs(node.Args)
	callee := function(args[len(args)-1].DefaultType())
	t := c.TypeOf(callee)
	c.checkCallArgs(node, t, args, false)
	results := make([]xr.Type, t.NumOut())
	for i := range results {
		results[i] = t.Out(i)
	}
	value := xr.ValueOf(callee)
	// No constant: builtins that are constants can only be of a few types.
	called := exprX1(t, func(*Env) xr.Value { return value })
	return &Call{Fun: called, Args: args, OutTypes: results}
}
