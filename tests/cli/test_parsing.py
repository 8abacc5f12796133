"""What all commands share: help, mistakes, configuration files, pipes, Ctrl-C."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from go_kernel.cli.root import GoKernelApp
from tests import prefixes
from tests.cli.conftest import CommandLine
from tests.offline import bundling

COMMANDS = [
    *([name] for name in GoKernelApp.subcommands),
    *(["engine", name] for name in ("list", "build", "prune")),
    *(["lock", name] for name in ("status", "sync", "verify")),
    *(["hooks", name] for name in ("install", "remove", "show")),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_shows_usage_and_examples(cli: CommandLine, words: list[str]) -> None:
    """Each command's --help says how it is called and gives an example; it ends with 0."""
    result = cli(*words, "--help")
    spoken = " ".join(["jupyter gokernel", *words])
    assert result.code == 0
    assert result.out.startswith(f"Usage: {spoken}")
    assert "Examples\n" in result.out
    assert spoken in result.out.partition("Examples\n")[2]
    assert max(map(len, result.out.splitlines())) <= 100


# What `launch` is given it hands on; that has tests of its own.
@pytest.mark.parametrize("words", [w for w in [*COMMANDS, []] if w != ["launch"]], ids=" ".join)
def test_unknown_option_is_a_usage_error(cli: CommandLine, words: list[str]) -> None:
    """A mistyped option ends with 2 and one sentence, and nothing is done."""
    result = cli(*words, "--no-such-option")
    assert result.code == 2
    assert result.err.startswith("Error: The option '--no-such-option' is not known.")
    assert len(result.err.splitlines()) == 1
    assert result.out == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["bogus"], "There is no command 'bogus'. There are: envs, create, install, list"),
        (["engine", "bogus"], "There is no command 'bogus'. There are: list, build, prune."),
        (["envs", "--jso"], "Did you mean --json?"),
        (["envs", "too", "much"], "'too' is one word too many."),
        (["install", "--env"], "--env: expected one argument."),
        (["install", "--json=maybe"], "--json: ignored explicit argument 'maybe'."),
        (["install", "--GoKernelInstall.nme=x"], "'--GoKernelInstall.nme' is not known."),
        (["install", "--GoKernelInstall.user=perhaps"], "'user' trait"),
        (["uninstall"], "Something is missing, as in `jupyter gokernel uninstall NAME...`."),
        (["instal"], "There is no command 'instal'. Did you mean install?"),
        (["engine", "prun"], "There is no command 'prun'. Did you mean prune?"),
        (["env", "demo"], "'demo' is one word too many. Did you mean --env demo?"),
        (["install", "my env"], "'my env' is one word too many. Did you mean --env 'my env'?"),
        (["create"], "either a NAME or a --prefix"),
        (["env", "--json", "--explain"], "--json and --explain exclude each other."),
        (["env", "--env", "a", "--kernel", "b"], "--env and --kernel exclude each other."),
        (["env", "--shell", "powershell"], "'powershell' is no shell that is known here."),
        (["install", "--all", "--env", "a"], "--all and --env exclude each other."),
        (["install", "--user", "--sys-prefix"], "--user and --sys-prefix exclude each other."),
        (["install", "--set", "X"], "--set 'X' sets nothing."),
        (["install", "--set", "GOROOT=/x"], "'GOROOT' can't be set"),
        (["install", "--name", "A/B"], "'A/B' can't be a kernel's name."),
        (["install", "--engine", "gcc"], "There is no engine named 'gcc'."),
        (["hooks", "install"], "No environment was named, and none is active."),
        (["hooks", "show", "--shell", "nu"], "'nu' is no shell that hooks know."),
        (["engine", "build", "--kernel", "x", "--all"], "--all and --kernel exclude each other."),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_usage_errors(cli: CommandLine, words: list[str], said: str) -> None:
    """What can't be meant ends with 2, one sentence on stderr and nothing on stdout."""
    result = cli(*words)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert result.err.startswith("Error: ")
    assert "Traceback" not in result.err


def test_options_and_words_mix(cli: CommandLine) -> None:
    """Options may stand before, between and behind the words of a command."""
    result = cli("uninstall", "--json", "one", "--log-level", "ERROR", "two")
    assert result.code == 1
    assert "'one'" in result.err
    assert "'two'" in result.err
    assert result.json == {"removed": []}


