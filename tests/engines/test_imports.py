"""Imports while they run: what is shown, what an interrupt ends, what can't be used."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.engines.conftest import StartKernel
from tests.engines.proxy import LIB, Proxy
from tests.kernels import CellFailed, Kernel
from tests.processes import has_ended

IMPORT = f'import "{LIB}"'
UNUSABLE = "it is generic, and this interpreter can't use generic declarations"


class Stuck:
    """A C compiler that says which process it is, and then never ends."""

    def __init__(self, folder: Path) -> None:
        self.program = folder / "stuck-cc"
        self.fifo = folder / "fifo"
        os.mkfifo(self.fifo)
        self.program.write_text(f'#!/bin/sh\ntrap "" INT\necho $$ > "{self.fifo}"\nsleep 1000\n')
        self.program.chmod(0o755)

    def reached(self) -> int:
        """Wait until it runs; its process."""
        return int(self.fifo.read_text())


@pytest.fixture
def stuck(tmp_path: Path) -> Iterator[Stuck]:
    """It ends with the test."""
    made = Stuck(tmp_path)
    yield made
    with suppress(OSError):  # nobody waits for a reader any more
        os.close(os.open(made.fifo, os.O_RDONLY | os.O_NONBLOCK))


def stream_until(kernel: Kernel, text: str) -> None:
    """Wait for a text on the output of the cell that runs."""
    seen = ""
    while text not in seen:
        message = kernel.client.get_iopub_msg(timeout=120)
        if message["msg_type"] == "stream":
            seen += message["content"]["text"]


def reply(kernel: Kernel, request: str) -> dict[str, str]:
    """The content of the reply to a request."""
    while True:
        message = kernel.client.get_shell_msg(timeout=120)
        if message["parent_header"]["msg_id"] == request:
            content: dict[str, str] = message["content"]
            return content


@pytest.mark.parametrize("version", ["1.22", "1.26", "1.27"])
def test_an_import_is_interrupted(
    start: StartKernel, proxied: dict[str, str], stuck: Stuck, tmp_path: Path, version: str
) -> None:
    """Downloads are shown as they come; an interrupt ends all processes and leaves no trace."""
    scratch = tmp_path / "scratch"
    variables = {**proxied, "GOKERNEL_SCRATCH": str(scratch), "GOCACHE": str(tmp_path / "cache")}
    del variables["GOCACHE"]  # the standard library is compiled in the shared one
    with start(version, **variables) as kernel:
        kernel.run("x := 42")
        kernel.run(f"%env CC={stuck.program}")
        request = kernel.client.execute(IMPORT)
        stream_until(kernel, f"go: downloading {LIB} v0.2.0\n")
        pid = stuck.reached()
        kernel.manager.interrupt_kernel()
        assert "interrupted" in str(reply(kernel, request))
        assert has_ended(pid)
        assert not list(scratch.glob("import*"))
        assert not list(Path(proxied["GOKERNEL_PLUGINS"]).rglob("*.so"))
        kernel.run("%env CC=gcc")
        kernel.run(IMPORT)
        assert kernel.run("lib.Say()") == "two"
        assert kernel.run("x") == "42"
        assert not list(scratch.glob("import*"))


def test_waiting_for_another_kernel_is_interrupted(
    start: StartKernel, proxied: dict[str, str], stuck: Stuck
) -> None:
    """One that waits ends at once; the other one goes on."""
    with start("1.26", **proxied) as builder, start("1.26", **proxied) as waiter:
        for kernel in (builder, waiter):
            kernel.run(f"%env CC={stuck.program}")
        first = builder.client.execute(IMPORT)
        pid = stuck.reached()
        second = waiter.client.execute(IMPORT)
        stream_until(waiter, "another kernel imports the same: waiting for it\n")
        waiter.manager.interrupt_kernel()
        assert "interrupted" in str(reply(waiter, second))
        assert not has_ended(pid, seconds=0)
        builder.manager.interrupt_kernel()
        assert "interrupted" in str(reply(builder, first))
        waiter.run("%env CC=gcc")
        waiter.run(IMPORT)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="ends with its parent on Linux only")
def test_a_build_ends_with_a_killed_kernel(
    start: StartKernel, proxied: dict[str, str], stuck: Stuck
) -> None:
    """The go command that runs for an import doesn't outlive it."""
    with start("1.26", **proxied, CC=str(stuck.program)) as kernel:
        kernel.client.execute(IMPORT)
        pid = stuck.reached()
        go = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(kernel.pid, signal.SIGKILL)
        assert has_ended(go)
        os.killpg(os.getpgid(pid), signal.SIGKILL)  # what it started goes on without it


def test_what_is_there_says_nothing(start: StartKernel, proxied: dict[str, str]) -> None:
    """Neither download nor build: nothing to show."""
    with start("1.26", **proxied) as kernel:
        assert f"go: downloading {LIB} v0.2.0\n" in kernel.run(IMPORT)
    with start("1.26", **proxied) as kernel:
        assert kernel.run(IMPORT) == ""


MIXED = """\
package lib

type Plain struct{ N int }

type Pair[A, B any] struct { First A; Second B }

type Set[T comparable] interface { Add(T) Set[T]; Has(T) bool }

type Number interface { ~int | ~float64 }

type Ints = Pair[int, int]

func Sum[T Number](list ...T) (sum T) { return }

func Make() Pair[int, string] { return Pair[int, string]{1, "a"} }

func (p Pair[A, B]) Flip() Pair[B, A] { return Pair[B, A]{p.Second, p.First} }

var Table = map[string]Pair[int, int]{"x": {1, 2}}
"""


@pytest.mark.parametrize("version", ["1.22", "1.27"])
def test_generic_declarations(
    start: StartKernel, proxy: Proxy, proxied: dict[str, str], version: str
) -> None:
    """One line names what can't be used; everything else can, instances included."""
    proxy.publish(LIB, "v0.3.0", {"lib.go": MIXED})
    with start(version, **proxied) as kernel:
        said = kernel.run(IMPORT).splitlines()
        assert said[-1] == (
            f"{LIB}: 4 generic names can't be used in the interpreter: Number, Pair, Set, Sum"
        )
        assert len(said) == 2  # the other is the download
        assert kernel.run("lib.Plain{3}.N") == "3"
        assert kernel.run("lib.Make().Second") == "a"
        assert kernel.run('lib.Table["x"].Second') == "2"
        assert kernel.run("lib.Ints{1, 2}.First") == "1"
        for use in ("lib.Sum(1, 2)", "lib.Pair{}"):
            with pytest.raises(CellFailed, match=UNUSABLE):
                kernel.run(use)
        with pytest.raises(CellFailed) as caught:
            kernel.run("lib.Nothing")
        assert UNUSABLE not in str(caught.value)


def test_packages_of_which_all_is_generic(start: StartKernel) -> None:
    """There is nothing to compile, so it works without a go command, too."""
    with start("1.26") as kernel:
        said = kernel.run('import "slices"')
        assert said.startswith("slices: 40 generic names can't be used in the interpreter: All, ")
        assert said.endswith(", Clone, ... (32 more)\n")
        with pytest.raises(CellFailed, match=f"slices.*no symbol Sort: {UNUSABLE}"):
            kernel.run("slices.Sort([]int{1})")


def test_generic_names_of_built_in_packages(start: StartKernel) -> None:
    """Their import says nothing, since it never did any work; their use does."""
    with start("1.26") as kernel:
        assert kernel.run('import "sync/atomic"') == ""
        with pytest.raises(CellFailed, match=f"no symbol Pointer: {UNUSABLE}"):
            kernel.run("atomic.Pointer{}")
