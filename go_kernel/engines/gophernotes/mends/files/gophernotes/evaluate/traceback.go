// SPDX-License-Identifier: MIT

package evaluate

import (
	"fmt"
	"strings"

	"github.com/cosmos72/gomacro/fast"
)

// Colours as terminals and notebooks understand them.
const (
	red   = "\x1b[31m"
	green = "\x1b[32m"
	plain = "\x1b[0m"
)

func headline(name, value string) string { return red + name + plain + ": " + value }

// frames tells where a panic happened, innermost call first.
func frames(p *fast.Panic) []string {
	var lines []string
	for i := 0; i < len(p.Frames); {
		same := 1
		for i+same < len(p.Frames) && p.Frames[i+same] == p.Frames[i] {
			same++
		}
		lines = append(lines, frame(p.Frames[i])...)
		if same > 1 {
			lines = append(lines, fmt.Sprintf("... %d more times ...", same-1))
		}
		i += same
		if skipped := p.Frames[i-1].Skipped; skipped > 0 {
			lines = append(lines, fmt.Sprintf("... %d calls more ...", skipped))
		}
	}
	return lines
}

func frame(f fast.Frame) []string {
	in := ""
	switch {
	case f.Literal:
		in = ", in a function literal"
	case f.Func != "":
		in = ", in " + f.Func
	}
	if !f.Position.IsValid() {
		return nil
	}
	at := fmt.Sprintf("%s%s, line %d%s%s", green, f.Position.Filename, f.Position.Line, plain, in)
	if f.Source == "" {
		return []string{at}
	}
	return []string{at, quote(f.Position.Line, f.Source)}
}

// quote shows a line of source code.
func quote(number int, source string) string {
	return fmt.Sprintf("%5d | %s", number, strings.TrimRight(source, " \t\r"))
}

// quoteAt shows a line of source code, and a column of it.
func quoteAt(lines []string, number, column int) []string {
	if number < 1 || number > len(lines) {
		return nil
	}
	line := lines[number-1]
	quoted := []string{quote(number, line)}
	if column >= 1 && column <= len(line)+1 {
		quoted = append(quoted, strings.Repeat(" ", len("    1 | "))+blank(line[:column-1])+"^")
	}
	return quoted
}

// blank is as wide as text.
func blank(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, text)
}
