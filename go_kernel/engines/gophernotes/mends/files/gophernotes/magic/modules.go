// SPDX-License-Identifier: MIT

package magic

import (
	"fmt"

	"github.com/cosmos72/gomacro/base"
	"github.com/cosmos72/gomacro/base/gotool"
)

func go111module(c Context, arguments []string) error {
	switch {
	case len(arguments) == 1 && arguments[0] == "on":
		c.Interp.Comp.CompGlobals.Options |= base.OptModuleImport
	case len(arguments) == 1 && arguments[0] == "off":
		c.Interp.Comp.CompGlobals.Options &^= base.OptModuleImport
	default:
		return wrongUse("%go111module")
	}
	return nil
}

func get(c Context, arguments []string) error {
	if len(arguments) == 0 {
		return wrongUse("%get")
	}
	defer gotool.Begin()()
	for _, query := range arguments {
		module, err := gotool.Pin(query)
		if err != nil {
			return err
		}
		if module.Version == "" {
			fmt.Fprintf(c.Stdout, "%s is not pinned any more\n", module.Path)
			continue
		}
		fmt.Fprintf(c.Stdout, "%s %s is what this kernel imports from now on\n", module.Path, module.Version)
	}
	return nil
}
