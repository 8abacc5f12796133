"""Activating an environment gives, as data, what a person's shell would have."""

from __future__ import annotations

import json
import os
import resource
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from rattler.shell import (  # type: ignore[import-untyped]
    ActivationVariables,
    PathModificationBehavior,
    Shell,
)
from rattler.shell import (
    activate as rattler_activate,
)

from go_kernel import process
from go_kernel.cache import Cache
from go_kernel.conda import activation, scripts
from go_kernel.conda.activation import Activation, BadPrefix, activate
from tests import prefixes, unprivileged
from tests.conftest import CondaPrefix
from tests.processes import has_ended

HOME = {"HOME": "/home/me", "LANG": "C.UTF-8", "PATH": "/not/looked/at", "SECRET": "not passed on"}


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An empty environment."""
    return prefixes.prefix(tmp_path / "envs" / "demo")


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """An empty cache."""
    return prefixes.cache(tmp_path)


def variables(result: Activation) -> dict[str, str]:
    """What is set in the end, PATH included."""
    values: dict[str, str | None] = {}
    for change in result.changes:
        values[change.name] = change.value
    path = ":".join((*result.path_front, scripts.SYSTEM_PATH, *result.path_back))
    return {"PATH": path, **{name: value for name, value in values.items() if value is not None}}


def beside_bookkeeping(result: Activation) -> dict[str, str]:
    """As `variables`, without what conda sets for every environment."""
    return {n: v for n, v in variables(result).items() if n != "PATH" and "CONDA" not in n}


def ids(result: Activation) -> list[str]:
    """The findings' ids, without their common part."""
    return [finding.id.removeprefix("activation.") for finding in result.findings]


def run(prefix: Path, cache: Cache, *, timeout: float = 20.0, **more: str) -> Activation:
    """Activate with a usual parent."""
    return activate(prefix, prefix.name, {**HOME, **more}, cache=cache, timeout=timeout)


# What is set.


def test_condas_own_variables(prefix: Path, cache: Cache) -> None:
    """As in a fresh shell in which nothing was active before."""
    assert variables(run(prefix, cache)) == {
        "CONDA_PREFIX": str(prefix),
        "CONDA_SHLVL": "1",
        "CONDA_DEFAULT_ENV": "demo",
        "CONDA_PROMPT_MODIFIER": "(demo) ",
        "PATH": f"{prefix}/bin:{scripts.SYSTEM_PATH}",
    }


