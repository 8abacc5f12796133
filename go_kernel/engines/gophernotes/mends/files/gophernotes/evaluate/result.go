// SPDX-License-Identifier: MIT

package evaluate

import (
	"fmt"
	"go/ast"
	"go/token"
	"reflect"
	"strings"

	basereflect "github.com/cosmos72/gomacro/base/reflect"
	"github.com/cosmos72/gomacro/fast"
	"github.com/cosmos72/gomacro/imports"
	"github.com/cosmos72/gomacro/xreflect"
)

// shown returns what is to be shown of a cell's values.
func shown(ir *fast.Interp, nodes []ast.Node, values []xreflect.Value, types []xreflect.Type) ([]any, []xreflect.Type) {
	if len(nodes) == 0 {
		return nil, nil
	}
	last, ok := nodes[len(nodes)-1].(ast.Expr)
	if !ok {
		return nil, nil
	}
	if call, ok := last.(*ast.CallExpr); ok && writes(ir, call.Fun) {
		return errorOnly(values, types)
	}
	if len(values) == 2 && givesOne(last) {
		return one(last, values, types)
	}
	return everything(values, types)
}

// givesOne says whether an expression has two values only where it is assigned to two
// variables: x.(T), m[key], <-channel.
func givesOne(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.ParenExpr:
		return givesOne(x.X)
	case *ast.TypeAssertExpr, *ast.IndexExpr:
		return true
	case *ast.UnaryExpr:
		return x.Op == token.ARROW
	default:
		return false
	}
}

// one shows the first of two such values; a type that a value doesn't have is a panic.
func one(x ast.Expr, values []xreflect.Value, types []xreflect.Type) ([]any, []xreflect.Type) {
	for paren, ok := x.(*ast.ParenExpr); ok; paren, ok = x.(*ast.ParenExpr) {
		x = paren.X
	}
	if _, ok := x.(*ast.TypeAssertExpr); ok && !values[1].Bool() {
		panic(fmt.Errorf("interface conversion: the value is no %v", types[0]))
	}
	return everything(values[:1], types[:1])
}

// everything shows all values, unless all are nil.
func everything(values []xreflect.Value, types []xreflect.Type) ([]any, []xreflect.Type) {
	shown := make([]any, len(values))
	any := false
	for i, value := range values {
		shown[i] = basereflect.ValueInterface(value)
		any = any || shown[i] != nil
	}
	if !any {
		return nil, nil
	}
	return shown, types
}

// errorOnly is for calls made for what they do: how many bytes they wrote is of no interest, an error is.
func errorOnly(values []xreflect.Value, types []xreflect.Type) ([]any, []xreflect.Type) {
	if n := len(values) - 1; n == 1 && isCount(types[0]) {
		if err, ok := basereflect.ValueInterface(values[n]).(error); ok || types[n].Name() == "error" {
			if err == nil {
				return nil, nil
			}
			return []any{err}, types[n:]
		}
	}
	return everything(values, types)
}

func isCount(t xreflect.Type) bool {
	return t.Kind() == reflect.Int || t.Kind() == reflect.Int64
}

// Functions and methods that return how much they wrote or read, and an error. Nobody looks at that of a last line.
var (
	writers = map[string]bool{
		"fmt.Print": true, "fmt.Printf": true, "fmt.Println": true,
		"fmt.Fprint": true, "fmt.Fprintf": true, "fmt.Fprintln": true,
		"fmt.Scan": true, "fmt.Scanf": true, "fmt.Scanln": true,
		"fmt.Fscan": true, "fmt.Fscanf": true, "fmt.Fscanln": true,
		"fmt.Sscan": true, "fmt.Sscanf": true, "fmt.Sscanln": true,
		"io.WriteString": true, "io.Copy": true, "io.CopyN": true, "io.CopyBuffer": true,
	}
	writerMethods = map[string]bool{
		"Write": true, "WriteString": true, "WriteRune": true, "WriteAt": true, "WriteTo": true, "ReadFrom": true,
	}
)

// writes says whether fun is one of these.
func writes(ir *fast.Interp, fun ast.Expr) bool {
	switch fun := fun.(type) {
	case *ast.ParenExpr:
		return writes(ir, fun.X)
	case *ast.Ident:
		return isWriter(ir.ValueOf(fun.Name))
	case *ast.SelectorExpr:
		if pkg := packageOf(ir, fun.X); pkg != "" {
			return writers[pkg+"."+fun.Sel.Name]
		}
		return writerMethods[fun.Sel.Name]
	default:
		return false
	}
}

// packageOf returns the path of the imported package that an expression names, "" if it is something else.
func packageOf(ir *fast.Interp, x ast.Expr) string {
	if ident, ok := x.(*ast.Ident); ok {
		if symbol := ir.Comp.TryResolve(ident.Name); symbol != nil {
			if imported, ok := symbol.Bind.Value.(*fast.Import); ok {
				return imported.Path
			}
		}
	}
	return ""
}

// isWriter says whether a value is one of those of fmt, as interpreted code sees them.
func isWriter(v xreflect.Value) bool {
	if !v.IsValid() || v.Kind() != reflect.Func || v.IsNil() {
		return false
	}
	for name := range writers {
		// All that reflect has made have one pointer, so that nothing else can be told of those.
		if function, ok := strings.CutPrefix(name, "fmt."); ok && !strings.HasPrefix(function, "Fscan") {
			if imports.Packages["fmt"].Binds[function].Pointer() == v.ReflectValue().Pointer() {
				return true
			}
		}
	}
	return false
}
