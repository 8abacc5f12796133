// SPDX-License-Identifier: MIT

//go:build !linux

package deaths

import (
	"syscall"
	"unsafe"
)

// waitUntilWritable says whether something can be written, once it can.
//
//go:nosplit
//go:norace
func waitUntilWritable(fd uintptr) bool {
	descriptor := pollDescriptor{fd: int32(fd), wanted: writable}
	ready, _, errno := syscall.RawSyscall(syscall.SYS_POLL, uintptr(unsafe.Pointer(&descriptor)), 1, patience)
	return errno == 0 && ready > 0
}
