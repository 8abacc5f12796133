"""A bundle's manifest: what is in it, each file with its SHA-256.

There is one way to write down one content (`to_bytes`), and nothing else is read
(`parse`): so an id, which is made from these bytes, says all of it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from go_kernel.offline import coherence, paths
from go_kernel.offline.errors import BadBundle, BundleTooLarge, BundleTooNew, NotABundle
from go_kernel.offline.parts import Engine as Engine
from go_kernel.offline.parts import File as File
from go_kernel.offline.parts import Module as Module
from go_kernel.offline.parts import Project as Project
from go_kernel.offline.parts import Toolchain as Toolchain
from go_kernel.offline.plain import open_plain

KIND = "jupyter-gokernel bundle"
FORMAT = 1
# Some 150 bytes a file: a toolchain of 15 000 files takes a seventh of it.
MAX_BYTES = 16 << 20
_MAX_OBJECTS = 250_000
# What every reader of JSON takes for one number.
_MAX_SIZE = 1 << 53
_ID_DIGITS = 16

_HEX = re.compile(r"[0-9a-f]{64}")
_H1 = re.compile(r"h1:[A-Za-z0-9+/]{43}=")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
_LIKE_AN_ID = re.compile(rf"[0-9a-f]{{{_ID_DIGITS}}}")
_MADE_BY = re.compile(r"jupyter-gokernel [0-9A-Za-z.+-]{1,40}")
_GO_VERSION = re.compile(r"[0-9][0-9A-Za-z.+-]{0,40}")
# Whatever go.mod takes for one's own: nobody downloads it.
_PROJECT = re.compile(r"[!-~]{1,500}")
_ENGINE = re.compile(r"[a-z][a-z0-9-]{0,40}")


def is_name(text: str) -> bool:
    """Whether a bundle can be called this: never as another one's id."""
    return _NAME.fullmatch(text) is not None and not _LIKE_AN_ID.fullmatch(text)


@dataclass(frozen=True)
class Manifest:
    """What a bundle holds, in whatever order; it is written down sorted.

    `name` is "" where nobody gave one.  `extras` are `PATH@VERSION`.  `files` are all
    files of the bundle but the manifest itself.
    """

    made_by: str
    go_version: str
    files: tuple[File, ...]
    modules: tuple[Module, ...] = ()
    engines: tuple[Engine, ...] = ()
    projects: tuple[Project, ...] = ()
    extras: tuple[str, ...] = ()
    toolchains: tuple[Toolchain, ...] = ()
    name: str = ""

    def to_bytes(self) -> bytes:
        """The bytes of manifest.json: the same for the same content."""
        return (json.dumps(_plain(self), indent=1, sort_keys=True) + "\n").encode()

    @cached_property
    def id(self) -> str:
        """The bundle's id: 16 hexadecimal digits."""
        return hashlib.sha256(self.to_bytes()).hexdigest()[:_ID_DIGITS]

    @cached_property
    def by_path(self) -> Mapping[str, File]:
        """Its files by their names."""
        return {one.path: one for one in self.files}

    @cached_property
    def size(self) -> int:
        """The bytes of all its files."""
        return sum(one.size for one in self.files)


def read(folder: Path) -> Manifest:
    """The manifest of an unpacked bundle; raises BadBundle, and NotABundle where there is none."""
    try:
        with open_plain(folder / paths.MANIFEST) as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or error
        raise NotABundle(folder, f"its {paths.MANIFEST} can't be read ({reason})") from error
    return parse(content, folder)


def parse(content: bytes, place: object = "") -> Manifest:
    """The manifest in `content`, every word of it checked; `place` is named in errors.

    Raises BadBundle (BundleTooLarge, BundleTooNew, NotABundle).
    """
    if len(content) > MAX_BYTES:
        raise BundleTooLarge(place, f"is larger than {MAX_BYTES >> 20} MB", paths.MANIFEST)
    if content.count(b"{") + content.count(b"[") > _MAX_OBJECTS:
        raise BundleTooLarge(place, f"lists more than {_MAX_OBJECTS} things", paths.MANIFEST)
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadBundle(place, "is damaged (no JSON)", paths.MANIFEST) from error
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise NotABundle(place, f"its {paths.MANIFEST} is none of a bundle's")
    if (found := data.get("format")) != FORMAT or isinstance(found, bool):
        if isinstance(found, int) and found > FORMAT:
            raise BundleTooNew(place, found, FORMAT)
        raise BadBundle(place, "says no format", paths.MANIFEST)
    try:
        manifest = _manifest(data)
        known = manifest.to_bytes()
    except _Odd as error:
        raise BadBundle(place, f"is damaged ({error})", paths.MANIFEST) from error
    if known != content:
        raise BadBundle(
            place, "is not as `bundle create` writes it, so that it was edited", paths.MANIFEST
        )
    for path, fault in coherence.faults(manifest.by_path, manifest.modules, manifest.toolchains):
        raise BadBundle(place, fault, path)
    return manifest


