// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"errors"
	"os"
	"strings"
)

// CheckPlugins fails, in a sentence, where this program can't load what it would compile.
func CheckPlugins() error {
	if haveCgo {
		return nil
	}
	return errors.New("this kernel was built without a C compiler, so it can't import third-party packages, " +
		"nor the few standard ones that are not built in; install one (for example the conda package " +
		"\"c-compiler\" or \"gcc\") and restart the kernel")
}

// BuildPlugin compiles the main package in dir into file.
func BuildPlugin(dir, file string, module bool) error {
	args := append([]string{"build", "-v", "-buildvcs=false", "-o=" + file}, pluginFlags(module)...)
	if !strings.Contains(os.Getenv("GOFLAGS"), "-ldflags") {
		// Writing DWARF takes a third of an import, and nobody debugs a notebook's plugin.
		args = append(args, "-ldflags=-w")
	}
	_, err := Run(dir, module, args...)
	return err
}

// The same flags for listing and for linking, so that each package is compiled once.
// A plugin must be built -trimpath if and only if the program was, and ours always is.
func pluginFlags(module bool) []string {
	flags := []string{"-trimpath", "-buildmode=plugin"}
	if module {
		// go.mod and go.sum of the scratch module are the go command's to complete.
		flags = append(flags, "-mod=mod")
	}
	return flags
}
