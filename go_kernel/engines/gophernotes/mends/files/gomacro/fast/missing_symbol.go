// SPDX-License-Identifier: MPL-2.0

package fast

import (
	"fmt"

	"github.com/cosmos72/gomacro/base/genimport"
)

// missing is the error for a name that an imported package doesn't have, and why it
// hasn't where that is known.
func (imp *Import) missing(name string) string {
	return fmt.Sprintf("package %v %q has no symbol %s%s", imp.Name, imp.Path, name, genimport.WhyMissing(imp.Path, name))
}