def test_help_all_lists_configuration(cli: CommandLine) -> None:
    """--help-all also shows what a configuration file can set, the provisioner's included."""
    out = cli("install", "--help-all").out
    assert "GoKernelInstall.engine" in out
    assert "GoKernelProvisioner.build_timeout" in out


def test_generate_config(cli: CommandLine) -> None:
    """--generate-config writes a file with every default, and reading it changes nothing."""
    assert cli("install", "--generate-config").code == 0
    written = cli.home.parent / "config" / "jupyter_gokernel_config.py"
    assert "c.GoKernelProvisioner.variables" in written.read_text()
    assert "c.GoKernelInstall.engine" in written.read_text()
    assert cli("envs", "--json").json == {"environments": []}


def test_configuration_files_count(cli: CommandLine) -> None:
    """Jupyter's shared file, our own and --config are read; the command line wins."""
    folder = cli.home.parent / "config"
    folder.mkdir()
    (folder / "jupyter_config.json").write_text('{"GoKernelCommand": {"as_json": true}}')
    assert cli("envs").json == {"environments": []}
    (folder / "jupyter_gokernel_config.py").write_text("c.GoKernelEnvs.as_json = False")
    assert cli("envs").out == ""
    other = cli.cwd / "mine.py"
    other.write_text("c.GoKernelEnvs.as_json = True")
    assert cli("envs", "--config", other).json == {"environments": []}
    assert cli("envs", "--config", other, "--GoKernelEnvs.as_json=False").out == ""
    (folder / "jupyter_gokernel_config.py").write_text("c.GoKernelEnvs.as_json = False")
    assert cli("envs", "--json").json == {"environments": []}


def test_broken_configuration_file_is_one_line(cli: CommandLine) -> None:
    """A configuration file with a mistake is named in one line, and the command goes on."""
    folder = cli.home.parent / "config"
    folder.mkdir()
    (folder / "jupyter_gokernel_config.py").write_text("c.GoKernelEnvs.as_json = Ture")
    result = cli("envs")
    assert result.code == 0
    first = result.err.splitlines()[0]
    assert "jupyter_gokernel_config.py" in first
    assert "NameError: name 'Ture' is not defined" in first
    assert "Traceback" not in result.err


def test_wrong_value_in_a_configuration_file(cli: CommandLine) -> None:
    """A value of the wrong kind for our provisioner is an error that names it."""
    folder = cli.home.parent / "config"
    folder.mkdir()
    (folder / "jupyter_config.py").write_text('c.GoKernelProvisioner.build_timeout = "long"')
    result = cli("list")
    assert result.code == 2
    assert "build_timeout" in result.err


def test_no_command_shows_the_commands(cli: CommandLine) -> None:
    """`jupyter gokernel` alone lists the commands."""
    out = cli().out
    assert all(name in out for name in GoKernelApp.subcommands)


