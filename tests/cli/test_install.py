"""`install`: kernelspecs and engines, under good and bad circumstances."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import prefixes, unprivileged
from tests.cli.conftest import CommandLine
from tests.conftest import CondaPrefix


@pytest.fixture
def demo(cli: CommandLine, envs_dir: Path) -> Path:
    """A made-up environment named demo."""
    return prefixes.go_prefix(envs_dir / "demo", "1.26.6")


def _tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_real_environment_twice(cli: CommandLine, conda_prefix: CondaPrefix) -> None:
    """The kernel is installed with its engine and logos; a second time nothing changes."""
    prefix = conda_prefix("go=1.27")
    first = cli("install", "--env", prefix, "--json")
    assert first.code == 0
    [kernel] = first.json["kernels"]
    assert kernel == {
        "name": "go-shared",
        "display_name": "Go (conda env: shared)",
        "engine": "gophernotes",
        "environment": "shared",
        "prefix": str(prefix),
        "goroot": None,
        "go_version": "1.27.3",
        "resource_dir": str(cli.kernels / "go-shared"),
        "portable": False,
        "status": "installed",
        "findings": kernel["findings"],
    }
    before = _tree(cli.kernels)
    assert {"go-shared/kernel.json", "go-shared/logo-svg.svg"} < set(before)
    second = cli("install", "--env", prefix, "--json")
    assert second.json["kernels"][0]["status"] == "unchanged"
    assert _tree(cli.kernels) == before
    assert cli("engine", "list", "--json").code == 0


def test_says_what_comes_next(cli: CommandLine, demo: Path) -> None:
    """The last line says how to use the kernel."""
    last = cli("install", "--env", "demo", "--no-build").out.splitlines()[-1]
    assert "jupyter lab" in last
    assert '"Go (conda env: demo)"' in last


def test_default_is_the_active_environment(cli: CommandLine, demo: Path) -> None:
    """Without --env: the active environment, else the embedded Go, and it says which."""
    cli.env["CONDA_PREFIX"] = str(demo)
    result = cli("install", "--no-build")
    assert "The active environment demo is used." in result.err
    assert (cli.kernels / "go-demo").is_dir()
    cli.env["CONDA_PREFIX"] = str(prefixes.prefix(demo.parent / "python-only"))
    result = cli("install", "--no-build")
    assert "python-only has no Go, so the Go" in result.err
    [name] = {path.name for path in cli.kernels.iterdir()} - {"go-demo"}
    content = cli.kernel(name)
    version = name.removeprefix("go-")
    assert content["display_name"] == f"Go ({version})"
    assert content["metadata"]["gokernel"]["config"]["go_sha256"]


def test_no_go_anywhere(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any choice: one sentence with three ways out."""
    monkeypatch.setattr("go_kernel.choose.embedded_goroot", lambda: None)
    result = cli("install")
    assert result.code == 1
    for way in ("--env", "jupyter gokernel create", "jupyter-gokernel[toolchain]"):
        assert way in result.err


