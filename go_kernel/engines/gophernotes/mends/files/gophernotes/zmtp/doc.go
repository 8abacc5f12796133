// SPDX-License-Identifier: MIT

// Package zmtp is the server's side of ZeroMQ's wire protocol, ZMTP 3.0 and 3.1, with the
// NULL mechanism: what a Jupyter kernel needs of ZeroMQ, and nothing else.
//
// Whoever can reach a port can connect to it, without any key. So no connection may hold
// up another one, make the process allocate what was only announced, or end it: each has
// goroutines, deadlines and bounds of its own, and one that breaks a rule is closed.
//
// ref: https://rfc.zeromq.org/spec/37/
package zmtp

import "time"

const (
	// How long a connection may take for its greeting and its READY.
	handshakeTime = 10 * time.Second

	// How many connections a socket has at most.
	maxConnections = 1000

	// How large one message may be, and how many frames it may have.
	maxMessage = 256 << 20
	maxFrames  = 1 << 16

	// How many bytes of messages that are not whole yet a socket holds at most, over all
	// of its connections.
	maxUnfinished = 512 << 20

	// How large a command may be: READY, a subscription, PING.
	maxCommand = 64 << 10

	// How long a peer may take nothing at all before it counts as stalled, how much it
	// has to take in that time, and how often a write looks.
	stallTime = 10 * time.Second
	stallTake = 256 << 10
	writeTick = time.Second

	// What is handed to the operating system at once.
	writeBatch = 256 << 10
)

// Logf writes a line to a log.
type Logf func(format string, values ...any)
