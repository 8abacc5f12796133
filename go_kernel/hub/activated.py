"""From an environment's files to what a server in it is given.

It reads files and runs activation scripts: never on the Hub's event loop.  A script is
run for prefixes of which only root or the Hub's own user could have written a single
file, and with hardly an input: what it does must not depend on a user, nor read a user's files with
the Hub's rights.  For other prefixes nothing is looked at; the user's own server does
that with the user's rights.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from go_kernel import toolchain
from go_kernel.cache import Cache
from go_kernel.conda import activation, scripts, static
from go_kernel.files import is_folder, is_forbidden
from go_kernel.findings import GoKernelError, Status
from go_kernel.folders import NOWHERE
from go_kernel.hub import throughout, trusted
from go_kernel.hub.errors import Broken
from go_kernel.variables import mask_urls

# All that scripts get to know of the Hub.
INPUTS = ("LANG", "LC_ALL", "LC_CTYPE")
_MOST_REMEMBERED = 200
# Of the time for the scripts, how long the prefix may be looked through before them.
_WALKS_SHARE = 0.5
# What a script reads may change without the script; one that hung for a server of
# licences need not hang for the next one who starts.
_KEEP = activation.Keep(results=600, failures=30)


@dataclass(frozen=True)
class Activated:
    """What to set in a server (None is "unset"), and what stands before and behind PATH.

    `untrusted` says why nothing was looked at; `notes` are sentences for the Hub's log.
    """

    prefix: Path
    variables: Mapping[str, str | None] = field(default_factory=dict)
    front: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    untrusted: str = ""
    notes: tuple[str, ...] = ()


class _Memory(Cache):
    """A cache in this process alone: what the Hub knows of credentials is in no file."""

    def __init__(self) -> None:
        super().__init__(NOWHERE)
        self._values: OrderedDict[tuple[str, ...], bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, *key: str) -> bytes | None:
        with self._lock:
            return self._values.get(key)

    def put(self, value: bytes, *key: str) -> None:
        with self._lock:
            self._values[key] = value
            while len(self._values) > _MOST_REMEMBERED:
                self._values.popitem(last=False)


_MEMORY = _Memory()


def look(id: str, prefix: Path, inputs: Mapping[str, str], timeout: float) -> Activated:
    """What a server in `prefix` is given; raises Broken.

    Of `inputs` only INPUTS count; `timeout` (seconds) is for the scripts, and half as much
    for the look through the prefix.
    """
    if not is_folder(prefix) and not is_forbidden(prefix):
        raise Broken(id, f"there is no folder {prefix}.")
    try:
        untrusted = trusted.problem(prefix, _parts(prefix)) or throughout.problem(
            prefix, timeout * _WALKS_SHARE
        )
        if untrusted:
            return Activated(prefix, untrusted=untrusted)
        found = toolchain.in_prefix(prefix)
        changed = activation.activate(
            prefix,
            prefix.name,
            {name: inputs[name] for name in INPUTS if name in inputs},
            cache=_MEMORY,
            timeout=timeout,
            keep=_KEEP,
            quote=False,
        )
    except GoKernelError as error:
        raise Broken(id, error.summary) from error
    except OSError as error:  # a network file system's, above all
        raise Broken(id, f"{prefix} can't be read ({error.strerror}).") from error
    return _given(changed, found)


def _parts(prefix: Path) -> list[Path]:
    """What decides what an activation does, and which Go there is."""
    return [
        prefix / "bin",
        prefix / "bin" / "go",
        prefix / "conda-meta",
        prefix / "etc" / "conda" / "activate.d",
        *scripts.scripts_of(prefix),
        prefix / "etc" / "conda" / "env_vars.d",
        *static.files(prefix),
    ]


def _given(changed: activation.Activation, found: toolchain.Toolchain) -> Activated:
    variables: dict[str, str | None] = {one.name: one.value for one in changed.changes}
    variables |= {"GOROOT": str(found.goroot), "GOTOOLCHAIN": "local"}
    notes = [mask_urls(str(one)) for one in changed.findings if one.status is not Status.OK]
    for name in [name for name, value in variables.items() if value and not _is_text(value)]:
        del variables[name]
        notes.append(f"{name} of an activation is left out: its value is no UTF-8.")
    front = _trusted_folders(changed.path_front, notes)
    back = _trusted_folders(changed.path_back, notes)
    return Activated(changed.prefix, variables, front, back, notes=tuple(notes))


def _is_text(value: str) -> bool:
    """Whether all spawners can hand it on: some write it into a file, or into JSON."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _trusted_folders(folders: tuple[str, ...], notes: list[str]) -> tuple[str, ...]:
    """Those that others can't put a program into: the Hub may look one up there itself."""
    kept = []
    for folder in folders:
        if not _is_text(folder):
            notes.append(f"{folder!a} of an activation is not put on PATH: it is no UTF-8.")
            continue
        problem = trusted.problem(Path(folder), ())
        if problem:
            notes.append(f"{folder} of an activation is not put on PATH: {problem}.")
        else:
            kept.append(folder)
    return tuple(kept)
