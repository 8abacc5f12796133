// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"fmt"
	"os"
	"strings"

	"github.com/cosmos72/gomacro/base/goerrors"
)

// How much of a failed command's output goes into the error: compilers and the
// module machinery say at the end what went wrong.
const tailLines = 12

// Error is a go command that failed; its text is fit for a notebook.
type Error struct {
	Args   []string // without the executable
	Output string   // what it printed to its standard error
	Err    error
}

func (e *Error) Error() string {
	lines := meaningful(goerrors.Mask(e.Output))
	if len(lines) == 0 {
		lines = []string{e.Err.Error()}
	}
	text := fmt.Sprintf("`go %s` failed:\n%s", spoken(e.Args), strings.Join(lines, "\n"))
	if cause := goerrors.Explain(e.Output, os.Getenv); cause != nil {
		text += "\n" + cause.String()
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// The subcommand and what it was asked for; flags say nothing to a notebook's reader.
func spoken(args []string) string {
	words := []string{args[0]}
	for _, arg := range args[1:] {
		if !strings.HasPrefix(arg, "-") && !strings.HasPrefix(arg, "/") && arg != "." {
			words = append(words, arg)
		}
	}
	return strings.Join(words, " ")
}

func meaningful(output string) []string {
	var lines []string
	for _, line := range strings.Split(output, "\n") {
		line = strings.TrimRight(line, " \t\r")
		if line == "" || strings.HasPrefix(line, "go: downloading ") || strings.HasPrefix(line, "go: added ") {
			continue
		}
		lines = append(lines, line)
	}
	if len(lines) > tailLines {
		lines = append([]string{"..."}, lines[len(lines)-tailLines:]...)
	}
	return lines
}
