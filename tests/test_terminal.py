"""Terminals in an environment: real shells on a pseudo terminal, and one under a real server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import websocket
from ptyprocess import PtyProcess

from go_kernel.terminal import BadTerminalEnvironment, hubs_shell_command, shell_command
from tests import prefixes, servers, sites, unprivileged
from tests.offline.shelves import Shelf

ROOT = Path(__file__).parents[1]
SERVERS = str(Path(sys.executable).parent)  # where the server's `jupyter` is
SHELLS = ("bash", "zsh", "fish", "tcsh", "dash")
# A person's files for each shell: the file of a login shell sets PATH anew, as Debian's
# /etc/profile does, and the last of them all says that it was read.
PROFILES = {
    "bash": {
        ".bash_profile": "export PATH=/usr/bin:/bin:/mine MARK=profile; . ~/.bashrc\n",
        ".bashrc": 'export MARK="$MARK rc"\n',
    },
    "dash": {
        ".profile": "export PATH=/usr/bin:/bin:/mine MARK=profile ENV=$HOME/.shrc\n",
        ".shrc": 'export MARK="$MARK rc"\n',
    },
    "zsh": {
        ".zshenv": "export MARK=env\n",
        ".zprofile": 'export PATH=/usr/bin:/bin:/mine MARK="$MARK profile"\n',
        ".zshrc": 'export MARK="$MARK rc"; precmd() { export MINE=ran; }\n',
        ".zlogin": 'export MARK="$MARK login"; PATH=/usr/bin:/bin:/mine\n',
    },
    "fish": {
        ".config/fish/config.fish": "set -gx PATH /usr/bin /bin /mine; set -gx MARK 'rc'\n",
    },
    "tcsh": {
        ".cshrc": "setenv MARK rc\n",
        ".login": 'setenv MARK "$MARK login"; setenv PATH /usr/bin:/bin:/mine\n',
    },
}
MARKS = {
    "bash": "profile rc",
    "dash": "profile rc",
    "zsh": "env profile rc login",
    "fish": "rc",
    "tcsh": "rc login",
}
HOSTILE = {
    "GOA": "it's \"quoted\" 'twice' $HOME `id` $(id) !! \\",
    "GOB": "one\ntwo\n\n'three\n",
    "GOC": "Ünïcödé 🐹 %s -n",
}

Terminal = Callable[..., dict[str, str]]


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment with a Go that is never started."""
    return prefixes.go_prefix(tmp_path / "envs" / 'it\'s "my" $env', "1.26.6")


