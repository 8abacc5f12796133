// SPDX-License-Identifier: MPL-2.0

package types

import "go/types"

// isGeneric says whether g declares something with type parameters of its own,
// which the interpreter can't use.
func isGeneric(g types.Object) bool {
	switch t := g.Type().(type) {
	case *types.Signature:
		return t.TypeParams().Len() != 0
	case *types.Named:
		// an instance of a generic type has arguments too
		return t.TypeParams().Len() != 0 && t.TypeArgs().Len() == 0
	default:
		return false
	}
}

// tryMethod converts a method; nil if its signature can't be.
func (c *Converter) tryMethod(g *types.Func) (ret *Func) {
	defer func() {
		if recover() != nil {
			ret = nil
		}
	}()
	return c.mkfunc(g, funcSetRecv)
}
