// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/version"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// Get adds what the packages need to the go.mod and go.sum in dir.
//
// Always, because recent go commands want it before anything else, and the versions
// can't be known beforehand: it is the newest, or the one that the go.mod says already.
// Where the newest asks for a newer Go than this one, the newest that doesn't is taken,
// and said so: under GOTOOLCHAIN=local the go command would just give up.
func Get(dir string, paths []string) error {
	queries, err := withVersions(dir, paths)
	if err != nil {
		return err
	}
	for len(queries) != 0 {
		_, err := Run(dir, true, append([]string{"get"}, queries...)...)
		if err == nil {
			return nil
		}
		if i := notContained(err, queries); i >= 0 {
			// Another module provides it: cloud.google.com/go/storage is not in cloud.google.com/go.
			queries[i], _, _ = strings.Cut(queries[i], "@")
			continue
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
		Say("%s %s is used: its newest version needs a newer Go than %s", module, fitting, runtime.Version())
		queries[index] += "@" + fitting
	}
	return nil
}

// withVersions asks for the version that is selected already, where one is: without it,
// `go get` takes the newest. What a folder provides needs no asking.
func withVersions(dir string, paths []string) ([]string, error) {
	modules, err := selected(dir)
	if err != nil {
		return nil, err
	}
	var queries []string
	for _, path := range paths {
		module, ok := providing(path, modules)
		switch {
		case ok && module.Local():
		case ok && module.Version != "":
			queries = append(queries, path+"@"+module.Version)
		default:
			queries = append(queries, path)
		}
	}
	return queries, nil
}

// providing gives the module with the longest path that path lies in.
func providing(path string, modules map[string]Module) (Module, bool) {
	for at := path; at != ""; at = parent(at) {
		if module, ok := modules[at]; ok {
			return module, true
		}
	}
	return Module{}, false
}

// selected gives the modules that the go.mod in dir leads to, by path.
func selected(dir string) (map[string]Module, error) {
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil || !strings.Contains(string(text), "\nrequire ") {
		return nil, err
	}
	output, err := Run(dir, true, "list", "-mod=mod", "-m", "-json=Path,Version,Main,Replace", "all")
	if err != nil {
		return nil, err
	}
	modules := map[string]Module{}
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var one Module
		if err := decoder.Decode(&one); err == io.EOF {
			return modules, nil
		} else if err != nil {
			return nil, fmt.Errorf("`go list` printed what can't be read: %w", err)
		}
		if !one.Main {
			modules[one.Path] = one
		}
	}
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

var containsNot = regexp.MustCompile(`but does not contain package (\S+)`)

// The index of a query whose module, in the version asked for, doesn't contain the package; or -1.
func notContained(err error, queries []string) int {
	var failed *Error
	if !errors.As(err, &failed) {
		return -1
	}
	for _, match := range containsNot.FindAllStringSubmatch(failed.Output, -1) {
		for i, query := range queries {
			if strings.HasPrefix(query, match[1]+"@") {
				return i
			}
		}
	}
	return -1
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
