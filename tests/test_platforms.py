"""conda's subdirs and Go's platforms, both ways."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from go_kernel import platforms
from go_kernel.cache import Cache
from go_kernel.platforms import SUBDIRS, Platform, host, mismatch, of_subdir, to_subdir
from go_kernel.process import run
from go_kernel.resolve import Target, resolve
from tests import prefixes

# What conda knows, from its source. ref:
# https://github.com/conda/conda/blob/main/conda/base/constants.py
KNOWN_TO_CONDA = """
    noarch emscripten-wasm32 freebsd-64 linux-32 linux-64 linux-aarch64 linux-armv6l linux-armv7l
    linux-ppc64 linux-ppc64le linux-riscv64 linux-s390x osx-64 osx-arm64 wasi-wasm32 win-32 win-64
    win-arm64 zos-z
""".split()
NOT_GOS = {"noarch", "emscripten-wasm32", "zos-z"}


def test_every_subdir_that_go_can_build_for_is_there() -> None:
    """Only those are left out that Go has no port for."""
    assert set(KNOWN_TO_CONDA) - set(SUBDIRS) == NOT_GOS
    for subdir in NOT_GOS:
        assert of_subdir(subdir) is None


def test_each_is_a_real_port_of_the_newest_go(
    goroot: Callable[[str], Path], tmp_path: Path
) -> None:
    """By that Go's own word."""
    go = goroot("") / "bin/go"
    env = {"HOME": str(tmp_path), "PATH": "", "GOENV": "off"}

    ports = run([go, "tool", "dist", "list"], env=env, timeout=60).stdout.split()

    assert [str(one) for one in SUBDIRS.values() if str(one) not in ports] == []


@pytest.mark.parametrize("subdir", SUBDIRS)
def test_both_ways(subdir: str) -> None:
    """From conda to Go and back."""
    platform = SUBDIRS[subdir]

    assert to_subdir(platform.goos, platform.goarch, platform.goarm) == subdir
    assert mismatch(subdir, platform.goos, platform.goarch, platform.goarm) is None


@pytest.mark.parametrize("subdir", SUBDIRS)
def test_every_other_pair_is_a_mismatch_that_names_both_sides(subdir: str) -> None:
    """With the environment's platform in conda's words and Go's, and Go's target in both."""
    for other, platform in SUBDIRS.items():
        if (platform.goos, platform.goarch) == (SUBDIRS[subdir].goos, SUBDIRS[subdir].goarch):
            continue
        found = mismatch(subdir, platform.goos, platform.goarch, platform.goarm)
        assert found is not None
        finding = found.finding()
        for words in (subdir, str(SUBDIRS[subdir]), str(platform), other):
            assert words in finding.summary
        assert (finding.id, finding.status.value) == ("platform.mismatch", "error")


def test_arm_is_told_apart_by_goarm() -> None:
    """conda has a subdir for 6 and one for 7; Go's default on such a machine is 7."""
    assert to_subdir("linux", "arm") == "linux-armv7l"
    assert to_subdir("linux", "arm", "6") == "linux-armv6l"
    assert to_subdir("linux", "arm", "7,softfloat") == "linux-armv7l"
    assert to_subdir("linux", "arm", "5") is None
    assert mismatch("linux-armv6l", "linux", "arm", "7") is not None
    assert mismatch("linux-armv6l", "linux", "arm") is None
    assert mismatch("linux-64", "linux", "amd64", "7") is None


@pytest.mark.parametrize("subdir", ["noarch"])
def test_noarch_agrees_with_everything(subdir: str) -> None:
    """Such packages hold no programs."""
    assert mismatch(subdir, "plan9", "386") is None


@pytest.mark.parametrize("subdir", ["zos-z", "", "linux-128"])
def test_a_subdir_that_go_does_not_know(subdir: str) -> None:
    """Said as it is."""
    found = mismatch(subdir, "plan9", "386")

    assert found is not None
    assert "no platform that Go knows" in found.finding().summary
    assert "which conda has no subdir for" in found.finding().summary


