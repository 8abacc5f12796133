"""A healthy project, and what can be wrong with one: each of CASES has one fault."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from go_kernel.health import subject
from go_kernel.health.context import Context, Surroundings
from go_kernel.resolve import Target
from tests import prefixes
from tests.engines.proxy import LIB, Proxy, saying

FORK = "fork.test/lib"
OTHER = "other.test/dep"
MODULE = "app.invalid/app"
MAIN = f'package main\n\nimport "{LIB}"\n\nfunc main() {{ println(lib.Say()) }}\n'
NO_IMPORTS = "package main\n\nfunc main() {}\n"


@dataclass
class Shelf:
    """Modules in a home's own module cache, and what a healthy project is made of."""

    go: Path
    home: Path
    proxy: Proxy
    files: dict[str, str] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        """A process's variables; nothing of Go's."""
        return {"PATH": "/usr/bin:/bin", "HOME": str(self.home)}

    def run(self, folder: Path, *arguments: str) -> None:
        """Run `go` with modules of the shelf; a failure fails the test."""
        more = {"GOPROXY": self.proxy.url, "GOSUMDB": "off", "GOTOOLCHAIN": "local"}
        argv, env = [self.go, *arguments], {**self.env, **more, "GOFLAGS": "-modcacherw"}
        subprocess.run(argv, cwd=folder, env=env, check=True, capture_output=True)


def shelf(goroot: Path, gocache: Path, place: Path) -> Shelf:
    """Publish modules, download them, and write a healthy project down."""
    made = Shelf(goroot / "bin" / "go", place / "home", Proxy(place / "proxy"))
    (made.home / ".cache").mkdir(parents=True)
    (made.home / ".cache" / "go-build").symlink_to(gocache)
    for version in ("v1.0.0", "v1.1.0"):
        made.proxy.publish(LIB, version, saying(version))
    made.proxy.publish(FORK, "v1.0.0", saying("fork"))
    made.proxy.publish(OTHER, "v1.0.0", {"dep.go": "package dep\n"})
    first = place / "first"
    put(first, {"main.go": MAIN, "go.mod": f"module {MODULE}\n\ngo 1.26\n"})
    made.run(first, "get", f"{LIB}@v1.0.0")
    made.run(first, "mod", "tidy")
    made.files = {name: (first / name).read_text() for name in ("main.go", "go.mod", "go.sum")}
    made.run(first, "mod", "download", f"{LIB}@v1.1.0", f"{FORK}@v1.0.0", f"{OTHER}@v1.0.0")
    return made


def put(folder: Path, files: Mapping[str, str]) -> None:
    """Write files, with their folders."""
    for name, text in files.items():
        prefixes.write(folder / name, text)


