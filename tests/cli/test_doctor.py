"""`doctor`: what is wrong, what mends it, and mending it."""

from __future__ import annotations

import json
import os
import pty
import pwd
import shlex
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from go_kernel import kernelspec
from go_kernel.config import KernelConfig
from go_kernel.health import catalogue
from go_kernel.health.fixes import registry
from go_kernel.health.project import checks
from tests import prefixes, unprivileged
from tests.cli.conftest import CommandLine

KEYS = [
    *("id", "environment", "kernel", "status", "summary", "evidence", "remedy", "fix"),
    *("duration_ms", "checked_at", "last"),
]


@pytest.fixture
def demo(cli: CommandLine, envs_dir: Path) -> Path:
    """A made-up environment named demo, and its kernel without an engine."""
    prefix = prefixes.go_prefix(envs_dir / "demo", "1.26.6")
    assert cli("install", "--env", "demo", "--no-build").code == 0
    return prefix


@pytest.fixture
def wrong(demo: Path) -> Path:
    """The file of a demo whose terminals have a wrong GOROOT."""
    return prefixes.state(demo, {"GOROOT": "/old/go"})


@pytest.fixture
def gone(demo: Path) -> Path:
    """The prefix of a kernel whose environment was removed."""
    shutil.rmtree(demo)
    return demo


def test_nothing_there(cli: CommandLine) -> None:
    """On a fresh machine the machine is looked at, and nothing is an error."""
    done = cli("doctor")
    assert done.code == 0
    assert "this machine" in done.out
    assert done.err == ""


def test_json_is_the_api(cli: CommandLine, demo: Path) -> None:
    """Plain data of one shape; every static check that applies says something."""
    done = cli("doctor", "--env", "demo", "--json")
    assert sorted(done.json) == ["findings", "status", "version"]
    assert [list(one) for one in done.json["findings"]] == [KEYS] * len(done.json["findings"])
    assert {one["environment"] for one in done.json["findings"]} == {str(demo)}
    said = {one["id"] for one in done.json["findings"]}
    assert {"toolchain.present", "engine.built"} <= said


def test_an_error_is_exit_code_1(cli: CommandLine, gone: Path) -> None:
    """A removed environment is an error, named with the command that mends it."""
    done = cli("doctor")
    assert done.code == 1
    assert "error   environment.exists" in done.out
    assert str(gone) in done.out
    assert "--fix kernelspec.remove" in done.out
    assert "add --fix." in done.out


def test_only_what_is_named(cli: CommandLine, demo: Path, envs_dir: Path) -> None:
    """--env and --kernel leave the rest of the machine alone."""
    prefixes.go_prefix(envs_dir / "other")
    for words in (("--env", "demo"), ("--kernel", "go-demo"), ("--env", str(demo))):
        found = cli("doctor", "--json", *words).json["findings"]
        assert {one["environment"] for one in found} == {str(demo)}
    assert "this machine" not in cli("doctor", "--env", "other").out


def test_one_check_brings_what_it_needs(cli: CommandLine, demo: Path) -> None:
    """--check runs that one, and those without which it would mean nothing."""
    done = cli("doctor", "--env", "demo", "--check", "toolchain.goroot", "--json")
    said = [one["id"] for one in done.json["findings"]]
    assert said == ["environment.exists", "toolchain.present", "toolchain.goroot"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--check", "toolchain.gorot"), "Did you mean toolchain.goroot?"),
        (("--fix", "rm"), "There is no fix called 'rm'"),
        (("--env", "demo", "--kernel", "go-demo"), "exclude each other"),
        (("--report", "--json"), "exclude each other"),
        (("--list", "--fix"), "exclude each other"),
        (("--env", "demo", "--go", "/usr/local/go"), "exclude each other"),
        (("--env", "demo", "--env", "other"), "--env was given more than once"),
        (("--env", ""), "--env is empty"),
        (("--kernel", "go-nowhere"), "no Go kernel named 'go-nowhere'"),
        (("demo",), "Did you mean --env demo?"),
    ],
)
def test_usage(cli: CommandLine, demo: Path, words: tuple[str, ...], sentence: str) -> None:
    """What can't be meant is a sentence and exit code 2."""
    done = cli("doctor", *words)
    assert done.code == 2
    assert sentence in done.err
    assert done.out == ""


