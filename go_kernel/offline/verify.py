"""Whether a bundle is whole: every file of it looked at, every fault named."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from go_kernel.offline import manifest as manifests
from go_kernel.offline import verify_archive, verify_folder
from go_kernel.offline.archive import Archive, Limits
from go_kernel.offline.errors import BadBundle, BundleTooNew, NotABundle
from go_kernel.offline.faults import Problem as Problem
from go_kernel.offline.faults import of_error
from go_kernel.offline.manifest import Manifest
from go_kernel.offline.progress import Progress, silent


@dataclass(frozen=True)
class Checked:
    """What looking at a bundle gave: its manifest (None where it can't be read), its problems."""

    manifest: Manifest | None
    problems: list[Problem] = field(default_factory=list)


def problems(place: Path, progress: Progress = silent) -> list[Problem]:
    """Everything that is wrong with the bundle at `place`: an archive, or a folder.

    Sorted by the files' names; nothing is written but temporary files of large zips.
    Raises NotABundle where there is none, and BundleTooNew.
    """
    return check(place, progress).problems


def check(place: Path, progress: Progress = silent) -> Checked:
    """As `problems`, with the manifest."""
    try:
        return _folder(place, progress) if place.is_dir() else _archive(place, progress)
    except (NotABundle, BundleTooNew):
        raise
    except BadBundle as error:  # the manifest: there is nothing to compare with
        return Checked(None, [of_error(error)])


def _folder(place: Path, progress: Progress) -> Checked:
    manifest = manifests.read(place)
    Limits().check(manifest, place)
    return Checked(manifest, _sorted(verify_folder.problems(place, manifest, progress)))


def _archive(place: Path, progress: Progress) -> Checked:
    try:
        stream = place.open("rb")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise NotABundle(place, f"it can't be read ({reason})") from error
    with closing(stream):
        archive = Archive(stream, Limits(), place)
        return Checked(archive.manifest, _sorted(verify_archive.problems(archive, progress)))


def _sorted(found: list[Problem]) -> list[Problem]:
    return sorted(set(found), key=lambda one: (one.path, one.kind, one.detail))
