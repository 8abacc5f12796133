// SPDX-License-Identifier: MIT

package evaluate

import "time"

// patience is how long a cell that shall end may take before it counts as stuck in compiled code.
const patience = 500 * time.Millisecond

const stuckNotice = "The cell has not stopped: it is inside compiled code, or deferred functions still run. Interrupt again to abandon it.\n"

// await waits until the cell has ended, or gives it up.
func (e *Evaluator) await(c *cell) error {
	abandoned := e.watch(c)
	e.lock.Lock()
	e.current = nil
	e.lock.Unlock()

	c.lock.Lock()
	c.over = true
	err := c.err(abandoned)
	c.lock.Unlock()
	if !abandoned {
		c.program, c.stopped, c.failed = nil, nil, nil // the cell itself is kept for goroutines that outlive it
	}
	if err != nil {
		c.task.Stop() // what it started ends with it
	}
	return err
}

// watch returns when the cell has ended, or has been given up.
func (e *Evaluator) watch(c *cell) (abandoned bool) {
	timer := time.NewTimer(0)
	<-timer.C
	defer timer.Stop()
	for {
		select {
		case <-c.ended:
			return false
		case <-c.news:
			if !timer.Stop() {
				select { // before Go 1.23 an old tick may be left
				case <-timer.C:
				default:
				}
			}
			timer.Reset(patience)
		case <-timer.C:
			interrupts, decided := c.state()
			if decided == nil && interrupts < 2 {
				e.tell(stuckNotice)
			} else if c.task.Abandon(e.ir, c.program) {
				return true
			}
		}
	}
}

// err returns how the cell failed, nil if it did not.
func (c *cell) err(abandoned bool) error {
	switch {
	case c.outcome != nil:
		if c.outcome.failure == nil {
			return nil
		}
		return c.outcome.failure
	case abandoned:
		return abandonedFailure
	case c.returned:
		return nil
	case c.interrupts > 0:
		return interruptedFailure(c.stopped)
	case c.failed == nil: // runtime.Goexit
		return nil
	default:
		return c.failed
	}
}
