// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// endSession kills all other processes of the session that this process leads: also what
// a child left running when it ended, whose group nobody knows any more.
func endSession() {
	self := os.Getpid()
	if session, _, _ := syscall.RawSyscall(syscall.SYS_GETSID, 0, 0, 0); int(session) != self {
		return
	}
	// One may start another while we look; one that can't be killed is not waited for.
	for round, found := 0, true; found && round < 10; round++ {
		found = false
		files, _ := filepath.Glob("/proc/[0-9]*/stat")
		for _, file := range files {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			if pid != self && sessionOf(file) == self && syscall.Kill(pid, syscall.SIGKILL) == nil {
				found = true
			}
		}
	}
}

// sessionOf reads /proc/PID/stat; 0 for one that has ended.
// ref: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
func sessionOf(file string) int {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	// A program's name may hold anything, a parenthesis too.
	var state string
	var parent, group, session int
	rest := string(text)[strings.LastIndexByte(string(text), ')')+1:]
	fmt.Sscan(rest, &state, &parent, &group, &session)
	if state == "Z" || state == "X" {
		return 0
	}
	return session
}
