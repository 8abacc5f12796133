// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// The folders of a plugin store. It belongs to one build of this program, so everything
// in it was made by the same toolchain with the same flags, and can be loaded.
const (
	pluginFolder = "plugins" // <content>.<size>.so
	indexFolder  = "index"   // <request>.json: what an import led to
	lockFolder   = "locks"
)

// A store keeps compiled plugins for later kernels of this build.
type store struct{ folder string }

// A plugin's name says its size: one that was cut short, as by a full disk, would not only
// fail to load but end this process.
var storeFile = regexp.MustCompile(`^[0-9a-f]{64}\.([0-9]+)\.so$`)

// stores gives the stores that are looked into, and the one that is written; that is nil
// where there is none that can be written or trusted.
//
// GOKERNEL_PLUGINS is a list of folders; the last one is this user's own.
func stores() (all []*store, own *store) {
	folders := filepath.SplitList(os.Getenv("GOKERNEL_PLUGINS"))
	for i, folder := range folders {
		if !filepath.IsAbs(folder) {
			continue
		}
		s := &store{folder}
		if i == len(folders)-1 && s.prepare() == nil {
			own = s
		}
		if trusted(folder, filepath.Dir(folder)) == nil {
			all = append(all, s)
		} else if s == own {
			own = nil
		}
	}
	return all, own
}

func (s *store) prepare() error {
	for _, name := range []string{pluginFolder, indexFolder, lockFolder} {
		if err := os.MkdirAll(filepath.Join(s.folder, name), 0700); err != nil {
			return err
		}
	}
	return nil
}

// plugin gives the file of a kept plugin, or "" where it isn't there, whole and trusted.
func (s *store) plugin(name string) string {
	match := storeFile.FindStringSubmatch(name)
	if match == nil {
		return ""
	}
	file := filepath.Join(s.folder, pluginFolder, name)
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() || strconv.FormatInt(info.Size(), 10) != match[1] {
		return ""
	}
	if trusted(filepath.Dir(file), file) != nil {
		return ""
	}
	return file
}

// withContent gives the file of a plugin by what it was compiled from.
func (s *store) withContent(key string) string {
	files, _ := filepath.Glob(filepath.Join(s.folder, pluginFolder, key+".*.so"))
	for _, file := range files {
		if file = s.plugin(filepath.Base(file)); file != "" {
			return file
		}
	}
	return ""
}

// Discard removes a kept plugin that could not be loaded, from where this user may.
func Discard(file string) {
	if storeFile.MatchString(filepath.Base(file)) {
		os.Remove(file)
	}
}

// used takes note that a plugin is of use still; see Prune.
func used(file string) {
	if info, err := os.Stat(file); err == nil && time.Since(info.ModTime()) > day {
		os.Chtimes(file, time.Now(), time.Now())
	}
}

func (s *store) lock(key string, waiting func()) (release func(), err error) {
	return lock(filepath.Join(s.folder, lockFolder, key+".lock"), waiting)
}

// read gives what is known about a request, the newest first.
func (s *store) read(request string) []Resolution {
	file := filepath.Join(s.folder, indexFolder, request+".json")
	if trusted(filepath.Dir(file), file) != nil {
		return nil
	}
	data, err := os.ReadFile(file)
	var list []Resolution
	if err != nil || json.Unmarshal(data, &list) != nil {
		return nil
	}
	return list
}

// How many answers to one request are kept: with other modules in the process, other
// versions may have to be taken.
const answers = 8

// write adds what a request led to.
func (s *store) write(request string, r Resolution) error {
	list := []Resolution{r}
	for _, other := range s.read(request) {
		if len(list) < answers && !other.same(r) {
			list = append(list, other)
		}
	}
	data, err := json.MarshalIndent(list, "", "\t")
	if err != nil {
		return err
	}
	file := filepath.Join(s.folder, indexFolder, request+".json")
	return writeWhole(file, data)
}

// writeWhole writes a file beside its place and renames it into it.
func writeWhole(file string, data []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(file), building)
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(data)
	if err = errors.Join(err, temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), file)
}

// What is being written has a name that nothing else begins with.
const building = ".building-"

func digest(parts ...[]byte) string {
	sum := sha256.New()
	for _, part := range parts {
		one := sha256.Sum256(part)
		sum.Write(one[:])
	}
	return hex.EncodeToString(sum.Sum(nil))
}
