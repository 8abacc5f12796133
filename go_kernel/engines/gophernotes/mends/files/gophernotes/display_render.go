// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"fmt"
	"image"
	"io"
	"maps"
	"net/http"
	"reflect"
	"runtime"

	basereflect "github.com/cosmos72/gomacro/base/reflect"
	"github.com/cosmos72/gomacro/xreflect"
)

// renderer shows values that have the methods of one interface of the package display.
type renderer struct {
	name string // of the interface
	// into adds what the value shows; false if it hasn't the methods.
	into func(value any, data *Data) (bool, error)
}

// renderers are asked in this order: the later ones say more about the whole.
var renderers = []renderer{
	{"Image", imageInto},
	{"HTMLer", by(MIMETypeHTML, HTMLer.HTML)},
	{"JavaScripter", by(MIMETypeJavaScript, JavaScripter.JavaScript)},
	{"JPEGer", by(MIMETypeJPEG, JPEGer.JPEG)},
	{"JSONer", by(MIMETypeJSON, JSONer.JSON)},
	{"Latexer", by(MIMETypeLatex, Latexer.Latex)},
	{"Markdowner", by(MIMETypeMarkdown, Markdowner.Markdown)},
	{"PNGer", by(MIMETypePNG, PNGer.PNG)},
	{"PDFer", by(MIMETypePDF, PDFer.PDF)},
	{"SVGer", by(MIMETypeSVG, SVGer.SVG)},
	{"SimpleRenderer", simpleInto},
	{"Renderer", wholeInto},
}

// by makes a renderer's function of a method that gives data of one MIME type.
func by[T, R any](mimeType string, method func(T) R) func(any, *Data) (bool, error) {
	return func(value any, data *Data) (bool, error) {
		v, ok := value.(T)
		if ok {
			data.Data[mimeType] = method(v)
		}
		return ok, nil
	}
}

func simpleInto(value any, data *Data) (bool, error) {
	v, ok := value.(SimpleRenderer)
	if ok {
		data.Data = merge(data.Data, v.SimpleRender())
	}
	return ok, nil
}

func wholeInto(value any, data *Data) (bool, error) {
	v, ok := value.(Renderer)
	if ok {
		add(data, v.Render())
	}
	return ok, nil
}

func imageInto(value any, data *Data) (bool, error) {
	img, ok := value.(image.Image)
	if !ok {
		return false, nil
	}
	png, mimeType, err := encodePng(img)
	if err != nil {
		return true, fmt.Errorf("the image cannot be shown: %w", err)
	}
	add(data, Data{
		Data:     MIMEMap{mimeType: png, MIMETypeText: describeImage(img)},
		Metadata: MIMEMap{mimeType: imageMetadata(img)},
	})
	return true, nil
}

func add(to *Data, more Data) {
	to.Data = merge(to.Data, more.Data)
	to.Metadata = merge(to.Metadata, more.Metadata)
	to.Transient = merge(to.Transient, more.Transient)
}

// initRenderers looks up the interfaces that interpreted types may have the methods of.
func (kernel *Kernel) initRenderers() {
	kernel.render = make(map[string]xreflect.Type)
	for name, typ := range kernel.display.Types {
		if typ.Kind() == reflect.Interface {
			kernel.render[name] = typ
		}
	}
}

// autoRenderResults gives what a cell's last expression shows: the only value that isn't
// nil if it has more than text to show, else the text of all of them.
func (kernel *Kernel) autoRenderResults(values []any, types []xreflect.Type) (Data, error) {
	only := -1
	for i, value := range values {
		switch {
		case value == nil:
		case only >= 0:
			return textData(kernel.plainAll(values, types)), nil
		default:
			only = i
		}
	}
	if only < 0 {
		return Data{}, nil
	}
	data, err := kernel.shown(values[only], types[only])
	if _, text := data.Data[MIMETypeText]; text && len(data.Data) == 1 && len(values) > 1 {
		return textData(kernel.plainAll(values, types)), nil
	}
	return data, err
}

// shown gives what a value of a static type shows: by its methods, and as text.
func (kernel *Kernel) shown(value any, typ xreflect.Type) (Data, error) {
	data := Data{Data: MIMEMap{}}
	if given, ok := value.(Data); ok {
		add(&data, given)
	}
	for _, renderer := range renderers {
		if err := kernel.apply(renderer, value, typ, &data); err != nil {
			return Data{}, err
		}
	}
	if _, found := data.Data[MIMETypeText]; !found {
		data.Data[MIMETypeText] = kernel.describe(value, typ, len(data.Data) > 0)
	}
	return textual(data), nil
}

// apply has a renderer show a value, as what it is or as what its interpreted type is.
func (kernel *Kernel) apply(by renderer, value any, typ xreflect.Type, data *Data) (err error) {
	if isNil(value) {
		// A method may well expect a pointer that isn't nil: then nil is shown as such.
		defer ignoreNilPointer()
	}
	found, err := by.into(value, data)
	if found || err != nil {
		return err
	}
	if converted := kernel.as(by.name, value, typ); converted != nil {
		_, err = by.into(converted, data)
	}
	return err
}

// as converts a value to an interface of the package display that its interpreted type
// has the methods of; nil if it hasn't. Interpreted methods are none that Go knows of.
// Those of a nil pointer are not called.
func (kernel *Kernel) as(name string, value any, typ xreflect.Type) any {
	if kernel == nil || typ == nil || value == nil || typ.Kind() == reflect.Pointer && isNil(value) {
		return nil
	}
	wanted := kernel.render[name]
	if wanted == nil || !typ.Implements(wanted) {
		return nil
	}
	convert := kernel.ir.Comp.Converter(typ, wanted)
	if convert == nil {
		return nil
	}
	return basereflect.ValueInterface(convert(xreflect.ValueOf(value)))
}

func isNil(value any) bool {
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Func, reflect.Chan, reflect.Slice:
		return v.IsNil()
	}
	return false
}

// ignoreNilPointer must be deferred itself.
func ignoreNilPointer() {
	switch thrown := recover().(type) {
	case nil, runtime.Error:
	default:
		panic(thrown)
	}
}

// render gives what a value shows that is given as one MIME type, for the functions of the
// package display; "" for what its content looks like. It panics with what is wrong.
func render(mimeType string, value any) Data {
	content, err := contentOf(value)
	if err == nil && content == nil {
		var unknown *Kernel // compiled functions see no interpreted types
		var data Data
		if data, err = unknown.shown(value, nil); err == nil && len(data.Data) > 1 {
			return data
		}
	}
	switch content := content.(type) {
	case []byte:
		if mimeType == "" {
			mimeType = http.DetectContentType(content)
		}
	case nil:
		if err == nil {
			err = fmt.Errorf("a value of type %T cannot be shown as data", value)
		}
		panic(err)
	}
	if mimeType == "" {
		mimeType = MIMETypeText // of a string one can't tell
	}
	return textual(MakeData(mimeType, content))
}

// contentOf is what a value holds, a string or bytes; nil if it is something else.
func contentOf(value any) (any, error) {
	switch value := value.(type) {
	case string, []byte:
		return value, nil
	case io.Reader:
		content, err := io.ReadAll(value)
		return content, err
	case io.WriterTo:
		var content bytes.Buffer
		_, err := value.WriteTo(&content)
		return content.Bytes(), err
	}
	return nil, nil
}

// textual gives data as it is sent: JSON makes base64 of bytes, as is right for pictures
// only.
func textual(data Data) Data {
	data.Data = maps.Clone(data.Data)
	for mimeType, value := range data.Data {
		data.Data[mimeType] = asSent(mimeType, value)
	}
	return data
}
