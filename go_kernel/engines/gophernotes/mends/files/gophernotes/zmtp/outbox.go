// SPDX-License-Identifier: MIT

package zmtp

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// entryCost is counted for each entry beside its bytes: many small ones are much, too.
const entryCost = 128

// entry is a message in an outbox, or a gap where messages have been left out.
type entry struct {
	parts net.Buffers
	size  int
	gap   *gap
}

// gap counts what was left out in one place, and makes the message that says so.
type gap struct {
	bytes  int
	notice func(bytes int) [][]byte
}

// outbox is what is still to be written to one connection.
//
// From `soft` bytes on it has no room: who can wait waits. From `hard` bytes on it takes
// nothing. Both are looked at before something is added, so a message of any size can be
// sent to a peer that reads.
type outbox struct {
	soft, hard int

	mu      sync.Mutex
	changed *sync.Cond
	queue   []entry
	bytes   int  // in the queue and in the batch that is being written
	stalled bool // the peer has taken nothing for some time
	closed  bool
}

func newOutbox(soft, hard int) *outbox {
	o := &outbox{soft: soft, hard: hard}
	o.changed = sync.NewCond(&o.mu)
	return o
}

// add queues a message.
func (o *outbox) add(parts net.Buffers, size int) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return net.ErrClosed
	}
	if o.bytes >= o.hard {
		return fmt.Errorf("the peer is more than %d bytes behind", o.hard)
	}
	o.push(entry{parts: parts, size: size + entryCost})
	return nil
}

// addOrSkip queues a message that may be left out where the peer is stalled and has much
// to read already; then it is counted.
func (o *outbox) addOrSkip(parts net.Buffers, size, counts int, notice func(int) [][]byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.closed:
	case !o.stalled || o.bytes < o.soft:
		o.push(entry{parts: parts, size: size + entryCost})
	case len(o.queue) > 0 && o.queue[len(o.queue)-1].gap != nil:
		o.queue[len(o.queue)-1].gap.bytes += counts
	default:
		o.push(entry{size: entryCost, gap: &gap{counts, notice}})
	}
}

func (o *outbox) push(e entry) {
	o.queue = append(o.queue, e)
	o.bytes += e.size
	o.changed.Broadcast()
}

// waitForRoom returns when there is room, or no use in waiting for it.
func (o *outbox) waitForRoom() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.bytes >= o.soft && !o.stalled && !o.closed {
		o.changed.Wait()
	}
}

// flush returns when all is written, there is no use in waiting for it, or time is up.
func (o *outbox) flush(deadline time.Time) {
	timer := time.AfterFunc(time.Until(deadline), func() {
		o.mu.Lock() // else it could fall between the look at the clock and the wait
		defer o.mu.Unlock()
		o.changed.Broadcast()
	})
	defer timer.Stop()
	o.mu.Lock()
	defer o.mu.Unlock()
	for o.bytes > 0 && !o.stalled && !o.closed && time.Now().Before(deadline) {
		o.changed.Wait()
	}
}

func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.queue, o.bytes = nil, 0
	o.changed.Broadcast()
}

// writeTo writes what is queued, until the outbox is closed or a write fails.
func (o *outbox) writeTo(conn net.Conn) error {
	for {
		some := o.takeSome()
		if len(some) == 0 {
			return net.ErrClosed
		}
		batch, size := join(some)
		if err := o.write(conn, batch); err != nil {
			return err
		}
		o.mu.Lock()
		o.bytes = max(0, o.bytes-size)
		o.changed.Broadcast()
		o.mu.Unlock()
	}
}

// join gives what is to be written for some entries.
func join(some []entry) (batch net.Buffers, size int) {
	for _, e := range some {
		size += e.size
		if e.gap == nil {
			batch = append(batch, e.parts...)
			continue
		}
		parts, _ := encode(e.gap.notice(e.gap.bytes))
		batch = append(batch, parts...)
	}
	return batch, size
}

// takeSome waits for something to write, and gives some of it; none: the outbox is closed.
func (o *outbox) takeSome() []entry {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.queue) == 0 && !o.closed {
		o.changed.Wait()
	}
	count, size := 0, 0
	for count < len(o.queue) && size < writeBatch {
		size += o.queue[count].size
		count++
	}
	some := o.queue[:count:count]
	o.queue = o.queue[count:]
	return some
}

// write writes a batch, however long the peer takes for it, and notes whether it takes
// anything.
func (o *outbox) write(conn net.Conn, batch net.Buffers) error {
	last, taken := time.Now(), int64(0)
	for len(batch) > 0 {
		conn.SetWriteDeadline(time.Now().Add(writeTick))
		n, err := batch.WriteTo(conn)
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		taken += n
		// Next to nothing is nothing: else one byte now and then would hold up everybody.
		if err == nil || taken >= stallTake {
			last, taken = time.Now(), 0
		}
		o.setStalled(time.Since(last) >= stallTime)
	}
	return nil
}

func (o *outbox) setStalled(stalled bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.stalled != stalled {
		o.stalled = stalled
		o.changed.Broadcast()
	}
}
