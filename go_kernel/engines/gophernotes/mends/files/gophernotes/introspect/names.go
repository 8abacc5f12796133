// SPDX-License-Identifier: MIT

package introspect

import (
	"go/ast"
	"go/types"
	"reflect"
	"strings"

	"github.com/cosmos72/gomacro/base"
	"github.com/cosmos72/gomacro/fast"
)

// nameCandidates is what may stand where a name begins: the nearest first.
func nameCandidates(ir *fast.Interp, p place) candidates {
	v := viewOf(ir, p)
	found := fieldNames(v)
	for scope := v.scope(); scope != nil && scope != types.Universe; scope = scope.Parent() {
		for _, name := range scope.Names() {
			object := scope.Lookup(name)
			if scope != v.pkg.Scope() && object.Pos() > v.cursor {
				continue // declared further down
			}
			if name != placeholder {
				found.add(kindOf(object), name)
			}
		}
	}
	for comp := ir.Comp; comp != nil; comp = comp.Outer {
		found = append(found, declaredIn(comp)...)
	}
	found.add(isKeyword, keywords...)
	return found
}

// fieldNames are the keys of the composite literal that the cursor is directly in.
func fieldNames(v *view) candidates {
	nodes := v.around()
	for i := len(nodes) - 1; i > 0; i-- {
		literal, ok := nodes[i].(*ast.CompositeLit)
		if !ok {
			switch node := nodes[i].(type) {
			case *ast.Ident:
				continue
			case *ast.KeyValueExpr:
				if node.Key.Pos() <= v.cursor && v.cursor <= node.Key.End() {
					continue
				}
			}
			return nil
		}
		of, ok := v.info.Types[literal]
		if !ok || of.Type == nil {
			return nil
		}
		structure, ok := dereferenced(of.Type).Underlying().(*types.Struct)
		if !ok {
			return nil
		}
		var found candidates
		for i := 0; i < structure.NumFields(); i++ {
			if field := structure.Field(i); visible(field, v.pkg) {
				found.add(isField, field.Name())
			}
		}
		return found
	}
	return nil
}

// declaredIn lists what one level of the interpreter has declared.
func declaredIn(comp *fast.Comp) candidates {
	var found candidates
	for name, bind := range comp.Binds {
		if isOurs(name) {
			found.add(kindOfBind(bind), name)
		}
	}
	for name, t := range comp.Types {
		// "Pointer" among the predeclared types is unsafe's, by accident
		if isOurs(name) && !(comp.Outer == nil && t.Kind() == reflect.UnsafePointer) {
			found.add(isType, name)
		}
	}
	return found.sorted()
}

// isOurs is false for names that only the interpreter itself uses.
func isOurs(name string) bool {
	return name != "" && name != "_" && !base.IsGensym(name) && !base.IsGensymAnonymous(name) &&
		!base.IsGensymPrivate(name) && !base.IsGensymInterface(name) && !strings.HasPrefix(name, "untyped ")
}

func kindOfBind(bind *fast.Bind) kind {
	switch bind.Value.(type) {
	case *fast.Import:
		return isModule
	case fast.Builtin, fast.Function, fast.Macro, *fast.GenericFunc:
		return isFunction
	case *fast.GenericType:
		return isType
	}
	switch bind.Desc.Class() {
	case fast.ConstBind:
		return isConstant
	case fast.FuncBind, fast.GenericFuncBind:
		return isFunction
	case fast.GenericTypeBind:
		return isType
	}
	return isInstance
}
