// SPDX-License-Identifier: MIT

package main

import "github.com/cosmos72/gomacro/xreflect"

// declareDisplay gives cells the functions that show any value, of interpreted types too:
//
//	Display(value) error                show it
//	DisplayWithID(id, value) error      show it, to be replaced later
//	UpdateDisplay(id, value) error      replace what is shown under that id
//
// publish shows data; update: in place of what was shown under its display_id. Each
// failure is given to failed as well: most calls don't look at what they return.
func (kernel *Kernel) declareDisplay(publish func(data Data, update bool) error, failed func(error)) {
	show := func(id string, value any, typ xreflect.Type, update bool) error {
		data, err := kernel.shown(value, typ)
		if err == nil {
			if id != "" {
				data.Transient = ensure(data.Transient)
				data.Transient["display_id"] = id
			}
			err = publish(data, update)
		}
		if err != nil {
			failed(err)
		}
		return err
	}
	kernel.ir.DeclTyped("Display", func(typ xreflect.Type) interface{} {
		return func(value interface{}) error { return show("", value, typ, false) }
	})
	kernel.ir.DeclTyped("DisplayWithID", func(typ xreflect.Type) interface{} {
		return func(id string, value interface{}) error { return show(id, value, typ, false) }
	})
	kernel.ir.DeclTyped("UpdateDisplay", func(typ xreflect.Type) interface{} {
		return func(id string, value interface{}) error { return show(id, value, typ, true) }
	})
}

// A JavaScripter of an interpreted type.
type proxy_JavaScripter struct {
	Object      interface{}
	JavaScript_ func(interface{}) string
}

// JavaScript calls the interpreted method.
func (P *proxy_JavaScripter) JavaScript() string { return P.JavaScript_(P.Object) }
