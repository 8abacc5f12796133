"""`apply`: what a file declares is made, once, and what it has no more is taken away."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from go_kernel.conda import discovery
from go_kernel.declared import aside
from tests import prefixes
from tests.cli.conftest import CommandLine
from tests.offline import bundling
from tests.offline.bundling import Made

NOTHING = "Everything is as gokernel.yml declares; nothing to do.\n"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A bundle, to be read only."""
    return bundling.make(tmp_path_factory.mktemp("made"), name="course")


@pytest.fixture
def line(cli: CommandLine, dev_cache: Path, tmp_path: Path) -> CommandLine:
    """A command line with stores of bundles of its own, and packages that are unpacked already."""
    cli.env["RATTLER_CACHE_DIR"] = str(dev_cache / "rattler")
    cli.env["GOKERNEL_SITE_BUNDLES"] = str(tmp_path / "site")
    cli.env["GOKERNEL_BUNDLES"] = str(tmp_path / "user")
    cli.env["PYTHONPATH"] = str(Path(__file__).parents[2])
    return cli


def declare(line: CommandLine, text: str) -> Path:
    """The file, as somebody wrote it."""
    file = line.cwd / "gokernel.yml"
    file.write_text(f"version: 1\n{text}")
    return file


def whole(channel: Path, bundle: Made, *, extra: str = "", go: str = "1.27") -> str:
    """A declaration of everything."""
    return f"""
policy:
  variables: {{GOPRIVATE: 'example.invalid'}}
bundles:
  - {{file: {bundle.archive}, sha256: {bundle.sha256}}}
environments:
  - name: demo
    go: "{go}"
    channels: [{channel}]
engines:
  - {{environment: demo, engine: gophernotes}}
kernels:
  - environment: demo
    settings: {{GOFLAGS: -v}}
{extra}"""


def states(result: object) -> dict[str, str]:
    """What became of each thing."""
    plain = result.json  # type: ignore[attr-defined]
    return {f"{one['kind']} {one['name']}": one["state"] for one in plain["things"]}


def installed(line: CommandLine) -> set[str]:
    """The kernels that there are."""
    return {one["name"] for one in line("list", "--json").json["kernels"]}


def snapshot(*folders: Path) -> dict[str, int]:
    """Every file with the time of its last change."""
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {str(path): path.stat().st_mtime_ns for path in files}


def test_everything_is_made_once(line: CommandLine, channel: Path, bundle: Made) -> None:
    """--dry-run says it and does nothing; then it is made; then there is nothing to do."""
    declare(line, whole(channel, bundle))
    prefix = line.home / ".conda" / "envs" / "demo"

    dry = line("apply", "gokernel.yml", "--dry-run")
    assert (dry.code, dry.err) == (0, "")
    assert not prefix.exists()
    assert not line.kernels.exists()
    assert not (line.home / ".local" / "share" / "jupyter-gokernel" / "applied").exists()
    assert [said.partition(":")[0] for said in dry.out.splitlines()] == [
        "Would take in the bundle v1.0.0.gokernel.tar.zst",
        "Would make the environment demo",
        "Would build the engine gophernotes for demo",
        "Would install the kernel go-demo",
    ]

    done = line("apply", "gokernel.yml")
    assert done.code == 0, done.err
    assert "Installed the kernel go-demo: Go (conda env: demo), on demo" in done.out
    assert (prefix / "bin" / "go").exists()
    history = (prefix / "conda-meta" / "history").read_text()
    assert "# cmd: jupyter gokernel apply" in history
    config = line.kernel("go-demo")["metadata"]["gokernel"]["config"]
    assert config["settings"] == {
        "GOFLAGS": "-v",
        "GOPRIVATE": "example.invalid",
    }
    assert line("list", "--json").json["kernels"][0]["status"] == "ok"
    [used] = line("bundle", "list", "--json").json["bundles"]
    assert used["sha256"] == bundle.sha256

    before = snapshot(line.home, line.kernels)
    assert line("apply", "gokernel.yml").out == NOTHING
    assert line("apply", "gokernel.yml", "--dry-run", "--prune").out == NOTHING
    told = line("apply", "gokernel.yml", "--json").json
    assert (told["changed"], told["failed"], told["dry_run"]) == (False, False, False)
    assert {one["state"] for one in told["things"]} == {"as-declared"}
    assert snapshot(line.home, line.kernels) == before


