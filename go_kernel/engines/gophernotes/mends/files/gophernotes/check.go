// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"log"
	"runtime"
)

// checkInterpreter tries what every start needs, so that a build that a toolchain
// compiles but that panics at start is found out by its builder, not by a notebook.
func checkInterpreter() {
	kernel, err := newKernel()
	if err != nil {
		log.Fatalln(err)
	}
	value, _ := kernel.ir.Eval1("6 * 7")
	if value.Int() != 42 {
		log.Fatalf("6 * 7 gives %v", value)
	}
	fmt.Println("ok", runtime.Version())
}
