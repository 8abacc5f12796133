// SPDX-License-Identifier: MPL-2.0

package gotool

import (
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

const (
	day = 24 * time.Hour
	// A plugin that no kernel loaded for so long is removed,
	unusedFor = 90 * day
	// and so are those that were not loaded for longest, where all take more.
	mostBytes = 2 << 30
)

// prune removes from the own store what was not used for long, at most once a day: it is
// called after something was written.
func (s *store) prune() {
	stamp := filepath.Join(s.folder, "pruned")
	if info, err := os.Stat(stamp); err == nil && time.Since(info.ModTime()) < day {
		return
	}
	if writeWhole(stamp, nil) != nil {
		return
	}
	plugins := s.plugins()
	total := int64(0)
	for _, one := range plugins { // from the one that was used last
		total += one.Size()
		if time.Since(one.ModTime()) > unusedFor || total > mostBytes {
			os.Remove(filepath.Join(s.folder, pluginFolder, one.Name()))
		}
	}
	for _, folder := range []string{pluginFolder, indexFolder} {
		removeOld(filepath.Join(s.folder, folder), func(name string) bool {
			return strings.HasPrefix(name, building)
		}, day)
	}
	removeOld(filepath.Join(s.folder, indexFolder), func(string) bool { return true }, unusedFor)
}

// plugins are the kept ones, from the one that was used last.
func (s *store) plugins() []os.FileInfo {
	var list []os.FileInfo
	entries, _ := os.ReadDir(filepath.Join(s.folder, pluginFolder))
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && storeFile.MatchString(entry.Name()) {
			list = append(list, info)
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].ModTime().After(list[j].ModTime()) })
	return list
}

func removeOld(folder string, which func(name string) bool, age time.Duration) {
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && which(entry.Name()) && time.Since(info.ModTime()) > age {
			os.Remove(filepath.Join(folder, entry.Name()))
		}
	}
}

// StoreInfo is what there is to say about the plugin store.
type StoreInfo struct {
	Folder  string // "" where plugins are not kept
	Plugins int
	Bytes   int64
}

// Store describes the plugin store that this kernel writes.
func Store() StoreInfo {
	_, own := stores()
	if own == nil {
		return StoreInfo{}
	}
	info := StoreInfo{Folder: own.folder}
	for _, one := range own.plugins() {
		info.Plugins++
		info.Bytes += one.Size()
	}
	return info
}
