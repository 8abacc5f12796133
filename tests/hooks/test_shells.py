"""Hooks in real shells: what they set, what they give back, and what they refuse."""

from __future__ import annotations

import os
import pwd
import shutil
from pathlib import Path

import pytest

from tests import prefixes
from tests.hooks.making import HOSTILE, environment, hooked
from tests.hooks.sessions import DEACTIVATE, LOOK, SHELLS, Seen, activate, session

# As careful, or as odd, as people set their shells.
OPTIONS = {
    "bash": "set -euo pipefail -o noclobber",
    "dash": "set -eu -o noclobber",
    "zsh": "setopt errexit nounset noclobber shwordsplit ksharrays globsubst extendedglob rcquotes",
}
STRICT = [f"{shell} {OPTIONS.get(shell, '')}" for shell in SHELLS]


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """The variables of a person's shell."""
    # fish looks a name up, and takes the account's where there is no such user.
    user = pwd.getpwuid(os.getuid()).pw_name
    return {"PATH": "/usr/bin:/bin", "HOME": "/home/me $X", "USER": user, "LANG": "C.UTF-8"}


@pytest.fixture(params=STRICT)
def shell(request: pytest.FixtureRequest) -> str:
    """Each shell with what people set."""
    return str(request.param)


@pytest.fixture(params=SHELLS)
def plain_shell(request: pytest.FixtureRequest) -> str:
    """Each shell as it comes."""
    return str(request.param)


def run(shell: str, env: dict[str, str], folder: Path, *steps: str | tuple[str, ...]) -> Seen:
    """A session that ends well."""
    name, _, options = shell.partition(" ")
    (folder / "session").mkdir(exist_ok=True)
    seen = session(name, env, folder / "session", *steps, options=options)
    assert seen.code == 0, seen.said
    return seen


def about_go(variables: dict[str, str]) -> dict[str, str]:
    """Go's variables; conda leaves empty ones behind, which are none to Go."""
    own = {n: v for n, v in variables.items() if n.startswith("GO") or "GOKERNEL" in n}
    return {name: value for name, value in own.items() if value or name == "GOFLAGS"}


def test_set_and_given_back(shell: str, env: dict[str, str], tmp_path: Path) -> None:
    """Whatever was set before, empty or not at all, is so again; values survive each quote."""
    prefix = environment(
        tmp_path / 'it\'s "my" $env !',
        GOPROXY=HOSTILE + "new",
        GOPATH="{home}/go-{environment}",
        GOCACHE="{cache}/{user}",
        GOFLAGS="",
    )
    env |= {"GOPATH": HOSTILE + "old", "GOFLAGS": "", "GOROOT": "/old\n", "XDG_CACHE_HOME": "/c c"}
    seen = run(shell, env, tmp_path, LOOK, activate(prefix), LOOK, DEACTIVATE, LOOK)
    before, active, after = seen.looks
    assert seen.said == ""
    assert {name: active.get(name) for name in ("GOPROXY", "GOPATH", "GOCACHE", "GOFLAGS")} == {
        "GOPROXY": HOSTILE + "new",
        "GOPATH": f"/home/me $X/go-{prefix.name}",
        "GOCACHE": f"/c c/{env['USER']}",
        "GOFLAGS": None,
    }
    assert (active["GOROOT"], active["GOTOOLCHAIN"]) == (f"{prefix}/go", "local")
    assert about_go(after) == about_go(before)
    assert after["GOFLAGS"] == ""
    assert after["PATH"] == before["PATH"]
    left = {name for name in after if "gokernel" in name.lower()}
    assert left == set()


def test_one_environment_above_another(shell: str, env: dict[str, str], tmp_path: Path) -> None:
    """Switched, stacked, and the first one again on top: each level gives back its own."""
    one = environment(tmp_path / "one", GOPROXY="one", GOPATH="/one")
    two = environment(tmp_path / "two", GOPROXY="two", GOSUMDB="off")
    env |= {"GOPATH": "/mine", "GOSUMDB": "mine"}
    steps = (
        *(activate(one), LOOK, activate(two), LOOK, activate(one, "--stack"), LOOK),
        *(DEACTIVATE, LOOK, DEACTIVATE, LOOK, DEACTIVATE, LOOK),
    )
    seen = run(shell, env, tmp_path, *steps)
    names = ("GOPROXY", "GOPATH", "GOSUMDB")
    assert [tuple(look.get(name) for name in names) for look in seen.looks] == [
        ("one", "/one", "mine"),
        ("two", "/mine", "off"),
        ("one", "/one", "off"),
        ("two", "/mine", "off"),
        ("one", "/one", "mine"),
        (None, "/mine", "mine"),
    ]
    assert [look.get("GOROOT", "") for look in seen.looks] == [
        *(f"{prefix}/go" for prefix in (one, two, one, two, one)),
        "",
    ]
    assert seen.said == ""


