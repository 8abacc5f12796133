// SPDX-License-Identifier: MIT

package main

import (
	"fmt"

	"github.com/gopherdata/gophernotes/jupyter"
)

// declare gives cells the functions that are this kernel's own.
func (l *language) declare() {
	l.kernel.declareDisplay(l.show, func(err error) {
		l.server.Stream("stderr", fmt.Sprintf("Display: %v\n", err))
	})
	l.kernel.ir.DeclFunc("ClearOutput", l.clearOutput)
}

// show displays data at once, after all that was printed before.
func (l *language) show(data Data, update bool) error {
	l.output.Sync()
	return l.server.Display(jupyter.Bundle{
		Data: data.Data, Metadata: data.Metadata, Transient: data.Transient,
	}, update)
}

// clearOutput removes what the cell has shown so far; with wait, once there is more.
func (l *language) clearOutput(wait bool) {
	l.output.Sync()
	l.server.ClearOutput(wait)
}
