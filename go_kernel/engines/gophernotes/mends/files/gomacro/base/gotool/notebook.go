// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"encoding/json"
	"fmt"
	"go/build"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Notebook is what pins the versions of a notebook's imports: the go.mod of its folder
// or of one above it, or the go.work that this go.mod belongs to. Nothing there is ever
// written; the files are read by the go command's own parsers.
type Notebook struct {
	File     string // the go.mod or go.work
	modules  []localModule
	replaces []replacement
	excludes []moduleVersion
	required map[string]bool // paths of the modules that have a version
}

type localModule struct{ path, folder string }

// Also for a folder, which has no version.
type moduleVersion struct{ Path, Version string }

func (v moduleVersion) String() string { return strings.TrimSpace(v.Path + " " + v.Version) }

type replacement struct{ Old, New moduleVersion }

type modFile struct {
	Module  struct{ Path string }
	Require []moduleVersion
	Exclude []moduleVersion
	Replace []replacement
}

type workFile struct {
	Use     []struct{ DiskPath string }
	Replace []replacement
}

// NotebookOf finds what pins the versions for a kernel whose working directory is dir; nil
// where nothing does.
func NotebookOf(dir string) (*Notebook, error) {
	gomod, gowork := nearest(dir, "go.mod"), workspace(dir)
	if gowork != "" {
		if n, err := readWorkspace(gowork); err != nil || gomod == "" || n.uses(filepath.Dir(gomod)) {
			return n, err
		}
	}
	if gomod == "" {
		return nil, nil
	}
	n := &Notebook{File: gomod, required: map[string]bool{}}
	return n, n.add(filepath.Dir(gomod))
}

