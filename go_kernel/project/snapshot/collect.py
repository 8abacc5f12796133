"""A snapshot of a project and its environment as they are now."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from go_kernel.conda import history, packages
from go_kernel.conda.packages import Package
from go_kernel.files import exists, is_file
from go_kernel.project import force, pipes
from go_kernel.project.force import InForce
from go_kernel.project.go import ProjectGo
from go_kernel.project.reading import Unreadable
from go_kernel.project.snapshot import compilers, listed, variables
from go_kernel.project.snapshot.model import Environment, Project, Snapshot, Toolchain, Vendor
from go_kernel.project.snapshot.vendor import hash_of
from go_kernel.resolve import Resolved

_MOST_BYTES = 64 << 20


def take(resolved: Resolved, folder: Path) -> Snapshot:
    """The snapshot of `folder` in a resolved environment; nothing is fetched, nothing written.

    Raises PackagesError, SnapshotError, CommandError and what `force.find` raises.
    """
    environment = resolved.environment
    chain = environment.toolchain
    go = ProjectGo(chain.go, environment.as_dict())
    found = force.find(go, folder)
    root = root_of(found)
    said = go.as_given(root, [*variables.DECIDING, *variables.SOURCES])
    places = {
        "HOME": Path(environment.as_dict().get("HOME") or "/"),
        "GOROOT": chain.goroot,
        "CONDA_PREFIX": chain.prefix or Path("/"),
        "PROJECT": root,
    }
    project, used = _project(go, found, root) if found.modules else (None, ())
    return Snapshot(
        toolchain=Toolchain(chain.version, f"{chain.goos}/{chain.goarch}", resolved.go_hash.actual),
        environment=_environment(chain.prefix, places) if chain.prefix else None,
        project=project,
        variables=variables.shown({n: said.get(n, "") for n in variables.DECIDING}, places),
        sources=variables.shown({n: said.get(n, "") for n in variables.SOURCES}, places),
        compilers=compilers.of(go, said, used, chain.prefix),
    )


def root_of(found: InForce) -> Path:
    """The folder of the go.work or go.mod that is in force; else the folder that was named."""
    file = found.gowork or found.gomod
    return file.parent if file else found.folder


def _environment(prefix: Path, places: Mapping[str, Path]) -> Environment:
    there = packages.installed(prefix)
    asked = history.requested(prefix, there)
    return Environment(
        tuple(variables.without_places(one, places) for one in asked),
        tuple(_anywhere(one, places) for one in there),
    )


def _anywhere(package: Package, places: Mapping[str, Path]) -> Package:
    """A package of a channel in somebody's home, without that home; and who asked for it."""
    return replace(
        package,
        channel=variables.without_places(package.channel, places),
        url=variables.without_places(package.url, places),
        requested_specs=(),
    )


def _project(go: ProjectGo, found: InForce, root: Path) -> tuple[Project, Collection[str]]:
    """Go's side, and which variables name compilers that it is built by."""
    # Before Go looks: it would wait for whoever writes into a pipe.
    files, vendor = dict(_files(found, root)), _vendor(found)
    if pipe := pipes.first(found):
        raise Unreadable(pipe, "it is no plain file", "Put a plain file in its place.")
    modules, used = listed.of(go, found)
    return Project(tuple(sorted(one.path for one in found.modules)), files, modules, vendor), used


def _files(found: InForce, root: Path) -> Iterator[tuple[str, str]]:
    files = [one.file for one in found.modules] + [*listed.sum_files(found)]
    for path in [*([found.gowork] if found.gowork else []), *files]:
        if exists(path):
            yield os.path.relpath(path, root), _digest(path)


def _digest(path: Path) -> str:
    try:
        if not is_file(path):
            raise Unreadable(path, "it is no plain file", "Put a plain file in its place.")
        with path.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise Unreadable(path, error.strerror or str(error), "Make it readable.") from error
    if len(data) > _MOST_BYTES:
        raise Unreadable(
            path, f"it is larger than {_MOST_BYTES >> 20} MB", "Put a real one in its place."
        )
    return hashlib.sha256(data).hexdigest()


def _vendor(found: InForce) -> Vendor | None:
    if found.vendor is None or not found.vendor.exists:
        return None
    digest, files = hash_of(found.vendor.folder)
    return Vendor(digest, files, found.vendor.used)
