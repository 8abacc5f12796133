// SPDX-License-Identifier: MIT

package magic

import (
	"go/scanner"
	"go/token"
	"strings"
)

// mark is the line by which GoNB is told where the statements of a cell begin. Here
// statements may stand anywhere; so that a notebook can be for both, the line means nothing.
const mark = "%%"

// Unmarked is code without the marks in it; its lines are as long as they were.
func Unmarked(code string) string {
	if !strings.Contains(code, mark) {
		return code
	}
	unmarked := []byte(code)
	for _, at := range marks(code) {
		copy(unmarked[at:], "  ")
	}
	return string(unmarked)
}

// marks are the places of lines that are nothing but a mark, and not inside a string or comment.
func marks(code string) []int {
	files := token.NewFileSet()
	file := files.AddFile("", -1, len(code))
	var words scanner.Scanner
	words.Init(file, []byte(code), func(token.Position, string) {}, 0)
	var places []int
	for {
		place, word, _ := words.Scan()
		if word == token.EOF {
			return places
		}
		if at := file.Offset(place); word == token.REM && aloneAt(code, at) {
			places = append(places, at)
		}
	}
}

func aloneAt(code string, at int) bool {
	begin := strings.LastIndexByte(code[:at], '\n') + 1
	line, _, _ := strings.Cut(code[begin:], "\n")
	return strings.TrimSpace(line) == mark && strings.HasPrefix(code[at:], mark)
}
