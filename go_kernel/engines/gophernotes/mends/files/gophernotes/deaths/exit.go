// SPDX-License-Identifier: MIT

package deaths

import (
	"fmt"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// Exit is a call of os.Exit, perhaps by log.Fatal, that nobody but compiled code made.
type Exit struct {
	Code   string // as far as known, else ""
	Caller string // the function that called os.Exit or log.Fatal
	Fatal  bool   // the process ends; else only the goroutine
}

// Error is the exit as a sentence.
func (e Exit) Error() string {
	call := "os.Exit(" + e.Code + ")"
	if e.Fatal {
		return fmt.Sprintf("%s, compiled code, ended the kernel by %s; its variables are lost.", e.Caller, call)
	}
	return fmt.Sprintf("%s, compiled code, called %s: this ended its goroutine only, the kernel lives on.", e.Caller, call)
}

// OnExit has os.Exit, called by compiled code of others than this program, end the
// calling goroutine instead of the process: its deferred functions run as for
// runtime.Goexit, which can't be recovered from. handle is told, unless the goroutine is
// one that Watch watches.
//
// Where a goroutine can't end so, the process does as soon as handle has returned: when C
// code is above it, when it is initializing packages, when it is the main one.
func OnExit(handle func(Exit)) {
	addHook(func() { exiting(handle) })
}

func exiting(handle func(Exit)) {
	reenter()
	stack := trace(64 << 10)
	exit, called := exitIn(stack)
	if !called {
		return // main has returned
	}
	exit.Fatal = !canEnd(stack)
	if exit.Fatal {
		explain(exit)
		handle(exit)
		return
	}
	if !watching.ended(goroutineOf(stack), exit) {
		go handle(exit) // other calls of os.Exit wait until this hook is done
	}
	replace(func() { exiting(handle) })
	runtime.Goexit()
}

// trace is that of the calling goroutine, as far as it fits.
func trace(most int) string {
	buffer := make([]byte, most)
	return string(buffer[:runtime.Stack(buffer, false)])
}

// A line of a trace that names a function, and what it was called with.
var frame = regexp.MustCompile(`(?m)^(\S+?)\(([^()]*)\)$`)

// exitIn finds the call of os.Exit in a trace, if it isn't this program's own.
func exitIn(stack string) (Exit, bool) {
	var exit Exit
	found := false
	for _, call := range frame.FindAllStringSubmatch(stack, -1) {
		switch function := call[1]; {
		case function == "os.Exit":
			exit.Code, found = exitCode(call[2]), true
		case !found || strings.HasPrefix(function, "log."):
		case strings.HasPrefix(function, "main."):
			return exit, false
		default:
			exit.Caller = function
			return exit, true
		}
	}
	return exit, false
}

// exitCode reads os.Exit's argument in a trace: hexadecimal, with a question mark where
// it may have changed since.
func exitCode(argument string) string {
	code, err := strconv.ParseUint(strings.TrimSuffix(argument, "?"), 0, 64)
	if err != nil {
		return ""
	}
	return strconv.Itoa(int(code))
}

// canEnd says whether a goroutine may end without its functions returning.
func canEnd(stack string) bool {
	for _, above := range []string{"runtime.cgocallback", "runtime.doInit", "plugin.Open("} {
		if strings.Contains(stack, "\n"+above) {
			return false
		}
	}
	return goroutineOf(stack) != "1"
}

func goroutineOf(stack string) string {
	number, _, _ := strings.Cut(strings.TrimPrefix(stack, "goroutine "), " ")
	return number
}
