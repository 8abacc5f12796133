// SPDX-License-Identifier: MIT

package introspect

import (
	"go/ast"
	"go/token"
	"strings"
)

// The interpreter forgets sources, comments and the names of parameters: what was run is
// taken down here, by the names that it declares ("f", "T", "T.method").
var remembered = map[string]source{}

type source struct {
	comment string // above it
	header  string // up to the body
	source  string
}

const (
	mostRemembered  = 5_000
	longestRemember = 1 << 16
)

// Remember takes down what a cell declares; call it with each cell that was run. Of a cell
// that failed nobody knows how far it came: what it declares is forgotten instead.
func Remember(code string, ok bool) {
	defer func() { _ = recover() }()
	if len(code) > largestCode {
		return
	}
	text := plain(code)
	list := lexemes(text)
	for _, f := range fragments(text, list) {
		if !isDeclaration(f) || f.first == token.IMPORT {
			continue
		}
		c := &cell{fset: token.NewFileSet()}
		file := c.parse(clause, text[f.start:f.end], "")
		if file == nil {
			continue
		}
		for _, decl := range file.Decls {
			known := source{
				comment: commentAbove(text, list, f.start),
				source:  strings.TrimSpace(text[f.start:f.end]),
			}
			known.header = known.source
			if function, isFunction := decl.(*ast.FuncDecl); isFunction && function.Body != nil {
				size := c.fset.Position(function.Body.Lbrace).Offset - len(clause)
				known.header = strings.TrimSpace(text[f.start : f.start+size])
			}
			for _, name := range namesOf(decl) {
				known.keep(name, ok)
			}
		}
	}
}

func (s source) keep(name string, ok bool) {
	delete(remembered, name)
	if ok && len(s.source) <= longestRemember {
		if len(remembered) >= mostRemembered {
			remembered = map[string]source{}
		}
		remembered[name] = s
	}
}

func namesOf(decl ast.Decl) []string {
	var names []string
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Recv != nil && len(decl.Recv.List) == 1 {
			return []string{receiverOf(decl) + "." + decl.Name.Name}
		}
		return []string{decl.Name.Name}
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name.Name)
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					names = append(names, name.Name)
				}
			}
		}
	}
	return names
}

// commentAbove is the text of the comment that ends on the line before.
func commentAbove(text string, list []lexeme, start int) string {
	group := &ast.CommentGroup{}
	for i := len(list) - 1; i >= 0; i-- {
		l := list[i]
		if l.end > start || l.inserted() {
			continue
		}
		between := text[l.end:start]
		if l.tok != token.COMMENT || strings.TrimSpace(between) != "" || strings.Count(between, "\n") > 1 {
			break
		}
		group.List = append([]*ast.Comment{{Text: l.text}}, group.List...)
		start = l.start
	}
	return strings.TrimSpace(group.Text())
}
