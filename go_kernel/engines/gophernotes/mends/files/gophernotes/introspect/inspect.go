// SPDX-License-Identifier: MIT

package introspect

import (
	"bytes"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"github.com/cosmos72/gomacro/fast"
)

// Inspect says what the word at a cursor is, which is counted in code points; between the
// parentheses of a call it's the function. With detail 1 sources are shown too.
// It waits a few seconds at most, for `go doc`.
func Inspect(ir *fast.Interp, code string, cursor, detail int) (data map[string]interface{}, found bool) {
	if len(code) > largestCode {
		return nil, false
	}
	defer func() {
		if recover() != nil {
			data, found = nil, false
		}
	}()
	offset, _ := locate(code, cursor)
	s, ok := subjectAt(code, offset)
	if !ok {
		return nil, false
	}
	about := s.explain(ir, detail > 0)
	if about.empty() {
		return nil, false
	}
	return map[string]interface{}{"text/plain": about.plain(), "text/markdown": about.markdown()}, true
}

func (s subject) explain(ir *fast.Interp, sources bool) explanation {
	switch {
	case s.tok.IsKeyword():
		return explanation{declaration: "keyword " + s.text, text: keywordHelp[s.tok]}
	case s.tok == token.STRING:
		return explanation{docs: documentation(s.importPath(), "", false)}
	}
	v, object := s.resolve(ir)
	if object == nil {
		return explanation{}
	}
	about := v.describe(object)
	if v.isOwn(object) {
		v.addOwn(ir, &about, object, sources)
	} else if path, symbol := v.documented(object); path != "" {
		about.docs = documentation(path, symbol, sources)
	}
	return about
}

// describe is what go/types knows.
func (v *view) describe(object types.Object) explanation {
	text := types.ObjectString(object, v.qualifier)
	switch object := object.(type) {
	case *types.PkgName:
		imported := object.Imported()
		text = "package " + imported.Name() + " // import " + strconv.Quote(imported.Path())
	case *types.TypeName:
		text = v.typeDeclaration(object)
	case *types.Func:
		text = v.functionDeclaration(object)
	case *types.Const:
		text += " = " + object.Val().String()
	}
	return explanation{declaration: text}
}

// isOwn says whether the notebook has declared an object.
func (v *view) isOwn(object types.Object) bool {
	_, imported := object.(*types.PkgName)
	return !imported && object.Pkg() != nil && object.Pkg().Path() == v.pkg.Path()
}

// qualifier writes names as a cell would.
func (v *view) qualifier(pkg *types.Package) string {
	if pkg.Path() == v.pkg.Path() {
		return ""
	}
	return pkg.Name()
}

func (v *view) typeDeclaration(object *types.TypeName) string {
	named, ok := object.Type().(*types.Named)
	structure, isStruct := object.Type().Underlying().(*types.Struct)
	if !ok || object.IsAlias() {
		return types.ObjectString(object, v.qualifier)
	}
	text := "type " + types.TypeString(named, v.qualifier) + " "
	if !isStruct || structure.NumFields() == 0 {
		text += types.TypeString(named.Underlying(), v.qualifier)
	} else {
		text += "struct {\n"
		for i := 0; i < structure.NumFields(); i++ {
			field := structure.Field(i)
			text += "\t"
			if !field.Embedded() {
				text += field.Name() + " "
			}
			text += types.TypeString(field.Type(), v.qualifier) + "\n"
		}
		text += "}"
	}
	for i := 0; i < named.NumMethods(); i++ {
		text += "\n" + v.functionDeclaration(named.Method(i))
	}
	return text
}

// functionDeclaration is a function's first line, as it is written.
func (v *view) functionDeclaration(function *types.Func) string {
	signature, ok := function.Type().(*types.Signature)
	if !ok || signature.Recv() == nil {
		return types.ObjectString(function, v.qualifier)
	}
	receiver := types.TypeString(signature.Recv().Type(), v.qualifier)
	if name := signature.Recv().Name(); name != "" {
		receiver = name + " " + receiver
	}
	var text bytes.Buffer
	types.WriteSignature(&text, signature, v.qualifier)
	return "func (" + receiver + ") " + function.Name() + text.String()
}

// documented is where `go doc` finds an object, "" if nowhere.
func (v *view) documented(object types.Object) (path, symbol string) {
	if imported, ok := object.(*types.PkgName); ok {
		return imported.Imported().Path(), ""
	}
	if object.Pkg() == nil {
		if types.Universe.Lookup(object.Name()) == object {
			return "builtin", object.Name()
		}
		return "builtin", "error.Error"
	}
	path, symbol = object.Pkg().Path(), object.Name()
	switch object := object.(type) {
	case *types.Func:
		if receiver := object.Type().(*types.Signature).Recv(); receiver != nil {
			named, ok := types.Unalias(dereferencedOnce(receiver.Type())).(*types.Named)
			if !ok {
				return "", ""
			}
			symbol = named.Obj().Name() + "." + symbol
		}
	case *types.Var:
		if object.IsField() {
			owner := v.owner()
			if owner == nil || owner.Obj().Pkg() == nil || owner.Obj().Pkg().Path() != path {
				return "", ""
			}
			symbol = owner.Obj().Name() + "." + symbol
		}
	}
	// what has type arguments is documented without
	symbol, _, _ = strings.Cut(symbol, "[")
	return path, symbol
}

// addOwn tells more of what the notebook has declared.
func (v *view) addOwn(ir *fast.Interp, about *explanation, object types.Object, sources bool) {
	name := object.Name()
	if function, ok := object.(*types.Func); ok {
		if receiver := function.Type().(*types.Signature).Recv(); receiver != nil {
			if named, ok := dereferencedOnce(receiver.Type()).(*types.Named); ok {
				name = named.Obj().Name() + "." + name
			}
		}
	}
	if v.declared[object.Name()] != nil && object.Parent() == v.pkg.Scope() {
		return // by the cell itself, which was not run yet
	}
	if object.Parent() != v.pkg.Scope() && object.Parent() != nil {
		return // local
	}
	if variable, ok := object.(*types.Var); ok && !variable.IsField() {
		about.value = valueOf(ir, name)
		return
	}
	if known, ok := remembered[name]; ok {
		about.text = known.comment
		if _, ok := object.(*types.Func); ok {
			about.declaration = known.header // it has the names of parameters
		}
		if sources {
			about.source = known.source
		}
	}
}
