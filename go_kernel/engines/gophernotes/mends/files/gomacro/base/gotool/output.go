// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

var shown = struct {
	sync.Mutex
	to io.Writer
}{to: present{}}

// present is the standard error as it is when something is written.
type present struct{}

func (present) Write(data []byte) (int, error) { return os.Stderr.Write(data) }

// SetOutput says where the progress of downloads and builds is shown, and what there is
// to say about an import: os.Stderr without it, nowhere for nil.
func SetOutput(to io.Writer) {
	shown.Lock()
	defer shown.Unlock()
	shown.to = to
}

// Say shows one line to whoever runs the cell.
func Say(format string, args ...any) {
	shown.Lock()
	defer shown.Unlock()
	if shown.to != nil {
		fmt.Fprintf(shown.to, format+"\n", args...)
	}
}

// How often a build says that it goes on. One that takes less says nothing.
const tick = time.Second

// Of a command that prints without end, so much of the end is kept.
const keptBytes = 64 << 10

// transcript is a go command's standard error: downloads, and the progress of a long
// build, are shown while it runs; the rest is kept for the error if it fails.
type transcript struct {
	kept     []byte
	partial  []byte
	compiled int
	last     time.Time
}

func newTranscript() *transcript { return &transcript{last: time.Now()} }

func (t *transcript) Write(data []byte) (int, error) {
	t.partial = append(t.partial, data...)
	for {
		end := bytes.IndexByte(t.partial, '\n')
		if end < 0 {
			return len(data), nil
		}
		t.line(string(t.partial[:end]))
		t.partial = t.partial[end+1:]
	}
}

func (t *transcript) line(line string) {
	switch {
	case strings.HasPrefix(line, "go: downloading "):
		Say("%s", line)
	case isPackage(line):
		t.compiled++
		if now := time.Now(); now.Sub(t.last) >= tick {
			t.last = now
			Say("go: compiling %s (%d packages so far)", line, t.compiled)
		}
	default:
		t.kept = append(append(t.kept, line...), '\n')
		if len(t.kept) > 2*keptBytes {
			t.kept = append([]byte(nil), t.kept[len(t.kept)-keptBytes:]...)
		}
	}
}

// isPackage says whether a line is what -v prints of each package that is compiled.
func isPackage(line string) bool {
	return line != "" && !strings.ContainsAny(line, " \t:#") && !strings.HasPrefix(line, pluginModule)
}

// String is what was kept.
func (t *transcript) String() string { return string(t.kept) + string(t.partial) }
