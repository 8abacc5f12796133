// SPDX-License-Identifier: MIT

package introspect

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"github.com/cosmos72/gomacro/fast"
)

// A subject is the word that is asked about.
type subject struct {
	lexeme
	code string // magics made blank
}

// subjectAt finds the word under a cursor, or left of it, or else the function whose
// arguments the cursor is in.
func subjectAt(code string, offset int) (subject, bool) {
	s := subject{code: plain(code)}
	if offset < endOfMagics(code) {
		return s, false
	}
	list := lexemes(s.code)
	left := 0 // how many lexemes begin before the cursor
	for i, l := range list {
		if l.start < offset {
			left = i + 1
		}
		if l.start <= offset && offset <= l.end && isWord(l, list[:i]) {
			s.lexeme = l
			if offset < l.end { // else the next one may begin here
				return s, true
			}
		}
	}
	if s.lexeme.end != 0 {
		return s, true
	}
	depth := 0
	for i := left - 1; i > 0; i-- {
		switch list[i].tok {
		case token.RPAREN, token.RBRACK, token.RBRACE:
			if i != left-1 || list[i].end < offset { // right behind a call it's still about that
				depth++
			}
		case token.LPAREN, token.LBRACK, token.LBRACE:
			if depth > 0 {
				depth--
			} else if list[i].tok == token.LPAREN && list[i-1].tok == token.IDENT && list[i].end <= offset {
				s.lexeme = list[i-1]
				return s, true
			}
		}
	}
	return s, false
}

func isWord(l lexeme, left []lexeme) bool {
	return l.tok == token.IDENT || l.tok.IsKeyword() || (l.tok == token.STRING && inImport(left))
}

// importPath is what the subject names if it's the path of an import.
func (s subject) importPath() string {
	path, _ := strconv.Unquote(s.text)
	return path
}

// resolve finds out what an identifier means. Cut off behind it the code most likely can be
// read, but what declares something is to be read as a whole.
func (s subject) resolve(ir *fast.Interp) (*view, types.Object) {
	cut := s.view(ir, s.code[:s.end])
	if object := cut.objectAtCursor(cut.info.Uses); object != nil {
		return cut, object
	}
	whole := s.view(ir, s.code)
	if object := whole.objectAtCursor(whole.info.Uses); object != nil {
		return whole, object
	}
	if object := whole.objectAtCursor(whole.info.Defs); object != nil {
		return whole, object
	}
	return cut, cut.objectAtCursor(cut.info.Defs)
}

func (s subject) view(ir *fast.Interp, before string) *view {
	return check(ir, parseCell(before, s.end, s.code[s.end:]))
}

// objectAtCursor is what the identifier that ends at the cursor stands for, or nil.
func (v *view) objectAtCursor(in map[*ast.Ident]types.Object) types.Object {
	for _, node := range v.around() {
		if name, ok := node.(*ast.Ident); ok && name.End() == v.cursor {
			return known(in[name])
		}
	}
	return nil
}

// known is nil for what has no type.
func known(object types.Object) types.Object {
	switch object := object.(type) {
	case nil:
		return nil
	case *types.PkgName, *types.Builtin:
		return object
	}
	if object.Type() == nil || object.Type().Underlying() == types.Typ[types.Invalid] {
		return nil
	}
	return object
}

// owner is the named type whose field the subject selects, or nil.
func (v *view) owner() *types.Named {
	for _, node := range v.around() {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok || selector.Sel.End() != v.cursor {
			continue
		}
		selection := v.info.Selections[selector]
		if selection == nil {
			return nil
		}
		t := selection.Recv()
		path := selection.Index()
		for _, i := range path[:len(path)-1] {
			structure, ok := dereferenced(t).Underlying().(*types.Struct)
			if !ok {
				return nil
			}
			t = structure.Field(i).Type()
		}
		named, _ := types.Unalias(dereferencedOnce(t)).(*types.Named)
		return named
	}
	return nil
}

func dereferencedOnce(t types.Type) types.Type {
	if pointer, ok := types.Unalias(t).(*types.Pointer); ok {
		return pointer.Elem()
	}
	return t
}
