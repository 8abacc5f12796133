// SPDX-License-Identifier: MIT

package introspect

import (
	"go/parser"
	"go/token"
	"strings"

	"github.com/cosmos72/gomacro/go/etoken"
	gomacro "github.com/cosmos72/gomacro/go/parser"
)

// IsComplete says whether code is a whole cell: "complete", "incomplete" with the indent
// of the line that should follow, "invalid" where no further line can help.
func IsComplete(code string) (status, indent string) {
	if len(code) > largestCode {
		return "complete", "" // a console has nobody who types that
	}
	text := plain(code)
	list := lexemes(text)
	status, depth := judge(list)
	switch {
	case status == "incomplete":
		return status, strings.Repeat("\t", depth)
	case status == "complete" && !parses(text, list):
		return "invalid", ""
	}
	return status, ""
}

// judge looks at brackets, at literals without an end, and at how the last line ends.
func judge(list []lexeme) (status string, depth int) {
	var open []lexeme
	last := lexeme{tok: token.SEMICOLON}
	for _, l := range list {
		switch {
		case l.broken:
			if l.tok == token.COMMENT || strings.HasPrefix(l.text, "`") {
				return "incomplete", 0 // an indent would become a part of it
			}
			return "invalid", 0
		case l.tok == token.COMMENT:
			continue
		case l.tok == token.LPAREN || l.tok == token.LBRACK || l.tok == token.LBRACE:
			open = append(open, l)
		case isClosing(l.tok):
			if len(open) == 0 || closing[open[len(open)-1].tok] != l.tok.String() {
				return "invalid", 0
			}
			open = open[:len(open)-1]
		}
		last = l
	}
	depth = len(open)
	// The scanner ends each line with a semicolon that can end there.
	if last.tok == token.SEMICOLON || last.tok == token.ILLEGAL {
		if depth == 0 {
			return "complete", 0
		}
		return "incomplete", depth
	}
	if continues(last.tok) {
		depth++
	}
	return "incomplete", depth
}

// continues says whether the next line belongs to the statement of this one, so that it is
// indented further: not behind what opened a bracket, and not in a list.
func continues(tok token.Token) bool {
	switch tok {
	case token.LPAREN, token.LBRACK, token.LBRACE, token.COMMA, token.COLON:
		return false
	}
	return true
}

// parses says whether the interpreter can read the code. What only Go can read is left to
// it, too: its message is better than none.
func parses(text string, list []lexeme) bool {
	if parsesAsNotebook(text) {
		return true
	}
	for _, f := range fragments(text, list) {
		head, tail := inside, "\n}"
		if isDeclaration(f) {
			head, tail = clause, ""
		}
		_, err := parser.ParseFile(token.NewFileSet(), "", head+text[f.start:f.end]+tail, parser.SkipObjectResolution)
		if err != nil {
			return false
		}
	}
	return true
}

func parsesAsNotebook(text string) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	var reader gomacro.Parser
	reader.Configure(0, '~')
	reader.Init(etoken.NewFileSet(), "cell", 0, []byte(text))
	_, err := reader.Parse()
	return err == nil
}
