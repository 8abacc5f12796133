// SPDX-License-Identifier: MIT

package introspect

import "go/token"

// declarationsIn is code from its first line on that begins a declaration, for the lines
// behind a cursor: what is before belongs to something that is not finished yet.
func declarationsIn(code string) string {
	for start := 0; start < len(code); {
		end := len(code)
		for i := start; i < len(code); i++ {
			if code[i] == '\n' {
				end = i + 1
				break
			}
		}
		if start != 0 && beginsDeclaration(code[start:end]) {
			return code[start:]
		}
		start = end
	}
	return ""
}

// beginsDeclaration judges a line that nothing indents.
func beginsDeclaration(line string) bool {
	if line == "" || line[0] == ' ' || line[0] == '\t' {
		return false
	}
	for i, l := range lexemes(line) {
		switch l.tok {
		case token.FUNC, token.TYPE, token.VAR, token.CONST, token.IMPORT:
			return i == 0
		case token.IDENT, token.COMMA:
		case token.DEFINE:
			return i > 0
		default:
			return false
		}
	}
	return false
}
