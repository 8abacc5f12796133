"""`snapshot create --build`: a program that comes out the same, whoever builds it."""

from __future__ import annotations

import hashlib
import shlex
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from go_kernel.project.go import ProjectGo
from go_kernel.project.snapshot.build import Builder
from go_kernel.project.snapshot.errors import NotAProgram, NotBuilt, NotReproducible
from go_kernel.project.snapshot.vendor import hash_of
from tests.cli import snapshots
from tests.cli.snapshots import Project


@pytest.fixture(scope="module")
def go(goroot: Callable[[str], Path]) -> Path:
    """A Go."""
    return goroot("1.26") / "bin" / "go"


@pytest.fixture(scope="module")
def pattern(go: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project, complete."""
    return snapshots.make(tmp_path_factory.mktemp("pattern"), go)


@pytest.fixture
def project(pattern: Project, tmp_path: Path) -> Project:
    """A copy of it."""
    return Project(shutil.copytree(pattern.folder, tmp_path / "greet"), pattern.modules)


@pytest.fixture
def variables(project: Project, dev_cache: Path, tmp_path: Path) -> dict[str, str]:
    """What an environment sets."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "GOMODCACHE": str(project.modules),
        "GOCACHE": str(dev_cache / "gocache"),
        "CGO_ENABLED": "0",
        "GOFLAGS": "-tags=loud",
    }


@pytest.fixture
def builder(
    go: Path, project: Project, variables: dict[str, str], tmp_path: Path, dev_cache: Path
) -> Builder:
    """Builds what is in the project, with caches that are full: the docs' test has empty ones."""
    place = tmp_path / "place"
    for number in ("first", "second"):
        (place / number).mkdir(parents=True)
        (place / number / "cache").symlink_to(dev_cache / "gocache")
    return Builder(ProjectGo(go, variables), project.folder, place)


def test_twice_the_same_and_by_hand(
    go: Path, builder: Builder, project: Project, variables: dict[str, str], tmp_path: Path
) -> None:
    """The command that is printed gives these bytes, in another folder and with a warm cache."""
    made = builder.twice("./cmd/greet")
    elsewhere = shutil.copytree(project.folder, tmp_path / "elsewhere")
    words = shlex.split(builder.command("./cmd/greet"))
    said = dict(word.split("=", 1) for word in words[:2])
    assert words[2:4] == ["go", "build"]

    subprocess.run(
        [go, *words[3:]], cwd=elsewhere, env={**variables, "GOPROXY": "off", **said}, check=True
    )

    content = (elsewhere / "greet").read_bytes()
    assert (hashlib.sha256(content).hexdigest(), len(content)) == (made.sha256, made.size)
    done = subprocess.run([elsewhere / "greet"], capture_output=True, text=True, check=True)
    assert done.stderr == "hello v1.0.0\n"
    assert sorted(one.name for one in project.folder.iterdir()) == ["cmd", "go.mod", "go.sum"]


@pytest.fixture
def in_prefix(
    go: Path, project: Project, variables: dict[str, str], builder: Builder, tmp_path: Path
) -> Callable[[str], Builder]:
    """Builds with cgo in an environment of that name, in whose libraries programs look."""

    def make(name: str) -> Builder:
        prefix = tmp_path / "envs" / name
        (prefix / "lib").mkdir(parents=True)
        own = {
            "CGO_ENABLED": "1",
            "CC": "gcc",
            "CGO_LDFLAGS": f"-O2 -g -L{prefix}/lib -Wl,-rpath,{prefix}/lib",
            "CGO_CPPFLAGS": f"-I{prefix}/include",
        }
        return replace(builder, go=ProjectGo(go, variables | own), prefix=prefix)

    return make


CGO = """\
package main

// int two(void) { return 2; }
import "C"

func main() { println(C.two()) }
"""


def test_a_program_that_holds_the_folder_of_its_environment(
    in_prefix: Callable[[str], Builder], project: Project
) -> None:
    """In another one it has other bytes, and is known by those without the folder."""
    project.write("cmd/two/main.go", CGO)

    one, other = (in_prefix(name).twice("./cmd/two") for name in ("one", "the-other"))

    assert one.holds_folder
    assert one.sha256 != other.sha256
    assert one.anywhere
    assert one.anywhere == other.anywhere


