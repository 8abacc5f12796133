"""A bundle's archive, read from its beginning to its end without believing it.

Who unpacks it and who only verifies it see the same stream: the manifest, then files
in turn, each with its content.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import IO

from go_kernel.offline import manifest as manifests
from go_kernel.offline import paths, tar, zstd
from go_kernel.offline.errors import BadBundle, BundleTooLarge, NotABundle
from go_kernel.offline.manifest import Manifest

_CHUNK = 1 << 20
_PADDING = 20 * tar.BLOCK  # what other programs fill an archive's end with
_FREE = 64 << 20


@dataclass(frozen=True)
class Limits:
    """What is taken: bytes of all files, number of files, bytes of one, zstd's memory.

    `ratio` is how many times larger than what was read the content may become, beyond
    the first 64 MB: a GOROOT is at 5, an endless file of zeros at 30 000.
    """

    total: int = 32 << 30
    files: int = 200_000
    single: int = 4 << 30
    window: int = 64 << 20
    ratio: int = 250

    def check(self, manifest: Manifest, place: object) -> None:
        """Raise BundleTooLarge where a manifest says more; `place` is named there."""
        if manifest.size > self.total:
            raise BundleTooLarge(place, _larger(self.total))
        if len(manifest.files) > self.files:
            raise BundleTooLarge(place, f"it has more than {self.files} files")
        for file in manifest.files:
            if file.size > self.single:
                raise BundleTooLarge(place, _larger(self.single), file.path)


@dataclass
class Content:
    """A file of the archive; `read` gives its content in turn, and b"" at its end."""

    entry: tar.Entry
    _reader: Archive
    _left: int

    def read(self) -> bytes:
        """The next part, 1 MB at most; raises BadBundle where the archive ends in it."""
        size = min(self._left, _CHUNK)
        if not size:
            return b""
        content = self._reader.take(size)
        self._left -= len(content)
        return content


class Archive:
    """A bundle's archive; `place` is what errors call it.  Raises BadBundle, always.

    Its `manifest` is read and believed of itself when this is made; what comes behind is
    compared by whoever reads it.
    """

    def __init__(self, stream: IO[bytes], limits: Limits, place: object):
        self._limits = limits
        self._place = place
        self._now = ""
        self._entries = 0
        try:
            self._frame = zstd.Reader(stream, limits.window)
        except zstd.CutFrame as error:
            raise BadBundle(place, "it is truncated", kind="truncated") from error
        except zstd.BadFrame as error:
            raise NotABundle(place, error.reason) from error
        except OSError as error:
            raise NotABundle(place, f"it can't be read ({error.strerror or error})") from error
        self.manifest, self.manifest_bytes = self._first()

    def files(self) -> Iterator[Content]:
        """Each file after the manifest; whoever asks for the next one has read the last."""
        while (entry := self._entry()) is not None:
            self._now = entry.path
            if entry.folder:
                self._check_folder(entry.path)
                continue
            if entry.size > self._limits.single:
                raise self._too_large(_larger(self._limits.single))
            content = Content(entry, self, entry.size)
            yield content
            while content.read():
                pass
            self.take(len(tar.padding(entry.size)))
        self._end()

    def _check_folder(self, path: str) -> None:
        """Folders come as they are needed; only the name of one of those may stand here."""
        # One in a file's place counts for nothing: that file will be missing.
        if path not in self._folders and path not in self.manifest.by_path:
            reason = "it is a folder that holds none of its files"
            raise BadBundle(self._place, reason, path, kind="extra")

    @cached_property
    def _folders(self) -> frozenset[str]:
        parents = (PurePosixPath(path).parents for path in self.manifest.by_path)
        return frozenset(str(one) for found in parents for one in found)

    def take(self, size: int) -> bytes:
        """Exactly `size` bytes of the file that is read now."""
        content = self._read(size)
        if len(content) != size:
            raise self._truncated()
        return content

    def _first(self) -> tuple[Manifest, bytes]:
        self._now = paths.MANIFEST
        entry = self._entry()
        if entry is None or entry.path != paths.MANIFEST or entry.folder:
            raise NotABundle(self._place, f"it doesn't begin with {paths.MANIFEST}")
        if entry.size > manifests.MAX_BYTES:
            raise self._too_large(_larger(manifests.MAX_BYTES))
        content = self.take(entry.size)
        self.take(len(tar.padding(entry.size)))
        manifest = manifests.parse(content, self._place)
        self._now = ""
        self._limits.check(manifest, self._place)
        return manifest, content

    def _entry(self) -> tar.Entry | None:
        self._entries += 1
        if self._entries > 2 * self._limits.files:
            raise self._too_large(f"it has more than {self._limits.files} files")
        try:
            return tar.read_entry(self._read)
        except tar.Truncated as error:
            raise self._truncated("behind it ") from error
        except tar.BadTar as error:
            reason = error.reason if error.path else f"behind it {error.reason}"
            path = error.path or self._now
            raise BadBundle(self._place, reason, path, kind=error.kind) from error

    def _end(self) -> None:
        """Of two empty blocks one has been read; nothing but padding may follow them."""
        if len(block := self._read(tar.BLOCK)) != tar.BLOCK:
            raise self._truncated("behind it ")
        rest = self._read(_PADDING)
        if any(block) or any(rest):
            raise BadBundle(self._place, "there is something behind its end")
        try:
            self._frame.finish()
        except zstd.CutFrame as error:
            raise self._truncated("behind it ") from error
        except zstd.BadFrame as error:
            raise BadBundle(self._place, error.reason) from error

    def _read(self, size: int) -> bytes:
        try:
            content = self._frame.read(size)
        except zstd.CutFrame as error:
            raise self._truncated() from error
        except zstd.BadFrame as error:
            raise BadBundle(self._place, f"{error.reason} here", self._now) from error
        except OSError as error:
            raise BadBundle(
                self._place, f"it can't be read ({error.strerror or error})", self._now
            ) from error
        if self._frame.given > _FREE + self._limits.ratio * self._frame.taken:
            raise self._too_large(
                f"it becomes more than {self._limits.ratio} times larger than it is"
            )
        if self._frame.given > _FREE + 2 * self._limits.total:
            raise self._too_large(_larger(self._limits.total))
        return content

    def _truncated(self, where: str = "") -> BadBundle:
        return BadBundle(
            self._place, f"{where}the archive is truncated", self._now, kind="truncated"
        )

    def _too_large(self, reason: str) -> BundleTooLarge:
        return BundleTooLarge(self._place, reason, self._now)


def _larger(limit: int) -> str:
    return f"it is larger than {limit / 1e6:.0f} MB"
