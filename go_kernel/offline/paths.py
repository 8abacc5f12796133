"""The names that files of a bundle may have, and how the proxy protocol escapes modules.

Whatever isn't matched as a whole here is in no bundle: a name from an archive is
matched before anything is done with it.
"""

from __future__ import annotations

import re
import unicodedata

MANIFEST = "manifest.json"
SUMS = "go.sum"
PROXY = "proxy"
TOOLCHAIN = "toolchain"
# Written beside these by whoever keeps the bundle in a store; in no archive.
OF_STORE = frozenset({"bundle.json"})

# The file systems' limits are 255 bytes a part and 4096 with the folder that it lies in.
_PART_BYTES, _PATH_BYTES, _PARTS = 255, 1024, 64

# ref: https://go.dev/ref/mod#module-path and https://go.dev/ref/mod#goproxy-protocol
_ELEMENT = r"(?!\.)(?:[a-z0-9\-._~]|![a-z])*(?:[a-z0-9\-_~]|![a-z])"
_MODULE = rf"{_ELEMENT}(?:/{_ELEMENT})*"
_VERSION = r"v[0-9](?:[a-z0-9.+\-]|![a-z])*"
_PROXY = re.compile(
    rf"proxy/(?P<module>{_MODULE})/"
    rf"(?:@latest|@v/list|@v/(?P<version>{_VERSION})\.(?P<kind>info|mod|zip))"
)
_PLATFORM = r"[a-z0-9]{1,20}-[a-z0-9]{1,20}"
_TOOLCHAIN = re.compile(rf"toolchain/(?P<platform>{_PLATFORM})/go/(?P<rest>.+)", re.DOTALL)
_FORBIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\\\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)

_PLAIN_MODULE = re.compile(rf"{_MODULE.replace('![a-z]', '[A-Z]')}")
_PLAIN_VERSION = re.compile(rf"{_VERSION.replace('![a-z]', '[A-Z]')}")
PLATFORM = re.compile(_PLATFORM)


def is_module(path: str) -> bool:
    """Whether `path` is a module path, as go.mod spells it, that a bundle may hold."""
    return len(path) <= _PATH_BYTES and _PLAIN_MODULE.fullmatch(path) is not None


def is_version(version: str) -> bool:
    """Whether `version` is a canonical version (`v1.2.3`), as go.mod spells it."""
    return len(version) <= _PART_BYTES and _PLAIN_VERSION.fullmatch(version) is not None


def escaped(text: str) -> str:
    """A module's path or version as the proxy protocol spells it: `A` becomes `!a`.

    ref: https://go.dev/ref/mod#goproxy-protocol
    """
    return re.sub("[A-Z]", lambda found: "!" + found[0].lower(), text)


def unescaped(text: str) -> str:
    """What `escaped` was given."""
    return re.sub("!([a-z])", lambda found: found[1].upper(), text)


def file_of(path: str, version: str, kind: str) -> str:
    """The name in a bundle of a module's `info`, `mod` or `zip`."""
    return f"{PROXY}/{escaped(path)}/@v/{escaped(version)}.{kind}"


def list_of(path: str) -> str:
    """The name in a bundle of the list of a module's versions."""
    return f"{PROXY}/{escaped(path)}/@v/list"


def latest_of(path: str) -> str:
    """The name in a bundle of what says which of a module's versions is the newest."""
    return f"{PROXY}/{escaped(path)}/@latest"


def goroot_of(platform: str) -> str:
    """The name in a bundle of the GOROOT for a platform (`linux-amd64`)."""
    return f"{TOOLCHAIN}/{platform}/go"


def module_of(name: str) -> tuple[str, str, str] | None:
    """Module path, version and kind (`info`, `mod`, `zip`) of a file of a bundle's proxy.

    None for every other file, lists and `@latest` included.
    """
    found = _PROXY.fullmatch(name)
    if found is None or found["version"] is None:
        return None
    return unescaped(found["module"]), unescaped(found["version"]), found["kind"]


def is_allowed(name: str) -> bool:
    """Whether a file of a bundle may have this name; the manifest's is one of them."""
    if name in (MANIFEST, SUMS):
        return True
    if not _is_sane(name):
        return False
    return _PROXY.fullmatch(name) is not None or _TOOLCHAIN.fullmatch(name) is not None


def _is_sane(name: str) -> bool:
    if _FORBIDDEN.search(name) or len(name.encode()) > _PATH_BYTES:
        return False
    parts = name.split("/")
    return len(parts) <= _PARTS and all(
        part not in ("", ".", "..") and len(part.encode()) <= _PART_BYTES for part in parts
    )


def folded(name: str) -> str:
    """What two names have in common that are one file on a disk that knows no case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