@pytest.fixture
def env(clean_env: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The variables of a server, whose temporary files can be counted."""
    (tmp_path / "tmp").mkdir()
    return {
        **clean_env,
        "PYTHONPATH": str(ROOT),
        "TMPDIR": str(tmp_path / "tmp"),
        "TERM": "dumb",
        "JUPYTER_PATH": str(tmp_path / "jupyter"),
    }


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, env: dict[str, str]) -> str:
    """Each shell, with a person's own files."""
    env["SHELL"] = f"/usr/bin/{request.param}"
    for name, text in PROFILES[request.param].items():
        prefixes.write(Path(env["HOME"], name), text)
    return str(request.param)


def screen(argv: list[str], env: dict[str, str], *lines: str) -> str:
    """All that a terminal shows in which somebody types these lines."""
    process = PtyProcess.spawn(argv, env=env, cwd=env["HOME"], dimensions=(40, 500))
    shown = b""
    try:
        process.write("".join(f"{line}\n" for line in (*lines, "exit")).encode())
        with suppress(EOFError):
            while True:
                shown += process.read(65536)
    finally:
        process.close(force=True)
    return shown.decode()


def variables(environment: str | Path, env: dict[str, str], *lines: str) -> dict[str, str]:
    """What a program has that is started in such a terminal."""
    return variables_of(shell_command(str(environment)), env, *lines)


def variables_of(argv: list[str], env: dict[str, str], *lines: str) -> dict[str, str]:
    """As `variables`, of a terminal that is started so."""
    file = Path(env["TMPDIR"]).parent / "seen"
    shown = screen(argv, env, *lines, f"env -0 > {file}")
    assert file.exists(), shown
    return dict(item.split("=", 1) for item in file.read_text().split("\0") if item)


def test_environment_holds_after_the_profile(shell: str, prefix: Path, env: dict[str, str]) -> None:
    """Files that set PATH anew are read as ever, and the environment's Go is first after them."""
    prefixes.state(prefix, HOSTILE)
    seen = variables(prefix, env)
    path = seen["PATH"].split(":")
    assert path[0] == f"{prefix}/go/bin"
    assert f"{prefix}/bin" in path[1:3]
    assert path[-4:] == ["/usr/bin", "/bin", "/mine", SERVERS]
    assert seen["MARK"] == MARKS[shell]
    assert seen["GOROOT"] == f"{prefix}/go"
    assert seen["CONDA_PREFIX"] == str(prefix)
    assert seen["GOTOOLCHAIN"] == "local"
    assert {name: seen[name] for name in HOSTILE} == HOSTILE


@pytest.mark.parametrize("at", ["environment", "person"])
def test_ones_own_jupyter_stays_the_only_one(
    shell: str, prefix: Path, env: dict[str, str], tmp_path: Path, at: str
) -> None:
    """Where a `jupyter` is found, be it the environment's or the person's, the server's isn't."""
    mine = tmp_path / "mine"
    prefixes.program((prefix / "bin" if at == "environment" else mine) / "jupyter", "#!/bin/sh\n")
    for name in PROFILES[shell]:
        file = Path(env["HOME"], name)
        file.write_text(file.read_text().replace("/mine", str(mine)))
    seen = variables(prefix, env)
    assert SERVERS not in seen["PATH"].split(":")
    assert seen["PATH"].split(":")[-1] == str(mine)


def test_jupyter_is_there_without_the_environment(shell: str, env: dict[str, str]) -> None:
    """What mends it can be typed: the server's own `jupyter` is found, after all else."""
    seen = variables("no-such", env)
    assert seen["PATH"].split(":") == ["/usr/bin", "/bin", "/mine", SERVERS]
    assert seen["MARK"] == MARKS[shell]
    assert not [name for name in seen if name.startswith("_GOKERNEL")]


def test_nothing_of_ours_is_left(shell: str, prefix: Path, env: dict[str, str]) -> None:
    """No file, no helper variable, no changed HOME: the shell is the person's own."""
    before = {**env, "ZDOTDIR": env["HOME"]} if shell == "zsh" else env
    seen = variables(prefix, before)
    assert not list(Path(env["TMPDIR"]).glob("gokernel-*"))
    assert not [name for name in seen if name.startswith("_GOKERNEL")]
    assert not [value for value in seen.values() if "gokernel-terminal-" in value]
    assert seen["HOME"] == env["HOME"]
    assert seen.get("ZDOTDIR") == before.get("ZDOTDIR")
    assert seen.get("ENV") == (f"{env['HOME']}/.shrc" if shell == "dash" else None)
    assert "GOKERNEL_SCRATCH" not in seen
    assert seen.get("MINE") == ("ran" if shell == "zsh" else None)


def test_what_a_kernel_does_not_inherit_is_unset(
    shell: str, prefix: Path, env: dict[str, str], tmp_path: Path
) -> None:
    """Another Go's variables, an inherited activation and what runs code are gone."""
    other = prefixes.go_prefix(tmp_path / "envs" / "other")
    env |= {
        "GOROOT": "/usr/local/go",
        "GOCACHEPROG": "/bin/evil",
        "CONDA_PREFIX": str(other),
        "CONDA_SHLVL": "1",
        "CONDA_PREFIX_1": "/old",
        "PATH": f"{other}/bin:/usr/bin:/bin",
    }
    profile = {"fish": ".config/fish/config.fish", "tcsh": ".login", "zsh": ".zprofile"}
    with Path(env["HOME"], profile.get(shell, next(iter(PROFILES[shell])))).open("a") as stream:
        if shell in ("fish", "tcsh"):
            word = "set -gx" if shell == "fish" else "setenv"
            stream.write(f"{word} GOTOOLCHAIN auto\n")
        else:
            stream.write("export GOTOOLCHAIN=auto\n")
    seen = variables(prefix, env)
    assert seen["GOROOT"] == f"{prefix}/go"
    assert seen["GOTOOLCHAIN"] == "local"
    assert "GOCACHEPROG" not in seen
    assert seen["CONDA_PREFIX"] == str(prefix)
    assert "CONDA_PREFIX_1" not in seen
    assert str(other) not in seen["PATH"]


def test_profile_sees_no_activation(prefix: Path, env: dict[str, str], tmp_path: Path) -> None:
    """A `conda activate base` in a person's file finds neither an old activation nor ours."""
    other = prefixes.go_prefix(tmp_path / "envs" / "other")
    env |= {"CONDA_PREFIX": str(other), "CONDA_SHLVL": "1", "SHELL": "/usr/bin/bash"}
    prefixes.write(Path(env["HOME"], ".profile"), 'export SAW="[$CONDA_PREFIX$CONDA_SHLVL]"\n')
    assert variables(prefix, env)["SAW"] == "[]"


def test_shell_takes_the_place_of_the_wrapper(
    shell: str, prefix: Path, env: dict[str, str], tmp_path: Path
) -> None:
    """No process is left above the shell, and it ignores no signal that Python ignores."""
    status = tmp_path / "status"
    argv = shell_command(str(prefix))
    process = PtyProcess.spawn(argv, env=env, cwd=env["HOME"])
    try:
        process.write(f"grep -E '^(PPid|SigIgn)' /proc/self/status > {status}\nexit\n".encode())
        with suppress(EOFError):
            while True:
                process.read(65536)
    finally:
        process.close(force=True)
    seen = dict(line.split(":\t") for line in status.read_text().splitlines())
    assert int(seen["PPid"]) == process.pid
    assert not int(seen["SigIgn"], 16) & 1 << (signal.SIGPIPE - 1)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("no-such", "'no-such' is the name of no conda environment"),
        ("-x '\"$(touch evil)", "is the name of no conda environment"),
        ("/no/such", "'/no/such' is no folder"),
    ],
)
def test_shell_starts_without_the_environment(
    shell: str, env: dict[str, str], said: str, sentence: str
) -> None:
    """An environment that isn't there: one sentence, then the login shell as it would be."""
    shown = screen(shell_command(said), env, "echo mark=$MARK; ls -a")
    assert shown.count("This terminal is not in the environment") == 1
    assert sentence in shown
    assert f"mark={MARKS[shell]}" in shown
    assert "evil" not in shown.rsplit("mark=", 1)[1]
    assert "Traceback" not in shown


