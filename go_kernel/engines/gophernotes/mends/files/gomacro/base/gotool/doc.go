// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"bytes"
	"context"
	"fmt"
	"go/build"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Most of a package's documentation is much shorter.
const longestDoc = 1 << 18

// Doc is what `go doc` says of a package, or of a symbol in it ("" for the package itself),
// with flags before them. It downloads nothing: what is imported has its sources here.
func Doc(ctx context.Context, path, symbol string, flags ...string) (string, error) {
	if IsStd(path) {
		return doc(ctx, build.Default.GOROOT, false, append(flags, query(path, symbol)...))
	}
	err := fmt.Errorf("the sources of package %q are not here", path)
	for _, place := range sourcesOf(path) {
		var text string
		text, err = doc(ctx, place.dir, true, append(flags[:len(flags):len(flags)], query(place.path, symbol)...))
		if err == nil {
			return text, nil
		}
	}
	return "", err
}

func query(path, symbol string) []string {
	if symbol == "" {
		return []string{path}
	}
	return []string{path, symbol}
}

func doc(ctx context.Context, dir string, module bool, args []string) (string, error) {
	gocmd, err := command()
	if err != nil {
		return "", err
	}
	args = append([]string{"doc"}, args...)
	output := &head{limit: longestDoc}
	complaints := &head{limit: longestDoc}
	cmd := exec.CommandContext(ctx, gocmd, args...)
	cmd.Dir = dir
	// Nobody waits for a download, and no go.mod in the module cache may be touched.
	flags := "GOFLAGS="
	if module {
		flags += "-mod=readonly"
	}
	cmd.Env = append(environ(dir, module), "GOPROXY=off", flags)
	cmd.Stdout, cmd.Stderr = output, complaints
	cmd.WaitDelay = time.Second // for what it has started itself
	if err := cmd.Run(); err != nil {
		return "", &Error{Args: args, Output: complaints.String(), Err: err}
	}
	return output.String(), nil
}

// head keeps the beginning of what is written to it.
type head struct {
	bytes.Buffer
	limit int
}

func (h *head) Write(data []byte) (int, error) {
	kept := data
	if room := h.limit - h.Len(); len(kept) > room {
		kept = kept[:room]
	}
	h.Buffer.Write(kept)
	return len(data), nil
}

// A place from where `go doc` finds a package that is not a standard one.
type place struct{ dir, path string }

// sourcesOf lists places to try: the module in the module cache, in the version that this
// process holds; the modules of plugins; the notebook's own folder, whose go.mod may know it.
func sourcesOf(path string) []place {
	var places []place
	if filepath.IsAbs(path) {
		return append(places, place{path, "."})
	}
	versions := heldVersions()
	for module := path; module != ""; module = parent(module) {
		if version := versions[module]; version != "" {
			dir := filepath.Join(ModuleCache(), EscapedPath(module)+"@"+EscapedPath(version), strings.TrimPrefix(path, module))
			if _, err := os.Stat(dir); err == nil {
				places = append(places, place{dir, "."})
			}
		}
	}
	if scratch, err := Scratch(); err == nil {
		plugins, _ := filepath.Glob(filepath.Join(scratch, "import_*", "go.mod"))
		for _, file := range plugins {
			if text, err := os.ReadFile(file); err == nil && requires(string(text), path) {
				places = append(places, place{filepath.Dir(file), path})
			}
		}
	}
	if here, err := os.Getwd(); err == nil {
		places = append(places, place{here, path})
	}
	return places
}

// requires says whether a go.mod names the module that a package is in.
func requires(text, path string) bool {
	for _, word := range strings.Fields(text) {
		if strings.Contains(word, "/") && (path == word || strings.HasPrefix(path, word+"/")) {
			return true
		}
	}
	return false
}
