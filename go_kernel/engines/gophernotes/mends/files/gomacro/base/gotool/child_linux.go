// SPDX-License-Identifier: MPL-2.0

package gotool

import "syscall"

// ownGroup makes a child the leader of a process group that ends when this process is killed.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
