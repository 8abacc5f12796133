// SPDX-License-Identifier: MIT

package introspect

import (
	"go/token"
	"go/types"

	gomacro "github.com/cosmos72/gomacro/go/types"
	"github.com/cosmos72/gomacro/xreflect"
)

// A converter makes types of the interpreter, which has a go/types of its own, types of
// the standard one.
type converter struct {
	library *library
	pkg     *types.Package                  // the notebook's own
	own     map[*gomacro.Named]*types.Named // its types; they change from cell to cell
}

func newConverter(l *library, pkg *types.Package) *converter {
	return &converter{l, pkg, map[*gomacro.Named]*types.Named{}}
}

func (c *converter) typeName(pkg *types.Package, name string, t xreflect.Type) *types.TypeName {
	converted := c.reflected(t)
	if named, ok := converted.(*types.Named); ok && named.Obj().Pkg() == pkg && named.Obj().Name() == name {
		return named.Obj()
	}
	return types.NewTypeName(token.NoPos, pkg, name, converted)
}

func (c *converter) reflected(t xreflect.Type) types.Type {
	if t == nil {
		return types.Typ[types.Invalid]
	}
	return c.convert(t.GoType())
}

func (c *converter) convert(t gomacro.Type) types.Type {
	switch t := t.(type) {
	case *gomacro.Basic:
		return basic(t)
	case *gomacro.Named:
		return c.convertNamed(t)
	case *gomacro.Pointer:
		return types.NewPointer(c.convert(t.Elem()))
	case *gomacro.Slice:
		return types.NewSlice(c.convert(t.Elem()))
	case *gomacro.Array:
		return types.NewArray(c.convert(t.Elem()), t.Len())
	case *gomacro.Map:
		return types.NewMap(c.convert(t.Key()), c.convert(t.Elem()))
	case *gomacro.Chan:
		return types.NewChan(types.ChanDir(t.Dir()), c.convert(t.Elem()))
	case *gomacro.Struct:
		return c.convertStruct(t)
	case *gomacro.Interface:
		return c.convertInterface(t, nil)
	case *gomacro.Signature:
		return c.signature(t, nil, 0)
	case *gomacro.Tuple:
		return c.tuple(t, 0)
	}
	return types.Typ[types.Invalid]
}

func basic(t *gomacro.Basic) types.Type {
	if name, ok := types.Universe.Lookup(t.Name()).(*types.TypeName); ok {
		return name.Type()
	}
	if kind := int(t.Kind()); 0 <= kind && kind < len(types.Typ) {
		return types.Typ[kind]
	}
	return types.Typ[types.Invalid]
}

func (c *converter) convertNamed(t *gomacro.Named) types.Type {
	name, pkg := t.Obj().Name(), t.Obj().Pkg()
	if pkg == nil {
		if predeclared, ok := types.Universe.Lookup(name).(*types.TypeName); ok {
			return predeclared.Type()
		}
		return c.convert(t.Underlying())
	}
	known, home := c.own, c.pkg
	if pkg.Path() != c.pkg.Path() {
		if exported := c.library.load(pkg.Path()); exported != nil {
			if found, ok := exported.Scope().Lookup(name).(*types.TypeName); ok {
				return found.Type()
			}
		}
		known, home = c.library.named, c.library.bareOf(pkg.Path(), pkg.Name())
	}
	if named := known[t]; named != nil {
		return named
	}
	named := types.NewNamed(types.NewTypeName(token.NoPos, home, name, nil), nil, nil)
	known[t] = named // it may refer to itself
	if methods, ok := t.Underlying().(*gomacro.Interface); ok {
		named.SetUnderlying(c.convertInterface(methods, named))
		return named
	}
	underlying := c.convert(t.Underlying()).Underlying()
	if underlying == nil {
		underlying = types.NewStruct(nil, nil)
	}
	named.SetUnderlying(underlying)
	c.addMethods(named, t)
	return named
}

func (c *converter) addMethods(named *types.Named, t *gomacro.Named) {
	for i, n := 0, t.NumMethods(); i < n; i++ {
		method := t.Method(i)
		signature, ok := method.Type().(*gomacro.Signature)
		if !ok {
			continue
		}
		var receiver types.Type = named
		skip := 0
		if signature.Recv() != nil {
			receiver = c.convert(signature.Recv().Type())
		} else if signature.Params().Len() != 0 {
			// to the interpreter a method is a function of its receiver, too
			receiver, skip = c.convert(signature.Params().At(0).Type()), 1
		}
		home := named.Obj().Pkg()
		variable := types.NewVar(token.NoPos, home, "", receiver)
		named.AddMethod(types.NewFunc(token.NoPos, home, method.Name(), c.signature(signature, variable, skip)))
	}
}

func (c *converter) convertStruct(t *gomacro.Struct) types.Type {
	var fields []*types.Var
	var tags []string
	seen := map[string]bool{}
	for i, n := 0, t.NumFields(); i < n; i++ {
		field := t.Field(i)
		name := field.Name()
		if name != "_" && seen[name] {
			continue
		}
		seen[name] = true
		fields = append(fields, types.NewField(token.NoPos, c.home(field.Pkg()), name, c.convert(field.Type()), field.Anonymous()))
		tags = append(tags, t.Tag(i))
	}
	return types.NewStruct(fields, tags)
}

func (c *converter) home(pkg *gomacro.Package) *types.Package {
	switch {
	case pkg == nil || pkg.Path() == c.pkg.Path():
		return c.pkg
	default:
		return c.library.bareOf(pkg.Path(), pkg.Name())
	}
}

// convertInterface makes methods of the interface's name, if it has one.
func (c *converter) convertInterface(t *gomacro.Interface, named *types.Named) types.Type {
	var receiver *types.Var
	if named != nil {
		receiver = types.NewVar(token.NoPos, named.Obj().Pkg(), "", named)
	}
	var methods []*types.Func
	for i, n := 0, t.NumExplicitMethods(); i < n; i++ {
		method := t.ExplicitMethod(i)
		if signature, ok := method.Type().(*gomacro.Signature); ok {
			methods = append(methods, types.NewFunc(token.NoPos, c.home(method.Pkg()), method.Name(), c.signature(signature, receiver, 0)))
		}
	}
	var embedded []types.Type
	for i, n := 0, t.NumEmbeddeds(); i < n; i++ {
		embedded = append(embedded, c.convert(t.EmbeddedType(i)))
	}
	return types.NewInterfaceType(methods, embedded).Complete()
}

func (c *converter) signature(t *gomacro.Signature, receiver *types.Var, skip int) *types.Signature {
	params := c.tuple(t.Params(), skip)
	variadic := t.Variadic() && params.Len() != 0
	if variadic {
		_, variadic = params.At(params.Len() - 1).Type().(*types.Slice)
	}
	return types.NewSignatureType(receiver, nil, nil, params, c.tuple(t.Results(), 0), variadic)
}

func (c *converter) tuple(t *gomacro.Tuple, skip int) *types.Tuple {
	var list []*types.Var
	for i, n := skip, t.Len(); i < n; i++ {
		list = append(list, types.NewParam(token.NoPos, c.pkg, t.At(i).Name(), c.convert(t.At(i).Type())))
	}
	return types.NewTuple(list...)
}
