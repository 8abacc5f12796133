// SPDX-License-Identifier: MIT

package introspect

import (
	"context"
	"strings"
	"time"

	"github.com/cosmos72/gomacro/base/gotool"
)

// How long a reader waits; `go doc` usually takes 20 to 80 ms.
const patience = 5 * time.Second

// What `go doc` has said; it says the same each time.
var documented = map[string]string{}

const mostDocumented = 500

// documentation is what `go doc` says of a symbol, or of a package; "" if nothing.
func documentation(path, symbol string, sources bool) string {
	if path == "" || path == "C" || strings.HasPrefix(path, "-") || strings.HasPrefix(symbol, "-") {
		return ""
	}
	key := path + " " + symbol
	var flags []string
	if sources && symbol != "" {
		flags = append(flags, "-src")
		key += " -src"
	}
	if text, ok := documented[key]; ok {
		return text
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	text, err := gotool.Doc(ctx, path, symbol, flags...)
	if err != nil {
		// Its sources may come: an import brings them.
		return ""
	}
	if len(documented) >= mostDocumented {
		documented = map[string]string{}
	}
	text = tidy(text)
	documented[key] = text
	return text
}

// tidy leaves out what is about the folder that `go doc` was run in.
func tidy(text string) string {
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, `WARNING: package source is installed in "`) {
			continue
		}
		if name, found := strings.CutSuffix(line, ` // import "."`); found && len(lines) == 0 {
			line = name
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}