def test_what_is_declared_no_more_goes_with_prune(
    line: CommandLine, channel: Path, bundle: Made, goroot: Callable[[str], Path]
) -> None:
    """Only what this file made: a kernel that somebody installed stays, whatever it's called."""
    assert line("install", "--go", goroot("1.26"), "--name", "go-mine").code == 0
    declare(line, whole(channel, bundle))
    assert line("apply", "gokernel.yml").code == 0
    listing = line.home / ".conda" / "environments.txt"
    assert "/demo\n" in listing.read_text()

    declare(line, f"kernels: [{{go: '{goroot('1.26')}', name: go-mine}}]\n")
    kept = line("apply", "gokernel.yml")
    assert kept.code == 0
    assert "info: the kernel go-demo is declared no more; --prune removes it." in kept.err
    assert kept.out == "Everything is as gokernel.yml declares.\n"
    assert installed(line) == {"go-demo", "go-mine"}

    dry = line("apply", "gokernel.yml", "--prune", "--dry-run")
    assert "Would remove the environment demo: all that is in" in dry.out
    assert installed(line) == {"go-demo", "go-mine"}

    pruned = line("apply", "gokernel.yml", "--prune")
    assert pruned.code == 0, pruned.err
    assert [said.partition(":")[0] for said in pruned.out.splitlines()] == [
        "Removed the kernel go-demo",
        "Removed the environment demo",
        "Removed the bundle v1.0.0.gokernel.tar.zst",
    ]
    assert installed(line) == {"go-mine"}
    assert list((line.home / ".conda" / "envs").iterdir()) == []
    assert "/demo\n" not in listing.read_text()
    assert line("bundle", "list", "--json").json["bundles"] == []

    declare(line, "")
    assert line("apply", "gokernel.yml", "--prune").out == NOTHING
    assert installed(line) == {"go-mine"}


def test_what_was_there_is_not_pruned(
    line: CommandLine, conda_prefix: Callable[..., Path], bundle: Made
) -> None:
    """An environment, a kernel and a bundle that were there before stay for ever."""
    prefix = conda_prefix("go=1.27")
    assert line("install", "--env", prefix).code == 0
    assert line("bundle", "use", bundle.archive).code == 0
    declare(
        line,
        f"bundles: [{{file: {bundle.archive}, sha256: {bundle.sha256}}}]\n"
        f"environments: [{{prefix: {prefix}, go: '1.27'}}]\n"
        f"kernels: [{{environment: {prefix}}}]\n",
    )
    assert line("apply", "gokernel.yml").out == NOTHING
    [kernel] = line.kernels.glob("*/kernel.json")
    kernel.write_text(kernel.read_text().replace('"version": "', '"version": "0.'))
    refreshed = line("apply", "gokernel.yml")
    assert "it was installed by another version of jupyter-gokernel" in refreshed.out
    declare(line, "")
    assert line("apply", "gokernel.yml", "--prune").out == NOTHING
    assert len(installed(line)) == 1
    assert (prefix / "bin" / "go").exists()
    assert len(line("bundle", "list", "--json").json["bundles"]) == 1


def test_a_kernel_follows_the_file(line: CommandLine, goroot: Callable[[str], Path]) -> None:
    """What changed in the file, or by somebody's hand, is said by name and made good."""
    go = goroot("1.26")
    declare(line, f"kernels: [{{go: '{go}', name: go-k, settings: {{GOPRIVATE: a.invalid}}}}]\n")
    assert line("apply", "gokernel.yml").code == 0
    declare(line, f"kernels: [{{go: '{go}', name: go-k, settings: {{GOPRIVATE: b.invalid}}}}]\n")
    dry = line("apply", "gokernel.yml", "--dry-run")
    assert dry.out == (
        "Would change the kernel go-k: settings.GOPRIVATE from a.invalid to b.invalid\n"
    )
    assert line("apply", "gokernel.yml").out == dry.out.replace("Would change", "Changed")
    words = ("--replace", "--display-name", "Mine")
    assert line("install", "--go", go, "--name", "go-k", *words).code == 0
    mended = line("apply", "gokernel.yml")
    assert "display_name from Mine to Go (1.26" in mended.out
    assert "settings.GOPRIVATE from nothing to b.invalid" in mended.out
    assert line("apply", "gokernel.yml").out == NOTHING


def test_places_count_from_the_file(line: CommandLine, channel: Path) -> None:
    """An environment beside the file, and a kernel that names it by the same path."""
    folder = line.cwd / "course"
    folder.mkdir()
    (folder / "gokernel.yml").write_text(
        f"version: 1\nenvironments: [{{prefix: ./env, go: '1.27', channels: [{channel}]}}]\n"
        "kernels: [{environment: ./env}]\n"
    )
    done = line("apply", "course/gokernel.yml")
    assert done.code == 0, done.err
    assert line.kernel("go-env")["metadata"]["gokernel"]["config"]["prefix"] == str(folder / "env")
    (line.cwd / "link.yml").symlink_to("course/gokernel.yml")
    assert line("apply", "link.yml").out == NOTHING


def test_somebodys_kernel_is_not_replaced(line: CommandLine, goroot: Callable[[str], Path]) -> None:
    """Of the same name, with other settings, from elsewhere: only with --replace."""
    go = goroot("1.26")
    assert line("install", "--go", go, "--name", "go-k", "--display-name", "Mine").code == 0
    declare(line, f"kernels: [{{go: '{go}', name: go-k}}]\n")
    refused = line("apply", "gokernel.yml")
    assert refused.code == 1
    assert "The kernel go-k is already installed" in refused.err
    assert line.kernel("go-k")["display_name"] == "Mine"
    assert line("apply", "gokernel.yml", "--replace").code == 0
    assert line.kernel("go-k")["display_name"].startswith("Go (1.26")


