"""The mixin over JupyterHub's own spawners: what a server gets, and when it gets none."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from jupyterhub.spawner import LocalProcessSpawner, SimpleLocalProcessSpawner
from tornado.web import HTTPError

from go_kernel.hub import GoSpawnerMixin, activated, command
from go_kernel.hub.spawners.local import GoLocalSpawner
from go_kernel.hub.spawners.simple import GoSimpleSpawner
from go_kernel.process import run
from tests import prefixes
from tests.hub.spawners import spawner

# A server that says what it was given, and ends.
_TELL = "import json, os, sys; json.dump(dict(os.environ), open(sys.argv[1], 'w'))"


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment that looks whole, with an activation script."""
    made = prefixes.go_prefix(tmp_path / "envs" / "demo")
    prefixes.script(made, "cc.sh", 'export CC="$CONDA_PREFIX/bin/cc" SEEN_HOME="$HOME"')
    return made


def message(error: pytest.ExceptionInfo[HTTPError]) -> str:
    """What the user reads."""
    return str(error.value.jupyterhub_message)  # type: ignore[attr-defined]


def run_to_its_end(one: Any) -> None:
    """Start a local spawner's process and wait for it."""

    async def start() -> None:
        await one.start()
        one.proc.wait()

    asyncio.run(start())


def started(one: Any, tmp_path: Path) -> dict[str, str]:
    """The variables of the process that a local spawner starts."""
    said = tmp_path / "said.json"
    one.home_dir_template = str(tmp_path / "home" / "{username}")
    one.cmd = [sys.executable, "-c", _TELL, str(said)]
    run_to_its_end(one)
    return dict(json.loads(said.read_text()))


def test_a_local_server_has_the_whole_environment(tmp_path: Path, prefix: Path) -> None:
    """What activation sets, GOROOT and PATH are in the server's process, with id and prefix."""
    one = spawner(GoSimpleSpawner, go_environments={"demo": {"prefix": str(prefix)}})
    got = started(one, tmp_path)
    assert got["GOKERNEL_HUB_ENVIRONMENT"] == "demo"
    assert got["GOKERNEL_HUB_PREFIX"] == str(prefix)
    assert got["CC"] == f"{prefix}/bin/cc"
    assert got["CONDA_PREFIX"] == str(prefix)
    assert got["GOROOT"] == f"{prefix}/go"
    assert got["GOTOOLCHAIN"] == "local"
    assert got["PATH"].split(":")[0] == f"{prefix}/bin"
    assert "GOKERNEL_POLICY" not in got


def test_scripts_see_no_home(tmp_path: Path, prefix: Path) -> None:
    """The Hub runs scripts with its own rights: they are told of nobody's home."""
    one = spawner(GoSimpleSpawner, go_environments={"demo": {"prefix": str(prefix)}})
    assert started(one, tmp_path)["SEEN_HOME"] == ""


