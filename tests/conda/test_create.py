import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from go_kernel.conda import create
from go_kernel.conda.create import create_environment
from go_kernel.conda.registration import register
from go_kernel.findings import Findings, Status

# The smallest package of the channel: most of these tests are not about Go.
SMALL = "_go_select=2.3.0"


@pytest.fixture
def env(clean_env, dev_cache):
    """A user of one's own, with the package cache that all tests share."""
    return clean_env | {"RATTLER_CACHE_DIR": str(dev_cache / "rattler")}


@pytest.fixture
def home(env):
    """The user's home folder."""
    return Path(env["HOME"])


@contextmanager
def served(handler):
    """The address of an HTTP server on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:  # a test that fails must not keep the whole run from ending
            server.shutdown()
            thread.join()


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_):
        pass


def test_environment_holds_what_was_asked_for(channel, env, tmp_path):
    """Go runs in it, and the answer says what was installed, from where."""
    prefix = tmp_path / "env"

    packages = create_environment(prefix, ["go=1.26.6"], [str(channel)], env=env)

    go = subprocess.run([prefix / "bin" / "go", "version"], env=env, capture_output=True, text=True)
    assert "go1.26.6 " in go.stdout
    (package,) = packages
    assert (package.name, package.version) == ("go", "1.26.6")
    assert package.channel == channel.as_uri()


def test_history_is_written_as_conda_does(channel, env, tmp_path):
    """conda's history: when, what was run, what came, what was asked for, in its own format."""
    prefix = tmp_path / "env"
    command = ["jupyter", "gokernel", "create", "my env"]

    create_environment(prefix, [SMALL], [str(channel)], env=env, command=command)

    date, ran, version, added, asked = (prefix / "conda-meta/history").read_text().splitlines()
    assert re.fullmatch(r"==> \d{4}-\d\d-\d\d \d\d:\d\d:\d\d <==", date)
    assert ran == "# cmd: jupyter gokernel create 'my env'"
    assert re.fullmatch(r"# jupyter-gokernel version: \S+", version)
    assert re.fullmatch(rf"\+{re.escape(channel.as_uri())}/[\w-]+::_go_select-2\.3\.0-cgo", added)
    assert asked == f"# update specs: ['{SMALL}']"


def test_environment_is_made_known(channel, env, home, tmp_path):
    """Its path joins ~/.conda/environments.txt, made if missing, on a line of its own."""
    listing = home / ".conda" / "environments.txt"
    create_environment(tmp_path / "one", [SMALL], [str(channel)], env=env)
    listing.write_text(listing.read_text() + "/by/hand/without/newline")

    create_environment(tmp_path / "two", [SMALL], [str(channel)], env=env)

    expected = [f"{tmp_path}/one", "/by/hand/without/newline", f"{tmp_path}/two"]
    assert listing.read_text().splitlines() == expected


def test_environment_is_listed_once(channel, env, home, tmp_path):
    """An environment made again at a place that is listed already isn't listed twice."""
    prefix = tmp_path / "env"
    (home / ".conda").mkdir()
    (home / ".conda" / "environments.txt").write_text(f"{prefix}\n")

    create_environment(prefix, [SMALL], [str(channel)], env=env)

    assert (home / ".conda" / "environments.txt").read_text() == f"{prefix}\n"


def test_many_at_once_are_listed_once_each(env, home, tmp_path):
    """Whoever makes environments in parallel finds each of them listed, on its own line."""
    start = threading.Barrier(16)

    def add(name):
        start.wait()
        assert register(tmp_path / name, env) is None

    threads = [threading.Thread(target=add, args=[name]) for name in "abcdefgh" * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    listed = (home / ".conda" / "environments.txt").read_text().splitlines()
    assert sorted(listed) == [f"{tmp_path}/{name}" for name in "abcdefgh"]


@pytest.mark.parametrize("where", ["file", "unset"])
def test_environment_that_cannot_be_listed_is_a_warning(channel, env, home, tmp_path, where):
    """No place for ~/.conda: the environment is made all the same, and the finding says so."""
    (home / ".conda").touch()
    variables = {k: v for k, v in env.items() if where == "file" or k != "HOME"}
    findings = Findings()

    prefix = tmp_path / "env"
    create_environment(prefix, [SMALL], [str(channel)], env=variables, findings=findings)

    (finding,) = findings.items
    assert (finding.id, finding.status) == ("create.unregistered", Status.WARN)
    assert str(prefix) in finding.summary
    assert (prefix / "conda-meta/history").exists()


@pytest.mark.parametrize(("umask", "expected"), [(0o022, 0o644), (0o077, 0o600)])
def test_records_can_be_read_by_those_who_may(channel, env, tmp_path, umask, expected):
    """conda-meta's files have the mode that the umask gives: shared environments stay shared."""
    prefix = tmp_path / "env"
    before = os.umask(umask)
    try:
        create_environment(prefix, [SMALL], [str(channel)], env=env)
    finally:
        os.umask(before)

    modes = {path.name: path.stat().st_mode & 0o777 for path in (prefix / "conda-meta").iterdir()}
    assert set(modes.values()) == {expected}
    assert {"history", "_go_select-2.3.0-cgo.json"} == set(modes)


def test_secrets_of_a_channel_stay_out_of_the_environment(channel, env, tmp_path):
    """A password or token in a channel's URL is written nowhere that others can read."""
    (tmp_path / "www" / "t" / "tok3n").mkdir(parents=True)
    (tmp_path / "www" / "t" / "tok3n" / "private").symlink_to(channel)
    prefix = tmp_path / "env"
    cache = {"RATTLER_CACHE_DIR": str(tmp_path / "cache")}

    with served(partial(Quiet, directory=tmp_path / "www")) as address:
        url = address.replace("://", "://user:passw0rd@") + "/t/tok3n/private"
        command = ["create", "-c", url]
        (package,) = create_environment(prefix, [SMALL], [url], env=env | cache, command=command)

    written = "".join(path.read_text() for path in (prefix / "conda-meta").iterdir())
    assert "passw0rd" not in written + str(package)
    assert "tok3n" not in written + str(package)
    assert package.channel == f"{address}/private"


def test_unsolvable_request_leaves_nothing(channel, env, home, tmp_path):
    """A version that no channel has: the reason in one sentence, and no folder, no listing."""
    with pytest.raises(create.NoSolution, match=r"go=1\.99 .* No candidates were found") as caught:
        create_environment(tmp_path / "a" / "env", ["go=1.99"], [str(channel)], env=env)

    assert "1.99" in caught.value.evidence
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "a").exists()
    assert not (home / ".conda").exists()


