"""What conda-lock wrote: which packages at which URLs, solved from what; and notes put beside.

Only the notes in `metadata.custom_metadata` are ever changed, as conda-lock has them for
others: an entry's URL and hash can't be edited into another version, that takes a new solve.

ref: https://github.com/conda/conda-lock/blob/main/conda_lock/lockfile/v1/models.py
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from ruamel.yaml.nodes import MappingNode, Node

from go_kernel import yamlfile
from go_kernel.conda import lock_entries
from go_kernel.variables import mask_urls
from go_kernel.yamlfile import Edit, Yaml

NAME = "conda-lock.yml"
_VERSION = 1
_MANAGERS = ("conda", "pip")
# A private channel's token is part of its address, also as a variable's name.
_TOKEN = re.compile(r"/t/[^/]+(?=/)")


@dataclass(frozen=True)
class Locked:
    """One package for one platform; `url` without credentials, `build` "" where unknown."""

    name: str
    version: str
    build: str
    manager: str
    platform: str
    url: str
    md5: str
    sha256: str
    category: str
    optional: bool


@dataclass(frozen=True)
class LockFile:
    """One conda-lock.yml.

    `content_hash` has conda-lock's own hash of what was asked for by platform, `channels`
    are URLs or names without credentials, `sources` the files it was solved from as it
    names them, `custom` everybody's own notes.
    """

    yaml: Yaml
    packages: tuple[Locked, ...]
    content_hash: Mapping[str, str]
    channels: tuple[str, ...]
    platforms: tuple[str, ...]
    sources: tuple[str, ...]
    custom: Mapping[str, str]

    def find(self, name: str, platform: str, manager: str = "conda") -> Locked | None:
        """What is locked under a name for a platform; None where nothing is."""
        return self._by_key().get((manager, platform, name))

    def _by_key(self) -> dict[tuple[str, str, str], Locked]:
        return {(one.manager, one.platform, one.name): one for one in self.packages}


def read(path: Path) -> LockFile:
    """The lock file at `path`; raises `yamlfile.BadYaml`, also for what is no lock file."""
    text, mode = yamlfile.text_of(path, yamlfile.LOCK_FILE)
    return parse(path, text, mode=mode)


def parse(path: Path, text: str, *, mode: int = 0o644) -> LockFile:
    """As `read`, of a text; `path` is what errors name."""
    written = lock_entries.of(text)
    nodes: list[Node | None]
    if written is None:
        yaml = yamlfile.parse(path, text, mode=mode)
        root = _mapping(yaml, yaml.data, "it")
        nodes = [*yamlfile.items(yamlfile.child(yaml.root, "package"))]
        entries: Any = root.get("package")
    else:
        begin, entries = written
        # Places count from the beginning, so what edits need is the same.
        yaml = replace(yamlfile.parse(path, text[:begin], mode=mode), text=text)
        nodes = [None] * len(entries)
    return _parsed(yaml, entries, nodes)


def _parsed(yaml: Yaml, entries: Any, nodes: Sequence[Node | None]) -> LockFile:
    root = _mapping(yaml, yaml.data, "it")
    version = root.get("version")
    if version != _VERSION or isinstance(version, bool):
        said = "says no version" if version is None else f"is of version {version}"
        reason = f"it {said}, and conda-lock's version {_VERSION} is what is read"
        if version == str(_VERSION):
            reason = f"its version is a text, to be written as the number {version}, without quotes"
        raise yaml.bad(reason, yamlfile.child(yaml.root, "version"))
    metadata = _mapping(yaml, root.get("metadata"), "metadata")
    listed = zip(_list(yaml, entries, "package"), nodes, strict=True)
    return LockFile(
        yaml=yaml,
        packages=tuple(_locked(yaml, *one) for one in listed),
        content_hash=_texts(yaml, metadata.get("content_hash"), "metadata.content_hash"),
        channels=_channels(yaml, metadata.get("channels")),
        platforms=_names(yaml, metadata.get("platforms"), "metadata.platforms"),
        sources=_names(yaml, metadata.get("sources"), "metadata.sources"),
        custom=_texts(yaml, metadata.get("custom_metadata") or {}, "metadata.custom_metadata"),
    )


def noted(lock: LockFile, notes: Mapping[str, str]) -> str:
    """The file's text with these entries among its custom metadata, and all else as it was."""
    metadata = yamlfile.child(lock.yaml.root, "metadata")
    custom = yamlfile.child(metadata, "custom_metadata")
    if isinstance(custom, MappingNode):
        return lock.yaml.edited([_set(lock.yaml, custom, *one) for one in _merged(custom, notes)])
    entries = ", ".join(f"{key}: {yamlfile.quoted(value)}" for key, value in notes.items())
    if custom is not None:
        return lock.yaml.edited([_instead_of_null(lock.yaml, metadata, f" {{{entries}}}")])
    assert isinstance(metadata, MappingNode)  # `parsed` saw to it
    if metadata.flow_style:
        return lock.yaml.edited([_first(lock.yaml, metadata, f"custom_metadata: {{{entries}}}")])
    end, inner = _line_end(lock.yaml), " " * (metadata.start_mark.column + 2)
    lines = [f"{inner}{key}: {yamlfile.quoted(value)}" for key, value in notes.items()]
    block = end.join(["custom_metadata:", *lines])
    return lock.yaml.edited([_first(lock.yaml, metadata, block)])


