// SPDX-License-Identifier: MIT

// Package deaths explains how a kernel ends that nobody told to.
//
// What the runtime says when it gives up is kept in a file, which whoever started the
// kernel reads; a call of os.Exit by compiled code ends its goroutine only. Both use parts
// of the runtime that are not for everybody: from Go 1.23 on, programs with this package
// have to be linked with -checklinkname=0.
package deaths

import (
	"path/filepath"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// CrashFile is the name, in a kernel's scratch folder, of the file with its last words.
const CrashFile = "crash.txt"

const (
	// The most that is kept: a dump of ten thousand goroutines helps nobody.
	mostKept = 256 << 10
	// A fatal error is named before the runtime counts as ending, so what it wrote
	// right before belongs to its last words.
	mostRecent = 1 << 10
)

// The runtime writes by this function where it is set; panicking counts threads that end
// the process.
//
//go:linkname overrideWrite runtime.overrideWrite
var overrideWrite func(fd uintptr, text unsafe.Pointer, n int32) int32

//go:linkname panicking runtime.panicking
var panicking uint32

// words is what runtimeWrite needs: nothing may be allocated then.
var words struct {
	file   uintptr // where last words go
	stderr uintptr // where all else goes
	kept   int32
	recent [mostRecent]byte
	length int32 // of recent
}

// Record has what the runtime writes when it ends this process kept in a file in folder;
// without a folder, or where that can't be, written to instead. All else that the runtime
// writes (as the builtin println of compiled code) goes to stderr, a descriptor that must
// not block: whoever reads the other end may be stopped already.
func Record(folder string, instead, stderr int) {
	words.file, words.stderr = uintptr(instead), uintptr(stderr)
	if folder != "" {
		flags := syscall.O_WRONLY | syscall.O_CREAT | syscall.O_TRUNC | syscall.O_APPEND | syscall.O_CLOEXEC
		file, err := syscall.Open(filepath.Join(folder, CrashFile), flags, 0o600)
		if err == nil {
			words.file = uintptr(file)
		}
	}
	overrideWrite = runtimeWrite
}

// runtimeWrite may run while the world has stopped, on any stack.
//
//go:nosplit
//go:norace
func runtimeWrite(fd uintptr, text unsafe.Pointer, n int32) int32 {
	if fd != uintptr(syscall.Stderr) {
		return write(fd, text, n)
	}
	if atomic.LoadUint32(&panicking) == 0 {
		remember(text, n)
		live(text, n)
		return n
	}
	if words.length > 0 {
		keep(unsafe.Pointer(&words.recent), words.length)
		words.length = 0
	}
	keep(text, n)
	return n
}

//go:nosplit
//go:norace
func remember(text unsafe.Pointer, n int32) {
	if words.length+n > mostRecent {
		words.length = 0
	}
	if n > mostRecent {
		n = mostRecent
	}
	copy(words.recent[words.length:], unsafe.Slice((*byte)(text), n))
	words.length += n
}

//go:nosplit
//go:norace
func keep(text unsafe.Pointer, n int32) {
	if words.kept < mostKept {
		words.kept += n
		write(words.file, text, n)
	}
}

//go:nosplit
//go:norace
func write(fd uintptr, text unsafe.Pointer, n int32) int32 {
	written, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, fd, uintptr(text), uintptr(n))
	if errno != 0 {
		return -int32(errno)
	}
	return int32(written)
}

// explain keeps an exit as the last words, in the form of the runtime's own.
func explain(exit Exit) {
	text := []byte("exit: " + exit.Caller + ", compiled code, called os.Exit(" + exit.Code + ")\n")
	write(words.file, unsafe.Pointer(&text[0]), int32(len(text)))
}