@pytest.mark.parametrize("channel_name", ["/no/such/folder", "http://127.0.0.1:9/nobody"])
def test_unreachable_channel(env, tmp_path, channel_name):
    """A channel that can't be read is named in one sentence, with what to look at."""
    with pytest.raises(create.ChannelUnreachable, match=re.escape(channel_name)) as caught:
        create_environment(tmp_path / "env", ["go"], [channel_name], env=env)

    assert "\n" not in str(caught.value)
    assert not (tmp_path / "env").exists()


def test_package_that_is_no_package(channel, env, tmp_path):
    """What can't be parsed is quoted, with the way to write it."""
    with pytest.raises(create.InvalidRequest, match=r"go=\[1 .* NAME=VERSION"):
        create_environment(tmp_path / "env", ["go=[1"], [str(channel)], env=env)


def test_damaged_package_leaves_nothing(channel, env, tmp_path):
    """A package that isn't what the channel's index says is refused, and nothing is left."""
    copy = tmp_path / "channel"
    for index in channel.glob("*/repodata.json"):
        (copy / index.parent.name).mkdir(parents=True)
        (copy / index.parent.name / index.name).write_bytes(index.read_bytes())
        (copy / index.parent.name / "_go_select-2.3.0-cgo.conda").write_bytes(b"damaged")
    cache = {"RATTLER_CACHE_DIR": str(tmp_path / "cache")}

    with pytest.raises(create.CreateError, match="could not be made") as caught:
        create_environment(tmp_path / "env", [SMALL], [str(copy)], env=env | cache)

    assert "\n" not in str(caught.value)
    assert not (tmp_path / "env").exists()


@pytest.mark.parametrize("kind", ["folder", "file", "dangling link"])
def test_what_is_there_is_left_alone(channel, env, tmp_path, kind):
    """An existing prefix is refused, and stays as it was."""
    prefix = tmp_path / "env"
    if kind == "folder":
        prefix.mkdir()
        (prefix / "mine").write_text("precious")
    elif kind == "file":
        prefix.write_text("precious")
    else:
        prefix.symlink_to("nowhere")

    with pytest.raises(create.EnvironmentExists, match="exists already"):
        create_environment(prefix, [SMALL], [str(channel)], env=env)

    left = prefix / "mine" if kind == "folder" else prefix
    assert prefix.is_symlink() if kind == "dangling link" else left.read_text() == "precious"


def test_empty_folder_is_used_and_given_back_empty(channel, env, tmp_path):
    """An empty folder may become an environment; after a failure it is empty again."""
    prefix = tmp_path / "env"
    prefix.mkdir()

    with pytest.raises(create.NoSolution):
        create_environment(prefix, ["go=1.99"], [str(channel)], env=env)
    after_failure = list(prefix.iterdir())
    create_environment(prefix, [SMALL], [str(channel)], env=env)

    assert after_failure == []
    assert (prefix / "conda-meta/history").exists()


def test_place_that_cannot_be_made(channel, env):
    """A folder that nobody can make is named, with the system's reason."""
    with pytest.raises(create.PlaceUnwritable, match="/proc/nowhere/env cannot be made: "):
        create_environment(Path("/proc/nowhere/env"), [SMALL], [str(channel)], env=env)


