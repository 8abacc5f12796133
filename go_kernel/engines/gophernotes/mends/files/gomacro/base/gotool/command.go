// SPDX-License-Identifier: MPL-2.0

// Package gotool is the interpreter's one way to the go command that built it:
// which executable, in which environment, and what is told of its failures.
//
// Compiled packages can only be loaded into a running program if the very same
// toolchain made both, so the go command is named by the launcher and never
// searched for on PATH.
package gotool

import (
	"bytes"
	"errors"
	"fmt"
	"go/build"
	"os"
	"os/exec"
	"path/filepath"
)

// Run runs the go command in dir and returns what it printed to its standard output.
// module says whether modules are used (GO111MODULE). A failure is an *Error, or
// ErrInterrupted.
func Run(dir string, module bool, args ...string) ([]byte, error) {
	gocmd, err := command()
	if err != nil {
		return nil, err
	}
	var stdout bytes.Buffer
	stderr := newTranscript()
	cmd := exec.Command(gocmd, args...)
	cmd.Dir = dir
	cmd.Env = environ(dir, module)
	cmd.Stdout = &stdout
	cmd.Stderr = stderr
	if err := RunChild(cmd); errors.Is(err, ErrInterrupted) {
		return nil, err
	} else if err != nil {
		return nil, &Error{Args: args, Output: stderr.String(), Err: err}
	}
	return stdout.Bytes(), nil
}

// GOKERNEL_GO is set by the launcher; without one, GOROOT's own go command is taken.
func command() (string, error) {
	gocmd := os.Getenv("GOKERNEL_GO")
	if gocmd == "" {
		gocmd = filepath.Join(build.Default.GOROOT, "bin", "go")
	}
	if !filepath.IsAbs(gocmd) {
		return "", errors.New("this kernel was not told which Go built it: neither GOKERNEL_GO nor GOROOT is set")
	}
	if info, err := os.Stat(gocmd); err != nil || !info.Mode().IsRegular() || info.Mode()&0111 == 0 {
		return "", fmt.Errorf("the Go that built this kernel is gone (%s is no executable); restart the kernel to use the present one", gocmd)
	}
	return gocmd, nil
}

func environ(dir string, module bool) []string {
	mode := "off"
	if module {
		mode = "on"
	}
	env := append(os.Environ(),
		"GO111MODULE="+mode,
		// The scratch module stands alone, even below a folder that holds a go.work.
		"GOWORK=off",
		// What another toolchain compiles could not be loaded.
		"GOTOOLCHAIN=local",
		"GOOS="+build.Default.GOOS,
		"GOARCH="+build.Default.GOARCH,
		"PWD="+dir,
	)
	if build.Default.GOROOT != "" {
		env = append(env, "GOROOT="+build.Default.GOROOT)
	}
	return env
}
