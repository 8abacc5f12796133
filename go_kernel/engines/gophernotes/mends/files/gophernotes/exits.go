// SPDX-License-Identifier: MIT

package main

import (
	"time"

	"github.com/gopherdata/gophernotes/deaths"
	"github.com/gopherdata/gophernotes/jupyter"
)

// How long the end of this process waits until its reason is told.
const lastMoment = time.Second

// exited tells of a call of os.Exit by compiled code outside of a cell's own goroutine.
func (l *language) exited(exit deaths.Exit) {
	failure := jupyter.Failure{
		Name: "exit", Value: exit.Error(), Traceback: []string{"exit: " + exit.Error()},
	}
	if !exit.Fatal {
		l.server.Fail(failure)
		return
	}
	told := make(chan struct{})
	go func() {
		defer close(told)
		l.output.Flush()
		l.server.Dying(failure)
	}()
	select {
	case <-told:
	case <-time.After(lastMoment):
	}
}

// mourn says in the first cell how the kernel before this one ended, if nobody told it to.
func (l *language) mourn() {
	if text := deaths.Predecessor(); text != "" {
		l.server.Stream("stderr", text)
	}
}
