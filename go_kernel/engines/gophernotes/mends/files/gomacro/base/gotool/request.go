// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// Request is an import as it was asked for, before it is known which versions it leads to.
type Request struct {
	Paths    []string          // import paths, sorted
	Local    map[string]string // folders that stand for modules, by module path
	Module   bool              // whether modules are used (GO111MODULE)
	Notebook *Notebook         // what pins the versions; may be nil

	name string // see key
}

// NewRequest describes the import of packages by a kernel in its present working directory.
func NewRequest(paths []string, local map[string]string, module bool) (*Request, error) {
	r := &Request{Paths: append([]string(nil), paths...), Local: local, Module: module}
	sort.Strings(r.Paths)
	if module && !allStd(paths) {
		if dir, err := os.Getwd(); err == nil { // a folder that is gone pins nothing
			if r.Notebook, err = NotebookOf(dir); err != nil {
				return nil, err
			}
		}
	}
	r.name = r.key()
	return r, nil
}

func allStd(paths []string) bool {
	for _, path := range paths {
		if !IsStd(path) {
			return false
		}
	}
	return true
}

// Std says whether all packages are the standard library's: then there are no versions.
func (r *Request) Std() bool { return allStd(r.Paths) }

// GoMod is the go.mod to compile a plugin with.
func (r *Request) GoMod() string {
	if r.Std() {
		return goMod(nil, nil, nil, nil)
	}
	return goMod(r.Notebook, r.Local, pinnedVersions(), heldVersions())
}

// Sums is the go.sum to begin with; what bundles know is added to it (see scratchModule), and
// is no part of the request: GOPROXY names the bundles, and a bundle's content never changes.
func (r *Request) Sums() []byte { return r.Notebook.sums() }

// kept says whether the outcome may be kept: not where folders that may change, or GOPATH,
// have a part in it.
func (r *Request) kept() bool { return r.Module && len(r.Local) == 0 }

// key is the name of the request: whatever decides about its outcome, but for the modules
// that this process holds already, which are compared with each outcome.
func (r *Request) key() string {
	text := ""
	if !r.Std() {
		text = goMod(r.Notebook, r.Local, pinnedVersions(), nil)
	}
	return digest(
		[]byte(layout),
		[]byte(strings.Join(r.Paths, "\n")),
		[]byte(text), r.Notebook.text(), r.Sums(),
		[]byte(strings.Join(resolvingAndCompiling(), "\n")),
	)
}

// layout changes when stores are written in another way.
const layout = "1"

// NewResolution is what a request leads to in this process as it is now.
func (r *Request) NewResolution(modules []Module) Resolution {
	answer := Resolution{Modules: modules}
	if !r.Std() {
		answer.Held = Held()
	}
	return answer
}

// Resolution is what a request led to.
type Resolution struct {
	Plugin   string    // the file's name in the store; "" where there is nothing to load
	Modules  []Module  // that the packages come from
	Held     []Module  `json:",omitempty"` // that were in the process and so had a say
	Packages []Package // that were asked for
	Fixed    bool      // a later one would give the same
	At       time.Time
}

// Package is one that was imported.
type Package struct {
	Path    string
	Name    string
	Generic []string `json:",omitempty"` // what the interpreter can't use of it
}

func (r Resolution) same(other Resolution) bool {
	return sameModules(r.Modules, other.Modules) && sameModules(r.Held, other.Held)
}

func sameModules(a, b []Module) bool {
	if len(a) != len(b) {
		return false
	}
	for i, m := range a {
		if m.Path != b[i].Path || m.String() != b[i].String() {
			return false
		}
	}
	return true
}

// fits says whether the answer holds good in this process: no module is in it in another
// version, and whatever had a say about the versions is in it too.
func (r Resolution) fits() bool {
	have := map[string]string{}
	for _, m := range Held() {
		have[m.Path] = m.String()
	}
	for _, m := range r.Modules {
		if version, ok := have[m.Path]; ok && version != m.String() {
			return false
		}
	}
	for _, m := range r.Held {
		if have[m.Path] != m.String() {
			return false
		}
	}
	return true
}

// How long the newest version counts as the newest. A pinned one stays.
const freshFor = 7 * day

// Find gives what the request led to earlier, in this kernel or another, and the plugin's
// file ("" where there is none to load). With stale, an answer that newer versions may
// have overtaken will do.
func (r *Request) Find(stale bool) (*Resolution, string) {
	if !r.kept() {
		return nil, ""
	}
	all, own := stores()
	since := own.forgotten()
	for _, s := range all {
		for _, known := range s.read(r.name) {
			fresh := known.Fixed || time.Since(known.At) < freshFor && known.At.After(since)
			if !fresh && !stale || !known.fits() {
				continue
			}
			if known.Plugin == "" {
				found := known
				return &found, ""
			}
			if file := s.plugin(known.Plugin); file != "" {
				used(file)
				found := known
				return &found, file
			}
		}
	}
	return nil, ""
}

// Lock makes this process the only one that looks for an answer to the request.
func (r *Request) Lock(waiting func()) (release func(), err error) {
	if _, own := stores(); own != nil && r.kept() {
		return own.lock(r.name, waiting)
	}
	return func() {}, nil
}

// Keep takes note of what the request led to.
func (r *Request) Keep(answer Resolution) {
	_, own := stores()
	if own == nil || !r.kept() || anyLocal(answer.Modules) {
		return
	}
	answer.At = time.Now()
	answer.Fixed = r.fixed(answer.Modules)
	if own.write(r.name, answer) == nil {
		own.prune()
	}
}

// fixed says whether every package that was asked for comes in a version that was asked for.
func (r *Request) fixed(modules []Module) bool {
	pinned := pinnedVersions()
	for _, path := range r.Paths {
		if IsStd(path) {
			continue
		}
		byPath := map[string]Module{}
		for _, m := range modules {
			byPath[m.Path] = m
		}
		module, _ := providing(path, byPath)
		if r.Notebook != nil && !r.Notebook.required[module.Path] || r.Notebook == nil && pinned[module.Path] == "" {
			return false
		}
	}
	return true
}

func anyLocal(modules []Module) bool {
	for _, m := range modules {
		if m.Local() {
			return true
		}
	}
	return false
}

// forgotten is when Forget was called last.
func (s *store) forgotten() time.Time {
	if s == nil {
		return time.Time{}
	}
	info, err := os.Stat(filepath.Join(s.folder, forgetFile))
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

const forgetFile = "forgotten"

// Forget makes later imports look for newer versions, where none is pinned.
func Forget() error {
	_, own := stores()
	if own == nil {
		return nil
	}
	file := filepath.Join(own.folder, forgetFile)
	if err := writeWhole(file, nil); err != nil {
		return err
	}
	// By the clock that answers are dated with: a file system's may be some milliseconds behind.
	now := time.Now()
	return os.Chtimes(file, now, now)
}