class _Odd(Exception):
    """What is wrong with a part of the manifest."""


def _plain(manifest: Manifest) -> dict[str, Any]:
    data: dict[str, Any] = {
        "kind": KIND,
        "format": FORMAT,
        "made_by": manifest.made_by,
        "go_version": manifest.go_version,
        "engines": [vars(one) for one in sorted(manifest.engines, key=lambda e: (e.name, e.pins))],
        "projects": [
            vars(one) for one in sorted(manifest.projects, key=lambda p: (p.module, p.go_sum))
        ],
        "extras": sorted(manifest.extras),
        "modules": [
            {key: value for key, value in vars(one).items() if value}
            for one in sorted(manifest.modules, key=lambda m: (m.path, m.version))
        ],
        "toolchains": [vars(t) for t in sorted(manifest.toolchains, key=lambda t: t.platform)],
        "files": [
            {key: value for key, value in vars(one).items() if value is not False}
            for one in sorted(manifest.files, key=lambda f: f.path)
        ],
    }
    return data | ({"name": manifest.name} if manifest.name else {})


def _manifest(data: Mapping[str, Any]) -> Manifest:
    modules = tuple(map(_module, _objects(data, "modules")))
    files = tuple(map(_file, _objects(data, "files")))
    _once([(one.path, one.version) for one in modules], "modules")
    _once([one.path for one in files], "files")
    toolchains = tuple(map(_toolchain, _objects(data, "toolchains")))
    _once([one.platform for one in toolchains], "toolchains")
    extras = data.get("extras")
    if not isinstance(extras, list) or not all(map(_is_extra, extras)):
        raise _Odd("extras")
    name = _text(data, "name", _NAME) if "name" in data else ""
    if name and not is_name(name):
        raise _Odd("name")
    return Manifest(
        name=name,
        made_by=_text(data, "made_by", _MADE_BY),
        go_version=_text(data, "go_version", _GO_VERSION),
        engines=tuple(
            Engine(_text(one, "name", _ENGINE), _text(one, "pins", _HEX))
            for one in _objects(data, "engines")
        ),
        projects=tuple(
            Project(_text(one, "module", _PROJECT), _text(one, "go_sum", _HEX))
            for one in _objects(data, "projects")
        ),
        extras=tuple(extras),
        modules=modules,
        toolchains=toolchains,
        files=files,
    )


def _module(data: Mapping[str, Any]) -> Module:
    path, version = data.get("path"), data.get("version")
    if not isinstance(path, str) or not paths.is_module(path):
        raise _Odd("a module's path")
    if not isinstance(version, str) or not paths.is_version(version):
        raise _Odd(f"the version of {path}")
    content = _text(data, "sum", _H1) if "sum" in data else ""
    return Module(path, version, _text(data, "go_mod_sum", _H1), content)


def _file(data: Mapping[str, Any]) -> File:
    path, size = data.get("path"), data.get("size")
    if not isinstance(path, str) or not paths.is_allowed(path) or path == paths.MANIFEST:
        raise _Odd(f"the file name {path!a:.200}")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= _MAX_SIZE:
        raise _Odd(f"the size of {path}")
    return File(path, size, _text(data, "sha256", _HEX), data.get("executable") is True)


def _toolchain(data: Mapping[str, Any]) -> Toolchain:
    return Toolchain(
        _text(data, "platform", paths.PLATFORM),
        _text(data, "go_version", _GO_VERSION),
        _text(data, "go_sha256", _HEX),
    )


def _is_extra(extra: object) -> bool:
    path, _, version = extra.partition("@") if isinstance(extra, str) else ("", "", "")
    return paths.is_module(path) and paths.is_version(version)


def _objects(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = data.get(key)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _Odd(key)
    return found


def _text(data: Mapping[str, Any], key: str, pattern: re.Pattern[str]) -> str:
    found = data.get(key)
    if not isinstance(found, str) or pattern.fullmatch(found) is None:
        raise _Odd(key)
    return found


_T = TypeVar("_T")


def _once(items: list[_T], what: str) -> None:
    if len(set(items)) != len(items):
        raise _Odd(f"two {what} of one name")
