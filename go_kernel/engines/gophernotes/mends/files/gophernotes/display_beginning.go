// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"reflect"
	"strings"
)

// beginning is the text of as much of a large value as there is room for.
type beginning struct {
	strings.Builder
	room int // elements, or bytes of strings, that may still be written
}

func (b *beginning) value(v reflect.Value) {
	if b.room--; b.room < 0 {
		return
	}
	if !v.IsValid() {
		b.WriteString("<nil>")
		return
	}
	if printsItself(v) {
		fmt.Fprint(b, v.Interface())
		return
	}
	switch v.Kind() {
	case reflect.String:
		b.text(v.String())
	case reflect.Array, reflect.Slice:
		b.list("[", "]", v.Len(), func(i int) { b.value(v.Index(i)) })
	case reflect.Struct:
		b.list("{", "}", v.NumField(), func(i int) { b.value(v.Field(i)) })
	case reflect.Map:
		b.entries(v)
	case reflect.Interface:
		b.value(v.Elem())
	case reflect.Pointer:
		b.pointer(v)
	default:
		fmt.Fprint(b, v)
	}
}

// pointer is spelled out where it is the value itself, as fmt does.
func (b *beginning) pointer(v reflect.Value) {
	if b.Len() > 0 || v.IsNil() {
		fmt.Fprint(b, v)
		return
	}
	b.WriteByte('&')
	b.value(v.Elem())
}

func (b *beginning) text(text string) {
	if len(text) <= b.room {
		b.room -= len(text)
		b.WriteString(text)
		return
	}
	b.WriteString(strings.ToValidUTF8(text[:b.room], ""))
	fmt.Fprintf(b, "… (%d bytes)", len(text))
	b.room = 0
}

func (b *beginning) list(begin, end string, n int, element func(int)) {
	b.WriteString(begin)
	for i := range n {
		if b.room <= 0 {
			fmt.Fprintf(b, " … (%d elements)", n)
			break
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		element(i)
	}
	b.WriteString(end)
}

// entries are a map's, in no order: to sort them all of them would be needed.
func (b *beginning) entries(v reflect.Value) {
	entries := v.MapRange()
	b.list("map[", "]", v.Len(), func(int) {
		if entries.Next() {
			b.value(entries.Key())
			b.WriteByte(':')
			b.value(entries.Value())
		}
	})
}
