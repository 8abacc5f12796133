// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// Source is the module that a plugin is compiled in, in a folder of its own that nobody
// else uses: an import that fails or is interrupted leaves nothing that a later one meets.
type Source struct {
	Dir     string
	request *Request
	remove  func()
}

// NewSource makes the folder, with the go.mod and go.sum of the request.
func NewSource(r *Request) (*Source, error) {
	dir, clean, err := scratchModule("import", r.GoMod(), r.Sums())
	if err != nil {
		return nil, err
	}
	return &Source{dir, r, clean}, nil
}

// Remove removes the folder. A plugin in it that was loaded stays in this process.
func (s *Source) Remove() { s.remove() }

// Resolve finds the versions of the modules that the packages come from and compiles
// what is needed for their declarations; published are those that are no local folders.
func (s *Source) Resolve(published, packages []string) ([]Module, error) {
	if s.request.Std() {
		_, err := List(s.Dir, s.request.Module, packages)
		return nil, err
	}
	if s.request.Module {
		if err := Get(s.Dir, published); err != nil {
			return nil, s.explained(err)
		}
	}
	modules, err := List(s.Dir, s.request.Module, packages)
	if err != nil {
		return nil, s.explained(err)
	}
	sort.Slice(modules, func(i, j int) bool { return modules[i].Path < modules[j].Path })
	if missed := misses(modules); missed != "" && s.request.Notebook == nil {
		return nil, fmt.Errorf("%s: pin it to that one, or to none", missed)
	}
	return modules, nil
}

// explained adds where the versions come from, since it may not be known to whoever
// wrote the cell.
func (s *Source) explained(err error) error {
	if s.request.Notebook == nil || errors.Is(err, ErrInterrupted) {
		return err
	}
	file, more := s.request.Notebook.File, ""
	if os.Getenv("GOKERNEL_OFFLINE") == "1" {
		more = fmt.Sprintf(" All that they need, in one bundle: jupyter gokernel bundle create --project %s -o FILE", filepath.Dir(file))
	}
	return fmt.Errorf("%w\nThe versions of this notebook's imports are those of %s.%s", err, file, more)
}

// Build compiles the plugin of these files and gives the file to load. It goes into the
// store, where there is one, unless it is there already; answer gets its name.
func (s *Source) Build(files map[string][]byte, answer *Resolution) (string, error) {
	key := s.key(files, answer.Modules)
	if err := s.write(files, key); err != nil {
		return "", err
	}
	_, own := stores()
	if own == nil || !s.request.kept() || anyLocal(answer.Modules) {
		file := filepath.Join(s.Dir, "plugin.so")
		return file, BuildPlugin(s.Dir, file, s.request.Module)
	}
	release, err := own.lock(key, func() { Say("another kernel compiles the same: waiting for it") })
	if err != nil {
		return "", err
	}
	defer release()
	file := own.withContent(key)
	if file == "" {
		if file, err = s.buildInto(filepath.Join(own.folder, pluginFolder), key); err != nil {
			return "", err
		}
	}
	answer.Plugin = filepath.Base(file)
	return file, nil
}

// buildInto builds under another name, and renames what is whole.
func (s *Source) buildInto(folder, key string) (string, error) {
	temporary, err := os.CreateTemp(folder, building)
	if err != nil {
		return "", err
	}
	defer temporary.Close()
	defer os.Remove(temporary.Name())
	if err := BuildPlugin(s.Dir, temporary.Name(), s.request.Module); err != nil {
		return "", err
	}
	size, err := finish(temporary.Name())
	if err != nil {
		return "", err
	}
	file := filepath.Join(folder, fmt.Sprintf("%s.%d.so", key, size))
	return file, os.Rename(temporary.Name(), file)
}

// finish makes a file private and gives its size. It waits until it is on the disk: a
// machine that loses its power could otherwise find the new name on nothing.
func finish(name string) (size int64, err error) {
	file, err := os.Open(name)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	if err = errors.Join(file.Chmod(0600), file.Sync()); err != nil {
		return 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// key tells plugins apart: by their sources, by the modules that these are compiled with
// (go.sum knows their content), and by all that makes a compiler write something else.
// It is part of the plugin's package path, since a process can't load two plugins of one path.
func (s *Source) key(files map[string][]byte, modules []Module) string {
	sums, _ := os.ReadFile(filepath.Join(s.Dir, "go.sum"))
	parts := [][]byte{[]byte(layout)}
	for _, m := range modules {
		parts = append(parts, []byte(m.Path+" "+m.String()+" "+sumOf(m, string(sums))))
	}
	for _, variable := range compiling() {
		parts = append(parts, []byte(variable))
	}
	for _, name := range sortedFiles(files) {
		parts = append(parts, []byte(name), files[name])
	}
	if anyLocal(modules) || !s.request.kept() {
		// what is in a folder may change, even while this process runs
		parts = append(parts, []byte(s.Dir))
	}
	return digest(parts...)
}

func sumOf(m Module, sums string) string {
	if m.Replace != nil {
		m = *m.Replace
	}
	prefix := m.Path + " " + m.Version + " "
	for _, line := range strings.Split(sums, "\n") {
		if strings.HasPrefix(line, prefix) {
			return strings.TrimPrefix(line, prefix)
		}
	}
	return ""
}

func sortedFiles(files map[string][]byte) []string {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// write writes the plugin's sources, and its name into go.mod.
func (s *Source) write(files map[string][]byte, key string) error {
	file := filepath.Join(s.Dir, "go.mod")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	text = []byte(strings.Replace(string(text), "module "+pluginModule+"plugin", "module "+pluginModule+key, 1))
	if err := os.WriteFile(file, text, 0600); err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(s.Dir, name), content, 0600); err != nil {
			return err
		}
	}
	return nil
}