def test_jupyter_finds_the_command(cli: CommandLine) -> None:
    """`jupyter gokernel` reaches us through Jupyter's own command."""
    argv = [cli.argv()[0], "-m", "jupyter", "gokernel", "--version"]
    own = {**cli.env, "PATH": f"{cli.argv()[0].rpartition('/')[0]}:{cli.env['PATH']}"}
    done = subprocess.run(argv, env=own, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()


@pytest.mark.parametrize("words", ["env --json", "env --explain", "env", "list --json"])
def test_closed_pipe_is_quiet(cli: CommandLine, words: str) -> None:
    """Somebody who reads one byte and goes away causes no error."""
    cli.env["CONDA_PREFIX"] = str(prefixes.go_prefix(cli.home / "envs" / "demo"))
    # More than a pipe holds, so that a write does fail.
    cli.env["LONG"] = "x" * 100_000
    with subprocess.Popen(
        cli.argv(*words.split()),
        env=cli.env,
        cwd=cli.cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        said = process.stderr.read().decode()
        assert process.wait(60) == 0
    assert "Error" not in said
    assert "Exception" not in said


@pytest.mark.parametrize("closed", ["stdout", "stderr", "both"])
def test_work_is_done_whoever_reads(cli: CommandLine, tmp_path: Path, closed: str) -> None:
    """A command whose progress or result nobody reads any more does all it was told to."""
    made = bundling.make(tmp_path)
    cli.env |= {"GOKERNEL_BUNDLES": str(tmp_path / "store"), "GOKERNEL_SITE_BUNDLES": ""}
    reader, gone = os.pipe()
    os.close(reader)
    out, err = (gone if closed in (name, "both") else None for name in ("stdout", "stderr"))
    argv = cli.argv("bundle", "use", made.archive)
    try:
        done = subprocess.run(argv, env=cli.env, stdout=out, stderr=err, timeout=60, check=False)
    finally:
        os.close(gone)

    assert done.returncode == 0
    assert (tmp_path / "store" / made.manifest.id / "bundle.json").exists()


def test_a_failure_that_nobody_reads_is_one(cli: CommandLine, tmp_path: Path) -> None:
    """Its sentence goes nowhere, its exit code doesn't."""
    reader, gone = os.pipe()
    os.close(reader)
    argv = cli.argv("bundle", "use", tmp_path / "none")
    try:
        done = subprocess.run(argv, env=cli.env, stderr=gone, timeout=60, check=False)
    finally:
        os.close(gone)

    assert done.returncode == 1


def test_full_disk_is_a_sentence(cli: CommandLine) -> None:
    """Output that can't be written ends with 1 and a sentence."""
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - no file, a device
        done = subprocess.run(
            cli.argv("envs", "--json"),
            env=cli.env,
            cwd=cli.cwd,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
        )
    assert done.returncode == 1
    assert b"No space left on device" in done.stderr
    assert b"Traceback" not in done.stderr


def test_json_is_alone_on_stdout(cli: CommandLine) -> None:
    """With --json, words go to stderr: stdout parses as it is."""
    prefixes.go_prefix(cli.home / ".conda" / "envs" / "demo")
    result = cli.process("env", "--json")
    assert json.loads(result.out)["variables"]["GOROOT"]["value"]
    assert result.err


def test_control_characters_are_shown_not_sent(cli: CommandLine) -> None:
    """An environment's name can't move the terminal's cursor."""
    prefixes.go_prefix(cli.home / ".conda" / "envs" / "a\x1b[2Jb")
    out = cli("envs").out
    assert "\x1b" not in out
    assert r"a\x1b[2Jb" in out


@pytest.mark.parametrize("closed", ["1>&-", "2>&-", "<&- 1>&- 2>&-", "2<go.mod"])
def test_closed_streams(cli: CommandLine, closed: str) -> None:
    """Who closes stdout or stderr, or has a file to read there, gets the command's exit code."""
    (cli.cwd / "go.mod").write_text("module example.org/demo\n")
    line = f"{shlex.join(cli.argv('scan', '--json'))} {closed}"
    argv = ["bash", "-c", line]
    done = subprocess.run(argv, env=cli.env, cwd=cli.cwd, capture_output=True, timeout=60)
    assert done.returncode == 0
    assert (b'"status": "ok"' in done.stdout) == ("1>" not in closed)
    assert b"should not happen" not in done.stderr


def test_a_current_folder_that_is_gone(cli: CommandLine) -> None:
    """One sentence, with a remedy, and 2."""
    gone = cli.cwd / "gone"
    gone.mkdir()
    line = f"cd gone; rmdir ../gone; {shlex.join(cli.argv('hooks', 'show'))}"
    argv = ["bash", "-c", line]
    done = subprocess.run(argv, env=cli.env, cwd=cli.cwd, capture_output=True, timeout=60)
    assert done.returncode == 2
    assert b"Error: The current folder is no longer there. Change to one that is" in done.stderr


def test_only_who_asks_takes_a_yes(cli: CommandLine) -> None:
    """`-y` for a command without questions would make one expect a question."""
    assert "-y" in cli("doctor", "--help").out.split()
    for words in (["scan"], ["check"], ["apply"], ["hooks", "install"], ["lock", "sync"]):
        assert "-y" not in cli(*words, "--help").out.split()
        assert "The option '-y' is not known." in cli(*words, "-y").err
