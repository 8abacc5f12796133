// SPDX-License-Identifier: MIT

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
	timeout := syscall.NsecToTimespec(patience * 1e6)
	descriptor := pollDescriptor{fd: int32(fd), wanted: writable}
	ready, _, errno := syscall.RawSyscall6(syscall.SYS_PPOLL,
		uintptr(unsafe.Pointer(&descriptor)), 1, uintptr(unsafe.Pointer(&timeout)), 0, 0, 0)
	return errno == 0 && ready > 0
}
