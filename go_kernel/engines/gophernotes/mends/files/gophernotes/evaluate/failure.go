// SPDX-License-Identifier: MIT

package evaluate

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"github.com/cosmos72/gomacro/base/output"
	"github.com/cosmos72/gomacro/fast"
	"github.com/cosmos72/gomacro/go/scanner"
)

// Failure is why a cell did not run to its end.
type Failure struct {
	Name      string   // of the kind of failure, as "runtime error"
	Value     string   // what went wrong
	Traceback []string // what the user sees: name and value, then where
}

func (f *Failure) Error() string { return f.Name + ": " + f.Value }

func newFailure(name, value string, where ...string) *Failure {
	return &Failure{name, value, append([]string{headline(name, value)}, where...)}
}

var abandonedFailure = newFailure("interrupted",
	"the cell was abandoned inside compiled code, which goes on by itself until it returns")

func interruptedFailure(p *fast.Panic) *Failure {
	return newFailure("interrupted", "the cell was interrupted", frames(p)...)
}

func exitFailure(code int) *Failure {
	return newFailure("exit", "exit status "+strconv.Itoa(code))
}

// goroutineFailure is a panic in a goroutine that a cell started.
func goroutineFailure(p *fast.Panic) *Failure {
	name, value := describe(p.Value)
	return newFailure(name, value, append(frames(p), "in a goroutine")...)
}

// startedIn says whether the function that a goroutine began with is declared in a cell.
func startedIn(name string, p *fast.Panic) bool {
	n := len(p.Frames)
	return n > 0 && p.Frames[n-1].Position.Filename == name
}

// failure is a panic of the cell's own goroutine: of its code, or of the compiler.
func (c *cell) failure(p *fast.Panic) *Failure {
	switch c.phase {
	case running:
		name, value := describe(p.Value)
		return newFailure(name, value, frames(p)...)
	case before:
		return beforeFailure(p.Value)
	default:
		return c.codeFailure(p.Value)
	}
}

// beforeFailure is what went wrong before there was anything to be compiled.
func beforeFailure(value any) *Failure {
	var failure *Failure
	if err, ok := value.(error); ok && errors.As(err, &failure) {
		return failure
	}
	_, text := describe(value)
	return newFailure("error", text)
}

// codeFailure is what the compiler does not accept.
func (c *cell) codeFailure(value any) *Failure {
	name := "compile error"
	if c.phase == parsing {
		name = "syntax error"
	}
	lines := strings.Split(c.code, "\n")
	if list, ok := value.(scanner.ErrorList); ok && len(list) > 0 {
		f := newFailure(name, list[0].Error(), quoteAt(lines, list[0].Pos.Line, list[0].Pos.Column)...)
		for _, err := range list[1:] {
			f.Traceback = append(f.Traceback, err.Error())
		}
		return f.hinted(lineOf(lines, list[0].Pos.Line))
	}
	text := panicText(value)
	if !position.MatchString(text) {
		// not every part of the compiler says where it is
		if at := c.e.ir.Comp.Position(); at.Filename == c.name {
			text = at.String() + ": " + text
		}
	}
	line := 0
	if m := position.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[2])
	}
	text = astType.ReplaceAllString(text, "")
	return newFailure(name, text, c.quoteOf(lines, text)...).hinted(lineOf(lines, line))
}

// The compiler names the kind of node that it stopped at, which says nothing to a user.
var astType = regexp.MustCompile(` <\*ast\.\w+>`)

// hinted adds what helps against the failure, where that is known.
func (f *Failure) hinted(line string) *Failure {
	if text := hint(f.Value, line); text != "" {
		f.Traceback = append(f.Traceback, text)
	}
	return f
}

func lineOf(lines []string, number int) string {
	if number < 1 || number > len(lines) {
		return ""
	}
	return lines[number-1]
}

var position = regexp.MustCompile(`^(\S.*?):(\d+):(\d+): `)

// quoteOf quotes the line that a message of the compiler begins with.
func (c *cell) quoteOf(lines []string, message string) []string {
	if m := position.FindStringSubmatch(message); m != nil && m[1] == c.name {
		line, _ := strconv.Atoi(m[2])
		column, _ := strconv.Atoi(m[3])
		return quoteAt(lines, line, column)
	}
	return nil
}

// describe names a panic's kind and says its value as Go does.
func describe(value any) (name, text string) {
	switch v := value.(type) {
	case fast.StackOverflow:
		return "stack overflow", strings.TrimPrefix(v.Error(), "stack overflow: ")
	case runtime.Error:
		return "runtime error", strings.TrimPrefix(panicText(v), "runtime error: ")
	case output.RuntimeError:
		return "runtime error", v.Message()
	case *reflect.ValueError:
		// the interpreter works with reflection
		if v.Kind == reflect.Invalid {
			return "runtime error", "invalid memory address or nil pointer dereference"
		}
		return "runtime error", v.Error()
	case string:
		if strings.HasPrefix(v, "reflect") {
			return "runtime error", strings.TrimPrefix(v, "reflect: ")
		}
	}
	return "panic", panicText(value)
}

// panicText says a panic's value as the runtime does.
func panicText(value any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a value of type %T, whose text could not be had", value)
		}
	}()
	switch v := value.(type) {
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	case string, bool, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, uintptr,
		float32, float64, complex64, complex128:
		return fmt.Sprint(v)
	default:
		return fmt.Sprintf("(%T) %+v", v, v)
	}
}
