"""The Go in a bundle: what building needs, as regular files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from go_kernel import platforms
from go_kernel.findings import FindingError
from go_kernel.offline import create, toolchain, verify
from go_kernel.offline.create import Created, Output
from go_kernel.offline.unmade import BadWish, NoToolchain
from go_kernel.offline.wanted import Wanted
from tests.offline.making import Maker, contents

HOST = platforms.host()
OTHER = platforms.Platform("linux", "arm64" if HOST.goarch != "arm64" else "amd64")


@pytest.fixture
def made_up(tmp_path: Path) -> Path:
    """A GOROOT of a few files: folders and programs are links, as distributions have them."""
    tool = f"pkg/tool/{HOST.goos}_{HOST.goarch}"
    root, elsewhere = tmp_path / "goroot", tmp_path / "share"
    for name in (
        *("bin/go", f"{tool}/compile", "pkg/tool/plan9_mips/compile", "pkg/include/textflag.h"),
        *("api/go1.txt", "test/big.go", "lib/time/zoneinfo.zip", "go.env", "__init__.py"),
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (root / "VERSION").write_text("go1.26.6\n")
    for name in ("fmt/print.go", "fmt/print_test.go", "fmt/testdata/x.go", "cmd/go/main.go"):
        (elsewhere / name).parent.mkdir(parents=True, exist_ok=True)
        (elsewhere / name).write_text(name)
    (root / "src").symlink_to(elsewhere)
    (root / "bin/gofmt").symlink_to("go")
    (elsewhere / "loop").symlink_to("..")
    for name in ("bin/go", f"{tool}/compile", "pkg/tool/plan9_mips/compile"):
        (root / name).chmod(0o755)
    return root


@pytest.fixture
def maker(tmp_path: Path, goroot: Callable[[str], Path], dev_cache: Path) -> Maker:
    """Makes bundles without modules."""
    (tmp_path / "maker").mkdir()
    return Maker(tmp_path / "maker", goroot("1.26"), dev_cache / "gocache", "off")


def bundle(maker: Maker, *goroots: toolchain.Goroot, out: str = "out") -> Created:
    """A bundle of these alone, as a folder."""
    env = maker.env()
    with create.workplace(env) as place:
        asking = create.asking_in(place, maker.chain, env)
        return create.create(Wanted(), goroots, Output(maker.base / out, folder=True), asking)


def test_what_building_needs_and_no_links(maker: Maker, made_up: Path) -> None:
    """Without Go's own tests, other platforms' tools, and links that lead in circles."""
    made = bundle(maker, toolchain.at(made_up, HOST))
    place = f"toolchain/{HOST.goos}-{HOST.goarch}/go"
    assert {name.removeprefix(f"{place}/") for name in contents(made.path) if place in name} == {
        *("VERSION", "bin/go", "bin/gofmt", "go.env", "lib/time/zoneinfo.zip"),
        *(f"pkg/tool/{HOST.goos}_{HOST.goarch}/compile", "pkg/include/textflag.h"),
        *("src/fmt/print.go", "src/cmd/go/main.go"),
    }
    assert not any(path.is_symlink() for path in made.path.rglob("*"))
    assert (made.path / place / "bin/go").stat().st_mode & 0o777 == 0o755
    assert (made.path / place / "src/fmt/print.go").stat().st_mode & 0o777 == 0o644
    (listed,) = made.manifest.toolchains
    assert (listed.platform, listed.go_version) == (f"{HOST.goos}-{HOST.goarch}", "1.26.6")
    assert verify.problems(made.path) == []


def test_the_bundled_go_builds(maker: Maker, tmp_path: Path) -> None:
    """With nothing else around; all that it has can be listed."""
    made = bundle(maker, toolchain.at(maker.goroot, HOST))
    goroot = made.path / f"toolchain/{HOST.goos}-{HOST.goarch}/go"
    there = Maker(maker.base, goroot, maker.go_cache, "off")
    (tmp_path / "main.go").write_text('package main\n\nfunc main() { println("built") }\n')
    done = there.go("run", "-trimpath", str(tmp_path / "main.go"), cwd=tmp_path, GOROOT=str(goroot))
    assert done.stderr == "built\n"
    listed = ("list", "-e", "-deps", "-f", "{{with .Error}}{{.}}{{end}}", "std", "cmd")
    done = there.go(*listed, cwd=tmp_path, GOROOT=str(goroot))
    assert (done.returncode, done.stdout.strip()) == (0, "")


def test_same_go_same_bytes(maker: Maker, made_up: Path, tmp_path: Path) -> None:
    """From wherever it was taken."""
    moved = tmp_path / "moved"
    moved.mkdir()
    first = bundle(maker, toolchain.at(made_up, HOST), out="first")
    made_up.rename(moved / "go")
    second = bundle(maker, toolchain.at(moved / "go", HOST), out="second")
    assert first.manifest.id == second.manifest.id


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("linux-arm64", "linux/arm64"),
        ("linux/arm64", "linux/arm64"),
        ("linux-aarch64", "linux/arm64"),
        ("osx-arm64", "darwin/arm64"),
        ("darwin-amd64", "darwin/amd64"),
        ("", str(platforms.Platform(HOST.goos, HOST.goarch))),
    ],
)
def test_platforms_are_spelled_as_gos_or_condas(said: str, means: str) -> None:
    """And without one it is this machine's."""
    found = toolchain.platform_of(said)
    assert f"{found.goos}/{found.goarch}" == means


@pytest.mark.parametrize("said", ["linux", "linux-vax", "noarch", "linux-arm64\n", "../linux-arm"])
def test_unknown_platforms_are_refused(said: str) -> None:
    """In a sentence that shows how they are written."""
    with pytest.raises(BadWish, match="linux-amd64"):
        toolchain.platform_of(said)


def test_a_go_for_another_platform_is_told_apart(maker: Maker, made_up: Path) -> None:
    """A GOROOT of this platform can't be bundled as another's, and where none is published."""
    with pytest.raises(NoToolchain, match=f"runs on {OTHER}"):
        toolchain.at(made_up, OTHER)
    with pytest.raises(NoToolchain, match="not published"):
        toolchain.embedded(platforms.Platform("linux", "riscv64"), {}, maker.base, print)
    with pytest.raises(FindingError):
        toolchain.at(made_up / "nowhere", HOST)
