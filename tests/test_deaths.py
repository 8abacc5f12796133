"""How a kernel ended that nobody told to: what is made of its last words, and who hears of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from go_kernel.deaths import CRASH, PREDECESSOR, Death, examine, hand_over
from tests.conftest import CondaPrefix
from tests.kernels import install, manager, started

PANIC = """\
panic: open data.csv: no such file
\tin a second line

goroutine 24 [running]:
example.test/lib.Load.func1()
\texample.test/lib/lib.go:7 +0x2c
created by example.test/lib.Load in goroutine 22
\texample.test/lib/lib.go:7 +0x1a

goroutine 1 [chan receive]:
main.main()
"""

NIL = """\
panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4a1b2c]

goroutine 7 [running]:
example.test/lib.F()
"""

OVERFLOW = """\
printed long before
runtime: goroutine stack exceeds 1000000000-byte limit
runtime: sp=0x3b25cfa70398 stack=[0x3b25cfa70000, 0x3b25efa70000]
fatal error: stack overflow

runtime stack:
runtime.throw({0x1e4d3f1?, 0x0?})

goroutine 22 gp=0x3b25cf8361c0 m=0 mp=0x2a9a3c0 [running]:
example.test/lib.Deep(0x1)
"""

SEGV = """\
SIGSEGV: segmentation violation
PC=0x15ce220 m=0 sigcode=1 addr=0x0
signal arrived during cgo execution

goroutine 22 gp=0xc000182c40 m=0 mp=0x2a9a3c0 [syscall]:
runtime.cgocall(0x15ce210, 0xc000095f58)
"""

EXIT = "exit: example.test/lib.init.0, compiled code, called os.Exit(3)\n"

SAID: Mapping[str, tuple[str, str]] = {
    PANIC: ("panic: open data.csv: no such file", "goroutine 24 [running]:"),
    NIL: (
        "panic: runtime error: invalid memory address or nil pointer dereference",
        "goroutine 7 [running]:",
    ),
    OVERFLOW: (
        "fatal error: stack overflow",
        "goroutine 22 gp=0x3b25cf8361c0 m=0 mp=0x2a9a3c0 [running]:",
    ),
    SEGV: (
        "SIGSEGV: segmentation violation",
        "goroutine 22 gp=0xc000182c40 m=0 mp=0x2a9a3c0 [syscall]:",
    ),
    EXIT: ("example.test/lib.init.0, compiled code, called os.Exit(3)", ""),
}


def _examined(folder: Path, words: str, code: int = 2) -> Death | None:
    (folder / CRASH).write_text(words)
    return examine(folder, code)


@pytest.mark.parametrize("words", SAID)
def test_last_words_are_told_short(tmp_path: Path, words: str) -> None:
    """The reason, and the trace of the one goroutine that is to blame."""
    death = _examined(tmp_path, words)

    reason, first = SAID[words]
    assert death
    assert death.sentence == f"The kernel had ended: {reason}; its variables are lost."
    assert death.trace.partition("\n")[0] == first
    assert "goroutine 1 [" not in death.text
    assert "0x4a1b2c" not in death.text
    assert "printed long before" not in death.text


def test_all_of_a_reason_is_told(tmp_path: Path) -> None:
    """A message of several lines, then where it happened."""
    death = _examined(tmp_path, PANIC)

    assert death
    assert death.text == (
        "The kernel had ended: panic: open data.csv: no such file; its variables are lost.\n"
        "\tin a second line\n" + PANIC.partition("\n\n")[2].partition("\n\n")[0] + "\n"
    )


def test_a_thousand_goroutines_are_told_short(tmp_path: Path) -> None:
    """However much the runtime had to say."""
    frames = "f()\n\t" + "x" * 10_000 + "\n"
    said = "panic: " + "y" * 10_000 + "\n\ngoroutine 3 [running]:\n" + frames * 500

    death = _examined(tmp_path, said)

    assert death
    assert len(death.text) < 12_000


CODES: Mapping[int, str] = {
    3: "The kernel had ended: exit code 3, and no word why; its variables are lost.",
    -signal.SIGKILL: "The kernel had ended: it was killed (SIGKILL), as the system does where "
    "memory runs out; its variables are lost.",
    -signal.SIGTERM: "The kernel had ended: it was ended from outside (SIGTERM); "
    "its variables are lost.",
    -1000: "The kernel had ended: it was ended from outside (signal 1000); its variables are lost.",
}


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("words", ["", "println of some package\n", None])
def test_without_last_words_the_code_has_to_do(
    tmp_path: Path, code: int, words: str | None
) -> None:
    """As for C code that called exit; what a package printed is none."""
    death = examine(tmp_path, code) if words is None else _examined(tmp_path, words, code)

    assert death
    assert death.sentence == CODES[code]


@pytest.mark.parametrize("code", [0, -signal.SIGINT])
def test_a_kernel_that_was_told_to_end_is_no_case(tmp_path: Path, code: int) -> None:
    """It ends with 0 and says nothing; or is interrupted, as at any end, while it starts."""
    assert _examined(tmp_path, "", code) is None


def test_a_planted_file_is_not_followed(tmp_path: Path) -> None:
    """Not a link, and not a pipe that nobody writes to."""
    (tmp_path / "secret").write_text("panic: secret\n")
    (tmp_path / CRASH).symlink_to(tmp_path / "secret")
    death = examine(tmp_path, 2)
    assert death
    assert "secret" not in death.text

    (tmp_path / CRASH).unlink()
    os.mkfifo(tmp_path / CRASH)
    death = examine(tmp_path, 2)
    assert death
    assert death.trace == ""


@given(st.binary(max_size=2000))
def test_any_file_can_be_read(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Whatever a dying process leaves, what is made of it can be shown."""
    folder = tmp_path_factory.mktemp("scratch")
    (folder / CRASH).write_bytes(b"panic: " + content)

    death = examine(folder, 2)

    assert death
    assert death.text.encode()
    assert "\x1b" not in death.text


