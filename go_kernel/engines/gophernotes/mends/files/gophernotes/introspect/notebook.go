// SPDX-License-Identifier: MIT

package introspect

import (
	"go/constant"
	"go/token"
	"go/types"
	"reflect"

	"github.com/cosmos72/gomacro/base/untyped"
	"github.com/cosmos72/gomacro/fast"
	"github.com/cosmos72/gomacro/xreflect"
)

// lookup finds what cells have declared under a name, predeclared things included.
func lookup(ir *fast.Interp, name string) (*fast.Bind, xreflect.Type) {
	for comp := ir.Comp; comp != nil; comp = comp.Outer {
		if bind := comp.Binds[name]; bind != nil {
			return bind, nil
		}
		if t := comp.Types[name]; t != nil {
			return nil, t
		}
	}
	return nil, nil
}

// declare puts what cells have declared under some names into the scope of the package
// that the present cell is.
func declare(ir *fast.Interp, convert *converter, names map[string]bool) {
	for name := range names {
		if types.Universe.Lookup(name) != nil && isPredeclared(ir, name) {
			continue
		}
		bind, t := lookup(ir, name)
		var object types.Object
		switch {
		case bind != nil:
			object = convert.object(convert.pkg, name, bind)
		case t != nil:
			object = convert.typeName(convert.pkg, name, t)
		}
		if object != nil {
			convert.pkg.Scope().Insert(object)
		}
	}
}

// isPredeclared says whether a name means what it does in every Go program.
func isPredeclared(ir *fast.Interp, name string) bool {
	for comp := ir.Comp; comp.Outer != nil; comp = comp.Outer {
		if comp.Binds[name] != nil || comp.Types[name] != nil {
			return false
		}
	}
	return true
}

// object makes of a declaration in the interpreter one of go/types, or nil.
func (c *converter) object(pkg *types.Package, name string, bind *fast.Bind) types.Object {
	switch value := bind.Value.(type) {
	case *fast.Import:
		return types.NewPkgName(token.NoPos, pkg, name, c.library.ofImport(value, c))
	case untyped.Lit:
		return types.NewConst(token.NoPos, pkg, name, untypedType(value), value.Val)
	case fast.Builtin, fast.Macro, *fast.GenericFunc, *fast.GenericType:
		return nil
	case fast.Function:
		return c.function(pkg, name, value.Type)
	}
	switch bind.Desc.Class() {
	case fast.ConstBind:
		if bind.Type == nil {
			return nil
		}
		return types.NewConst(token.NoPos, pkg, name, c.reflected(bind.Type), constantOf(bind.Value))
	case fast.FuncBind:
		return c.function(pkg, name, bind.Type)
	case fast.VarBind, fast.IntBind:
		return types.NewVar(token.NoPos, pkg, name, c.reflected(bind.Type))
	}
	return nil
}

func (c *converter) function(pkg *types.Package, name string, t xreflect.Type) types.Object {
	converted := c.reflected(t)
	if signature, ok := converted.(*types.Signature); ok {
		return types.NewFunc(token.NoPos, pkg, name, signature)
	}
	return types.NewVar(token.NoPos, pkg, name, converted)
}

func untypedType(value untyped.Lit) types.Type {
	switch value.Kind {
	case untyped.Bool:
		return types.Typ[types.UntypedBool]
	case untyped.Int:
		return types.Typ[types.UntypedInt]
	case untyped.Rune:
		return types.Typ[types.UntypedRune]
	case untyped.Float:
		return types.Typ[types.UntypedFloat]
	case untyped.Complex:
		return types.Typ[types.UntypedComplex]
	case untyped.String:
		return types.Typ[types.UntypedString]
	}
	return types.Typ[types.Invalid]
}

func constantOf(value interface{}) constant.Value {
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Bool:
		return constant.MakeBool(v.Bool())
	case reflect.String:
		return constant.MakeString(v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return constant.MakeInt64(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return constant.MakeUint64(v.Uint())
	case reflect.Float32, reflect.Float64:
		return constant.MakeFloat64(v.Float())
	}
	return constant.MakeUnknown()
}
