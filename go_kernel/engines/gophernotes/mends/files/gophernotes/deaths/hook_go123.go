// SPDX-License-Identifier: MIT

//go:build go1.23

package deaths

import _ "unsafe" // for linkname

// ref: https://github.com/golang/go/blob/master/src/internal/runtime/exithook/hooks.go
type hook struct {
	F            func()
	RunOnFailure bool
}

//go:linkname add internal/runtime/exithook.Add
func add(hook)

// How many calls of os.Exit at once can be survived: each takes a hook off the list.
const spares = 64

// addHook has f called when the process is about to end, whatever its exit code.
func addHook(f func()) {
	for range spares {
		add(hook{f, true})
	}
}

// reenter is called first by a hook: other exits wait for it by themselves.
func reenter() {}

// replace replaces the hook that calls it. The list is locked until that has returned.
func replace(f func()) { go add(hook{f, true}) }
