// SPDX-License-Identifier: MIT

package jupyter

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// socketsVariable names the descriptors of sockets that listen already, by commas.
const socketsVariable = "GOKERNEL_SOCKETS"

// Listen gives the function that opens the sockets of a connection.
//
// Whoever starts the kernel may have opened them, so that clients need not wait until it
// is ready, and no other program can take a port in between.
func Listen(c Connection) func(port int) (net.Listener, error) {
	if c.Transport == "ipc" {
		return func(port int) (net.Listener, error) {
			return listenIPC(c.IP + "-" + strconv.Itoa(port))
		}
	}
	inherited := inheritedListeners(os.Getenv(socketsVariable))
	// The descriptors are ours, not those of kernels and servers that a cell starts.
	os.Unsetenv(socketsVariable)
	return func(port int) (net.Listener, error) {
		if listener, ok := inherited[port]; ok {
			return listener, nil
		}
		ip := c.IP
		if ip == "*" {
			ip = "" // ZeroMQ's way to name all interfaces
		}
		return net.Listen("tcp", net.JoinHostPort(ip, strconv.Itoa(port)))
	}
}

// inheritedListeners gives the listening sockets among descriptors by their ports. Those
// that are none are left alone: the variable may come from somewhere else.
func inheritedListeners(descriptors string) map[int]net.Listener {
	listeners := make(map[int]net.Listener)
	for _, number := range strings.Split(descriptors, ",") {
		listener, err := inheritedListener(number)
		if err != nil {
			continue
		}
		if address, ok := listener.Addr().(*net.TCPAddr); ok {
			listeners[address.Port] = listener
		}
	}
	return listeners
}

func inheritedListener(number string) (net.Listener, error) {
	descriptor, err := strconv.Atoi(number)
	if err != nil {
		return nil, err
	}
	var found syscall.Stat_t
	if err := syscall.Fstat(descriptor, &found); err != nil {
		return nil, err
	}
	if descriptor <= 2 || found.Mode&syscall.S_IFMT != syscall.S_IFSOCK {
		return nil, errors.New("it is no listening socket")
	}
	file := os.NewFile(uintptr(descriptor), "inherited")
	// FileListener makes a copy that programs started by us don't inherit.
	defer file.Close()
	return net.FileListener(file)
}

// listenIPC listens on a path. One that a kernel left behind that was killed is replaced,
// as ZeroMQ does; its messages are the owner's business alone.
func listenIPC(path string) (net.Listener, error) {
	if found, err := os.Lstat(path); err == nil {
		if found.Mode().Type() != fs.ModeSocket {
			return nil, fmt.Errorf("%s is in the way: it is no socket", path)
		}
		os.Remove(path)
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		listener.Close()
		return nil, err
	}
	return listener, nil
}
