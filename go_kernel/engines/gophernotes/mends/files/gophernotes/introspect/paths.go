// SPDX-License-Identifier: MIT

package introspect

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
	"sync"

	"github.com/cosmos72/gomacro/base/gotool"
	"github.com/cosmos72/gomacro/fast"
	"github.com/cosmos72/gomacro/imports"
)

// importPaths is what may stand between the quotes of an import: packages that are here
// already. Of module paths one element after the other is offered.
func importPaths(ir *fast.Interp, typed string) candidates {
	var found candidates
	for importPath := range ir.Comp.KnownImports {
		found.add(isModule, importPath)
	}
	found = found.sorted()
	found.add(isModule, standardPackages()...)
	found.add(isModule, required()...)
	return append(found, cachedModules(typed)...)
}

var standard struct {
	sync.Once
	paths []string
}

// standardPackages lists them once. The folder of their export data holds exactly those
// that there are; without it those that the interpreter has linked in have to do.
func standardPackages() []string {
	standard.Do(func() {
		paths := map[string]bool{}
		if folder := os.Getenv("GOKERNEL_STD_EXPORTS"); folder != "" {
			_ = filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
				if err == nil && !entry.IsDir() && strings.HasSuffix(file, ".a") {
					if name, err := filepath.Rel(folder, strings.TrimSuffix(file, ".a")); err == nil {
						paths[filepath.ToSlash(name)] = true
					}
				}
				return nil
			})
		}
		for importPath := range imports.Packages {
			if first, _, _ := strings.Cut(importPath, "/"); !strings.Contains(first, ".") {
				paths[importPath] = true
			}
		}
		for importPath := range paths {
			if isPublic(importPath) {
				standard.paths = append(standard.paths, importPath)
			}
		}
		sort.Strings(standard.paths)
	})
	return standard.paths
}

func isPublic(importPath string) bool {
	for _, element := range strings.Split(importPath, "/") {
		if element == "internal" || element == "vendor" || element == "main" {
			return false
		}
	}
	return true
}

// required are the modules that the go.mod of the notebook's folder names.
func required() []string {
	folder, err := os.Getwd()
	if err != nil {
		return nil
	}
	for {
		if text, err := os.ReadFile(filepath.Join(folder, "go.mod")); err == nil {
			return modulesIn(string(text))
		}
		if parent := filepath.Dir(folder); parent != folder {
			folder = parent
			continue
		}
		return nil
	}
}

func modulesIn(text string) []string {
	var modules []string
	for _, line := range strings.Split(text, "\n") {
		fields := strings.Fields(line)
		if len(fields) > 1 && (fields[0] == "require" || fields[0] == "module") {
			fields = fields[1:]
		}
		if len(fields) != 0 && strings.Contains(fields[0], ".") && strings.Contains(fields[0], "/") {
			modules = append(modules, strings.Trim(fields[0], `"`))
		}
	}
	return modules
}

// cachedModules are the next elements of a path, as folders of the module cache have them.
func cachedModules(typed string) candidates {
	slash := strings.LastIndexByte(typed, '/')
	if slash < 0 && typed == "" {
		return nil
	}
	parent := typed[:slash+1]
	if !filepath.IsLocal(filepath.FromSlash(parent + "x")) {
		return nil
	}
	var found candidates
	for _, folder := range foldersOf(gotool.ModuleCache(), parent) {
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue
		}
		for _, entry := range entries {
			name, _, _ := strings.Cut(entry.Name(), "@")
			if entry.IsDir() && offered(name, parent) {
				found.add(isPath, parent+unescaped(name))
			}
		}
	}
	return found
}

// offered leaves out what no import path can name.
func offered(name, parent string) bool {
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return false
	}
	if parent == "" {
		return strings.Contains(name, ".") // else it's no host: "cache"
	}
	return name != "internal" && name != "testdata" && name != "vendor"
}

// foldersOf are the folders that hold what is below an import path: that of a module's
// own files, whichever version, and that of the modules whose paths it begins.
func foldersOf(cache, parent string) []string {
	if cache == "" {
		return nil
	}
	folders := []string{filepath.Join(cache, filepath.FromSlash(gotool.EscapedPath(parent)))}
	for module := strings.TrimSuffix(parent, "/"); strings.Contains(module, "/"); module = path.Dir(module) {
		if newest := newestOf(filepath.Join(cache, filepath.FromSlash(gotool.EscapedPath(module)))); newest != "" {
			return append(folders, filepath.Join(newest, filepath.FromSlash(strings.TrimPrefix(parent, module))))
		}
	}
	return folders
}

// newestOf finds a version of a module, the last by name, or "".
func newestOf(module string) string {
	newest := ""
	entries, _ := os.ReadDir(filepath.Dir(module))
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), filepath.Base(module)+"@") {
			newest = filepath.Join(filepath.Dir(module), entry.Name())
		}
	}
	return newest
}

// unescaped undoes gotool.EscapedPath.
func unescaped(name string) string {
	var text strings.Builder
	for i := 0; i < len(name); i++ {
		if name[i] == '!' && i+1 < len(name) && 'a' <= name[i+1] && name[i+1] <= 'z' {
			i++
			text.WriteByte(name[i] - ('a' - 'A'))
			continue
		}
		text.WriteByte(name[i])
	}
	return text.String()
}
