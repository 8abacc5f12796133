"""The administrator's templates for places, filled in for one server.

A user's name may be anything but empty and may hold anything but `/`; `..` is one.  As
it stands it is refused where it would lead elsewhere; escaped, no two names give the
same folder, and none gives another one than a folder of its own.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from go_kernel.hub.errors import BadSetting

FIELDS = ("username", "unescaped_username", "servername", "unescaped_servername", "environment")
_USERS = frozenset({"username", "unescaped_username"})
_WHOLE = frozenset(f"{{{field}}}" for field in _USERS)
_FIELD = re.compile(r"\{(\w+)\}")
_SAFE = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_DEFAULT_SERVER = "default"
# As much as a name may have on the file systems that we know.
_LONGEST_NAME = 255


def escaped(name: str) -> str:
    """A name in small letters, digits and dashes; different names give different ones.

    As escapism does it, with two digits for every byte: `-` and the byte in hexadecimal.
    ref: https://github.com/minrk/escapism
    """
    return "".join(
        one if one in _SAFE else "".join(f"-{b:02x}" for b in one.encode("utf-8", "surrogatepass"))
        for one in name
    )


def fields(user: str, server: str, environment: str) -> dict[str, str]:
    """What a template may name; the server without a name is called `default`."""
    return {
        "username": escaped(user),
        "unescaped_username": user,
        "servername": escaped(server) if server else _DEFAULT_SERVER,
        "unescaped_servername": server or _DEFAULT_SERVER,
        "environment": environment,
    }


@functools.lru_cache(maxsize=256)  # asked for the same few, at each start
def check(name: str, template: str, *, shared: bool) -> None:
    """Raise BadSetting for a template that no server could use.

    `shared`: its folder is on a file system that all users' servers see, so a user's name
    has to be a folder's whole name in it: a cache that two may write is one that either may
    poison, and `a` with the server `bc` is no other than `ab` with `c` side by side.

    What is wrong is said without the template, which may hold what isn't for a log.
    """
    found = _FIELD.findall(template)
    for field in found:
        if field not in FIELDS:
            raise BadSetting(name, f"{{{field}}} is not one of {_spoken()}")
    if re.search(r"[{}]", _FIELD.sub("", template)):
        raise BadSetting(name, "a brace in it belongs to no field")
    if not template.startswith("/"):
        raise BadSetting(name, "it is no absolute path")
    _check_path(name, _FIELD.sub("x", template))
    if shared and _USERS.isdisjoint(found):
        raise BadSetting(name, "it names no user, and all users would share it")
    if shared and _WHOLE.isdisjoint(template.split("/")):
        reason = "the user's name is no folder's whole name in it (/{username}/), and users "
        raise BadSetting(name, f"{reason}would share it")


def filled(name: str, template: str, values: Mapping[str, str]) -> str:
    """A checked template with its fields filled in; raises BadSetting."""

    def one(match: re.Match[str]) -> str:
        value = values[match[1]]
        # A server without Go environment leaves no name for a folder, either.
        if value in ("", ".", "..") or "/" in value:
            raise BadSetting(name, f"{{{match[1]}}} would be {value!r}, which names no folder")
        return value

    path = _FIELD.sub(one, template)
    _check_path(name, path)
    return path


def _check_path(name: str, path: str) -> None:
    # Go takes a colon for the end of a folder's name.
    if not path.isprintable() or ":" in path:
        raise BadSetting(name, "it holds a colon, a line break, or what can't be printed")
    parts = path.split("/")
    if "." in parts or ".." in parts:
        raise BadSetting(name, "it holds `.` or `..`")
    if len(path) > _LONGEST_NAME // 4 and any(len(part.encode()) > _LONGEST_NAME for part in parts):
        raise BadSetting(name, "a name in it has more than 255 bytes")


def _spoken() -> str:
    return ", ".join(f"{{{field}}}" for field in FIELDS)
