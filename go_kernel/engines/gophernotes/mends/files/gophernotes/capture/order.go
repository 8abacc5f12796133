// SPDX-License-Identifier: MIT

package capture

import (
	"io"
	"os"
)

// turn keeps the order of both streams: called before something is written to one of
// them, it takes over what waits in the other. As long as nothing does, it costs a
// question to the system.
func (c *Capture) turn(to int) {
	before := int(c.last.Swap(int32(to)))
	if before == to && unread(c.streams[1-to].fd) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drain(before)
}

// ordered is a stream for those who write to both and care which comes first.
type ordered struct {
	capture *Capture
	to      int
}

// Write writes to the captured stream, in order.
func (o ordered) Write(text []byte) (int, error) {
	o.capture.turn(o.to)
	return o.capture.streams[o.to].file().Write(text)
}

// WriteString is Write for strings.
func (o ordered) WriteString(text string) (int, error) {
	o.capture.turn(o.to)
	return o.capture.streams[o.to].file().WriteString(text)
}

// streamOf says which captured stream a writer is: -1 for none.
func (c *Capture) streamOf(writer any) int {
	if file, ok := writer.(*os.File); ok && file != nil {
		for i, stream := range c.streams {
			if file == stream.file() {
				return i
			}
		}
	}
	return -1
}

// inOrder gives the writer to use instead of a captured stream; others are left alone.
func (c *Capture) inOrder(writer any) any {
	if i := c.streamOf(writer); i >= 0 {
		return ordered{c, i}
	}
	return writer
}

// next is turn for a writer that may be a captured stream.
func (c *Capture) next(writer io.Writer) io.Writer {
	if i := c.streamOf(writer); i >= 0 {
		c.turn(i)
	}
	return writer
}
