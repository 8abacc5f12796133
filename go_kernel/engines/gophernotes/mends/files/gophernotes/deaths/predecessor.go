// SPDX-License-Identifier: MIT

package deaths

import (
	"os"
)

// PredecessorVariable names a file that says how the kernel before this one ended.
const PredecessorVariable = "GOKERNEL_PREDECESSOR"

// Predecessor says how the kernel that this one replaces had ended, once: "" where it
// was told to, or was none.
func Predecessor() string {
	path := os.Getenv(PredecessorVariable)
	os.Unsetenv(PredecessorVariable)
	if path == "" {
		return ""
	}
	defer os.Remove(path)
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(text[:min(len(text), mostKept)])
}
