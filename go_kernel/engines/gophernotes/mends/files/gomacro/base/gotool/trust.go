// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"fmt"
	"os"
	"syscall"
)

// trusted fails where somebody else than root and this user could have written a path:
// what is loaded from there runs as this user.
func trusted(paths ...string) error {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if status, ok := info.Sys().(*syscall.Stat_t); ok && status.Uid != 0 && int(status.Uid) != os.Geteuid() {
			return fmt.Errorf("%s belongs to user %d", path, status.Uid)
		}
		if info.Mode().Perm()&0022 != 0 {
			return fmt.Errorf("%s can be written by others", path)
		}
	}
	return nil
}
