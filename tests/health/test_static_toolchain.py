"""Checks of the Go itself, on real environments wherever a real Go is to be broken."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from go_kernel import platforms
from go_kernel.findings import Status
from go_kernel.health.context import Context
from go_kernel.health.static.toolchain import NEWEST
from go_kernel.resolve import Target
from tests import prefixes, unprivileged
from tests.health.cases import Case, judge
from tests.health.conftest import World
from tools import toolchains


def real(world: World) -> Context:
    """A whole environment of conda's, with a kernel."""
    prefix = world.conda_prefix("go=1.26", "go-cgo_linux-64")
    world.install(prefix)
    return world.context(prefix)


def real_of_old_layout(world: World) -> Context:
    """Go 1.22."""
    return world.context(world.conda_prefix("go=1.22"))


def outside(world: World) -> Context:
    """A Go that no conda installed."""
    return world.context(Target("1.27", goroot=world.goroot("1.27")))


def made_up(world: World) -> Context:
    """Files only, without a record."""
    return world.context(world.prefix())


# environment.exists


def removed(world: World) -> Context:
    """A kernel outlived its environment."""
    prefix = world.prefix()
    world.install(prefix)
    prefix.rename(world.folder / "elsewhere")
    return world.context(prefix)


def goroot_removed(world: World) -> Context:
    """The same outside of conda."""
    target = Target("go", goroot=world.folder / "go")
    world.install(target)
    return world.context(target)


# toolchain.present


def without_go(world: World) -> Context:
    """An environment without Go."""
    return world.context(prefixes.prefix(world.folder / "envs" / "plain"))


def go_removed(world: World) -> Context:
    """Both files are gone, and conda believes that they are there."""
    prefix = world.conda_prefix("go=1.26", name="removed")
    for go in ("bin/go", "go/bin/go"):
        (prefix / go).unlink()
    return world.context(prefix)


def broken_link(world: World) -> Context:
    """`bin/go` leads nowhere."""
    prefix = world.prefix()
    (prefix / "go/bin/go").unlink()
    return world.context(prefix)


def without_compiler(world: World) -> Context:
    """An installation that was cut off."""
    prefix = world.conda_prefix("go=1.26", name="cut")
    for compiler in (prefix / "go/pkg/tool").glob("*/compile"):
        compiler.unlink()
    return world.context(prefix)


def goroot_without_go(world: World) -> Context:
    """Outside of conda."""
    (world.folder / "go").mkdir()
    return world.context(Target("go", goroot=world.folder / "go"))


# toolchain.whole


def file_gone(world: World) -> Context:
    """One of the tools."""
    prefix = world.conda_prefix("go=1.26", name="holes")
    tools = sorted((prefix / "go/pkg/tool").glob("*/*"))
    next(tool for tool in tools if tool.name in ("asm", "vet", "cover")).unlink()
    return world.context(prefix)


