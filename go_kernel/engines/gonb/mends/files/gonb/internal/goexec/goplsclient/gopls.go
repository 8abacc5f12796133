// SPDX-License-Identifier: MIT

package goplsclient

import (
	"context"
	"io"
	"os/exec"
	"syscall"
	"time"

	"github.com/pkg/errors"
	"k8s.io/klog/v2"
)

// stopTimeout limits the wait for a killed gopls.
const stopTimeout = time.Second

// pipes are the two ends of a conversation with gopls.
type pipes struct {
	io.ReadCloser
	io.Writer
	stdin io.Closer
}

func (p *pipes) Close() error {
	_ = p.stdin.Close()
	return p.ReadCloser.Close()
}

// Start starts gopls and, without waiting for it, the conversation with it.
//
// It is spoken to over its stdin and stdout, as an editor does.  So it ends when this
// process does, however that ended; it needs no socket, whose path may have some hundred
// bytes only; and nobody has to guess when it listens.
func (c *Client) Start() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.IsStopped() {
		klog.Errorf("gopls is to be started, but it is still running")
		return nil
	}
	program, err := exec.LookPath("gopls")
	if err != nil {
		return errors.Wrap(err, "there is no `gopls` on PATH")
	}
	cmd := exec.Command(program)
	cmd.Dir = c.dir
	// A process group of its own: a SIGINT that is for the running cell is not for it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return errors.Wrap(err, "no pipe to gopls")
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return errors.Wrap(err, "no pipe from gopls")
	}
	if err := cmd.Start(); err != nil {
		return errors.Wrapf(err, "failed to start %s", cmd)
	}
	stop, ready := make(chan struct{}), make(chan struct{})
	c.goplsExec, c.stop, c.ready = cmd, stop, ready
	c.pipes = &pipes{stdout, stdin, stdin}
	go c.begin(ready)
	go func() {
		err := cmd.Wait()
		klog.Infof("gopls has ended: %v", err)
		close(stop)
	}()
	return nil
}

// begin has the first exchange with gopls and closes `ready`, whatever came of it.
func (c *Client) begin(ready chan<- struct{}) {
	defer close(ready)
	if err := c.Connect(context.Background()); err != nil {
		klog.Errorf("gopls was started and doesn't answer: %+v", err)
		c.Stop()
	}
}

// WaitConnection waits until gopls can be asked; it returns whether it can.
func (c *Client) WaitConnection(ctx context.Context) bool {
	c.mu.Lock()
	ready := c.ready
	c.mu.Unlock()
	if ready == nil {
		return false
	}
	select {
	case <-ready:
	case <-ctx.Done():
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conn != nil
}

// Stop ends gopls.
func (c *Client) Stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopLocked()
}

// IsStopped tells whether gopls has ended, or was never started.
func (c *Client) IsStopped() bool {
	if c.stop == nil {
		return true
	}
	select {
	case <-c.stop:
		return true
	default:
		return false
	}
}

// stopLocked kills gopls and the `go list` that it may be waiting for: all of its group.
// It waits for that: whoever ends right after this leaves no zombie to others.
func (c *Client) stopLocked() {
	if c.IsStopped() {
		return
	}
	_ = syscall.Kill(-c.goplsExec.Process.Pid, syscall.SIGKILL)
	select {
	case <-c.stop:
	case <-time.After(stopTimeout):
	}
}
