"""The ways in which a bundle can't be read or written, each one sentence and a remedy."""

from __future__ import annotations

from shlex import quote

from go_kernel.findings import GoKernelError, Remedy
from go_kernel.printable import printable

_AGAIN = "Copy it again from where it was made, or make it anew: `jupyter gokernel bundle create`."


class BundleError(GoKernelError):
    """Base of the errors of bundles."""

    id = "bundle.error"


class BadBundle(BundleError):
    """A bundle that can't be used: not one at all, damaged, or made to do harm.

    `place` is the archive or folder, `reason` half a sentence, `path` the file within
    it that the reason is about ("" where it is about all of it), `kind` that of a
    `faults.Problem`.
    """

    id = "bundle.bad"

    def __init__(
        self,
        place: object,
        reason: str,
        path: str = "",
        remedy: Remedy | str = _AGAIN,
        *,
        kind: str = "altered",
    ):
        about = f"{path}: {reason}" if path else reason
        super().__init__(
            f"The bundle {printable(str(place))} can't be used: {printable(about)}.", remedy
        )
        self.place = str(place)
        self.reason = reason
        self.path = path
        self.kind = kind


# A number of a thousand digits is nothing to print.
_LARGEST_SAID = 1_000_000


class BundleTooNew(BadBundle):
    """A bundle in a later format than this version reads."""

    id = "bundle.too-new"

    def __init__(self, place: object, found: int, known: int):
        super().__init__(
            place,
            f"its format is {found if found < _LARGEST_SAID else 'a later one'}, and this version "
            f"reads {known}",
            remedy="Update jupyter-gokernel here, or make the bundle with this version.",
        )
        self.found = found
        self.known = known


class BundleTooLarge(BadBundle):
    """A bundle that is larger than what is taken without being told to."""

    id = "bundle.too-large"

    def __init__(self, place: object, reason: str, path: str = ""):
        super().__init__(
            place,
            reason,
            path,
            "Make smaller ones with `jupyter gokernel bundle create`.",
            kind="unsafe",
        )


class NotABundle(BadBundle):
    """Something else than a bundle, or nothing at all."""

    id = "bundle.none"

    def __init__(self, place: object, reason: str):
        super().__init__(
            place,
            reason,
            remedy="Name an archive (*.gokernel.tar.zst) or folder that "
            "`jupyter gokernel bundle create` made.",
        )


class NoRoom(BundleError):
    """The disk hasn't got the room for what a bundle holds; sizes in bytes."""

    id = "bundle.no-room"

    def __init__(self, folder: object, needed: int, free: int):
        super().__init__(
            f"The bundle needs {_spoken(needed)} in {printable(str(folder))}, and there are "
            f"{_spoken(free)} free.",
            "Make room there, or use it in another folder by GOKERNEL_BUNDLES.",
        )
        self.folder = str(folder)
        self.needed = needed
        self.free = free


class BundleUnwritable(BundleError):
    """A bundle, or a file of one, could not be written."""

    id = "bundle.unwritable"

    def __init__(self, place: object, reason: str):
        super().__init__(
            f"{printable(str(place))} can't be written: {printable(reason)}.",
            Remedy(
                "Look whether there is room, and whether you may write there:",
                (f"ls -ld {quote(str(place).rpartition('/')[0] or '.')}",),
            ),
        )
        self.place = str(place)
        self.reason = reason


def _spoken(size: int) -> str:
    return f"{size / 1e6:.0f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"
