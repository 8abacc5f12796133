// SPDX-License-Identifier: MPL-2.0

package genimport

import (
	"fmt"
	"go/types"
	"strings"

	"github.com/cosmos72/gomacro/base/gotool"
	"github.com/cosmos72/gomacro/imports"
)

// loadExported gives the exported declarations of packages, by the entries of paths.
// pkgpaths are the same packages by import path: they differ for local folders.
func (imp *Importer) loadExported(dir string, paths, pkgpaths []string, mode ImportMode, enableModule bool) (
	map[string]*types.Package, error) {

	imp.modules = nil
	if !allStd(pkgpaths) {
		// in that mode dir is the package's own folder, with its own go.mod
		if enableModule && mode != ImInception {
			if err := gotool.Get(dir, published(paths, pkgpaths)); err != nil {
				return nil, err
			}
		}
		modules, err := gotool.List(dir, enableModule, pkgpaths)
		if err != nil {
			return nil, overruled(dir, err)
		}
		imp.modules = modules
	}
	pkgs := make(map[string]*types.Package, len(paths))
	importer := gotool.Importer()
	for i, pkgpath := range pkgpaths {
		pkg, err := importer.Import(pkgpath)
		if err != nil {
			return nil, err
		}
		pkgs[paths[i]] = pkg
	}
	return pkgs, nil
}

// The packages that are not local folders: go.mod says where those are.
func published(paths, pkgpaths []string) []string {
	var list []string
	for i, pkgpath := range pkgpaths {
		if paths[i] == pkgpath {
			list = append(list, pkgpath)
		}
	}
	return list
}

func allStd(pkgpaths []string) bool {
	for _, pkgpath := range pkgpaths {
		if !gotool.IsStd(pkgpath) {
			return false
		}
	}
	return true
}

// loadCompiled compiles the plugin in dir, loads it and returns the packages in it.
func (imp *Importer) loadCompiled(dir string, enableModule bool) (map[string]imports.PackageUnderlying, error) {
	soname, err := gotool.BuildPlugin(dir, enableModule)
	if err != nil {
		return nil, overruled(dir, err)
	}
	symbol, err := imp.tryPluginSymbol(soname, "Packages")
	if err != nil {
		return nil, overruled(dir, err)
	}
	gotool.Loaded(imp.modules)
	return *symbol.(*map[string]imports.PackageUnderlying), nil
}

// tryPluginSymbol is loadPluginSymbol, whose panic becomes an error to explain.
func (imp *Importer) tryPluginSymbol(soname, name string) (symbol interface{}, err error) {
	defer func() {
		if r := recover(); r != nil {
			text := fmt.Sprint(r)
			// the file name is of no use: the folder is removed with the kernel
			text = strings.TrimPrefix(text, fmt.Sprintf("error loading plugin %q: ", soname))
			err = fmt.Errorf("%s", text)
		}
	}()
	return imp.loadPluginSymbol(soname, name), nil
}

// overruled adds to an error of compiling or loading what may well be its reason:
// the package wants another version of a module than this process holds.
func overruled(dir string, err error) error {
	if modules := gotool.Overruled(dir); modules != "" {
		return fmt.Errorf("%w\nA kernel holds only one version of a module, and %s: restart the kernel and import this package first.", err, modules)
	}
	return err
}
