"""Why a kernel ended that nobody told to, in words.

A Go program that panics says so and is gone, and its stderr went with it.  So the engine
keeps the runtime's last words in a file of its scratch folder; they are read here before
that folder goes, and handed to the kernel that is started instead.
"""

from __future__ import annotations

import os
import re
import signal
from dataclasses import dataclass
from pathlib import Path

from go_kernel.files import write_atomic

# As the engine names it: deaths.CrashFile.
CRASH = "crash.txt"
# Names a file, for the next kernel, that says how the one before it ended.
PREDECESSOR = "GOKERNEL_PREDECESSOR"

_MOST = 256 * 1024
_REASON_LINES, _REASON_LENGTH = 8, 600
_TRACE_LINES, _LINE_LENGTH = 40, 240

# How a kernel ends that was told to, or that was interrupted before it could take that.
_WANTED = (0, -signal.SIGINT)

# How the runtime, and the engine for exits, begin to say why they end.
_REASON = re.compile(r"^(?:panic|fatal error|exit|SIG[A-Z]+): ", re.MULTILINE)
_GOROUTINE = re.compile(r"^goroutine \d+ .*:$", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Death:
    """What is known of it: the reason, and where the goroutine was that is to blame."""

    reason: str
    trace: str = ""

    @property
    def sentence(self) -> str:
        """One line for a log or an event."""
        first = self.reason.partition("\n")[0].rstrip(".")
        return f"The kernel had ended: {first}; its variables are lost."

    @property
    def text(self) -> str:
        """All of it, for a person who wants to know what to change."""
        _, _, more = self.reason.partition("\n")
        return "\n".join(part for part in (self.sentence, more, self.trace) if part) + "\n"


def examine(folder: Path, code: int) -> Death | None:
    """Why the kernel with this scratch folder ended with exit code `code` (negative: a signal).

    None where it ended as one does that was told to.
    """
    words = _last_words(folder / CRASH)
    match = _REASON.search(words)
    if match is None:
        return None if code in _WANTED else Death(_by_code(code))
    said = words[match.start() :].removeprefix("exit: ")
    return Death(_reason(said), _first_trace(said))


def hand_over(death: Death, folder: Path) -> dict[str, str]:
    """Leave a death's text in the next kernel's scratch folder; the variable that names it."""
    path = folder / "predecessor.txt"
    try:
        write_atomic(path, death.text.encode("utf-8", "replace"), mode=0o600)
    except OSError:
        return {}  # a kernel that starts is worth more than the story of the last one
    return {PREDECESSOR: str(path)}


def _last_words(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as stream:
            content = stream.read(_MOST)
    except OSError:
        return ""
    return _CONTROL.sub("", content.decode("utf-8", "replace"))


def _reason(said: str) -> str:
    """What was said up to the first empty line, without addresses."""
    paragraph = said.partition("\n\n")[0].splitlines()[:_REASON_LINES]
    lines = [line for line in paragraph if not line.startswith(("[signal ", "PC="))]
    return "\n".join(lines)[:_REASON_LENGTH]


def _first_trace(said: str) -> str:
    match = _GOROUTINE.search(said)
    if match is None:
        return ""
    lines = said[match.start() :].partition("\n\n")[0].splitlines()
    shown = [line[:_LINE_LENGTH] for line in lines[:_TRACE_LINES]]
    return "\n".join([*shown, "..."] if len(lines) > _TRACE_LINES else shown)


def _by_code(code: int) -> str:
    if code > 0:
        return f"exit code {code}, and no word why"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    if -code == signal.SIGKILL:
        return f"it was killed ({name}), as the system does where memory runs out"
    return f"it was ended from outside ({name})"