def test_changed_since_is_kept(
    line: CommandLine, channel: Path, goroot: Callable[[str], Path]
) -> None:
    """A kernel that was changed, and an environment with more in it, are somebody's by now."""
    go = goroot("1.26")
    declare(
        line,
        f"environments: [{{name: demo, go: '1.27', channels: [{channel}]}}]\n"
        f"kernels: [{{go: '{go}', name: go-k}}]\n",
    )
    assert line("apply", "gokernel.yml").code == 0
    words = ("--replace", "--display-name", "Mine")
    assert line("install", "--go", go, "--name", "go-k", *words).code == 0
    prefix = line.home / ".conda" / "envs" / "demo"
    with (prefix / "conda-meta" / "history").open("a") as history:
        history.write("==> 2026-01-01 00:00:00 <==\n+conda-forge/noarch::more-1.0-0\n")
    declare(line, "")
    result = line("apply", "gokernel.yml", "--prune")
    assert result.code == 0
    assert "warn: The kernel go-k is left: it was made by this file, and was changed" in result.err
    assert f"The environment {prefix} is left" in result.err
    assert "`jupyter gokernel uninstall go-k`" in result.err
    assert installed(line) == {"go-k"}
    assert (prefix / "bin" / "go").exists()


def test_an_environment_in_use_is_kept(line: CommandLine, channel: Path) -> None:
    """A kernel that somebody installed stands on it; or it is active."""
    declare(line, f"environments: [{{name: demo, go: '1.27', channels: [{channel}]}}]\n")
    assert line("apply", "gokernel.yml").code == 0
    prefix = line.home / ".conda" / "envs" / "demo"
    assert line("install", "--env", "demo", "--no-build").code == 0
    declare(line, "")
    assert "and the kernel go-demo uses it." in line("apply", "gokernel.yml", "--prune").err
    assert line("uninstall", "go-demo").code == 0
    line.env["CONDA_PREFIX"] = str(prefix)
    assert "and it is active." in line("apply", "gokernel.yml", "--prune").err
    del line.env["CONDA_PREFIX"]
    assert line("apply", "gokernel.yml", "--prune").code == 0
    assert not prefix.exists()


def test_failure_in_the_middle(
    line: CommandLine, channel: Path, goroot: Callable[[str], Path]
) -> None:
    """What can be made is made; what needs the rest is left out; the next run goes on."""
    text = (
        "environments:\n"
        f"  - {{name: bad, go: '{{go}}', channels: [{channel}]}}\n"
        "kernels:\n"
        "  - {environment: bad}\n"
        f"  - {{go: '{goroot('1.26')}', name: go-k}}\n"
    )
    declare(line, text.replace("{go}", "1.2"))
    broken = line("apply", "gokernel.yml", "--json")
    assert broken.code == 1
    assert states(broken) == {
        "environment bad": "failed",
        "kernel go-bad": "left-out",
        "kernel go-k": "done",
    }
    assert "No environment with go=1.2 can be made" in broken.err
    assert "The kernel of bad is left out, since its environment bad is not there." in broken.err
    assert "What was done stays" in broken.err
    assert installed(line) == {"go-k"}

    declare(line, text.replace("{go}", "1.27"))
    mended = line("apply", "gokernel.yml", "--json", "--prune")
    assert states(mended) == {
        "environment bad": "done",
        "kernel go-bad": "done",
        "kernel go-k": "as-declared",
    }


def test_nothing_is_pruned_where_something_fails(
    line: CommandLine, goroot: Callable[[str], Path]
) -> None:
    """Of what failed nobody knows what it would have been called."""
    declare(line, f"kernels: [{{go: '{goroot('1.26')}', name: go-k}}]\n")
    assert line("apply", "gokernel.yml").code == 0
    declare(line, "kernels: [{environment: nowhere, name: go-n}]\n")
    result = line("apply", "gokernel.yml", "--prune")
    assert result.code == 1
    assert "'nowhere' is the name of no conda environment" in result.err
    assert installed(line) == {"go-k"}


def test_an_environment_that_differs_is_said(
    line: CommandLine, conda_prefix: Callable[..., Path]
) -> None:
    """It isn't changed; the sentence says in what, and the command that would."""
    prefix = conda_prefix("go=1.27")
    declare(
        line,
        f"environments: [{{prefix: {prefix}, go: '1.26', packages: [gcc]}}]\n"
        f"kernels: [{{environment: {prefix}, name: go-k}}]\n",
    )
    result = line("apply", "gokernel.yml")
    assert result.code == 1
    assert "go=1.26 is declared, and go is 1.27.3; gcc is declared and missing." in result.err
    assert f"`conda install -p {prefix} -c conda-forge go=1.26 gcc`" in result.err
    left_out = (
        f"The kernel go-k is left out, since its environment {prefix.name} is not as declared."
    )
    assert left_out in result.err
    assert "What was done stays" not in result.err
    assert not line.kernels.exists()


