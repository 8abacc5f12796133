// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"errors"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// ErrInterrupted is what a command, and the import that it ran for, fails with after Interrupt.
var ErrInterrupted = errors.New("interrupted")

// How long an interrupted child has to end by itself.
const grace = 500 * time.Millisecond

// An operation is what Interrupt stops as a whole: an import takes several commands, and
// must not go on with the next where one was interrupted, or where it came between two.
type operation struct {
	stop    chan struct{} // closed by Interrupt
	stopped bool
}

// A child leads a process group of its own, so that all it starts can be ended with it.
type child struct {
	operation *operation // nil: not run for an operation, so not interrupted either
}

var work = struct {
	sync.Mutex
	current  *operation
	children map[int]*child // by process id, which is the group's too
}{children: map[int]*child{}}

// Begin marks the beginning of something that Interrupt ends; call end when it is over.
// There is one at a time, since a kernel runs one cell at a time.
func Begin() (end func()) {
	work.Lock()
	defer work.Unlock()
	mine := &operation{stop: make(chan struct{})}
	work.current = mine
	return func() {
		work.Lock()
		defer work.Unlock()
		if work.current == mine {
			work.current = nil
		}
	}
}

// Interrupt stops the operation that is under way: its child processes end, with all that
// they started, and what waits for them fails with ErrInterrupted. It returns at once.
func Interrupt() {
	work.Lock()
	defer work.Unlock()
	if work.current != nil && !work.current.stopped {
		work.current.stopped = true
		close(work.current.stop)
	}
	for pid, one := range work.children {
		if one.operation != nil {
			syscall.Kill(-pid, syscall.SIGINT)
			endLater(pid, one)
		}
	}
}

// EndChildren kills all child processes and what they started; call it right before this
// process ends.
func EndChildren() {
	work.Lock()
	defer work.Unlock()
	for pid := range work.children {
		syscall.Kill(-pid, syscall.SIGKILL)
	}
	endSession()
}

func endLater(pid int, one *child) {
	time.AfterFunc(grace, func() {
		work.Lock()
		defer work.Unlock()
		if work.children[pid] == one {
			syscall.Kill(-pid, syscall.SIGKILL)
		}
	})
}

// RunChild runs a command to its end, as a child that Interrupt and EndChildren reach.
func RunChild(cmd *exec.Cmd) error {
	done := make(chan error, 1)
	go func() {
		// On Linux a child can be made to end with its parent; its parent is the thread
		// that started it, so that one has to stay.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		done <- runChild(cmd)
	}()
	return <-done
}

func runChild(cmd *exec.Cmd) error {
	cmd.SysProcAttr = ownGroup()
	one, err := start(cmd)
	if err != nil {
		return err
	}
	err = cmd.Wait()
	work.Lock()
	defer work.Unlock()
	delete(work.children, cmd.Process.Pid)
	if one.operation != nil && one.operation.stopped {
		// Its group may have outlived it; as long as it does, no other gets its number.
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		return ErrInterrupted
	}
	return err
}

// start starts a child and takes note of it, so that no Interrupt comes in between.
func start(cmd *exec.Cmd) (*child, error) {
	work.Lock()
	defer work.Unlock()
	if work.current != nil && work.current.stopped {
		return nil, ErrInterrupted
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	one := &child{operation: work.current}
	work.children[cmd.Process.Pid] = one
	return one, nil
}

// interrupted is closed when the present operation is; nil, which never is, without one.
func interrupted() <-chan struct{} {
	work.Lock()
	defer work.Unlock()
	if work.current == nil {
		return nil
	}
	return work.current.stop
}
