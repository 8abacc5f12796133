// SPDX-License-Identifier: MIT

package zmtp

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
)

// conn is a connection to one peer.
type conn struct {
	net      net.Conn
	reader   *frameReader
	out      *outbox
	identity string // the peer's; empty: it has none
	logf     Logf

	once sync.Once
}

// next gives the next message. Commands that come before it are answered or given to
// `command`.
func (c *conn) next(command func(name string, data []byte) error) ([][]byte, error) {
	c.reader.giveBack(0)
	var frames [][]byte
	left := maxMessage
	for {
		flags, size, err := c.reader.header()
		if err != nil {
			if len(frames) > 0 {
				err = cutOff(err)
			}
			return nil, err
		}
		if flags&flagCommand != 0 {
			if err := c.readCommand(size, command); err != nil {
				return nil, err
			}
			continue
		}
		if size > uint64(left) {
			return nil, fmt.Errorf("a message has more than %d bytes", maxMessage)
		}
		body, err := c.reader.body(int(size))
		if err != nil {
			return nil, err
		}
		left -= len(body)
		frames = append(frames, body)
		if flags&flagMore == 0 {
			return frames, nil
		}
		if len(frames) == maxFrames {
			return nil, fmt.Errorf("a message has more than %d frames", maxFrames)
		}
	}
}

func (c *conn) readCommand(size uint64, other func(name string, data []byte) error) error {
	if size > maxCommand {
		return fmt.Errorf("a command has %d bytes", size)
	}
	defer c.reader.giveBack(c.reader.held)
	body, err := c.reader.body(int(size))
	if err != nil {
		return err
	}
	name, data, err := splitCommand(body)
	switch {
	case err != nil:
		return err
	case name == "PING":
		return c.pong(data)
	case other != nil:
		return other(name, data)
	}
	return nil // a command that is not known concerns nobody
}

// pong answers a PING: its time to live is left out, its context goes back.
// ref: https://rfc.zeromq.org/spec/37/#connection-heartbeating
func (c *conn) pong(data []byte) error {
	if len(data) < 2 || len(data) > 2+16 {
		return errors.New("a PING is malformed")
	}
	return c.send([][]byte{encodeCommand("PONG", data[2:])}, len(data))
}

// send queues bytes that are ready to be written. A peer that is too far behind is
// disconnected.
func (c *conn) send(parts net.Buffers, size int) error {
	err := c.out.add(parts, size)
	if err != nil {
		c.close(err)
	}
	return err
}

// close ends the connection, and logs the reason unless it is an ordinary one.
func (c *conn) close(reason error) {
	c.once.Do(func() {
		if !isOrdinaryEnd(reason) {
			c.logf("connection closed: %v", reason)
		}
		c.out.close()
		c.net.Close()
	})
}

// isOrdinaryEnd says whether a connection ended because a side has hung up.
func isOrdinaryEnd(err error) bool {
	for _, ordinary := range []error{
		net.ErrClosed, errHungUp, errSilent, syscall.ECONNRESET, syscall.EPIPE,
	} {
		if errors.Is(err, ordinary) {
			return true
		}
	}
	return err == nil
}

// errHungUp is the end of a connection between two messages.
var errHungUp = errors.New("the peer has hung up")

func newConn(c net.Conn, total *budget, soft, hard int, logf Logf) *conn {
	reader := &frameReader{source: bufio.NewReaderSize(c, 16<<10), budget: total}
	return &conn{net: c, reader: reader, out: newOutbox(soft, hard), logf: logf}
}
