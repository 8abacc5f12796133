// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/gopherdata/gophernotes/jupyter"
)

// What can be asked about: a name, a selector, a magic.
var subject = regexp.MustCompile(`^%?[\pL_][\pL\pN_]*(\.[\pL_][\pL\pN_]*)*$`)

// question is a cell that asks about something: `fmt.Println?`, or with ?? for more.
type question struct {
	about  string
	detail int
}

// askedIn says whether a cell is a question, as it is in Jupyter's other kernels. No Go
// ends with a question mark.
func askedIn(code string) (question, bool) {
	code = strings.TrimSpace(code)
	about := strings.TrimRight(code, "?")
	marks := len(code) - len(about)
	if marks < 1 || marks > 2 || !subject.MatchString(about) {
		return question{}, false
	}
	return question{about, marks - 1}, true
}

// answer shows what is known in the client's pager.
func (l *language) answer(asked question) jupyter.Result {
	data, found := l.Inspect(asked.about, utf8.RuneCountInString(asked.about), asked.detail)
	if found {
		return jupyter.Result{Page: &jupyter.Bundle{Data: data}}
	}
	text := fmt.Sprintf("nothing is known about %s; import its package first", asked.about)
	return jupyter.Result{Err: &jupyter.Failure{Name: "not found", Value: text, Traceback: []string{text}}}
}
