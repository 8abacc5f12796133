"""Kernelspecs: a name, a dictionary, a folder.

Each step is separate: what a kernel is called, what its kernel.json says (both pure),
and writing that into one of Jupyter's folders, whole or not at all.  A folder that is
not ours is never overwritten or removed.
ref: https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import pwd
import re
import sys
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from go_kernel import config, entry, spec_remains
from go_kernel._version import __version__
from go_kernel.config import KernelConfig
from go_kernel.engines import catalogue
from go_kernel.files import exists, is_file, read_json, write_atomic, write_json
from go_kernel.findings import GoKernelError

PROVISIONER = "gokernel-provisioner"
LOGOS = spec_remains.LOGOS
# What a kernel is called that runs the Go of whatever server it is started on.
THIS_SERVER = "this server"
HUBS_NAME = "server"

_NAME = re.compile(r"[a-z0-9._-]{1,200}")
# A folder's name has 255 bytes at most, and people read these.
_LONGEST_SLUG = 80


class NotOurs(GoKernelError):
    """A kernelspec of somebody else's stands where one of ours should go."""

    id = "kernelspec.not-ours"

    def __init__(self, folder: Path):
        super().__init__(
            f"The kernelspec {folder} was not made by jupyter-gokernel, so it is left alone.",
            "Choose another name with --name.",
        )
        self.folder = folder


class AlreadyInstalled(GoKernelError):
    """A kernel of this name is there, for another environment or with other settings."""

    id = "kernelspec.exists"

    def __init__(self, folder: Path):
        super().__init__(
            f"The kernel {folder.name} is already installed in {folder.parent}, with other "
            "settings.",
            "Use --replace to replace it, or choose another name with --name.",
        )
        self.folder = folder


class BadName(GoKernelError):
    """A kernel name that Jupyter would not accept."""

    id = "kernelspec.bad-name"

    def __init__(self, name: str):
        super().__init__(
            f"{name!r} can't be a kernel's name.",
            "Use lower-case letters, digits, `-`, `.` and `_`, at most 200, and no `.` in front.",
        )
        self.name = name


class NotWritable(GoKernelError):
    """Jupyter's folder for kernelspecs can't be written."""

    id = "kernelspec.not-writable"

    def __init__(self, folder: Path, error: OSError):
        super().__init__(
            f"The kernelspec can't be written to {folder}: {error.strerror or error}.",
            "Install it elsewhere with --user, --sys-prefix or --prefix.",
        )
        self.folder = folder


class NotRemovable(GoKernelError):
    """One of our kernelspecs can't be removed."""

    id = "kernelspec.not-removable"

    def __init__(self, folder: Path, error: OSError):
        self.owner = _owner_where_other(folder)
        whose = f" (it belongs to {self.owner})" if self.owner else ""
        super().__init__(
            f"The kernelspec {folder} can't be removed: {error.strerror or error}{whose}.",
            f"Let {self.owner or 'somebody who may write there'} run `jupyter gokernel uninstall "
            f"{folder.name}`.",
        )
        self.folder = folder


class Shadows(GoKernelError):
    """The name would hide somebody else's kernelspec from Jupyter."""

    id = "kernelspec.shadows"

    def __init__(self, folder: Path):
        super().__init__(
            f"A kernel named {folder.name} would hide the kernelspec {folder}, which was not made "
            "by jupyter-gokernel.",
            "Choose another name with --name.",
        )
        self.folder = folder


class Change(str, Enum):
    """What writing a spec does to the one that is there."""

    NEW = "installed"
    NONE = "unchanged"
    REFRESHED = "refreshed"
    REPLACED = "replaced"


@dataclass(frozen=True)
class Spec:
    """A kernelspec: its name and what its kernel.json says."""

    name: str
    content: Mapping[str, Any]


def kernel_name(environment: str, engine: str = "gophernotes") -> str:
    """The kernel's name for an environment: `go-NAME`, in the characters Jupyter allows.

    Letters lose their accents; where anything else had to go, or much of a long name,
    six digits of a hash of the whole name keep two such environments apart.
    """
    plain = unicodedata.normalize("NFKD", environment).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9._-]+", "-", plain).strip("-.")[:_LONGEST_SLUG]
    if slug != environment.lower():
        digest = hashlib.sha256(environment.encode("utf-8", "surrogateescape")).hexdigest()[:6]
        slug = f"{slug}-{digest}" if slug else digest
    return f"{catalogue.get(engine).prefix}-{slug}"


def check_name(name: str) -> str:
    """`name`, where Jupyter accepts it; raises BadName."""
    if not _NAME.fullmatch(name) or name.startswith("."):
        raise BadName(name)
    return name


def display_name(environment: str, engine: str = "gophernotes", *, conda: bool = True) -> str:
    """What the launcher shows: `Go (conda env: NAME)`."""
    inside = f"conda env: {environment}" if conda else environment
    label = catalogue.get(engine).label
    return f"Go ({label}, {inside})" if label else f"Go ({inside})"


def spec_for(
    settings: KernelConfig,
    *,
    name: str = "",
    shown: str = "",
    python: str = sys.executable,
    portable: bool = False,
) -> Spec:
    """The kernelspec of a kernel; `portable` leaves the provisioner out.

    The argv works in clients that know no provisioners, too: it finds everything out
    by itself, from the same configuration.
    """
    engine = catalogue.get(settings.engine)
    plain = settings.to_dict()
    metadata: dict[str, Any] = {
        "gokernel": {"version": __version__, "config": plain},
        "debugger": False,
    }
    if not portable:
        metadata["kernel_provisioner"] = {"provisioner_name": PROVISIONER, "config": plain}
    content = {
        "argv": [
            *entry.command("launch", python),
            *("-f", "{connection_file}"),
            *("--config", json.dumps(plain, ensure_ascii=True, sort_keys=True)),
        ],
        "display_name": shown
        or display_name(settings.environment, engine.name, conda=bool(settings.prefix)),
        "language": engine.language_info["name"],
        "interrupt_mode": engine.interrupt_mode,
        "env": {},
        "metadata": metadata,
    }
    chosen = name or kernel_name(_called(settings), engine.name)
    return Spec(check_name(chosen), content)