def broken_off(line: CommandLine, meta: Path, number: signal.Signals) -> int:
    """What an `apply` ends with that gets a signal while it makes an environment."""
    process = subprocess.Popen(
        line.argv("apply", "gokernel.yml"),
        env=line.env,
        cwd=line.cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not meta.exists():
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(number)
    return process.wait()


def test_killed_while_an_environment_is_made(line: CommandLine, channel: Path) -> None:
    """kill -9: the next run removes the half, which is ours by the record, and makes the whole."""
    declare(line, f"environments: [{{name: demo, go: '1.27', channels: [{channel}]}}]\n")
    meta = line.home / ".conda" / "envs" / "demo" / "conda-meta"
    assert broken_off(line, meta, signal.SIGKILL) == -signal.SIGKILL
    assert meta.exists()
    dry = line("apply", "gokernel.yml", "--dry-run")
    assert "what an interrupted run left goes first" in dry.out
    again = line("apply", "gokernel.yml")
    assert again.code == 0, again.err
    assert (meta / "history").exists()
    assert line("apply", "gokernel.yml").out == NOTHING


# Ends itself before the N-th change of a file below one of two folders, as by kill -9.
KILLED = """
import os, sys
at, places, words = int(sys.argv[1]), tuple(sys.argv[2:4]), sys.argv[4:]
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
def hook(event, args):
    global at
    if event not in ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir"):
        return
    if event == "open" and not (isinstance(args[2], int) and args[2] & WRITING):
        return
    # A temporary file of the record's is nothing yet.
    if str(args[0]).startswith(places[:1] if event == "open" else places):
        at -= 1
        if at == 0:
            os.kill(os.getpid(), 9)
from go_kernel.cli.main import main
sys.addaudithook(hook)
sys.exit(main(words))
"""


def killed_at(line: CommandLine, number: int) -> int:
    """What an `apply` ends with that is killed before that change of its files, from 1."""
    places = [line.home / ".conda" / "envs" / "demo", line.home / ".local" / "share"]
    words = [str(number), *map(str, places), "apply", "gokernel.yml"]
    argv = [sys.executable, "-c", KILLED, *words]
    return subprocess.run(argv, env=line.env, cwd=line.cwd, capture_output=True).returncode


def test_killed_at_every_point(line: CommandLine, channel: Path) -> None:
    """Whatever a run was about to write, the next one makes all, or takes all away."""
    wish = f"environments: [{{name: demo, go: '1.27', channels: [{channel}]}}]\n"
    prefix = line.home / ".conda" / "envs" / "demo"
    declare(line, wish)
    number = 1
    while killed_at(line, number) == -signal.SIGKILL:
        if number % 2:
            again = line("apply", "gokernel.yml")
            assert again.code == 0, (number, again.err)
            assert [*(prefix / "conda-meta").glob("go-1.27*.json")]
            assert not (prefix / "conda-meta" / "gokernel-unfinished").exists()
        declare(line, "")
        assert line("apply", "gokernel.yml", "--prune").code == 0
        assert not [*prefix.glob("*")], number
        declare(line, wish)
        number += 1
    assert number > 7


@pytest.mark.parametrize(
    ("left", "prune"), [("history", False), ("nothing", True), ("another", False), ("all", True)]
)
def test_half_an_environment_is_known(
    line: CommandLine, channel: Path, left: str, prune: bool
) -> None:
    """Whatever packages are in it when the process that unpacks them is killed."""
    wish = f"environments: [{{name: demo, go: '1.27', channels: [{channel}]}}]\n"
    declare(line, wish)
    assert line("apply", "gokernel.yml").code == 0
    prefix = line.home / ".conda" / "envs" / "demo"
    meta = prefix / "conda-meta"
    begun(line)
    (meta / "gokernel-unfinished").touch()
    for path in meta.glob("*") if left != "all" else ():
        if path.name not in ("gokernel-unfinished", *(["history"] * (left == "history"))):
            path.unlink()
    if left == "another":
        prefixes.write(meta / "history", "==> 2026-01-01 <==\n# cmd: /opt/rattler\n")
    if prune:
        declare(line, "")
        assert "Removed the environment demo" in line("apply", "gokernel.yml", "--prune").out
        assert not prefix.exists()
        return
    dry = line("apply", "gokernel.yml", "--dry-run")
    assert "what an interrupted run left goes first" in dry.out
    again = line("apply", "gokernel.yml")
    assert again.code == 0, again.err
    assert [*meta.glob("go-1.27*.json")]


def begun(line: CommandLine) -> None:
    """Have the record as it is between the beginning of a run and its end."""
    [record] = (line.home / ".local" / "share" / "jupyter-gokernel" / "applied").glob("*.json")
    content = json.loads(record.read_text())
    for made in content["made"]:
        made.update(whole=False, proof="")
    record.write_text(json.dumps(content))


def test_what_somebody_made_after_a_kill_is_theirs(line: CommandLine, channel: Path) -> None:
    """The run was killed before it made anything; what is there now is another's."""
    wish = f"environments: [{{name: demo, go: '1.27', channels: [{channel}]}}]\n"
    declare(line, wish)
    assert line("apply", "gokernel.yml").code == 0
    prefix = line.home / ".conda" / "envs" / "demo"
    shutil.rmtree(prefix)
    begun(line)
    assert line("create", "demo", "--go", "1.27", "-c", str(channel)).code == 0
    assert line("apply", "gokernel.yml").out == NOTHING
    declare(line, wish.replace("1.27", "1.26"))
    assert "This file made it" not in line("apply", "gokernel.yml").err
    declare(line, "")
    assert "its packages were changed since" in line("apply", "gokernel.yml", "--prune").err
    assert prefix.exists()


def test_an_environment_behind_a_link_is_kept(line: CommandLine, channel: Path) -> None:
    """With the reason: its folder is a link now."""
    declare(line, f"environments: [{{name: demo, go: '1.27', channels: [{channel}]}}]\n")
    assert line("apply", "gokernel.yml").code == 0
    prefix = line.home / ".conda" / "envs" / "demo"
    elsewhere = prefix.rename(line.home / "elsewhere")
    prefix.symlink_to(elsewhere)
    declare(line, "")
    result = line("apply", "gokernel.yml", "--prune")
    assert f"made by this file, and its folder is a link to {elsewhere} now." in result.err
    assert prefix.is_symlink()
    assert elsewhere.exists()


def test_peoples_files_are_not_pruned(line: CommandLine, channel: Path) -> None:
    """An environment is kept for them; bytecode and our hooks are nobody's work."""
    wish = f"environments: [{{name: demo, go: '1.27', channels: [{channel}]}}]\n"
    declare(line, wish)
    assert line("apply", "gokernel.yml").code == 0
    prefix = line.home / ".conda" / "envs" / "demo"
    assert line("hooks", "install", "--env", "demo").code == 0
    prefixes.write(prefix / "lib" / "__pycache__" / "x.pyc", "")
    notebook = prefixes.write(prefix / "work" / "nb.ipynb", "{}")
    (prefix / "data").symlink_to(line.home)
    declare(line, "")
    for words in (["--dry-run"], []):
        kept = line("apply", "gokernel.yml", "--prune", *words)
        assert kept.code == 0
        assert "no package brought what else is in it (2 files: data, work/nb.ipynb)" in kept.err
        assert notebook.exists()

    declare(line, wish.replace("1.27", "1.26"))
    assert "is in its folder goes then (2 files: data, " in line("apply", "gokernel.yml").err
    dry = line("apply", "gokernel.yml", "--replace", "--dry-run")
    assert "what no package brought goes, too (2 files: data, work/nb.ipynb)" in dry.out
    assert notebook.exists()

    (prefix / "data").unlink()
    notebook.unlink()
    declare(line, "")
    assert "Removed the environment demo" in line("apply", "gokernel.yml", "--prune").out
    assert not prefix.exists()


def test_who_makes_an_environment_ends_with_who_asked(line: CommandLine) -> None:
    """Else it would go on making what the next run removes; here its channel never answers."""
    line.env["NO_PROXY"] = line.env["no_proxy"] = "127.0.0.1"
    with socket.create_server(("127.0.0.1", 0)) as channel:
        channel.settimeout(60)
        address = f"http://127.0.0.1:{channel.getsockname()[1]}/c"
        declare(line, f"environments: [{{name: demo, go: '1.27', channels: ['{address}']}}]\n")
        process = subprocess.Popen(
            line.argv("apply", "gokernel.yml"),
            env=line.env,
            cwd=line.cwd,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        connection, _ = channel.accept()
        with connection:
            connection.settimeout(20)
            process.kill()
            process.wait()
            while connection.recv(65536):
                pass


def test_an_environment_is_made_anew(line: CommandLine, channel: Path) -> None:
    """With --replace, where this file made it; where that fails, the old one comes back whole."""
    text = f"environments: [{{name: demo, go: '{{go}}', channels: [{channel}]}}]\n"
    prefix = line.home / ".conda" / "envs" / "demo"
    declare(line, text.replace("{go}", "1.26"))
    assert line("apply", "gokernel.yml").code == 0
    declare(line, text.replace("{go}", "9.9"))
    refused = line("apply", "gokernel.yml", "--prefix", "there")
    assert refused.code == 1
    assert "go=9.9 is declared, and go is 1.26.6. This file made it" in refused.err
    again = f"apply --replace --prefix={line.cwd}/there {line.cwd}/gokernel.yml`"
    assert again in refused.err
    before = snapshot(prefix)
    failed = line("apply", "gokernel.yml", "--replace")
    assert failed.code == 1
    assert "No environment with go=9.9 can be made" in failed.err
    assert snapshot(prefix) == before
    assert [path.name for path in prefix.parent.iterdir()] == ["demo"]

    declare(line, text.replace("{go}", "1.27"))
    dry = line("apply", "gokernel.yml", "--replace", "--dry-run")
    assert "Would make anew the environment demo: go=1.27 from" in dry.out
    assert "go=1.27 is declared, and go is 1.26.6" in dry.out
    assert snapshot(prefix) == before
    assert line("apply", "gokernel.yml", "--replace").code == 0
    assert [*(prefix / "conda-meta").glob("go-1.27*")]
    assert not [*(prefix / "conda-meta").glob("go-1.26*")]
    # As after a kill while the old one is removed.
    prefixes.write(prefix.with_name(".demo.gokernel-removed") / "bin" / "go", "old")
    assert "(what is left of the one before)" in line("apply", "gokernel.yml").out
    assert [path.name for path in prefix.parent.iterdir()] == ["demo"]
    assert line("apply", "gokernel.yml", "--replace").out == NOTHING


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_broken_off_while_one_is_made_anew(
    line: CommandLine, channel: Path, number: signal.Signals
) -> None:
    """Ctrl-C brings the old one back; after kill -9 the next run makes the new one."""
    text = f"environments: [{{name: demo, go: '{{go}}', channels: [{channel}]}}]\n"
    prefix = line.home / ".conda" / "envs" / "demo"
    declare(line, text.replace("{go}", "1.26"))
    assert line("apply", "gokernel.yml").code == 0
    before = snapshot(prefix)
    declare(line, text.replace("{go}", "1.27"))
    process = subprocess.Popen(
        line.argv("apply", "gokernel.yml", "--replace"),
        env=line.env,
        cwd=line.cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    old = prefix.with_name(".demo.gokernel-removed")
    while not (old.exists() and (prefix / "conda-meta").exists()):
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(number)
    process.wait()
    if number is signal.SIGINT:
        assert snapshot(prefix) == before
        assert not old.exists()
    assert line("apply", "gokernel.yml", "--replace").code == 0
    assert [*(prefix / "conda-meta").glob("go-1.27*")]
    assert [path.name for path in prefix.parent.iterdir()] == ["demo"]


def test_interrupted_before_anything_is_in_it(tmp_path: Path) -> None:
    """Ctrl-C right after the new one's first folder: the old one comes back all the same."""
    prefix = tmp_path / "demo"
    old = prefixes.write(prefix / "conda-meta" / "history", "old")

    def interrupted() -> None:
        with aside.replaced(prefix):
            (prefix / "conda-meta").mkdir(parents=True)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert old.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_interrupted_while_an_environment_is_made(line: CommandLine, channel: Path) -> None:
    """Ctrl-C: nothing is left of it, the next run makes it, and it can be pruned as any other."""
    declare(line, f"environments: [{{name: demo, go: '1.27', channels: [{channel}]}}]\n")
    prefix = line.home / ".conda" / "envs" / "demo"
    assert broken_off(line, prefix / "conda-meta", signal.SIGINT) == 130
    assert not prefix.exists()
    assert line("apply", "gokernel.yml").code == 0
    declare(line, "")
    assert "Removed the environment demo" in line("apply", "gokernel.yml", "--prune").out
    assert not prefix.exists()


def test_a_removal_that_was_killed_is_ended(line: CommandLine, channel: Path) -> None:
    """What was moved aside to be removed goes with the next --prune."""
    declare(line, f"environments: [{{name: demo, go: '1.27', channels: [{channel}]}}]\n")
    assert line("apply", "gokernel.yml").code == 0
    prefix = line.home / ".conda" / "envs" / "demo"
    old = prefix.rename(prefix.with_name(".demo.gokernel-removed"))
    declare(line, "")
    dry = line("apply", "gokernel.yml", "--prune", "--dry-run")
    assert f"Would remove the environment demo (what is left of it): {old}" in dry.out
    assert old.exists()
    assert line("apply", "gokernel.yml", "--prune").code == 0
    assert not old.exists()
    assert line("apply", "gokernel.yml", "--prune").out == NOTHING


def test_an_engine_that_nobody_uses_goes(
    line: CommandLine, goroot: Callable[[str], Path], tmp_path: Path
) -> None:
    """Built for a declaration; as long as a kernel uses it, it stays."""
    go = goroot("1.26")
    line.env["GOKERNEL_STORE"] = str(tmp_path / "engines")
    engine = f"engines: [{{go: '{go}', engine: gophernotes}}]\n"
    declare(line, engine)
    assert "Would build the engine" in line("apply", "gokernel.yml", "--dry-run").out
    built = line("apply", "gokernel.yml", "--json").json
    assert [one["state"] for one in built["things"]] == ["done"]
    assert line("apply", "gokernel.yml").out == NOTHING
    [build] = line("engine", "list", "--json").json["builds"]
    assert build["folder"] == built["things"][0]["place"]

    assert line("install", "--go", go, "--name", "go-mine").code == 0
    declare(line, "")
    kept = line("apply", "gokernel.yml", "--prune")
    assert "is left: it was made by this file, and the kernel go-mine uses it" in kept.err
    assert line("uninstall", "go-mine").code == 0
    assert "Removed the engine" in line("apply", "gokernel.yml", "--prune").out
    assert line("engine", "list", "--json").json["builds"] == []


def test_a_bundle_gets_its_name(line: CommandLine, bundle: Made) -> None:
    """One that is here already, under another name; its file is needed for that alone."""
    file = f"file: {bundle.archive}, sha256: {bundle.sha256}"
    declare(line, f"bundles: [{{{file}}}]\n")
    assert line("apply", "gokernel.yml").code == 0
    declare(line, f"bundles: [{{{file}, name: spring}}]\n")
    renamed = line("apply", "gokernel.yml")
    assert "Renamed the bundle spring: its name from course to spring" in renamed.out
    gone = file.replace(str(bundle.archive), "gone.tar.zst")
    declare(line, f"bundles: [{{{gone}}}]\n")
    assert line("apply", "gokernel.yml").out == NOTHING
    wrong = file.replace(bundle.sha256, "a" * 64)
    declare(line, f"bundles: [{{{wrong}}}]\n")
    refused = line("apply", "gokernel.yml")
    assert refused.code == 1
    assert "is not the bundle that was meant" in refused.err


def test_where_nothing_can_be_written_down(line: CommandLine, channel: Path) -> None:
    """Then nothing is made: nobody would know whose it is."""
    declare(line, f"environments: [{{name: demo, go: '1.27', channels: [{channel}]}}]\n")
    line.env["XDG_DATA_HOME"] = "/dev/null/nowhere"
    result = line("apply", "gokernel.yml")
    assert (result.code, result.out) == (1, "")
    assert "Nothing was done, since it can't be written down in /dev/null/nowhere" in result.err
    assert not (line.home / ".conda").exists()


def test_half_an_environment_of_somebodys_is_left(line: CommandLine, envs_dir: Path) -> None:
    """What no record says is ours is never removed."""
    other = prefixes.write(envs_dir / "demo" / "thesis.txt", "all my work")
    declare(line, "environments: [{name: demo, go: '1.27'}]\n")
    result = line("apply", "gokernel.yml", "--prune")
    assert result.code == 1
    assert f"{other.parent} exists already." in result.err
    assert other.read_text() == "all my work"


def test_two_at_once(line: CommandLine, channel: Path) -> None:
    """The second waits and finds that all is done."""
    declare(line, f"environments: [{{name: demo, go: '1.27', channels: [{channel}]}}]\n")
    both = [
        subprocess.Popen(
            line.argv("apply", "gokernel.yml", "--json"),
            env=line.env,
            cwd=line.cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    told = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert sorted(json.loads(out)["things"][0]["state"] for out, _ in told) == [
        "as-declared",
        "done",
    ]
    assert len(discovery.find_environments(line.env)) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("environment: []\n", "line 2: environment is not known; what may stand there is: version"),
        ("kernels: [{go: x, nmae: y}]\n", "line 2: kernels[0].nmae is not known; what may"),
        ("policy: {variables: {A B: c}}\n", "policy.variables.A B is no variable's name"),
        ("kernels:\n  - engine: gonb\n", "line 3: kernels[0] needs one of environment, go"),
        (
            "environments:\n  - name: a\n    go: 1.30\n",
            "line 4: environments[0].go is 1.3, where text belongs: put it in quotes",
        ),
        (
            "kernels: [{environment: a, go: b}]\n",
            "line 2: kernels[0] has environment and go, which exclude each other",
        ),
        ("policy: {offline: maybe}\n", 'policy.offline is "maybe", where true or false belongs'),
        ("policy: {variables: {GOROOT: /x}}\n", "policy.variables.GOROOT can't be: "),
        (
            "policy: {variables: {GOPROXY: 'https://u:p@host.invalid'}}\n",
            "policy.variables.GOPROXY may hold a password or token",
        ),
        (
            "policy: {variables: {GOFLAGS: -v}}\n"
            "kernels: [{environment: a, settings: {GOFLAGS: -x}}]\n",
            "kernels[0].settings.GOFLAGS is another value than the policy's",
        ),
        (
            "environments: [{name: a}, {name: a}]\n",
            'environments[1].name is "a" a second time',
        ),
        (
            "environments: [{name: a, go: '1.26'}, {prefix: ~/.conda/envs/a, go: '1.27'}]\n",
            "line 2: environments[1] is environments[0] again: both are ",
        ),
        (
            "kernels: [{environment: a}, {environment: a}]\n",
            "kernels[1] is of the same Go and engine as one before, and needs a name",
        ),
        ("environments: [{name: base}]\n", "environments[0].name can't be: 'base'"),
        (
            "environments: [{name: a, packages: ['go >> 1']}]\n",
            'environments[0].packages[0] is "go >> 1", which names no package as conda does',
        ),
        ("bundles: [{file: x, sha256: abc}]\n", 'bundles[0].sha256 can\'t be "abc"'),
        ("kernels: [\n", "gokernel.yml"),
        ("version: 1\n", "the key version occurs twice"),
    ],
)
def test_a_file_that_cannot_be_meant(line: CommandLine, text: str, said: str) -> None:
    """One sentence that names the line and the thing; nothing is done."""
    file = declare(line, text)
    result = line("apply", "gokernel.yml")
    assert result.code == 1
    assert (result.out, len(result.err.splitlines())) == ("", 1)
    assert str(file) in result.err
    assert said in result.err
    assert "u:p@" not in result.err
    assert not (line.home / ".local").exists()


@pytest.mark.parametrize("channel", ["https://u:hunter2@host.invalid/c", "https://u:hunter2@h .x"])
def test_passwords_of_channels_are_not_shown(line: CommandLine, channel: str) -> None:
    """Neither in what would be done nor in a mistake's sentence."""
    declare(line, f"environments: [{{name: a, channels: ['{channel}']}}]\n")
    for words in ([], ["--json"]):
        result = line("apply", "gokernel.yml", "--dry-run", *words)
        assert "host.invalid/c" in result.out or "channels[0] can't be" in result.err
        assert "hunter2" not in result.out + result.err


def test_every_mistake_is_told(line: CommandLine) -> None:
    """With their lines, in one go; of many the first ones."""
    file = declare(line, "kernels:\n  - {go: x, nmae: y}\nenvironments:\n  - {name: a, go: 1.2}\n")
    said = line("apply", "gokernel.yml").err
    assert f"{file}, line 3: kernels[0].nmae is not known; " in said
    assert "; line 5: environments[0].go is 1.2, where text belongs: put it in quotes. Mend" in said
    declare(line, "kernels: [" + "{}, " * 20 + "]\n")
    assert "kernels[7] needs one of environment, go; and 12 more." in line("apply", file).err


def test_what_is_no_file(line: CommandLine) -> None:
    """A pipe, a folder, nothing, another version's: refused at once, in a sentence."""
    os.mkfifo(line.cwd / "pipe")
    for name, code, said in (("pipe", 1, "no regular file"), (".", 2, "no file"), ("no", 2, "no")):
        result = line("apply", name)
        assert (result.code, len(result.err.splitlines())) == (code, 1)
        assert said in result.err
    (line.cwd / "empty.yml").write_text("# nothing\n")
    assert "empty.yml: the file is empty, where a mapping" in line("apply", "empty.yml").err
    (line.cwd / "new.yml").write_text("version: 2\n")
    assert "new.yml, line 1: version is 2, not 1." in line("apply", "new.yml").err
    assert line("apply").code == 2


def test_a_record_that_others_could_write(line: CommandLine, goroot: Callable[[str], Path]) -> None:
    """What it names would be removed: it isn't believed, and the sentence says what to do."""
    declare(line, f"kernels: [{{go: '{goroot('1.26')}', name: go-k}}]\n")
    assert line("apply", "gokernel.yml").code == 0
    [record] = (line.home / ".local/share/jupyter-gokernel/applied").glob("*.json")
    assert record.stat().st_mode & 0o777 == 0o600
    assert record.parent.stat().st_mode & 0o777 == 0o700
    declare(line, "")
    record.chmod(0o666)
    refused = line("apply", "gokernel.yml", "--prune")
    assert refused.code == 1
    assert "can't be believed, because" in refused.err
    assert f"`rm {record}`" in refused.err
    record.chmod(0o600)
    record.write_text('{"format": 1, "made": [')
    assert "is damaged" in line("apply", "gokernel.yml", "--prune").err
    assert installed(line) == {"go-k"}


def test_two_files_share_a_kernel(line: CommandLine, goroot: Callable[[str], Path]) -> None:
    """What another file made, too, stays as long as that one declares it."""
    text = f"kernels: [{{go: '{goroot('1.26')}', name: go-k}}]\n"
    declare(line, text)
    (line.cwd / "other.yml").write_text(
        f"version: 1\n{text.replace('go-k', 'go-k, display_name: K')}"
    )
    assert line("apply", "gokernel.yml").code == 0
    assert line("apply", "other.yml", "--replace").code == 0
    declare(line, "")
    assert "is left" in line("apply", "gokernel.yml", "--prune").err
    assert installed(line) == {"go-k"}
