// SPDX-License-Identifier: MIT

package magic

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/cosmos72/gomacro/base/seeds"
)

// offline says whether this kernel fetches nothing, by policy.
func offline() bool { return os.Getenv("GOKERNEL_OFFLINE") == "1" }

// where are the versions that an import can choose from, if not in all the world.
func where() string {
	switch {
	case !offline():
		return ""
	case len(bundles()) == 0:
		return " (offline, and without any bundle: there are none)"
	default:
		return " that this machine's bundles hold (offline)"
	}
}

// bundles are the folders of the bundles that modules come from, with the names they have.
func bundles() []string {
	var list []string
	for _, sums := range seeds.Files() {
		folder := filepath.Dir(sums)
		if _, err := os.Stat(folder); err != nil {
			folder += " (gone)"
		} else if name := nameOf(folder); name != "" {
			folder = name + ", " + folder
		}
		list = append(list, folder)
	}
	return list
}

func nameOf(folder string) string {
	var summary struct{ Name string }
	content, err := os.ReadFile(filepath.Join(folder, "bundle.json"))
	if err != nil || json.Unmarshal(content, &summary) != nil {
		return ""
	}
	return summary.Name
}