def test_activated_again(plain_shell: str, env: dict[str, str], tmp_path: Path) -> None:
    """As conda does after an install into the active environment; then in a child shell."""
    prefix = environment(tmp_path / "demo", GOPROXY="new")
    env["GOPROXY"] = "old"
    seen = run(plain_shell, env, tmp_path, activate(prefix), activate(prefix), LOOK)
    assert seen.looks[0]["GOPROXY"] == "new"
    (tmp_path / "child").mkdir()
    child = run(plain_shell, seen.looks[0], tmp_path / "child", DEACTIVATE, LOOK)
    assert child.looks[0]["GOPROXY"] == "old"


def test_a_value_that_a_person_sets_meanwhile(
    plain_shell: str, env: dict[str, str], tmp_path: Path
) -> None:
    """conda runs scripts again on the way back: what was there at first is still given back."""
    one = environment(tmp_path / "one", GOPROXY="new")
    two = prefixes.go_prefix(tmp_path / "two")
    env["GOPROXY"] = "first"
    own = {"fish": "set -gx GOPROXY own", "tcsh": "setenv GOPROXY own"}
    typed = own.get(plain_shell, "export GOPROXY=own")
    steps = (activate(one), typed, activate(two, "--stack"), LOOK, DEACTIVATE, DEACTIVATE, LOOK)
    seen = run(plain_shell, env, tmp_path, *steps)
    assert [look["GOPROXY"] for look in seen.looks] == ["own", "first"]


def test_changed_go_is_refused(shell: str, env: dict[str, str], tmp_path: Path) -> None:
    """One sentence with what to run; nothing is set, and the shell goes on."""
    prefix = environment(tmp_path / "it's my env", GOPROXY="new")
    prefixes.rewrite(prefix / "go/bin/go", b"longer than before, and as old as before")
    seen = run(shell, env, tmp_path, activate(prefix), LOOK, DEACTIVATE, LOOK)
    assert [about_go(look) for look in seen.looks] == [{}, {}]
    line = seen.said.removesuffix("\n")
    assert "\n" not in line
    assert f"{prefix}/go/bin/go changed since these hooks were installed" in line
    assert "jupyter gokernel hooks install --env" in line


@pytest.mark.parametrize("how", ["touched", "gone"])
def test_another_time_or_no_go(
    plain_shell: str, env: dict[str, str], tmp_path: Path, how: str
) -> None:
    """The same size at another time is another `go`; and so is none at all."""
    prefix = environment(tmp_path / "demo", GOPROXY="new")
    if how == "gone":
        (prefix / "go/bin/go").unlink()
    else:
        os.utime(prefix / "go/bin/go", (1, 1))
    seen = run(plain_shell, env, tmp_path, activate(prefix), LOOK)
    assert about_go(seen.looks[0]) == {}
    assert "changed since these hooks" in seen.said
    assert len(seen.said.splitlines()) == 1


def test_planted_go_is_passed_over(shell: str, env: dict[str, str], tmp_path: Path) -> None:
    """Another `go` before the environment's own isn't the one that runs, and it is told."""
    planted = prefixes.program(tmp_path / "plan ted" / "go").parent
    prefix = environment(tmp_path / "demo")
    # An earlier script of the environment does it.
    paths = {
        "sh": f"PATH='{planted}':$PATH\n",
        "fish": f"set -gx PATH '{planted}' $PATH\n",
        "csh": f"setenv PATH '{planted}':${{PATH:q}}\n",
    }
    for ending, text in paths.items():
        prefixes.script(prefix, f"a.{ending}", text)
    seen = run(shell, env, tmp_path, activate(prefix), LOOK, DEACTIVATE, LOOK)
    assert seen.looks[0]["PATH"] == f"{prefix}/bin:{planted}:/usr/bin:/bin"
    assert seen.looks[1]["PATH"] == f"{planted}:/usr/bin:/bin"
    assert seen.said.splitlines() == [
        "jupyter-gokernel: passed over on PATH, since it came before the environment's own: "
        f"{planted}/go"
    ]


def test_path_is_left_alone(plain_shell: str, env: dict[str, str], tmp_path: Path) -> None:
    """Folders without a `go` may stand before the environment's, where somebody put them."""
    prefix = environment(tmp_path / "demo")
    prefixes.script(prefix, "a.sh", "PATH=/mine:$PATH\n")
    prefixes.script(prefix, "a.fish", "set -gx PATH /mine $PATH\n")
    prefixes.script(prefix, "a.csh", "setenv PATH /mine:${PATH:q}\n")
    seen = run(plain_shell, env, tmp_path, activate(prefix), LOOK)
    assert seen.looks[0]["PATH"] == f"/mine:{prefix}/bin:/usr/bin:/bin"
    assert seen.said == ""


def test_copied_environment(plain_shell: str, env: dict[str, str], tmp_path: Path) -> None:
    """Hooks of the original would give a copy the original's Go: they set nothing."""
    prefix = environment(tmp_path / "demo", GOPROXY="new")
    copy = shutil.copytree(prefix, tmp_path / "copy", symlinks=True)
    seen = run(plain_shell, env, tmp_path, activate(copy), LOOK)
    assert about_go(seen.looks[0]) == {}
    assert f"were made for {prefix}, so they set nothing" in seen.said


