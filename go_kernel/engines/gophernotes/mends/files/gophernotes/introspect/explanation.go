// SPDX-License-Identifier: MIT

package introspect

import (
	"regexp"
	"strings"
)

// An explanation is what is known of a word, in parts; any may be empty.
type explanation struct {
	declaration string // Go
	value       string // Go, more or less
	text        string // prose
	docs        string // as `go doc` prints it
	source      string // Go
}

func (e explanation) empty() bool {
	return e == explanation{}
}

// Longer texts are of no use in a tooltip, and must not fill a client's memory.
const longestText = 100_000

func bounded(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "\n…"
}

// plain is the explanation as a terminal shows it.
func (e explanation) plain() string {
	var parts []string
	add := func(part string) {
		if part = strings.Trim(part, "\n"); part != "" {
			parts = append(parts, part)
		}
	}
	if !e.redundant() {
		add(e.declaration)
	}
	if e.value != "" {
		add("Value: " + e.value)
	}
	add(e.text)
	add(e.docs)
	add(e.source)
	return bounded(strings.Join(parts, "\n\n"), longestText)
}

// markdown is the same as Markdown.
func (e explanation) markdown() string {
	var parts []string
	code := func(part string) {
		if part = strings.Trim(part, "\n"); part != "" {
			parts = append(parts, fenced(part))
		}
	}
	if !e.redundant() {
		code(e.declaration)
	}
	if e.value != "" {
		parts = append(parts, "**Value**\n\n"+fenced(e.value))
	}
	if e.text != "" {
		parts = append(parts, e.text)
	}
	parts = append(parts, proseAndCode(e.docs)...)
	if e.source != "" {
		parts = append(parts, "**Source**\n\n"+fenced(e.source))
	}
	return bounded(strings.Join(parts, "\n\n"), longestText)
}

// redundant says whether `go doc` repeats the declaration: all but constants' values and the
// types of struct fields, which are lost among the others.
func (e explanation) redundant() bool {
	return e.docs != "" && !strings.HasPrefix(e.declaration, "const ") && !strings.HasPrefix(e.declaration, "field ")
}

// fenced puts code between more backquotes than are in it.
func fenced(code string) string {
	fence := "```"
	for strings.Contains(code, fence) {
		fence += "`"
	}
	return fence + "go\n" + strings.Trim(code, "\n") + "\n" + fence
}

var (
	declares = regexp.MustCompile(`^(//|func |type |var |const )`)
	clauses  = regexp.MustCompile(`^package \w+`)
)

// proseAndCode tells apart what `go doc` prints: declarations begin at the margin with a
// keyword, what is said of them is indented by four blanks, what is said of a package isn't.
func proseAndCode(docs string) []string {
	var parts, block []string
	inCode := false
	flush := func() {
		if text := strings.Trim(strings.Join(block, "\n"), "\n"); text != "" {
			if inCode {
				text = fenced(text)
			}
			parts = append(parts, text)
		}
		block = nil
	}
	open := false     // inside of a declaration's brackets
	declared := false // that of a package comes before all declarations
	for i, line := range strings.Split(docs, "\n") {
		isCode := false
		switch {
		case open:
			isCode = true
			open = !strings.HasPrefix(line, "}") && !strings.HasPrefix(line, ")")
		case line == "":
			block = append(block, line)
			continue
		case i == 0 && clauses.MatchString(line):
			isCode = true
		case declares.MatchString(line):
			isCode, declared = true, true
			open = strings.HasSuffix(line, "{") || strings.HasSuffix(line, "(")
		case declared:
			line = strings.TrimPrefix(line, "    ")
		}
		if isCode != inCode {
			flush()
			inCode = isCode
		}
		block = append(block, line)
	}
	flush()
	return parts
}
