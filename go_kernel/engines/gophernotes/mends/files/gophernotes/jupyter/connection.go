// SPDX-License-Identifier: MIT

package jupyter

import (
	"encoding/json"
	"fmt"
	"os"
)

// Connection is what a connection file says.
// ref: https://jupyter-client.readthedocs.io/en/stable/kernels.html#connection-files
type Connection struct {
	Transport       string `json:"transport"`
	IP              string `json:"ip"`
	ShellPort       int    `json:"shell_port"`
	ControlPort     int    `json:"control_port"`
	StdinPort       int    `json:"stdin_port"`
	IOPubPort       int    `json:"iopub_port"`
	HeartbeatPort   int    `json:"hb_port"`
	SignatureScheme string `json:"signature_scheme"`
	Key             string `json:"key"`

	CurvePublicKey string `json:"curve_publickey"`
}

// ReadConnection reads a connection file.
func ReadConnection(file string) (Connection, error) {
	var c Connection
	text, err := os.ReadFile(file)
	if err != nil {
		return c, fmt.Errorf("the connection file can't be read: %w", err)
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return c, fmt.Errorf("the connection file %s can't be used: %s", file, wrongType(err))
	}
	if err := c.check(); err != nil {
		return c, fmt.Errorf("the connection file %s can't be used: %w", file, err)
	}
	return c, nil
}

func (c *Connection) check() error {
	if c.Transport == "" {
		c.Transport = "tcp"
	}
	if c.Transport != "tcp" && c.Transport != "ipc" {
		return fmt.Errorf("its transport is %q; use tcp or ipc", c.Transport)
	}
	if c.SignatureScheme != "" && c.SignatureScheme != "hmac-sha256" {
		return fmt.Errorf("its signature_scheme is %q; use hmac-sha256", c.SignatureScheme)
	}
	if c.CurvePublicKey != "" {
		return fmt.Errorf("it asks for CurveZMQ, which this kernel doesn't speak; " +
			"set c.KernelManager.transport_encryption to disabled")
	}
	ports := map[string]int{
		"shell_port": c.ShellPort, "control_port": c.ControlPort, "stdin_port": c.StdinPort,
		"iopub_port": c.IOPubPort, "hb_port": c.HeartbeatPort,
	}
	for name, port := range ports {
		if port < 1 || port > 65535 {
			return fmt.Errorf("its %s is %d; it must be between 1 and 65535", name, port)
		}
	}
	return nil
}