@dataclass
class Scene:
    """A healthy project in `folder`, in a folder of its own; functions break it.

    `env` are variables of the process, `written` what `go env -w` wrote, `state` what the
    environment's activation sets; `at` is the folder that is looked at.
    """

    shelf: Shelf
    prefix: Path
    folder: Path
    at: Path
    home: Path
    env: dict[str, str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    state: dict[str, str] = field(default_factory=dict)

    def put(self, **files: str) -> None:
        """Write files of the project; `go_mod` is go.mod."""
        put(self.folder, {name.replace("_", "."): text for name, text in files.items()})

    def write(self, files: Mapping[str, str]) -> None:
        """Write files beside or in the project."""
        put(self.folder, files)

    def add(self, line: str) -> None:
        """Add a line to go.mod."""
        with (self.folder / "go.mod").open("a") as file:
            file.write(f"\n{line}\n")

    def mod(self, text: str) -> None:
        """Replace go.mod's lines behind the module's."""
        (self.folder / "go.mod").write_text(f"module {MODULE}\n\n{text}\n")

    def alone(self) -> None:
        """Import nothing, require nothing."""
        self.put(main_go=NO_IMPORTS, go_mod=f"module {MODULE}\n\ngo 1.26\n")
        (self.folder / "go.sum").unlink()

    def run(self, *arguments: str) -> None:
        """Run `go` in the project, modules being there."""
        self.shelf.run(self.folder, *arguments)

    def context(self) -> Context:
        """The environment, as checks see it."""
        prefixes.state(self.prefix, self.state)
        if self.written:
            lines = "".join(f"{name}={value}\n" for name, value in self.written.items())
            prefixes.write(self.prefix.parent / "env", lines)
        goenv = {"GOENV": str(self.prefix.parent / "env")}
        env = {**self.shelf.env, "HOME": str(self.home), **goenv, **self.env}
        target = Target("demo", prefix=self.prefix)
        return Context(subject.of(target, ()), Surroundings(env, cwd=self.folder))


def scene(shelf: Shelf, place: Path) -> Scene:
    """A healthy project, and an environment whose Go is real."""
    prefix = prefixes.prefix(place / "envs" / "demo")
    (prefix / "bin").mkdir()
    (prefix / "go").symlink_to(shelf.go.parent.parent)
    (prefix / "bin" / "go").symlink_to("../go/bin/go")
    # As conda's package has it.
    prefixes.package_variables(prefix, "go.json", {"GOTOOLCHAIN": "local"})
    folder = place / "code" / "app"
    put(folder, shelf.files)
    return Scene(shelf, prefix, folder, folder, shelf.home)


@dataclass(frozen=True)
class Case:
    """A fault: what makes it, and the one finding that tells of it."""

    break_it: Callable[[Scene], object]
    check: str
    status: str
    words: str
    command: str = ""


CASES: dict[str, Case] = {}


def case(
    check: str, status: str, words: str, command: str = ""
) -> Callable[[Callable[[Scene], object]], Callable[[Scene], object]]:
    """Put a function that breaks a project into CASES."""

    def put_in(function: Callable[[Scene], object]) -> Callable[[Scene], object]:
        CASES[function.__name__] = Case(function, check, status, words, command)
        return function

    return put_in


# --- nothing is wrong ---------------------------------------------------------------------


def _local(it: Scene, name: str = "lib", more: str = "") -> None:
    """A folder beside the project that can stand in for the library."""
    files = {f"../{name}/{file}": text for file, text in saying("local").items()}
    it.write({**files, f"../{name}/go.mod": f"module {LIB}\n\ngo 1.22\n{more}"})


def replaced(it: Scene) -> None:
    _local(it)
    it.add(f"replace {LIB} => ../lib")


def vendored(it: Scene) -> None:
    replaced(it)
    it.run("mod", "vendor")


def used_and_replaced(it: Scene) -> None:
    replaced(it)
    it.write({"../go.work": "go 1.26\n\nuse (\n\t./app\n\t./lib\n)\n"})


def repeated_further_down(it: Scene) -> None:
    replaced(it)
    it.write({f"cmd/{name}": text for name, text in it.shelf.files.items()})
    it.write({"cmd/go.mod": it.shelf.files["go.mod"] + f"\nreplace {LIB} => ../../lib\n"})
    it.at = it.folder / "cmd"


def private_fork(it: Scene) -> None:
    it.add(f"replace {LIB} => {FORK} v1.0.0")
    it.run("mod", "tidy")
    it.env["GOPRIVATE"] = "example.test,fork.*"


def workspace_without_sums(it: Scene) -> None:
    """What the workspace uses or replaces by folders needs no sum."""
    it.put(go_mod=f"module {MODULE}\n\ngo 1.26\n\nrequire {LIB} v0.0.0\n")
    (it.folder / "go.sum").unlink()
    _local(it)
    it.write({"../go.work": "go 1.26\n\nuse (\n\t./app\n\t./lib\n)\n"})


def root_of_a_workspace(it: Scene) -> None:
    workspace_without_sums(it)
    it.at = it.folder.parent


def required_and_not_imported(it: Scene) -> None:
    it.put(main_go=NO_IMPORTS)
    (it.folder / "go.sum").unlink()


def packages_of_other_kinds(it: Scene) -> None:
    """Tests alone, programs that are run by hand, other platforms', texts that only look so."""
    it.write(
        {
            "tests/some_test.go": "package tests\n",
            "gen/gen.go": f"//go:build ignore\n\n{NO_IMPORTS}",
            "win/win_windows.go": "package win\n",
            "testdata/src/bad.go": "nonsense",
            "_old/bad.go": "nonsense",
            "outer_test.go": "package main_test\n",
            "c/c.go": 'package c\n\nimport "C"\n',
        }
    )


HEALTHY = (
    *(replaced, vendored, used_and_replaced, repeated_further_down, private_fork),
    *(workspace_without_sums, root_of_a_workspace, required_and_not_imported),
    packages_of_other_kinds,
)


# --- which files count -----------------------------------------------------------------


@case("project.module", "error", "go.mod: line 3: unknown directive: requir")
def half_written(it: Scene) -> None:
    it.mod("requir x")


@case("project.module", "error", "it is a link to ")
def a_link_to_secrets(it: Scene) -> None:
    it.write({"../token": "hunter2: hunter2\n"})
    (it.folder / "go.mod").unlink()
    (it.folder / "go.mod").symlink_to("../token")


@case("project.module", "error", "go.mod: it is no plain file")
def a_pipe(it: Scene) -> None:
    (it.folder / "go.mod").unlink()
    os.mkfifo(it.folder / "go.mod")


@case("project.module", "error", "go.mod names no module", "mod edit -module=NAME")
def nameless(it: Scene) -> None:
    it.alone()
    it.put(go_mod="go 1.26\n")


@case("project.module", "info", "it is no Go project", "mod init NAME")
def no_project(it: Scene) -> None:
    (it.folder / "go.mod").unlink()


@case("project.module", "error", "is no folder")
def no_folder(it: Scene) -> None:
    shutil.rmtree(it.folder)


@case("project.module", "error", "GOWORK names it, set by this process", "unset GOWORK")
def gowork_names_nothing(it: Scene) -> None:
    it.env["GOWORK"] = str(it.folder.parent / "go.work")


@case("project.module", "error", "GOWORK: not an absolute path", "unset GOWORK")
def relative_gowork(it: Scene) -> None:
    it.env["GOWORK"] = "go.work"


@case("project.module", "error", "other.mod: No such file or directory; GOFLAGS", "env -u GOFLAGS")
def modfile_names_nothing(it: Scene) -> None:
    it.written["GOFLAGS"] = "-modfile=other.mod"


@case("project.module", "error", "go.sum is no plain file")
def sums_are_a_pipe(it: Scene) -> None:
    (it.folder / "go.sum").unlink()
    os.mkfifo(it.folder / "go.sum")


@case("project.module", "error", "pipe.go is no plain file")
def a_source_is_a_pipe(it: Scene) -> None:
    os.mkfifo(it.folder / "pipe.go")


@case("project.module", "error", "holds a line break: Go takes no package from there")
def line_break(it: Scene) -> None:
    it.at = it.folder.rename(it.folder.with_name("a\nb"))


@case("project.module", "info", "projects are below it: app and more/deep", "")
def projects_below(it: Scene) -> None:
    it.write({"../more/deep/go.mod": "module d.invalid/d\n", "../.hidden/go.mod": "module h\n"})
    it.write({"vendor/x/go.mod": "module x\n"})
    it.at = it.folder.parent


@case(
    "project.sums", "error", "Go can't load the project: go.mod:5: default=go1.99 too new", "list"
)
def refused_setting(it: Scene) -> None:
    it.alone()
    it.mod("go 1.26\n\ngodebug default=go1.99")


@case("project.module", "error", "vendor/modules.txt is no plain file")
def vendored_pipe(it: Scene) -> None:
    (it.folder / "vendor").mkdir()
    os.mkfifo(it.folder / "vendor" / "modules.txt")


@case("project.workspace", "error", "doesn't use", "work use")
def workspace_of_others(it: Scene) -> None:
    it.write({"../go.work": "go 1.26\n\nuse ./other\n", "../other/go.mod": "module o.invalid/o\n"})


@case("project.workspace", "error", "gone, where no go.mod is", "work edit -dropuse=./gone")
def workspace_uses_nothing(it: Scene) -> None:
    it.write({"../go.work": "go 1.26\n\nuse (\n\t./app\n\t./gone\n)\n"})


@case("project.workspace", "error", "says go 1.25, and", "work use")
def workspace_too_old(it: Scene) -> None:
    it.write({"../go.work": "go 1.25\n\nuse ./app\n"})


@case("project.workspace", "error", f"uses 2 folders with the module {MODULE}", "-dropuse=./copy")
def workspace_twice(it: Scene) -> None:
    shutil.copytree(it.folder, it.folder.parent / "copy")
    it.write({"../go.work": "go 1.26\n\nuse (\n\t./app\n\t./copy\n)\n"})


@case("project.workspace", "error", "which Go refuses where a go.work is in force", "unset GOFLAGS")
def mod_mod_in_a_workspace(it: Scene) -> None:
    it.write({"../go.work": "go 1.26\n\nuse ./app\n"})
    it.env["GOFLAGS"] = "-mod=mod"


@case("project.workspace", "info", "doesn't count, as GOWORK=off is set by `go env -w`", "env -u")
def workspace_off(it: Scene) -> None:
    it.write({"../go.work": "go 1.26\n\nuse ./app\n"})
    it.written["GOWORK"] = "off"


# --- module mode -----------------------------------------------------------------------


@case("project.mode", "error", "GO111MODULE=off, set by this process", "unset GO111MODULE")
def modules_off(it: Scene) -> None:
    it.env["GO111MODULE"] = "off"


@case("project.mode", "warn", "-toolexec=/opt/spy, set by `go env -w`: a program", "env -u GOFLAGS")
def a_program_around_the_compiler(it: Scene) -> None:
    it.written["GOFLAGS"] = "-toolexec=/opt/spy"


@case("project.mode", "error", "Go doesn't understand GOFLAGS=-nonsense", "env -u GOFLAGS")
def unknown_flag(it: Scene) -> None:
    it.written["GOFLAGS"] = "-nonsense"


@case("project.mode", "warn", "building changes", "conda env config vars unset")
def mod_mod(it: Scene) -> None:
    it.state["GOFLAGS"] = "-mod=mod"


# --- the go and toolchain lines --------------------------------------------------------


@case("project.toolchain", "error", "asks for Go 1.99, and the environment has 1.26", "go>=1.99")
def too_new(it: Scene) -> None:
    it.alone()
    it.mod("go 1.99")


@case("project.toolchain", "warn", "terminals run another Go (GOTOOLCHAIN=auto, set by act")
def too_new_and_fetched(it: Scene) -> None:
    it.mod(f"go 1.99\n\nrequire {LIB} v1.0.0")
    it.state["GOTOOLCHAIN"] = "auto"


@case("project.toolchain", "info", "names the toolchain go1.99.0", "mod edit -toolchain=none")
def wished_toolchain(it: Scene) -> None:
    it.add("toolchain go1.99.0")


@case("project.toolchain", "warn", "terminals run that and not the", "config vars unset")
def fetched_toolchain(it: Scene) -> None:
    it.add("toolchain go1.99.0")
    it.state["GOTOOLCHAIN"] = "auto"


@case("project.toolchain", "error", "go.work asks for Go 1.99.1", "go>=1.99.1")
def workspace_module_too_new(it: Scene) -> None:
    it.write(
        {
            "../go.work": "go 1.99.1\n\nuse (\n\t./app\n\t./dep\n)\n",
            "../dep/go.mod": "module d.invalid/d\n\ngo 1.99.1\n",
        }
    )


# --- vendor ----------------------------------------------------------------------------


@case("project.vendor", "error", "vendor doesn't agree with", "mod vendor")
def vendored_before(it: Scene) -> None:
    it.run("mod", "vendor")
    it.run("get", f"{LIB}@v1.1.0")


@case("project.vendor", "warn", "go.mod says go 1.13", "mod edit -go=1.26")
def vendored_and_old(it: Scene) -> None:
    it.alone()
    it.mod("go 1.13")
    it.write({"vendor/modules.txt": ""})


@case("project.vendor", "warn", "GOFLAGS says -mod=readonly, set by this process", "unset GOFLAGS")
def vendored_in_vain(it: Scene) -> None:
    it.run("mod", "vendor")
    it.env["GOFLAGS"] = "-mod=readonly"


@case("project.vendor", "error", "GOFLAGS says -mod=vendor, set by `go env -w`", "mod vendor")
def nothing_vendored(it: Scene) -> None:
    it.written["GOFLAGS"] = "-mod=vendor"


# --- replace ---------------------------------------------------------------------------


@case("project.replace", "error", "lib, which is not there", f"mod edit -dropreplace={LIB}")
def replaced_by_nothing(it: Scene) -> None:
    it.add(f"replace {LIB} => ../lib")


@case("project.replace", "error", "lib, where no go.mod is", f"mod edit -dropreplace={LIB}")
def replaced_by_no_module(it: Scene) -> None:
    it.write({"../lib/lib.go": "package lib\n"})
    it.add(f"replace {LIB} => ../lib")


@case("project.replace", "info", "other, which is not there, in", f"-dropreplace={OTHER}")
def replaced_by_nothing_and_not_required(it: Scene) -> None:
    it.add(f"replace {OTHER} => ../other")


@case("project.replace", "warn", "the one for v1.0.0, which Go uses", f"-dropreplace={LIB}")
def replaced_twice_and_once_by_nothing(it: Scene) -> None:
    _local(it, "two")
    it.add(f"replace (\n\t{LIB} => ../one\n\t{LIB} v1.0.0 => ../two\n)")


@case("project.replace", "warn", "has no effect: Go uses v1.0.0", f"-dropreplace={LIB}@v1.1.0")
def replaced_in_another_version_by_nothing(it: Scene) -> None:
    it.add(f"replace {LIB} v1.1.0 => ../lib")


@case("project.replace", "info", "has no effect: nothing requires it", f"dropreplace={OTHER}")
def replaced_and_not_required(it: Scene) -> None:
    it.write({"../other/go.mod": f"module {OTHER}\n"})
    it.add(f"replace {OTHER} => ../other")


@case("project.replace", "warn", "has no effect: Go uses v1.0.0", f"-replace={LIB}=../lib")
def replaced_in_another_version(it: Scene) -> None:
    _local(it)
    it.add(f"replace {LIB} v1.1.0 => ../lib")


@case("project.replace", "warn", "the one for v1.0.0, which Go uses", f"dropreplace={LIB}@v1.0.0")
def replaced_twice(it: Scene) -> None:
    _local(it, "one")
    _local(it, "two")
    it.add(f"replace (\n\t{LIB} => ../one\n\t{LIB} v1.0.0 => ../two\n)")


@case("project.replace", "warn", "go.work overrides it", f"mod edit -dropreplace={LIB}")
def replaced_in_go_work_too(it: Scene) -> None:
    _local(it, "one")
    _local(it, "two")
    it.add(f"replace {LIB} => ../one")
    it.write({"../go.work": f"go 1.26\n\nuse ./app\n\nreplace {LIB} => ./two\n"})


@case("project.replace", "warn", "uses it from", f"mod edit -dropreplace={LIB}")
def replaced_and_used(it: Scene) -> None:
    _local(it, "one")
    _local(it, "two")
    it.add(f"replace {LIB} => ../one")
    it.write({"../go.work": "go 1.26\n\nuse (\n\t./app\n\t./two\n)\n"})


@case("project.replace", "error", "replace example.test/lib by different things", "work edit -rep")
def replaced_differently(it: Scene) -> None:
    _local(it, "one")
    _local(it, "two")
    it.add(f"replace {LIB} => ../one")
    theirs = f"module b.invalid/b\n\ngo 1.26\n\nrequire {LIB} v1.0.0\n\nreplace {LIB} => ../two\n"
    it.write(
        {"../b/go.mod": theirs, "../go.work": "go 1.26\n\nuse (\n\t./app\n\t./b\n)\n"},
    )


@case("project.replace", "warn", "lib.go is not what stands there now", "mod vendor")
def replaced_and_vendored(it: Scene) -> None:
    _local(it)
    it.add(f"replace {LIB} => ../lib")
    it.run("mod", "vendor")
    it.write({f"../lib/{name}": text for name, text in saying("changed").items()})


@case("project.replace", "warn", "GOFLAGS puts", "unset GOFLAGS")
def replaced_in_another_file(it: Scene) -> None:
    _local(it)
    it.write({"other.mod": it.shelf.files["go.mod"], "other.sum": it.shelf.files["go.sum"]})
    it.add(f"replace {LIB} => ../lib")
    it.env["GOFLAGS"] = "-modfile=other.mod"


@case("project.replace", "warn", "app/cmd/go.mod is in force", f"-replace={LIB}=")
def replaced_further_up(it: Scene) -> None:
    _local(it)
    it.write({f"cmd/{name}": text for name, text in it.shelf.files.items()})
    it.add(f"replace {LIB} => ../lib")
    it.at = it.folder / "cmd"


@case("project.replace", "warn", "has no effect here: Go heeds only those of", f"-replace={OTHER}=")
def replaced_in_a_dependency(it: Scene) -> None:
    more = f"\nrequire {OTHER} v1.0.0\n\nreplace {OTHER} => ../other\n"
    _local(it, more=more)
    it.write(
        {
            "../lib/dep.go": f'package lib\n\nimport _ "{OTHER}"\n',
            "../other/go.mod": f"module {OTHER}\n",
            "../other/dep.go": "package dep\n",
        }
    )
    it.add(f"replace {LIB} => ../lib")
    it.run("mod", "tidy")


@case("project.replace", "warn", "fork.test/lib, which GOPRIVATE=example.test", "export GOPRIVATE=")
def replaced_and_private(it: Scene) -> None:
    it.add(f"replace {LIB} => {FORK} v1.0.0")
    it.run("mod", "tidy")
    it.env["GOPRIVATE"] = "example.test"


# --- go.sum, imports, the module cache -------------------------------------------------


@case("project.sums", "error", "There is no go.sum beside", "mod tidy")
def no_sums(it: Scene) -> None:
    (it.folder / "go.sum").unlink()


@case("project.sums", "error", "missing go.sum entry for module providing package", "mod tidy")
def sums_lack_lines(it: Scene) -> None:
    lines = it.shelf.files["go.sum"].splitlines(keepends=True)
    it.write({"go.sum": "".join(line for line in lines if "/go.mod" in line)})


@case("project.sums", "error", "no required module provides package other.test/dep", "mod tidy")
def not_required(it: Scene) -> None:
    it.write({"more.go": f'package main\n\nimport _ "{OTHER}"\n'})


@case("project.sums", "error", "go.sum can't be read", "mod tidy")
def broken_sums(it: Scene) -> None:
    it.write({"go.sum": "nonsense\n"})


@case("project.sums", "unknown", "Not all modules are in the module cache", "mod download")
def not_downloaded(it: Scene) -> None:
    it.home = it.prefix.parent
    (it.home / "go").mkdir()


@case(
    "project.packages", "error", "found packages main (main.go) and other (more.go)", "list ./..."
)
def two_packages(it: Scene) -> None:
    it.write({"more.go": "package other\n"})


@case("project.packages", "error", "a\\nb", "list ./...")
def line_break_below(it: Scene) -> None:
    it.write({"a\nb/more.go": "package other\n"})


@case("project.packages", "error", "main.go:1:1: expected 'package', found 'EOF'", "list ./...")
def empty_source(it: Scene) -> None:
    it.write({"main.go": ""})


@case("project.modcache", "error", f"{LIB} v1.0.0 is in the module cache not what", "clean -modc")
def changed_module(it: Scene) -> None:
    it.home = it.prefix.parent / "home"
    shutil.copytree(it.shelf.home, it.home, symlinks=True)
    changed = it.home / "go/pkg/mod" / f"{LIB}@v1.0.0" / "lib.go"
    changed.write_text(changed.read_text().replace("v1.0.0", "v6.6.6"))


@case("project.modcache", "error", "old.test/lib v1.0.0 is in the module cache not", "clean -modc")
def changed_module_and_no_whole_graph(it: Scene) -> None:
    it.shelf.proxy.publish("deep.test/dep", "v1.0.0", {"dep.go": "package dep\n"}, go="1.16")
    more = "\nrequire deep.test/dep v1.0.0\n"
    it.shelf.proxy.publish("old.test/lib", "v1.0.0", saying("old"), go="1.16", more=more)
    it.put(main_go=MAIN.replace(LIB, "old.test/lib"))
    it.run("get", "old.test/lib@v1.0.0")
    it.run("mod", "tidy")
    it.home = it.prefix.parent / "home"
    shutil.copytree(it.shelf.home, it.home, symlinks=True)
    shutil.rmtree(it.home / "go/pkg/mod/cache/download/deep.test")
    (it.home / "go/pkg/mod/old.test/lib@v1.0.0/lib.go").write_text(saying("bad")["lib.go"])


@case("project.sums", "error", "A module is not what go.sum says it is", "mod verify")
def another_sum(it: Scene) -> None:
    it.home = it.prefix.parent / "home"
    shutil.copytree(it.shelf.home, it.home, symlinks=True)
    it.write({"go.sum": it.shelf.files["go.sum"].replace("h1:", "h1:AAAA").replace("=", "")})


# --- who decides where things go -------------------------------------------------------


@case("project.overrides", "warn", "it is not on PATH", "env -u GOBIN")
def gobin_of_go_env(it: Scene) -> None:
    it.written["GOBIN"] = str(it.folder.parent / "bin")


@case("project.overrides", "info", "set by this process: `go install` puts", "unset GOBIN")
def gobin_of_the_process(it: Scene) -> None:
    it.env["GOBIN"] = "/usr/bin"


@case("project.overrides", "error", "Go refuses a path that doesn't begin with /", "unset GOBIN")
def relative_gobin(it: Scene) -> None:
    it.env["GOBIN"] = "bin"


@case("project.overrides", "warn", "lies in the project: modules are kept there", "unset GOMODC")
def modules_in_the_project(it: Scene) -> None:
    it.alone()
    it.env["GOMODCACHE"] = str(it.folder / ".mod")


@case("project.overrides", "warn", "overrides", "conda env config vars unset")
def two_caches(it: Scene) -> None:
    it.state["GOCACHE"] = str(it.folder.parent / "activated")
    it.env["GOCACHE"] = str(it.folder.parent / "process")


# --- where modules come from -----------------------------------------------------------


@case("project.sources", "error", "proxy.invalid, which is no address", "unset GOPROXY")
def proxy_without_scheme(it: Scene) -> None:
    it.env["GOPROXY"] = "proxy.invalid"


@case("project.sources", "warn", "behind direct, where Go never asks", "env -u GOPROXY")
def proxy_behind_direct(it: Scene) -> None:
    it.written["GOPROXY"] = "direct,https://proxy.invalid"


@case("project.sources", "warn", "takes the place of GOPRIVATE", "unset GONOPROXY")
def private_and_no_proxy(it: Scene) -> None:
    it.env |= {"GOPRIVATE": "example.invalid", "GONOPROXY": "none"}


@case("project.sources", "warn", "asks the hosts of example.invalid all the same", "GONOPROXY=none")
def off_and_private(it: Scene) -> None:
    it.env |= {"GOPROXY": "off", "GOPRIVATE": "example.invalid"}


@case("project.sources", "warn", "holds folders only, and GOSUMDB", "GOSUMDB=off")
def folders_and_sums(it: Scene) -> None:
    it.env["GOPROXY"] = it.shelf.proxy.url


@case("project.sources", "warn", "GOSUMDB=off (set by `go env -w`), and modules come from a")
def no_sum_database(it: Scene) -> None:
    it.written["GOSUMDB"] = "off"


# --- `go run` and `go build` -----------------------------------------------------------


@case("project.build", "error", "`go run main.go` works in", "build main.go")
def two_programs(it: Scene) -> None:
    it.write({"tool.go": NO_IMPORTS})


@case("project.build", "error", "`go run gen.go` works in", "build gen.go")
def only_ignored(it: Scene) -> None:
    it.alone()
    (it.folder / "main.go").rename(it.folder / "gen.go")
    it.put(gen_go=f"//go:build ignore\n\n{NO_IMPORTS}")


@case("project.build", "warn", "the program would be called app, as a folder", "build -o app.out")
def folder_of_its_name(it: Scene) -> None:
    it.write({"app/notes.txt": "x"})


@case("project.build", "warn", "git can't say which commit it is", "build -buildvcs=false")
def broken_repository(it: Scene) -> None:
    it.write({".git/HEAD": "nonsense"})


@case("project.build", "error", "Neither `go build` nor `go run` builds", "build .")
def does_not_compile(it: Scene) -> None:
    it.put(main_go="package main\n\nfunc main() { undefined() }\n")
