// SPDX-License-Identifier: MIT

package introspect

import (
	"go/token"
	"strings"
)

type placeKind int

const (
	atNothing    placeKind = iota // inside of a text, a number, a comment
	atMagic                       // the name of a magic
	atImportPath                  // inside of the quotes of an import
	atMember                      // right of a dot
	atName                        // anywhere else
)

// A place is what a cursor points at.
type place struct {
	kind   placeKind
	code   string // magics made blank
	start  int    // of what is typed already
	offset int    // the cursor
	typed  string
}

func placeAt(code string, offset int) place {
	p := place{code: plain(code), start: offset, offset: offset}
	if offset < endOfMagics(code) || endOfMagics(code) == len(code) {
		p.inMagics(code)
		if p.kind == atMagic || strings.TrimSpace(code[lineStart(code, offset):offset]) != "" {
			return p
		}
	}
	p.inCode(lexemes(p.code[:offset]))
	p.typed = p.code[p.start:offset]
	return p
}

func lineStart(code string, offset int) int {
	return strings.LastIndexByte(code[:offset], '\n') + 1
}

// inMagics finds the name of a magic that is being typed.
func (p *place) inMagics(code string) {
	begin := lineStart(code, p.offset)
	line := code[begin:p.offset]
	word := strings.TrimLeft(line, " \t")
	if strings.HasPrefix(word, "%") && !strings.ContainsAny(word, " \t") {
		p.kind, p.start, p.typed = atMagic, p.offset-len(word), word
	}
}

// inCode judges by the lexemes left of the cursor.
func (p *place) inCode(left []lexeme) {
	p.kind = atName
	for len(left) != 0 && left[len(left)-1].inserted() {
		left = left[:len(left)-1]
	}
	if len(left) == 0 {
		return
	}
	last := left[len(left)-1]
	touches := last.end == p.offset
	switch {
	case last.tok == token.COMMENT:
		// A line comment reaches to the line's end, and there is none before the cursor.
		if last.broken || touches {
			p.kind = atNothing
		}
	case last.broken:
		p.kind = atNothing
		if last.tok == token.STRING && touches && inImport(left[:len(left)-1]) {
			p.kind, p.start = atImportPath, last.start+1
		}
	case touches && (last.tok == token.IDENT || last.tok.IsKeyword()):
		p.start = last.start
		if len(left) > 1 && left[len(left)-2].tok == token.PERIOD {
			p.kind = atMember
		}
	case last.tok == token.PERIOD:
		p.kind = atMember
	case touches && (last.tok.IsLiteral() || last.tok == token.ILLEGAL || isClosing(last.tok)):
		p.kind = atNothing
	}
}

// inImport says whether a text that follows is the path of an import.
func inImport(left []lexeme) bool {
	oneLine := true
	for i := len(left) - 1; i >= 0; i-- {
		switch left[i].tok {
		case token.IMPORT:
			return oneLine
		case token.LPAREN:
			return i > 0 && left[i-1].tok == token.IMPORT
		case token.SEMICOLON:
			oneLine = false
		case token.IDENT, token.PERIOD, token.STRING, token.COMMENT:
			// a name for the package, the packages before
		default:
			return false
		}
	}
	return false
}
