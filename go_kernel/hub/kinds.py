"""What a class of spawners is like, from the classes that it is made of.

Looked up by module names, so that no spawner has to be installed or imported.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from go_kernel.conda.scripts import SYSTEM_PATH


@dataclass(frozen=True)
class Kind:
    """How a spawner's servers live.

    `shares_files`: they see the files that the Hub sees.  `own_command`: the Hub looks
    the server's command up on the PATH that it gives to the server.  `submits`: the Hub
    runs programs of its own, `sudo` and `sbatch`, with the server's variables.  `expands`:
    `$(NAME)` in a variable's value is replaced on the way.  `path` is the PATH of a server
    whose spawner sets none; "" where it is for others to say, as the login shell of a job's
    user.
    """

    shares_files: bool = False
    own_command: bool = False
    submits: bool = False
    expands: bool = False
    path: str = ""


_ELSEWHERE = Kind()
_KINDS = {
    "jupyterhub.spawner.LocalProcessSpawner": Kind(
        shares_files=True, own_command=True, path=SYSTEM_PATH
    ),
    "sudospawner": Kind(shares_files=True),
    # ref: https://www.freedesktop.org/software/systemd/man/systemd.exec.html#$PATH
    "systemdspawner": Kind(shares_files=True, own_command=True, path=SYSTEM_PATH),
    "batchspawner": Kind(shares_files=True, submits=True),
    "kubespawner": Kind(expands=True),
}


@functools.cache
def kind_of(cls: type) -> Kind:
    """The kind of a class; one that nobody knows runs its servers elsewhere."""
    for base in cls.__mro__:
        for name in (f"{base.__module__}.{base.__qualname__}", base.__module__.partition(".")[0]):
            if name in _KINDS:
                return _KINDS[name]
    return _ELSEWHERE


def comes_from(cls: type, name: str) -> bool:
    """Whether `name` ("module.Class", by the top module) is among a class's bases."""
    return any(_short(base) == name for base in cls.__mro__)


def position(cls: type, name: str) -> int:
    """Where in its method resolution order a class has a base; -1 for nowhere."""
    found = [at for at, base in enumerate(cls.__mro__) if _short(base) == name]
    return found[0] if found else -1


def _short(base: type) -> str:
    return f"{base.__module__.partition('.')[0]}.{base.__qualname__}"
