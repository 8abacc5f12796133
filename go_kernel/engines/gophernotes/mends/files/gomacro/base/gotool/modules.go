// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/cosmos72/gomacro/base/seeds"
)

// Module is one that a package belongs to, as `go list` prints it.
type Module struct {
	Path    string
	Version string  `json:",omitempty"`
	Main    bool    `json:",omitempty"`
	Replace *Module `json:",omitempty"`
}

// Local says whether a folder stands for it, whose content may change at any time.
func (m Module) Local() bool { return m.Replace != nil && m.Replace.Version == "" }

// String is the version, or what stands in its place.
func (m Module) String() string {
	switch {
	case m.Replace == nil:
		return m.Version
	case m.Replace.Version == "":
		return "=> " + m.Replace.Path
	default:
		return "=> " + m.Replace.Path + " " + m.Replace.Version
	}
}

// A process holds each package once. A plugin that was compiled against another
// version of a package than the one that is in this process already is refused by
// plugin.Open, so later plugins ask for the versions that earlier ones brought along.
var held = struct {
	sync.Mutex
	modules map[string]Module
}{modules: map[string]Module{}}

// Loaded takes note of the modules of a plugin that was loaded.
func Loaded(modules []Module) {
	held.Lock()
	defer held.Unlock()
	for _, m := range modules {
		held.modules[m.Path] = m
	}
}

// Held gives the modules whose packages are in this process, by path.
func Held() []Module {
	held.Lock()
	defer held.Unlock()
	list := make([]Module, 0, len(held.modules))
	for _, m := range held.modules {
		list = append(list, m)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Path < list[j].Path })
	return list
}

// heldVersions are those that can be asked for: what stands in for a module can't.
func heldVersions() map[string]string {
	versions := map[string]string{}
	for _, m := range Held() {
		if m.Version != "" && m.Replace == nil {
			versions[m.Path] = m.Version
		}
	}
	return versions
}

// The module that a plugin is compiled in; its name gets what tells plugins apart.
const pluginModule = "gomacro.imports/"

// goMod is the go.mod of a plugin's module: the Go version, the versions of the notebook's
// folder (or those that were asked for), the modules in this process, and the local folders
// that stand for modules.
func goMod(notebook *Notebook, local, pinned, held map[string]string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "module %splugin\n", pluginModule)
	if version := goVersion(); version != "" {
		fmt.Fprintf(&text, "\ngo %s\n", version)
	}
	versions := map[string]string{}
	for path, version := range held {
		versions[path] = version
	}
	if notebook == nil { // else its go.mod says all
		for path, version := range pinned {
			versions[path] = version
		}
	}
	for _, path := range sorted(versions) {
		if _, ok := local[path]; ok || notebook != nil && notebook.isModule(path) {
			continue
		}
		fmt.Fprintf(&text, "\nrequire %s %s // indirect\n", path, versions[path])
	}
	text.WriteString(notebook.directives())
	for _, path := range sorted(local) {
		if notebook == nil || !notebook.isModule(path) {
			fmt.Fprintf(&text, "\nreplace %s => %s\n", path, strconv.Quote(local[path]))
		}
	}
	return text.String()
}

func sorted(values map[string]string) []string {
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// Without a go line the go command assumes 1.16 and reads the whole module graph.
func goVersion() string {
	version, _, _ := strings.Cut(strings.TrimPrefix(runtime.Version(), "go"), " ")
	version, _, _ = strings.Cut(version, "-")
	if version == "" || version[0] < '0' || version[0] > '9' {
		return "" // a development version
	}
	return version
}

// scratchModule makes a folder that holds a go.mod, and a go.sum of these lines and what the
// bundles add to them; clean removes it.
func scratchModule(name, gomod string, sums []byte) (dir string, clean func(), err error) {
	base, err := Scratch()
	if err != nil {
		return "", nil, err
	}
	if dir, err = os.MkdirTemp(base, name+"-"); err != nil {
		return "", nil, err
	}
	clean = func() { os.RemoveAll(dir) }
	for file, content := range map[string][]byte{"go.mod": []byte(gomod), "go.sum": seeds.Add(sums)} {
		if len(content) == 0 {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, file), content, 0600); err != nil {
			clean()
			return "", nil, err
		}
	}
	return dir, clean, nil
}

// Overruled says which modules the plugin in dir needs in another version than the
// one that is in this process, or "".
func Overruled(dir string) string {
	data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return ""
	}
	versions := heldVersions()
	var parts []string
	for _, line := range strings.Split(string(data), "\n") {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) < 2 {
			continue
		}
		if have := versions[fields[0]]; have != "" && have != fields[1] {
			parts = append(parts, fmt.Sprintf("%s is needed in version %s, but this kernel holds %s", fields[0], fields[1], have))
		}
	}
	return strings.Join(parts, "; ")
}

// misses says which of these modules is not in the version that it was pinned to, or "".
func misses(modules []Module) string {
	versions := pinnedVersions()
	for _, m := range modules {
		if asked := versions[m.Path]; asked != "" && asked != m.Version {
			return fmt.Sprintf("%s is pinned to %s, but another module needs %s", m.Path, asked, m.Version)
		}
	}
	return ""
}
