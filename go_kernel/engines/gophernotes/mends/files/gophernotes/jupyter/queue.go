// SPDX-License-Identifier: MIT

package jupyter

import (
	"sync"
	"time"

	"github.com/gopherdata/gophernotes/zmtp"
)

// queueBound is how many bytes of requests may wait; then no more are read.
const queueBound = 64 << 20

// request is a message that waits to be answered, or is being answered.
type request struct {
	*message
	from    *zmtp.Peer
	arrived time.Time
	started time.Time // when it began to be answered
	aborted bool      // a cell before it has failed: it is not to be run

	afterReply, afterIdle func() // called once these are on their way; nil: nothing
}

// queue holds the requests of one channel.
type queue struct {
	mu      sync.Mutex
	changed *sync.Cond
	waiting []*request
	bytes   int
	closed  bool
}

func newQueue() *queue {
	q := &queue{}
	q.changed = sync.NewCond(&q.mu)
	return q
}

// put adds a request; it waits while the queue is full.
func (q *queue) put(r *request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.bytes >= queueBound && !q.closed {
		q.changed.Wait()
	}
	q.waiting = append(q.waiting, r)
	q.bytes += r.size
	q.changed.Broadcast()
}

// get waits for a request; nil: the queue is closed.
func (q *queue) get() *request {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && !q.closed {
		q.changed.Wait()
	}
	if q.closed {
		return nil
	}
	r := q.waiting[0]
	q.waiting = q.waiting[1:]
	q.bytes -= r.size
	q.changed.Broadcast()
	return r
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.changed.Broadcast()
}

// abort marks the execute_requests that wait.
func (q *queue) abort() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range q.waiting {
		if r.header.Type == "execute_request" {
			r.aborted = true
		}
	}
}
