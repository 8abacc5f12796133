// SPDX-License-Identifier: MIT

// Gophernotes is a Jupyter kernel for Go.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/gopherdata/gophernotes/capture"
	"github.com/gopherdata/gophernotes/jupyter"
)

// Version is this kernel's: the first after the published 0.7 and 1.0.
const Version = "1.1.0"

func main() {
	check := flag.Bool("check", false, "make an interpreter, evaluate an expression and exit")
	flag.Parse()
	if *check {
		checkInterpreter()
		return
	}
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "gophernotes: name one connection file: Jupyter does, when it starts this program")
		os.Exit(2)
	}
	if err := serve(flag.Arg(0)); err != nil {
		log.Fatalf("gophernotes: %v", err)
	}
}

// serve runs the kernel of a connection file; it returns after a shutdown.
func serve(file string) error {
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, syscall.SIGINT) // from the first moment: it ends a program that doesn't
	watchParent()
	connection, err := jupyter.ReadConnection(file)
	if err != nil {
		return err
	}
	logger := log.New(os.Stderr, "gophernotes: ", log.LstdFlags)
	server, err := jupyter.NewServer(connection, jupyter.Listen(connection), logger)
	if err != nil {
		return err
	}
	output, err := capture.Start(server.Stream)
	if err != nil {
		return err
	}
	logger.SetOutput(output.Log())
	language, err := newLanguage(server, output)
	if err != nil {
		return err
	}
	go func() {
		for range interrupts {
			server.Interrupt()
		}
	}()
	return server.Serve(language)
}
