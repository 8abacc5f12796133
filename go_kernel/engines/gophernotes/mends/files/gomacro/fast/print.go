// SPDX-License-Identifier: MPL-2.0

package fast

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// PrintTo is asked by the builtins print and println where to print, each time.
var PrintTo = func() io.Writer { return os.Stderr }

func callPrint(args ...I) {
	var text strings.Builder
	for _, arg := range args {
		fmt.Fprint(&text, arg)
	}
	io.WriteString(PrintTo(), text.String())
}

func callPrintln(args ...I) {
	var text strings.Builder
	for i, arg := range args {
		if i > 0 {
			text.WriteByte(' ')
		}
		fmt.Fprint(&text, arg)
	}
	text.WriteByte('\n')
	io.WriteString(PrintTo(), text.String())
}