def test_list(cli: CommandLine) -> None:
    """Every check and every fix, with what breaks and what mends it; none is run."""
    listed = cli("doctor", "--list", "--json").json
    ids = [one["id"] for one in listed["checks"]]
    assert ids == [
        *(check.id for check in catalogue.CHECKS),
        *(check.id for check in checks(Path())),
    ]
    assert all(one["broken_by"] and one["mended_by"] for one in listed["checks"])
    assert [one["id"] for one in listed["fixes"]] == [one.id for one in registry.FIXES]
    table = cli("doctor", "--list").out
    assert all(one in table for one in ids)


def test_fix_without_a_yes_does_nothing(cli: CommandLine, wrong: Path) -> None:
    """Where nobody can be asked, it says what it would do, and that is no success."""
    done = cli.process("doctor", "--env", "demo", "--fix")
    assert done.code == 1
    assert f"In {wrong}, set GOROOT to {wrong.parent.parent}/go instead of /old/go." in done.out
    assert "Add -y" in done.err
    assert "/old/go" in wrong.read_text()


def test_fix_by_id(cli: CommandLine, wrong: Path) -> None:
    """What was agreed to is done, and looked at again; then there is nothing left to do."""
    done = cli("doctor", "--env", "demo", "--fix", "goroot.repair", "-y")
    assert done.code == 0
    assert "Done." in done.out
    assert "ok      toolchain.goroot" in done.out
    assert "/old/go" not in wrong.read_text()
    again = cli("doctor", "--env", "demo", "--fix", "goroot.repair", "-y")
    assert (again.code, again.out) == (0, "There is nothing to mend.\n")


def test_fix_as_json(cli: CommandLine, gone: Path) -> None:
    """First what would be done, then what was done, as data."""
    before = cli("doctor", "--fix", "kernelspec.remove", "--json")
    assert before.code == 1
    states = {one["state"] for one in before.json["fixes"]}
    assert states == {"planned"}
    assert before.json["fixes"][0]["risk"] == "medium"
    done = cli("doctor", "--fix", "kernelspec.remove", "--json", "-y")
    assert "done" in {one["state"] for one in done.json["fixes"]}
    assert (done.code, done.json["status"]) == (0, "ok")
    assert cli("list", "--json").json == {"kernels": []}


def test_what_is_gone_with_its_kernel_is_no_error(cli: CommandLine, gone: Path) -> None:
    """Once the kernel is removed there is nothing left to look at, and that is a success."""
    done = cli("doctor", "--env", gone, "--fix", "kernelspec.remove", "-y")
    assert done.code == 0
    assert "Done. No kernel is for demo any more." in done.out
    assert "error" not in done.out


@pytest.mark.parametrize("by_name", [True, False])
def test_what_is_gone_can_be_named(cli: CommandLine, gone: Path, by_name: bool) -> None:
    """Name and path mean a removed environment for as long as a kernel is for it."""
    done = cli("doctor", "--env", gone.name if by_name else gone)
    assert done.code == 1
    assert "error   environment.exists" in done.out
    assert "doctor --env demo --fix kernelspec.remove" in done.out


def test_a_gone_name_that_means_two(cli: CommandLine, gone: Path, tmp_path: Path) -> None:
    """Two removed environments of one name are told apart by path, in commands as well."""
    other = prefixes.go_prefix(tmp_path / "demo", "1.26.6")
    words = ("--name", "go-other", "--display-name", "Other", "--no-build")
    assert cli("install", "--env", other, *words).code == 0
    shutil.rmtree(other)
    assert "2 conda environments named 'demo'" in cli("doctor", "--env", "demo").err
    shown = cli("doctor").out
    for place in (gone, other):
        assert f"doctor --env {place} --fix kernelspec.remove" in shown
        assert cli("doctor", "--env", place).code == 1


