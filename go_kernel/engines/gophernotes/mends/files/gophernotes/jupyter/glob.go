// SPDX-License-Identifier: MIT

package jupyter

import (
	"regexp"
	"strings"
)

// glob makes an expression of a pattern with *, ? and [...], as file names are matched
// with, but that lines and slashes mean nothing.
func glob(pattern string) *regexp.Regexp {
	var out strings.Builder
	out.WriteString(`(?s)\A`)
	runes := []rune(pattern)
	for i := 0; i < len(runes); i++ {
		switch runes[i] {
		case '*':
			if i == 0 || runes[i-1] != '*' {
				out.WriteString(`.*`)
			}
		case '?':
			out.WriteString(`.`)
		case '[':
			class, length := globClass(runes[i:])
			out.WriteString(class)
			i += length - 1
		default:
			out.WriteString(regexp.QuoteMeta(string(runes[i])))
		}
	}
	out.WriteString(`\z`)
	made, err := regexp.Compile(out.String())
	if err != nil { // far too long, or a range that is upside down: it fits what is the same
		return regexp.MustCompile(`(?s)\A` + regexp.QuoteMeta(pattern) + `\z`)
	}
	return made
}

// globClass makes a character class of the one that runes begin with, and says how many
// runes it has. A bracket that nothing closes is a bracket.
func globClass(runes []rune) (class string, length int) {
	end := 1
	for end < len(runes) && (runes[end] != ']' || end == 1 || end == 2 && isNegation(runes[1])) {
		end++
	}
	if end == len(runes) {
		return `\[`, 1
	}
	inner := runes[1:end]
	var out strings.Builder
	out.WriteString("[")
	if isNegation(inner[0]) {
		out.WriteString("^")
		inner = inner[1:]
	}
	for _, r := range inner {
		if strings.ContainsRune(`\[]^&~`, r) {
			out.WriteString(`\`)
		}
		out.WriteRune(r)
	}
	out.WriteString("]")
	return out.String(), end + 1
}

func isNegation(r rune) bool { return r == '!' || r == '^' }
