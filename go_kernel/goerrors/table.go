// SPDX-License-Identifier: MIT

// Package goerrors says what Go means when it fails to get a module: one sentence, and what
// to do.  Its table is read by the launcher's Python as well (causes.py), and both must make
// the same of it.
package goerrors

import (
	_ "embed"
	"encoding/json"
	"regexp"
	"strings"
	"sync"
)

//go:embed table.json
var content []byte

// entry is a cause: what it is told by, and what is said of it.
type entry struct {
	Kind      string
	Pattern   string
	Reason    string
	Remedy    string
	Otherwise string // what it found where the pattern names nothing
	Network   bool   // it lies at the way to another machine, or at what that one allows
	Absent    bool   // who was asked has not got it: Go then asks the next

	pattern *regexp.Regexp
}

type table struct {
	Patterns map[string]string
	Rules    map[string]entry
	Causes   []entry

	patterns map[string]*regexp.Regexp
}

// load reads the table when it is needed first: a kernel whose cells don't fail never does.
var load = sync.OnceValue(func() *table {
	t := &table{patterns: map[string]*regexp.Regexp{}}
	if err := json.Unmarshal(content, t); err != nil {
		panic(err) // it is part of this program, and tested
	}
	for name, pattern := range t.Patterns {
		t.patterns[name] = regexp.MustCompile(pattern)
	}
	for i := range t.Causes {
		t.Causes[i].pattern = regexp.MustCompile(t.Causes[i].Pattern)
	}
	return t
})

// first gives the first group of a pattern's first match that holds something, or "".
func (t *table) first(name, text string) string {
	match := t.patterns[name].FindStringSubmatch(text)
	for i := 1; i < len(match); i++ {
		if match[i] != "" {
			return match[i]
		}
	}
	return ""
}

var place = regexp.MustCompile(`\{(\w+)\}`)

// fill makes the cause of an entry; a word that is filled in is not looked through again.
func (e entry) fill(words map[string]string) *Cause {
	filled := func(text string) string {
		return place.ReplaceAllStringFunc(text, func(name string) string {
			if word, ok := words[strings.Trim(name, "{}")]; ok {
				return word
			}
			return name
		})
	}
	return &Cause{e.Kind, filled(e.Reason), filled(e.Remedy), e.Network, e.Absent}
}
