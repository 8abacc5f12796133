// SPDX-License-Identifier: MIT

// Package introspect answers what a client asks about code that isn't run (yet):
// how could it go on, what is this, is it a whole cell.
//
// Nothing here runs code of a notebook. A cell is taken apart leniently, checked
// by go/types together with what the interpreter knows, and what go/types makes
// of it is the answer: it knows scopes, promoted members and unexecuted
// declarations better than anything written for this purpose could.
package introspect

import (
	"unicode/utf8"

	"github.com/cosmos72/gomacro/fast"
)

// Completion is how the code left of a cursor could go on: each of Matches stands for
// what lies between Start and End, in code points. Types says what each one is.
type Completion struct {
	Matches    []string
	Types      []string
	Start, End int
}

// Complete gives what may stand at a cursor, which is counted in code points.
// magics are the names of the lines that begin with %. It starts no process.
func Complete(ir *fast.Interp, code string, cursor int, magics []string) (completion Completion) {
	offset, cursor := locate(code, cursor)
	nothing := Completion{Matches: []string{}, Types: []string{}, Start: cursor, End: cursor}
	if len(code) > largestCode {
		return nothing
	}
	defer func() {
		// Half-typed code is no reason to fail: the worst answer is an empty one.
		if recover() != nil {
			completion = nothing
		}
	}()
	place := placeAt(code, offset)
	found := place.candidates(ir, magics).matching(code[place.start:offset])
	if len(found) == 0 {
		return nothing
	}
	completion = nothing
	completion.Start = cursor - utf8.RuneCountInString(code[place.start:offset])
	for _, c := range found {
		completion.Matches = append(completion.Matches, c.name)
		completion.Types = append(completion.Types, string(c.kind))
	}
	return completion
}

// Larger cells hold data, and nobody waits for them to be parsed at each key.
const largestCode = 1 << 20

// locate turns a cursor in code points, however wrong, into a byte offset and the
// cursor that it stands for.
func locate(code string, cursor int) (offset, clamped int) {
	for offset < len(code) && clamped < cursor {
		_, size := utf8.DecodeRuneInString(code[offset:])
		offset += size
		clamped++
	}
	return offset, clamped
}

// candidates is what the place allows, whatever has been typed of it already.
func (p place) candidates(ir *fast.Interp, magics []string) candidates {
	switch p.kind {
	case atMagic:
		return magicCandidates(magics)
	case atImportPath:
		return importPaths(ir, p.typed)
	case atMember:
		return memberCandidates(ir, p)
	case atName:
		return nameCandidates(ir, p)
	default:
		return nil
	}
}
