// SPDX-License-Identifier: MIT

//go:build !go1.23

package deaths

import _ "unsafe" // for linkname

//go:linkname addExitHook runtime.addExitHook
func addExitHook(f func(), runOnNonZeroExit bool)

// exitHooks is the runtime's list of hooks.
//
// ref: https://github.com/golang/go/blob/release-branch.go1.22/src/runtime/exithook.go
//
//go:linkname exitHooks runtime.exitHooks
var exitHooks struct {
	hooks []struct {
		f                func()
		runOnNonZeroExit bool
	}
	runningExitHooks bool
}

// addHook has f called when the process is about to end, whatever its exit code.
func addHook(f func()) { addExitHook(f, true) }

// reenter is called first by a hook: while one counts as running, another call of os.Exit
// is a fatal error.
func reenter() { exitHooks.runningExitHooks = false }

// replace does nothing: here a hook stays on the list.
func replace(func()) {}
