// SPDX-License-Identifier: MIT

package main

import (
	"errors"
	"fmt"
	"io"

	interp "github.com/cosmos72/gomacro/fast"
	"github.com/cosmos72/gomacro/xreflect"

	// The interpreter's own packages, and "display", which is compiled into this program.
	_ "github.com/gopherdata/gophernotes/imports"
)

// Kernel is an interpreter and what its values are shown with.
type Kernel struct {
	ir      *interp.Interp
	display *interp.Import
	// The interfaces of the package display by name: HTMLer, JSONer, Renderer...
	render map[string]xreflect.Type
}

// newKernel makes an interpreter that knows the package display.
func newKernel() (*Kernel, error) {
	ir := interp.New()
	// What gomacro has to say there is for a prompt of its own: "redefined identifier".
	ir.Comp.Stdout, ir.Comp.Stderr = io.Discard, io.Discard
	const name = "display"
	packages, err := ir.ImportPackagesOrError(map[string]interp.PackageName{name: name})
	if err != nil {
		return nil, fmt.Errorf("the package %q can't be imported: %w", name, err)
	}
	if packages[name] == nil {
		return nil, errors.New("the package display is missing")
	}
	kernel := &Kernel{ir: ir, display: packages[name]}
	kernel.initRenderers()
	return kernel, nil
}
