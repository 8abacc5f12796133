// SPDX-License-Identifier: MIT

// Package jupyter is a kernel's side of the Jupyter messaging protocol: messages and their
// signatures, five sockets, and what every request is answered with. What cells mean is
// the business of a Language.
//
// ref: https://jupyter-client.readthedocs.io/en/stable/messaging.html
package jupyter

// protocolVersion is the protocol that is spoken.
const protocolVersion = "5.4"

// Language is what the message loop needs of whatever runs the cells.
//
// Execute, Evaluate, Complete, Inspect and IsComplete are called one at a time, Interrupt
// and Closing at any time. A call that panics is answered with an error.
type Language interface {
	// Info gives the fields of kernel_info_reply but status and protocol_version. It is
	// called once.
	Info() map[string]any
	// Execute runs a cell. When it returns, all that the cell has printed has been given
	// to Server.Stream.
	Execute(cell *Cell) Result
	// Evaluate evaluates one of a request's user_expressions.
	Evaluate(expression string) Result
	// Interrupt stops the cell that runs, if one does.
	Interrupt()
	// Complete completes the code at the cursor, which counts code points.
	Complete(code string, cursor int) Completion
	// Inspect describes what is at the cursor, which counts code points; detail is 0 or 1.
	Inspect(code string, cursor, detail int) (data map[string]any, found bool)
	// IsComplete says whether the code is complete, incomplete, invalid or unknown, and
	// how to indent the next line of code that is incomplete.
	IsComplete(code string) (status, indent string)
	// Closing is called right before the process ends.
	Closing(restart bool)
}

// Bundle is something to be shown: for each MIME type what it is there.
type Bundle struct{ Data, Metadata, Transient map[string]any }

// Result is what came of a cell or an expression.
type Result struct {
	Value *Bundle  // nil: there is nothing to show
	Page  *Bundle  // for the client's pager; nil: nothing
	Err   *Failure // nil: it went well
}

// Failure is an error as a user sees it.
type Failure struct {
	Name, Value string
	Traceback   []string
}

// Error gives the failure's name and value.
func (f *Failure) Error() string { return f.Name + ": " + f.Value }

// fields are the failure's in messages. No list is ever null: clients go through it.
func (f *Failure) fields() map[string]any {
	traceback := f.Traceback
	if traceback == nil {
		traceback = []string{}
	}
	return map[string]any{"ename": f.Name, "evalue": f.Value, "traceback": traceback}
}

// reply is a reply that says that the request failed.
func (f *Failure) reply() map[string]any {
	fields := f.fields()
	fields["status"] = "error"
	return fields
}

// Completion is what can stand between Start and End, which count code points.
type Completion struct {
	Matches    []string
	Start, End int
	Metadata   map[string]any
}