def _called(settings: KernelConfig) -> str:
    """What the kernel is named after: the server's own name is shown, not written in paths."""
    return HUBS_NAME if settings.from_hub else settings.environment


def is_ours(content: Any) -> bool:
    """Whether a kernel.json was written by this project."""
    if not isinstance(content, Mapping):
        return False
    metadata = content.get("metadata")
    return isinstance(metadata, Mapping) and isinstance(metadata.get("gokernel"), Mapping)


def config_of(content: Mapping[str, Any]) -> KernelConfig:
    """The configuration in one of our kernel.json; raises BadConfig, NotSettable."""
    return config.parse(content["metadata"]["gokernel"].get("config") if content else None)


def read_ours(folder: Path) -> Mapping[str, Any] | None:
    """The kernel.json in a kernelspec's folder; None where it isn't ours.

    Empty where it is, and somebody cut it off (`spec_remains`): nothing is known then.
    """
    content = read_json(folder / "kernel.json")
    if is_ours(content):
        return dict(content)
    return {} if spec_remains.is_ours(folder) else None


def change(spec: Spec, kernels: Path, *, replace: bool = False) -> Change:
    """What writing a spec into a `kernels` folder would do.

    Raises NotOurs, and AlreadyInstalled without `replace`.  What is left of one that was
    cut off says nothing that could be lost: it is replaced in any case.
    """
    folder = kernels / spec.name
    if not (exists(folder) or folder.is_symlink()):
        return Change.NEW
    present = read_ours(folder)
    if present is None:
        raise NotOurs(folder)
    if not present:
        return Change.REPLACED
    found = compared(present, spec.content)
    if found is Change.REPLACED and not replace:
        raise AlreadyInstalled(folder)
    return found


def compared(present: Mapping[str, Any], wanted: Mapping[str, Any]) -> Change:
    """What it would be to write `wanted` where one of our kernel.json says `present`."""
    if present == wanted:
        return Change.NONE
    if _without_version(present) == _without_version(wanted):
        return Change.REFRESHED
    return Change.REPLACED


def write(spec: Spec, kernels: Path, *, replace: bool = False) -> Path:
    """Write a spec into a `kernels` folder; give back its own folder.

    The same spec again changes nothing.  Raises NotOurs, AlreadyInstalled (without
    `replace`) and NotWritable.
    """
    folder = kernels / spec.name
    try:
        while True:
            found = change(spec, kernels, replace=replace)
            if found is Change.NONE and all(is_file(folder / logo) for logo in LOGOS):
                return folder
            if found is not Change.NEW:
                _fill(folder, spec)
                return folder
            if _create(folder, spec):
                return folder
            # Somebody else wrote one at this moment: look at that.
    except OSError as error:
        raise NotWritable(kernels, error) from error


def remove(folder: Path) -> None:
    """Remove one of our specs; raises NotOurs and NotRemovable."""
    if read_ours(folder) is None:
        raise NotOurs(folder)
    try:
        if folder.is_symlink():
            folder.unlink()
            return
        # Out of sight first, so that nobody lists half a spec.
        with _out_of_sight(folder.parent) as away:
            folder.rename(away / folder.name)
    except OSError as error:
        raise NotRemovable(folder, error) from error


def _owner_where_other(folder: Path) -> str:
    """Whose a folder is; "" where it is ours or nobody knows."""
    try:
        uid = folder.lstat().st_uid
        return "" if uid == os.geteuid() else f"user {pwd.getpwuid(uid).pw_name}"
    except OSError:
        return ""
    except KeyError:
        return f"user {uid}"


def _without_version(content: Mapping[str, Any]) -> Any:
    """A kernel.json without what another version or Python of ours writes differently."""
    plain = json.loads(json.dumps(content))
    plain["metadata"]["gokernel"].pop("version", None)
    if isinstance(plain.get("argv"), list):
        plain["argv"] = plain["argv"][1:]
    return plain


def _create(folder: Path, spec: Spec) -> bool:
    """Make a new spec's folder in one step; False where there is one by now."""
    kernels = folder.parent
    kernels.mkdir(parents=True, exist_ok=True)
    try:
        with _out_of_sight(kernels) as away:
            staged = away / folder.name
            staged.mkdir()
            staged.chmod(0o755)
            _fill(staged, spec)
            staged.rename(folder)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            return False
        raise
    return True


@contextmanager
def _out_of_sight(kernels: Path) -> Iterator[Path]:
    """A folder to put a spec together in, or take it away to.

    It is in `kernels`, which may be another file system than what is above it; and
    Jupyter, which looks for kernel.json one folder deep, doesn't see what is in there.
    """
    with tempfile.TemporaryDirectory(prefix=".gokernel-", dir=kernels) as away:
        yield Path(away)


def _fill(folder: Path, spec: Spec) -> None:
    """The logos first, kernel.json last: with it the folder becomes a kernelspec."""
    for logo in LOGOS:
        write_atomic(folder / logo, spec_remains.logo(logo))
    write_json(folder / "kernel.json", spec.content)