def test_a_program_that_the_folder_cannot_be_taken_out_of(
    in_prefix: Callable[[str], Builder], project: Project
) -> None:
    """The one that its sources name themselves: there is no hash that holds anywhere."""
    builder = in_prefix("one")
    text = f'import "C"\n\nvar place = "{builder.prefix}"'
    text = CGO.replace('import "C"', text).replace("C.two()", "C.two(), place")
    project.write("cmd/two/main.go", text)

    assert builder.twice("./cmd/two").anywhere == ""


def test_a_source_that_names_the_folder(
    in_prefix: Callable[[str], Builder], project: Project
) -> None:
    """It does so everywhere: the program is the same in any environment."""
    builder = in_prefix("one")
    text = f'package main\n\nfunc main() {{ println("{builder.prefix}") }}\n'
    project.write("cmd/two/main.go", text)

    made = builder.twice("./cmd/two")

    assert made.anywhere == made.sha256


def test_sources_that_change_meanwhile(builder: Builder, project: Project) -> None:
    """The two differ, and it is said where."""

    def change(line: str) -> None:
        if "second" in line:
            project.write("cmd/greet/main.go", snapshots.MAIN.replace("lib.Say()", "lib.Text, 1"))

    changing = Builder(builder.go, builder.folder, builder.place, change)

    with pytest.raises(NotReproducible, match=r"Two builds of \./cmd/greet differ") as caught:
        changing.twice("./cmd/greet")

    assert caught.value.at > 0


@pytest.mark.parametrize(
    ("package", "said"),
    [
        ("-toolexec=/bin/false", "is no package"),
        ("", "is no package"),
        ("./lib", "is the package lib, which is no program"),
        ("./...", "names 2 packages"),
        ("cmd/greet", r"Did you mean --build ./cmd/greet\?"),
    ],
)
def test_what_is_no_program(package: str, said: str, builder: Builder, project: Project) -> None:
    """It is said before anything is built."""
    project.write("lib/lib.go", "package lib\n")

    with pytest.raises(NotAProgram, match=said):
        builder.twice(package)


def test_what_cannot_be_built(builder: Builder, project: Project) -> None:
    """Go's own line says why; the way by which Go saw the folder is not in it."""
    project.write("cmd/greet/main.go", "package main\n\nfunc main() { nothing() }\n")

    with pytest.raises(NotBuilt, match=r"cmd/greet/main\.go:3:15: undefined: nothing") as caught:
        builder.twice("./cmd/greet")

    assert str(builder.place) not in caught.value.summary


def test_a_folder_that_is_not_there(builder: Builder) -> None:
    """As for what doesn't build."""
    with pytest.raises(NotBuilt, match=r"Go can't build \./cmd/gone") as caught:
        builder.twice("./cmd/gone")

    assert "--build ./cmd/x" in str(caught.value.remedy)


def test_a_project_for_a_later_go(builder: Builder, project: Project) -> None:
    """The remedy is that Go."""
    gomod = project.folder / "go.mod"
    gomod.write_text(gomod.read_text().replace("go 1.22", "go 1.99"))

    with pytest.raises(NotBuilt) as caught:
        builder.twice("./cmd/greet")

    assert "Go 1.99 or later" in str(caught.value.remedy)


def test_a_vendor_folder_is_hashed_as_go_does(go: Path, tmp_path: Path, dev_cache: Path) -> None:
    """By the code that Go itself is made of."""
    vendor = tmp_path / "vendor"
    for name, content in {"modules.txt": "# a\n", "a/b/c.go": "package b\n", "a/b.go": ""}.items():
        (vendor / name).parent.mkdir(parents=True, exist_ok=True)
        (vendor / name).write_text(content)
    module = tmp_path / "module"
    source = go.parents[1] / "src/cmd/vendor/golang.org/x/mod/sumdb/dirhash"
    shutil.copytree(source, module / "dirhash")
    (module / "go.mod").write_text("module example.test/hash\n\ngo 1.22\n")
    (module / "main.go").write_text(
        'package main\n\nimport ("os"; "example.test/hash/dirhash")\n\nfunc main() {\n'
        '\tsum, err := dirhash.HashDir(os.Args[1], "vendor", dirhash.Hash1)\n'
        "\tif err != nil { panic(err) }\n\tos.Stdout.WriteString(sum)\n}\n"
    )
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "GOCACHE": str(dev_cache / "gocache")}
    env |= {"GOTOOLCHAIN": "local", "GOFLAGS": "", "GOPROXY": "off", "CGO_ENABLED": "0"}
    done = subprocess.run(
        [go, "run", ".", vendor], cwd=module, env=env, check=True, capture_output=True, text=True
    )

    assert hash_of(vendor) == (done.stdout, 3)
