// SPDX-License-Identifier: MIT

package introspect

import (
	"go/token"
	"strings"
)

// mended is code, cut off somewhere, with what it takes to parse: the brackets that are
// open are closed, and a header that has no body gets one.
func mended(code string) string {
	levels := []header{{}}
	for _, l := range lexemes(code) {
		now := &levels[len(levels)-1]
		switch {
		case l.tok == token.COMMENT || l.start == len(code): // the end is no end of a line
		case l.tok == token.LPAREN || l.tok == token.LBRACK || l.tok == token.LBRACE:
			now.middle = true
			if l.tok == token.LBRACE {
				*now = header{opened: now.opened, middle: true}
			}
			levels = append(levels, header{opened: l.tok})
		case isClosing(l.tok):
			if len(levels) > 1 {
				levels = levels[:len(levels)-1]
			}
		default:
			now.see(l)
		}
	}
	var text strings.Builder
	text.WriteString(code)
	for i := len(levels) - 1; i >= 0; i-- {
		text.WriteString(levels[i].body() + closing[levels[i].opened])
	}
	return text.String()
}

// A header is what was seen of a statement that wants something behind it.
type header struct {
	opened     token.Token // the bracket it is in
	keyword    token.Token
	defines    bool
	ranges     bool
	semicolons int
	middle     bool // of a statement
}

func (h *header) see(l lexeme) {
	switch l.tok {
	case token.IF, token.FOR, token.SWITCH, token.SELECT:
		*h = header{opened: h.opened, keyword: l.tok, middle: true}
	case token.CASE, token.GO, token.DEFER:
		if !h.middle {
			*h = header{opened: h.opened, keyword: l.tok, middle: true}
		}
	case token.DEFINE:
		h.defines = true
	case token.RANGE:
		h.ranges = true
	case token.SEMICOLON:
		h.semicolons++
		if l.inserted() || !isHeader(h.keyword) {
			*h = header{opened: h.opened}
		}
	case token.COLON:
		if h.keyword == token.CASE {
			*h = header{opened: h.opened}
		}
	default:
		h.middle = true
	}
}

// body is what makes a whole statement of it.
func (h header) body() string {
	switch h.keyword {
	case token.IF:
		if h.defines && h.semicolons == 0 {
			return "; true {}"
		}
		return " {}"
	case token.FOR:
		switch {
		case h.ranges || (h.semicolons == 0 && !h.defines):
			return " {}"
		case h.semicolons == 0:
			return "; ; {}"
		case h.semicolons == 1:
			return "; {}"
		}
		return " {}"
	case token.SWITCH:
		if h.defines && h.semicolons == 0 {
			return "; {}"
		}
		return " {}"
	case token.SELECT:
		return " {}"
	case token.CASE:
		return ":"
	case token.GO, token.DEFER:
		return "()"
	}
	return ""
}
