"""Go's own configuration files are read as Go reads them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from go_kernel import goenv
from go_kernel.process import run
from tests import prefixes, unprivileged

GetGoroot = Callable[[str], Path]
VERSIONS = ["1.22", "1.27"]


def go(goroot: Path, *arguments: str, env: Mapping[str, str]) -> str:
    """What the real `go` prints."""
    base = {"PATH": "/usr/bin:/bin", "GOTOOLCHAIN": "local"}
    return run([goroot / "bin/go", *arguments], env={**base, **env}, timeout=60).stdout


PLACES: dict[str, dict[str, str]] = {
    "home": {"HOME": "{tmp}/home"},
    "XDG_CONFIG_HOME": {"HOME": "{tmp}/home", "XDG_CONFIG_HOME": "{tmp}/xdg"},
    "empty XDG_CONFIG_HOME": {"HOME": "{tmp}/home", "XDG_CONFIG_HOME": ""},
    "GOENV": {"HOME": "{tmp}/home", "GOENV": "{tmp}/a b/env"},
    "empty GOENV": {"HOME": "{tmp}/home", "GOENV": ""},
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("place", PLACES)
def test_what_go_env_w_writes_is_read_where_it_is(
    place: str, version: str, goroot: GetGoroot, tmp_path: Path
) -> None:
    """Wherever a person's settings put that file."""
    env = {name: value.format(tmp=tmp_path) for name, value in PLACES[place].items()}
    written = {
        "GOPRIVATE": "corp.example,*.other",
        "GOPROXY": "https://u:p@h/x|direct",
        "GOBIN": "",
    }
    values = [f"{name}={value}" for name, value in written.items()]
    go(goroot(version), "env", "-w", *values, env=env)

    path = goenv.user_file(env)

    assert path is not None
    assert str(path) == go(goroot(version), "env", "GOENV", env=env).strip()
    # An empty one can't be handed on as a variable, and means nothing to Go either.
    assert goenv.read(path) == {name: value for name, value in written.items() if value}


@pytest.mark.parametrize(
    "env",
    [
        {"HOME": "/h", "GOENV": "off"},
        {"HOME": "/h", "GOENV": "relative"},
        {"HOME": "/h", "XDG_CONFIG_HOME": "relative"},
        {"HOME": ""},
        {},
    ],
)
def test_no_file_where_go_has_none(env: dict[str, str]) -> None:
    """Switched off, relative, or without a home."""
    assert goenv.user_file(env) is None
    assert goenv.read(None) == {}


def test_macos_has_its_own_place() -> None:
    """And knows no XDG_CONFIG_HOME."""
    env = {"HOME": "/Users/me", "XDG_CONFIG_HOME": "/xdg"}

    assert goenv.user_file(env, "darwin") == Path("/Users/me/Library/Application Support/go/env")
    assert goenv.user_file({}, "darwin") is None


@pytest.mark.parametrize("version", VERSIONS)
def test_the_file_of_goroot(version: str, goroot: GetGoroot) -> None:
    """What a real Go brings."""
    values = goenv.read(goroot(version) / "go.env")

    assert sorted(values) == ["GOPROXY", "GOSUMDB", "GOTOOLCHAIN"]
    assert values["GOTOOLCHAIN"] == "auto"


_LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *("GOPRIVATE=a", "GOPRIVATE=b ", " GOPRIVATE=c", "GOPRIVATE", "# GOPRIVATE=d"),
                *("GOPRIVATE=e\r", "GONOPROXY=f\x0bGONOSUMDB=g", "GONOPROXY=h=i", "=j", ""),
                *("goprivate=k", "GOPRIVATE=", "GOPRIVATE='l'", 'GOPRIVATE="m n"', "GOPRIVATE =o"),
                *("export GOPRIVATE=p", "_GOPRIVATE=q", "GONOSUMDB=\u2028r", "GONOSUMDB=$HOME"),
                *("\ufeffGOPRIVATE=s", "GOPRIVATE=é", "\tGONOPROXY=t"),
            ]
        ),
        st.text(st.characters(exclude_characters="\n\0", codec="utf-8"), max_size=12),
    ),
    max_size=6,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(lines=["GOPRIVATE=a", "GOPRIVATE="])
@example(lines=["GOPRIVATE=a", "GOPRIVATE"])
@given(lines=_LINES)
def test_any_text_is_read_as_go_reads_it(
    lines: list[str], goroot: GetGoroot, tmp_path: Path
) -> None:
    """Compared with what the real Go says of the same file."""
    path = prefixes.write(tmp_path / "env", "\n".join(lines))
    names = ["GOPRIVATE", "GONOPROXY", "GONOSUMDB"]

    ours = goenv.read(path)

    printed = go(goroot("1.27"), "env", *names, env={"HOME": "/h", "GOENV": str(path)})
    private, noproxy, nosumdb = (ours.get(name, "") for name in names)
    # Go's own rule: GOPRIVATE stands in for the other two.
    expected = [private, noproxy or private, nosumdb or private]
    assert printed == "".join(f"{value}\n" for value in expected)


def test_bytes_that_are_no_text_come_through(tmp_path: Path) -> None:
    """A path may hold them; a NUL can't be handed on."""
    path = prefixes.write(tmp_path / "env", b"GOPATH=/\xff\xfe\nGOBIN=/a\0b\nGOCACHE=/c")

    assert goenv.read(path) == {"GOPATH": os.fsdecode(b"/\xff\xfe"), "GOCACHE": "/c"}


def test_other_things_in_place_of_the_file(tmp_path: Path) -> None:
    """A folder, a pipe, a loop, nothing: no variables, no waiting."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")

    for name in ("folder", "pipe", "loop", "nothing", "folder/below/it", "pipe/below/it"):
        assert goenv.read(tmp_path / name) == {}


_AS_NOBODY = """
from pathlib import Path
from go_kernel import goenv
path = Path(sys.argv[1])
drop()
print(json.dumps(goenv.read(path)))
"""


@pytest.mark.parametrize("closed", ["env", "."])
def test_a_file_that_may_not_be_read(closed: str) -> None:
    """HOME is often somebody else's under sudo."""
    with unprivileged.open_folder() as base:
        prefixes.write(base / "home/env", "GOPATH=/x")
        (base / "home" / closed).chmod(0)
        try:
            assert unprivileged.run(_AS_NOBODY, base / "home/env") == {}
        finally:
            (base / "home").chmod(0o755)
