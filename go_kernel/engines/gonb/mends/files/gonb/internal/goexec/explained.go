// SPDX-License-Identifier: MIT

package goexec

import (
	"os"
	"strings"

	"github.com/janpfeifer/gonb/internal/goerrors"
)

// explained adds to what a go command printed what it means and what to do about it, where
// that is known. Passwords in addresses are masked.
func explained(output string) string {
	shown := goerrors.Mask(output)
	if cause := goerrors.Explain(output, os.Getenv); cause != nil {
		return strings.TrimRight(shown, "\n") + "\n" + cause.String() + "\n"
	}
	return shown
}
