// SPDX-License-Identifier: MIT

package introspect

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/cosmos72/gomacro/base"
	"github.com/cosmos72/gomacro/fast"
)

const (
	longestValue = 1_000 // bytes, about
	longestList  = 20    // elements
	deepestValue = 4
)

// valueOf writes the present value of a variable, much shortened.
//
// It calls no method, which would be running code, and goes through no map: a goroutine
// that writes to it meanwhile would end the process.
func valueOf(ir *fast.Interp, name string) (text string) {
	defer func() {
		if recover() != nil {
			text = ""
		}
	}()
	value := ir.Peek(name).ReflectValue()
	if !value.IsValid() {
		return ""
	}
	p := printer{}
	p.print(value, 0)
	return bounded(p.String(), longestValue)
}

type printer struct{ strings.Builder }

func (p *printer) print(v reflect.Value, depth int) {
	if p.Len() > longestValue {
		return
	}
	switch v.Kind() {
	case reflect.Invalid:
		p.WriteString("nil")
	case reflect.Bool:
		p.WriteString(strconv.FormatBool(v.Bool()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.integer(v)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		p.WriteString(strconv.FormatUint(v.Uint(), 10))
	case reflect.Float32:
		p.WriteString(strconv.FormatFloat(v.Float(), 'g', -1, 32))
	case reflect.Float64:
		p.WriteString(strconv.FormatFloat(v.Float(), 'g', -1, 64))
	case reflect.Complex64, reflect.Complex128:
		fmt.Fprint(p, v.Complex())
	case reflect.String:
		p.WriteString(strconv.Quote(bounded(v.String(), longestValue)))
	case reflect.Slice, reflect.Map, reflect.Chan, reflect.Func, reflect.Interface, reflect.Ptr, reflect.UnsafePointer:
		if v.IsNil() {
			p.WriteString("nil")
			return
		}
		p.reference(v, depth)
	case reflect.Array:
		p.list(v, depth)
	case reflect.Struct:
		p.structure(v, depth)
	}
}

// reference prints what may be nil, and isn't.
func (p *printer) reference(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Slice:
		p.list(v, depth)
	case reflect.Map:
		fmt.Fprintf(p, "map of %s", counted(v.Len()))
	case reflect.Chan:
		fmt.Fprintf(p, "channel, holds %d of %d", v.Len(), v.Cap())
	case reflect.Func:
		p.WriteString("func")
	case reflect.Interface:
		p.print(v.Elem(), depth)
	case reflect.Ptr:
		if text, ok := errorText(v); ok {
			p.WriteString(text)
			return
		}
		if depth >= deepestValue {
			p.WriteString("&…")
			return
		}
		p.WriteString("&")
		p.print(v.Elem(), depth+1)
	default:
		p.WriteString("…")
	}
}

// integer prints durations as people write them: their method is nobody's own code.
func (p *printer) integer(v reflect.Value) {
	if v.Type() == reflect.TypeOf(time.Duration(0)) {
		p.WriteString(time.Duration(v.Int()).String())
		return
	}
	p.WriteString(strconv.FormatInt(v.Int(), 10))
}

// errorText is that of an error that only holds a text.
func errorText(v reflect.Value) (string, bool) {
	switch v.Type().String() {
	case "*errors.errorString", "*fmt.wrapError", "*fmt.wrapErrors":
		if v.CanInterface() {
			if err, ok := v.Interface().(error); ok {
				return "error " + strconv.Quote(bounded(err.Error(), longestValue)), true
			}
		}
	}
	return "", false
}

func counted(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return strconv.Itoa(n) + " entries"
}

func (p *printer) list(v reflect.Value, depth int) {
	if depth >= deepestValue {
		p.WriteString("[…]")
		return
	}
	p.WriteString("[")
	for i := 0; i < v.Len() && p.Len() <= longestValue; i++ {
		if i != 0 {
			p.WriteString(" ")
		}
		if i == longestList {
			fmt.Fprintf(p, "… %d in all", v.Len())
			break
		}
		p.print(v.Index(i), depth+1)
	}
	p.WriteString("]")
}

func (p *printer) structure(v reflect.Value, depth int) {
	if v.CanInterface() {
		if moment, ok := v.Interface().(time.Time); ok {
			p.WriteString(moment.String())
			return
		}
	}
	if depth >= deepestValue {
		p.WriteString("{…}")
		return
	}
	p.WriteString("{")
	for i := 0; i < v.NumField() && p.Len() <= longestValue; i++ {
		if i != 0 {
			p.WriteString(" ")
		}
		p.WriteString(fieldName(v.Type().Field(i).Name) + ":")
		p.print(v.Field(i), depth+1)
	}
	p.WriteString("}")
}

// fieldName undoes what the interpreter does to names that reflection can't make fields of.
func fieldName(name string) string {
	name = strings.TrimPrefix(name, base.StrGensymPrivate)
	return strings.TrimPrefix(name, base.StrGensymAnonymous)
}
