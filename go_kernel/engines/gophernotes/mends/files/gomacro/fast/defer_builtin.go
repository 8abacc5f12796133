// SPDX-License-Identifier: MPL-2.0

package fast

import (
	"fmt"
	"go/ast"
	"go/token"
)

// Builtins that Defer can't take: they are compiled to something else than a call of a
// value. (recover must be called by the deferred function itself, and stays as it is.)
var notDeferrable = map[string]bool{"close": true, "copy": true, "delete": true, "panic": true}

// deferStmt compiles a "defer" statement, of a builtin too: `defer close(ch)` is
//
//	{ arg0 := ch; defer func() { close(arg0) }() }
//
// since arguments are evaluated at once.
func (c *Comp) deferStmt(node *ast.DeferStmt) {
	name, ok := node.Call.Fun.(*ast.Ident)
	if !ok || !notDeferrable[name.Name] || !c.isBuiltin(name.Name) {
		c.Defer(node)
		return
	}
	call := &ast.CallExpr{Fun: name, Lparen: node.Call.Lparen, Rparen: node.Call.Rparen}
	block := &ast.BlockStmt{Lbrace: node.Defer}
	for i, argument := range node.Call.Args {
		kept := &ast.Ident{NamePos: argument.Pos(), Name: fmt.Sprintf("\u00b7arg%d", i)}
		call.Args = append(call.Args, kept)
		block.List = append(block.List, &ast.AssignStmt{
			Lhs: []ast.Expr{kept}, TokPos: argument.Pos(), Tok: token.DEFINE, Rhs: []ast.Expr{argument},
		})
	}
	function := &ast.FuncLit{
		Type: &ast.FuncType{Func: node.Defer, Params: &ast.FieldList{}},
		Body: &ast.BlockStmt{Lbrace: node.Defer, List: []ast.Stmt{&ast.ExprStmt{X: call}}},
	}
	block.List = append(block.List, &ast.DeferStmt{
		Defer: node.Defer, Call: &ast.CallExpr{Fun: function, Lparen: node.Defer},
	})
	c.Block(block)
}

// isBuiltin says whether a name is a builtin's, and not declared as something else.
func (c *Comp) isBuiltin(name string) bool {
	symbol := c.TryResolve(name)
	return symbol != nil && symbol.Type.IdenticalTo(c.TypeOfBuiltin())
}
