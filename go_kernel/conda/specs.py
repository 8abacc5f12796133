"""Does an installed package fulfil what was asked for?  conda's own words for that, by py-rattler.

Nothing but parsing and comparing happens here: unlike solving and installing, which have a
process of their own (`rattler_child.py`), that starts no threads of rattler's.
ref: https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html#package-match-specifications
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import urlsplit

from go_kernel.conda.create import INSTALL_COMMAND
from go_kernel.findings import GoKernelError

_URL = re.compile(r'url="([^"]*)"')
_ARCHIVE = re.compile(r"\.(conda|tar\.bz2)$")


class Installed(Protocol):
    """What is looked at of a package: conda-meta's words, "" where it says nothing."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> str: ...  # noqa: D102
    @property
    def build(self) -> str: ...  # noqa: D102
    @property
    def build_number(self) -> int: ...  # noqa: D102
    @property
    def subdir(self) -> str: ...  # noqa: D102
    @property
    def channel(self) -> str: ...  # noqa: D102
    @property
    def sha256(self) -> str: ...  # noqa: D102
    @property
    def md5(self) -> str: ...  # noqa: D102


class RattlerMissing(GoKernelError):
    """The optional part that knows conda's words isn't installed."""

    id = "specs.rattler-missing"

    def __init__(self) -> None:
        super().__init__(
            "py-rattler, which reads conda's package specifications, is not installed.",
            f"Run: {INSTALL_COMMAND}",
        )


class BadSpec(GoKernelError):
    """What is no specification of a package; `spec` is what was written, `reason` why not."""

    id = "specs.bad"

    def __init__(self, spec: str, reason: str):
        super().__init__(f"{spec!r} names no package as conda does: {reason}.")
        self.spec = spec
        self.reason = reason


def problem(spec: str) -> str:
    """Why `spec` is none, in rattler's words; "" where it is one.  Raises RattlerMissing."""
    try:
        _parsed(spec)
    except BadSpec as error:
        return error.reason
    return ""


def name_of(spec: str) -> str:
    """The package that is asked for, in small letters; raises BadSpec and RattlerMissing."""
    return str(_parsed(spec).name.normalized)


def matches(spec: str, package: Installed) -> bool:
    """Whether a package is one that `spec` allows.

    A channel is compared by its name, since a mirror has another address.  Raises BadSpec
    and RattlerMissing.
    """
    wanted = _parsed(spec)
    return (
        _record_fits(wanted, package)
        and _channel_fits(wanted, package)
        and _file_fits(wanted, package)
    )


def is_of_another_channel(spec: str, package: Installed) -> bool:
    """Whether its channel is all that keeps a package from being allowed; raises as `matches`."""
    wanted = _parsed(spec)
    fits = _record_fits(wanted, package) and _file_fits(wanted, package)
    return fits and not _channel_fits(wanted, package)


def channel_of(package: Installed) -> str:
    """The name by which a package's channel is compared."""
    return _spoken(package.channel)


@lru_cache(maxsize=512)
def _parsed(spec: str) -> Any:
    try:
        from rattler import MatchSpec
        from rattler.exceptions import InvalidMatchSpecError
    except ImportError as error:
        raise RattlerMissing from error
    try:
        parsed = MatchSpec(spec)
    except (InvalidMatchSpecError, ValueError, TypeError) as error:
        raise BadSpec(spec, str(error).splitlines()[0].rstrip(".")) from error
    if parsed.name is None:
        raise BadSpec(spec, "it names none")
    return parsed


def _record_fits(wanted: Any, package: Installed) -> bool:
    from rattler import PackageRecord
    from rattler.exceptions import InvalidVersionError
    from rattler.package import BuildString

    try:
        record = PackageRecord(
            package.name,
            package.version,
            BuildString(package.build),
            package.build_number,
            package.subdir or "noarch",
            sha256=bytes.fromhex(package.sha256) or None,
            md5=bytes.fromhex(package.md5) or None,
        )
    except (InvalidVersionError, ValueError, TypeError):
        return False  # no package of conda's has such a version or build
    return bool(wanted.matches(record))


def _channel_fits(wanted: Any, package: Installed) -> bool:
    channel = wanted.channel
    # Rattler itself compares neither of the two with a record.
    if wanted.subdir and package.subdir and wanted.subdir != package.subdir:
        return False
    if channel is None or not package.channel:
        return True
    return _spoken(str(channel.name or channel.base_url)) == _spoken(package.channel)


def _file_fits(wanted: Any, package: Installed) -> bool:
    found = _URL.search(str(wanted))
    if found is None:
        return True
    file = urlsplit(found[1]).path.rpartition("/")[2]
    return _ARCHIVE.sub("", file) == f"{package.name}-{package.version}-{package.build}"


def _spoken(channel: str) -> str:
    """A channel's name: the end of its address, without the platform."""
    parts = [part for part in urlsplit(channel).path.split("/") if part]
    if len(parts) > 1 and re.fullmatch(r"noarch|[a-z]+-[a-z0-9_]+", parts[-1]):
        known = parts[-1].partition("-")[0] in ("linux", "osx", "win", "noarch")
        parts = parts[:-1] if known else parts
    return parts[-1] if parts else channel
