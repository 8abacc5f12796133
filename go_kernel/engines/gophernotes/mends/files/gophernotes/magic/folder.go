// SPDX-License-Identifier: MIT

package magic

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func changeFolder(c Context, arguments []string) error {
	folder := "~"
	if len(arguments) != 0 {
		folder = strings.Join(arguments, " ") // no need to quote a space
	}
	if folder == "~" || strings.HasPrefix(folder, "~/") {
		home, err := os.UserHomeDir()
		if err != nil {
			return fmt.Errorf("there is no home folder: %v", err)
		}
		folder = filepath.Join(home, strings.TrimPrefix(folder, "~"))
	}
	if err := os.Chdir(folder); err != nil {
		return fmt.Errorf("the working directory can't be changed: %v", err)
	}
	return nil
}

func showFolder(c Context, arguments []string) error {
	folder, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("the working directory is gone: %v", err)
	}
	fmt.Fprintln(c.Stdout, folder)
	return nil
}

// variable doesn't list them all: a notebook is shared, and some hold secrets.
func variable(c Context, arguments []string) error {
	text := strings.Join(arguments, " ")
	equals := strings.IndexByte(text, '=')
	if text == "" || equals < 0 && len(arguments) != 1 {
		return wrongUse("%env")
	}
	if equals < 0 {
		value, found := os.LookupEnv(text)
		if !found {
			return fmt.Errorf("%s is not set", text)
		}
		fmt.Fprintln(c.Stdout, value)
		return nil
	}
	name, value := text[:equals], text[equals+1:]
	if err := os.Setenv(name, value); err != nil {
		return fmt.Errorf("%q can't be set: %v", name, err)
	}
	return nil
}