def test_the_environments_own_server_is_not_started(
    tmp_path: Path, prefix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An environment may hold a server, and a shell, of its own: the Hub's are started."""
    said = tmp_path / "said"
    for name in ("the-server", "bash"):
        prefixes.program(prefix / "bin" / name, f"#!/bin/sh\necho the environments > {said}\n")
    own = prefixes.program(tmp_path / "own" / "the-server", f"#!/bin/sh\necho the hubs > {said}\n")
    monkeypatch.setenv("PATH", f"{own.parent}:{os.environ['PATH']}")
    for shell in ([], ["bash", "-c"]):
        said.unlink(missing_ok=True)
        one = spawner(GoSimpleSpawner, go_environments={"demo": {"prefix": str(prefix)}})
        one.cmd, one.shell_cmd = ["the-server"], shell
        one.home_dir_template = str(tmp_path / "home")
        run_to_its_end(one)
        assert said.read_text() == "the hubs\n"
        assert (one.cmd, one.shell_cmd) == (["the-server"], shell)


@pytest.mark.parametrize("first", ["#!/usr/bin/env the-python", "#! /usr/bin/env -S the-python -x"])
def test_the_servers_python_is_the_hubs(
    tmp_path: Path, prefix: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """A program that names no more than `python3` isn't run by the environment's."""
    said = tmp_path / "said"
    prefixes.program(prefix / "bin" / "the-python", f"#!/bin/sh\necho no > {said}\n")
    own = tmp_path / "own"
    prefixes.program(own / "the-python", f'#!/bin/sh\necho hubs "$@" > {said}\n')
    server = prefixes.program(own / "the-server", f"{first}\n")
    monkeypatch.setenv("PATH", f"{own}:{os.environ['PATH']}")
    for called in ("the-server", str(server)):
        said.unlink(missing_ok=True)
        one = spawner(GoSimpleSpawner, go_environments={"demo": {"prefix": str(prefix)}})
        one.cmd, one.home_dir_template = [called, "more"], str(tmp_path / "home")
        run_to_its_end(one)
        options = "-x " if "-S" in first else ""
        assert said.read_text().startswith(f"hubs {options}{server} more")
        assert one.cmd == [called, "more"]


@pytest.mark.parametrize(
    "first", ["#!/bin/sh", "#!/usr/bin/env A=b sh", "#!/usr/bin/env -i sh", "#!/usr/bin/env", ""]
)
def test_other_first_lines_stay_as_they_are(tmp_path: Path, first: str) -> None:
    """What they say is theirs."""
    server = str(prefixes.program(tmp_path / "the-server", f"{first}\n"))
    assert command.found([server, "x"], "/usr/bin:/bin") == [server, "x"]


def test_a_class_with_a_path_of_its_own(tmp_path: Path, prefix: Path) -> None:
    """The server is found where the spawner's own variables say."""
    said = tmp_path / "said"
    own = prefixes.program(tmp_path / "own" / "the-server", f"#!/bin/sh\necho found > {said}\n")

    class Mine(SimpleLocalProcessSpawner):
        def get_env(self) -> dict[str, str]:
            return {**super().get_env(), "PATH": f"{own.parent}:/usr/bin:/bin"}

    class GoMine(GoSpawnerMixin, Mine):
        pass

    one = spawner(GoMine, go_environments={"demo": {"prefix": str(prefix)}})
    one.cmd, one.home_dir_template = ["the-server"], str(tmp_path / "home")
    run_to_its_end(one)
    assert said.read_text() == "found\n"


def test_a_server_that_only_the_environment_has_is_not_started(
    tmp_path: Path, prefix: Path
) -> None:
    """It would be another JupyterHub's: the administrator has to name it."""
    prefixes.program(prefix / "bin" / "only-there", "#!/bin/sh\n")
    one = spawner(GoSimpleSpawner, go_environments={"demo": {"prefix": str(prefix)}})
    one.cmd = ["only-there"]
    with pytest.raises(HTTPError) as caught:
        run_to_its_end(one)
    assert "'only-there' is not on the Hub's PATH" in message(caught)


def test_the_administrators_environment_wins(tmp_path: Path, prefix: Path) -> None:
    """Over policy, activation and PATH; its Go variables count as policy, too."""
    prefixes.package_variables(prefix, "a.json", {"MINE": "the package's", "THEIRS": "kept"})
    one = spawner(
        GoSimpleSpawner,
        go_environments={"demo": {"prefix": str(prefix)}},
        goproxy="https://ours.invalid",
        go_variables={"GOGC": "50"},
        config={
            "Spawner": {
                "environment": {
                    "GOPROXY": lambda spawner: "https://theirs.invalid",
                    "GOFLAGS": "-mod=mod",
                    "MINE": "the administrator's",
                    "CC": "/usr/bin/cc",
                    "PATH": "/usr/bin:/bin",
                    "EDITOR": "ed",
                    "GOKERNEL_POLICY": "GODEBUG",
                }
            }
        },
    )
    got = started(one, tmp_path)
    assert got["GOPROXY"] == "https://theirs.invalid"
    assert (got["MINE"], got["THEIRS"], got["CC"]) == ("the administrator's", "kept", "/usr/bin/cc")
    assert got["PATH"] == "/usr/bin:/bin"
    assert got["GOROOT"] == f"{prefix}/go"
    assert got["GOKERNEL_POLICY"] == "CC,GODEBUG,GOFLAGS,GOGC,GOPROXY"


@pytest.mark.parametrize("name", ["GOKERNEL_HUB_ENVIRONMENT", "GOKERNEL_HUB_PREFIX"])
def test_who_sets_the_choice_has_chosen(tmp_path: Path, prefix: Path, name: str) -> None:
    """Nothing of another environment stands beside it."""
    one = spawner(
        GoSimpleSpawner,
        go_environments={"demo": {"prefix": str(prefix)}},
        config={"Spawner": {"environment": {name: "theirs"}}},
    )
    got = started(one, tmp_path)
    assert got[name] == "theirs"
    assert "CC" not in got
    assert len([name for name in got if name.startswith("GOKERNEL_HUB")]) == 1


def test_ours_wins_over_what_the_hubs_process_holds(
    prefix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Hub that was started with Go variables of its own hands none on in our place."""
    stale = {"GOPROXY": "stale", "GOKERNEL_HUB_PREFIX": "/stale", "OTHER": "kept"}
    for name, value in stale.items():
        monkeypatch.setenv(name, value)
    keep = {"Spawner": {"env_keep": [*stale]}}
    env = spawner(GoSimpleSpawner, goproxy="off", config=keep).get_env()
    assert env["GOPROXY"] == "off"
    assert "GOKERNEL_HUB_PREFIX" not in env
    assert env["OTHER"] == "kept"


def test_an_activation_leaves_the_spawners_own_alone(tmp_path: Path, prefix: Path) -> None:
    """Whose server it is, and which Python runs it, no package decides."""
    prefixes.package_variables(
        prefix,
        "a.json",
        {
            "HOME": "/x",
            "USER": "root",
            "JUPYTERHUB_USER": "root",
            "JUPYTERHUB_API_TOKEN": "x",
            "PYTHONHOME": "/x",
            "JUPYTER_PATH": "/x",
            "GOKERNEL_POLICY": "GOFLAGS",
            "FINE": "yes",
        },
    )
    taken_over = (
        "LD_PRELOAD LD_LIBRARY_PATH DYLD_INSERT_LIBRARIES BASH_ENV ENV SHELLOPTS BASHOPTS IFS "
        "NODE_OPTIONS SSL_CERT_FILE REQUESTS_CA_BUNDLE CURL_CA_BUNDLE XDG_RUNTIME_DIR IPYTHONDIR "
        "CONFIGPROXY_AUTH_TOKEN TMPDIR LOGNAME SHELL GIT_SSH_COMMAND"
    ).split()
    prefixes.package_variables(prefix, "b.json", {**dict.fromkeys(taken_over, "/x"), "LD": "ld"})
    prefixes.script(prefix, "f.sh", "f() { :; }; export -f f; export CGO_CFLAGS=-O2")
    one = spawner(GoSimpleSpawner, go_environments={"demo": {"prefix": str(prefix)}})
    got = started(one, tmp_path)
    assert got["HOME"] == str(tmp_path / "home" / "alice")
    assert (got["USER"], got["JUPYTERHUB_USER"]) == ("alice", "alice")
    assert got["JUPYTERHUB_API_TOKEN"] == "secret-token"
    assert {"PYTHONHOME", "JUPYTER_PATH", "GOKERNEL_POLICY"}.isdisjoint(got)
    assert [name for name in taken_over if got.get(name) == "/x"] == []
    assert [name for name in got if "BASH_FUNC" in name] == []
    assert (got["FINE"], got["LD"], got["CGO_CFLAGS"]) == ("yes", "ld", "-O2")


def test_named_servers_are_their_own(prefix: Path) -> None:
    """Each has its place and its choice."""
    two = {"demo": {"prefix": str(prefix)}, "other": {"prefix": str(prefix)}}
    common: dict[str, Any] = {"go_environments": two, "gopath": "/s/{username}/{servername}"}
    one = spawner(GoSimpleSpawner, **common)
    named = spawner(
        GoSimpleSpawner, server="my-second", options={"go_environment": "other"}, **common
    )
    assert one.get_env()["GOPATH"] == "/s/alice/default"
    assert named.get_env()["GOPATH"] == "/s/alice/my-2dsecond"
    assert named.get_env()["GOKERNEL_HUB_ENVIRONMENT"] == "other"


def test_groups_override_and_merge(prefix: Path) -> None:
    """`group_overrides` reach the map and its default in place, and what they break is told."""
    overrides = {
        "a": {
            "groups": ["new"],
            "spawner_override": {
                "go_environments": {"extra": {"prefix": str(prefix)}},
                "go_default": "extra",
                "go_variables": {"GOGC": "50"},
            },
        },
        "b": {
            "groups": ["broken"],
            "spawner_override": {"go_environments": {"extra": {"prefx": "/x"}}},
        },
    }
    common: dict[str, Any] = {
        "go_environments": {"demo": {"prefix": str(prefix)}},
        "config": {"Spawner": {"group_overrides": overrides}},
    }
    plain = spawner(GoSimpleSpawner, groups=["old"], **common)
    asyncio.run(plain.apply_group_overrides())
    assert plain.get_env()["GOKERNEL_HUB_ENVIRONMENT"] == "demo"
    new = spawner(GoSimpleSpawner, groups=["old", "new"], **common)
    assert new.get_env()["GOKERNEL_HUB_ENVIRONMENT"] == "demo"
    asyncio.run(new.apply_group_overrides())
    env = new.get_env()
    assert (env["GOKERNEL_HUB_ENVIRONMENT"], env["GOGC"]) == ("extra", "50")
    broken = spawner(GoSimpleSpawner, groups=["broken"], **common)
    asyncio.run(broken.apply_group_overrides())
    with pytest.raises(HTTPError) as caught:
        asyncio.run(broken.start())
    assert "settings for Go can't be used" in message(caught)


def test_groups_may_add_what_the_form_sends(prefix: Path) -> None:
    """They are applied after the form is read, so there an id is only looked at for its shape."""
    one = spawner(
        GoSimpleSpawner,
        go_environments={"demo": {"prefix": str(prefix)}},
        config={"Spawner": {"group_overrides": {"a": {"groups": [], "spawner_override": {}}}}},
    )
    fields = {"go_environment": ["extra"]}
    assert one.run_options_from_form(fields) == {"go_environment": "extra"}


def test_a_broken_environment_that_was_chosen_stops_the_spawn(tmp_path: Path) -> None:
    """With the reason on the user's page, and less than 500: it is no failure of the Hub's."""
    made = prefixes.prefix(tmp_path / "envs" / "empty")
    for prefix, reason in ((made, "holds no Go"), (tmp_path / "gone", "there is no folder")):
        one = spawner(
            GoSimpleSpawner,
            go_environments={"demo": {"prefix": str(prefix)}},
            options={"go_environment": "demo"},
        )
        with pytest.raises(HTTPError) as caught:
            asyncio.run(one.start())
        assert caught.value.status_code < 500
        assert message(caught).startswith("The Go environment 'demo' can't be used now")
        assert reason in message(caught)


def test_a_broken_default_lets_the_server_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its kernels say what is wrong; the log has it for the administrator."""
    gone = tmp_path / "gone"
    one = spawner(GoSimpleSpawner, go_environments={"demo": {"prefix": str(gone)}})
    with caplog.at_level(logging.WARNING):
        got = started(one, tmp_path)
    assert got["GOKERNEL_HUB_PREFIX"] == str(gone)
    assert "GOROOT" not in got
    assert f"there is no folder {gone}" in caplog.text


def test_a_script_that_hangs_has_its_own_time_limit(
    tmp_path: Path, prefix: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The server starts with what the others set, and the log names the script."""
    folder = prefix / "etc" / "conda" / "activate.d"
    os.mkfifo(folder / "zz-pipe.sh")
    one = spawner(
        GoSimpleSpawner,
        go_environments={"demo": {"prefix": str(prefix)}},
        go_activation_timeout=1.0,
    )
    with caplog.at_level(logging.WARNING):
        got = started(one, tmp_path)
    assert got["CC"] == f"{prefix}/bin/cc"
    assert "zz-pipe.sh" in caplog.text


def test_a_prefix_that_hangs_holds_up_nobody_else(
    tmp_path: Path, prefix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who chose it reads why; who has it by default, or another one, gets a server meanwhile."""
    hung, go_on = tmp_path / "hung", threading.Event()
    real = activated.look

    def look(id: str, place: Path, *rest: Any) -> Any:
        return go_on.wait(60) if place == hung else real(id, place, *rest)

    monkeypatch.setattr(activated, "look", look)
    two = {"hung": {"prefix": str(hung)}, "demo": {"prefix": str(prefix)}}

    def one(option: dict[str, str]) -> Any:
        made = spawner(
            GoSimpleSpawner, go_environments=two, go_activation_timeout=0.5, options=option
        )
        made.cmd, made.home_dir_template = ["true"], str(tmp_path / "home")
        return made

    async def run() -> list[Any]:
        chosen = [one({"go_environment": "hung"}).start() for _ in range(20)]
        by_default = one({})
        other = one({"go_environment": "demo"})
        await asyncio.gather(by_default.start(), other.start())
        assert other.get_env()["CC"] == f"{prefix}/bin/cc"
        assert by_default.get_env()["GOKERNEL_HUB_PREFIX"] == str(hung)
        for started in (by_default, other):
            started.proc.wait()
        return await asyncio.gather(*chosen, return_exceptions=True)

    try:
        errors = asyncio.run(run())
    finally:
        go_on.set()
    assert {error.jupyterhub_message for error in errors} == {
        f"The Go environment 'hung' can't be used now: {hung} didn't answer within 0.5 s. "
        "Choose another one, or tell the Hub's administrator."
    }


def test_others_prefixes_are_left_to_the_server(
    tmp_path: Path, prefix: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """No script of somebody else's runs with the Hub's rights: id and prefix are sent alone."""
    ran = tmp_path / "ran"
    script = prefixes.script(prefix, "evil.sh", f"touch {ran}")
    script.chmod(0o666)
    one = spawner(
        GoSimpleSpawner,
        go_environments={"demo": {"prefix": str(prefix)}},
        options={"go_environment": "demo"},
    )
    with caplog.at_level(logging.INFO):
        got = started(one, tmp_path)
    assert not ran.exists()
    assert (got["GOKERNEL_HUB_PREFIX"], got.get("CC"), got.get("GOROOT")) == (
        str(prefix),
        None,
        None,
    )
    assert f"{script} is writable by everybody" in caplog.text


def test_a_restarted_hub_knows_the_choice(tmp_path: Path, prefix: Path) -> None:
    """The id is in the state, as JSON; what is no id is not taken up."""
    one = spawner(GoSimpleSpawner, go_environments={"demo": {"prefix": str(prefix)}})
    started(one, tmp_path)
    state = json.loads(json.dumps(one.get_state()))
    assert state["go_environment"] == "demo"
    again = spawner(GoSimpleSpawner)
    again.load_state(state)
    assert (again.chosen_go_environment, again.pid) == ("demo", one.pid)
    again.clear_state()
    assert again.get_state() == {}
    again.load_state({"go_environment": "../x"})
    assert again.chosen_go_environment == ""


def test_a_changed_script_counts_at_the_next_start(tmp_path: Path, prefix: Path) -> None:
    """What is remembered of an activation is of these scripts alone."""
    demo = {"demo": {"prefix": str(prefix)}}
    assert started(spawner(GoSimpleSpawner, go_environments=demo), tmp_path)["CC"]
    (prefix / "etc" / "conda" / "activate.d" / "cc.sh").unlink()
    prefixes.script(prefix, "cc.sh", "export CC=other")
    got = started(spawner(GoSimpleSpawner, go_environments=demo), tmp_path)
    assert got["CC"] == "other"


def test_no_secret_is_logged_stored_or_an_option(
    tmp_path: Path, prefix: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A proxy's password and a package's token are in the server's variables and nowhere else."""
    prefixes.package_variables(prefix, "a.json", {"PKG_TOKEN": "hunter3-package"})
    prefixes.script(prefix, "loud.sh", "echo https://u:hunter4@h.invalid >&2; return 3")
    one = spawner(
        GoSimpleSpawner,
        go_environments={"demo": {"prefix": str(prefix)}},
        goproxy="https://user:hunter2@proxy.invalid",
        options={"go_environment": "demo"},
    )
    with caplog.at_level(logging.DEBUG):
        got = started(one, tmp_path)
    assert "hunter2" in got["GOPROXY"]
    assert got["PKG_TOKEN"] == "hunter3-package"
    kept = json.dumps([one.get_state(), one.user_options, one.orm_spawner.user_options])
    assert "loud.sh" in caplog.text
    assert "hunter" not in caplog.text + kept


# Prints what `get_env` did that can be seen from outside.
_WATCHED = """
import json, sys
from tests.hub.spawners import spawner
from go_kernel.hub.spawners.simple import GoSimpleSpawner
one = spawner(
    GoSimpleSpawner,
    groups=["g"],
    go_environments={"demo": {"prefix": sys.argv[1], "allowed_groups": ["g"]}},
    gopath="/scratch/{username}/go",
    goproxy="https://proxy.invalid",
    go_variables={"GOGC": "50"},
    options={"go_environment": "demo"},
)
seen, on = [], False
def watch(event, arguments):
    if on and event.split(".")[0] in ("open", "os", "subprocess", "socket", "shutil", "import"):
        seen.append([event, repr(arguments)])
sys.addaudithook(watch)
on = True
env = one.get_env()
on = False
print(json.dumps([seen, env["GOKERNEL_HUB_PREFIX"]]))
"""


def test_get_env_opens_nothing_and_starts_nothing(prefix: Path) -> None:
    """It runs on the Hub's event loop, for everybody."""
    root = Path(__file__).parents[2]
    env = {**os.environ, "PYTHONPATH": str(root)}
    argv = [sys.executable, "-c", _WATCHED, str(prefix)]
    seen, sent = json.loads(run(argv, env=env, timeout=60, cwd=root).stdout)
    assert seen == []
    assert sent == str(prefix)


def test_an_id_that_is_not_offered_stops_the_spawn(tmp_path: Path, prefix: Path) -> None:
    """The user reads one sentence; the next start doesn't ask for the same again."""
    one = spawner(
        GoSimpleSpawner,
        go_environments={"demo": {"prefix": str(prefix)}},
        options={"go_environment": "other"},
    )
    with pytest.raises(HTTPError) as caught:
        started(one, tmp_path)
    assert caught.value.status_code == 403
    assert caught.value.jupyterhub_message == (  # type: ignore[attr-defined]
        "The Go environment 'other' is not offered to you. Choose one of these: demo."
    )
    assert one.orm_spawner.user_options == {}


def test_the_ready_class_is_a_local_spawner() -> None:
    """What JupyterHub finds under its entry point."""
    assert issubclass(GoLocalSpawner, LocalProcessSpawner)


def test_a_limit_of_threads_is_told(
    tmp_path: Path, prefix: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Who chose the environment may try again; who has it by default gets a server."""
    real = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        if thread.name == "gokernel-hub":
            raise RuntimeError("can't start new thread")
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    demo = {"demo": {"prefix": str(prefix)}}
    one = spawner(GoSimpleSpawner, go_environments=demo, options={"go_environment": "demo"})
    with pytest.raises(HTTPError) as caught:
        started(one, tmp_path)
    assert caught.value.status_code == 503
    assert "can start no more threads" in message(caught)
    with caplog.at_level(logging.WARNING):
        got = started(spawner(GoSimpleSpawner, go_environments=demo), tmp_path)
    assert got["GOKERNEL_HUB_PREFIX"] == str(prefix)
    assert "can start no more threads" in caplog.text


def test_callables_are_called_once_for_a_start(tmp_path: Path, prefix: Path) -> None:
    """One may ask a directory service, on the Hub's loop; each start asks anew."""
    calls: list[str] = []

    def saying(name: str, value: Any) -> Any:
        def call(spawner: Any) -> Any:
            calls.append(name)
            return value

        return call

    environment = {"EDITOR": saying("environment", "ed"), "PAGER": "less"}
    one = spawner(
        GoSimpleSpawner,
        go_environments=saying("map", {"demo": {"prefix": str(prefix)}}),
        go_default=saying("default", "demo"),
        goproxy=saying("goproxy", "off"),
        gocache=saying("gocache", "/tmp/x"),
        go_variables={"GOGC": saying("GOGC", "50")},
        config={"Spawner": {"environment": environment}},
    )
    for times in (1, 2):
        got = started(one, tmp_path)
        assert (got["EDITOR"], got["PAGER"], got["GOGC"]) == ("ed", "less", "50")
        names = ("environment", "map", "default", "goproxy", "gocache", "GOGC")
        assert Counter(calls) == dict.fromkeys(names, times)
        assert one.environment == environment


def test_a_marker_of_the_hubs_own_process_is_not_passed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What the Hub was started with says nothing of what it sends."""
    monkeypatch.setenv("GOKERNEL_POLICY", "PATH,FOO")
    keep = {"Spawner": {"env_keep": ["GOKERNEL_POLICY"]}}
    assert "GOKERNEL_POLICY" not in spawner(GoSimpleSpawner, config=keep).get_env()
    env = spawner(GoSimpleSpawner, goproxy="off", config=keep).get_env()
    assert env["GOKERNEL_POLICY"] == "GOPROXY"


def test_what_the_administrator_leaves_unset_is_no_policy() -> None:
    """None in `environment` is no value of a Go variable, and no name in the marker."""

    def marked(**environment: Any) -> Any:
        config = {"Spawner": {"environment": environment}}
        env = spawner(GoSimpleSpawner, gosumdb="off", config=config).get_env()
        return env["GOKERNEL_POLICY"]

    assert marked(GOPROXY=None) == "GOSUMDB"
    assert marked(GOSUMDB=None, GOKERNEL_POLICY="GOGC") == "GOGC"
    assert marked(GOKERNEL_POLICY=None) == "GOSUMDB"
