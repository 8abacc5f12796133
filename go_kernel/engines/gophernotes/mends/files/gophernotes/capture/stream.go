// SPDX-License-Identifier: MIT

package capture

import (
	"os"
	"sync/atomic"
	"syscall"
)

// stream is one captured descriptor.
type stream struct {
	name      string
	reader    *os.File // not blocking
	fd        int      // reader's
	writer    int      // a private descriptor to write to it
	impatient int      // another, for those who would rather lose something than wait
	captured  int
	capacity  int // of the pipe
	current   atomic.Pointer[os.File]
	handedOut bool // whether os.Stdout or os.Stderr has been set to it
}

// newStream replaces a descriptor by a pipe.
//
// Go code doesn't write to the descriptor itself but to another one: closing os.Stdout
// then closes just that. The pipe's name is in the folder scratch while it is made.
func newStream(name string, descriptor int, scratch string) (*stream, error) {
	ends, err := newPipe(scratch)
	if err != nil {
		return nil, err
	}
	s := &stream{
		name:      name,
		fd:        ends.read,
		writer:    ends.write,
		impatient: ends.impatient,
		captured:  descriptor,
		capacity:  enlarge(ends.read),
	}
	if err := replace(s.writer, s.captured); err != nil {
		return nil, err
	}
	s.reader = os.NewFile(uintptr(s.fd), name)
	return s, nil
}

// restore captures the descriptor again, where somebody closed it.
func (s *stream) restore() {
	var stat syscall.Stat_t
	if syscall.Fstat(s.captured, &stat) == syscall.EBADF {
		replace(s.writer, s.captured)
	}
}

// open makes a new file that writes to the stream.
func (s *stream) open() {
	fd, err := duplicate(s.writer)
	if err != nil {
		return // no descriptor left; the next cell tries again
	}
	s.current.Store(os.NewFile(uintptr(fd), "/dev/"+s.name))
}

func (s *stream) file() *os.File { return s.current.Load() }

// read takes what is there, without waiting.
func (s *stream) read(into []byte) int {
	for {
		n, err := syscall.Read(s.fd, into)
		if err == syscall.EINTR {
			continue
		}
		return max(n, 0)
	}
}
