"""`env`: the variables of a kernel, explained, as JSON, as commands for a shell."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import termios
from pathlib import Path

import pytest

from tests import prefixes
from tests.cli.conftest import CommandLine
from tests.conftest import CondaPrefix

SECRET = "https://me:hunter2@proxy.example.org"


@pytest.fixture
def demo(cli: CommandLine, envs_dir: Path) -> Path:
    """A made-up environment named demo."""
    return prefixes.go_prefix(envs_dir / "demo", "1.26.6")


def test_json_of_a_real_environment(cli: CommandLine, conda_prefix: CondaPrefix) -> None:
    """Each variable has value, origin and what it overrode; the environment's Go wins."""
    prefix = conda_prefix("go=1.27")
    cli.env["GOROOT"] = "/usr/local/go"
    answer = cli("env", "--env", prefix, "--json").json
    assert set(answer) == {"variables", "git", "findings"}
    goroot = answer["variables"]["GOROOT"]
    assert goroot["value"] == str(prefix / "go")
    assert goroot["origin"] == "toolchain"
    assert {"value", "origin"} == set(goroot["overrode"][0])
    assert "/usr/local/go" in [old["value"] for old in goroot["overrode"]]
    assert answer["variables"]["PATH"]["value"].split(":")[0] == str(prefix / "go" / "bin")


def test_plain_lists_what_concerns_go(cli: CommandLine, demo: Path) -> None:
    """By default: NAME=VALUE of Go's, conda's and the compilers' variables, no others."""
    cli.env["EDITOR"] = "vi"
    out = cli("env", "--env", "demo").out
    lines = dict(line.split("=", 1) for line in out.splitlines())
    assert lines["GOROOT"] == str(demo / "go")
    assert lines["CONDA_DEFAULT_ENV"] == "demo"
    assert lines["GOTOOLCHAIN"] == "local"
    assert "EDITOR" not in lines


@pytest.mark.parametrize("words", ["", "--json", "--explain"])
def test_secrets_are_masked(cli: CommandLine, demo: Path, words: str) -> None:
    """Passwords show in no output but that for a shell."""
    cli.env |= {"GOPROXY": SECRET, "MY_TOKEN": "abracadabra"}
    result = cli("env", "--env", "demo", *words.split())
    assert "proxy.example.org" in result.out
    for secret in ("hunter2", "abracadabra"):
        assert secret not in result.out + result.err
    assert f"export GOPROXY='{SECRET}';" in cli("env", "--env", "demo", "--shell", "sh").out


def test_explain_into_a_pipe_is_a_line_for_each_value(cli: CommandLine, demo: Path) -> None:
    """--explain groups by layer; each value stands whole on one line, to be searched for."""
    prefixes.package_variables(demo, "go.json", {"GOROOT": "/old/prefix/go"})
    cli.env |= {"CC": "clang", "GOFLAGS": "-toolexec=evil", "LONG": "x" * 500}
    lines = cli("env", "--env", "demo", "--explain").out.splitlines()
    titles = ["From the toolchain", "From the environment's activation", "Noticed"]
    found = [at for at, line in enumerate(lines) if line.startswith(tuple(titles))]
    assert [lines[at].partition(" (")[0] for at in found] == titles
    at = next(at for at, line in enumerate(lines) if line.startswith(f"  GOROOT  {demo}/go  ("))
    assert lines[at + 1].startswith("      was /old/prefix/go  (activation: ")
    assert [line for line in lines if line.startswith("      was -toolexec=evil  (parent process")]
    assert [line for line in lines if line.startswith(f"  LONG  {'x' * 500}  (")]
    assert "/old/prefix/go" in lines[found[-1] + 1]
    assert not [line for line in lines if line != line.rstrip()]


def test_explain_leaves_out_what_changed_nothing(cli: CommandLine, demo: Path) -> None:
    """A value that was set again is no news in the text; the JSON has it."""
    cli.env["GOTOOLCHAIN"] = "local"
    assert "was local" not in cli("env", "--env", "demo", "--explain").out
    answer = cli("env", "--env", "demo", "--json").json["variables"]["GOTOOLCHAIN"]
    assert answer["value"] == "local"


