// SPDX-License-Identifier: MIT

package introspect

import (
	"go/scanner"
	"go/token"
	"strings"
)

// A lexeme is a token and where it lies.
type lexeme struct {
	tok        token.Token
	text       string
	start, end int
	broken     bool // a literal or comment without an end
}

// inserted says whether the lexeme is the semicolon that a line's end stands for.
func (l lexeme) inserted() bool {
	return l.tok == token.SEMICOLON && l.text == "\n"
}

// lexemes takes code apart, comments included; what is no Go becomes illegal ones.
// Offsets are those of code, in which there must be no carriage returns.
func lexemes(code string) []lexeme {
	var scan scanner.Scanner
	var list []lexeme
	file := token.NewFileSet().AddFile("", -1, len(code))
	broken := -1
	complain := func(at token.Position, message string) {
		if strings.Contains(message, "not terminated") {
			broken = at.Offset
		}
	}
	scan.Init(file, []byte(code), complain, scanner.ScanComments)
	for {
		pos, tok, text := scan.Scan()
		if tok == token.EOF {
			return list
		}
		start := file.Offset(pos)
		size := len(text)
		switch {
		case tok == token.SEMICOLON && text != ";":
			text, size = "\n", 0
		case tok.IsOperator():
			size = len(tok.String())
		}
		list = append(list, lexeme{tok, text, start, start + size, broken == start})
	}
}

// plain makes the lines of magics, and carriage returns, blank: offsets stay as they are.
func plain(code string) string {
	blanked := []byte(code)
	for i := range blanked {
		if blanked[i] == '\r' {
			blanked[i] = ' '
		}
	}
	for i, end := 0, endOfMagics(code); i < end; i++ {
		if blanked[i] != '\n' {
			blanked[i] = ' '
		}
	}
	return string(blanked)
}

// endOfMagics is where the lines end that begin with % or $: only those that no code precedes.
func endOfMagics(code string) int {
	end := 0
	for rest := code; rest != ""; {
		line, after, _ := strings.Cut(rest, "\n")
		trimmed := strings.TrimSpace(line)
		if trimmed != "" && trimmed[0] != '%' && trimmed[0] != '$' {
			break
		}
		rest = after
		end = len(code) - len(rest)
	}
	return end
}

// brackets follows which brackets are open.
type brackets []token.Token

func (b *brackets) see(tok token.Token) {
	switch tok {
	case token.LPAREN, token.LBRACK, token.LBRACE:
		*b = append(*b, tok)
	case token.RPAREN, token.RBRACK, token.RBRACE:
		if len(*b) != 0 {
			*b = (*b)[:len(*b)-1]
		}
	}
}

var closing = map[token.Token]string{token.LPAREN: ")", token.LBRACK: "]", token.LBRACE: "}"}

func isClosing(tok token.Token) bool {
	return tok == token.RPAREN || tok == token.RBRACK || tok == token.RBRACE
}
