// SPDX-License-Identifier: MIT

package zmtp

import (
	"errors"
	"net"
)

// How much an Echo holds back for one peer.
const echoBound = 1 << 20

// Echo is a REP socket that gives every message back: a kernel's heartbeat. It answers
// whatever else the process is doing.
type Echo struct{ socket }

// NewEcho serves a listener, which the Echo closes in the end.
func NewEcho(listener net.Listener, logf Logf) *Echo {
	e := &Echo{socket{kind: repKind, listener: listener, logf: logf, soft: echoBound, hard: 2 * echoBound}}
	e.serve = e.echo
	e.start()
	return e
}

func (e *Echo) echo(c *conn) error {
	for {
		frames, err := c.next(nil)
		if err != nil {
			return err
		}
		parts, size := encode(frames)
		if size > echoBound {
			return errors.New("a heartbeat is too large")
		}
		c.out.waitForRoom()
		if err := c.send(parts, size); err != nil {
			return err
		}
	}
}
