// SPDX-License-Identifier: MIT

package goexec

import "os"

// workFolder is where this kernel makes the folder that its cells are compiled in.
//
// A launcher that gives each kernel a folder of its own, which it removes when the kernel
// has ended in whatever way, names it in GOKERNEL_SCRATCH.
func workFolder() string {
	if own := os.Getenv("GOKERNEL_SCRATCH"); own != "" {
		return own
	}
	return os.TempDir()
}
