// SPDX-License-Identifier: MPL-2.0

package fast

import (
	"fmt"
	r "reflect"
)

// receiver is what a method is called with that wants a receiver of that type.
func receiver(object r.Value, wanted r.Type) r.Value {
	if object.Kind() != r.Ptr || object.Type() == wanted || object.Type().Elem() != wanted {
		return object
	}
	if object.IsNil() {
		panic(fmt.Errorf("a method of %v was called by a pointer to it that is nil", wanted))
	}
	return object.Elem()
}
