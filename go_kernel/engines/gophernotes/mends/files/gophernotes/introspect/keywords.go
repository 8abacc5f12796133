// SPDX-License-Identifier: MIT

package introspect

import "go/token"

// The keywords of Go.
var keywords = func() []string {
	var names []string
	for tok := token.BREAK; tok <= token.VAR; tok++ {
		names = append(names, tok.String())
	}
	return names
}()

var keywordHelp = map[token.Token]string{
	token.BREAK:       "break [label] ends the innermost for, switch or select, or the labeled one.",
	token.CASE:        "case begins a branch of a switch or select.",
	token.CHAN:        "chan T, <-chan T and chan<- T are types of channels.",
	token.CONST:       "const name = value declares a constant; in a group, iota counts the lines.",
	token.CONTINUE:    "continue [label] begins the next round of the innermost for, or of the labeled one.",
	token.DEFAULT:     "default is the branch of a switch or select that is taken if no case is.",
	token.DEFER:       "defer f(x) calls f when the surrounding function returns, also by a panic.",
	token.ELSE:        "else begins what is done if the condition of an if is false.",
	token.FALLTHROUGH: "fallthrough goes on with the next case of a switch.",
	token.FOR:         "for cond {…}, for init; cond; post {…}, for i, x := range xs {…} and for {…} are loops.",
	token.FUNC:        "func name(params) results {…} declares a function, func (r T) name(…) a method; without a name it's a value.",
	token.GO:          "go f(x) calls f in a new goroutine.",
	token.GOTO:        "goto label goes on at the label.",
	token.IF:          "if [init;] cond {…} else {…} runs one of two blocks.",
	token.IMPORT:      "import [name] \"path\" makes a package known; several are put in parentheses.",
	token.INTERFACE:   "interface {…} is the type of all values that have the methods listed.",
	token.MAP:         "map[K]V is the type of maps from keys K to values V.",
	token.PACKAGE:     "package name begins a Go file.",
	token.RANGE:       "range goes through a slice, an array, a string, a map or a channel, in a for.",
	token.RETURN:      "return [values] ends a function.",
	token.SELECT:      "select {…} waits for one of several channel operations.",
	token.STRUCT:      "struct {…} is a type of values with fields.",
	token.SWITCH:      "switch [init;] [value] {…} runs the case that fits; switch x.(type) tells types apart.",
	token.TYPE:        "type name T declares a new type, type name = T another name for T.",
	token.VAR:         "var name [T] [= value] declares a variable.",
}
