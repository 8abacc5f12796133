"""Which packages an environment holds, by conda-meta: each with what tells it from others.

ref: https://github.com/conda/ceps/pull/124 (structure of environments)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

from go_kernel.conda.registration import without_secrets
from go_kernel.files import is_file
from go_kernel.findings import GoKernelError, Remedy
from go_kernel.platforms import SUBDIRS
from go_kernel.printable import printable
from go_kernel.variables import mask_urls

# Go's own record, with its ten thousand files, has 3 MB; the largest known have 20.
_MOST_BYTES = 64 << 20
_LONGEST = 1000
_DIGITS = {"sha256": 64, "md5": 32}


@dataclass(frozen=True)
class Package:
    """One package that is installed.

    `channel` and `url` hold no passwords and no tokens; `sha256` and `md5` are those of
    the package's archive, hexadecimal; each is "" where the record doesn't say.
    `requested_specs` are the words by which somebody asked for it, none for what came along.
    """

    name: str
    version: str
    build: str
    build_number: int = 0
    subdir: str = ""
    channel: str = ""
    url: str = ""
    sha256: str = ""
    md5: str = ""
    requested_specs: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As conda names its archive."""
        return f"{self.name}-{self.version}-{self.build}"


class PackagesError(GoKernelError):
    """Base of the ways in which an environment doesn't say what it holds."""

    id = "packages.error"


class NoPackages(PackagesError):
    """There are no records where the environment should be, or none that we may list."""

    id = "packages.none"

    def __init__(self, prefix: Path, reason: str):
        super().__init__(
            f"{printable(str(prefix))} doesn't say which packages it holds: {printable(reason)}.",
            Remedy("Name a conda environment of", ("jupyter gokernel envs --all",)),
        )
        self.prefix = prefix
        self.reason = reason


class BrokenRecord(PackagesError):
    """A package's record is damaged, or can't be read."""

    id = "packages.broken-record"

    def __init__(self, path: Path, reason: str):
        prefix, package = path.parent.parent, path.stem.rsplit("-", 2)[0]
        command = f"conda install -p {quote(str(prefix))} --force-reinstall {quote(package)}"
        super().__init__(
            f"The record {printable(str(path))} of a package can't be used: {printable(reason)}.",
            Remedy("Reinstall that package", (printable(command),)),
        )
        self.path = path
        self.reason = reason


def installed(prefix: Path) -> tuple[Package, ...]:
    """The packages of an environment, by name; raises PackagesError."""
    found: dict[str, Package] = {}
    for path in _records(prefix):
        package = _package(path)
        if package.name in found:
            # An upgrade that was broken off leaves two, and nobody knows whose files are there.
            raise BrokenRecord(path, f"{found[package.name]} is recorded as well")
        found[package.name] = package
    return tuple(found[name] for name in sorted(found))


def records(prefix: Path) -> Iterator[dict[str, Any]]:
    """What conda-meta says of each package, as it stands there; raises PackagesError."""
    return map(_content, _records(prefix))


def clean_address(address: str) -> str:
    """A channel's or package's address without password, token, query and fragment."""
    return mask_urls(without_secrets(re.split(r"[?#]", address, maxsplit=1)[0]))


def _records(prefix: Path) -> Iterator[Path]:
    folder = prefix / "conda-meta"
    try:
        names = sorted(one.name for one in folder.iterdir())
    except (OSError, ValueError) as error:
        raise NoPackages(prefix, f"{folder}: {_reason(error)}") from error
    return (folder / name for name in names if name.endswith(".json") and name[0] != ".")


def _package(path: Path) -> Package:
    record = _content(path)
    try:
        build_number = record.get("build_number") or 0
        return Package(
            name=_text(record, "name", needed=True),
            version=_text(record, "version", needed=True),
            build=_text(record, "build", needed=True),
            build_number=build_number if isinstance(build_number, int) else 0,
            subdir=_text(record, "subdir"),
            channel=_channel(_text(record, "channel")),
            url=clean_address(_text(record, "url")),
            sha256=_digest(record, "sha256"),
            md5=_digest(record, "md5"),
            requested_specs=tuple(_requested(record)),
        )
    except ValueError as error:
        raise BrokenRecord(path, str(error)) from error


def _content(path: Path) -> dict[str, Any]:
    try:
        if not is_file(path):  # opening a pipe would wait for ever
            raise BrokenRecord(path, "it is no file")
        with path.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise BrokenRecord(path, _reason(error)) from error
    if len(data) > _MOST_BYTES:
        raise BrokenRecord(path, f"it is larger than {_MOST_BYTES >> 20} MB")
    try:
        record = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BrokenRecord(path, f"it is no JSON ({error})") from error
    if not isinstance(record, dict):
        raise BrokenRecord(path, "it holds no package")
    return record


def _text(record: dict[str, Any], key: str, *, needed: bool = False) -> str:
    value = record.get(key)
    text = value if isinstance(value, str) and len(value) <= _LONGEST else ""
    if needed and not re.fullmatch(r"[!-~]+", text):
        raise ValueError(f"its {key} is missing or nothing that conda would write")
    return printable(text)


def _digest(record: dict[str, Any], key: str) -> str:
    text = _text(record, key).lower()
    return text if re.fullmatch(f"[0-9a-f]{{{_DIGITS[key]}}}", text) else ""


def _channel(said: str) -> str:
    """A channel by one name, whoever wrote the record: conda adds the subdir, rattler a slash."""
    address = clean_address(said).rstrip("/")
    before, _, last = address.rpartition("/")
    return before if before and (last == "noarch" or last in SUBDIRS) else address


def _requested(record: dict[str, Any]) -> Iterator[str]:
    """The words in which it was asked for: one of conda's, at times `None`; a list of rattler's."""
    several = record.get("requested_specs")
    one = record.get("requested_spec")
    for spec in [*(several if isinstance(several, list) else ()), one]:
        if isinstance(spec, str) and spec not in ("", "None") and len(spec) <= _LONGEST:
            words = spec.partition("#")[0].strip()
            yield mask_urls(without_secrets(printable(words)))


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)
