// SPDX-License-Identifier: MIT

// Package capture takes over what a process prints: interpreted code, compiled code, C
// code and child processes alike.
//
// Descriptors 1 and 2 are pipes for the life of the process, so that whoever writes to
// them need not know of us. One of their ends is read here and handed on in pieces that
// are large under load and early otherwise. Nothing is kept beyond one such piece: while
// it can't be handed on the pipes fill, and who writes waits.
//
// Pipes, and not sockets that would keep both streams in one order: a program may open
// /dev/stdout again, and may write a megabyte at once.
package capture

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/gopherdata/gophernotes/deaths"
)

// Capture is the output of this process.
type Capture struct {
	log     *os.File
	streams [2]*stream // stdout, stderr

	mu   sync.Mutex // held while reading and publishing: both happen in one order
	sink sink

	last atomic.Int32 // the stream that ordered writers wrote to
}

const (
	stdout = 0
	stderr = 1
)

// Start takes over descriptors 0, 1 and 2: 0 becomes /dev/null, the others are captured.
//
// publish is called with "stdout" or "stderr" and valid UTF-8, by one goroutine at a
// time; while it blocks, writers wait. It must not print.
// os.Stdout, os.Stderr and the standard logger write to the captured streams from now
// on, as does what the interpreter's fmt, log and print write; see Begin.
func Start(publish func(stream, text string)) (*Capture, error) {
	log, err := duplicate(2)
	if err != nil {
		return nil, fmt.Errorf("the process's stderr cannot be kept: %w", err)
	}
	scratch := os.Getenv("GOKERNEL_SCRATCH")
	if scratch != "" {
		os.MkdirAll(scratch, 0o700)
	}
	c := &Capture{log: os.NewFile(uintptr(log), "stderr"), sink: sink{publish: publish}}
	if err := readNothing(); err != nil {
		return nil, fmt.Errorf("descriptor 0 cannot be replaced: %w", err)
	}
	for i, name := range []string{"stdout", "stderr"} {
		if c.streams[i], err = newStream(name, i+1, scratch); err != nil {
			return nil, fmt.Errorf("%s cannot be captured: %w", name, err)
		}
	}
	deaths.Record(scratch, log, c.streams[stderr].impatient)
	c.sink.lock = &c.mu
	c.Begin()
	c.bind()
	for i := range c.streams {
		go c.watch(i)
	}
	return c, nil
}

// Log is the process's own stderr as it was: the kernel's log, never seen in a notebook.
func (c *Capture) Log() *os.File { return c.log }

// Begin gives the next cell an os.Stdout and an os.Stderr that work, whatever an earlier
// one did: closed files are replaced. Files that a cell has put there stay.
func (c *Capture) Begin() {
	for i, at := range []**os.File{&os.Stdout, &os.Stderr} {
		stream := c.streams[i]
		stream.restore()
		if closed(stream.file()) {
			stream.open()
		}
		if !stream.handedOut || closed(*at) {
			keep(*at)
			*at = stream.file()
			stream.handedOut = true
		}
	}
}

// Flush returns once all that this process has written so far is published.
// It ends lines: an incomplete character that was held back is published as U+FFFD.
func (c *Capture) Flush() { c.publish(true) }

// Sync is Flush in the middle of a cell, for what must be seen before or after output: a
// picture, a question. An incomplete character is still held back.
func (c *Capture) Sync() { c.publish(false) }

func (c *Capture) publish(end bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drain(int(c.last.Load()))
	c.sink.emit()
	if end {
		c.sink.emitTails()
	}
}

func closed(file *os.File) bool {
	if file == nil {
		return true
	}
	_, err := file.Stat()
	return err != nil
}

// keep holds on to files that stand for descriptors 0, 1 and 2: when such a file is
// collected as garbage its descriptor is closed.
func keep(file *os.File) { kept = append(kept, file) }

var kept []*os.File

func readNothing() error {
	null, err := syscall.Open(os.DevNull, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(null)
	return replace(null, 0)
}
