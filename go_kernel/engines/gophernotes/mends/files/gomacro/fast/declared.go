// SPDX-License-Identifier: MPL-2.0

package fast

import (
	"go/ast"
	"go/token"

	"github.com/cosmos72/gomacro/base/dep"
	xr "github.com/cosmos72/gomacro/xreflect"
)

// declared is what a compiler knows.
type declared struct {
	binds   map[string]*Bind
	types   map[string]xr.Type
	bindNum [2]int
	changed []func() // types that were changed since: how to undo that
}

func (c *Comp) declared() declared {
	return declared{
		binds:   copyBinds(c.Binds),
		types:   copyTypes(c.Types),
		bindNum: [2]int{c.BindNum, c.IntBindNum},
	}
}

// restoreDeclared forgets what was compiled since, and not executed.
func (c *Comp) restoreDeclared(d declared) {
	c.Binds, c.Types = d.binds, d.types
	c.BindNum, c.IntBindNum = d.bindNum[0], d.bindNum[1]
	for i := len(d.changed) - 1; i >= 0; i-- {
		d.changed[i]()
	}
	c.idle()
}

// willChange is to be called before something is compiled that declares types again, or methods.
func (d *declared) willChange(c *Comp, decl *dep.Decl) {
	for _, name := range changedTypes(decl.Node) {
		if t := c.TryResolveType(name); t != nil {
			d.changed = append(d.changed, t.Undo())
		}
	}
}

// changedTypes returns the names of the types that something outside of functions declares, or declares a method of.
func changedTypes(node ast.Node) (names []string) {
	switch node := node.(type) {
	case *ast.FuncDecl:
		if node.Recv != nil && len(node.Recv.List) == 1 {
			return changedTypes(node.Recv.List[0].Type)
		}
	case *ast.GenDecl:
		for _, spec := range node.Specs {
			names = append(names, changedTypes(spec)...)
		}
	case *ast.Ident:
		return []string{node.Name}
	case *ast.ParenExpr:
		return changedTypes(node.X)
	case *ast.StarExpr:
		return changedTypes(node.X)
	case *ast.TypeSpec:
		return []string{node.Name.Name}
	}
	return names
}

// idle ends whatever was being compiled.
func (c *Comp) idle() {
	c.Code.Clear()
	c.Loop, c.Func, c.Labels, c.FuncMaker = nil, nil, nil, nil
}

// meanings returns what names mean so far.
func (c *Comp) meanings(names []string) map[string]*Bind {
	meanings := make(map[string]*Bind, len(names))
	for _, name := range names {
		meanings[name] = c.Binds[name]
	}
	return meanings
}

// restoreMeanings lets names mean again what they did, except constants: these have their value already.
func (c *Comp) restoreMeanings(meanings map[string]*Bind) {
	for name, old := range meanings {
		bind := c.Binds[name]
		switch {
		case bind == old || bind.Desc.Class() == ConstBind:
		case old != nil:
			c.Binds[name] = old
		default:
			delete(c.Binds, name)
		}
	}
}

// declaredNames returns the names of variables, constants and functions that something outside of functions declares.
func declaredNames(decl *dep.Decl) []string {
	if decl.Extra != nil {
		return []string{decl.Extra.Ident.Name}
	}
	return namesOf(decl.Node)
}

func namesOf(node ast.Node) (names []string) {
	switch node := node.(type) {
	case *ast.AssignStmt:
		if node.Tok == token.DEFINE {
			for _, left := range node.Lhs {
				if ident, ok := left.(*ast.Ident); ok {
					names = append(names, ident.Name)
				}
			}
		}
	case *ast.DeclStmt:
		return namesOf(node.Decl)
	case *ast.FuncDecl:
		if node.Recv == nil {
			return []string{node.Name.Name}
		}
	case *ast.GenDecl:
		for _, spec := range node.Specs {
			names = append(names, namesOf(spec)...)
		}
	case *ast.LabeledStmt:
		return namesOf(node.Stmt)
	case *ast.ValueSpec:
		return toStrings(node.Names)
	}
	return names
}

func copyBinds(binds map[string]*Bind) map[string]*Bind {
	copied := make(map[string]*Bind, len(binds))
	for name, bind := range binds {
		copied[name] = bind
	}
	return copied
}

func copyTypes(types map[string]xr.Type) map[string]xr.Type {
	copied := make(map[string]xr.Type, len(types))
	for name, t := range types {
		copied[name] = t
	}
	return copied
}
