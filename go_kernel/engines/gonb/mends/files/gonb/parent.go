// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"strconv"
	"syscall"
	"time"
)

// How often a kernel looks whether its server is still there.
const parentPoll = time.Second

// watchParent ends this kernel, with all that it started, when the process that started
// it has gone: a server that was killed can't tell its kernels to end.
//
// JPY_PARENT_PID is set by Jupyter, except for kernels that are meant to outlive it.
// A kernel started through a wrapper has another parent from the first and is left alone.
// `folders` are removed at the end.
func watchParent(folders ...string) {
	parent, err := strconv.Atoi(os.Getenv("JPY_PARENT_PID"))
	if err != nil || parent <= 1 {
		return
	}
	now := os.Getppid()
	if now != parent && now != 1 {
		return
	}
	go func() {
		for os.Getppid() == parent {
			time.Sleep(parentPoll)
		}
		endAll(folders)
	}()
}

// endAll ends what this kernel started, removes its folders, and ends itself.
func endAll(folders []string) {
	endFamily()
	for _, folder := range folders {
		if folder != "" {
			_ = os.RemoveAll(folder)
		}
	}
	if pid := os.Getpid(); syscall.Getpgrp() == pid {
		_ = syscall.Kill(-pid, syscall.SIGKILL)
	}
	os.Exit(1)
}
