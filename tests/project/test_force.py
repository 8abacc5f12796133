"""Which files count in a folder is what Go itself goes by."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest

from go_kernel.project import force
from go_kernel.project.go import ProjectGo
from go_kernel.project.goversion import is_newer, order
from go_kernel.project.reading import NoFolder, Unreadable
from tests import prefixes, unprivileged


@pytest.fixture(scope="module")
def go(goroot: Callable[[str], Path]) -> Path:
    """A real `go`."""
    return goroot("1.26") / "bin" / "go"


class Case(NamedTuple):
    """Files, variables, the folder; whether Go takes the vendor folder, and the reason."""

    files: dict[str, str]
    used: bool
    why: str
    env: Mapping[str, str] = MappingProxyType({})
    below: str = "."


_MOD = "module a.invalid/a\n\ngo 1.26\n"
_VENDORED = {"go.mod": _MOD, "vendor/modules.txt": ""}
_WORK = {"go.work": "go 1.26\n\nuse ./a\n", "a/go.mod": _MOD}
VENDOR = {
    "by itself": Case(_VENDORED, True, "it is there, and go.mod says go 1.26"),
    "below": Case({**_VENDORED, "x/y/z.go": "package y\n"}, True, "it is there", below="x/y"),
    "none": Case({"go.mod": _MOD}, False, "there is none"),
    "old": Case({**_VENDORED, "go.mod": "module a\n\ngo 1.13\n"}, False, "go.mod says go 1.13"),
    "no line": Case({**_VENDORED, "go.mod": "module a\n"}, False, "go.mod has no go line"),
    "switched off": Case(
        _VENDORED, False, "GOFLAGS says -mod=readonly", {"GOFLAGS": "-tags=x -mod=readonly"}
    ),
    "switched on": Case(
        {**_VENDORED, "go.mod": "module a\n\ngo 1.13\n"},
        True,
        "GOFLAGS says -mod=vendor",
        {"GOFLAGS": "-mod=vendor"},
    ),
    "workspace's": Case(
        {**_WORK, "vendor/modules.txt": "## workspace\n"}, True, "go.work says", below="a"
    ),
    "module's in a workspace": Case(
        {**_WORK, "vendor/modules.txt": "# x\n"},
        False,
        "it was not made for a workspace",
        below="a",
    ),
    "workspace's without one": Case(
        {**_VENDORED, "vendor/modules.txt": "## workspace\n"}, False, "it was made for a workspace"
    ),
    "workspace off": Case(
        {**_WORK, "a/vendor/modules.txt": ""}, True, "go.mod says", {"GOWORK": "off"}, "a"
    ),
}


@pytest.mark.parametrize("name", VENDOR)
def test_vendor_is_used_where_go_uses_it(
    go: Path, tmp_path: Path, clean_env: dict[str, str], name: str
) -> None:
    """Go refuses to list all modules exactly where it goes by the vendor folder."""
    case = VENDOR[name]
    for file, text in case.files.items():
        prefixes.write(tmp_path / file, text)
    asked = ProjectGo(go, {**clean_env, **case.env})
    found = force.find(asked, tmp_path / case.below)
    assert found.vendor is not None
    assert found.vendor.used == case.used
    assert case.why in found.vendor.why
    said = asked.run(tmp_path / case.below, "list", "-m", "all", check=False).stderr
    assert ("using the vendor directory" in said) == case.used, said


def test_a_workspace(go: Path, tmp_path: Path, clean_env: dict[str, str]) -> None:
    """Its modules, one that it doesn't use, one that isn't there."""
    prefixes.write(tmp_path / "go.work", "go 1.26\n\ntoolchain go1.99.0\n\nuse (\n./a\n./gone\n)\n")
    prefixes.write(tmp_path / "a/go.mod", "module a.invalid/a\n\ngo 1.25\n")
    prefixes.write(tmp_path / "b/go.mod", "module b.invalid/b\n\ngo 1.25\n")
    inside = force.find(ProjectGo(go, clean_env), tmp_path / "a")
    assert inside.gowork == inside.file == tmp_path / "go.work"
    assert inside.gomod == tmp_path / "a/go.mod"
    assert [one.path for one in inside.modules] == ["a.invalid/a"]
    assert inside.missing == (tmp_path / "gone",)
    assert inside.is_own_used
    assert (inside.module_path, inside.go_line) == ("a.invalid/a", "1.26")
    assert inside.toolchain_line == "go1.99.0"
    outside = force.find(ProjectGo(go, clean_env), tmp_path / "b")
    assert outside.module_path == "b.invalid/b"
    assert not outside.is_own_used
    off = force.find(ProjectGo(go, clean_env | {"GOWORK": "off"}), tmp_path / "b")
    assert (off.gowork, off.file, off.go_line) == (None, tmp_path / "b/go.mod", "1.25")
    assert off.is_own_used


def test_another_go_mod(go: Path, tmp_path: Path, clean_env: dict[str, str]) -> None:
    """-modfile puts another file, with its own sums, in go.mod's place."""
    prefixes.write(tmp_path / "go.mod", _MOD)
    prefixes.write(tmp_path / "other.mod", "module other.invalid/o\n\ngo 1.22\n")
    found = force.find(ProjectGo(go, clean_env | {"GOFLAGS": "-modfile=other.mod"}), tmp_path)
    assert found.gomod == tmp_path / "go.mod"
    assert found.file == found.modfile == tmp_path / "other.mod"
    assert found.module_path == "other.invalid/o"
    assert found.own is not None
    assert found.own.sums == tmp_path / "other.sum"


