"""The six scripts of an environment as text, and what they were made of read back.

The first script carries, in a comment, all that the six are made of: so there is no other
file, and whether somebody changed them is seen by making them again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from go_kernel.hooks import fish, sh, tcsh, words
from go_kernel.hooks.wanted import Hooks, HookVariable, Stamp

# conda runs scripts by name: behind those of packages, and first of all on the way back.
_STEM = "zz-gokernel"
_ACTIVATE, _DEACTIVATE = "etc/conda/activate.d", "etc/conda/deactivate.d"
_ENDINGS: Mapping[str, str] = MappingProxyType({"sh": "sh", "fish": "fish", "tcsh": "csh"})
FOLDERS = (_ACTIVATE, _DEACTIVATE)
# Those that give back come first: no shell is to find what sets and not what undoes it.
PLACES = tuple(
    f"{folder}/{_STEM}.{ending}"
    for folder in (_DEACTIVATE, _ACTIVATE)
    for ending in _ENDINGS.values()
)
_RECORD = f"{_ACTIVATE}/{_STEM}.sh"
_KEY = "jupyter-gokernel hooks"
# To be raised whenever the scripts change.
_FORMAT = 1
_LONGEST_RECORD = 1_000_000

_Script = Callable[[Hooks], Iterator[str]]
_SHELLS: Mapping[str, tuple[_Script, _Script]] = MappingProxyType(
    {
        "sh": (sh.activate, sh.deactivate),
        "fish": (fish.activate, fish.deactivate),
        "tcsh": (tcsh.activate, tcsh.deactivate),
    }
)


def texts(hooks: Hooks) -> dict[str, bytes]:
    """Each script by its path below the prefix, in the order in which they are written."""
    return {place: _text(hooks, place) for place in PLACES}


def place_of(shell: str, *, activate: bool = True) -> str:
    """The path below the prefix of a shell's script; raises KeyError for an unknown shell."""
    return f"{_ACTIVATE if activate else _DEACTIVATE}/{_STEM}.{_ENDINGS[shell]}"


def is_ours(content: bytes) -> bool:
    """Whether we wrote a script, changed or not."""
    return content.startswith(f"# {words.MARK}\n".encode())


def made_of(content: bytes) -> Hooks | None:
    """What the first script says the six are made of; None where it says nothing usable."""
    lines = content[:_LONGEST_RECORD].split(b"\n", 2)
    if len(lines) < 2:
        return None
    try:
        said = json.loads(lines[1].removeprefix(b"# "))[_KEY]
        return _unpacked(said) if said["format"] == _FORMAT else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _text(hooks: Hooks, place: str) -> bytes:
    ending = place.rpartition(".")[2]
    shell = next(shell for shell, known in _ENDINGS.items() if known == ending)
    activate, deactivate = _SHELLS[shell]
    lines = activate(hooks) if place.startswith(_ACTIVATE) else deactivate(hooks)
    record = [f"# {json.dumps({_KEY: _packed(hooks)})}"] if place == _RECORD else []
    return "\n".join((f"# {words.MARK}", *record, *lines, "")).encode("utf-8", "surrogateescape")


def _packed(hooks: Hooks) -> dict[str, object]:
    return {
        "format": _FORMAT,
        "prefix": str(hooks.prefix),
        "go": str(hooks.go),
        "goos": hooks.goos,
        "size": hooks.stamp.size,
        "mtime": hooks.stamp.mtime,
        "variables": [[one.name, one.value, one.origin] for one in hooks.variables],
        "made": list(hooks.made),
    }


def _unpacked(said: Mapping[str, object]) -> Hooks:
    """Raises KeyError, TypeError and ValueError for what isn't as `_packed` made it."""
    variables, made = said["variables"], said["made"]
    if not isinstance(variables, list) or not isinstance(made, list):
        raise TypeError
    if not set(made) <= {"etc", "etc/conda", *FOLDERS}:
        raise ValueError
    return Hooks(
        Path(str(said["prefix"])),
        Path(str(said["go"])),
        Stamp(int(str(said["size"])), int(str(said["mtime"]))),
        tuple(_variable(*one) for one in variables),
        str(said["goos"]),
        tuple(made),
    )


def _variable(name: object, value: object, origin: object) -> HookVariable:
    return HookVariable(str(name), None if value is None else str(value), str(origin))
