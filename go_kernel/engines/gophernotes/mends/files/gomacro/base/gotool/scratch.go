// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"os"
	"path/filepath"
	"sync"
)

var scratch struct {
	once sync.Once
	dir  string
	own  bool // made by us, so removed by us
	err  error
}

// Scratch is this process's own folder for the plugins that imports are compiled to:
// GOKERNEL_SCRATCH where the launcher names (and later removes) one, else a new temporary folder.
func Scratch() (string, error) {
	scratch.once.Do(func() {
		if dir := os.Getenv("GOKERNEL_SCRATCH"); filepath.IsAbs(dir) {
			scratch.dir, scratch.err = dir, os.MkdirAll(dir, 0700)
			return
		}
		scratch.own = true
		scratch.dir, scratch.err = os.MkdirTemp("", "gokernel-")
	})
	return scratch.dir, scratch.err
}

// RemoveScratch removes a folder that Scratch made; call it right before the process ends.
func RemoveScratch() {
	scratch.once.Do(func() {}) // from here on none is made
	if scratch.own && scratch.dir != "" {
		os.RemoveAll(scratch.dir)
	}
}