def test_no_project(go: Path, tmp_path: Path, clean_env: dict[str, str]) -> None:
    """A folder without go.mod is an answer, one that isn't there is none."""
    found = force.find(ProjectGo(go, clean_env), tmp_path)
    assert (found.file, found.own, found.vendor, found.modules) == (None, None, None, ())
    with pytest.raises(NoFolder, match="is no folder"):
        force.find(ProjectGo(go, clean_env), tmp_path / "gone")


def _folder(path: Path) -> None:
    path.mkdir()


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100 * 2**20)


UNREADABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "pipe": (os.mkfifo, "it is no plain file"),
    "huge": (_huge, "it has 105 MB, and 16 MB is the most"),
    "broken": (lambda path: path.write_text("module a\n\nmodul b\n"), "line 3: unknown directive"),
    "binary": (lambda path: path.write_bytes(bytes(range(256))), "line 1: "),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable(go: Path, tmp_path: Path, clean_env: dict[str, str], name: str) -> None:
    """One sentence names the file and what is wrong with it, and at once."""
    make, words = UNREADABLE[name]
    make(tmp_path / "go.mod")
    with pytest.raises(Unreadable) as caught:
        force.find(ProjectGo(go, clean_env), tmp_path)
    assert f"Go can't read {tmp_path}/go.mod: {words}" in caught.value.summary
    assert caught.value.remedy


_FORBIDDEN = """
from pathlib import Path
from go_kernel.project import reading
from go_kernel.project.go import ProjectGo
drop()
try:
    reading.read(ProjectGo(Path("/nonexistent/go"), {}), "mod", Path(sys.argv[1]))
except reading.Unreadable as error:
    print(json.dumps(str(error)))
"""


def test_forbidden() -> None:
    """A file that somebody else may read only."""
    with unprivileged.open_folder() as folder:
        file = prefixes.write(folder / "go.mod", _MOD, mode=0o600)
        said = unprivileged.run(_FORBIDDEN, file)
    assert said.startswith(f"Go can't read {file}: you may not read it. ")
    assert f"`chmod a+r {file}`" in said


def test_versions_in_go_s_order() -> None:
    """A language version comes before its candidates, those before the release."""
    versions = ["go1.9", "1.21", "1.21beta1", "1.21rc2", "1.21.0", "go1.21.4-custom", "1.22"]
    assert all(order(one) < order(next_one) for one, next_one in pairwise(versions))
    assert is_newer("1.27", "1.26.6")
    assert not is_newer("1.26", "1.26.6")
    assert not is_newer("nonsense", "1.26.6")
