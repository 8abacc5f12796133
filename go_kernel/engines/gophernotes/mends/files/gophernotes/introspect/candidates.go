// SPDX-License-Identifier: MIT

package introspect

import (
	"go/types"
	"sort"
	"strings"
)

// What a candidate is, as clients show it beside the name.
// ref: https://ipython.readthedocs.io/en/stable/api/generated/IPython.core.completer.html
type kind string

const (
	isFunction kind = "function"
	isInstance kind = "instance"
	isConstant kind = "constant"
	isField    kind = "property"
	isModule   kind = "module"
	isType     kind = "type"
	isKeyword  kind = "keyword"
	isMagic    kind = "magic"
	isPath     kind = "path"
)

type candidate struct {
	name string
	kind kind
}

// Nobody reads more, and a client must not be flooded.
const mostMatches = 1000

// candidates are in the order in which they are worth reading; the first of a name counts.
type candidates []candidate

func (cs *candidates) add(kind kind, names ...string) {
	for _, name := range names {
		*cs = append(*cs, candidate{name, kind})
	}
}

// sorted orders by name those that were added as a map gave them.
func (cs candidates) sorted() candidates {
	sort.Slice(cs, func(i, j int) bool { return cs[i].name < cs[j].name })
	return cs
}

// matching are those that begin with what is typed; after them, those that would in another case.
func (cs candidates) matching(typed string) candidates {
	var exact, folded candidates
	seen := map[string]bool{}
	for _, c := range cs {
		if c.name == "" || c.name == "_" || seen[c.name] {
			continue
		}
		seen[c.name] = true
		if strings.HasPrefix(c.name, typed) {
			exact = append(exact, c)
		} else if len(c.name) >= len(typed) && strings.EqualFold(c.name[:len(typed)], typed) {
			folded = append(folded, c)
		}
	}
	all := append(exact, folded...)
	if len(all) > mostMatches {
		all = all[:mostMatches]
	}
	return all
}

func kindOf(object types.Object) kind {
	switch object := object.(type) {
	case *types.PkgName:
		return isModule
	case *types.TypeName:
		return isType
	case *types.Const:
		return isConstant
	case *types.Func, *types.Builtin:
		return isFunction
	case *types.Var:
		if object.IsField() {
			return isField
		}
		if _, ok := object.Type().Underlying().(*types.Signature); ok {
			return isFunction
		}
	}
	return isInstance
}

func magicCandidates(magics []string) candidates {
	var found candidates
	for _, name := range magics {
		found.add(isMagic, "%"+strings.TrimPrefix(name, "%"))
	}
	return found
}
