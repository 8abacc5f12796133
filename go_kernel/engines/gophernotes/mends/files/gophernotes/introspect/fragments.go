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