def test_prefix_by_a_link(plain_shell: str, env: dict[str, str], tmp_path: Path) -> None:
    """An environment that is activated by another path is the same one."""
    prefix = environment(tmp_path / "demo", GOPROXY="new")
    (tmp_path / "link").symlink_to(prefix)
    seen = run(plain_shell, env, tmp_path, activate(tmp_path / "link"), LOOK)
    assert seen.looks[0]["GOPROXY"] == "new"
    assert seen.said == ""


# fish finds out USER by itself.
@pytest.mark.parametrize(
    ("plain_shell", "name", "value"),
    [
        *((shell, "HOME", "relative") for shell in SHELLS),
        *((shell, "USER", value) for shell in SHELLS for value in ("..", "a/b") if shell != "fish"),
    ],
    indirect=["plain_shell"],
)
def test_what_a_template_lacks(
    plain_shell: str, env: dict[str, str], tmp_path: Path, name: str, value: str
) -> None:
    """A place that can't be filled in isn't set, which is told; all else is."""
    place = "{home}/go" if name == "HOME" else "/scratch/{user}/go"
    prefix = environment(tmp_path / "demo", GOPATH=place, GOPROXY="new")
    seen = run(plain_shell, {**env, name: value}, tmp_path, activate(prefix), LOOK)
    assert "GOPATH" not in seen.looks[0]
    assert seen.looks[0]["GOPROXY"] == "new"
    assert seen.said.startswith(f"jupyter-gokernel: GOPATH is not set: it needs {name}")


def test_hostile_level(plain_shell: str, env: dict[str, str], tmp_path: Path) -> None:
    """CONDA_SHLVL gets into names that a shell evaluates: only a number does."""
    prefix = environment(tmp_path / "demo", GOPROXY="new")
    env |= {"CONDA_PREFIX": str(prefix), "CONDA_SHLVL": f"1; touch {tmp_path}/ran; $(id)"}
    folder = prefix / "etc/conda"
    ending = {"fish": "fish", "tcsh": "csh"}.get(plain_shell, "sh")
    word = "." if ending == "sh" else "source"
    on, off = (
        f"{word} {folder}/{one}.d/zz-gokernel.{ending}" for one in ("activate", "deactivate")
    )
    seen = run(plain_shell, env, tmp_path, on, LOOK, off, LOOK)
    assert seen.looks[0]["GOPROXY"] == "new"
    assert "GOPROXY" not in seen.looks[1]
    assert not (tmp_path / "ran").exists()


def test_hooks_of_other_packages_stay(
    plain_shell: str, env: dict[str, str], tmp_path: Path
) -> None:
    """Scripts that were there before run as ever, theirs first and ours last."""
    prefix = prefixes.go_prefix(tmp_path / "demo")
    for ending, text in {
        "sh": "export GOPROXY=theirs",
        "fish": "set -gx GOPROXY theirs",
        "csh": "setenv GOPROXY theirs",
    }.items():
        prefixes.script(prefix, f"go.{ending}", f"{text}\n")
    hooked(prefix, GOPROXY="ours")
    seen = run(plain_shell, env, tmp_path, activate(prefix), LOOK, DEACTIVATE, LOOK)
    assert [look["GOPROXY"] for look in seen.looks] == ["ours", "theirs"]


@pytest.mark.parametrize("shell", [f"{shell} {words}" for shell, words in OPTIONS.items()])
def test_refusal_where_nothing_can_be_said(shell: str, env: dict[str, str], tmp_path: Path) -> None:
    """With stderr closed, too, a shell with `set -e` goes on."""
    prefix = environment(tmp_path / "demo", GOPROXY="new")
    os.utime(prefix / "go/bin/go", (1, 1))
    script = prefix / "etc/conda/activate.d/zz-gokernel.sh"
    env["CONDA_PREFIX"] = str(prefix)
    seen = run(shell, env, tmp_path, f". '{script}' 2>&-", LOOK)
    assert about_go(seen.looks[0]) == {}


@pytest.mark.parametrize("shell", [f"{shell} {words}" for shell, words in OPTIONS.items()])
def test_what_is_read_only_stays(shell: str, env: dict[str, str], tmp_path: Path) -> None:
    """A variable that a person protected is left, told, and all else is set and given back."""
    prefix = environment(tmp_path / "demo", GOPROXY="new")
    steps = ("readonly GOROOT=/mine", "export GOROOT", activate(prefix), LOOK, DEACTIVATE, LOOK)
    seen = run(shell, env, tmp_path, *steps)
    assert [about_go(look) for look in seen.looks] == [
        {**about_go(seen.looks[0]), "GOROOT": "/mine", "GOPROXY": "new"},
        {"GOROOT": "/mine"},
    ]
    assert seen.said == (
        "jupyter-gokernel: left as it is, since it is read-only in this shell: GOROOT\n"
    )