def test_commands_mean_what_only_a_path_leads_to(cli: CommandLine, tmp_path: Path) -> None:
    """An environment that no list knows is named by its path, so that the command works."""
    prefix = prefixes.go_prefix(tmp_path / "far away", "1.26.6")
    done = cli("doctor", "--env", prefix)
    command = f"jupyter gokernel doctor --env '{prefix}' --fix kernelspec.install"
    assert command in done.out
    words = shlex.split(command)[2:]
    assert cli(*words, "--json").json["fixes"][0]["state"] == "planned"


def test_a_go_outside_of_conda(cli: CommandLine, goroot: Callable[[str], Path]) -> None:
    """--go takes a GOROOT or a go, looks at that alone, and is in the commands shown."""
    root = goroot("1.26")
    for path in (root, root / "bin" / "go"):
        done = cli("doctor", "--go", path)
        assert done.code in (0, 1)
        assert f"doctor --go {root} --fix kernelspec.install" in done.out
        assert "this machine" not in done.out


def test_a_go_that_is_gone(cli: CommandLine, goroot: Callable[[str], Path], tmp_path: Path) -> None:
    """A removed GOROOT can be named for as long as a kernel is for it."""
    root = tmp_path / "go"
    shutil.copytree(goroot("1.26"), root, symlinks=True, copy_function=os.link)
    assert cli("install", "--go", root, "--no-build").code == 0
    shutil.rmtree(root)
    done = cli("doctor", "--go", root)
    assert "error   environment.exists" in done.out
    assert f"doctor --go {root} --fix kernelspec.remove" in done.out


def test_what_one_check_says_of_all(cli: CommandLine, gone: Path, envs_dir: Path) -> None:
    """With --check nobody is told that all is well, and what it isn't about isn't listed."""
    prefixes.go_prefix(envs_dir / "other")
    done = cli("doctor", "--check", "home.present")
    assert "demo" not in done.out
    assert "other" not in done.out
    assert "All is well on this machine (home.present only)." in done.out
    done = cli("doctor", "--check", "toolchain.goroot", "--env", "other")
    assert "in 1 environment (toolchain.goroot only)." in done.out


def test_why_is_shown(cli: CommandLine, demo: Path) -> None:
    """What was seen stands below what is wrong, unless the sentence has it; --all has the rest."""
    prefixes.script(demo, "go.sh", "".join(f"echo line {n} >&2\n" for n in range(20)) + "exit 3\n")
    words = ("doctor", "--env", "demo", "--check", "activation.afresh")
    done = cli(*words)
    assert "line 1" in done.out
    assert "more lines: see them with --all." in done.out
    assert "line 19" not in done.out
    assert "line 19" in cli(*words, "--all").out


def test_fix_everything_that_is_needed(cli: CommandLine, gone: Path, envs_dir: Path) -> None:
    """Without an id what is broken is mended; what is only worth knowing is left alone."""
    prefixes.go_prefix(envs_dir / "without")  # has no kernel, which is no mistake
    done = cli("doctor", "--fix", "-y")
    assert "kernelspec.remove" in done.out
    assert cli("list", "--json").json == {"kernels": []}


def test_a_fix_for_everywhere_is_for_where_it_helps(
    cli: CommandLine, wrong: Path, envs_dir: Path
) -> None:
    """Without a selection a fix is done in each environment that a check offers it for."""
    prefixes.go_prefix(envs_dir / "fine")
    done = cli("doctor", "--fix", "goroot.repair", "-y", "--json")
    assert done.code == 0
    [fix] = done.json["fixes"]
    assert (fix["environment"], fix["state"]) == (str(wrong.parent.parent), "done")


def test_a_fix_that_fails_is_a_sentence(cli: CommandLine, demo: Path) -> None:
    """A made-up Go builds nothing: the error is shown, the exit code is 1."""
    done = cli("doctor", "--env", "demo", "--fix", "engine.rebuild", "-y")
    assert done.code == 1
    assert "Error: " in done.err
    assert "Traceback" not in done.err


