// SPDX-License-Identifier: MPL-2.0

package genimport

import (
	"fmt"
	"go/types"
	"strings"
	"sync"

	"github.com/cosmos72/gomacro/base/gotool"
)

// What was left out of imported packages, by what was imported.
var leftOut = struct {
	sync.Mutex
	names map[string]map[string]bool
}{names: map[string]map[string]bool{}}

// usable gives the exported names that the interpreter can use, and the generic ones,
// which it can't: they have no value before they are instantiated by a compiler.
func usable(pkg *types.Package) (names, generic []string) {
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		obj := scope.Lookup(name)
		if !obj.Exported() {
			continue
		}
		if isGenericObject(obj) {
			generic = append(generic, name)
		} else {
			names = append(names, name)
		}
	}
	return names, generic
}

func isGenericObject(obj types.Object) bool {
	switch obj := obj.(type) {
	case *types.Func:
		return isGenericFunc(obj)
	case *types.TypeName:
		return isGenericType(obj.Type())
	}
	return false
}

// How many names are listed; a package may have hundreds.
const listed = 8

// sayLeftOut says in one line what can't be used of a package that was imported.
func sayLeftOut(pkg gotool.Package) {
	names := pkg.Generic
	if len(names) == 0 {
		return
	}
	leftOut.Lock()
	defer leftOut.Unlock()
	set := map[string]bool{}
	for _, name := range names {
		set[name] = true
	}
	leftOut.names[pkg.Path] = set
	what, list := "generic names", strings.Join(names, ", ")
	if len(names) == 1 {
		what = "generic name"
	}
	if len(names) > listed {
		list = fmt.Sprintf("%s, ... (%d more)", strings.Join(names[:listed], ", "), len(names)-listed)
	}
	gotool.Say("%s: %d %s can't be used in the interpreter: %s", pkg.Path, len(names), what, list)
}

// WhyMissing explains a name that an imported package doesn't have here though it may
// declare it: the end of a sentence, or "".
func WhyMissing(path, name string) string {
	leftOut.Lock()
	known := leftOut.names[path][name]
	leftOut.Unlock()
	if !known && gotool.IsStd(path) {
		// of those that are built in nothing was said
		if pkg, err := gotool.StdImporter().Import(path); err == nil {
			obj := pkg.Scope().Lookup(name)
			known = obj != nil && obj.Exported() && isGenericObject(obj)
		}
	}
	if !known {
		return ""
	}
	return ": it is generic, and this interpreter can't use generic declarations of imported packages; " +
		"a kernel with the engine gonb, which compiles each cell, can"
}
