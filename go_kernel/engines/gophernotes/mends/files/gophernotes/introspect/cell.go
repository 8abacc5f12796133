// SPDX-License-Identifier: MIT

package introspect

import (
	"go/ast"
	"go/parser"
	"go/token"
)

// A cell is code as go/types wants it: each top level declaration or statement is a
// file of one package. What a := declares at the top level is a variable of the package.
type cell struct {
	fset     *token.FileSet
	files    []*ast.File
	imports  []*ast.ImportSpec
	declared map[string]*ast.Ident // at the top level, the last of each name
	words    map[string]bool       // all identifiers
	current  *ast.File             // the one that is pointed at
	cursor   token.Pos             // in current
	offset   int                   // of the cursor
}

// parseCell reads the code before a cursor, cut off so that an identifier ends there,
// and what declarations can be found in the code behind it.
func parseCell(before string, cursor int, behind string) *cell {
	c := &cell{
		fset:     token.NewFileSet(),
		declared: map[string]*ast.Ident{},
		words:    map[string]bool{},
		offset:   cursor,
	}
	c.read(mended(before), true)
	c.read(declarationsIn(behind), false)
	c.attachMethods()
	return c
}

func (c *cell) read(code string, pointedAt bool) {
	list := lexemes(code)
	for _, l := range list {
		if l.tok == token.IDENT {
			c.words[l.text] = true
		}
	}
	for _, f := range fragments(code, list) {
		if pointedAt && f.start <= c.offset && c.offset <= f.end {
			c.point(code, f)
		} else {
			c.declare(code[f.start:f.end], f)
		}
	}
}

const (
	clause = "package main;"
	inside = clause + "func _() {"
)

func isDeclaration(f fragment) bool {
	switch f.first {
	case token.FUNC:
		return !f.literal
	case token.TYPE, token.VAR, token.CONST, token.IMPORT:
		return true
	}
	return false
}

func (c *cell) parse(head, code, tail string) *ast.File {
	file, _ := parser.ParseFile(c.fset, "", head+code+tail, parser.SkipObjectResolution|parser.AllErrors)
	return file
}

// point reads the fragment with the cursor, whole.
func (c *cell) point(code string, f fragment) {
	head, tail := inside, "\n}"
	if isDeclaration(f) {
		head, tail = clause, ""
	}
	base := c.fset.Base()
	file := c.parse(head, code[f.start:f.end], tail)
	if file == nil {
		return
	}
	c.cursor = token.Pos(base + len(head) + c.offset - f.start)
	c.current = file
	c.take(file)
}

// declare reads a fragment for what it declares, and leaves out the rest.
func (c *cell) declare(code string, f fragment) {
	switch {
	case isDeclaration(f):
		if file := c.parse(clause, code, ""); file != nil {
			for _, decl := range file.Decls {
				if function, ok := decl.(*ast.FuncDecl); ok {
					function.Body = nil
				}
			}
			c.take(file)
		}
	case f.defines:
		if file := c.parse(inside, code, "\n}"); file != nil && len(file.Decls) == 1 {
			if decl := variables(file.Decls[0]); decl != nil {
				file.Decls[0] = decl
				c.take(file)
			}
		}
	}
}

// variables makes `var x = y` of the `x := y` in a function's body.
func variables(decl ast.Decl) ast.Decl {
	function, ok := decl.(*ast.FuncDecl)
	if !ok || function.Body == nil || len(function.Body.List) == 0 {
		return nil
	}
	assignment, ok := function.Body.List[0].(*ast.AssignStmt)
	if !ok || assignment.Tok != token.DEFINE {
		return nil
	}
	spec := &ast.ValueSpec{Values: assignment.Rhs}
	for _, left := range assignment.Lhs {
		name, ok := left.(*ast.Ident)
		if !ok {
			return nil
		}
		for _, value := range assignment.Rhs {
			if mentions(value, name.Name) {
				// `x := x + 1` is about a former x, which most likely is of the same type
				name = &ast.Ident{NamePos: name.NamePos, Name: "_"}
				break
			}
		}
		spec.Names = append(spec.Names, name)
	}
	return &ast.GenDecl{TokPos: assignment.Pos(), Tok: token.VAR, Specs: []ast.Spec{spec}}
}

func mentions(node ast.Node, name string) bool {
	found := false
	ast.Inspect(node, func(n ast.Node) bool {
		if identifier, ok := n.(*ast.Ident); ok && identifier.Name == name {
			found = true
		}
		return !found
	})
	return found
}

// take adds a file, without its imports: the packages are declared for the whole cell.
func (c *cell) take(file *ast.File) {
	file.Name = ast.NewIdent("main")
	var rest []ast.Decl
	for _, decl := range file.Decls {
		general, ok := decl.(*ast.GenDecl)
		if ok && general.Tok == token.IMPORT {
			for _, spec := range general.Specs {
				c.imports = append(c.imports, spec.(*ast.ImportSpec))
			}
			continue
		}
		rest = append(rest, decl)
		c.note(decl)
	}
	file.Decls, file.Imports = rest, nil
	c.files = append(c.files, file)
}

// note takes down what a declaration declares. A notebook may declare a name again,
// Go may not: the former one loses its name.
func (c *cell) note(decl ast.Decl) {
	names := func(list ...*ast.Ident) {
		for _, name := range list {
			if name.Name == "_" {
				continue
			}
			if former := c.declared[name.Name]; former != nil {
				former.Name = "_"
			}
			c.declared[name.Name] = name
		}
	}
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Recv == nil {
			names(decl.Name)
		}
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				names(spec.Names...)
			case *ast.TypeSpec:
				names(spec.Name)
			}
		}
	}
}

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

// declarationsIn is code from its first line on that begins a declaration, for the lines
// behind a cursor: what is before belongs to something that is not finished yet.
func declarationsIn(code string) string {
	for start := 0; start < len(code); {
		end := len(code)
		for i := start; i < len(code); i++ {
			if code[i] == '\n' {
				end = i + 1
				break
			}
		}
		if start != 0 && beginsDeclaration(code[start:end]) {
			return code[start:]
		}
		start = end
	}
	return ""
}

// beginsDeclaration judges a line that nothing indents.
func beginsDeclaration(line string) bool {
	if line == "" || line[0] == ' ' || line[0] == '\t' {
		return false
	}
	for i, l := range lexemes(line) {
		switch l.tok {
		case token.FUNC, token.TYPE, token.VAR, token.CONST, token.IMPORT:
			return i == 0
		case token.IDENT, token.COMMA:
		case token.DEFINE:
			return i > 0
		default:
			return false
		}
	}
	return false
}