def on_terminal(cli: CommandLine, typed: bytes, *words: str) -> tuple[int, str]:
    """Run on a terminal, type something, and give back exit code and what was shown."""
    outer, inner = pty.openpty()
    env = {**cli.env, "TERM": "xterm-256color", "COLUMNS": "80"}
    process = subprocess.Popen(
        cli.argv(*words), env=env, cwd=cli.cwd, stdin=inner, stdout=inner, stderr=inner
    )
    os.close(inner)
    shown, asked = b"", False
    with os.fdopen(outer, "rb", buffering=0) as terminal:
        while True:
            try:
                shown += terminal.read(4096)
            except OSError:  # the other end is closed
                break
            if b"[y/N]" in shown and not asked:
                asked = True
                os.write(terminal.fileno(), typed)
    return process.wait(60), shown.decode()


@pytest.mark.parametrize(("typed", "code", "left"), [(b"y\n", 0, False), (b"\n", 1, True)])
def test_on_a_terminal_it_asks(
    cli: CommandLine, wrong: Path, typed: bytes, code: int, left: bool
) -> None:
    """Yes does it; anything else leaves all as it is."""
    words = ("doctor", "--env", "demo", "--fix", "goroot.repair")
    assert on_terminal(cli, typed, *words)[0] == code
    assert ("/old/go" in wrong.read_text()) is left


def test_on_a_terminal_there_are_signs_and_words(cli: CommandLine, gone: Path) -> None:
    """Colour is never all there is; long sentences go on under themselves."""
    code, shown = on_terminal(cli, b"", "doctor")
    assert code == 1
    assert "\u2717 error" in shown
    assert "\u2713 ok" in shown


def test_commands_stay_in_one_piece(cli: CommandLine, tmp_path: Path) -> None:
    """However narrow the terminal is, a command can be copied."""
    prefix = prefixes.go_prefix(tmp_path / ("a-long-name-" * 8), "1.26.6")
    _, shown = on_terminal(cli, b"", "doctor", "--env", str(prefix))
    assert f"jupyter gokernel doctor --env {prefix} --fix kernelspec.install" in shown


def test_the_list_on_a_narrow_terminal(cli: CommandLine) -> None:
    """Blocks of sentences, not six columns of single words."""
    code, shown = on_terminal(cli, b"", "doctor", "--list")
    assert code == 0
    assert "home.present (static): There is a home to keep things in" in shown
    assert "broken by: HOME is not set, does not exist, or can't be written." in shown


def test_progress_in_a_log_is_short(cli: CommandLine, demo: Path) -> None:
    """Into a pipe goes nothing where it is a matter of a moment."""
    done = cli("doctor", "--env", "demo", "--project", cli.cwd)
    assert done.err == ""


_AS_NOBODY = """
from go_kernel.cli.main import main
import contextlib, io, go_kernel.cli.doctor.command
drop()
os.environ.clear()
os.environ.update(HOME=sys.argv[1], JUPYTER_PATH=sys.argv[2], PATH="/usr/bin:/bin")
said = io.StringIO()
with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
    code = main(["doctor", *sys.argv[3:]])
print(json.dumps([code, said.getvalue()]))
"""


@pytest.mark.parametrize(
    "words", [("--fix",), ("--kernel", "go-gone", "--fix", "kernelspec.remove")]
)
def test_whose_it_is(words: tuple[str, ...]) -> None:
    """What belongs to somebody else isn't ours to mend, and it is said whose it is."""
    with unprivileged.open_folder() as folder:
        spec = kernelspec.spec_for(KernelConfig("gone", prefix="/nowhere/gone"), name="go-gone")
        written = kernelspec.write(spec, folder / "kernels")
        home = folder / "home"
        home.mkdir()
        os.chown(home, unprivileged.NOBODY, unprivileged.NOBODY)
        code, told = unprivileged.run(_AS_NOBODY, home, folder, *words)
    assert code == 1
    assert "There is nothing that could be mended." in told
    assert f"{written} belongs to {pwd.getpwuid(os.getuid()).pw_name}, who can mend it." in told


