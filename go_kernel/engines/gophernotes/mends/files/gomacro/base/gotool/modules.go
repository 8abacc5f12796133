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
)

// A process holds each package once. A plugin that was compiled against another
// version of a package than the one that is in this process already is refused by
// plugin.Open, so later plugins ask for the versions that earlier ones brought along.
var held = struct {
	sync.Mutex
	versions map[string]string
}{versions: map[string]string{}}

// Loaded takes note of the modules of a plugin that was loaded.
func Loaded(modules []Module) {
	held.Lock()
	defer held.Unlock()
	for _, m := range modules {
		// A local folder has no version that could be asked for.
		if m.Version != "" && m.Replace == nil {
			held.versions[m.Path] = m.Version
		}
	}
}

func heldVersions() map[string]string {
	held.Lock()
	defer held.Unlock()
	versions := make(map[string]string, len(held.versions))
	for path, version := range held.versions {
		versions[path] = version
	}
	return versions
}

// GoMod is the go.mod of a plugin's module: its name, the Go version, the modules in
// this process, and the local folders that stand for modules.
func GoMod(name string, local map[string]string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "module %s\n", name)
	if version := goVersion(); version != "" {
		fmt.Fprintf(&text, "\ngo %s\n", version)
	}
	versions := heldVersions()
	for _, path := range sorted(versions) {
		if _, ok := local[path]; ok {
			continue
		}
		fmt.Fprintf(&text, "\nrequire %s %s // indirect\n", path, versions[path])
	}
	for _, path := range sorted(local) {
		fmt.Fprintf(&text, "\nreplace %s => %s\n", path, strconv.Quote(local[path]))
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