def _instead_of_null(yaml: Yaml, metadata: Node | None, text: str) -> Edit:
    key, null = next(
        (key, value) for name, key, value in yamlfile.entries(metadata) if name == "custom_metadata"
    )
    start, end = null.start_mark.index, null.end_mark.index
    if start == end:  # nothing is written, and its place is that of what comes next
        start = end = yaml.text.index(":", key.end_mark.index) + 1
    return Edit(start, end, text)


def _merged(custom: MappingNode, notes: Mapping[str, str]) -> list[tuple[dict[str, str], Node]]:
    """Which notes go where: each on its own value, the new ones together."""
    there = {key: value for key, _, value in yamlfile.entries(custom)}
    changed = [({key: text}, there[key]) for key, text in notes.items() if key in there]
    new = {key: text for key, text in notes.items() if key not in there}
    return [*changed, *([(new, custom)] if new else [])]


def _set(yaml: Yaml, custom: MappingNode, notes: Mapping[str, str], node: Node) -> Edit:
    if node is not custom:
        (value,) = notes.values()
        return Edit(node.start_mark.index, node.end_mark.index, yamlfile.quoted(value))
    lines = [f"{key}: {yamlfile.quoted(value)}" for key, value in notes.items()]
    between = ", " if custom.flow_style else _line_end(yaml) + " " * custom.start_mark.column
    return _first(yaml, custom, between.join(lines))


def _first(yaml: Yaml, mapping: MappingNode, text: str) -> Edit:
    """`text` as a mapping's first entry: before it there is nothing that belongs to another."""
    if mapping.flow_style:
        at = mapping.start_mark.index + 1
        return Edit(at, at, f"{text}, " if mapping.value else text)
    key = mapping.value[0][0]
    at = key.start_mark.index
    return Edit(at, at, f"{text}{_line_end(yaml)}{' ' * key.start_mark.column}")


def _line_end(yaml: Yaml) -> str:
    return "\r\n" if "\r\n" in yaml.text else "\n"


def _locked(yaml: Yaml, entry: Any, node: Node | None) -> Locked:
    if not isinstance(entry, dict):
        raise yaml.bad("a package is no mapping", node)
    texts = {
        key: _text(yaml, entry.get(key), f"a package's {key}", node)
        for key in ("name", "version", "manager", "platform", "url")
    }
    if texts["manager"] not in _MANAGERS:
        raise yaml.bad(f"the manager {texts['manager']} isn't conda or pip", node)
    hashes = entry.get("hash")
    if not isinstance(hashes, dict):
        raise yaml.bad(f"the package {texts['name']} has no hash", node)
    for kind in ("md5", "sha256"):
        if not isinstance(hashes.get(kind), str | None):
            said = f"the {kind} of the package {texts['name']} is to be put in quotes, as a text"
            raise yaml.bad(said, node)
    if texts["manager"] == "conda" and not hashes.get("md5"):
        raise yaml.bad(f"the package {texts['name']} has no MD5, which conda-lock wants", node)
    url = texts.pop("url")
    return Locked(
        **texts,
        url=redacted(url),
        build=str(entry.get("build") or _build_in(url, texts["name"], texts["version"])),
        md5=str(hashes.get("md5") or ""),
        sha256=str(hashes.get("sha256") or ""),
        category=str(entry.get("category") or "main"),
        optional=bool(entry.get("optional")),
    )


def redacted(url: str) -> str:
    """A package's or channel's URL as it may be shown: no user, password, query or token."""
    return _TOKEN.sub("/t/<TOKEN>", mask_urls(url))


def _build_in(url: str, name: str, version: str) -> str:
    """The build as a conda package's file name has it, for conda-lock leaves it out."""
    try:
        file = unquote(PurePosixPath(urlsplit(url).path).name)
    except ValueError:
        return ""
    stem = file.removesuffix(".conda").removesuffix(".tar.bz2")
    before = f"{name}-{version}-"
    return stem.removeprefix(before) if stem != file and stem.startswith(before) else ""


def _channels(yaml: Yaml, value: Any) -> tuple[str, ...]:
    found = []
    for one in _list(yaml, value, "metadata.channels"):
        said = one.get("url") if isinstance(one, dict) else one
        found.append(redacted(_text(yaml, said, "a channel's url")))
    return tuple(found)


def _names(yaml: Yaml, value: Any, what: str) -> tuple[str, ...]:
    return tuple(_text(yaml, one, f"an entry of {what}") for one in _list(yaml, value, what))


def _texts(yaml: Yaml, value: Any, what: str) -> dict[str, str]:
    mapping = _mapping(yaml, value, what)
    return {str(key): _text(yaml, one, f"{what}.{key}") for key, one in mapping.items()}


def _text(yaml: Yaml, value: Any, what: str, node: Node | None = None) -> str:
    if not isinstance(value, str):
        raise yaml.bad(f"{what} is missing" if value is None else f"{what} is no text", node)
    return str(value)


def _list(yaml: Yaml, value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise yaml.bad(f"{what} is missing" if value is None else f"{what} is no list")
    return value


def _mapping(yaml: Yaml, value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise yaml.bad(f"{what} is missing" if value is None else f"{what} is no mapping")
    return value
