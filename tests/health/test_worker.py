"""The worker as the server starts it: JSON in, JSON lines out, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from go_kernel import entry
from go_kernel.health.subject import MACHINE, id_of
from tests import prefixes
from tests.health.conftest import World
from tests.processes import has_ended

REPOSITORY = Path(__file__).parents[2]


@contextmanager
def _worker(env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        entry.command("health.worker"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**env, "PYTHONPATH": str(REPOSITORY)},
        start_new_session=True,
    )
    with process:
        yield process


def _asked(world: World, request: object) -> list[dict[str, Any]]:
    """All lines that the worker answers with; nothing may be on stderr."""
    raw = request if isinstance(request, bytes) else json.dumps(request).encode()
    with _worker(world.env) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(raw + b"\n")
        process.stdin.flush()
        lines = [json.loads(line) for line in process.stdout]
        assert process.stderr.read() == b""
    assert process.returncode == (1 if "error" in lines[-1] else 0)
    return lines


def _ask(world: World, action: str, **more: object) -> list[dict[str, Any]]:
    return _asked(world, {"action": action, "kernel_dirs": [str(world.kernels)], **more})


def _known(world: World, prefix: Path) -> str:
    known = Path(world.env["HOME"]) / ".conda" / "environments.txt"
    known.parent.mkdir(exist_ok=True)
    known.write_text(f"{prefix}\n")
    return id_of(prefix)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "no JSON object"),
        (b"{}", "action"),
        (b'{"action": "rm"}', "no action 'rm'"),
        (b'{"action": "check", "command": "rm"}', "command"),
        (b'{"action": "check", "subjects": 1}', "int"),
        (b'{"action": "check", "policy": []}', "TypeError"),
    ],
)
def test_a_request_that_cannot_be_understood(world: World, raw: bytes, said: str) -> None:
    """One sentence, and the end."""
    (line,) = _asked(world, raw)

    assert line["error"]["reason"] == "health.bad-request"
    assert said in line["error"]["message"]


def test_a_check_tells_as_it_goes(world: World) -> None:
    """The environments first, then each finding, then which checks ran where."""
    prefix = world.prefix()
    id = _known(world, prefix)

    first, *found, ran, done = _ask(world, "check", subjects=[id])

    assert first["environments"][0]["id"] == MACHINE
    assert "toolchain.present" in first["checks"]
    assert "engine.rebuild" in first["fixes"]
    assert {one["finding"]["environment"] for one in found} == {str(prefix)}
    assert {one["finding"]["id"] for one in found} <= set(ran["ran"])
    assert ran["places"] == [str(prefix)]
    assert done == {"done": True}
    assert "kept" not in done
    kept = [one["finding"]["summary"] for one in _ask(world, "kept") if "finding" in one]
    assert kept == [one["finding"]["summary"] for one in found]


def test_what_is_not_there(world: World) -> None:
    """An environment, a check, a fix: each by its name."""
    nobody = "0123456789abcdef"
    cases = [
        ({"action": "check", "subjects": [nobody]}, "health.unknown-environment"),
        ({"action": "check", "checks": ["no.such"]}, "health.unknown-check"),
        ({"action": "preview", "subjects": [MACHINE], "fix": "no.such"}, "health.unknown-fix"),
        (
            {"action": "fix", "subjects": [MACHINE], "fix": "no.such", "token": ""},
            "health.unknown-fix",
        ),
    ]

    for request, reason in cases:
        assert _asked(world, request)[-1]["error"]["reason"] == reason


def test_a_fix_needs_the_token_of_its_plan(world: World) -> None:
    """Without it nothing is done; with it the checks run again afterwards."""
    id = _known(world, world.prefix())
    modules = world.folder / "not" / "yet"
    world.env["GOMODCACHE"] = str(modules)
    request = {"subjects": [id], "fix": "places.make"}

    preview = _ask(world, "preview", **request)[0]["preview"]
    assert str(modules) in preview["preview"]
    (refused,) = _ask(world, "fix", **request, token="0000")
    assert refused["error"]["reason"] == "health.plan-changed"
    assert not modules.exists()

    lines = _ask(world, "fix", **request, token=preview["token"])

    assert modules.is_dir()
    assert [one["finding"]["id"] for one in lines if "finding" in one].count("places.usable")
    assert _ask(world, "preview", **request)[-1]["error"]["reason"] == "health.nothing-to-fix"


def test_the_fix_that_takes_all_away(world: World) -> None:
    """An environment that is gone with its last kernel isn't looked at again: no error is left."""
    prefix = world.prefix()
    world.install(prefix)
    shutil.rmtree(prefix)
    request = {"subjects": [id_of(prefix)], "fix": "kernelspec.remove"}
    preview = _ask(world, "preview", **request)[0]["preview"]
    lines = _ask(world, "fix", **request, token=preview["token"])
    assert not [one for one in lines if "finding" in one]
    assert {"progress": "no kernel is for demo any more"} in lines