@pytest.mark.parametrize("name", ["a space", "it's", 'a"quote', "$HOME", "`id`", "Grüße-数据"])
def test_odd_names(channel, env, home, tmp_path, name):
    """Any name that a folder can have works, and is written down as it is."""
    prefix = tmp_path / name

    create_environment(prefix, ["go=1.26.6"], [str(channel)], env=env)

    go = subprocess.run([prefix / "bin" / "go", "version"], env=env, capture_output=True, text=True)
    assert "go1.26.6 " in go.stdout
    assert f'"{prefix}/go"' in (prefix / "etc/conda/env_vars.d/go.json").read_text()
    assert (home / ".conda/environments.txt").read_text() == f"{prefix}\n"


@pytest.mark.parametrize("name", ["a\nb", "a\rb", "a\0b", "a\u2028b"])
def test_names_that_would_forge_lines_are_refused(channel, env, home, tmp_path, name):
    """A line's end in a path could add a line to environments.txt: refused before anything."""
    with pytest.raises(create.InvalidRequest, match="control character"):
        create_environment(tmp_path / name, [SMALL], [str(channel)], env=env)

    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    assert list(home.iterdir()) == []


def test_relative_path_becomes_absolute(channel, env, home, tmp_path, monkeypatch):
    """What is written into files of the environment doesn't depend on where we stood."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    create_environment(Path("../env"), ["go=1.26.6"], [str(channel)], env=env)

    variables = json.loads((tmp_path / "env/etc/conda/env_vars.d/go.json").read_text())
    assert variables["GOROOT"] == f"{tmp_path}/env/go"
    assert (home / ".conda/environments.txt").read_text() == f"{tmp_path}/env\n"


def test_works_where_an_event_loop_runs(channel, env, tmp_path):
    """In a notebook a loop is running already: creating works there too."""

    async def cell():
        return create_environment(tmp_path / "env", [SMALL], [str(channel)], env=env)

    assert [package.name for package in asyncio.run(cell())] == ["_go_select"]


def test_progress_tells_what_happens(channel, env, tmp_path):
    """Whoever waits is told: solving, downloading, installing."""
    lines = []
    with served(partial(Quiet, directory=channel)) as address:
        cache = {"RATTLER_CACHE_DIR": str(tmp_path / "cache")}
        create_environment(
            tmp_path / "env", [SMALL], [address], env=env | cache, progress=lines.append
        )

    assert lines[0] == f"Solving for {SMALL}"
    assert "Downloading _go_select: 100 %" in lines
    assert lines[-1] == "Installing _go_select"


def test_condas_package_cache_is_used(channel, env, tmp_path):
    """CONDA_PKGS_DIRS decides where packages are kept; one that can't be written is passed by."""
    caches = f"/proc/nowhere{os.pathsep}{tmp_path}/pkgs"

    create_environment(
        tmp_path / "env", [SMALL], [str(channel)], env=env | {"CONDA_PKGS_DIRS": caches}
    )

    assert (tmp_path / "pkgs" / "_go_select-2.3.0-cgo" / "info" / "index.json").exists()


def test_without_rattler_the_command_is_named(channel, env, tmp_path, monkeypatch):
    """The extra isn't installed: one sentence with the pip command, and no folder."""
    (tmp_path / "path" / "rattler").mkdir(parents=True)
    (tmp_path / "path" / "rattler" / "__init__.py").write_text("raise ImportError('no rattler')")
    monkeypatch.syspath_prepend(tmp_path / "path")

    with pytest.raises(create.RattlerMissing, match=re.escape("'jupyter-gokernel[conda]'")):
        create_environment(tmp_path / "env", [SMALL], [str(channel)], env=env)

    assert not (tmp_path / "env").exists()


def test_of_two_at_once_one_makes_it(channel, env, tmp_path):
    """Two that make the same environment: one does, the other is told that it exists."""
    outcomes = []

    def make():
        try:
            create_environment(tmp_path / "env", [SMALL], [str(channel)], env=env)
            outcomes.append("made")
        except create.EnvironmentExists:
            outcomes.append("exists")

    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["exists", "made"]
    assert (tmp_path / "env/conda-meta/history").exists()


INTERRUPTED = """
import os, sys
from pathlib import Path
from go_kernel.conda.create import create_environment
from go_kernel.conda.registration import register

create_environment(Path(sys.argv[1]), ["go"], [sys.argv[2]], env=os.environ)
"""


def test_interrupt_leaves_nothing(env, home, tmp_path):
    """Ctrl-C while a channel hangs: no folder, no listing, no process that goes on."""
    asked, release = threading.Event(), threading.Event()
    parents = set()

    class Hangs(Quiet):
        def do_GET(self):
            asked.set()
            release.wait(20)

    prefix = tmp_path / "env"
    with served(Hangs) as address:
        argv = [sys.executable, "-c", INTERRUPTED, str(prefix), address]
        process = subprocess.Popen(argv, env=env, stderr=subprocess.PIPE, text=True)
        assert asked.wait(60)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        if children.exists():  # Linux
            parents = set(children.read_text().split())
            assert len(parents) == 1
        was_there = prefix.exists()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        release.set()

    assert was_there
    assert "KeyboardInterrupt" in said
    assert not prefix.exists()
    assert not (home / ".conda").exists()
    assert not [pid for pid in parents if Path(f"/proc/{pid}").exists()]
