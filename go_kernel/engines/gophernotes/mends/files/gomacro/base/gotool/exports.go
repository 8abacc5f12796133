// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/build"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// Where the compiler put what it wrote down about packages ("export data"), by import path.
var listed = struct {
	sync.Mutex
	files map[string]string
}{files: map[string]string{}}

// StdImporter reads the declarations of standard packages from the compiler's export data.
//
// The standard library's reader always understands the toolchain that compiled
// this program; only where the data lies must be told to it. Without a lookup of
// ours, go/importer would start `go list` for each package, which takes longer
// than all the rest of this program's start.
//
// Types of other packages are described by reflection, which tells instances of
// generic types apart.
func StdImporter() types.Importer {
	return importer.ForCompiler(token.NewFileSet(), "gc", lookupStd)
}

// Importer reads those of listed packages too.
func Importer() types.Importer {
	return importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if name := listedFile(path); name != "" {
			return os.Open(name)
		}
		return lookupStd(path)
	})
}

func lookupStd(path string) (io.ReadCloser, error) {
	if file := prepared(path); file != nil {
		return file, nil
	}
	if !IsStd(path) {
		return nil, fmt.Errorf("nothing is known about package %q", path)
	}
	if listedFile(path) == "" {
		if _, err := list(build.Default.GOROOT, true, []string{"-trimpath"}, []string{path}); err != nil {
			return nil, err
		}
	}
	return os.Open(listedFile(path))
}

// GOKERNEL_STD_EXPORTS names a folder that holds the export data of the standard
// library as the toolchain that built this program made it, one file a package.
func prepared(path string) io.ReadCloser {
	dir := os.Getenv("GOKERNEL_STD_EXPORTS")
	if dir == "" || !filepath.IsLocal(path) {
		return nil
	}
	file, err := os.Open(filepath.Join(dir, path+".a"))
	if err != nil {
		return nil
	}
	return file
}

// IsStd says whether path names a package of the standard library.
func IsStd(path string) bool {
	if build.Default.GOROOT == "" || !filepath.IsLocal(path) {
		return false
	}
	info, err := os.Stat(filepath.Join(build.Default.GOROOT, "src", path))
	return err == nil && info.IsDir()
}

func listedFile(path string) string {
	listed.Lock()
	defer listed.Unlock()
	return listed.files[path]
}

// List compiles packages and all that they need, as a plugin of the module in dir
// will need them, and returns the modules that they come from. From then on an
// Importer finds them.
func List(dir string, module bool, paths []string) ([]Module, error) {
	return list(dir, module, pluginFlags(module), paths)
}

func list(dir string, module bool, flags []string, paths []string) ([]Module, error) {
	args := append([]string{"list", "-v", "-export", "-deps", "-json=ImportPath,Export,Module"}, flags...)
	args = append(append(args, "--"), paths...)
	output, err := Run(dir, module, args...)
	if err != nil {
		return nil, err
	}
	var modules []Module
	seen := map[string]bool{}
	decoder := json.NewDecoder(bytes.NewReader(output))
	for {
		var pkg struct {
			ImportPath, Export string
			Module             *Module
		}
		if err := decoder.Decode(&pkg); err == io.EOF {
			return modules, nil
		} else if err != nil {
			return nil, fmt.Errorf("`go list` printed what can't be read: %w", err)
		}
		if pkg.Export != "" {
			listed.Lock()
			listed.files[pkg.ImportPath] = pkg.Export
			listed.Unlock()
		}
		if m := pkg.Module; m != nil && !m.Main && !seen[m.Path] {
			seen[m.Path] = true
			modules = append(modules, *m)
		}
	}
}
