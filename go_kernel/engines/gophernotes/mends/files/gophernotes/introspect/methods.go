// SPDX-License-Identifier: MIT

package introspect

import "go/ast"

// attachMethods makes functions of the methods of types that another cell has declared:
// for go/types a method must be declared together with its type.
func (c *cell) attachMethods() {
	for _, file := range c.files {
		for _, decl := range file.Decls {
			method, ok := decl.(*ast.FuncDecl)
			if !ok || method.Recv == nil || len(method.Recv.List) != 1 {
				continue
			}
			if c.declared[receiverOf(method)] != nil {
				continue
			}
			list := append([]*ast.Field{}, method.Recv.List...)
			for _, field := range list {
				if len(field.Names) == 0 {
					field.Names = []*ast.Ident{ast.NewIdent("_")}
				}
			}
			if method.Type.Params != nil {
				list = append(list, method.Type.Params.List...)
				method.Type.Params.List = list
			}
			method.Recv = nil
			method.Name = &ast.Ident{NamePos: method.Name.NamePos, Name: "_"}
		}
	}
}

func receiverOf(method *ast.FuncDecl) string {
	expr := method.Recv.List[0].Type
	for {
		switch e := expr.(type) {
		case *ast.StarExpr:
			expr = e.X
		case *ast.ParenExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.IndexListExpr:
			expr = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}
