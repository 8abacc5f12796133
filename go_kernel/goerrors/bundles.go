// SPDX-License-Identifier: MIT

package goerrors

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// byABundle says whether it is a bundle's go.sum that what came is compared with.
func (t *table) byABundle(text, sums string) *Cause {
	differing := t.patterns["differing"].FindStringSubmatch(text)
	if differing == nil {
		return nil
	}
	bundle := saying(sums, strings.Join(differing[1:], " "))
	if bundle == "" {
		return nil
	}
	module := differing[1] + "@" + strings.TrimSuffix(differing[2], "/go.mod")
	return t.Rules["checksum-bundle"].fill(map[string]string{"module": module, "bundle": bundle})
}

// saying gives the name, or else the id, of the bundle whose go.sum has this line; "" for
// none. In the list a colon in a name is %3A, and a percent %25.
func saying(sums, line string) string {
	for _, name := range filepath.SplitList(sums) {
		name = strings.ReplaceAll(strings.ReplaceAll(name, "%3A", ":"), "%25", "%")
		content, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		for _, one := range strings.Split(string(content), "\n") {
			if one == line {
				return titleOf(filepath.Dir(name))
			}
		}
	}
	return ""
}

var bundleName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

func titleOf(folder string) string {
	var summary struct {
		Name string `json:"name"`
	}
	content, err := os.ReadFile(filepath.Join(folder, "bundle.json"))
	if err != nil || json.Unmarshal(content, &summary) != nil || !bundleName.MatchString(summary.Name) {
		return filepath.Base(folder)
	}
	return summary.Name
}