MACHINES = {
    ("linux", "x86_64"): ("linux", "amd64", ""),
    ("linux", "aarch64"): ("linux", "arm64", ""),
    ("linux", "i686"): ("linux", "386", ""),
    ("linux", "i586"): ("linux", "386", ""),
    ("linux", "armv6l"): ("linux", "arm", "6"),
    ("linux", "armv7l"): ("linux", "arm", "7"),
    ("linux", "armv8l"): ("linux", "arm", "7"),
    ("linux", "armv5tel"): ("linux", "arm", "5"),
    ("linux", "ppc64le"): ("linux", "ppc64le", ""),
    ("linux", "riscv64"): ("linux", "riscv64", ""),
    ("linux", "loongarch64"): ("linux", "loong64", ""),
    ("linux", "s390x"): ("linux", "s390x", ""),
    ("darwin", "arm64"): ("darwin", "arm64", ""),
    ("darwin", "x86_64"): ("darwin", "amd64", ""),
    ("win32", "AMD64"): ("windows", "amd64", ""),
    ("win32", "ARM64"): ("windows", "arm64", ""),
    ("freebsd14", "amd64"): ("freebsd14", "amd64", ""),
    ("linux", "quantum"): ("linux", "quantum", ""),
}


@pytest.mark.parametrize("machine", MACHINES)
def test_this_machine_in_gos_words(machine: tuple[str, str]) -> None:
    """As Python names it; what nobody knows stays as it is."""
    assert host(*machine) == Platform(*MACHINES[machine])


def test_the_real_machine_is_the_one_go_sees(goroot: Callable[[str], Path], tmp_path: Path) -> None:
    """By Go's own word."""
    env = {"HOME": str(tmp_path), "PATH": "", "GOENV": "off"}
    printed = run(
        [goroot("") / "bin/go", "env", "GOHOSTOS", "GOHOSTARCH"], env=env, timeout=60
    ).stdout.split()

    assert [host().goos, host().goarch] == printed


def test_the_variables_of_a_platform() -> None:
    """GOARM only where there is one."""
    assert SUBDIRS["linux-64"].variables() == {"GOOS": "linux", "GOARCH": "amd64"}
    assert SUBDIRS["linux-armv6l"].variables()["GOARM"] == "6"


# In an environment.

PLAIN = {"PATH": "/usr/bin:/bin", "HOME": "/home/me"}
_FOREIGN = {"GOOS": "windows", "GOARCH": "amd64"}


def found(prefix: Path, cache: Path) -> list[str]:
    """The sentences about platforms."""
    environment = resolve(Target("t", prefix), PLAIN, cache=Cache(cache)).environment
    return [f.summary for f in environment.errors if f.id == "platform.mismatch"]


def test_an_environment_that_builds_for_another_machine(tmp_path: Path) -> None:
    """Go's cross-compiling packages set GOOS and GOARCH: no kernel can run on that."""
    prefix = prefixes.go_prefix(tmp_path / "env")
    prefixes.package_variables(prefix, "go.json", _FOREIGN)
    here = platforms.host()

    [sentence] = found(prefix, tmp_path / "cache")

    ours = to_subdir(here.goos, here.goarch, here.goarm)
    for words in (str(ours), str(here), "windows/amd64", "win-64"):
        assert words in sentence


def test_an_environment_that_says_what_it_is_anyway(tmp_path: Path) -> None:
    """The native compiler package sets them as well."""
    prefix = prefixes.go_prefix(tmp_path / "env")
    prefixes.package_variables(prefix, "go.json", platforms.host().variables())

    assert found(prefix, tmp_path / "cache") == []


def test_what_the_parent_builds_for_does_not_matter(tmp_path: Path) -> None:
    """GOOS in a shell is for that shell's builds."""
    prefix = prefixes.go_prefix(tmp_path / "env")
    target = Target("t", prefix)

    environment = resolve(target, PLAIN | _FOREIGN, cache=Cache(tmp_path / "c")).environment

    assert environment.errors == ()
    assert environment.get("GOOS") == environment.get("GOARCH") == ""


def test_packages_of_another_platform(tmp_path: Path) -> None:
    """conda's record says win-64, and the Go in it runs here: somebody mixed two."""
    prefix = prefixes.go_prefix(tmp_path / "env")
    record = '{"subdir": "win-64", "paths_data": {"paths": [{"_path": "go/bin/go"}]}}'
    prefixes.write(prefix / "conda-meta/go-1-h_0.json", record)

    [sentence] = found(prefix, tmp_path / "cache")

    assert "win-64" in sentence
    assert str(platforms.host()) in sentence
