// Command read prints what go.mod and go.work files hold, as `go mod edit -json` and
// `go work edit -json` do, for as many files as it is given.  It is built beside a copy of
// the parser that cmd/go itself is built of.
//
// Its input is, for each file, a line with "mod" or "work", a space and the number of bytes,
// and then the bytes; its output is a line of JSON for each.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

type replace struct{ Old, New module.Version }

type use struct{ DiskPath string }

type content struct {
	Error     string `json:",omitempty"`
	Module    struct{ Path string }
	Go        string           `json:",omitempty"`
	Toolchain string           `json:",omitempty"`
	Require   []module.Version `json:",omitempty"`
	Replace   []replace        `json:",omitempty"`
	Use       []use            `json:",omitempty"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	to := json.NewEncoder(out)
	for {
		var kind string
		var size int64
		_, err := fmt.Fscanf(in, "%s %d\n", &kind, &size)
		if err == io.EOF {
			break
		}
		exitOn(err)
		data := make([]byte, size)
		_, err = io.ReadFull(in, data)
		exitOn(err)
		exitOn(to.Encode(read(kind, data)))
	}
	exitOn(out.Flush())
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// read keeps a file that the parser can't bear from ending the others' turn.
func read(kind string, data []byte) (found content) {
	defer func() {
		if cause := recover(); cause != nil {
			found = content{Error: fmt.Sprint(cause)}
		}
	}()
	if kind == "work" {
		file, err := modfile.ParseWork("go.work", data, nil)
		if err != nil {
			return failed(err)
		}
		found.versions(file.Go, file.Toolchain)
		for _, one := range file.Use {
			found.Use = append(found.Use, use{one.Path})
		}
		found.replaces(file.Replace)
		return found
	}
	file, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		return failed(err)
	}
	if file.Module != nil {
		found.Module.Path = file.Module.Mod.Path
	}
	found.versions(file.Go, file.Toolchain)
	for _, one := range file.Require {
		found.Require = append(found.Require, one.Mod)
	}
	found.replaces(file.Replace)
	return found
}

func failed(err error) content {
	return content{Error: strings.TrimSpace(err.Error())}
}

func (c *content) versions(line *modfile.Go, toolchain *modfile.Toolchain) {
	if line != nil {
		c.Go = line.Version
	}
	if toolchain != nil {
		c.Toolchain = toolchain.Name
	}
}

func (c *content) replaces(all []*modfile.Replace) {
	for _, one := range all {
		c.Replace = append(c.Replace, replace{one.Old, one.New})
	}
}
