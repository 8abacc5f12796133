// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"log"
	"runtime"

	interp "github.com/cosmos72/gomacro/fast"
)

// checkInterpreter tries what every start needs, so that a build that a toolchain
// compiles but that panics at start is found out by its builder, not by a notebook.
func checkInterpreter() {
	ir := interp.New()
	if importPackage(ir, "display", "display") == nil {
		log.Fatalln("the package \"display\" cannot be imported")
	}
	value, _ := ir.Eval1("6 * 7")
	if value.Int() != 42 {
		log.Fatalf("6 * 7 gives %v", value)
	}
	fmt.Println("ok", runtime.Version())
}