def test_mistake_in_the_profile_loses_nothing_of_ours(
    shell: str, prefix: Path, env: dict[str, str]
) -> None:
    """A file with a wrong line in it is the person's affair; the environment holds."""
    name = next(reversed(PROFILES[shell]))
    Path(env["HOME"], name).write_text(
        "if [ )) then 'x\n" if shell != "tcsh" else "nosuchcommand\n"
    )
    assert variables(prefix, env)["GOROOT"] == f"{prefix}/go"


def test_activation_scripts_run_once(prefix: Path, env: dict[str, str], tmp_path: Path) -> None:
    """What the scripts set is there, in the second terminal from memory."""
    env["SHELL"] = "/usr/bin/bash"
    count = tmp_path / "count"
    prefixes.script(prefix, "count.sh", f"echo ran >> '{count}'\nexport FROM_SCRIPT=yes\n")
    for _ in range(2):
        assert variables(prefix, env)["FROM_SCRIPT"] == "yes"
    assert count.read_text() == "ran\n"


def test_go_that_may_not_run_is_not_put_first(env: dict[str, str], tmp_path: Path) -> None:
    """Where a kernel wouldn't start, the terminal says why and stays out of the environment."""
    env["SHELL"] = "/usr/bin/bash"
    broken = prefixes.go_prefix(tmp_path / "envs" / "broken")
    (broken / "go" / "bin" / "go").unlink()
    shown = screen(shell_command(str(broken)), env, "echo path=$PATH=")
    assert "not in the environment" in shown
    assert str(broken) not in shown.rsplit("path=", 1)[1]


