// SPDX-License-Identifier: MIT

package jupyter

import "time"

// lastFailure is the last error that ended a cell and was to stop those after it.
//
// What waits in the queue is aborted. But of the cells that a client sends in one go some
// may still be on their way when the first one fails at once: those were sent before the
// client could know of the error, too. Only differences of times of one and the same clock
// are compared: the client's, of when it sent what, and ours, of how long the first one took.
type lastFailure struct {
	session string
	sent    time.Time     // by the client's clock
	took    time.Duration // from its arrival until it failed
	at      time.Time     // by ours
}

// inFlight is how long a message can be on its way; then a date that is early is no proof.
const inFlight = 5 * time.Second

func noteFailure(r *request) *lastFailure {
	sent, err := time.Parse(time.RFC3339Nano, r.header.Date)
	if err != nil || r.header.Session == "" {
		return nil
	}
	now := time.Now()
	return &lastFailure{r.header.Session, sent, now.Sub(r.arrived), now}
}

// covers says whether a request was sent before its client could know of the failure.
func (f *lastFailure) covers(r *request) bool {
	if f == nil || r.header.Session != f.session || r.arrived.Sub(f.at) > inFlight {
		return false
	}
	sent, err := time.Parse(time.RFC3339Nano, r.header.Date)
	if err != nil || sent.Before(f.sent) {
		return false
	}
	later := sent.Sub(f.sent)
	if sent.Nanosecond()%int(time.Millisecond) == 0 {
		later += time.Millisecond // a browser's dates are cut off there
	}
	return later < f.took
}
