// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/version"
	"os"
	"regexp"
	"runtime"
	"strings"
)

// Get adds what the packages need to the go.mod and go.sum in dir.
//
// Always, because recent go commands want it before anything else, and the
// versions can't be known beforehand: it is the newest, or the one that is in
// this process already. Where the newest asks for a newer Go than this one, the
// newest that doesn't is taken, and said so: under GOTOOLCHAIN=local the go
// command would just give up.
func Get(dir string, paths []string) error {
	queries := withHeld(paths)
	for len(queries) != 0 {
		_, err := Run(dir, true, append([]string{"get"}, queries...)...)
		if err == nil {
			return nil
		}
		module := tooNew(err)
		index := providedBy(module, queries)
		if index < 0 {
			return err
		}
		fitting := newestFitting(dir, module)
		if fitting == "" {
			return err
		}
		fmt.Fprintf(os.Stderr, "%s %s is used: its newest version needs a newer Go than %s\n", module, fitting, runtime.Version())
		queries[index] += "@" + fitting
	}
	return nil
}

func withHeld(paths []string) []string {
	versions := heldVersions()
	queries := make([]string, len(paths))
	for i, path := range paths {
		queries[i] = path
		for module := path; module != ""; module = parent(module) {
			if version := versions[module]; version != "" {
				queries[i] = path + "@" + version
				break
			}
		}
	}
	return queries
}

func parent(path string) string {
	slash := strings.LastIndexByte(path, '/')
	if slash < 0 {
		return ""
	}
	return path[:slash]
}

var requiresGo = regexp.MustCompile(`(\S+)@v\S+ requires go >= `)

// The module that the go command refused because of its go line, or "".
func tooNew(err error) string {
	var failed *Error
	if !errors.As(err, &failed) {
		return ""
	}
	if match := requiresGo.FindStringSubmatch(failed.Output); match != nil {
		return match[1]
	}
	return ""
}

// The index of the query for a package of that module, or -1. A query that holds a
// version already is not given another one.
func providedBy(module string, queries []string) int {
	for i, path := range queries {
		if module != "" && (path == module || strings.HasPrefix(path, module+"/")) && !strings.Contains(path, "@") {
			return i
		}
	}
	return -1
}

// How many versions are looked at, from the newest down; each is a small download.
const looked = 40

func newestFitting(dir, module string) string {
	var info struct{ Versions []string }
	output, err := Run(dir, true, "list", "-mod=mod", "-m", "-versions", "-json=Versions", module)
	if err != nil || json.Unmarshal(output, &info) != nil {
		return ""
	}
	args := []string{"list", "-mod=mod", "-m", "-e", "-f={{.Version}} {{.GoVersion}}"}
	for i := len(info.Versions) - 1; i >= 0 && len(args) < looked; i-- {
		args = append(args, module+"@"+info.Versions[i])
	}
	if output, err = Run(dir, true, args...); err != nil {
		return ""
	}
	for _, line := range strings.Split(string(output), "\n") {
		// Without a go line a version is passed over: Go 1.22 prints none for one that is too new.
		fields := strings.Fields(line)
		if len(fields) == 2 && version.Compare("go"+fields[1], runtime.Version()) <= 0 {
			return fields[0]
		}
	}
	return ""
}
