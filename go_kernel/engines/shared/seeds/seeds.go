// SPDX-License-Identifier: MIT

// Package seeds gives a kernel's own modules the lines of go.sum that bundles come with.
//
// What a bundle holds was compared with the checksum database where the bundle was made, or
// is somebody's own; where a kernel runs, that database may be out of reach. A line of go.sum
// stands in its place, and go compares what it gets with it. So a bundle speaks for what it
// holds, and for nothing else.
package seeds

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Files are the go.sum files of the bundles, as GOKERNEL_SUMS has them: by colons, a colon in
// a name as %3A, and a percent as %25.
func Files() []string {
	files := filepath.SplitList(os.Getenv("GOKERNEL_SUMS"))
	for i, name := range files {
		files[i] = strings.ReplaceAll(strings.ReplaceAll(name, "%3A", ":"), "%25", "%")
	}
	return files
}

// Add adds to a go.sum the lines of the bundles' for whatever it has no line for. What it
// says itself counts, and of several bundles the first.
func Add(sums []byte) []byte {
	files := Files()
	if len(files) == 0 {
		return sums
	}
	known := map[string]bool{}
	each(sums, func(what, line string) { known[what] = true })
	all := bytes.Clone(sums)
	if len(all) != 0 && all[len(all)-1] != '\n' {
		all = append(all, '\n')
	}
	for _, file := range files {
		content, err := os.ReadFile(file) // a bundle that is gone says nothing
		if err != nil {
			continue
		}
		// A module has a line for each hash there is, so one file's lines are taken together.
		var added []string
		each(content, func(what, line string) {
			if !known[what] && holds(filepath.Dir(file), what) {
				added = append(added, what)
				all = append(append(all, line...), '\n')
			}
		})
		for _, what := range added {
			known[what] = true
		}
	}
	return all
}

// AddTo is Add for the go.sum in a folder, which is made where it isn't there.
func AddTo(folder string) error {
	file := filepath.Join(folder, "go.sum")
	before, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	after := Add(before)
	if len(after) == len(before) {
		return nil
	}
	return os.WriteFile(file, after, 0600)
}

var capital = regexp.MustCompile(`[A-Z]`)

// holds says whether a bundle has the file that a line of go.sum is about.
func holds(bundle, what string) bool {
	path, version, _ := strings.Cut(what, " ")
	kind := ".zip"
	if strings.HasSuffix(version, "/go.mod") {
		version, kind = strings.TrimSuffix(version, "/go.mod"), ".mod"
	}
	// ref: https://go.dev/ref/mod#goproxy-protocol
	name := capital.ReplaceAllStringFunc(path+"/@v/"+version+kind, func(letter string) string {
		return "!" + strings.ToLower(letter)
	})
	_, err := os.Stat(filepath.Join(bundle, "proxy", filepath.FromSlash(name)))
	return err == nil
}

// each goes through the lines of a go.sum: module and version, and the whole line. Others
// are passed over, since go refuses a go.sum that holds one.
func each(sums []byte, do func(what, line string)) {
	for lines := bufio.NewScanner(bytes.NewReader(sums)); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) == 3 {
			do(fields[0]+" "+fields[1], lines.Text())
		}
	}
}
