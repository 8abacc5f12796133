// SPDX-License-Identifier: MIT

package introspect

import (
	"go/importer"
	"go/token"
	"go/types"

	"github.com/cosmos72/gomacro/base/gotool"
	"github.com/cosmos72/gomacro/fast"
	gomacro "github.com/cosmos72/gomacro/go/types"
	"github.com/cosmos72/gomacro/imports"
)

// A library holds the compiled packages as go/types describes them. The compiler's
// export data tells most (names of parameters, generic types); where it isn't at hand,
// what the interpreter knows by reflection does.
//
// Loading a large package takes some ten milliseconds, so they are kept; requests are
// answered one at a time.
type library struct {
	importer types.Importer
	exported map[string]*types.Package // nil: there is no export data
	imported map[*fast.Import]*types.Package
	named    map[*gomacro.Named]*types.Named // of compiled packages without export data
	bare     map[string]*types.Package       // that such types belong to
}

var shared = newLibrary()

func newLibrary() *library {
	return &library{
		importer: importer.ForCompiler(token.NewFileSet(), "gc", gotool.Known),
		exported: map[string]*types.Package{},
		imported: map[*fast.Import]*types.Package{},
		named:    map[*gomacro.Named]*types.Named{},
		bare:     map[string]*types.Package{},
	}
}

// load gives a package by its export data, or nil.
func (l *library) load(path string) (pkg *types.Package) {
	if pkg := l.exported[path]; pkg != nil {
		return pkg
	}
	defer func() {
		if recover() != nil {
			pkg = nil
		}
	}()
	pkg, err := l.importer.Import(path)
	if err != nil {
		return nil // no reason to forget it: an import may bring it later
	}
	l.exported[path] = pkg
	return pkg
}

// ofImport gives the package that a notebook has imported.
func (l *library) ofImport(imported *fast.Import, convert *converter) *types.Package {
	if pkg := l.load(imported.Path); pkg != nil {
		return pkg
	}
	if pkg := l.imported[imported]; pkg != nil {
		return pkg
	}
	pkg := l.bareOf(imported.Path, imported.Name)
	for name, t := range imported.Types {
		if pkg.Scope().Lookup(name) == nil {
			pkg.Scope().Insert(convert.typeName(pkg, name, t))
		}
	}
	for name, bind := range imported.Binds {
		if object := convert.object(pkg, name, bind); object != nil {
			pkg.Scope().Insert(object)
		}
	}
	l.imported[imported] = pkg
	return pkg
}

func (l *library) bareOf(path, name string) *types.Package {
	pkg := l.bare[path]
	if pkg == nil {
		pkg = types.NewPackage(path, name)
		l.bare[path] = pkg
	}
	return pkg
}

// usable says which names of a package the interpreter has, by its path: it can't
// import what is generic. nil: not known.
func usable(ir *fast.Interp, path string) map[string]bool {
	names := map[string]bool{}
	if imported := ir.Comp.KnownImports[path]; imported != nil {
		for name := range imported.Binds {
			names[name] = true
		}
		for name := range imported.Types {
			names[name] = true
		}
		return names
	}
	if linked, ok := imports.Packages[path]; ok {
		for name := range linked.Binds {
			names[name] = true
		}
		for name := range linked.Types {
			names[name] = true
		}
		return names
	}
	return nil
}
