// SPDX-License-Identifier: MIT

package capture

// watch reads a stream whenever something arrives, for the life of the process.
func (c *Capture) watch(i int) {
	conn, err := c.streams[i].reader.SyscallConn()
	if err != nil {
		return
	}
	// The callback says each time that it wants more: it is called again once something
	// comes into an empty pipe. So it must be empty then: a writer that waits for room in
	// the middle of a megabyte tells nobody.
	conn.Read(func(uintptr) bool {
		for unread(c.streams[i].fd) > 0 {
			c.mu.Lock()
			c.drain(i)
			c.mu.Unlock()
		}
		return false
	})
}

// drain reads all that was written to either stream before the call, first's first.
//
// Of two pipes one can't know which was written to earlier, so the caller says which it
// thinks. No more is read than a pipe holds: what comes in during the call may never end.
func (c *Capture) drain(first int) {
	for _, i := range [2]int{first, 1 - first} {
		stream := c.streams[i]
		for seen := 0; seen < stream.capacity && unread(stream.fd) > 0; {
			n := stream.read(c.sink.room(i))
			c.sink.took(n)
			seen += n
		}
	}
}
