// SPDX-License-Identifier: MPL-2.0

package xreflect

import (
	r "reflect"

	"github.com/cosmos72/gomacro/go/types"
)

// Undo returns a function that gives a named type the underlying type and the methods that it has now.
// For other types the function does nothing.
func (t Type) Undo() func() {
	x := t(z{})
	gtype, ok := x.gtype.(*types.Named)
	if !ok {
		return func() {}
	}
	undo := gtype.Undo()
	saved, methods := *x, append([]r.Value(nil), x.methodvalue...)
	return func() {
		undo()
		x.kind, x.rtype, x.option = saved.kind, saved.rtype, saved.option
		copy(x.methodvalue, methods)
		x.universe.InvalidateCache()
		x.universe.InvalidateMethodCache()
	}
}
