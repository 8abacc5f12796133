// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"os"
	"strconv"
	"syscall"
	"time"
)

const (
	// Who is killed may have started somebody a moment before.
	familyRounds = 20
	familyPause  = 10 * time.Millisecond
)

// endFamily kills all processes that this kernel started, and those that they started.
func endFamily() {
	for range familyRounds {
		found := family()
		if len(found) == 0 {
			return
		}
		for _, pid := range found {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(familyPause)
	}
}

// family lists the living processes of this kernel but itself: those of its session, and
// those that carry its scratch folder in their environment, as a daemon does that made
// itself a session of its own.
func family() []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	own := os.Getpid()
	mark := []byte("GOKERNEL_SCRATCH=" + os.Getenv("GOKERNEL_SCRATCH"))
	var found []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil || pid == own {
			continue
		}
		state, session := stateAndSession(entry.Name())
		if state == "" || state == "Z" || state == "X" {
			continue
		}
		// Where this process leads no session, that is its server's: nothing to be killed.
		if session == strconv.Itoa(own) || carries(entry.Name(), mark) {
			found = append(found, pid)
		}
	}
	return found
}

// stateAndSession reads two fields of /proc/PID/stat.
// ref: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
func stateAndSession(pid string) (state, session string) {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return "", ""
	}
	// The second field, a name in parentheses, may hold anything.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 4 {
		return "", ""
	}
	return string(fields[0]), string(fields[3])
}

// carries tells whether a process was started with this variable; empty values don't count.
func carries(pid string, mark []byte) bool {
	if bytes.HasSuffix(mark, []byte("=")) {
		return false
	}
	environ, err := os.ReadFile("/proc/" + pid + "/environ")
	if err != nil {
		return false
	}
	for _, one := range bytes.Split(environ, []byte{0}) {
		if bytes.Equal(one, mark) {
			return true
		}
	}
	return false
}
