// SPDX-License-Identifier: MIT

package magic

import (
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/cosmos72/gomacro/base/gotool"
)

// runCommand runs a program and waits for it. It writes to the kernel's own standard
// output and error, whose descriptors it inherits, and has nothing to read.
func runCommand(line string) error {
	arguments, err := words(line)
	if err != nil {
		return err
	}
	if len(arguments) == 0 {
		return nil
	}
	defer gotool.Begin()()
	cmd := exec.Command(arguments[0], arguments[1:]...)
	cmd.Stdout = os.Stdout
	cmd.Stderr = os.Stderr
	return explained(arguments[0], gotool.RunChild(cmd))
}

func explained(program string, err error) error {
	var ended *exec.ExitError
	switch {
	case err == nil, errors.Is(err, gotool.ErrInterrupted):
		return err
	case errors.As(err, &ended):
		return fmt.Errorf("%s failed: %v", program, ended)
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("there is no program %s in the folders of PATH", program)
	default:
		return fmt.Errorf("%s can't be run: %v", program, err)
	}
}
