// SPDX-License-Identifier: MIT

package introspect

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"github.com/cosmos72/gomacro/fast"
)

// A view is a cell with its types, as far as they can be known.
type view struct {
	*cell
	pkg  *types.Package
	info *types.Info
}

// check gives types to a cell, in the midst of what the notebook has declared.
func check(ir *fast.Interp, c *cell) *view {
	v := &view{
		cell: c,
		pkg:  types.NewPackage(ir.Comp.FileComp().Path, "main"),
		info: &types.Info{
			Types:      map[ast.Expr]types.TypeAndValue{},
			Defs:       map[*ast.Ident]types.Object{},
			Uses:       map[*ast.Ident]types.Object{},
			Implicits:  map[ast.Node]types.Object{},
			Selections: map[*ast.SelectorExpr]*types.Selection{},
		},
	}
	convert := newConverter(shared, v.pkg)
	words := map[string]bool{}
	for word := range c.words {
		if c.declared[word] == nil {
			words[word] = true
		}
	}
	for _, name := range v.importAll(ir, convert) {
		delete(words, name)
	}
	declare(ir, convert, words)
	config := types.Config{
		Importer:                 unimportable{},
		Error:                    func(error) {}, // half-typed code is full of them
		DisableUnusedImportCheck: true,
	}
	v.run(&config)
	return v
}

// run is apart so that a failure of go/types spoils no more than it has to.
func (v *view) run(config *types.Config) {
	defer func() { _ = recover() }()
	_ = types.NewChecker(config, v.fset, v.pkg, v.info).Files(v.files)
}

// importAll declares the packages that the cell itself imports, where that takes no go
// command, and returns their names.
func (v *view) importAll(ir *fast.Interp, convert *converter) (names []string) {
	scope := v.pkg.Scope()
	for _, spec := range v.imports {
		importPath, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		pkg := shared.load(importPath)
		if imported := ir.Comp.KnownImports[importPath]; imported != nil {
			pkg = shared.ofImport(imported, convert)
		}
		switch {
		case pkg == nil:
		case spec.Name != nil && spec.Name.Name == ".":
			for _, exported := range pkg.Scope().Names() {
				if token.IsExported(exported) && v.declared[exported] == nil {
					scope.Insert(pkg.Scope().Lookup(exported))
					names = append(names, exported)
				}
			}
		default:
			name := pkg.Name()
			if spec.Name != nil {
				name = spec.Name.Name
			}
			if v.declared[name] == nil {
				scope.Insert(types.NewPkgName(token.NoPos, v.pkg, name, pkg))
				names = append(names, name)
			}
		}
	}
	return names
}

type unimportable struct{}

func (unimportable) Import(path string) (*types.Package, error) {
	return nil, fmt.Errorf("%s is not imported here", path)
}

// around gives the nodes around the cursor, from the outermost to the innermost.
func (v *view) around() []ast.Node {
	var nodes []ast.Node
	if v.current == nil {
		return nil
	}
	ast.Inspect(v.current, func(n ast.Node) bool {
		if n == nil || n.Pos() > v.cursor || v.cursor > n.End() {
			return false
		}
		nodes = append(nodes, n)
		return true
	})
	return nodes
}

// scope is the innermost one around the cursor.
func (v *view) scope() *types.Scope {
	if scope := v.pkg.Scope().Innermost(v.cursor); scope != nil {
		return scope
	}
	return v.pkg.Scope()
}
