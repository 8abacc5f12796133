// SPDX-License-Identifier: MIT

package stdin

import (
	"fmt"
	"io"
	"os"
	"reflect"

	"github.com/cosmos72/gomacro/imports"

	"github.com/gopherdata/gophernotes/capture/rebind"
)

// Functions that read from, or keep, a reader that they are given.
var givenReaders = map[string][]string{
	"bufio":         {"NewReader", "NewReaderSize", "NewScanner"},
	"encoding/csv":  {"NewReader"},
	"encoding/json": {"NewDecoder"},
	"encoding/xml":  {"NewDecoder"},
	"fmt":           {"Fscan", "Fscanf", "Fscanln"},
	"io":            {"Copy", "CopyBuffer", "CopyN", "LimitReader", "MultiReader", "ReadAll", "ReadAtLeast", "ReadFull", "TeeReader"},
	"io/ioutil":     {"ReadAll"},
}

// Bind has interpreted code read os.Stdin by asking. It must be called before an
// interpreter imports one of these packages.
func Bind() {
	for path, names := range givenReaders {
		rebind.Arguments(path, names, instead)
	}
	binds := imports.Packages["fmt"].Binds
	for name, function := range scanners {
		binds[name] = reflect.ValueOf(function)
	}
}

// scanners are fmt's functions that read from os.Stdin without being given it.
var scanners = map[string]any{
	"Scan":   func(a ...any) (int, error) { return fmt.Fscan(source(), a...) },
	"Scanf":  func(format string, a ...any) (int, error) { return fmt.Fscanf(source(), format, a...) },
	"Scanln": func(a ...any) (int, error) { return fmt.Fscanln(source(), a...) },
}

func source() io.Reader { return instead(os.Stdin).(io.Reader) }

// instead gives the reader to use for what may be os.Stdin. A cell that has set os.Stdin
// to a file of its own reads that file.
func instead(given any) any {
	if file, ok := given.(*os.File); ok && file == standard {
		return reader{}
	}
	return given
}

// standard is os.Stdin as it was when the process started.
var standard = os.Stdin