def file_cut_off(world: World) -> Context:
    """Half of a program: the disk was full."""
    prefix = world.conda_prefix("go=1.22", name="half")
    gofmt = prefix / "go/bin/gofmt"
    content = gofmt.read_bytes()
    gofmt.unlink()
    prefixes.program(gofmt, content[: len(content) // 2])
    return world.context(prefix)


# toolchain.version


def too_old(world: World) -> Context:
    """Older than any engine builds with."""
    return world.context(world.prefix(version="1.21.3"))


def too_old_for_gonb(world: World) -> Context:
    """It would do for gophernotes."""
    prefix = world.prefix(version="1.23.4")
    world.install(prefix, engine="gonb")
    return world.context(prefix)


def preview(world: World) -> Context:
    """A release candidate."""
    return world.context(world.prefix(version="1.27rc2"))


def from_the_future(world: World) -> Context:
    """Newer than was tested."""
    return world.context(world.prefix(version="1.99.0"))


# toolchain.hash


def replaced_go(world: World) -> Context:
    """Another file where conda had put `go`."""
    prefix = world.conda_prefix("go=1.27", name="tampered")
    prefixes.program(prefix / "evil", b"\x7fELF not go").rename(prefix / "go/bin/go")
    return world.context(prefix)


def upgraded_outside(world: World) -> Context:
    """The Go that a kernel was pinned to has been replaced by a newer one."""
    goroot = prefixes.goroot(world.folder / "go")
    target = Target("go", goroot=goroot)
    world.install(target, "go-mine", go_sha256="a" * 64)
    return world.context(target)


def pinned_outside(world: World) -> Context:
    """As it was when the kernel was installed."""
    goroot = prefixes.goroot(world.folder / "go")
    target = Target("go", goroot=goroot)
    actual = world.context(target).resolved.go_hash.actual
    world.install(target, go_sha256=actual)
    return world.context(target)


WELL = [
    Case("environment.exists", real, words="is there"),
    Case("environment.exists", outside, words="The Go installation"),
    Case("toolchain.present", real, words="Go 1.26.6 is in "),
    Case("toolchain.present", outside),
    Case("toolchain.whole", real, words="--deep looks at all."),
    Case("toolchain.whole", real_of_old_layout, words="Go 1.22.10 in "),
    Case("toolchain.whole", outside, Status.SKIPPED),
    Case("toolchain.whole", made_up, Status.SKIPPED, "no record"),
    Case("toolchain.version", real, words="Go 1.26.6 is supported."),
    Case("toolchain.hash", real, words="is the file that conda-meta's record of go names."),
    Case("toolchain.hash", pinned_outside, words="the hash seen when the kernel was installed"),
    Case("toolchain.hash", made_up, Status.SKIPPED, "Nobody recorded"),
]
GONE = ("does not exist any more", "kernelspec.remove")
BROKEN = [
    Case("environment.exists", removed, Status.ERROR, *GONE),
    Case("environment.exists", goroot_removed, Status.ERROR, *GONE),
    Case("toolchain.present", without_go, Status.ERROR, "holds no Go"),
    Case("toolchain.present", go_removed, Status.ERROR, "--force-reinstall go"),
    Case("toolchain.present", broken_link, Status.ERROR, "does not exist"),
    Case("toolchain.present", without_compiler, Status.ERROR, "has no compiler"),
    Case("toolchain.present", goroot_without_go, Status.ERROR, "There is no Go"),
    Case("toolchain.whole", file_gone, Status.ERROR, "1 is missing or of another size"),
    Case("toolchain.whole", file_cut_off, Status.ERROR, "go/bin/gofmt"),
    Case("toolchain.version", too_old, Status.ERROR, "1.21.3"),
    Case("toolchain.version", too_old_for_gonb, Status.ERROR, "GoNB"),
    Case("toolchain.version", preview, Status.WARN, "is a preview"),
    Case("toolchain.version", from_the_future, Status.WARN, "is newer than"),
    Case("toolchain.version", real_of_old_layout, Status.INFO, "no security fixes"),
    Case("toolchain.hash", replaced_go, Status.ERROR, "--force-reinstall go"),
    Case("toolchain.hash", upgraded_outside, Status.ERROR, "--name go-mine", "hash.repin"),
]


@pytest.mark.parametrize("case", [*WELL, *BROKEN], ids=str)
def test_the_answer(case: Case, world: World) -> None:
    """What people are told, and the fix that is offered."""
    judge(case, world)


def test_the_newest_go_is_the_newest_of_the_tests() -> None:
    """Whoever pins a newer one for the tests raises the number, too."""
    newest = max(tuple(map(int, re.findall(r"\d+", version)[:2])) for version in toolchains.table())
    assert newest == NEWEST


def test_several_kernels_of_a_go_outside_are_told_apart(world: World) -> None:
    """Each has a pin of its own; one is out of date."""
    target = Target("go", goroot=prefixes.goroot(world.folder / "go"))
    world.install(target, "old", go_sha256="a" * 64)
    actual = world.context(target).resolved.go_hash.actual
    world.install(target, "young", go_sha256=actual)
    case = Case(
        "toolchain.hash", lambda world: world.context(target), Status.ERROR, "", "hash.repin"
    )

    found = judge(case, world)

    assert [(one.kernel, one.status) for one in found] == [
        ("old", Status.ERROR),
        ("young", Status.OK),
    ]


@pytest.mark.parametrize("path", ["go/bin/\0", "go/bin/" + "x" * 5000, "go/bin/\ud800"])
def test_a_record_with_a_path_that_is_none(path: str, world: World) -> None:
    """Such a file is missing, like any other."""
    prefix = world.prefix()
    sha256 = world.context(prefix).resolved.go_hash.actual
    good = {"_path": "go/bin/go", "sha256": sha256, "size_in_bytes": 0}
    bad = {"_path": f"go/pkg/tool/{path}", "sha256": "", "size_in_bytes": 1}
    content = {"name": "go", "paths_data": {"paths": [good, bad]}}
    prefixes.write(prefix / "conda-meta/go-1-0.json", json.dumps(content))

    case = Case("toolchain.whole", lambda world: world.context(prefix), Status.ERROR, "missing")
    judge(case, world)


def test_an_environment_in_a_folder_that_may_not_be_entered() -> None:
    """It isn't gone: nobody knows, and nothing is offered that would remove its kernels."""
    code = """
from pathlib import Path
from go_kernel.health import catalogue, subject
from go_kernel.health.context import Context, Surroundings
from go_kernel.health.runner import run_one
from go_kernel.resolve import Target
drop()
target = Target("demo", prefix=Path(sys.argv[1], "closed", "demo"))
context = Context(subject.of(target, []), Surroundings({"HOME": sys.argv[1]}))
[found] = run_one(catalogue.STATIC[0], context)
print(json.dumps(found.to_dict()))
"""
    with unprivileged.open_folder() as folder:
        prefixes.go_prefix(folder / "closed" / "demo")
        (folder / "closed").chmod(0o700)
        found = unprivileged.run(code, folder)
    assert (found["id"], found["status"], found["fix"]) == ("environment.exists", "error", None)
    assert "may not be entered" in found["summary"]


def test_a_go_of_another_platform(tmp_path: Path, world: World) -> None:
    """It is named with the package that would fit."""
    other = "darwin_arm64" if platforms.host().goos != "darwin" else "linux_amd64"
    goroot = prefixes.goroot(tmp_path / "go", platform=other)
    case = Case(
        "toolchain.present",
        lambda world: world.context(Target("go", goroot=goroot)),
        Status.ERROR,
        "and this machine is",
    )
    judge(case, world)