def test_secrets_come_by_stdin_and_go_nowhere(world: World) -> None:
    """The site's variables are on no command line, and in no line of the answer."""
    id = _known(world, world.prefix())
    policy = {"site": {"GOPROXY": "https://me:hunter2@proxy.invalid"}}

    lines = _ask(world, "check", subjects=[id], policy=policy)

    assert lines[-1] == {"done": True}
    assert "hunter2" not in json.dumps(lines)


def _hanging(world: World) -> tuple[bytes, str]:
    prefix = world.prefix()
    prefixes.script(prefix, "it.sh", "exec sleep 300")
    request = {
        "action": "check",
        "subjects": [_known(world, prefix)],
        "checks": ["activation.afresh"],
        "limits": {"activation": 300},
    }
    return json.dumps(request).encode() + b"\n", "sleep"


@pytest.mark.parametrize("how", ["stdin", "SIGTERM"])
def test_the_end_takes_all_along(world: World, how: str) -> None:
    """Whether the server is gone or tells it to: the script that hangs ends, too."""
    request, name = _hanging(world)
    with _worker(world.env) as process:
        assert process.stdin
        process.stdin.write(request)
        process.stdin.flush()
        below = _below(process, name)

        if how == "stdin":
            process.stdin.close()
        else:
            process.send_signal(signal.SIGTERM)

        assert all(has_ended(one.pid) for one in below)
        assert process.wait(20) == 128 + signal.SIGTERM


def test_what_is_found_is_kept_at_once(world: World) -> None:
    """Of the environments that are done, though the worker is killed over another one."""
    quick = world.prefix("quick")
    request, _ = _hanging(world)
    known = Path(world.env["HOME"]) / ".conda" / "environments.txt"
    known.write_text(f"{known.read_text()}{quick}\n")
    content = {**json.loads(request), "kernel_dirs": [str(world.kernels)]}
    content["subjects"] = [*content["subjects"], id_of(quick)]
    with _worker(world.env) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(content).encode() + b"\n")
        process.stdin.flush()
        for line in process.stdout:
            if "ran" in json.loads(line):
                break
        below = _below(process, "sleep")
        process.kill()
        for one in below:
            one.kill()

    kept = [one["finding"] for one in _ask(world, "kept") if "finding" in one]
    assert {one["environment"] for one in kept} == {str(quick)}


def test_nobody_reads_any_more(world: World) -> None:
    """A broken pipe is an end like another, and no traceback."""
    request = json.dumps({"action": "check"}).encode() + b"\n"
    with _worker(world.env) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        process.stdin.write(request)
        process.stdin.flush()

        assert process.wait(60) == 128 + signal.SIGTERM
        assert process.stderr.read() == b""


def _below(process: subprocess.Popen[bytes], name: str) -> list[psutil.Process]:
    while True:
        found = psutil.Process(process.pid).children(recursive=True)
        for one in found:
            try:
                if one.name() == name:
                    return found
            except psutil.NoSuchProcess:
                continue
        try:
            process.wait(0.02)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError("the worker ended before its script began")


def test_a_module_in_the_current_folder_is_not_run(world: World) -> None:
    """As everywhere a Python of ours is started."""
    (world.folder / "json.py").write_text("raise SystemExit('taken over')")
    before = Path.cwd()
    os.chdir(world.folder)
    try:
        assert _ask(world, "environments")[-1] == {"done": True}
    finally:
        os.chdir(before)
