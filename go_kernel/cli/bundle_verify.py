"""`jupyter gokernel bundle verify`: is a bundle whole?"""

from __future__ import annotations

from pathlib import Path

from go_kernel.cli import output
from go_kernel.cli.command import JSON_FLAG, SHARED_FLAGS, GoKernelCommand
from go_kernel.cli.errors import FAILED, UsageError
from go_kernel.files import exists
from go_kernel.offline import store as stores
from go_kernel.offline import verify
from go_kernel.offline.store import BundleStores
from go_kernel.offline.verify import Checked

_SHOWN = 50


class GoKernelBundleVerify(GoKernelCommand):
    """Verifies a bundle."""

    name = "jupyter-gokernel bundle verify"
    description = (
        "Looks at every file of a bundle and names those that are truncated, altered, missing or "
        "too many, by their SHA-256 and by the hashes that Go itself uses. The exit code is 1 "
        "where there are any. A manifest inside of an archive proves that it is whole, and not who "
        "made it: for that compare the archive's SHA-256 that `bundle create` printed."
    )
    examples = """
jupyter gokernel bundle verify course.gokernel.tar.zst
jupyter gokernel bundle verify course.gokernel.tar.zst --json
"""
    flags = JSON_FLAG | SHARED_FLAGS
    words = "FILE|DIR|ID"
    words_allowed = (1, 1)

    def run(self) -> int:
        """Verify it."""
        place = self._place(self.extra_args[0])
        with output.progress(place.name) as line:
            checked = verify.check(place, line)
        if self.as_json:
            output.print_json(_plain(place, checked))
        else:
            _report(place, checked)
        return FAILED if checked.problems else 0

    def _place(self, word: str) -> Path:
        place = (self.cwd / word).absolute()
        if not word or not exists(place):
            place = self._in_store(word)
        return place

    def _in_store(self, word: str) -> Path:
        """A bundle in a store, also one that kernels don't use because something is wrong."""
        for store, site in BundleStores.from_environment(self.environ).all:
            for folder in _folders(store):
                bundle = stores.read(folder, site=site)
                if word and word in (folder.name, bundle and bundle.name):
                    return folder
        raise NoSuchPlace(word)


class NoSuchPlace(UsageError):
    """Neither a file, nor a folder, nor a bundle of this id or name."""

    def __init__(self, word: str):
        super().__init__(
            f"There is no bundle {word!r}: no file or folder, and none of this id or name in use.",
            "`jupyter gokernel bundle list` names those in use.",
        )


def _folders(store: Path) -> list[Path]:
    try:
        return list(stores.folders(store))
    except OSError:
        return []


def _plain(place: Path, checked: Checked) -> dict[str, object]:
    manifest = checked.manifest
    return {
        "bundle": str(place),
        "id": manifest and manifest.id,
        "name": (manifest and manifest.name) or None,
        "whole": not checked.problems,
        "problems": [one.to_dict() for one in checked.problems],
    }


def _report(place: Path, checked: Checked) -> None:
    for problem in checked.problems[:_SHOWN]:
        print(output.printable(str(problem)))
    if (more := len(checked.problems) - _SHOWN) > 0:
        print(f"... and {more} more: --json has them all.")
    manifest = checked.manifest
    if manifest is None or checked.problems:
        output.say(
            f"Error: {place} is not whole: {_counted(len(checked.problems), 'problem')}. "
            "Copy it again from where it was made, or make it anew with `jupyter gokernel bundle "
            "create`."
        )
        return
    modules = _counted(sum(bool(one.sum) for one in manifest.modules), "module")
    files = _counted(len(manifest.files), "file")
    size = f"{manifest.size / 1e6:.0f} MB"
    said = f"{place} is whole: bundle {manifest.id}, {modules}, {files}, {size}."
    print(output.printable(said))


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
