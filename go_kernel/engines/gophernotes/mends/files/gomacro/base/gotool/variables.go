// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"os"
	"sort"
	"strings"
)

// What decides which version of a module is taken, and from where.
var resolving = names("GOPROXY GONOPROXY GOPRIVATE GOSUMDB GONOSUMDB GOINSECURE GOVCS GOAUTH")

// Go's variables that make no other plugin: places, and how a running program behaves.
var immaterial = names("GOROOT GOPATH GOMODCACHE GOCACHE GOCACHEPROG GOTMPDIR GOBIN GOENV GOWORK GOTOOLCHAIN " +
	"GO111MODULE GOMAXPROCS GOMEMLIMIT GOGC GOTRACEBACK GORACE GOTELEMETRY GOTELEMETRYDIR GOCOVERDIR")

// What else C compilers read, by cgo or by the linker.
var compilers = names("CC CXX FC AR PKG_CONFIG PKG_CONFIG_PATH PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR " +
	"CFLAGS CPPFLAGS CXXFLAGS FFLAGS LDFLAGS CPATH LIBRARY_PATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH " +
	"COMPILER_PATH GCC_EXEC_PREFIX")

func names(list string) map[string]bool {
	set := map[string]bool{}
	for _, name := range strings.Fields(list) {
		set[name] = true
	}
	return set
}

// compiling gives the variables that make a plugin differ from another one of the same
// sources. One that is not known counts: a build too many harms less than a wrong plugin.
func compiling() []string {
	return chosen(func(name string) bool {
		ours := strings.HasPrefix(name, "GOKERNEL_")
		gos := strings.HasPrefix(name, "GO") || strings.HasPrefix(name, "CGO_")
		return compilers[name] || gos && !ours && !resolving[name] && !immaterial[name]
	})
}

// all of them: those that decide about versions, too.
func resolvingAndCompiling() []string {
	return append(compiling(), chosen(func(name string) bool { return resolving[name] })...)
}

func chosen(want func(name string) bool) []string {
	var list []string
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); want(name) {
			list = append(list, entry)
		}
	}
	sort.Strings(list)
	return list
}
