// SPDX-License-Identifier: MIT

package magic

import (
	"fmt"
	"go/build"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/cosmos72/gomacro/base/goerrors"
	"github.com/cosmos72/gomacro/base/gotool"
)

func gokernel(c Context, arguments []string) error {
	switch {
	case len(arguments) == 0:
		describe(c.Stdout)
		return nil
	case len(arguments) == 1 && arguments[0] == "update":
		if err := gotool.Forget(); err != nil {
			return fmt.Errorf("the plugin store can't be written: %v", err)
		}
		fmt.Fprintln(c.Stdout, "imports look for newer versions from now on"+where()+"; packages that this kernel holds stay as they are until it is restarted")
		return nil
	default:
		return wrongUse("%gokernel")
	}
}

func describe(to io.Writer) {
	row(to, "environment", os.Getenv("GOKERNEL_ENVIRONMENT"))
	row(to, "Go", fmt.Sprintf("%s %s/%s", runtime.Version(), runtime.GOOS, runtime.GOARCH))
	row(to, "GOROOT", build.Default.GOROOT)
	row(to, "engine", engine())
	for _, name := range []string{"GOPROXY", "GOFLAGS"} {
		row(to, name, goerrors.Mask(os.Getenv(name)))
	}
	row(to, "bundles", bundles()...)
	if offline() {
		row(to, "offline", "nothing is fetched from a network")
	}
	if err := gotool.CheckPlugins(); err != nil {
		row(to, "imports", err.Error())
		return
	}
	row(to, "versions", versions())
	row(to, "pinned", modules(gotool.Pins())...)
	row(to, "modules", modules(gotool.Held())...)
	row(to, "plugins", plugins())
}

// row writes a name and its values, one a line; nothing where there is none.
func row(to io.Writer, name string, values ...string) {
	for _, value := range values {
		if value != "" {
			fmt.Fprintf(to, "%-12s %s\n", name, value)
			name = ""
		}
	}
}

// The folder of a build is named by its key; the program lies in bin/ in it.
func engine() string {
	program, err := os.Executable()
	if err != nil {
		return ""
	}
	return filepath.Dir(filepath.Dir(program))
}

func versions() string {
	folder, err := os.Getwd()
	if err != nil {
		return ""
	}
	switch notebook, err := gotool.NotebookOf(folder); {
	case err != nil:
		return err.Error()
	case notebook != nil:
		return "those of " + notebook.File
	default:
		return "the newest" + where() + ", where %get pins no other"
	}
}

func modules(list []gotool.Module) []string {
	rows := make([]string, 0, len(list))
	for _, module := range list {
		rows = append(rows, module.Path+" "+module.String())
	}
	return rows
}

func plugins() string {
	store := gotool.Store()
	if store.Folder == "" {
		return "not kept for other kernels"
	}
	return fmt.Sprintf("%d, %.0f MB, in %s", store.Plugins, float64(store.Bytes)/1e6, store.Folder)
}
