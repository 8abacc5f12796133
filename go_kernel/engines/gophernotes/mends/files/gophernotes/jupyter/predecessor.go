// SPDX-License-Identifier: MIT

package jupyter

import "time"

var started = time.Now()

// How long ago, before this kernel's start, a message for its predecessor can have been
// sent. Longer ago means that the sender's clock is another one, and says nothing.
const longestUndelivered = 10 * time.Second

// meantForPredecessor says whether a message was sent, at date, to the kernel that had
// our ports before us: a client's socket that had not delivered it when that one ended
// connects to us and delivers it here. A shutdown_request among them would end us.
//
// It is asked for nothing else. An execute_request that is as old can come from a client
// that asked for the restart and didn't wait until it was over; it wants the cell run, and
// an unanswered request would have it wait for ever. An interrupt finds nothing to stop.
func meantForPredecessor(date string) bool {
	sent, err := time.Parse(time.RFC3339Nano, date)
	return err == nil && sent.Before(started) && started.Sub(sent) < longestUndelivered
}
