// SPDX-License-Identifier: MIT

package main

import (
	"encoding/json"
	"fmt"
	"image"
	"mime"
	"reflect"
	"strings"

	"github.com/cosmos72/gomacro/xreflect"
)

// The most elements, or bytes of strings, that are shown of a value as text.
const mostShown = 20000

func textData(text string) Data { return Data{Data: MIMEMap{MIMETypeText: text}} }

// asSent is a value of a MIME type as JSON shall have it.
func asSent(mimeType string, value any) any {
	base, _, err := mime.ParseMediaType(mimeType)
	if err != nil {
		base = mimeType
	}
	content, isText := value.(string)
	raw, isBytes := value.([]byte)
	if isBytes {
		content = string(raw)
	}
	switch {
	case !isText && !isBytes:
		return value
	case base == MIMETypeJSON || strings.HasSuffix(base, "+json"):
		if json.Valid([]byte(content)) {
			return json.RawMessage(content)
		}
		return strings.ToValidUTF8(content, "\uFFFD")
	case isText || strings.HasPrefix(base, "text/") || strings.HasSuffix(base, "xml") ||
		base == MIMETypeJavaScript:
		return strings.ToValidUTF8(content, "\uFFFD")
	default:
		return raw
	}
}

// describe is the text that stands for data of a MIME type where only text can be shown.
func describe(mimeType string, value any) string {
	switch value := value.(type) {
	case string:
		return value
	case []byte:
		if text, ok := asSent(mimeType, value).(string); ok {
			return text
		}
		return fmt.Sprintf("<%s, %d bytes>", mimeType, len(value))
	}
	return plain(value)
}

func describeImage(img image.Image) string {
	size := img.Bounds().Size()
	return fmt.Sprintf("<%T, %d×%d pixels>", img, size.X, size.Y)
}

// describe is a value's text; brief: it shows more than that, so its content needn't be
// spelled out.
func (kernel *Kernel) describe(value any, typ xreflect.Type, brief bool) string {
	if text, ok := kernel.stringOf(value, typ); ok {
		return text
	}
	if brief && isStruct(value) {
		return "<" + typeName(value, typ) + ">"
	}
	return plain(value)
}

func isStruct(value any) bool {
	t := reflect.TypeOf(value)
	if t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t != nil && t.Kind() == reflect.Struct
}

func typeName(value any, typ xreflect.Type) string {
	if typ != nil && typ.Kind() != reflect.Interface {
		return typ.String()
	}
	return fmt.Sprintf("%T", value)
}

// stringOf is what methods say that give a value as text, interpreted ones included.
func (kernel *Kernel) stringOf(value any, typ xreflect.Type) (text string, ok bool) {
	switch value.(type) {
	case fmt.Formatter, fmt.Stringer, error:
		return fmt.Sprint(value), true // which deals with nil pointers and panics
	}
	if isNil(value) {
		return "", false
	}
	if stringer, ok := kernel.as("Stringer", value, typ).(fmt.Stringer); ok {
		return stringer.String(), true
	}
	return "", false
}

func (kernel *Kernel) plainAll(values []any, types []xreflect.Type) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = kernel.describe(value, types[i], false)
	}
	return strings.Join(texts, " ")
}

// plain is a value as fmt.Sprint gives it; of one that is too large, the beginning.
func plain(value any) string {
	room := mostShown
	if count(reflect.ValueOf(value), true, &room); room > 0 {
		return fmt.Sprint(value)
	}
	text := beginning{room: mostShown}
	text.value(reflect.ValueOf(value))
	return text.String()
}

// count takes from room what a value has to be printed, until nothing is left.
//
// fmt follows pointers at the top only, so what holds itself is found by its size.
func count(v reflect.Value, top bool, room *int) {
	if *room--; *room <= 0 || !v.IsValid() || printsItself(v) {
		return
	}
	switch v.Kind() {
	case reflect.String:
		*room -= v.Len()
	case reflect.Array, reflect.Slice:
		for i := 0; i < v.Len() && *room > 0; i++ {
			count(v.Index(i), false, room)
		}
	case reflect.Map:
		for entries := v.MapRange(); *room > 0 && entries.Next(); {
			count(entries.Key(), false, room)
			count(entries.Value(), false, room)
		}
	case reflect.Struct:
		for i := 0; i < v.NumField() && *room > 0; i++ {
			count(v.Field(i), false, room)
		}
	case reflect.Interface:
		count(v.Elem(), top, room)
	case reflect.Pointer:
		if top {
			count(v.Elem(), false, room)
		}
	}
}

// printsItself says whether fmt asks the value for its text.
func printsItself(v reflect.Value) bool {
	if !v.CanInterface() {
		return false
	}
	switch v.Interface().(type) {
	case fmt.Formatter, fmt.Stringer, error:
		return true
	}
	return false
}
