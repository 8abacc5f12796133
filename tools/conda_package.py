"""Writes conda packages and a channel's index, from plain data.

Just as much of the format as installers need: a `.conda` is a zip of two tar.zst,
one with `info/`, one with the files; `info/paths.json` tells each file's hash, and
where the install path has to be written into a text.
ref: https://github.com/conda/ceps (file formats, repodata.json)
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import zstandard

from go_kernel.digests import sha256

# Stands for the path of the environment in texts with `has_prefix`.
PREFIX = "/opt/placehold_placehold_placehold_placehold_placehold_placehold"
# Speed before size: the channel lives on this machine only.
_ZSTD_LEVEL = 1


@dataclass(frozen=True)
class Text:
    """A small text file; `PREFIX` in it becomes the environment's path."""

    content: str
    executable: bool = False

    @property
    def has_prefix(self) -> bool:
        """Whether an installer has to write the environment's path into it."""
        return PREFIX in self.content


@dataclass(frozen=True)
class Link:
    """A symbolic link, with its target as written."""

    target: str


# A Path stands for a copy of that file, with its mode.
Entry: TypeAlias = Text | Link | Path


@dataclass(frozen=True)
class Package:
    """What is in a package, and what it says of itself; `files` by path in the environment."""

    name: str
    version: str
    build: str
    subdir: str
    build_number: int = 0
    depends: tuple[str, ...] = ()
    constrains: tuple[str, ...] = ()
    files: Mapping[str, Entry] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """NAME-VERSION-BUILD."""
        return f"{self.name}-{self.version}-{self.build}"

    def index(self) -> dict[str, Any]:
        """What `info/index.json` and the channel's index say."""
        return {
            "name": self.name,
            "version": self.version,
            "build": self.build,
            "build_number": self.build_number,
            "subdir": self.subdir,
            "depends": list(self.depends),
            "constrains": list(self.constrains),
            "license": "BSD-3-Clause",
        }


def tree(root: Path, into: str, leave_out: frozenset[str] = frozenset()) -> dict[str, Entry]:
    """Each file under `root` as an entry under `into`; `leave_out` names paths below root."""
    return {
        f"{into}/{relative}": path
        for path in sorted(root.rglob("*"))
        if not path.is_dir()
        and (relative := path.relative_to(root).as_posix()) not in leave_out
        and "__pycache__" not in path.parts
    }


def write_package(package: Package, folder: Path) -> Path:
    """Write NAME-VERSION-BUILD.conda into `folder`; give back its path."""
    target = folder / f"{package.stem}.conda"
    info = {
        "info/index.json": package.index(),
        "info/about.json": {"summary": f"look-alike of conda-forge's {package.name}, for tests"},
        "info/paths.json": {"paths_version": 1, "paths": [*_paths(package)]},
    }
    texts: dict[str, Entry] = {name: Text(_json(value)) for name, value in info.items()}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("metadata.json", _json({"conda_pkg_format_version": 2}))
        for kind, files in (("info", texts), ("pkg", package.files)):
            with archive.open(f"{kind}-{package.stem}.tar.zst", "w", force_zip64=True) as member:
                compressor = zstandard.ZstdCompressor(level=_ZSTD_LEVEL, threads=-1)
                with (
                    compressor.stream_writer(member, closefd=False) as stream,
                    tarfile.open(fileobj=stream, mode="w|") as tar,
                ):
                    for name, entry in files.items():
                        _add(tar, name, entry)
    return target


def write_index(channel: Path, subdir: str, packages: Mapping[Path, Package]) -> None:
    """Write the channel's `repodata.json` files: `subdir` holds `packages`, noarch nothing."""
    records = {
        path.name: package.index() | {"sha256": sha256(path), "size": path.stat().st_size}
        for path, package in packages.items()
    }
    for name, found in ((subdir, records), ("noarch", {})):
        (channel / name).mkdir(parents=True, exist_ok=True)
        index = {"info": {"subdir": name}, "packages": {}, "packages.conda": found}
        (channel / name / "repodata.json").write_text(_json(index | {"repodata_version": 1}))


def _json(value: object) -> str:
    return json.dumps(value, indent=1, sort_keys=True) + "\n"


def _paths(package: Package) -> Iterator[dict[str, Any]]:
    for name, entry in package.files.items():
        path: dict[str, Any] = {"_path": name, "path_type": "hardlink"}
        if isinstance(entry, Path):
            path |= {"sha256": sha256(entry), "size_in_bytes": entry.stat().st_size}
        elif isinstance(entry, Text):
            content = entry.content.encode()
            path |= {"sha256": hashlib.sha256(content).hexdigest(), "size_in_bytes": len(content)}
            if entry.has_prefix:
                path |= {"prefix_placeholder": PREFIX, "file_mode": "text"}
        else:
            path["path_type"] = "softlink"
        yield path


def _add(tar: tarfile.TarFile, name: str, entry: Entry) -> None:
    # Owner, group and time are left at 0: the same input gives the same bytes.
    member = tarfile.TarInfo(name)
    if isinstance(entry, Link):
        member.type, member.linkname = tarfile.SYMTYPE, entry.target
        tar.addfile(member)
    elif isinstance(entry, Text):
        content = entry.content.encode()
        member.size, member.mode = len(content), 0o755 if entry.executable else 0o644
        tar.addfile(member, io.BytesIO(content))
    else:
        status = entry.stat()
        member.size, member.mode = status.st_size, status.st_mode & 0o777
        with entry.open("rb") as stream:
            tar.addfile(member, stream)
