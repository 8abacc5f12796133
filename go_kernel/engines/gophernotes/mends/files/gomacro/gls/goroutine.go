// SPDX-License-Identifier: MPL-2.0

//go:build gc

package gls

import "unsafe"

// Label returns the address of the profiling labels of the current goroutine, nil if it has none.
//
// A goroutine inherits the labels of the goroutine that created it, also where compiled code did that.
// So labels that nobody else uses tell on whose behalf a goroutine runs.
//
// ref: https://pkg.go.dev/runtime/pprof#SetGoroutineLabels
func Label() unsafe.Pointer {
	return runtimeLabel()
}

// The runtime promises to keep this name and signature.
//
// ref: https://go.dev/issue/67401
//
//go:linkname runtimeLabel runtime/pprof.runtime_getProfLabel
func runtimeLabel() unsafe.Pointer

// StackInUse returns how much of its stack the current goroutine uses, in bytes.
//
// GoID is the address of what the runtime knows of a goroutine,
// and that begins with the bounds of its stack, the lower one first.
//
// ref: https://github.com/golang/go/blob/go1.22.0/src/runtime/runtime2.go#L422
func StackInUse() uintptr {
	var here byte
	upper := *(*uintptr)(unsafe.Pointer(GoID() + unsafe.Sizeof(uintptr(0))))
	return upper - uintptr(unsafe.Pointer(&here))
}