def test_a_plain_terminal_gets_plain_signs(cli: CommandLine, gone: Path) -> None:
    """Where a check mark can't be printed there is another sign."""
    cli.env |= {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    done = cli.process("doctor")
    assert "x error" in done.out
    assert "\\u" not in done.out


def test_ctrl_c_ends_all_that_runs(cli: CommandLine, demo: Path) -> None:
    """A script that hangs ends with the command, in no time."""
    told = cli.cwd / "told"
    prefixes.script(demo, "go.sh", f"echo $$ > {told}.new; mv {told}.new {told}; sleep 1000\n")
    words = cli.argv("doctor", "--env", "demo", "--check", "activation.afresh")
    process = subprocess.Popen(words, env=cli.env, cwd=cli.cwd, stderr=subprocess.PIPE, text=True)
    while not told.exists():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted." in err
    assert not Path("/proc", told.read_text().strip()).exists()


def test_unknown_shows_what_it_was_last(cli: CommandLine, demo: Path) -> None:
    """A check that can't tell any more says what it found before, and when."""
    assert cli("doctor", "--env", "demo").code in (0, 1)
    config = Path(cli.env["JUPYTER_CONFIG_DIR"])
    config.mkdir()
    bad = {"GoKernelProvisioner": {"variables": {"GOROOT": "/old/go"}}}
    (config / "jupyter_config.json").write_text(json.dumps(bad))
    done = cli("doctor", "--env", "demo", "--check", "toolchain.goroot")
    assert "unknown toolchain.goroot" in done.out
    assert "Last time (just now): ok: " in done.out


def test_report_holds_no_secret(cli: CommandLine, demo: Path) -> None:
    """What is pasted into an issue has versions and findings, no password, no home."""
    cli.env |= {
        "GOPROXY": "https://ada:hunter2hunter2@proxy.invalid,direct",
        "MY_TOKEN": "tok-1234567890",
        "USER": "adalovelace",
    }
    prefixes.state(demo, {"GOROOT": "/data/adalovelace/tok-1234567890/go"})
    done = cli("doctor", "--report")
    assert "### jupyter gokernel doctor" in done.out
    assert "jupyter_client " in done.out
    assert "`toolchain.goroot`" in done.out
    for secret in ("hunter2", "tok-1234567890", "adalovelace", cli.env["HOME"]):
        assert secret not in done.out
    assert "~/.conda/envs/demo" in done.out


_PLACES = ("GOMODCACHE", "GOCACHE")


@pytest.fixture
def project(cli: CommandLine, goroot: Callable[[str], Path], envs_dir: Path) -> Path:
    """A project's folder; the environment named real has a Go that runs."""
    prefix = prefixes.prefix(envs_dir / "real")
    real = goroot("1.26")
    (prefix / "bin").mkdir()
    (prefix / "go").symlink_to(real)
    (prefix / "bin" / "go").symlink_to("../go/bin/go")
    folder = cli.cwd / "project"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    ("content", "check", "status", "words"),
    [
        ("module a\n\ngo 1.26\n", "module", "ok", "go.mod is in force in"),
        ("module a\n\ngo 1.99\n", "toolchain", "error", "asks for Go 1.99, and the environment"),
        ("modul a\n", "module", "error", "Go can't read"),
        (None, "module", "info", "it is no Go project"),
    ],
)
def test_project(
    cli: CommandLine, project: Path, content: str | None, check: str, status: str, words: str
) -> None:
    """Go itself says what is in force, from a folder below as well."""
    if content is not None:
        (project / "go.mod").write_text(content)
    below = project / "sub"
    below.mkdir()
    cli.env["GOTOOLCHAIN"] = "local"
    done = cli("doctor", "--env", "real", "--project", below, "--json")
    [finding] = [one for one in done.json["findings"] if one["id"] == f"project.{check}"]
    assert finding["status"] == status
    assert words in finding["summary"]
    assert (done.code == 1) == (done.json["status"] == "error")


def test_project_with_go_work(cli: CommandLine, project: Path) -> None:
    """A go.work above counts before the go.mod."""
    (project / "go.mod").write_text("module a\n\ngo 1.26\n")
    (project.parent / "go.work").write_text("go 1.99\n\nuse ./project\n")
    done = cli("doctor", "--env", "real", "--project", "project")
    assert f"{project.parent}/go.work asks for Go 1.99" in done.out