// nearest gives the file of that name in dir or in the nearest folder above that has one.
func nearest(dir, name string) string {
	for at := filepath.Clean(dir); ; at = filepath.Dir(at) {
		file := filepath.Join(at, name)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			if at == dir || !public(at) {
				if !inGo(at) {
					return file
				}
			}
			return ""
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}

// In a folder such as /tmp a file may be anybody's; the go command passes it over, too.
func public(dir string) bool {
	info, err := os.Stat(dir)
	return err != nil || info.Mode().Perm()&0002 != 0
}

// Go's own modules, and downloaded ones, are no notebook's.
func inGo(dir string) bool {
	cache := os.Getenv("GOMODCACHE")
	if gopath := filepath.SplitList(build.Default.GOPATH); cache == "" && len(gopath) != 0 {
		cache = filepath.Join(gopath[0], "pkg", "mod")
	}
	return within(dir, build.Default.GOROOT) || within(dir, cache)
}

func within(path, folder string) bool {
	return folder != "" && strings.HasPrefix(path+"/", filepath.Clean(folder)+"/")
}

// ref: https://go.dev/ref/mod#workspaces
func workspace(dir string) string {
	switch named := os.Getenv("GOWORK"); {
	case named == "off":
		return ""
	case filepath.IsAbs(named):
		return named
	default:
		return nearest(dir, "go.work")
	}
}

func readWorkspace(file string) (*Notebook, error) {
	var work workFile
	if err := parse(&work, "work", file); err != nil {
		return nil, err
	}
	n := &Notebook{File: file, required: map[string]bool{}}
	n.replace(filepath.Dir(file), work.Replace)
	for _, use := range work.Use {
		if err := n.add(absolute(filepath.Dir(file), use.DiskPath)); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// add adds the module in a folder. The go command takes what it requires from its go.mod;
// but replace and exclude are in force in the main module only, which is one of ours.
func (n *Notebook) add(folder string) error {
	var mod modFile
	file := filepath.Join(folder, "go.mod")
	if err := parse(&mod, "mod", file); err != nil {
		return err
	}
	if mod.Module.Path == "" {
		return fmt.Errorf("%s names no module", file)
	}
	n.modules = append(n.modules, localModule{mod.Module.Path, folder})
	n.replace(folder, mod.Replace)
	n.excludes = append(n.excludes, mod.Exclude...)
	for _, m := range mod.Require {
		n.required[m.Path] = true
	}
	return nil
}

// replace takes over replacements, relative to folder. The first of two counts: a
// workspace's own overrule those of its modules.
func (n *Notebook) replace(folder string, list []replacement) {
	for _, r := range list {
		if r.New.Version == "" {
			r.New.Path = absolute(folder, r.New.Path)
		}
		known := false
		for _, other := range n.replaces {
			known = known || other.Old == r.Old
		}
		if !known {
			n.replaces = append(n.replaces, r)
		}
	}
}

func (n *Notebook) uses(folder string) bool {
	for _, m := range n.modules {
		if sameFolder(m.folder, folder) {
			return true
		}
	}
	return false
}

func sameFolder(a, b string) bool {
	first, err := os.Stat(a)
	second, err2 := os.Stat(b)
	return err == nil && err2 == nil && os.SameFile(first, second)
}

func absolute(folder, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(folder, path)
}

func parse(into any, kind, file string) error {
	dir, err := Scratch()
	if err != nil {
		return err
	}
	output, err := Run(dir, true, kind, "edit", "-json", file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(output, into); err != nil {
		return fmt.Errorf("%s can't be understood: %w", file, err)
	}
	return nil
}

// directives are the lines of a go.mod that put the notebook's versions in force.
func (n *Notebook) directives() string {
	if n == nil {
		return ""
	}
	var text strings.Builder
	for _, m := range n.modules {
		fmt.Fprintf(&text, "\nrequire %s %s\n", m.path, placeholder(m.path))
		n.writeReplace(&text, moduleVersion{Path: m.path}, moduleVersion{Path: m.folder})
	}
	for _, r := range n.replaces {
		if !n.isModule(r.Old.Path) {
			n.writeReplace(&text, r.Old, r.New)
		}
	}
	for _, e := range n.excludes {
		fmt.Fprintf(&text, "\nexclude %s\n", e)
	}
	return text.String()
}

func (n *Notebook) writeReplace(text *strings.Builder, old, by moduleVersion) {
	if by.Version == "" {
		by.Path = strconv.Quote(by.Path)
	}
	fmt.Fprintf(text, "\nreplace %s => %s\n", old, by)
}

func (n *Notebook) isModule(path string) bool {
	for _, m := range n.modules {
		if m.path == path {
			return true
		}
	}
	return false
}

// placeholder is the version of a module that a folder stands for: it must only fit the
// major version that the path ends with.
func placeholder(path string) string {
	major := "v0"
	if dot := strings.LastIndex(path, ".v"); strings.HasPrefix(path, "gopkg.in/") && dot >= 0 {
		major = path[dot+1:]
	} else if last := path[strings.LastIndexByte(path, '/')+1:]; isMajor(last) {
		major = last
	}
	return major + ".0.0-00010101000000-000000000000"
}

func isMajor(element string) bool {
	number, err := strconv.Atoi(strings.TrimPrefix(element, "v"))
	return err == nil && number >= 2 && element[0] == 'v'
}

// sums is what the go.sum files beside the notebook's modules say.
func (n *Notebook) sums() []byte {
	if n == nil {
		return nil
	}
	files := []string{n.File + ".sum"} // go.work.sum, where that is the file
	for _, m := range n.modules {
		files = append(files, filepath.Join(m.folder, "go.sum"))
	}
	var all []byte
	for _, file := range files {
		if content, err := os.ReadFile(file); err == nil {
			all = append(append(all, content...), '\n')
		}
	}
	return all
}

// text is all that the go.mod files say, for telling whether something changed.
func (n *Notebook) text() []byte {
	if n == nil {
		return nil
	}
	var all []byte
	for _, m := range n.modules {
		content, err := os.ReadFile(filepath.Join(m.folder, "go.mod"))
		if err == nil {
			all = append(append(all, content...), 0)
		}
	}
	return all
}
