package jpyexec

import (
	"os"
	"syscall"
	"time"
)

// drainLimit bounds the wait for what a program displayed: somebody else may hold its pipe open.
const drainLimit = 2 * time.Second

// drainPipeReader waits until all that the program displayed has been read and passed on.
//
// The program has ended.  The reader is closed next, and what was still in the pipe would be
// lost: a picture that a cell shows at its end.
func (exec *Executor) drainPipeReader() {
	if exec.pipeDrained == nil {
		return
	}
	// A reader whose program never opened the pipe waits for somebody to do so.
	writer, err := os.OpenFile(exec.namedPipeReaderPath, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return // nobody reads yet, so nobody has written
	}
	_ = writer.Close()
	select {
	case <-exec.pipeDrained:
	case <-time.After(drainLimit):
	}
}
