// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"runtime"
)

// kernelInfo is what a client learns of this kernel and its language.
func kernelInfo() map[string]any {
	return map[string]any{
		"implementation":         "gophernotes",
		"implementation_version": Version,
		"banner":                 fmt.Sprintf("Go kernel: gophernotes %s, %s", Version, runtime.Version()),
		"language_info": map[string]any{
			"name":               "go",
			"version":            runtime.Version(),
			"file_extension":     ".go",
			"mimetype":           "text/x-go",
			"pygments_lexer":     "go",
			"codemirror_mode":    "go",
			"nbconvert_exporter": "script",
		},
		"help_links": []map[string]string{
			{"text": "Go", "url": "https://go.dev/doc/"},
			{"text": "The standard library", "url": "https://pkg.go.dev/std"},
			{"text": "gophernotes", "url": "https://github.com/gopherdata/gophernotes"},
		},
	}
}
