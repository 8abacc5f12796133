// SPDX-License-Identifier: MIT

//go:build !linux

package capture

import (
	"syscall"
	"unsafe"
)

const (
	fionread = 0x4004667f // the same on macOS and all BSDs
	// The largest a pipe gets by itself on macOS.
	largest = 1 << 16
)

// replace makes descriptor `to` another name for `from`, inherited by child processes.
func replace(from, to int) error { return syscall.Dup2(from, to) }

// enlarge says how much a pipe holds at most: elsewhere than on Linux it can't be chosen.
func enlarge(int) int { return largest }

func ioctl(fd int, request uintptr, n *int32) error {
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), request, uintptr(unsafe.Pointer(n)))
	if errno != 0 {
		return errno
	}
	return nil
}
