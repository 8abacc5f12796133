"""The benchmark's own logic: what it computes, in which order it measures, what it prints."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from bench import report
from bench.__main__ import main
from bench.budgets.table import BUDGETS
from bench.interleave import Take, interleaved
from bench.result import Comparison, Kind, Result
from bench.samples import Samples
from bench.starts import NoReply, Start, seconds_to_reply

_OURS = Samples((0.020, 0.040, 0.060))
_THEIRS = Samples((0.010, 0.020, 0.060))


def test_ratio_and_difference_are_taken_round_by_round() -> None:
    """A slow round of the machine hits both ways and drops out."""
    ratio = Comparison("ready", _OURS, "peer", _THEIRS, Kind.RATIO, 2.0)
    added = Comparison("ready", _OURS, "peer", _THEIRS, Kind.ADDED, 0.009)

    assert ratio.value == pytest.approx(2.0)
    assert ratio.met is True
    assert added.value == pytest.approx(0.010)
    assert added.met is False


def test_a_time_is_compared_with_its_limit() -> None:
    """Where there is no peer the ratio is to the budget."""
    compared = Comparison("warm", _OURS, "the budget", None, Kind.TIME, 0.080)

    assert compared.ratios[1] == pytest.approx(0.5)
    assert compared.met is True


def test_a_percentile_is_one_of_the_samples() -> None:
    """p99 of a hundred leaves one out; of few it is the worst."""
    hundred = Samples(tuple(n / 1000 for n in range(1, 101)))
    compared = Comparison("interrupt", hundred, "the budget", None, Kind.P99, 0.0985)

    assert hundred.percentile(99) == 0.099
    assert Samples((0.2, 0.1)).percentile(99) == 0.2
    assert compared.value == 0.099
    assert compared.met is False


def test_a_row_without_a_budget_is_neither_met_nor_missed() -> None:
    """Peers are shown that no budget speaks of."""
    assert Comparison("warm", _OURS, "peer", _THEIRS, Kind.RATIO, None).met is None


def test_ways_are_taken_in_turn_and_none_is_always_first() -> None:
    """Warm-ups are taken like the rest, and don't count."""
    order: list[str] = []

    def way(name: str) -> Take:
        async def take() -> float:
            order.append(name)
            return float(len(order))

        return take

    taken = asyncio.run(interleaved({"a": way("a"), "b": way("b")}, 3, warm_ups=1))

    assert order == ["a", "b", "b", "a", "a", "b", "b", "a"]
    assert taken["a"].seconds == (4.0, 5.0, 8.0)


def test_the_table_says_ratio_and_verdict() -> None:
    """One row for ours, one for the peer."""
    missed = Comparison("ready", _OURS, "the peer", _THEIRS, Kind.RATIO, 1.5)
    printed = io.StringIO()

    report.show(
        Result("x", "the title", (missed,), ("left out",)), Console(width=110, file=printed)
    )

    for expected in ("the title", "ours: ready", "the peer", "2.00", "≤ 1.5", "missed", "left out"):
        assert expected in printed.getvalue()


def test_the_document_is_plain_data() -> None:
    """As JSON it keeps every sample, in milliseconds."""
    compared = Comparison("ready", _OURS, "peer", _THEIRS, Kind.RATIO, 1.5)
    document = report.document([Result("x", "title", (compared,))], {"cores": 2}, {"go": "1"}, 3)

    row = json.loads(json.dumps(document))["results"][0]["comparisons"][0]
    assert row["ours"]["samples_ms"] == [20.0, 40.0, 60.0]
    assert row["met"] is False


def test_list_names_the_budgets(capsys: pytest.CaptureFixture[str]) -> None:
    """What can be given on the command line."""
    assert main(["--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        budget.name for budget in BUDGETS
    ]


@pytest.mark.parametrize("wrong", [["no-such-budget"], ["--rounds", "1"]])
def test_usage_errors_end_with_2(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is made."""
    with pytest.raises(SystemExit) as ended:
        main(wrong)
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., Start]:
    """A way of starting a kernel, by its command."""

    def make(*argv: str, await_ports: bool = False) -> Start:
        spec = tmp_path / "kernels" / "tried" / "kernel.json"
        spec.parent.mkdir(parents=True)
        spec.write_text(json.dumps({"argv": argv, "display_name": "x", "language": "x"}))
        env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
        kernels = tmp_path / "kernels"
        return Start("the kernel", "tried", kernels, tmp_path, env, await_ports=await_ports)

    return make


def test_a_kernel_is_timed_and_nothing_of_it_stays(start: Callable[..., Start]) -> None:
    """Not even what it has started in a session of its own, as gopls does."""
    leave = (
        "import subprocess, sys; subprocess.Popen(['sleep', '600.25'], start_new_session=True);"
        "from ipykernel.kernelapp import launch_new_instance as go; go(sys.argv[1:])"
    )
    timed = start(sys.executable, "-c", leave, "-f", "{connection_file}", await_ports=True)

    seconds = asyncio.run(seconds_to_reply(timed))

    assert 0 < seconds < 60
    alive = [p.info for p in psutil.process_iter(["cmdline", "status"])]
    assert not [
        one
        for one in alive
        if one["cmdline"] == ["sleep", "600.25"] and one["status"] != psutil.STATUS_ZOMBIE
    ]


@pytest.mark.parametrize("await_ports", [True, False])
def test_a_kernel_that_dies_is_an_error(start: Callable[..., Start], await_ports: bool) -> None:
    """At once, with what it printed, and not after the time limit."""
    timed = start("/bin/sh", "-c", "echo it broke; exit 3", await_ports=await_ports)

    with pytest.raises(NoReply, match="the kernel can't be timed") as error:
        asyncio.run(seconds_to_reply(timed))
    assert "it broke" in error.value.evidence
