// SPDX-License-Identifier: MPL-2.0

package types

// Undo returns a function that gives t the underlying type and the methods that it has now.
func (t *Named) Undo() func() {
	underlying, methods := t.underlying, append([]*Func(nil), t.methods...)
	return func() {
		t.underlying, t.methods = underlying, methods
	}
}
