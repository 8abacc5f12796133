"""A snapshot as a software bill of materials, in CycloneDX's JSON.

The same snapshot gives the same bytes: its serial number is made of its content, and a
time is in it only where SOURCE_DATE_EPOCH gives one.
ref: https://cyclonedx.org/docs/1.6/json/
ref: https://reproducible-builds.org/docs/source-date-epoch/
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from go_kernel.conda.packages import Package
from go_kernel.project.snapshot import plain
from go_kernel.project.snapshot.errors import SnapshotError
from go_kernel.project.snapshot.model import Module, Snapshot

if TYPE_CHECKING:
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component

# Names of properties that others than CycloneDX define begin with the one who does.
# ref: https://github.com/CycloneDX/cyclonedx-property-taxonomy
_OURS = "jupyter-gokernel"
_GO = "https://go.dev"


class NoLibrary(SnapshotError):
    """The library that writes it is not installed."""

    id = "snapshot.no-sbom-library"

    def __init__(self) -> None:
        super().__init__(
            "A bill of materials needs the library cyclonedx-python-lib, which is not installed.",
            "Install it with `pip install 'jupyter-gokernel[sbom]'`.",
        )


class BadEpoch(SnapshotError):
    """SOURCE_DATE_EPOCH is no time."""

    id = "snapshot.bad-epoch"

    def __init__(self, said: str):
        super().__init__(
            f"SOURCE_DATE_EPOCH is {said!r:.40}, and no number of seconds.",
            "Set it as in SOURCE_DATE_EPOCH=$(git log -1 --format=%ct), or unset it.",
        )
        self.said = said


def check(epoch: str) -> None:
    """Raise NoLibrary and BadEpoch before anything takes time."""
    try:
        import cyclonedx.output.json  # noqa: F401
    except ImportError as error:
        raise NoLibrary from error
    _time(epoch)


def of(snapshot: Snapshot, name: str, *, epoch: str = "") -> dict[str, Any]:
    """The bill of materials as plain data.

    `name` is the project's where it has no module path; `epoch` is SOURCE_DATE_EPOCH, in
    seconds, "" for none.  Raises NoLibrary and BadEpoch.
    """
    check(epoch)
    from cyclonedx.output.json import JsonV1Dot6

    made = json.loads(JsonV1Dot6(_bom(snapshot, name, epoch)).output_as_string())
    assert isinstance(made, dict)
    return made


def is_sbom(data: object) -> bool:
    """Whether that calls itself a CycloneDX bill of materials."""
    return isinstance(data, dict) and data.get("bomFormat") == "CycloneDX"


def _bom(snapshot: Snapshot, name: str, epoch: str) -> Bom:
    from cyclonedx.model.bom import Bom

    bom = Bom(serial_number=_serial(snapshot, name))
    root = _root(snapshot, name)
    parts = [*_parts(snapshot)]
    # Without a time of ours the library takes the present one.
    bom.metadata.timestamp = _time(epoch)  # type: ignore[assignment]
    bom.metadata.component = root
    bom.components.update(parts)
    bom.register_dependency(root, parts)
    for part in parts:
        bom.register_dependency(part)
    return bom


def _serial(snapshot: Snapshot, name: str) -> uuid.UUID:
    content = json.dumps([name, plain.to_plain(snapshot)], sort_keys=True)
    digest = hashlib.sha256(content.encode(errors="surrogatepass")).hexdigest()
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{_OURS}:{digest}")


def _time(epoch: str) -> datetime | None:
    if not epoch:
        return None
    try:
        seconds = int(epoch) if re.fullmatch("[0-9]{1,12}", epoch) else -1
        return datetime.fromtimestamp(seconds if seconds >= 0 else float("nan"), timezone.utc)
    except (ValueError, OverflowError, OSError) as error:
        raise BadEpoch(epoch) from error


def _root(snapshot: Snapshot, name: str) -> Component:
    from cyclonedx.model.component import Component, ComponentType

    project = snapshot.project
    files = project.files if project else {}
    facts = {
        "environment:fingerprint": snapshot.fingerprint,
        "platform": snapshot.toolchain.platform,
        **{f"file:{path}:sha256": digest for path, digest in files.items()},
        **{f"variable:{key}": value for key, value in snapshot.variables.items()},
        **{f"build:{one.package}:sha256": one.sha256 for one in snapshot.builds},
    }
    if project and project.vendor:
        facts["vendor:h1"] = project.vendor.sum
    title = project.paths[0] if project and project.paths else name
    return Component(
        name=title,
        type=ComponentType.APPLICATION,
        bom_ref=f"project:{title}",
        purl=_purl("golang", title) if project and project.paths else None,
        properties=_properties(facts),
    )


def _parts(snapshot: Snapshot) -> Iterator[Component]:
    yield _go(snapshot)
    for package in snapshot.environment.packages if snapshot.environment else ():
        yield _package(package)
    for module in snapshot.project.modules if snapshot.project else ():
        yield _module(module)


def _go(snapshot: Snapshot) -> Component:
    """The compiler and its standard library, which is part of every program."""
    from cyclonedx.model import ExternalReference, ExternalReferenceType, XsUri
    from cyclonedx.model.component import Component, ComponentType

    chain = snapshot.toolchain
    return Component(
        name="stdlib",
        version=chain.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"go:{chain.version}",
        purl=_purl("golang", "stdlib", chain.version),
        external_references=[
            ExternalReference(type=ExternalReferenceType.WEBSITE, url=XsUri(_GO)),
        ],
        properties=_properties({"go:platform": chain.platform, "go:sha256": chain.sha256}),
    )


def _package(package: Package) -> Component:
    from cyclonedx.model import HashAlgorithm, HashType
    from cyclonedx.model.component import Component, ComponentType

    hashes = {HashAlgorithm.SHA_256: package.sha256, HashAlgorithm.MD5: package.md5}
    qualifiers = {
        "build": package.build,
        "channel": package.channel,
        "subdir": package.subdir,
        "type": "conda" if package.url.endswith(".conda") else "tar.bz2",
    }
    said = {name: value for name, value in qualifiers.items() if value}
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"conda:{package}",
        hashes=[HashType(alg=a, content=value) for a, value in hashes.items() if value],
        purl=_purl("conda", package.name, package.version, said),
    )


def _module(module: Module) -> Component:
    from cyclonedx.model.component import Component, ComponentType

    # Go's hash is one over a list of files, and none of the archive: not a `hash` of theirs.
    facts = {"go:sum": module.sum, "go:replaced": module.replaced}
    return Component(
        name=module.path,
        version=module.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"go:{module.path}@{module.version}",
        purl=_purl("golang", module.path, module.version),
        properties=_properties({name: value for name, value in facts.items() if value}),
    )


def _purl(kind: str, path: str, version: str = "", qualifiers: dict[str, str] | None = None) -> Any:
    from packageurl import PackageURL

    namespace, _, name = path.rpartition("/")
    return PackageURL(kind, namespace or None, name, version or None, qualifiers)


def _properties(facts: dict[str, str]) -> list[Any]:
    from cyclonedx.model import Property

    return [Property(name=f"{_OURS}:{name}", value=facts[name]) for name in sorted(facts)]
