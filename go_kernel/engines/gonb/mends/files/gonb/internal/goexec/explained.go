// SPDX-License-Identifier: MIT

package goexec

import (
	"fmt"
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

// because is an error with what go said and what that means, where it is known: also who
// sees no HTML, as in a notebook that runs by itself, should know.
func because(err error, output []byte) error {
	if goerrors.Explain(string(output), os.Getenv) == nil {
		return err
	}
	return fmt.Errorf("%w\n%s", err, strings.TrimSpace(explained(string(output))))
}