def test_explain_on_a_terminal_is_as_wide_as_that(cli: CommandLine, demo: Path) -> None:
    """On a terminal there are tables that fit it, with long values folded, not cut off."""
    cli.env |= {"LONG": "x" * 500, "TERM": "xterm"}
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 70, 0, 0))
    with subprocess.Popen(
        cli.argv("env", "--env", "demo", "--explain"), env=cli.env, cwd=cli.cwd, stdout=follower
    ) as process:
        os.close(follower)
        out = b""
        with contextlib.suppress(OSError):  # how Linux says that nobody writes any more
            while read := os.read(leader, 65536):
                out += read
        assert process.wait(60) == 0
    os.close(leader)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", out.decode()).splitlines()
    assert max(map(len, lines)) <= 70
    assert sum(line.count("x") for line in lines if "xxxx" in line) >= 500


def test_kernel_has_its_settings(cli: CommandLine, demo: Path) -> None:
    """--kernel resolves an installed kernel, with what --set gave it."""
    cli("install", "--env", "demo", "--no-build", "--set", "GOPRIVATE=corp.example")
    answer = cli("env", "--kernel", "go-demo", "--json").json["variables"]
    assert answer["GOPRIVATE"]["value"] == "corp.example"
    assert answer["GOPRIVATE"]["origin"] == "kernel settings: kernelspec"
    assert "GOPRIVATE" not in cli("env", "--env", "demo", "--json").json["variables"]


def test_configuration_counts(cli: CommandLine, demo: Path) -> None:
    """What a configuration file sets for all Go kernels is shown, as a launch would use it."""
    folder = cli.home.parent / "config"
    folder.mkdir()
    (folder / "jupyter_config.py").write_text(
        'c.GoKernelProvisioner.variables = {"GOPRIVATE": "mine"}\n'
        'c.GoKernelProvisioner.policy = {"GOSUMDB": "off"}\n'
    )
    answer = cli("env", "--env", "demo", "--json").json["variables"]
    assert answer["GOPRIVATE"]["origin"] == "kernel settings: configuration"
    assert answer["GOSUMDB"]["origin"] == "site policy: configuration"


def test_afresh_runs_the_scripts_again(cli: CommandLine, demo: Path) -> None:
    """Scripts run once, and again with --afresh."""
    count = cli.cwd / "count"
    prefixes.script(demo, "count.sh", f"echo ran >> {count}\nexport FROM_SCRIPT=yes\n")
    for _ in range(2):
        assert "FROM_SCRIPT=yes" in cli("env", "--env", "demo").out
    assert count.read_text() == "ran\n"
    cli("env", "--env", "demo", "--afresh")
    assert count.read_text() == "ran\nran\n"


def test_findings_are_said(cli: CommandLine, demo: Path) -> None:
    """A failing script is a warning on stderr, and in the JSON."""
    prefixes.script(demo, "bad.sh", "no-such-command-here\nfalse\n")
    result = cli("env", "--env", "demo", "--json")
    assert [f["id"] for f in result.json["findings"] if f["status"] == "warn"] == [
        "activation.script-failed"
    ]
    assert "activation script" in cli("env", "--env", "demo").err