@pytest.mark.parametrize("go", ["1.22", "1.26", "1.27"])
@pytest.mark.parametrize("compiler", [False, True], ids=["go", "with compilers"])
def test_the_same_as_rattlers_activation(
    go: str, compiler: bool, conda_prefix: CondaPrefix, cache: Cache
) -> None:
    """Real environments of both layouts, with and without the compiler packages' scripts."""
    # 1.22 is packed in layout A, the others in B.
    prefix = conda_prefix(f"go={go}", *(["go-cgo"] if compiler else []))
    path = scripts.SYSTEM_PATH.split(":")
    script = rattler_activate(
        prefix, ActivationVariables(None, path, PathModificationBehavior.Replace), Shell.bash
    ).script
    printed = subprocess.run(
        ["bash", "--noprofile", "--norc", "-c", f"{script}\nenv -0"],
        env={**HOME, "PATH": scripts.SYSTEM_PATH},
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    theirs = dict(item.split("=", 1) for item in printed.split("\0") if item)

    result = run(prefix, cache)

    ours = {**{name: HOME[name] for name in ("HOME", "LANG")}, **variables(result)}
    # rattler leaves these to its callers; conda sets them.
    assert ours.pop("CONDA_DEFAULT_ENV") == prefix.name
    assert ours.pop("CONDA_PROMPT_MODIFIER") == f"({prefix.name}) "
    assert ours == {n: v for n, v in theirs.items() if n not in ("PWD", "SHLVL", "_", "SECRET")}
    assert result.findings == ()
    assert ours["GOTOOLCHAIN"] == "local"
    assert ours["GOROOT"] == f"{prefix}/go"


def test_files_then_state_then_scripts(prefix: Path, cache: Cache) -> None:
    """Each sees what came before it, and each change says where it came from."""
    prefixes.package_variables(prefix, "a.json", {"x": "package", "Y": "package", "Z": "package"})
    prefixes.state(prefix, {"Y": "state", "Z": "state"})
    prefixes.script(prefix, "a.sh", 'export Z="$X $Y $Z" NEW="$CONDA_PREFIX"')

    result = run(prefix, cache)

    assert [(c.name, c.value, c.place) for c in result.changes if "CONDA" not in c.name] == [
        ("X", "package", "etc/conda/env_vars.d/a.json"),
        ("Y", "package", "etc/conda/env_vars.d/a.json"),
        ("Z", "package", "etc/conda/env_vars.d/a.json"),
        ("Y", "state", "conda-meta/state"),
        ("Z", "state", "conda-meta/state"),
        ("NEW", str(prefix), "etc/conda/activate.d"),
        ("Z", "package state state", "etc/conda/activate.d"),
    ]


def test_null_is_unset(prefix: Path, cache: Cache) -> None:
    """As conda has it; without and with a script that looks."""
    prefixes.package_variables(prefix, "a.json", {"X": None})
    assert [c.value for c in run(prefix, cache).changes if c.name == "X"] == [None]

    prefixes.script(prefix, "a.sh", 'export SEEN="${X-unset}"')
    assert beside_bookkeeping(run(prefix, cache)) == {"SEEN": "unset"}


def test_scripts_run_in_the_order_of_their_names(prefix: Path, cache: Cache) -> None:
    """By byte, as conda sorts them; only those for this kind of shell."""
    for name in ("b.sh", "a.sh", "Z.sh", "~last.sh", "10.sh", "9.sh"):
        prefixes.script(prefix, name, f'export RAN="$RAN {name}"')
    for name in ("a.fish", "a.csh", "a.sh.bak", "a.bat"):
        prefixes.script(prefix, name, 'export RAN="$RAN wrong"; exit 1')

    assert beside_bookkeeping(run(prefix, cache)) == {"RAN": " 10.sh 9.sh Z.sh a.sh b.sh ~last.sh"}


def test_a_script_sees_a_fixed_list_of_inputs(prefix: Path, cache: Cache) -> None:
    """So that its outcome can be remembered, and so that it learns no secrets."""
    prefixes.script(prefix, "a.sh", 'export SEEN="$(compgen -e | tr "\\n" " ")" P="$PATH"')

    result = variables(run(prefix, cache, TZ="UTC", BASH_ENV="/x", LD_PRELOAD="", EVIL="x"))

    own = {"PATH", "PWD", "OLDPWD", "SHLVL", "_"}
    assert sorted({*result["SEEN"].split()} - own) == [
        *("CONDA_DEFAULT_ENV", "CONDA_PREFIX", "CONDA_PROMPT_MODIFIER", "CONDA_SHLVL"),
        *("HOME", "LANG", "TZ"),
    ]
    assert result["P"] == f"{prefix}/bin:{scripts.SYSTEM_PATH}"


def test_a_script_unsets_what_the_environment_sets(prefix: Path, cache: Cache) -> None:
    """Then it isn't handed on."""
    prefixes.package_variables(prefix, "a.json", {"X": "1"})
    prefixes.script(prefix, "a.sh", "unset X")

    result = run(prefix, cache)

    assert beside_bookkeeping(result) == {}
    assert result.changes[-1] == activation.Change("X", None, "etc/conda/activate.d")


def test_a_script_does_not_take_a_persons_home_away(prefix: Path, cache: Cache) -> None:
    """HOME and the language are inputs, not the environment's."""
    prefixes.script(prefix, "a.sh", "export HOME=/evil LANG=xx; unset LC_ALL; cd /tmp; X=local")

    assert beside_bookkeeping(run(prefix, cache, LC_ALL="C")) == {}


@pytest.mark.parametrize(
    ("line", "front", "back"),
    [
        ('PATH="/new:$PATH"', ["/new", "{bin}"], []),
        ('PATH="$PATH:/new:/newer"', ["{bin}"], ["/new", "/newer"]),
        ('PATH="/a:$PATH:/b"', ["/a", "{bin}"], ["/b"]),
        ('PATH="/usr/local/bin:$PATH"', ["/usr/local/bin", "{bin}"], []),
        ('PATH="/usr/bin:/x:$PATH:/sbin"', ["/usr/bin", "/x", "{bin}"], ["/sbin"]),
        ('PATH="${PATH%:/bin}"', ["{bin}"], []),
        ('PATH="/a:${PATH%:/bin}:/b"', ["/a", "{bin}"], ["/b"]),
        ("unset PATH", [], []),
        ('PATH="rel:.::$PATH:"', ["{bin}"], []),
        (":", ["{bin}"], []),
    ],
)
def test_a_script_changes_path(
    line: str, front: list[str], back: list[str], prefix: Path, cache: Cache
) -> None:
    """Before and behind; a system folder put before the environment's counts as meant."""
    prefixes.script(prefix, "a.sh", line)

    result = run(prefix, cache)

    assert list(result.path_front) == [entry.format(bin=f"{prefix}/bin") for entry in front]
    assert list(result.path_back) == back


# Scripts that misbehave.

ODD = {
    "redefines what we use": (
        "printf() { :; }; cd() { :; }; read() { :; }; compgen() { :; }; test() { :; }; "
        "[() { :; }; trap() { :; }; alias builtin=false; export A=1",
        "export B=2",
    ),
    "exports line breaks": ("export A=1", "export L=$'x\\ny=z\\n\\nran 1\\nend\\n' B=2"),
    "stops at errors": ("set -e; export A=1", "export B=2; true"),
    "stops at unset names": ("set -u; export A=1; export NEVER_SET", "export B=2"),
    "exports everything": ("set -a; A=1", "B=2"),
    "changes how words split": ("IFS=AB; export A=1", "export B=2"),
    "locks how words split": ("readonly IFS=AB; export A=1", "export B=2"),
    "has its own way out": ("trap 'echo bye' EXIT; export A=1", "export B=2"),
    "changes its arguments": ("set -- x y z; shift; export A=1", "export B=2"),
    "goes elsewhere": ("cd /tmp; unset TMPDIR HOME; export A=1", "export B=2"),
    "has no PATH": ("export A=1; PATH=", "export B=2"),
    "closes its output": ("exec >&- 2>&-; export A=1", "export B=2"),
    "prints a lot": ("export A=1; printf '%0999999d\\n' 1; printf 'x\\0y'", "export B=2"),
    "reads from the terminal": ("read -r X; read -r -t 1 Y < /dev/tty; export A=1", "export B=2"),
    "is POSIX": ("set -o posix; export A=1", "export B=2"),
    "goes on in the background": ("sleep 5 > /dev/null 2>&1 & export A=1", "export B=2"),
    "leaves a program behind": ("sleep 5 & export A=1", "export B=2"),
    "returns": ("export A=1; return 0; export NOT=1", "export B=2"),
    "fails in silence": ("export A=1; false", "export B=2; [ -e /nowhere ]"),
    "defines functions": ("f() { :; }; export -f f; export A=1", "export B=2"),
    "Windows line ends": ("export A=1 #\r\n", "export B=2 #\r\n"),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_scripts_do_what_they_say(kind: str, prefix: Path, cache: Cache) -> None:
    """And the next one runs as if nothing had been."""
    for name, text in zip(("a.sh", "b.sh"), ODD[kind], strict=True):
        prefixes.script(prefix, name, text)

    result = run(prefix, cache)

    seen = beside_bookkeeping(result)
    assert (seen.pop("A"), seen.pop("B")) == ("1", "2")
    seen.pop("IFS", None)
    assert seen == ({"L": "x\ny=z\n\nran 1\nend\n"} if "line breaks" in kind else {})
    assert ids(result) == []


BAD = {
    "exit": ("exit 3", "script-exited", "ended its shell with exit code 3", "12"),
    "silent exit": ("exit", "script-exited", "exit code 0", "12"),
    "syntax": ("if then", "script-failed", "syntax error", "12"),
    "failing": ("echo oops >&2; false", "script-failed", "oops", "12"),
    "a missing command": ("no-such-command", "script-failed", "command not found", "12"),
    "set -e": ("set -e; false", "script-exited", "exit code 1", "12"),
    "set -u": ("set -u; echo $NO_SUCH", "script-exited", "unbound variable", "12"),
    "exec": ("exec true", "script-exited", "exit code 0", "12"),
    "killing itself": ("kill -9 $$", "script-exited", "exit code -9", "12"),
    "its own way out": ("trap 'echo x' EXIT; exit 4", "script-exited", "exit code 4", "12"),
    "refusing to run": ("set -n", "script-exited", "exit code 0", "12"),
    "hanging": ("sleep 300", "script-hung", "did not end within 1 s", "1"),
    "hanging in bash": ("while :; do :; done", "script-hung", "did not end within 1 s", "1"),
    "ignoring signals": ("trap '' TERM INT HUP; sleep 300", "script-hung", "within 1 s", "1"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_script_is_a_warning_that_names_it(kind: str, prefix: Path, cache: Cache) -> None:
    """What ran before it counts, what comes after it runs (but for one that hangs)."""
    text, expected_id, words, counted = BAD[kind]
    prefixes.script(prefix, "1.sh", 'export RAN="${RAN}1"')
    bad = prefixes.script(prefix, "1bad.sh", text)
    prefixes.script(prefix, "2.sh", 'export RAN="${RAN}2"')
    begin = time.monotonic()

    result = run(prefix, cache, timeout=1 if expected_id == "script-hung" else 20)

    assert time.monotonic() - begin < 10
    assert beside_bookkeeping(result) == {"RAN": counted}
    [finding] = result.findings
    assert finding.id == f"activation.{expected_id}"
    assert finding.status.value == "warn"
    assert str(bad) in finding.summary
    assert words in finding.summary + finding.evidence
    assert finding.environment == str(prefix)
    assert "\n" not in finding.summary


def test_each_failing_script_has_its_own_words(prefix: Path, cache: Cache) -> None:
    """And a chatty one that succeeds isn't blamed for the next one's false test."""
    prefixes.script(prefix, "a.sh", "echo hello >&2")
    prefixes.script(prefix, "b.sh", "[ -e /nowhere ]")
    prefixes.script(prefix, "c.sh", "echo first >&2; false")
    prefixes.script(prefix, "d.sh", "echo second >&2; false")

    result = run(prefix, cache)

    assert [finding.evidence for finding in result.findings] == ["first", "second"]


def test_what_a_script_printed_can_be_shown_anywhere(prefix: Path, cache: Cache) -> None:
    """Without colours, terminal control or bytes that are no text."""
    text = "printf 'one\\n\\033[31mred\\033[0m \\007\\377 caf\\303\\251\\n' >&2; false"
    prefixes.script(prefix, "a.sh", text)

    [finding] = run(prefix, cache).findings

    assert finding.evidence == "one\nred \ufffd café"
    assert finding.summary.endswith("failed: red \ufffd café")


def test_a_bad_script_can_still_set_something(prefix: Path, cache: Cache) -> None:
    """Up to where it ended."""
    prefixes.script(prefix, "a.sh", "export A=1; exit 1; export B=1")

    assert beside_bookkeeping(run(prefix, cache)) == {"A": "1"}


def test_a_shell_left_behind_is_ended_and_said(prefix: Path, cache: Cache) -> None:
    """What the scripts set is known all the same."""
    text = f"export A=1; (while :; do read -t 9 < /dev/zero; done) & echo $! > '{prefix}/pid'"
    prefixes.script(prefix, "a.sh", text)

    result = run(prefix, cache, timeout=1)

    assert beside_bookkeeping(result) == {"A": "1"}
    assert ids(result) == ["script-lingers"]
    assert has_ended(int((prefix / "pid").read_text()))


# Prints or exports more than anybody could want; whether that is said; what is set by then.
TOO_MUCH = {
    "zeros": ("head -c 30000000 /dev/zero", [], {"A": "1", "B": "2"}),
    "lines": ("yes | head -c 300000000", [], {"A": "1", "B": "2"}),
    "lines without end": ("yes", ["script-hung"], {"A": "1"}),
    "an export": (
        *("v=$(printf '%05000000d' 1); export v", ["script-exports-too-much"], {"A": "1"}),
    ),
    "an answer of its own": (
        "for fd in /proc/self/fd/[3-9]; do yes >&${fd##*/} 2>&1 & done; sleep 1; kill $(jobs -p)",
        None,
        {},
    ),
}

_MEASURED = """
import json, resource, sys
from pathlib import Path
from go_kernel.cache import Cache
from go_kernel.conda.activation import activate
prefix, timeout = Path(sys.argv[1]), float(sys.argv[2])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = activate(prefix, "demo", {}, cache=Cache(prefix / "cache"), timeout=timeout)
print(json.dumps({
    "more": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before,
    "ids": [one.id.removeprefix("activation.") for one in found.findings],
    "set": {one.name: one.value for one in found.changes if one.name in "AB"},
}))
"""


@pytest.mark.parametrize("kind", TOO_MUCH)
def test_a_script_that_prints_or_exports_too_much(kind: str, prefix: Path) -> None:
    """It is read while it runs, in little memory; nothing of it lies on a disk."""
    line, said, expected = TOO_MUCH[kind]
    prefixes.script(prefix, "a.sh", "export A=1")
    prefixes.script(prefix, "b.sh", line)
    prefixes.script(prefix, "c.sh", "export B=2")
    timeout = 2 if said is None or "script-hung" in said else 30
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    argv = [sys.executable, "-c", _MEASURED, str(prefix), str(timeout)]

    result = json.loads(process.run(argv, env=env, timeout=60).stdout)

    assert result["more"] < 60_000  # KiB
    if said is not None:
        assert result["ids"] == said
        assert result["set"] == expected


def test_a_program_left_behind_is_not_waited_for(prefix: Path, cache: Cache) -> None:
    """Though it holds what scripts print to, and goes on printing."""
    os.mkfifo(prefix / "pid")
    text = f"""
setsid sh -c 'echo $$ > {prefix}/pid; while echo x; do :; done' &
read -r A < {prefix}/pid
export A
"""
    prefixes.script(prefix, "a.sh", text)

    result = run(prefix, cache)

    assert ids(result) == []
    assert has_ended(int(beside_bookkeeping(result)["A"]))


def test_a_variable_too_long_for_a_process(prefix: Path, cache: Cache) -> None:
    """The scripts can't be started then, which is said; the rest is there."""
    prefixes.package_variables(prefix, "a.json", {"LONG": "x" * 3_000_000, "X": "1"})
    prefixes.script(prefix, "a.sh", "export A=1")

    result = run(prefix, cache)

    assert beside_bookkeeping(result)["X"] == "1"
    assert ids(result) == ["scripts-not-started"]
    assert result.findings[0].summary.endswith("cannot be run: Argument list too long.")


@pytest.mark.parametrize("name", ["BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS"])
def test_variables_that_would_change_bash_itself_only_pass_through(
    name: str, prefix: Path, cache: Cache, tmp_path: Path
) -> None:
    """bash reads no start-up file and starts with no option that the environment names."""
    startup = prefixes.write(tmp_path / "startup", f"touch {tmp_path}/ran; exit 7\n")
    value = str(startup) if name.endswith("ENV") else "noexec"
    prefixes.package_variables(prefix, "a.json", {name: value})
    prefixes.script(prefix, "a.sh", "export A=1")

    result = run(prefix, cache)

    assert beside_bookkeeping(result) == {"A": "1", name: value}
    assert not (tmp_path / "ran").exists()
    assert ids(result) == []


def test_without_a_bash(prefix: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    """One finding; what files set is in force."""
    monkeypatch.setattr(scripts, "SYSTEM_PATH", "/nowhere")
    prefixes.package_variables(prefix, "a.json", {"X": "1"})
    prefixes.script(prefix, "a.sh", "export A=1")

    result = run(prefix, cache)

    assert beside_bookkeeping(result) == {"X": "1"}
    assert ids(result) == ["no-bash"]


# Prefixes.

ODD_NAMES = [
    *("with space", "two  spaces ", "sin'gle", 'dou"ble', "'", '"', "$HOME", "${IFS}", "$(id)"),
    *("`touch x`", "back\\slash", "ünï✓", "semi;colon", "a&b", "*?[a]", "-n", "%s", "!!", "#x"),
    *("~", "a=b", "new\ttab", "(x)", "<y>", "{a,b}", "ran 0", "\x01\x7f"),
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_any_name_works(name: str, tmp_path: Path, cache: Cache) -> None:
    """A path is data all the way: nothing in it is expanded, split or run."""
    prefix = prefixes.prefix(tmp_path / name)
    prefixes.package_variables(prefix, "a.json", {"X": f"{prefix}/x"})
    prefixes.script(prefix, f"{name}.sh", 'export A="$CONDA_PREFIX" B="$(dirname "$X")"')

    result = run(prefix, cache)

    assert beside_bookkeeping(result) == {"X": f"{prefix}/x", "A": str(prefix), "B": str(prefix)}
    assert result.path_front == (f"{prefix}/bin",)
    assert ids(result) == []
    assert sorted(path.name for path in prefix.iterdir()) == ["conda-meta", "etc"]


def test_a_name_that_is_no_utf8(tmp_path: Path, cache: Cache) -> None:
    """Bytes come through bash and through the cache as they are."""
    prefix = prefixes.prefix(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")))
    prefixes.script(prefix, "a.sh", "export A=\"$CONDA_PREFIX\" B=$'\\xfe'")

    for _ in range(2):
        result = run(prefix, cache)
        assert beside_bookkeeping(result) == {"A": str(prefix), "B": "\udcfe"}


@pytest.mark.parametrize("path", ["/a\nb", "/a\rb", "/a:b", "/a\0b", "relative", ""])
def test_paths_that_no_shell_could_hold_are_refused(path: str, cache: Cache) -> None:
    """In one sentence that shows them, before anything is looked at."""
    with pytest.raises(BadPrefix) as caught:
        run(Path(path), cache)

    assert repr(str(Path(path))) in str(caught.value)
    assert "\n" not in str(caught.value)


# What is remembered.


def counting(prefix: Path, name: str = "a.sh", more: str = "") -> Callable[[], int]:
    """A script that leaves a mark each time it runs; gives back how often it did."""
    marks = prefix / "marks"
    prefixes.script(prefix, name, f"echo x >> '{marks}'; export A=1 {more}")
    return lambda: len(marks.read_text().split()) if marks.exists() else 0


def test_scripts_run_once(prefix: Path, cache: Cache) -> None:
    """The same outcome, in a new process too: it is on disk."""
    runs = counting(prefix, more='B="$HOME"; PATH="/x:$PATH:/y"')

    first = run(prefix, cache)
    second = run(prefix, Cache(cache.folder))

    assert runs() == 1
    assert second == first
    assert first.checked_at == pytest.approx(time.time(), abs=60)


def test_the_parents_path_and_secrets_do_not_count(prefix: Path, cache: Cache) -> None:
    """Only what a script gets to see makes it run again."""
    runs = counting(prefix)

    run(prefix, cache)
    run(prefix, cache, PATH="/else", SECRET="other", GOFLAGS="-x")

    assert runs() == 1


CHANGES: dict[str, Callable[[Path], Mapping[str, str] | None]] = {
    "another HOME": lambda prefix: {"HOME": "/home/you"},
    "another language": lambda prefix: {"LC_ALL": "C"},
    "another time zone": lambda prefix: {"TZ": "UTC"},
    "one more script": lambda prefix: prefixes.script(prefix, "b.sh", "") and None,
    "a script's text": lambda prefix: prefixes.rewrite(
        prefix / "etc/conda/activate.d/a.sh",
        (prefix / "etc/conda/activate.d/a.sh").read_bytes().replace(b"A=1", b"A=2"),
    ),
    "a script replaced": lambda prefix: (
        (prefix / "etc/conda/activate.d/a.sh").rename(prefix / "old")
        and prefixes.write(
            prefix / "etc/conda/activate.d/a.sh", (prefix / "old").read_bytes() + b"\n"
        )
        and None
    ),
    "a package's variable": lambda prefix: (
        prefixes.package_variables(prefix, "a.json", {"X": "2"}) and None
    ),
    "the state": lambda prefix: prefixes.state(prefix, {"Y": "2"}) and None,
}


@pytest.mark.parametrize("kind", CHANGES)
def test_what_matters_makes_scripts_run_again(kind: str, prefix: Path, cache: Cache) -> None:
    """An input, a script, or a variable that a script could look at."""
    runs = counting(prefix)
    prefixes.package_variables(prefix, "a.json", {"X": "1"})
    run(prefix, cache)
    more = CHANGES[kind](prefix) or {}

    run(prefix, cache, **more)

    assert runs() == 2


def test_a_script_that_went_away(prefix: Path, cache: Cache) -> None:
    """Its variables go with it."""
    counting(prefix)
    run(prefix, cache)
    (prefix / "etc/conda/activate.d/a.sh").unlink()

    assert beside_bookkeeping(run(prefix, cache)) == {}


def test_two_environments_do_not_share_an_outcome(tmp_path: Path, cache: Cache) -> None:
    """Not even with the same script, hard-linked as conda does."""
    one, two = (prefixes.prefix(tmp_path / name) for name in ("one", "two"))
    script = prefixes.script(one, "a.sh", 'export A="$CONDA_PREFIX"')
    (two / "etc/conda/activate.d").mkdir(parents=True)
    os.link(script, two / "etc/conda/activate.d/a.sh")

    assert variables(run(one, cache))["A"] == str(one)
    assert variables(run(two, cache))["A"] == str(two)


def test_afresh_runs_again_and_is_remembered(prefix: Path, cache: Cache) -> None:
    """What a script reads besides its inputs may have changed."""
    prefixes.script(prefix, "a.sh", f"export A=$(cat {prefix}/file)")
    prefixes.write(prefix / "file", "1")
    assert variables(run(prefix, cache))["A"] == "1"
    prefixes.write(prefix / "file", "2")
    assert variables(run(prefix, cache))["A"] == "1"

    again = activate(prefix, "demo", HOME, cache=cache, afresh=True)

    assert variables(again)["A"] == "2"
    assert variables(run(prefix, cache))["A"] == "2"


def test_another_environment_with_the_same_package_is_no_change(
    prefix: Path, cache: Cache, tmp_path: Path
) -> None:
    """Its scripts are links to the same files, whose ctime then changes."""
    runs = counting(prefix)
    run(prefix, cache)
    for script in (prefix / "etc" / "conda" / "activate.d").iterdir():
        (tmp_path / script.name).hardlink_to(script)

    looked = activate(prefix, "demo", HOME, cache=cache, may_run=False)

    assert (runs(), ids(looked)) == (1, [])


def test_without_leave_nothing_runs(prefix: Path, cache: Cache) -> None:
    """A poll looks: what is remembered counts, else it is said that nobody knows."""
    runs = counting(prefix)
    looked = activate(prefix, "demo", HOME, cache=cache, may_run=False)
    assert (runs(), ids(looked)) == (0, ["not-run"])
    assert looked.findings[0].status.value == "unknown"

    run(prefix, cache)
    looked = activate(prefix, "demo", HOME, cache=cache, may_run=False)

    assert (runs(), ids(looked)) == (1, [])
    assert variables(looked)["A"] == "1"


def test_findings_are_remembered_with_the_outcome(prefix: Path, cache: Cache) -> None:
    """A warning doesn't vanish at the second start."""
    runs = counting(prefix)
    prefixes.script(prefix, "b.sh", "echo oops >&2; false")
    prefixes.package_variables(prefix, "b.json", "broken")

    first, second = run(prefix, cache), run(prefix, cache)

    assert ids(first) == ["variables-unreadable", "script-failed"]
    assert second == first
    assert runs() == 1


def test_a_failure_is_not_remembered_for_long(
    prefix: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have been the disk; but not tried at every single launch either."""
    runs = counting(prefix)
    prefixes.script(prefix, "b.sh", "echo oops >&2; false")
    run(prefix, cache)
    now = time.time()

    for later, expected in ((590, 1), (610, 2), (-100, 3)):
        monkeypatch.setattr(time, "time", lambda later=later: now + later)
        run(prefix, cache)
        assert runs() == expected


def test_who_may_not_run_them_is_told_of_a_failure_however_old(
    prefix: Path, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That nobody knows would be wrong; and how long a poll would wait says nothing."""
    prefixes.script(prefix, "b.sh", "echo oops >&2; false")
    run(prefix, cache, timeout=10)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 86_400)

    looked = activate(prefix, "demo", HOME, cache=cache, may_run=False, timeout=20)

    assert ids(looked) == ["script-failed"]


def test_more_time_is_another_trial(prefix: Path, cache: Cache) -> None:
    """A script that was too slow isn't held against one who waits longer."""
    runs = counting(prefix, more="; sleep 0.8")

    assert ids(run(prefix, cache, timeout=0.3)) == ["script-hung"]
    assert ids(run(prefix, cache, timeout=0.2)) == ["script-hung"]
    assert runs() == 1
    assert ids(run(prefix, cache, timeout=30)) == []
    assert ids(run(prefix, cache, timeout=0.2)) == []
    assert runs() == 2


CORRUPTIONS = {
    "cut short": lambda content: content[: len(content) // 2],
    "empty": lambda content: b"",
    "zeros": lambda content: b"\0" * len(content),
    "another's": lambda content: b"[]",
    "a number": lambda content: b"1",
    "null": lambda content: b"null",
    "no findings": lambda content: content.replace(b'"findings"', b'"lost"'),
    "odd changes": lambda content: content.replace(b'["A", "1",', b'["A",'),
    "odd findings": lambda content: content.replace(b'"findings": []', b'"findings": ["x"]'),
    "deep": lambda content: b"[" * 100_000,
    "no text": lambda content: b"\xff\xfe",
}


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_a_damaged_entry_is_made_anew(kind: str, prefix: Path, cache: Cache) -> None:
    """A full disk, a crash, another version of us."""
    runs = counting(prefix)
    expected = variables(run(prefix, cache))
    [entry] = cache.folder.iterdir()
    damaged = CORRUPTIONS[kind](entry.read_bytes())
    assert damaged != entry.read_bytes()
    entry.write_bytes(damaged)

    assert variables(run(prefix, cache)) == expected
    assert runs() == 2
    assert variables(run(prefix, cache)) == expected
    assert runs() == 2


def planted(cache: Cache, prefix: Path) -> Path:
    """An entry in which somebody put a variable that runs code."""
    run(prefix, cache)
    [entry] = cache.folder.iterdir()
    content = json.loads(entry.read_bytes())
    content["changes"].append(["GOFLAGS", "-toolexec=/tmp/evil", "etc/conda/activate.d"])
    entry.write_text(json.dumps(content))
    assert variables(run(prefix, cache))["GOFLAGS"] == "-toolexec=/tmp/evil"  # ours: believed
    return entry


@pytest.mark.parametrize("mode", [0o602, 0o666, 0o777])
def test_an_entry_that_others_can_write_is_not_believed(
    mode: int, prefix: Path, cache: Cache
) -> None:
    """It is made anew, and private again."""
    runs = counting(prefix)
    entry = planted(cache, prefix)
    entry.chmod(mode)

    assert "GOFLAGS" not in variables(run(prefix, cache))
    assert runs() == 2
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o703])
def test_a_cache_folder_that_others_can_write_is_not_believed(
    mode: int, prefix: Path, cache: Cache
) -> None:
    """Sticky or not: everybody could have put the entry there."""
    counting(prefix)
    planted(cache, prefix)
    cache.folder.chmod(mode)

    assert "GOFLAGS" not in variables(run(prefix, cache))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_an_entry_of_somebody_else_is_not_believed(prefix: Path, cache: Cache) -> None:
    """Nor a cache folder of somebody else."""
    counting(prefix)
    entry = planted(cache, prefix)
    os.chown(entry, unprivileged.NOBODY, 0)
    assert "GOFLAGS" not in variables(run(prefix, cache))

    planted(cache, prefix)
    os.chown(cache.folder, unprivileged.NOBODY, 0)
    assert "GOFLAGS" not in variables(run(prefix, cache))


def test_a_secret_that_a_script_sets_is_kept_private(prefix: Path, cache: Cache) -> None:
    """Its file can be read by its owner alone, whatever the umask."""
    prefixes.script(prefix, "a.sh", "export API_TOKEN=hunter2hunter2")
    before = os.umask(0)
    try:
        run(prefix, cache)
    finally:
        os.umask(before)

    [entry] = cache.folder.iterdir()
    assert b"hunter2" in entry.read_bytes()
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700


def test_without_a_place_for_the_cache(prefix: Path, tmp_path: Path) -> None:
    """It takes a few milliseconds longer, and that is all."""
    runs = counting(prefix)
    cache = Cache(prefixes.write(tmp_path / "file", "") / "cache")

    for _ in range(2):
        assert variables(run(prefix, cache))["A"] == "1"
    assert runs() == 2


# Whose code it is.


@pytest.mark.parametrize(
    "place",
    ["etc/conda/activate.d/a.sh", "etc/conda/activate.d", "etc/conda", "etc", "."],
)
@pytest.mark.parametrize("mode", [0o002, 0o1002], ids=["plain", "sticky"])
def test_scripts_that_others_can_change_are_not_run(
    place: str, mode: int, prefix: Path, cache: Cache
) -> None:
    """The script, or any folder in which they could put another."""
    runs = counting(prefix)
    path = prefix / place
    path.chmod(stat.S_IMODE(path.stat().st_mode) | mode)

    result = run(prefix, cache)

    assert runs() == 0
    assert beside_bookkeeping(result) == {}
    assert ids(result) == ["untrusted"]
    assert str(path) in result.findings[0].summary
    assert "is writable by everybody" in result.findings[0].summary
    assert result.findings[0].remedy is not None
    assert result.findings[0].remedy.commands == (f"chmod go-w {path}",)


def test_a_remembered_outcome_does_not_make_up_for_it(prefix: Path, cache: Cache) -> None:
    """What has become writable since may have been written since."""
    counting(prefix)
    run(prefix, cache)
    prefix.chmod(0o777)

    assert ids(run(prefix, cache)) == ["untrusted"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_colleagues_environment_is_trusted_and_only_theirs(prefix: Path, cache: Cache) -> None:
    """All of it may belong to them; a single script of a third person may not."""
    runs = counting(prefix)
    script = prefix / "etc/conda/activate.d/a.sh"
    for path in (prefix, *prefix.rglob("*")):
        os.chown(path, 4711, 4711)
    assert ids(run(prefix, cache)) == []
    assert runs() == 1

    os.chown(script, 0, 0)
    assert ids(run(prefix, cache)) == []
    os.chown(script, 4712, 4711)
    assert ids(run(prefix, cache)) == ["untrusted"]
    assert runs() == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_link_counts_as_what_it_points_at(prefix: Path, cache: Cache, tmp_path: Path) -> None:
    """A link of ours to a script of somebody else."""
    other = prefixes.write(tmp_path / "theirs.sh", f"touch {tmp_path}/ran")
    os.chown(other, unprivileged.NOBODY, 0)
    (prefix / "etc/conda/activate.d").mkdir(parents=True)
    (prefix / "etc/conda/activate.d/a.sh").symlink_to(other)

    assert ids(run(prefix, cache)) == ["untrusted"]
    assert not (tmp_path / "ran").exists()


def test_group_writable_is_fine_only_for_a_group_of_ones_own(prefix: Path, cache: Cache) -> None:
    """Where each user has a group (Debian, Fedora), a umask of 002 is usual."""
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    script = prefixes.script(prefix, "a.sh", "export A=1")
    script.chmod(0o664)
    os.chown(script, 4711, 4711)
    os.chown(prefix, 4711, 4711)
    assert ids(run(prefix, cache)) == []

    os.chown(script, 4711, 100)
    assert ids(run(prefix, cache)) == ["untrusted"]


def test_a_dangling_link_is_named(prefix: Path, cache: Cache) -> None:
    """With a remedy that fits."""
    (prefix / "etc/conda/activate.d").mkdir(parents=True)
    (prefix / "etc/conda/activate.d/a.sh").symlink_to("nowhere")

    [finding] = run(prefix, cache).findings

    assert finding.id == "activation.untrusted"
    assert "a.sh cannot be examined" in finding.summary
    assert finding.remedy is not None
    assert finding.remedy.commands == ()


_AS_NOBODY = """
from pathlib import Path
from go_kernel.cache import Cache
from go_kernel.conda.activation import activate
base = Path(sys.argv[1])
drop()
result = activate(base / "env", "env", {}, cache=Cache(base / "no" / "cache"), timeout=20)
print(json.dumps([[[c.name, c.value] for c in result.changes], [f.id for f in result.findings]]))
"""


@pytest.mark.parametrize(
    ("closed", "expected"),
    [
        ("etc/conda/activate.d/a.sh", ["activation.script-failed"]),
        ("etc/conda/activate.d", []),
        ("etc", []),
    ],
)
def test_scripts_that_may_not_be_read(closed: str, expected: list[str]) -> None:
    """A finding where one is known to be there; the cache can't be written either."""
    with unprivileged.open_folder() as base:
        prefix = prefixes.prefix(base / "env")
        prefixes.script(prefix, "a.sh", "export A=1")
        prefixes.script(prefix, "b.sh", "export B=1")
        (prefix / closed).chmod(0)
        try:
            changes, findings = unprivileged.run(_AS_NOBODY, base)
        finally:
            (prefix / closed).chmod(0o755)

    assert findings == expected
    assert (["B", "1"] in changes) == bool(expected)
    assert ["CONDA_PREFIX", str(base / "env")] in changes


def test_a_pipe_among_the_scripts_is_not_waited_for(prefix: Path, cache: Cache) -> None:
    """A poll looks at it only; a launch runs it in its limit."""
    counting(prefix)
    os.mkfifo(prefix / "etc/conda/activate.d/zz.sh")

    looked = activate(prefix, "demo", HOME, cache=cache, may_run=False)

    assert ids(looked) == ["not-run"]
    assert ids(run(prefix, cache, timeout=0.5)) == ["script-hung"]


def test_without_descriptors_for_scripts_it_is_said(prefix: Path, cache: Cache) -> None:
    """None is kept open, and a later launch, with room, has it all."""
    prefixes.script(prefix, "a.sh", "export A=1")
    descriptors = Path("/dev/fd")
    before = len([*descriptors.iterdir()])
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Room for less than two pipes with what ends them.
    with ExitStack() as held:
        held.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        highest = max(int(path.name) for path in descriptors.iterdir())
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, hard))
        held_open: list[int] = []
        with suppress(OSError):
            while True:
                held_open.append(os.dup(0))
        for descriptor in held_open[:3]:
            os.close(descriptor)
        for descriptor in held_open[3:]:
            held.callback(os.close, descriptor)
        result = run(prefix, cache, timeout=5)
    assert ids(result) == ["scripts-not-started"]
    assert len([*descriptors.iterdir()]) == before
    assert beside_bookkeeping(activate(prefix, "demo", HOME, cache=cache, afresh=True)) == {
        "A": "1"
    }
