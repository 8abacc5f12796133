// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/cosmos72/gomacro/base/gotool"
)

// How often a kernel looks whether its server is still there.
const parentPoll = time.Second

// watchParent ends this kernel when the process that started it has gone: a server
// that was killed can't tell its kernels to end.
//
// JPY_PARENT_PID is set by Jupyter, except for kernels that are meant to outlive it.
// A kernel started through a wrapper has another parent from the first and is left alone.
func watchParent() {
	parent, err := strconv.Atoi(os.Getenv("JPY_PARENT_PID"))
	if err != nil || parent <= 1 {
		return
	}
	now := os.Getppid()
	if now == 1 {
		endGroup() // it went before we could look
	}
	if now != parent {
		return
	}
	go func() {
		for os.Getppid() == parent {
			time.Sleep(parentPoll)
		}
		endGroup()
	}()
}

// endGroup ends this process and what it started: a `go build`, which has a group of its
// own, must not go on for a kernel that is no more; nor what else is in this one's group.
func endGroup() {
	gotool.EndChildren()
	gotool.RemoveScratch()
	if pid := os.Getpid(); syscall.Getpgrp() == pid {
		syscall.Kill(-pid, syscall.SIGKILL)
	}
	os.Exit(1)
}
