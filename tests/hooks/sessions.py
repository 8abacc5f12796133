"""A person at a shell: activates, looks, deactivates."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.hooks.activator import quoted

_ACTIVATOR = Path(__file__).with_name("activator.py")
# How each shell is started, and which kind of commands it reads.
SHELLS = {
    "bash": (["bash", "--noprofile", "--norc"], "sh"),
    "dash": (["dash"], "sh"),
    "zsh": (["zsh", "-f"], "sh"),
    "fish": (["fish", "--no-config"], "fish"),
    "tcsh": (["tcsh", "-f"], "tcsh"),
}
LOOK = "look"


@dataclass(frozen=True)
class Seen:
    """The variables at each look, all that was said on stderr, and how the shell ended."""

    looks: tuple[dict[str, str], ...]
    said: str
    code: int


def activate(prefix: Path, *words: str) -> tuple[str, ...]:
    """`conda activate`."""
    return ("activate", *words, str(prefix))


DEACTIVATE = ("deactivate",)


def session(
    shell: str,
    env: dict[str, str],
    folder: Path,
    *steps: str | Sequence[str],
    options: str = "",
) -> Seen:
    """Take the steps: LOOK, words for conda, or a line that the shell runs as it is.

    `folder` is an empty one for what is seen.
    """
    argv, kind = SHELLS[shell]
    lines = [options] if options else []
    files: list[Path] = []
    for at, step in enumerate(steps):
        if step == LOOK:
            files.append(folder / f"seen-{at}")
            lines.append(f"/bin/sh -c 'env -0 > \"$0\"' {quoted(kind, str(files[-1]))}")
        elif isinstance(step, str):
            lines.append(step)
        else:
            lines += _conda(kind, step, folder / f"commands-{at}")
    script = folder / "session"
    script.write_bytes("\n".join((*lines, "")).encode("utf-8", "surrogateescape"))
    done = subprocess.run(
        [*argv, str(script)], env=env, capture_output=True, timeout=60, cwd=folder, check=False
    )
    looks = tuple(_parsed(file) for file in files if file.exists())
    return Seen(looks, done.stderr.decode("utf-8", "replace"), done.returncode)


def _conda(kind: str, words: Sequence[str], file: Path) -> list[str]:
    """As conda's shell functions: a Python says what is to be done, the shell does it."""
    given = " ".join(quoted(kind, word) for word in (kind, *words))
    program = f"{quoted(kind, sys.executable)} -I -S {quoted(kind, str(_ACTIVATOR))} {given}"
    if kind == "sh":
        return [f'conda() {{ eval "$({program})"; }}', "conda"]
    if kind == "fish":
        return ["function conda", f"  {program} | source", "end", "conda"]
    return [f"{program} > {quoted(kind, str(file))}", f"source {quoted(kind, str(file))}"]


def _parsed(file: Path) -> dict[str, str]:
    items = file.read_bytes().decode("utf-8", "surrogateescape").split("\0")
    return dict(item.split("=", 1) for item in items if item)
