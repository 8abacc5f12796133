// SPDX-License-Identifier: MIT

package introspect

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/cosmos72/gomacro/fast"
)

// placeholder stands for what is being typed, which may be nothing or a keyword.
const placeholder = "gokernelCursor"

// viewOf is the cell with the placeholder for what is being typed.
func viewOf(ir *fast.Interp, p place) *view {
	before := p.code[:p.start] + placeholder
	return check(ir, parseCell(before, len(before), p.code[p.offset:]))
}

// memberCandidates is what may follow a dot.
func memberCandidates(ir *fast.Interp, p place) candidates {
	v := viewOf(ir, p)
	nodes := v.around()
	for i := len(nodes) - 1; i >= 0; i-- {
		selector, ok := nodes[i].(*ast.SelectorExpr)
		if !ok || selector.Sel.Name != placeholder {
			continue
		}
		if name, ok := selector.X.(*ast.Ident); ok {
			if imported, ok := v.info.Uses[name].(*types.PkgName); ok {
				return packageMembers(ir, imported.Imported())
			}
		}
		of, ok := v.info.Types[selector.X]
		switch {
		case !ok || of.Type == nil:
			return nil
		case of.IsType():
			return methodsOf(of.Type, v.pkg)
		default:
			return members(of.Type, v.pkg)
		}
	}
	return nil
}

// packageMembers are the exported names of a package, but for those that the interpreter has not.
func packageMembers(ir *fast.Interp, pkg *types.Package) candidates {
	var found candidates
	has := usable(ir, pkg.Path())
	for _, name := range pkg.Scope().Names() {
		if token.IsExported(name) && (has == nil || has[name]) {
			found.add(kindOf(pkg.Scope().Lookup(name)), name)
		}
	}
	return found
}

// members are the fields and methods of a value, promoted ones included.
func members(t types.Type, from *types.Package) candidates {
	var found candidates
	for _, field := range fieldsOf(t) {
		if !visible(field, from) {
			continue
		}
		// of several at the same depth none is promoted
		if object, _, _ := types.LookupFieldOrMethod(t, true, field.Pkg(), field.Name()); object == field {
			found.add(kindOf(field), field.Name())
		}
	}
	if _, ok := t.Underlying().(*types.Interface); !ok {
		if _, ok := t.(*types.Pointer); !ok {
			t = types.NewPointer(t) // what is named by a variable can be addressed
		}
	}
	return append(found, methodsOf(t, from)...)
}

func methodsOf(t types.Type, from *types.Package) candidates {
	var found candidates
	set := types.NewMethodSet(t)
	for i := 0; i < set.Len(); i++ {
		if method := set.At(i).Obj(); visible(method, from) {
			found.add(isFunction, method.Name())
		}
	}
	return found.sorted()
}

func visible(object types.Object, from *types.Package) bool {
	return object.Exported() || object.Pkg() == nil || object.Pkg().Path() == from.Path()
}

// How deep embedded structs are looked into.
const deepest = 8

// fieldsOf lists the fields of a struct or of what it points to, the outermost first.
func fieldsOf(t types.Type) []*types.Var {
	var fields []*types.Var
	seen := map[types.Type]bool{}
	level := []types.Type{t}
	for depth := 0; len(level) != 0 && depth < deepest; depth++ {
		var next []types.Type
		for _, t := range level {
			t = dereferenced(t)
			structure, ok := t.Underlying().(*types.Struct)
			if !ok || seen[t] {
				continue
			}
			seen[t] = true
			for i := 0; i < structure.NumFields(); i++ {
				field := structure.Field(i)
				fields = append(fields, field)
				if field.Embedded() {
					next = append(next, field.Type())
				}
			}
		}
		level = next
	}
	return fields
}

func dereferenced(t types.Type) types.Type {
	if pointer, ok := t.Underlying().(*types.Pointer); ok {
		return pointer.Elem()
	}
	return t
}
