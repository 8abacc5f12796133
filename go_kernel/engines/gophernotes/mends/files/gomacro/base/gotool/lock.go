// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"errors"
	"os"
	"syscall"
)

// lock waits until this process alone holds the lock of that file; release lets go of
// it. It ends with its process, whatever becomes of it. waiting is called where another
// process holds it. Where there are no locks, as on some network file systems, one does
// without: what is written is renamed into place, so two builds of the same do no harm.
// The one error is ErrInterrupted.
func lock(file string, waiting func()) (release func(), err error) {
	handle, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0600)
	if err != nil {
		return func() {}, nil
	}
	release = func() { handle.Close() }
	switch err := flock(handle, syscall.LOCK_EX|syscall.LOCK_NB); {
	case err == nil:
		return release, nil
	case !errors.Is(err, syscall.EWOULDBLOCK):
		return release, nil
	}
	waiting()
	got := make(chan struct{})
	go func() {
		flock(handle, syscall.LOCK_EX)
		close(got)
	}()
	select {
	case <-got:
		return release, nil
	case <-interrupted():
		go func() {
			<-got
			handle.Close()
		}()
		return nil, ErrInterrupted
	}
}

func flock(handle *os.File, how int) error {
	for {
		if err := syscall.Flock(int(handle.Fd()), how); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
