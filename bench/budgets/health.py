"""The server extension: what an answer takes, what all checks take, and who is kept waiting.

A real Jupyter Server with twenty real environments.  The event loop is watched from
within (bench/stall.py); typing is a character sent to a terminal, until its echo.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from bench.interleave import undisturbed
from bench.jupyter import Server, serving
from bench.pollers import PANELS
from bench.result import Comparison, Kind, Result
from bench.samples import Samples
from bench.world import World
from go_kernel import kernelspec

NAME = "health"
TITLE = "health: the server's answers, checks of 20 environments, stalls of its event loop"
ANSWER, CHECKS, STALL = 0.005, 1.0, 0.010
_ENVIRONMENTS = 20
_KEYS = 40
_PATHS = ("/gokernel/health", "/gokernel/environments")
_STATUS = ("/api/status",)


async def measure(world: World, rounds: int) -> Result:
    """All of it in one server, which has checked everything before."""
    with serving(world.folder / "health", _environments(world)) as server:
        first = server.check()
        findings = len(server.ask("GET", "/gokernel/health")["findings"])
        server.check()
        checks = Samples(tuple(server.check() for _ in range(rounds)))
        answers = Samples(tuple(_answer(server, _PATHS[0]) for _ in range(rounds * 10)))
        status = Samples(tuple(_answer(server, _STATUS[0]) for _ in range(rounds * 10)))
        stalls, own = _stalls(server, rounds, checks=True)
        idle, _ = _stalls(server, rounds, checks=False)
        with server.polled(*_PATHS):
            polled, polled_own = _stalls(server, rounds, checks=True)
        typing = await _typing(server, rounds)
    budget = "the budget"
    alone, looked = "stall while all is checked", f"the same, {PANELS} panels looking"
    compared = (
        Comparison("cached answer", answers, budget, None, Kind.TIME, ANSWER),
        Comparison("cached answer", answers, "GET /api/status", status, Kind.RATIO, None),
        Comparison("all static checks", checks, budget, None, Kind.TIME, CHECKS),
        Comparison(alone, stalls, budget, None, Kind.P99, STALL),
        Comparison(alone, stalls, "no check", idle, Kind.RATIO, None),
        Comparison(f"{alone}, own", own, budget, None, Kind.P99, STALL),
        Comparison(looked, polled, budget, None, Kind.P99, STALL),
        Comparison(f"{looked}, own", polled_own, budget, None, Kind.P99, STALL),
        *typing,
    )
    notes = (
        f"{_ENVIRONMENTS} environments with a kernel each, {findings} findings; "
        f"the first check of them took {first:.2f} s",
        "a check counts from the request to its end, the start of its process included",
        "stall: the longest in each check; own: without waiting for a processor",
        "typing: a character to a terminal and back",
    )
    return Result(NAME, TITLE, compared, notes)


def _environments(world: World) -> dict[str, str]:
    """Twenty environments with Go and a kernel each; the server's variables."""
    for number in range(_ENVIRONMENTS):
        name = f"health-{number:02}"
        prefix = world.environment(name, f"go={world.go_version}")
        config = replace(world.config, environment=name, prefix=str(prefix))
        spec = kernelspec.spec_for(config)
        kernelspec.write(spec, world.folder / "health" / "kernels", replace=True)
    return {**world.env, "CONDA_ENVS_PATH": str(world.folder / "envs")}


def _answer(server: Server, path: str) -> float:
    with undisturbed():
        begin = time.perf_counter()
        server.ask("GET", path)
        return time.perf_counter() - begin


def _stalls(server: Server, rounds: int, *, checks: bool) -> tuple[Samples, Samples]:
    """The longest in each round, and the longest without waiting for a processor."""
    taken = [_stall(server, checks) for _ in range(rounds)]
    return Samples(tuple(one for one, _ in taken)), Samples(tuple(own for _, own in taken))


def _stall(server: Server, checks: bool) -> tuple[float, float]:
    server.ask("GET", "/bench/stall")
    if checks:
        server.check()
    else:
        time.sleep(1.0)
    longest, own = server.ask("GET", "/bench/stall")
    return longest, own


async def _typing(server: Server, rounds: int) -> tuple[Comparison, ...]:
    """Typing while panels look at us, beside typing while nobody does."""
    keys = max(_KEYS, rounds)
    alone = Samples(await _keys(server, keys))
    with server.polled(*_PATHS):
        with_panels = Samples(await _keys(server, keys))
    with server.polled(*_STATUS):
        with_others = Samples(await _keys(server, keys))
    what = f"typing, {PANELS} panels looking"
    return (
        Comparison(what, with_panels, "nobody looking", alone, Kind.RATIO, None),
        Comparison(what, with_panels, "as many at /api/status", with_others, Kind.RATIO, None),
    )


async def _keys(server: Server, count: int) -> tuple[float, ...]:
    async with _terminal(server) as socket:
        return tuple([await _key(socket) for _ in range(count)])


async def _key(socket: Any) -> float:
    begin = time.perf_counter()
    await socket.write_message(json.dumps(["stdin", "x"]))
    while True:
        kind, *rest = json.loads(await socket.read_message())
        if kind == "stdout" and "x" in rest[0]:
            return time.perf_counter() - begin


@asynccontextmanager
async def _terminal(server: Server) -> AsyncIterator[Any]:
    """A terminal in which `cat` runs, ready to echo."""
    name = server.ask("POST", "/api/terminals", {})["name"]
    address = f"ws://127.0.0.1:{server.port}/terminals/websocket/{name}"
    request = HTTPRequest(address, headers={"Authorization": f"token {server.token}"})
    socket = await websocket_connect(request)
    await socket.write_message(json.dumps(["stdin", "stty -icanon; echo be''gun; exec cat\r"]))
    while "begun" not in str(await socket.read_message()):
        pass
    try:
        yield socket
    finally:
        socket.close()
        server.ask("DELETE", f"/api/terminals/{name}")
