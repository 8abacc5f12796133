// SPDX-License-Identifier: MPL-2.0

package genimport

import (
	"bytes"
	"errors"
	"fmt"
	"go/types"
	"path/filepath"
	"sort"
	"strings"

	"github.com/cosmos72/gomacro/base/gotool"
	"github.com/cosmos72/gomacro/imports"
)

// importPlugin imports packages by a plugin: one that was made earlier for the same
// request, or a new one.
func (imp *Importer) importPlugin(paths []string, enableModule bool) (map[string]*PackageRef, error) {
	refs, err := imp.tryPlugin(paths, enableModule)
	if err != nil {
		return nil, imp.wrapImportError(paths, enableModule, err)
	}
	return refs, nil
}

func (imp *Importer) tryPlugin(paths []string, enableModule bool) (map[string]*PackageRef, error) {
	defer gotool.Begin()()
	if err := gotool.CheckPlugins(); err != nil {
		return nil, err
	}
	job, err := newPluginJob(imp, paths, enableModule)
	if err != nil {
		return nil, err
	}
	if refs := job.reuse(false); refs != nil {
		return refs, nil
	}
	// Of several kernels that want the same, one makes it.
	release, err := job.request.Lock(func() { gotool.Say("another kernel imports the same: waiting for it") })
	if err != nil {
		return nil, err
	}
	defer release()
	if refs := job.reuse(false); refs != nil {
		return refs, nil
	}
	refs, err := job.make()
	if err != nil && !errors.Is(err, gotool.ErrInterrupted) {
		if refs := job.reuse(true); refs != nil {
			gotool.Say("%s: looking for newer versions failed, so those of an earlier import are used", strings.Join(paths, ", "))
			return refs, nil
		}
	}
	return refs, err
}

// pluginJob is one import.
type pluginJob struct {
	imp      *Importer
	request  *gotool.Request
	paths    []string // as they were written, folders too
	pkgpaths []string // the same by import path
}

func newPluginJob(imp *Importer, paths []string, enableModule bool) (*pluginJob, error) {
	sort.Strings(paths)
	replaced, pkgpaths, err := findLocalPackagesOnDisk(paths)
	if err != nil {
		return nil, err
	}
	local := make(map[string]string, len(replaced))
	for path, folder := range replaced {
		local[path.String()] = folder.String()
	}
	job := &pluginJob{imp: imp, paths: paths, pkgpaths: packagePathsToString(pkgpaths)}
	job.request, err = gotool.NewRequest(job.pkgpaths, local, enableModule)
	return job, err
}

// reuse loads what an earlier import of the same led to; nil where there is nothing, or
// nothing that can be loaded into this process.
func (job *pluginJob) reuse(stale bool) map[string]*PackageRef {
	known, file := job.request.Find(stale)
	if known == nil {
		return nil
	}
	refs, err := job.load(known, file)
	if err != nil {
		// Made anew, it is another file.
		gotool.Discard(file)
		return nil
	}
	return refs
}

// make finds the versions, compiles the plugin and loads it.
func (job *pluginJob) make() (map[string]*PackageRef, error) {
	source, err := gotool.NewSource(job.request)
	if err != nil {
		return nil, err
	}
	defer source.Remove()
	modules, pkgs, err := job.declarations(source)
	if err != nil {
		return nil, overruled(source.Dir, err)
	}
	answer := job.request.NewResolution(modules)
	file := ""
	files := map[string][]byte{}
	for i, path := range job.paths {
		names, generic := usable(pkgs[path])
		answer.Packages = append(answer.Packages, gotool.Package{Path: path, Name: pkgs[path].Name(), Generic: generic})
		if len(names) != 0 {
			files[fmt.Sprintf("x_%d.go", i)] = importFile(job.imp.output, path, pkgs[path])
		}
	}
	if len(files) != 0 {
		files["main.go"] = pluginMainFileContent
		if file, err = source.Build(files, &answer); err != nil {
			return nil, overruled(source.Dir, err)
		}
	}
	refs, err := job.load(&answer, file)
	if err != nil {
		return nil, overruled(source.Dir, err)
	}
	job.request.Keep(answer)
	return refs, nil
}

func (job *pluginJob) declarations(source *gotool.Source) ([]gotool.Module, map[string]*types.Package, error) {
	var published []string
	for i, pkgpath := range job.pkgpaths {
		if job.paths[i] == pkgpath { // go.mod says where the others are
			published = append(published, pkgpath)
		}
	}
	modules, err := source.Resolve(published, job.pkgpaths)
	if err != nil {
		return nil, nil, err
	}
	pkgs := make(map[string]*types.Package, len(job.paths))
	importer := gotool.Importer()
	for i, pkgpath := range job.pkgpaths {
		if pkgs[job.paths[i]], err = importer.Import(pkgpath); err != nil {
			return nil, nil, err
		}
	}
	return modules, pkgs, nil
}

// load loads a plugin and gives the packages that were asked for.
func (job *pluginJob) load(answer *gotool.Resolution, file string) (map[string]*PackageRef, error) {
	loaded := map[string]imports.PackageUnderlying{}
	if file != "" {
		symbol, err := job.imp.tryPluginSymbol(file, "Packages")
		if err != nil {
			return nil, err
		}
		packages, ok := symbol.(*map[string]imports.PackageUnderlying)
		if !ok {
			return nil, fmt.Errorf("the plugin %s was made by another version of this program", filepath.Base(file))
		}
		loaded = *packages
	}
	gotool.Loaded(answer.Modules)
	refs := make(map[string]*PackageRef, len(job.paths))
	for _, pkg := range answer.Packages {
		one := loaded[pkg.Path]
		one.Name = pkg.Name
		imports.Packages.MergePackage(pkg.Path, one)
		refs[pkg.Path] = &PackageRef{Package: imports.Packages[pkg.Path], Path: pkg.Path}
		sayLeftOut(pkg)
	}
	for _, path := range job.paths {
		if refs[path] == nil {
			return nil, fmt.Errorf("the plugin does not contain %s", path)
		}
	}
	return refs, nil
}

// tryPluginSymbol is loadPluginSymbol, whose panic becomes an error to explain.
func (imp *Importer) tryPluginSymbol(soname, name string) (symbol interface{}, err error) {
	defer func() {
		if r := recover(); r != nil {
			text := fmt.Sprint(r)
			// the file name is of no use: nobody can mend what is there
			text = strings.TrimPrefix(text, fmt.Sprintf("error loading plugin %q: ", soname))
			err = fmt.Errorf("%s", text)
		}
	}()
	return imp.loadPluginSymbol(soname, name), nil
}

// overruled adds to an error of compiling or loading what may well be its reason:
// the package wants another version of a module than this process holds.
func overruled(dir string, err error) error {
	if errors.Is(err, gotool.ErrInterrupted) {
		return err
	}
	if modules := gotool.Overruled(dir); modules != "" {
		return fmt.Errorf("%w\nA kernel holds only one version of a module, and %s: restart the kernel and import this package first.", err, modules)
	}
	if strings.Contains(err.Error(), "different version of package") {
		return fmt.Errorf("%w\nIt was changed since this kernel imported it: restart the kernel to import it as it is now.", err)
	}
	return err
}

func importFile(o *Output, path string, pkg *types.Package) []byte {
	var buf bytes.Buffer
	createImportFile(o, &buf, path, pkg, ImPlugin)
	return buf.Bytes()
}