def test_one_check_of_a_project(cli: CommandLine, project: Path) -> None:
    """By its id, with what it needs and nothing else; it needs a project."""
    (project / "go.mod").write_text("module a\n\ngo 1.26\n")
    words = ("doctor", "--env", "real", "--check", "project.vendor")
    done = cli(*words, "--project", "project", "--json")
    ids = [one["id"] for one in done.json["findings"]]
    assert ids[-2:] == ["project.module", "project.vendor"]
    assert "project.replace" not in ids
    every = {check.id for check in checks(Path(), deep=False)}
    done = cli(*words[:3], "--check", "project", "--project", "project", "--json")
    ids = [one["id"] for one in done.json["findings"]]
    assert set(ids) == {"environment.exists", "toolchain.present", "toolchain.hash", *every}
    without = cli(*words)
    assert without.code == 2
    assert "--check project.vendor looks at a Go project." in without.err


@pytest.mark.parametrize("more", [(), ("--project", ".")])
def test_half_an_id(cli: CommandLine, project: Path, more: tuple[str, ...]) -> None:
    """The whole one is named, be there a project or not."""
    done = cli("doctor", "--env", "real", "--check", "replace", *more)
    assert done.code == 2
    assert "There is no check called 'replace'. Did you mean project.replace?" in done.err


def test_notes_beside_a_project(cli: CommandLine, project: Path, envs_dir: Path) -> None:
    """They are left out where nobody asked for them; errors aren't."""
    (project / "go.mod").write_text("module a\n\ngo 1.26\n")
    cli.env = {name: value for name, value in cli.env.items() if name not in _PLACES}
    words = ("doctor", "--env", "real", "--project", "project")
    assert "kernelspec.present" in cli(*words[:3]).out
    assert "kernelspec.present" in cli(*words, "--all").out
    done = cli(*words)
    assert "kernelspec." not in done.out
    assert "All is well in 1 environment." in done.out
    (project / "go.mod").write_text("modul a\n")
    assert "1 error in 1 environment." in cli(*words).out


def test_the_projects_own_environment(cli: CommandLine, project: Path, envs_dir: Path) -> None:
    """Where another Go is used, it is named."""
    (project / "go.mod").write_text("module a\n\ngo 1.26\n")
    (project / "environment.yml").write_text("name: real\ndependencies: [go]\n")
    (project / "sub").mkdir()
    words = ("doctor", "--project", "project/sub", "--check", "project")
    said = f"`jupyter gokernel doctor --env real --project {project / 'sub'}`"
    assert said in cli(*words).err
    assert said not in cli(*words, "--env", "real").err
    cli.env["CONDA_PREFIX"] = str(envs_dir / "real")
    assert said not in cli(*words).err


def test_an_altered_go_is_no_success(cli: CommandLine, project: Path, envs_dir: Path) -> None:
    """It isn't run, so nobody knows how the project is."""
    (project / "go.mod").write_text("module a\n\ngo 1.26\n")
    record = prefixes.go_record(envs_dir / "real")
    words = ("doctor", "--env", "real", "--project", "project", "--check", "project")
    assert cli(*words).code == 0
    content = json.loads(record.read_text())
    content["paths_data"]["paths"][0]["sha256"] = "0" * 64
    prefixes.write(record, json.dumps(content) + "\n")
    done = cli(*words)
    assert done.code == 1
    assert "is not the file that was installed" in done.out


def test_what_flags_put_into_programs_is_not_shown(cli: CommandLine, project: Path) -> None:
    """Neither by the checks of the environment nor by those of the project."""
    (project / "go.mod").write_text("module a\n\ngo 1.26\n")
    (cli.cwd / "env").write_text("GOFLAGS='-ldflags=-s -X main.token=hunter2' -tags=a -mod=mod\n")
    cli.env["GOENV"] = str(cli.cwd / "env")
    for more in (("--all",), ("--json",), ("--report",)):
        done = cli("doctor", "--env", "real", "--project", "project", *more)
        assert "GOFLAGS='-ldflags=-s -X main.token=***' -tags=a -mod=mod" in done.out
        assert "hunter2" not in done.out


def test_project_that_is_no_folder(cli: CommandLine, project: Path) -> None:
    """A folder that isn't there is a mistake of usage; one without its option is guessed."""
    done = cli("doctor", "--env", "real", "--project", "nowhere", "--json")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Error: 'nowhere' is no folder.")
    assert "Did you mean --project project?" in cli("doctor", "project").err
