// SPDX-License-Identifier: MIT

// Package rebind changes what interpreted code gets when it imports a package that is
// compiled into this process.
package rebind

import (
	"reflect"

	"github.com/cosmos72/gomacro/imports"
)

// Arguments wraps functions of a package, so that each argument of an interface type is
// what swap gives for it. Their types stay as they are. Packages and functions that the
// process doesn't have are passed over.
//
// It must be called before an interpreter imports the package.
func Arguments(path string, names []string, swap func(any) any) {
	binds := imports.Packages[path].Binds
	for _, name := range names {
		if function := binds[name]; function.Kind() == reflect.Func {
			binds[name] = wrapped(function, swap)
		}
	}
}

func wrapped(function reflect.Value, swap func(any) any) reflect.Value {
	call := function.Call
	if function.Type().IsVariadic() {
		call = function.CallSlice
	}
	return reflect.MakeFunc(function.Type(), func(arguments []reflect.Value) []reflect.Value {
		for i, argument := range arguments {
			arguments[i] = swapped(argument, swap)
		}
		return call(arguments)
	})
}

func swapped(argument reflect.Value, swap func(any) any) reflect.Value {
	switch {
	case argument.Kind() == reflect.Interface && !argument.IsNil():
		other := reflect.ValueOf(swap(argument.Interface()))
		if other.Type().Implements(argument.Type()) {
			changed := reflect.New(argument.Type()).Elem()
			changed.Set(other)
			return changed
		}
	case argument.Kind() == reflect.Slice && argument.Type().Elem().Kind() == reflect.Interface:
		changed := reflect.MakeSlice(argument.Type(), argument.Len(), argument.Len())
		for i := range changed.Len() {
			changed.Index(i).Set(swapped(argument.Index(i), swap))
		}
		return changed
	}
	return argument
}
