// SPDX-License-Identifier: MPL-2.0

//go:build !linux

package gotool

import "syscall"

// ownGroup makes a child the leader of a process group.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