def test_the_next_kernel_gets_it_by_a_file(tmp_path: Path) -> None:
    """A private one, in its own folder; where there is no room it starts without."""
    death = Death("panic: x")

    variables = hand_over(death, tmp_path)

    path = Path(variables[PREDECESSOR])
    assert path.parent == tmp_path
    assert path.read_text() == death.text
    assert path.stat().st_mode & 0o077 == 0
    assert hand_over(death, tmp_path / "gone") == {}


@pytest.fixture
def kernel(
    conda_prefix: CondaPrefix, clean_env: dict[str, str], dev_cache: Path, tmp_path: Path
) -> Any:
    """A kernel under our provisioner, as a client starts it."""
    name = install(tmp_path, environment="demo", prefix=str(conda_prefix("go=1.26")))
    env = {**clean_env, "GOKERNEL_STORE": str(dev_cache / "engines")}
    with started(manager(tmp_path, name), env, tmp_path) as running:
        yield running


def _story(pid: int) -> str:
    variables = psutil.Process(pid).environ()
    return Path(variables[PREDECESSOR]).read_text() if PREDECESSOR in variables else ""


def test_a_kernel_hears_of_its_predecessor(kernel: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Of one that died, once; not of one that was told to end."""
    assert _story(kernel.pid) == ""
    scratch = Path(psutil.Process(kernel.pid).environ()["GOKERNEL_SCRATCH"])
    (scratch / CRASH).write_text(PANIC)
    psutil.Process(kernel.pid).kill()
    os.waitid(os.P_PID, kernel.pid, os.WEXITED | os.WNOWAIT)

    kernel.manager.restart_kernel(now=True)

    assert "panic: open data.csv" in _story(kernel.pid)
    assert not scratch.exists()
    assert "demo: The kernel had ended: panic: open data.csv" in caplog.text

    kernel.manager.restart_kernel(now=True)
    assert _story(kernel.pid) == ""
    kernel.manager.restart_kernel(now=False)
    assert _story(kernel.pid) == ""
