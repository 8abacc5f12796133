"""GOFLAGS as Go reads it, and what a kernel makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from go_kernel import goflags
from go_kernel.goflags import ENGINE_FLAGS, for_kernel, join, name_of, quote, split
from go_kernel.process import Completed, run

SPLITS: Mapping[str, list[str]] = {
    "": [],
    "   ": [],
    "-a": ["-a"],
    " -a\t-b\n-c\r-d ": ["-a", "-b", "-c", "-d"],
    "'-ldflags=-s -w' -v": ["-ldflags=-s -w", "-v"],
    "\"-ldflags=-X 'a=b'\"": ["-ldflags=-X 'a=b'"],
    "'-tags=a\tb' -v": ["-tags=a\tb", "-v"],
    "'-tags=a\nb'\t-v": ["-tags=a\nb", "-v"],
    "-tags='a b'": ["-tags='a", "b'"],
    "'-a''-b'": ["-a", "-b"],
    "'-a'-b": ["-a", "-b"],
    "'' \"\" -a": ["-a"],
    "-modcacherw -buildmode=pie -trimpath": ["-modcacherw", "-buildmode=pie", "-trimpath"],
    "-a\v-b\u00a0-c": ["-a\v-b\u00a0-c"],
}


@pytest.mark.parametrize("value", SPLITS)
def test_flags_are_split_as_go_splits_them(value: str) -> None:
    """Quotes count at the beginning of a field only."""
    assert split(value) == SPLITS[value]


@pytest.fixture(scope="module")
def go_list(
    goroot: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Completed]:
    """`go list` with these GOFLAGS, in the standard library."""
    root = goroot("1.27")
    home = str(tmp_path_factory.mktemp("home"))
    env = {"GOENV": "off", "GOTOOLCHAIN": "local", "HOME": home, "PATH": "", "GO111MODULE": "off"}

    def call(value: str) -> Completed:
        argv = [root / "bin/go", "list", "-f", "{{context.BuildTags}}", "unsafe"]
        return run(argv, env={**env, "GOFLAGS": value}, timeout=60, check=False, cwd=root)

    return call


_WORD = st.text(st.sampled_from("abz09_.-='\"\\$ \t"), max_size=8)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    tags=st.lists(st.from_regex(r"[a-z][a-z0-9_.]{0,4}", fullmatch=True), max_size=3), junk=_WORD
)
def test_real_go_takes_what_we_make_and_reads_it_as_we_do(
    tags: list[str], junk: str, go_list: Callable[[str], Completed]
) -> None:
    """Whatever stood in the variable: afterwards `go` works, with the flags that we say."""
    value = f"{junk} '-tags={' '.join(tags)}'" if tags else junk

    made, dropped = for_kernel(value)

    if any(name_of(flag) not in ("tags", "trimpath", "v", "x") for flag in split(made)):
        made = join([f for f in split(made) if name_of(f) in ("tags", "trimpath")])
    result = go_list(made)
    assert result.returncode == 0, (made, dropped, result.stderr)
    # Of a flag that is given twice the last one counts.
    given_tags = [flag for flag in split(made) if name_of(flag) == "tags"]
    expected = given_tags[-1].partition("=")[2].replace(",", " ").split() if given_tags else []
    assert result.stdout.strip() == f"[{' '.join(expected)}]"


@given(st.lists(st.text(st.sampled_from("abc-= '\"\t$\\é"), min_size=1), max_size=5))
def test_joining_and_splitting_again(flags: list[str]) -> None:
    """All that can be expressed comes back; a flag with both quotes and spaces can't be."""
    expressible = [flag for flag in flags if quote(flag)]

    assert split(join(flags)) == expressible
    for flag in set(flags) - set(expressible):
        assert "'" in flag
        assert '"' in flag


@given(st.text())
def test_nothing_in_goflags_is_an_error(value: str) -> None:
    """The engine's flags are always there, once, and nothing conflicts with them."""
    made, dropped = for_kernel(value)
    flags = split(made)

    assert flags[-1:] == list(ENGINE_FLAGS)
    assert flags.count("-trimpath") == 1
    assert for_kernel(made) == (made, [])
    assert not set(dropped) & set(flags)
    assert not {name_of(flag) for flag in flags[:-1]} & goflags._CONFLICTING


KERNELS = {
    "": ("-trimpath", []),
    "-modcacherw -buildmode=pie -trimpath": ("-modcacherw -trimpath", ["-buildmode=pie"]),
    "-mod=vendor -v": ("-v -trimpath", ["-mod=vendor"]),
    "--mod=mod": ("-trimpath", ["--mod=mod"]),
    "-trimpath=false": ("-trimpath", ["-trimpath=false"]),
    "--trimpath": ("-trimpath", ["--trimpath"]),
    "-race -msan -asan -cover": ("-trimpath", ["-race", "-msan", "-asan", "-cover"]),
    "-toolexec=/tmp/evil": ("-trimpath", ["-toolexec=/tmp/evil"]),
    "'-gcflags=all=-N -l'": ("-trimpath", ["-gcflags=all=-N -l"]),
    "-tags=sqlite,netgo": ("-tags=sqlite,netgo -trimpath", []),
    "'-ldflags=-s -w'": ("'-ldflags=-s -w' -trimpath", []),
    "-C=/x -overlay=/y -modfile=z": ("-trimpath", ["-C=/x", "-overlay=/y", "-modfile=z"]),
    "word -v - -- ---x -=y": ("-v -trimpath", ["word", "-", "--", "---x", "-=y"]),
    "-v 'open": ("-v -trimpath", ["'open"]),
    "-model=x": ("-model=x -trimpath", []),
}


@pytest.mark.parametrize("value", KERNELS)
def test_what_a_kernel_makes_of_it(value: str) -> None:
    """A person's flags stay, those that make plugins another build's go, and are named."""
    assert for_kernel(value) == KERNELS[value]


def test_real_go_knows_every_flag_that_we_take_out(go_list: Callable[[str], Completed]) -> None:
    """A name that Go doesn't know would be a slip of ours."""
    unknown = [
        name
        for name in goflags._CONFLICTING
        if f"unknown flag -{name}" in go_list(f"-{name}=x").stderr
    ]

    assert unknown == []


def test_engine_flags_are_flags_of_real_go(go_list: Callable[[str], Completed]) -> None:
    """On their own they change nothing that `go list` says."""
    assert go_list(join(ENGINE_FLAGS)).returncode == 0
    assert json.dumps(go_list("").stdout) == json.dumps(go_list(join(ENGINE_FLAGS)).stdout)
