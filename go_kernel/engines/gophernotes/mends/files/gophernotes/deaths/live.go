// SPDX-License-Identifier: MIT

package deaths

import (
	"syscall"
	"unsafe"
)

// How long the builtin println waits, in milliseconds, while nobody reads what it wrote
// before. Not for ever: it keeps others from running, on one processor the reader too.
const patience = 100

var (
	lost   bool
	notice = []byte("(compiled code printed more here than could be kept)\n")
)

// live writes what the runtime writes while the process lives.
//
//go:nosplit
//go:norace
func live(text unsafe.Pointer, n int32) {
	if lost {
		if write(words.stderr, unsafe.Pointer(&notice[0]), int32(len(notice))) < 0 {
			return
		}
		lost = false
	}
	for n > 0 {
		written := write(words.stderr, text, n)
		if written == -int32(syscall.EAGAIN) && waitUntilWritable(words.stderr) {
			continue
		}
		if written <= 0 {
			lost = written == -int32(syscall.EAGAIN)
			return
		}
		text = unsafe.Add(text, written)
		n -= written
	}
}

type pollDescriptor struct {
	fd              int32
	wanted, happens int16
}

const writable = 4 // POLLOUT
