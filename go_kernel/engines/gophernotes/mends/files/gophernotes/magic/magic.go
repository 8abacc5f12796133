// SPDX-License-Identifier: MIT

// Package magic runs the lines at the beginning of a cell that are no Go: %name asks
// something of the kernel, $command runs a program.
package magic

import (
	"fmt"
	"io"
	"sort"
	"strings"

	"github.com/cosmos72/gomacro/fast"
)

// Context is what magics work on.
type Context struct {
	Interp         *fast.Interp
	Stdout, Stderr io.Writer
}

// A magic is one %name.
type magic struct {
	usage string
	help  string // one sentence
	run   func(c Context, arguments []string) error
}

var magics = map[string]magic{}

// The magics' own help reads the table, so it can't be a literal.
func init() {
	magics["%cd"] = magic{"%cd [FOLDER]", "Changes the working directory, to the home folder if none is named.", changeFolder}
	magics["%pwd"] = magic{"%pwd", "Shows the working directory.", showFolder}
	magics["%env"] = magic{"%env NAME or NAME=VALUE", "Shows or sets a variable of the kernel's environment.", variable}
	magics["%get"] = magic{"%get MODULE@VERSION ...", "Makes the imports of this kernel take these versions (latest, v1, a commit ...); @none takes one back.", get}
	magics["%go111module"] = magic{"%go111module {on|off}", "Switches imports by modules on or off.", go111module}
	magics["%gokernel"] = magic{"%gokernel [update]", "Shows this kernel's Go, the modules in use and where plugins are kept; update makes imports look for newer versions.", gokernel}
	magics["%help"] = magic{"%help [NAME]", "Shows what magics there are.", help}
}

// Names lists the magics, each with its %.
func Names() []string {
	names := make([]string, 0, len(magics))
	for name := range magics {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Help says how a magic is used, by its name with or without the %.
func Help(name string) (text string, found bool) {
	one, found := magics["%"+strings.TrimPrefix(name, "%")]
	if !found {
		return "", false
	}
	return one.usage + "\n" + one.help, true
}

// Run runs the magics and commands that a cell begins with. It gives back the code with
// those lines blank, so that the others keep their numbers.
func Run(c Context, code string) (rest string, err error) {
	lines := strings.Split(code, "\n")
	for i, line := range lines {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
			continue
		case line[0] == '%':
			err = runMagic(c, line)
		case line[0] == '$':
			err = runCommand(line[1:])
		default:
			return strings.Join(lines, "\n"), nil
		}
		if err != nil {
			return "", err
		}
		lines[i] = ""
	}
	return strings.Join(lines, "\n"), nil
}

func runMagic(c Context, line string) error {
	arguments, err := words(line)
	if err != nil {
		return err
	}
	one, found := magics[arguments[0]]
	if !found {
		return fmt.Errorf("there is no magic %s: there are %s; %%help says what they do", arguments[0], strings.Join(Names(), ", "))
	}
	return one.run(c, arguments[1:])
}

func wrongUse(name string) error {
	return fmt.Errorf("%s is used as: %s", name, magics[name].usage)
}

func help(c Context, arguments []string) error {
	if len(arguments) != 0 {
		text, found := Help(arguments[0])
		if !found {
			return fmt.Errorf("there is no magic %s: there are %s", arguments[0], strings.Join(Names(), ", "))
		}
		fmt.Fprintln(c.Stdout, text)
		return nil
	}
	fmt.Fprintln(c.Stdout, "Lines at the beginning of a cell that are no Go:")
	for _, name := range Names() {
		fmt.Fprintf(c.Stdout, "  %-26s %s\n", magics[name].usage, magics[name].help)
	}
	fmt.Fprintf(c.Stdout, "  %-26s %s\n", "$COMMAND [ARGUMENTS]", "Runs a program, without a shell; $sh -c '...' runs one.")
	return nil
}
