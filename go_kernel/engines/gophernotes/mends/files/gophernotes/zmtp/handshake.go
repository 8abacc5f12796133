// SPDX-License-Identifier: MIT

package zmtp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"
)

// The greeting: signature, version 3.1, mechanism NULL, no server of a mechanism, filler.
// ref: https://rfc.zeromq.org/spec/37/#formal-grammar
var greeting = func() []byte {
	g := make([]byte, 64)
	g[0], g[9] = 0xff, 0x7f
	g[10], g[11] = 3, 1
	copy(g[12:32], "NULL")
	return g
}()

// identityLimit is ZeroMQ's own.
const identityLimit = 255

// errSilent is the end of a connection that never sent anything: somebody has looked
// whether the port is open.
var errSilent = errors.New("nothing was sent")

// kind is a socket type and those that may connect to it.
// ref: https://rfc.zeromq.org/spec/37/#socket-type-property-values
type kind struct {
	name  string
	peers []string
}

var (
	routerKind = kind{"ROUTER", []string{"DEALER", "REQ", "ROUTER"}}
	pubKind    = kind{"PUB", []string{"SUB", "XSUB"}}
	repKind    = kind{"REP", []string{"REQ", "DEALER"}}
)

// shakeHands exchanges greetings and properties, and gives the peer's identity, which is
// empty where it has none.
func shakeHands(conn net.Conn, reader *frameReader, k kind) (identity string, err error) {
	conn.SetDeadline(time.Now().Add(handshakeTime))
	defer conn.SetDeadline(time.Time{})
	if _, err := conn.Write(greeting); err != nil {
		return "", err
	}
	if err := readGreeting(reader.source); err != nil {
		return "", err
	}
	ready := appendProperty(nil, "Socket-Type", k.name)
	if _, err := conn.Write(encodeCommand("READY", ready)); err != nil {
		return "", err
	}
	properties, err := readReady(reader)
	if err != nil {
		return "", err
	}
	if peer := properties["socket-type"]; !slices.Contains(k.peers, peer) {
		return "", fmt.Errorf("a socket of the type %q can't connect to a %s", peer, k.name)
	}
	identity = properties["identity"]
	if len(identity) > identityLimit {
		return "", fmt.Errorf("an identity has %d bytes", len(identity))
	}
	return identity, nil
}

// readGreeting reads the peer's greeting; what is older than version 3 ends early.
func readGreeting(source io.Reader) error {
	start := make([]byte, 11)
	if n, err := io.ReadFull(source, start); err != nil {
		if n == 0 {
			return fmt.Errorf("%w (%w)", errSilent, err)
		}
		return cutOff(err)
	}
	if start[0] != 0xff || start[9]&1 == 0 {
		return errors.New("what was sent is no ZMTP")
	}
	if start[10] < 3 {
		return errors.New("the peer speaks a ZMTP older than 3.0: it needs ZeroMQ 4.0 or newer")
	}
	rest := make([]byte, len(greeting)-len(start))
	if _, err := io.ReadFull(source, rest); err != nil {
		return cutOff(err)
	}
	if mechanism := bytes.TrimRight(rest[1:21], "\x00"); string(mechanism) != "NULL" {
		return fmt.Errorf("the peer wants the security mechanism %q; only NULL is known", mechanism)
	}
	return nil
}

// readReady reads the command that ends the handshake, and gives its properties by their
// names in lower case.
func readReady(reader *frameReader) (map[string]string, error) {
	flags, size, err := reader.header()
	if err != nil {
		return nil, cutOff(err)
	}
	if flags&flagCommand == 0 || size > maxCommand {
		return nil, errors.New("the handshake is not ended by READY")
	}
	defer reader.giveBack(0)
	body, err := reader.body(int(size))
	if err != nil {
		return nil, err
	}
	name, data, err := splitCommand(body)
	if err != nil {
		return nil, err
	}
	if name != "READY" {
		return nil, fmt.Errorf("the handshake is ended by %q, not by READY", name)
	}
	return parseProperties(data)
}

func appendProperty(to []byte, name, value string) []byte {
	to = append(append(to, byte(len(name))), name...)
	return append(binary.BigEndian.AppendUint32(to, uint32(len(value))), value...)
}

func parseProperties(data []byte) (map[string]string, error) {
	broken := errors.New("the properties of READY are broken")
	properties := make(map[string]string)
	for len(data) > 0 {
		end := 1 + int(data[0])
		if end == 1 || len(data) < end+4 {
			return nil, broken
		}
		name := strings.ToLower(string(data[1:end]))
		size := binary.BigEndian.Uint32(data[end:])
		data = data[end+4:]
		if uint64(size) > uint64(len(data)) {
			return nil, broken
		}
		properties[name] = string(data[:size])
		data = data[size:]
	}
	return properties, nil
}
