// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/transport"
)

// socketsVariable names the descriptors of listening sockets, by commas.
const socketsVariable = "GOKERNEL_SOCKETS"

const inheritedTransport = "inherited"

// inherited is the transport tcp, on sockets that are listening already: whoever starts
// the kernel opened them, so that clients need not wait until it is ready.
type inherited struct {
	transport.Transport
	listeners map[string]net.Listener
}

// Listen gives back the inherited socket of this address, else a new one.
func (i inherited) Listen(ctx context.Context, addr string) (net.Listener, error) {
	if listener, ok := i.listeners[addr]; ok {
		return listener, nil
	}
	return i.Transport.Listen(ctx, addr)
}

// transportOf is the transport to listen with: `named`, or the one of inherited sockets.
func transportOf(named string) string {
	value := os.Getenv(socketsVariable)
	os.Unsetenv(socketsVariable)
	if named != "tcp" || value == "" {
		return named
	}
	listeners := make(map[string]net.Listener)
	for _, number := range strings.Split(value, ",") {
		listener, err := inheritedListener(number)
		if err == nil {
			listeners[listener.Addr().String()] = listener
		}
	}
	err := zmq4.RegisterTransport(inheritedTransport, inherited{transport.New("tcp"), listeners})
	if err != nil {
		return named
	}
	return inheritedTransport
}

func inheritedListener(number string) (net.Listener, error) {
	descriptor, err := strconv.Atoi(number)
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(descriptor), "inherited")
	if file == nil {
		return nil, errors.New("no such descriptor")
	}
	// FileListener makes a copy that programs started by us don't inherit.
	defer file.Close()
	return net.FileListener(file)
}