def test_destinations(cli: CommandLine, demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--user, --sys-prefix and --prefix write where Jupyter looks, and say where it doesn't."""
    monkeypatch.setattr(sys, "prefix", str(cli.cwd / "python"))
    cli("install", "--env", "demo", "--no-build", "--sys-prefix")
    assert (cli.cwd / "python/share/jupyter/kernels/go-demo/kernel.json").exists()
    result = cli("install", "--env", "demo", "--no-build", "--prefix", "relative/place")
    assert (cli.cwd / "relative/place/share/jupyter/kernels/go-demo/kernel.json").exists()
    assert "does not look for kernels in" in result.err
    assert not cli.kernels.exists()


def test_set_and_replace(cli: CommandLine, demo: Path) -> None:
    """--set stands in kernel.json; other settings need --replace; an own name is kept."""
    words = ["install", "--env", "demo", "--no-build"]
    assert cli(*words, "--set", "GOPRIVATE=a=b,c", "--set", "GOGC=50").code == 0
    config = cli.kernel("go-demo")["metadata"]["gokernel"]["config"]
    assert config["settings"] == {"GOPRIVATE": "a=b,c", "GOGC": "50"}
    refused = cli(*words)
    assert refused.code == 1
    assert "with other settings" in refused.err
    assert "--replace" in refused.err
    assert cli.kernel("go-demo")["metadata"]["gokernel"]["config"] == config
    assert cli(*words, "--replace", "--json").json["kernels"][0]["status"] == "replaced"
    assert "settings" not in cli.kernel("go-demo")["metadata"]["gokernel"]["config"]
    assert cli(*words, "--name", "my-go", "--display-name", "My Go").code == 0
    assert cli.kernel("my-go")["display_name"] == "My Go"


@pytest.mark.parametrize(
    "setting",
    [
        *("GOPROXY=https://me:pw@host", "GOAUTH=netrc", "CORP_TOKEN=x", "GOPRIVATE=https://t@h/"),
        "GIT_CONFIG_KEY_0=url.https://me:pw@host/.insteadOf",
        "GIT_CONFIG_VALUE_0=Authorization: Basic bWU6cHc=",
    ],
)
def test_secrets_are_refused(cli: CommandLine, demo: Path, setting: str) -> None:
    """A kernelspec holds no credentials; the sentence says where they belong."""
    result = cli("install", "--env", "demo", "--no-build", "--set", setting)
    assert result.code == 2
    assert "netrc" in result.err
    assert "c.GoKernelProvisioner.variables" in result.err
    assert "pw@" not in result.err
    whole = setting.startswith(("GOAUTH", "CORP_TOKEN"))
    assert ("may hold a password" in result.err) is whole  # by its name; others hold one
    assert not cli.kernels.exists()


def test_portable_has_no_provisioner(cli: CommandLine, demo: Path) -> None:
    """--portable leaves the provisioner out and keeps an argv that works alone."""
    assert cli("install", "--env", "demo", "--no-build", "--portable").code == 0
    content = cli.kernel("go-demo")
    assert "kernel_provisioner" not in content["metadata"]
    assert content["argv"][3:5] == ["-f", "{connection_file}"]


def test_two_environments_of_one_name(cli: CommandLine, tmp_path: Path) -> None:
    """The second gets its parent folder's name, and keeps it; both stay what they are."""
    first = prefixes.go_prefix(tmp_path / "miniforge3" / "envs" / "demo")
    second = prefixes.go_prefix(tmp_path / "mambaforge" / "envs" / "demo")
    third = prefixes.go_prefix(tmp_path / "x" / "mambaforge" / "envs" / "demo")
    names = []
    for prefix in (first, second, third, second, first):
        answer = cli("install", "--env", prefix, "--no-build", "--json").json["kernels"][0]
        names.append((answer["name"], answer["display_name"], answer["status"]))
    assert names[0] == ("go-demo", "Go (conda env: demo)", "installed")
    assert names[1] == ("go-demo-mambaforge", "Go (conda env: demo in mambaforge)", "installed")
    assert names[2][0].startswith("go-demo-mambaforge-")
    assert str(third) in names[2][1]
    assert names[3] == (*names[1][:2], "unchanged")
    assert names[4] == (*names[0][:2], "unchanged")
    assert cli("uninstall", "go-demo").code == 0
    answer = cli("install", "--env", second, "--no-build", "--json").json["kernels"][0]
    assert (answer["name"], answer["status"]) == ("go-demo-mambaforge", "unchanged")


def test_ambiguous_name(cli: CommandLine, tmp_path: Path) -> None:
    """A name that two environments have is a usage error that names both paths."""
    folders = [tmp_path / "a" / "envs", tmp_path / "b" / "envs"]
    prefixes_ = [prefixes.go_prefix(folder / "demo") for folder in folders]
    cli.env["CONDA_ENVS_DIRS"] = ":".join(map(str, folders))
    result = cli("install", "--env", "demo")
    assert result.code == 2
    assert all(str(prefix) in result.err for prefix in prefixes_)
    assert not cli.kernels.exists()


@pytest.mark.parametrize(
    "name",
    ["my env", "données", "🐹", "数据", "a+b@c", "it's", "UPPER", "x" * 240, "a..b", "$HOME", "-n"],
)
def test_odd_names(cli: CommandLine, tmp_path: Path, name: str) -> None:
    """Whatever an environment is called, its kernel has a name Jupyter takes, and its own."""
    cli.env["CONDA_ENVS_DIRS"] = str(tmp_path / "odd")
    prefix = prefixes.go_prefix(tmp_path / "odd" / name)
    result = cli("install", f"--env={name}", "--no-build", "--json")
    assert result.code == 0, result.err
    [kernel] = result.json["kernels"]
    assert kernel["environment"] == name
    assert name in kernel["display_name"]
    assert kernel["prefix"] == str(prefix)
    argv = [sys.executable, "-m", "jupyter", "kernelspec", "list", "--json"]
    own = {**cli.env, "PATH": f"{Path(sys.executable).parent}:{cli.env['PATH']}"}
    listed = subprocess.run(argv, env=own, capture_output=True, check=True, timeout=60)
    specs = json.loads(listed.stdout)["kernelspecs"]
    assert specs[kernel["name"]]["spec"]["display_name"] == kernel["display_name"]
    assert cli("env", "--kernel", kernel["name"], "--json").code == 0
    assert cli("uninstall", kernel["name"]).code == 0


@pytest.mark.parametrize("name", ["a:b", "a\nb"])
def test_impossible_prefixes(cli: CommandLine, tmp_path: Path, name: str) -> None:
    """A prefix that no PATH can express is refused in one sentence."""
    prefix = prefixes.go_prefix(tmp_path / name)
    result = cli("install", "--env", prefix, "--no-build")
    assert result.code == 1
    assert "can't be used" in result.err
    assert len(result.err.splitlines()) == 1
    assert not cli.kernels.exists()


def test_path_that_is_no_utf8(cli: CommandLine, tmp_path: Path) -> None:
    """A prefix may be any bytes."""
    prefix = prefixes.go_prefix(tmp_path / os.fsdecode(b"caf\xe9"))
    done = subprocess.run(
        [*cli.argv("install", "--no-build", "--json", "--env"), os.fsencode(prefix)],
        env=cli.env,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    [kernel] = json.loads(done.stdout)["kernels"]
    assert kernel["prefix"] == str(prefix)
    assert cli("list", "--json").json["kernels"][0]["prefix"] == str(prefix)


def test_somebody_elses_spec_is_left_alone(cli: CommandLine, demo: Path) -> None:
    """A kernelspec of another's making is refused, with --replace too, and stays as it is."""
    file = prefixes.write(cli.kernels / "go-demo" / "kernel.json", '{"argv": ["mine"]}')
    for more in ([], ["--replace"]):
        result = cli("install", "--env", "demo", *more)
        assert result.code == 1
        assert "was not made by jupyter-gokernel" in result.err
        assert "--name" in result.err
    assert file.read_text() == '{"argv": ["mine"]}'
    assert [*file.parent.iterdir()] == [file]


def test_spec_that_comes_first_is_said(cli: CommandLine, demo: Path, tmp_path: Path) -> None:
    """A kernelspec of the same name in an earlier folder hides ours: a warning."""
    shared = tmp_path / "first"
    cli.env["JUPYTER_PATH"] = str(shared)
    prefixes.write(shared / "kernels" / "go-demo" / "kernel.json", '{"argv": ["mine"]}')
    result = cli("install", "--env", "demo", "--no-build", "--json")
    assert result.code == 0
    assert "install.hidden" in [warning["id"] for warning in result.json["warnings"]]


def test_hidden_kernel_is_no_next_step(cli: CommandLine, demo: Path, tmp_path: Path) -> None:
    """One of ours in an earlier folder: the command that removes just that one, and no "Next:"."""
    first = tmp_path / "a place"
    words = ["install", "--env", "demo", "--no-build"]
    assert cli(*words, "--prefix", first).code == 0
    cli.env["JUPYTER_PATH"] = str(first / "share" / "jupyter")
    result = cli(*words)
    assert f"`jupyter gokernel uninstall --prefix '{first}' go-demo`" in result.err
    assert "Next:" not in result.out
    assert cli("uninstall", "--prefix", first, "go-demo").code == 0
    result = cli(*words)
    assert "comes first" not in result.err
    assert "Next:" in result.out


def test_name_that_would_hide_anothers(cli: CommandLine, demo: Path, tmp_path: Path) -> None:
    """A name that takes somebody else's kernel out of sight is refused, --replace or not."""
    later = tmp_path / "later"
    cli.env["JUPYTER_PATH"] = f"{cli.kernels.parent}:{later}"
    prefixes.write(later / "kernels" / "python3" / "kernel.json", '{"argv": ["python"]}')
    for more in ([], ["--replace"]):
        result = cli("install", "--env", "demo", "--name", "python3", "--no-build", *more)
        assert result.code == 1
        assert f"would hide the kernelspec {later}/kernels/python3" in result.err
        assert "Choose another name with --name." in result.err
    assert not cli.kernels.exists()


def test_missing_compiler_is_said_before_the_build(
    cli: CommandLine, demo: Path, tmp_path: Path
) -> None:
    """The warning, with a command to run as it is, stands above what the build says."""
    cli.env |= {"PATH": "/nowhere", "GOKERNEL_STORE": str(tmp_path / "store")}
    result = cli("install", "--env", "demo")  # the made-up Go can't build
    assert result.code == 1
    warning = result.err.index(f"`conda install -p {demo} c-compiler`")
    assert warning < result.err.index("could not be built")
    assert result.err.count("There is no C compiler") == 1


def test_all(cli: CommandLine, demo: Path, envs_dir: Path) -> None:
    """--all goes on where one fails, and ends with 1."""
    prefixes.go_prefix(envs_dir / "other")
    broken = prefixes.go_prefix(envs_dir / "broken")
    shutil.rmtree(broken / "go")
    result = cli("install", "--all", "--no-build", "--json")
    assert result.code == 1
    states = {k["environment"]: k["status"] for k in result.json["kernels"]}
    assert states == {"broken": "failed", "demo": "installed", "other": "installed"}
    [failed] = [k for k in result.json["kernels"] if k["status"] == "failed"]
    assert failed["error"]["id"] == "toolchain.broken-link"
    assert "broken: " in result.err


def test_build_that_fails_writes_nothing(cli: CommandLine, demo: Path, tmp_path: Path) -> None:
    """Without an engine there is no kernelspec; the made-up Go can't build one."""
    cli.env["GOKERNEL_STORE"] = str(tmp_path / "store")
    result = cli("install", "--env", "demo")
    assert (result.code, result.out) == (1, "")
    assert "gophernotes could not be built" in result.err
    assert not cli.kernels.exists()
    assert not [p for p in (tmp_path / "store").iterdir() if p.name != ".locks"]


def test_unwritable_folder() -> None:
    """Whoever may not write gets one sentence and a way out, before anything is built."""
    with unprivileged.open_folder() as folder:
        prefix = prefixes.go_prefix(folder / "envs" / "demo")
        own = folder / "home"
        own.mkdir()
        own.chmod(0o777)
        answer = unprivileged.run(
            """
import contextlib, io
from go_kernel.cli import install, root
from go_kernel.cli.main import main
drop()
folder, prefix = sys.argv[1:]
os.environ.clear()
os.environ.update(PATH="/usr/bin:/bin", HOME=folder + "/home", JUPYTER_DATA_DIR=folder + "/data")
out, err = io.StringIO(), io.StringIO()
with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
    code = main(["install", "--env", prefix])
print(json.dumps([code, out.getvalue(), err.getvalue()]))
""",
            folder,
            prefix,
        )
        assert answer[:2] == [1, ""]
        assert f"The kernelspec can't be written to {folder}/data/kernels" in answer[2]
        assert "--user, --sys-prefix or --prefix" in answer[2]
        assert len(answer[2].splitlines()) == 1
        assert not (folder / "data").exists()


def test_two_at_once(cli: CommandLine, envs_dir: Path) -> None:
    """Several installations at the same time give one whole kernelspec, and all say 0."""
    prefixes.go_prefix(envs_dir / "at-once")
    argv = cli.argv("install", "--env", "at-once", "--no-build")
    running = [
        subprocess.Popen(argv, env=cli.env, cwd=cli.cwd, stderr=subprocess.PIPE, stdout=-3)
        for _ in range(6)
    ]
    ended = [(process.communicate(timeout=60)[1], process.returncode) for process in running]
    assert [code for _, code in ended] == [0] * 6, ended
    assert {path.name for path in (cli.kernels / "go-at-once").iterdir()} == {
        *("kernel.json", "logo-32x32.png", "logo-64x64.png", "logo-svg.svg"),
    }
    assert [path.name for path in cli.kernels.parent.iterdir()] == ["kernels"]


@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGINT, 130, "Interrupted."), (signal.SIGTERM, 143, "Terminated.")],
    ids=["ctrl-c", "sigterm"],
)
def test_end_in_the_middle_of_a_build(
    cli: CommandLine, conda_prefix: CondaPrefix, tmp_path: Path, number: int, code: int, word: str
) -> None:
    """Ctrl-C or SIGTERM ends a build at once with one line; no spec, engine or process stays."""
    prefix = conda_prefix("go=1.27")
    store = tmp_path / "store"
    cli.env |= {"GOKERNEL_STORE": str(store), "GOCACHE": str(tmp_path / "gocache")}
    with subprocess.Popen(
        cli.argv("install", "--env", prefix),
        env=cli.env,
        cwd=cli.cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        seen = []
        for line in process.stderr:
            seen.append(line)
            if " packages, " in line:  # the compiler is at it
                break
        os.kill(process.pid, number)
        out, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert err.splitlines()[-1] == word
    assert "Traceback" not in err
    assert out == ""
    assert not cli.kernels.exists()
    assert [path.name for path in store.iterdir()] == [".locks"]
    assert not _mentioning(str(tmp_path / "gocache"))


def _mentioning(text: str) -> list[str]:
    """The processes that have `text` in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if text.encode() in (entry / "environ").read_bytes():
                    found.append((entry / "cmdline").read_text())
            except OSError:
                continue
    return found