def test_name_of_a_kernels_environment_is_found(prefix: Path, env: dict[str, str]) -> None:
    """An environment that only an installed kernel names is found by its name, too."""
    env["SHELL"] = "/usr/bin/dash"
    command = [sys.executable, "-m", "go_kernel.cli.main", "install", "--user", "--no-build"]
    env["JUPYTER_DATA_DIR"] = env["JUPYTER_PATH"]
    done = subprocess.run(
        [*command, "--env", str(prefix)], env=env, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert variables(prefix.name, env)["GOROOT"] == f"{prefix}/go"


def test_shell_that_is_not_there(prefix: Path, env: dict[str, str]) -> None:
    """A SHELL that can't be run: the account's, or a plain one; never none at all."""
    env["SHELL"] = "/no/such/shell"
    assert variables(prefix, env)["GOROOT"] == f"{prefix}/go"


def test_unknown_shell_has_the_variables(prefix: Path, env: dict[str, str], tmp_path: Path) -> None:
    """A shell that we don't know is a login shell with the variables from its start."""
    shell = prefixes.program(tmp_path / "myshell", '#!/bin/sh\necho "$@ $GOROOT $PATH"\n')
    env["SHELL"] = str(shell)
    shown = screen(shell_command(str(prefix)), env)
    assert f"-l {prefix}/go {prefix}/go/bin:" in shown


def test_no_room_for_files(prefix: Path, env: dict[str, str], tmp_path: Path) -> None:
    """Where no file can be written, the shell starts bare, with the reason."""
    env |= {"SHELL": "/usr/bin/bash", "TMPDIR": str(tmp_path / "none")}
    code = "import sys, tempfile; tempfile.tempdir = '/proc'; from go_kernel import terminal; "
    argv = [sys.executable, "-c", f"{code}terminal.main()", f"--env={prefix}"]
    shown = screen(argv, env, "echo mark=$GOROOT=")
    assert "not in the environment" in shown
    assert "/proc/gokernel-terminal-" in shown
    assert "mark==" in shown


@pytest.mark.parametrize("offline", [False, True])
def test_bundles_and_no_network(
    shell: str, prefix: Path, env: dict[str, str], tmp_path: Path, offline: bool
) -> None:
    """Go has a kernel's proxies there; without a network where the server's kernels have none."""
    shelf = Shelf(tmp_path / "my bundles")
    folder = shelf.put("course", modules={"example.test/a@v1.0.0": {}})
    env |= {**shelf.env, "GOPROXY": "https://mirror.invalid"}

    seen = variables_of(shell_command(str(prefix), offline=offline), env)

    bundle = f"{folder.as_uri()}/proxy"
    assert seen["GOPROXY"] == (bundle if offline else f"{bundle},https://mirror.invalid")
    assert (seen.get("GOSUMDB") == "off") is offline
    assert (seen.get("GONOPROXY") == "none") is offline


def test_somebody_without_rights() -> None:
    """A person who is not root has the environment, from a file that nobody else may read."""
    with unprivileged.open_folder() as folder:
        prefix = prefixes.go_prefix(folder / "env")
        home = folder / "home"
        home.mkdir()
        os.chown(home, unprivileged.NOBODY, unprivileged.NOBODY)
        seen = unprivileged.run(
            "from go_kernel import terminal\n"
            "from go_kernel.terminals import kinds, start\n"
            "drop()\n"
            "home, prefix = sys.argv[1:]\n"
            "os.umask(0)\n"
            "parent = {'HOME': home, 'PATH': '/usr/bin:/bin', 'SHELL': '/bin/bash'}\n"
            "import tempfile; tempfile.tempdir = home\n"
            "made = kinds.start('/bin/bash', terminal._wanted(prefix, parent))\n"
            "file = made.argv[2]\n"
            "import subprocess\n"
            "modes = [oct(os.stat(p).st_mode)[-3:] for p in (file, os.path.dirname(file))]\n"
            "done = subprocess.run(made.argv, env=made.variables, input='echo $GOROOT; exit\\n',"
            " capture_output=True, text=True)\n"
            "print(json.dumps([modes, done.stdout, os.path.exists(file)]))\n",
            home,
            prefix,
        )
    modes, shown, left = seen
    assert modes == ["600", "700"]
    assert f"{prefix}/go\n" in shown
    assert not left


@pytest.mark.parametrize("said", ["", "a\nb", "x\0y", "\x1b[2J"])
def test_names_that_are_none_are_refused(said: str) -> None:
    """No argv is made for what can't be a name: the server says so when it starts."""
    with pytest.raises(BadTerminalEnvironment, match="is no name or path"):
        shell_command(said)


def chosen(env: dict[str, str], prefix: Path) -> dict[str, str]:
    """A server's variables where a Hub that shares its files chose this environment for it."""
    return {
        **env,
        "JUPYTERHUB_SERVICE_PREFIX": "/user/ada/",
        "GOKERNEL_HUB_ENVIRONMENT": "stable",
        "GOKERNEL_HUB_PREFIX": str(prefix),
        "GOKERNEL_POLICY": "GOPROXY",
        "GOPROXY": "https://modules.invalid",
        "CONDA_PREFIX": str(prefix),
        "GOROOT": f"{prefix}/go",
        "GOTOOLCHAIN": "local",
        "PATH": f"{prefix}/bin:{env['PATH']}",
    }


def test_the_hubs_choice(shell: str, prefix: Path, env: dict[str, str]) -> None:
    """A terminal has the Go that the Hub chose, after the person's files have set PATH anew."""
    seen = variables_of(hubs_shell_command(), chosen(env, prefix))
    assert seen["PATH"].split(":")[0] == f"{prefix}/go/bin"
    assert seen["GOROOT"] == f"{prefix}/go"
    assert seen["CONDA_DEFAULT_ENV"] == prefix.name
    assert seen["GOPROXY"] == "https://modules.invalid"
    assert seen["MARK"] == MARKS[shell]
    # So that our commands know of the choice in there, too.
    assert seen["GOKERNEL_HUB_ENVIRONMENT"] == "stable"
    assert seen["GOKERNEL_HUB_PREFIX"] == str(prefix)


def test_doctor_says_the_same_in_a_terminal(prefix: Path, env: dict[str, str]) -> None:
    """What a terminal of ours sets itself is nothing that the doctor would remark on."""
    env |= {"SHELL": "/usr/bin/bash", "JUPYTER_DATA_DIR": env["JUPYTER_PATH"]}
    server, command = chosen(env, prefix), [sys.executable, "-m", "go_kernel.cli.main"]
    doctor = [*command, "doctor", "--kernel", "go-server", "--json"]

    def statuses(said: dict[str, str]) -> dict[str, str]:
        done = subprocess.run(doctor, env=said, capture_output=True, text=True, timeout=60)
        return {one["id"]: one["status"] for one in json.loads(done.stdout)["findings"]}

    installed = subprocess.run([*command, "install", "--hub"], env=server, capture_output=True)
    assert installed.returncode == 0, installed.stderr
    in_terminal = statuses(variables_of(hubs_shell_command(), server))
    assert in_terminal == statuses(server)
    assert in_terminal["goflags.agree"] == "ok"


@pytest.mark.skipif(sites.cannot(), reason="takes root and namespaces")
def test_the_hubs_choice_by_the_sites_map(
    prefix: Path, env: dict[str, str], tmp_path: Path
) -> None:
    """In a container the id is looked up in root's map."""
    env |= {"SHELL": "/usr/bin/bash", "GOKERNEL_HUB_ENVIRONMENT": "go-1.26"}
    entry = {"go-1.26": {"prefix": str(prefix)}}
    seen = variables_of(sites.command(tmp_path / "site", entry, hubs_shell_command()), env)
    assert seen["GOROOT"] == f"{prefix}/go"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({}, "was not started by a JupyterHub"),
        ({"GOKERNEL_HUB_ENVIRONMENT": "../x"}, "can't be the id"),
        (
            {"GOKERNEL_HUB_ENVIRONMENT": "go", "GOKERNEL_HUB_PREFIX": "/nowhere/at/all"},
            "is no folder",
        ),
    ],
)
def test_no_choice_of_a_hubs(env: dict[str, str], said: dict[str, str], reason: str) -> None:
    """A bare shell opens, with one sentence before its prompt."""
    env |= {"SHELL": "/usr/bin/bash", **said}
    shown = screen(hubs_shell_command(), env, "echo mark=$GOROOT=")
    assert "This terminal is not in the environment that the Hub chose:" in shown
    assert reason in shown
    assert "mark==" in shown


def test_terminal_of_a_real_server(prefix: Path, env: dict[str, str], tmp_path: Path) -> None:
    """Jupyter's own terminal, over its websocket, finds the environment's Go."""
    env["SHELL"] = "/usr/bin/bash"
    prefixes.write(Path(env["HOME"], ".bash_profile"), PROFILES["bash"][".bash_profile"])
    folder = tmp_path / "server"
    folder.mkdir()
    settings = json.dumps({"shell_command": shell_command(str(prefix))})
    config = f"--ServerApp.terminado_settings={settings}"
    with servers.serving(folder, env, config) as server:
        name = server.request("POST", "/api/terminals").content["name"]
        address = f"ws{server.url.removeprefix('http')}/terminals/websocket/{name}"
        headers = {"Authorization": f"token {servers.TOKEN}"}
        connection = websocket.create_connection(address, header=headers, timeout=60)
        try:
            connection.send(json.dumps(["stdin", "echo got=$(command -v go)=\r"]))
            shown = ""
            while f"got={prefix}/go/bin/go=" not in shown:
                kind, text = (*json.loads(connection.recv()), "")[:2]
                shown += text if kind == "stdout" else ""
        finally:
            connection.close()
