"""What a shell has to do at its start, and the process that is started for that.

A login shell's files may set PATH anew, as Debian's /etc/profile does: whatever was in
the process's variables before is lost.  So the variables are set last, by commands
in a file that the shell reads.  The file may hold credentials: it lies in a private
folder, and the shell's first act is to remove it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from go_kernel import shells
from go_kernel.environment import GoEnvironment, Layer

_FRONT = "_GOKERNEL_FRONT"
_BACK = "_GOKERNEL_BACK"


@dataclass(frozen=True)
class Wanted:
    """What is to hold once a person's files were read.

    `variables` are set, those with None unset; the folders `front` are put before
    whatever PATH there is then, and the folder `back` behind it where no `jupyter` would
    be found; `before` are the process's variables until then.
    """

    variables: Mapping[str, str | None]
    front: tuple[str, ...]
    before: Mapping[str, str]
    back: str = ""

    def commands(self, shell: str) -> list[str]:
        """As commands of `sh`, `fish` or `tcsh`."""
        lines = list(shells.commands(shell, self.variables))
        parts = ((_FRONT, os.pathsep.join(self.front), _PREPEND), (_BACK, self.back, _APPEND))
        for name, value, change in parts:
            if value:
                lines += shells.commands(shell, {name: value})
                lines += [change[shell], *shells.commands(shell, {name: None})]
        return lines

    def path(self, path: str) -> str:
        """As the commands would leave this PATH, for a shell that reads none."""
        entries = [*self.front, *([path] if path else [])]
        if self.back and not shutil.which(_JUPYTER, path=os.pathsep.join(entries)):
            entries.append(self.back)
        return os.pathsep.join(entries)


_JUPYTER = "jupyter"
_PREPEND = {
    "sh": f'PATH="${_FRONT}${{PATH:+:$PATH}}"; export PATH;',
    "fish": f"set -gx PATH (string split : -- ${_FRONT}) $PATH;",
    "tcsh": f'setenv PATH "${{{_FRONT}}}:${{PATH}}";',
}
# tcsh: `which` has words for what isn't there, `where` has none.
_APPEND = {
    "sh": f"command -v {_JUPYTER} >/dev/null 2>&1 || "
    f'{{ PATH="${{PATH:+$PATH:}}${_BACK}"; export PATH; }};',
    "fish": f"type -q {_JUPYTER}; or set -gx PATH $PATH ${_BACK};",
    "tcsh": f'if ("`where {_JUPYTER}`" == "") setenv PATH "${{PATH}}:${{{_BACK}}}"',
}


@dataclass(frozen=True)
class Start:
    """A process to become: the program, its argv, and all of its variables."""

    program: str
    argv: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)


def wanted(found: GoEnvironment, parent: Mapping[str, str], back: str = "") -> Wanted:
    """What a terminal for this environment needs, where `parent` would start a bare one.

    A person's files see the parent's variables, with an inherited activation undone and
    without this environment's: `conda activate base` in a .bashrc is then no second
    activation on top of ours.
    """
    variables = found.about_go(parent)
    path = variables.pop("PATH", None) or ""
    inherited = parent.get("PATH", "").split(os.pathsep)
    front, rest = _divided(path.split(os.pathsep), inherited, found)
    before = dict(parent)
    for name, one in found.variables.items():
        if one.value is not None and one.origin.layer is Layer.PARENT:
            before[name] = one.value  # an old prefix's folders are out of LD_LIBRARY_PATH
        elif name in variables and name not in shells.SHELLS_OWN:
            before.pop(name, None)
    before["PATH"] = os.pathsep.join(rest)
    return Wanted(variables, tuple(front), before, back)


def _divided(
    path: Sequence[str], inherited: Sequence[str], found: GoEnvironment
) -> tuple[list[str], list[str]]:
    """The entries of PATH that are this environment's, and those that were there before."""
    own = [str(place) for place in (found.prefix, found.toolchain.goroot) if place is not None]

    def is_own(entry: str) -> bool:
        inside = any(entry == place or entry.startswith(f"{place}/") for place in own)
        return inside or entry not in inherited

    return [entry for entry in path if is_own(entry)], [e for e in path if not is_own(e)]


def shell_of(env: Mapping[str, str]) -> str:
    """The person's shell: SHELL, else the account's, else a plain one."""
    candidates = [env.get("SHELL", "")]
    with suppress(KeyError):  # a number without an account, as containers have them
        candidates.append(pwd.getpwuid(os.getuid()).pw_shell)
    for shell in candidates:
        if shell.startswith("/") and os.access(shell, os.X_OK):
            return shell
    return shutil.which("bash") or "/bin/sh"


def servers_folder(python: Path) -> str:
    """Where the `jupyter` of this Python is; "" for nowhere, or where PATH can't name it.

    Our sentences tell people to run it, and a login shell's files often lose the server's
    folder.
    """
    folder = str(python.parent)
    named = folder.startswith("/") and os.pathsep not in folder
    return folder if named and os.access(python.parent / _JUPYTER, os.X_OK) else ""


def bare(shell: str, env: Mapping[str, str]) -> Start:
    """The login shell that a terminal without us would have."""
    return Start(shell, (shell, "-l"), env)


class Folder:
    """A private folder for what the shell reads, which the shell removes."""

    def __init__(self, path: Path):
        self.path = path

    @classmethod
    def make(cls) -> Folder:
        """A new one; raises OSError."""
        return cls(Path(tempfile.mkdtemp(prefix="gokernel-terminal-")))

    def write(self, name: str, shell: str, lines: Sequence[str]) -> Path:
        """A file of commands for `shell`, the first of which removes the folder."""
        remove = f"{_rm()} -rf -- {shells.quoted(shell, str(self.path))};"
        path = self.path / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            # A path in a value may be any bytes.
            stream.write(os.fsencode("\n".join((remove, *lines, ""))))
        return path

    def remove(self) -> None:
        """Where no shell will."""
        shutil.rmtree(self.path, ignore_errors=True)


def _rm() -> str:
    """By its path: a person's alias of `rm` may ask first."""
    return shutil.which("rm", path="/bin:/usr/bin") or "rm"
