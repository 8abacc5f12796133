// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"go/build"
	"os"
	"path/filepath"
	"strings"
)

// ModuleCache is the folder of the sources of modules, or "".
func ModuleCache() string {
	if cache := os.Getenv("GOMODCACHE"); cache != "" {
		return cache
	}
	if list := filepath.SplitList(build.Default.GOPATH); len(list) != 0 && list[0] != "" {
		return filepath.Join(list[0], "pkg", "mod")
	}
	return ""
}

// EscapedPath writes a module's path, or its version, as the module cache does: a capital
// letter is a small one behind an exclamation mark.
// ref: https://go.dev/ref/mod#goproxy-protocol
func EscapedPath(text string) string {
	var escaped strings.Builder
	for _, r := range text {
		if 'A' <= r && r <= 'Z' {
			escaped.WriteByte('!')
			r += 'a' - 'A'
		}
		escaped.WriteRune(r)
	}
	return escaped.String()
}