def test_default_is_said(
    cli: CommandLine, demo: Path, envs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --env: the active one, else the embedded Go, else the newest; it says which."""
    cli.env["CONDA_PREFIX"] = str(demo)
    assert "The active environment demo is used." in cli("env").err
    del cli.env["CONDA_PREFIX"]
    result = cli("env", "--json")
    assert "embedded in Python is used" in result.err
    assert "site-packages/go" in result.json["variables"]["GOROOT"]["value"]
    newest = prefixes.go_prefix(envs_dir / "newer", "1.127.1")
    monkeypatch.setattr("go_kernel.choose.embedded_goroot", lambda: None)
    result = cli("env", "--json")
    assert f"The newest Go found is used: 1.127.1 in {newest}." in result.err
    assert result.json["variables"]["GOROOT"]["value"] == str(newest / "go")


def test_name_in_environment_yml_never_selects(cli: CommandLine, demo: Path) -> None:
    """A project's environment.yml is no choice."""
    (cli.cwd / "environment.yml").write_text("name: demo\n")
    assert "embedded in Python" in cli("env").err


def test_unknown_and_broken(cli: CommandLine, demo: Path) -> None:
    """An unknown name suggests near ones (2); a broken Go is one sentence (1)."""
    unknown = cli("env", "--env", "dmo")
    assert unknown.code == 2
    assert "Did you mean demo?" in unknown.err
    shutil.rmtree(demo / "go")
    broken = cli("env", "--env", "demo")
    assert (broken.code, broken.out) == (1, "")
    assert "which does not exist" in broken.err


VALUES = {
    "GOA": "a  b",
    "GOB": "it's \"quoted\" 'twice'",
    "GOC": "x!y !! !1 \\!",
    "GOD": "one\ntwo\n\nthree\n",
    "GOE": "back\\slash \\n \\' \\",
    "GOF": "$HOME `id` $(id) * ? ~ {a,b} [x] # & ; | > <",
    "GOG": "",
    "GOH": "Ünïcödé 🐹",
    "GOI": "\ttab\rreturn",
    "GOJ": "\\\n'!\n",
    "SOME_PATH": "/a:/b c:/d",
}

SHELLS: list[tuple[str, list[str]]] = [
    ("sh", ["bash", "--norc", "--noprofile", "-c", 'eval "$(cat $FILE)"; env -0']),
    ("sh", ["dash", "-c", ". $FILE; env -0"]),
    ("sh", ["zsh", "-f", "-c", ". $FILE; env -0"]),
    ("fish", ["fish", "--no-config", "-c", "source $FILE; env -0"]),
    ("tcsh", ["tcsh", "-f", "-c", "source $FILE; env -0"]),
]


@pytest.mark.parametrize(("shell", "argv"), SHELLS, ids=[argv[0] for _, argv in SHELLS])
def test_shells_get_the_true_values(
    cli: CommandLine, demo: Path, shell: str, argv: list[str]
) -> None:
    """A real shell that runs the commands has each variable as the kernel would."""
    prefixes.state(demo, VALUES)
    cli.env |= {"LD_PRELOAD_X": "stays", "CC": "clang"}
    printed = cli("env", "--env", "demo", "--shell", shell)
    file = cli.cwd / "variables"
    file.write_text(printed.out)
    env = {**cli.env, "FILE": str(file), "CC": "clang"}
    done = subprocess.run(argv, env=env, capture_output=True, timeout=60)
    assert done.stderr == b""
    seen = dict(item.split("=", 1) for item in done.stdout.decode().split("\0") if item)
    expected = cli("env", "--env", "demo", "--json").json["variables"]
    assert {name: seen[name] for name in VALUES} == VALUES
    assert seen["GOROOT"] == expected["GOROOT"]["value"]
    assert seen["PATH"] == expected["PATH"]["value"]
    assert seen.get("CC") == expected["CC"]["value"] != "clang"


def test_shell_unsets_what_is_not_handed_on(cli: CommandLine, demo: Path) -> None:
    """A variable that the kernel wouldn't get is unset; only valid names are printed."""
    cli.env |= {"GOCACHEPROG": "/bin/evil", "CONDA_ODD%": "1"}
    lines = cli("env", "--env", "demo", "--shell", "sh").out.splitlines()
    assert "unset GOCACHEPROG;" in lines
    assert not [line for line in lines if "%" in line]
    assert "set -e GOCACHEPROG;" in cli("env", "--env", "demo", "--shell", "fish").out
    assert "unsetenv GOCACHEPROG;" in cli("env", "--env", "demo", "--shell", "tcsh").out


def test_bytes_that_are_no_utf8_survive(cli: CommandLine, demo: Path) -> None:
    """A path may be any bytes: the shell gets them as they are."""
    raw = subprocess.run(
        cli.argv("env", "--env", "demo", "--shell", "sh"),
        env={**{k: v.encode() for k, v in cli.env.items()}, "GOPATH": b"/tmp/\xff\xfe"},
        capture_output=True,
        timeout=60,
    )
    assert b"export GOPATH='/tmp/\xff\xfe';\n" in raw.stdout
