// SPDX-License-Identifier: MIT

package introspect

import "go/token"

// A fragment is one declaration or statement of a cell, at its top level.
type fragment struct {
	start, end int
	first      token.Token
	literal    bool // a function without a name
	defines    bool // a := of its own: in a notebook that declares for all cells
}

// fragments cuts code at the semicolons, written or implied, that are in no brackets
// and in no header of an if, for or switch. So one that is broken spoils no other.
func fragments(code string, list []lexeme) []fragment {
	var found []fragment
	var open brackets
	var now *fragment
	var former, last token.Token
	header := false
	for _, l := range list {
		if l.tok == token.COMMENT {
			continue
		}
		if l.tok == token.SEMICOLON && len(open) == 0 && (l.inserted() || !header) {
			if now != nil {
				now.end = l.start
				found = append(found, *now)
			}
			now, header = nil, false
			continue
		}
		if now == nil {
			now = &fragment{start: l.start, end: len(code), first: l.tok}
		}
		if len(open) == 0 {
			if l.tok == token.LPAREN && now.first == token.FUNC {
				// `func (` begins a literal, but a method has `) name (` behind its receiver
				now.literal = last == token.FUNC || (now.literal && !(last == token.IDENT && former == token.RPAREN))
			}
			switch l.tok {
			case token.IF, token.FOR, token.SWITCH, token.SELECT:
				header = true
			case token.LBRACE:
				header = false
			case token.DEFINE:
				now.defines = !isHeader(now.first)
			}
		}
		open.see(l.tok)
		former, last = last, l.tok
	}
	if now != nil {
		found = append(found, *now)
	}
	return found
}

func isHeader(tok token.Token) bool {
	return tok == token.IF || tok == token.FOR || tok == token.SWITCH || tok == token.SELECT
}

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
	tail := ""
	for i := len(levels) - 1; i >= 0; i-- {
		tail += levels[i].body() + closing[levels[i].opened]
	}
	return code + tail
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
