// SPDX-License-Identifier: MPL-2.0

package genimport

import (
	"go/types"
	"sort"

	"github.com/cosmos72/gomacro/base/gotool"
)

// loadExported gives the exported declarations of packages, by the entries of paths.
// pkgpaths are the same packages by import path: they differ for local folders.
func loadExported(dir string, paths, pkgpaths []string, mode ImportMode, enableModule bool) (
	map[string]*types.Package, error) {

	// in that mode dir is the package's own folder, with its own go.mod
	if enableModule && mode != ImInception {
		if err := gotool.Get(dir, pkgpaths); err != nil {
			return nil, err
		}
	}
	if _, err := gotool.List(dir, enableModule, pkgpaths); err != nil {
		return nil, err
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

func sortedKeys(values map[string]string) []string {
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
