// SPDX-License-Identifier: MIT

package magic

import (
	"errors"
	"strings"
)

// words splits a line at white space. As in a shell, quotes keep words together and a
// backslash takes the next character as it is; nothing else has a meaning.
func words(line string) ([]string, error) {
	var list []string
	var word strings.Builder
	begun, escaped, quote := false, false, rune(0)
	for _, r := range line {
		switch {
		case escaped:
			// Between double quotes it is a backslash still, but before these two.
			if quote == '"' && r != '"' && r != '\\' {
				word.WriteByte('\\')
			}
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			begun, escaped = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			begun, quote = true, r
		case r == ' ' || r == '\t' || r == '\r':
			if begun {
				list = append(list, word.String())
				word.Reset()
			}
			begun = false
		default:
			begun = true
			word.WriteRune(r)
		}
	}
	if quote != 0 || escaped {
		return nil, errors.New("a quote is not closed: " + line)
	}
	if begun {
		list = append(list, word.String())
	}
	return list, nil
}
