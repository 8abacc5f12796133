"""A terminal's shell with an environment's Go, for Jupyter's `shell_command`.

Under a Hub terminals are login shells, whose files set PATH anew.  So this becomes the
person's own shell, which reads its files as ever and then sets the environment's
variables: those that a kernel gets, but for what belongs to one kernel alone.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from go_kernel import choose, entry, hub_choice, private_places, resolve
from go_kernel.cache import Cache
from go_kernel.findings import FindingError, GoKernelError
from go_kernel.folders import cache_folder
from go_kernel.terminals import kinds, start
from go_kernel.terminals.start import Start


class BadTerminalEnvironment(GoKernelError):
    """What is to be a terminal's environment can be no name and no path."""

    id = "terminal.bad-environment"

    def __init__(self, said: str):
        super().__init__(
            f"{said!r} is no name or path of an environment, so terminals can't have it.",
            "Set c.GoKernelServer.terminal_environment to one that `jupyter gokernel envs` lists.",
        )
        self.said = said


def shell_command(
    environment: str, python: Path = Path(sys.executable), *, offline: bool = False
) -> list[str]:
    """The argv for `ServerApp.terminado_settings["shell_command"]`.

    `environment` is a conda environment's name or path, `python` one that has this
    package; with `offline` Go fetches nothing there.  Raises BadTerminalEnvironment.
    """
    if not environment or not environment.isprintable():
        raise BadTerminalEnvironment(environment)
    return _command(f"--env={environment}", python, offline=offline)


def hubs_shell_command(python: Path = Path(sys.executable), *, offline: bool = False) -> list[str]:
    """As `shell_command`, for whatever environment the Hub chose for the server."""
    return _command("--hub", python, offline=offline)


def _command(which: str, python: Path, *, offline: bool) -> list[str]:
    return [*entry.command("terminal", str(python)), which, *(["--offline"] if offline else [])]


def problem(environment: str | None, parent: Mapping[str, str]) -> str:
    """Why terminals would be without this environment: a sentence; "" where it is there.

    None is the one that the Hub chose.
    """
    try:
        _target(environment, parent)
    except (GoKernelError, OSError) as error:
        return f"terminals will not be in {_called(environment)}: {error}"
    return ""


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Become the person's shell, in the environment where that can be, else a bare one."""
    parser = argparse.ArgumentParser(prog="go_kernel.terminal")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--env", help="a conda environment: its name, or its path")
    which.add_argument("--hub", action="store_true", help="the environment that the Hub chose")
    parser.add_argument("--offline", action="store_true", help="Go fetches nothing")
    said = parser.parse_args(argv)
    become(_start(said.env, dict(os.environ), offline=said.offline))


def become(new: Start) -> NoReturn:
    """Replace this process; a shell that can't be run is replaced by /bin/sh."""
    # What Python ignores for itself, a shell and all its children would ignore for good.
    for name in ("SIGPIPE", "SIGXFSZ", "SIGXFZ"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    try:
        os.execve(new.program, new.argv, dict(new.variables))  # noqa: S606
    except OSError as error:
        _say(f"{new.program} can't be run: {error.strerror}.")
        os.execve("/bin/sh", ("/bin/sh", "-l"), dict(new.variables))  # noqa: S606


def _start(said: str | None, parent: Mapping[str, str], *, offline: bool = False) -> Start:
    """The shell in the environment; the bare one, and one sentence, whatever goes wrong."""
    shell = start.shell_of(parent)
    try:
        return kinds.start(shell, _wanted(said, parent, offline=offline))
    except KeyboardInterrupt:
        reason = "it was interrupted"
    except Exception as error:  # a terminal that doesn't open helps nobody
        reason = str(error) or type(error).__name__
    _say(f"This terminal is not in {_called(said)}: {reason}")
    try:  # what mends it is a command of `jupyter`, most of the time
        return kinds.start(shell, start.Wanted({}, (), parent, _servers_folder()))
    except (OSError, KeyboardInterrupt):
        return start.bare(shell, parent)


def _wanted(said: str | None, parent: Mapping[str, str], *, offline: bool = False) -> start.Wanted:
    """What the shell is to have; raises as `choose` and `resolve`, and FindingError."""
    target = _target(said, parent)
    cache, policy = Cache(cache_folder(parent)), resolve.Policy(offline=offline)
    found = resolve.resolve(target, parent, cache=cache, policy=policy).environment
    for error in found.errors:
        raise FindingError(error)
    private_places.make(found)
    return start.wanted(found, parent, _servers_folder())


def _servers_folder() -> str:
    return start.servers_folder(Path(sys.executable))


def _target(said: str | None, parent: Mapping[str, str]) -> resolve.Target:
    if said is None:
        return hub_choice.target(parent)
    return choose.environment(said, parent, Path.cwd(), _of_kernels(parent))


def _called(said: str | None) -> str:
    return "the environment that the Hub chose" if said is None else f"the environment {said!r}"


def _of_kernels(parent: Mapping[str, str]) -> Iterator[Path]:
    """The prefixes that installed kernels name: looked for only where the name isn't found."""
    from jupyter_core.paths import jupyter_path

    from go_kernel import installed, inventory

    folders = [Path(folder) for folder in jupyter_path("kernels")]
    yield from inventory.prefixes_of(installed.settled(installed.find(folders), parent))


def _say(sentence: str) -> None:
    """One line on the terminal, whatever characters are in it."""
    plain = "".join(one if one.isprintable() else repr(one)[1:-1] for one in sentence)
    line = f"jupyter-gokernel: {plain}\n"
    os.write(2, line.encode("utf-8", "backslashreplace"))


if __name__ == "__main__":
    main()
