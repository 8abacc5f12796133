// SPDX-License-Identifier: MIT

package evaluate

import "regexp"

const (
	noGenerics = "The interpreter has no generics: write the function for one type, or use the GoNB engine."
	noRange    = "The interpreter ranges over no numbers: write for i := 0; i < n; i++, or use the GoNB engine."
	noBuiltin  = "The interpreter has no min, max and clear: write them out, or use the GoNB engine."
)

// hints are what helps against messages of the parser and the compiler that don't say it:
// about what the interpreter lacks, and about what people bring along from elsewhere.
var hints = []struct {
	message, code *regexp.Regexp // of the line; nil: any
	text          string
}{
	{regexp.MustCompile(`expected '\(', found '\['`), regexp.MustCompile(`\bfunc\b`), noGenerics},
	{regexp.MustCompile(`expected '\]', found 'IDENT'`), regexp.MustCompile(`\btype\b`), noGenerics},
	{regexp.MustCompile(`macro-related keyword after '~'`), nil, noGenerics},
	{regexp.MustCompile(`expected ';', found '\['`), nil, noGenerics},
	{regexp.MustCompile(`cannot range over .*<(u?int|untyped|func)`), nil, noRange},
	{regexp.MustCompile(`undefined identifier: (min|max|clear)$`), nil, noBuiltin},
	{
		regexp.MustCompile(`expected 'IDENT', found '\{'`), regexp.MustCompile(`^\s*func\s*\(`),
		"A function without a name can't begin a statement here: put it into parentheses, (func() { ... })().",
	},
	{regexp.MustCompile(`illegal rune literal`), nil, `Text stands in double quotes: "text".`},
	{
		regexp.MustCompile(`undefined|expected|unexpected`), regexp.MustCompile(`^\s*!\s*\w`),
		"A command begins with $ here, in the first lines of a cell: $ls -l",
	},
	{
		regexp.MustCompile(`undefined identifier: (help|exit|quit)$`), nil,
		"%help lists what this kernel knows besides Go; name? tells about a name.",
	},
}

// hint is what helps against a message about a line, or "".
func hint(message, line string) string {
	if m := unknownPackage.FindStringSubmatch(message); m != nil {
		return "Import the package first: import \"" + m[1] + "\" (or where it lies)."
	}
	for _, h := range hints {
		if h.message.MatchString(message) && (h.code == nil || h.code.MatchString(line)) {
			return h.text
		}
	}
	return ""
}

// A selector of a name that nothing is known about.
var unknownPackage = regexp.MustCompile(`undefined "(\w+)" in \w+\.\w+`)
