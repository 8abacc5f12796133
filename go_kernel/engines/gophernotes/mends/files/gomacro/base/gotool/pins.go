// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/cosmos72/gomacro/base/goerrors"
)

// Versions that were asked for by name, for as long as this kernel lives.
var pins = struct {
	sync.Mutex
	versions map[string]string
}{versions: map[string]string{}}

// Pin makes the imports of this kernel take a module in a certain version: query is
// PATH@VERSION, of a module or a package in it, where VERSION is whatever `go get`
// takes: v1.2.3, v1, latest, a branch or a commit. It gives back the module. @none takes
// a pin back.
func Pin(query string) (Module, error) {
	path, asked, _ := strings.Cut(query, "@")
	if path == "" || strings.HasPrefix(path, "-") || strings.ContainsAny(query, " \t\"'`\\") {
		return Module{}, fmt.Errorf("%q is no module and version, such as github.com/google/uuid@v1.6.0", query)
	}
	if dir, err := os.Getwd(); err == nil {
		notebook, err := NotebookOf(dir)
		if err != nil {
			return Module{}, err
		}
		if notebook != nil {
			return Module{}, fmt.Errorf("the versions of this folder's imports stand in %s: change them there, with `go get %s` in a terminal", notebook.File, query)
		}
	}
	if asked == "none" {
		return unpin(path)
	}
	if asked == "" {
		asked = "latest"
	}
	module, err := resolve(path, asked)
	if err != nil {
		return Module{}, err
	}
	if have := heldVersions()[module.Path]; have != "" && have != module.Version {
		return Module{}, fmt.Errorf("this kernel holds %s %s already, and can hold only one version of it: restart the kernel to use %s", module.Path, have, module.Version)
	}
	pins.Lock()
	defer pins.Unlock()
	pins.versions[module.Path] = module.Version
	return module, nil
}

func unpin(path string) (Module, error) {
	pins.Lock()
	defer pins.Unlock()
	if pins.versions[path] == "" {
		return Module{}, fmt.Errorf("%s is not pinned", path)
	}
	delete(pins.versions, path)
	return Module{Path: path}, nil
}

// Pins are the modules that Pin was called for, by path.
func Pins() []Module { return asModules(pinnedVersions()) }

func pinnedVersions() map[string]string {
	pins.Lock()
	defer pins.Unlock()
	versions := make(map[string]string, len(pins.versions))
	for path, version := range pins.versions {
		versions[path] = version
	}
	return versions
}

func asModules(versions map[string]string) []Module {
	list := make([]Module, 0, len(versions))
	for _, path := range sorted(versions) {
		list = append(list, Module{Path: path, Version: versions[path]})
	}
	return list
}

// resolve finds the module that provides path, the longest that there is, and its version.
func resolve(path, asked string) (Module, error) {
	dir, clean, err := scratchModule("resolve", goMod(nil, nil, nil, nil), nil)
	if err != nil {
		return Module{}, err
	}
	defer clean()
	args := []string{"list", "-mod=mod", "-m", "-e", "-json=Path,Version,Error"}
	for at := path; at != ""; at = parent(at) {
		// A host alone is no module, and asking it takes time.
		if at == path || strings.Contains(at, "/") {
			args = append(args, at+"@"+asked)
		}
	}
	output, err := Run(dir, true, args...)
	if err != nil {
		return Module{}, err
	}
	reason := ""
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var found struct {
			Module
			Error *struct{ Err string }
		}
		if err := decoder.Decode(&found); err == io.EOF {
			if cause := goerrors.Explain(reason, os.Getenv); cause != nil {
				reason += "\n" + cause.String()
			}
			return Module{}, fmt.Errorf("there is no %s@%s: %s", path, asked, goerrors.Mask(reason))
		} else if err != nil {
			return Module{}, fmt.Errorf("`go list` printed what can't be read: %w", err)
		}
		if found.Error == nil {
			return found.Module, nil
		}
		if reason == "" {
			reason = found.Error.Err
		}
	}
}
