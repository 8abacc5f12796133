// SPDX-License-Identifier: MIT

package capture

import (
	"os"
	"path/filepath"
	"syscall"
)

// ends are descriptors of one pipe.
type ends struct {
	read, write int
	impatient   int // to write as well, without ever blocking
}

// newPipe makes a pipe with two descriptors to write to, one of which doesn't block. An
// ordinary pipe has one, and who shares it shares its flags; a named one has as many as
// it is opened times.
func newPipe(scratch string) (ends, error) {
	for _, folder := range []string{scratch, os.TempDir()} {
		if made, err := namedPipe(folder); err == nil {
			return made, nil
		}
	}
	return plainPipe()
}

func namedPipe(base string) (ends, error) {
	folder, err := os.MkdirTemp(base, "pipe-")
	if err != nil {
		return ends{}, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		return ends{}, err
	}
	var opened []int
	for _, flags := range []int{
		syscall.O_RDONLY | syscall.O_NONBLOCK, syscall.O_WRONLY, syscall.O_WRONLY | syscall.O_NONBLOCK,
	} {
		fd, err := syscall.Open(path, flags|syscall.O_CLOEXEC, 0)
		if err != nil {
			closeAll(opened)
			return ends{}, err
		}
		opened = append(opened, fd)
	}
	return ends{opened[0], opened[1], opened[2]}, nil
}

// plainPipe serves where no named pipe can be made: on some file systems.
func plainPipe() (ends, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	var made [2]int
	if err := syscall.Pipe(made[:]); err != nil {
		return ends{}, err
	}
	syscall.CloseOnExec(made[0])
	syscall.CloseOnExec(made[1])
	return ends{made[0], made[1], made[1]}, syscall.SetNonblock(made[0], true)
}

func closeAll(descriptors []int) {
	for _, fd := range descriptors {
		syscall.Close(fd)
	}
}

// duplicate gives another descriptor that programs started by us don't inherit.
func duplicate(fd int) (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	copied, err := syscall.Dup(fd)
	if err == nil {
		syscall.CloseOnExec(copied)
	}
	return copied, err
}

// unread is how many bytes wait in a pipe.
func unread(fd int) int {
	var n int32
	if ioctl(fd, fionread, &n) != nil {
		return 0
	}
	return int(n)
}
