"""A zstd frame, unpacked block by block.

The library's own readers say nothing of a frame that ends too early, nor of what
follows it, and 64 kB of a hostile one may become 2 GB in one call.  So the frame is
taken apart here: a block becomes 128 kB at most, and the last one is known.

ref: https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1
"""

from __future__ import annotations

from typing import IO

MAGIC = b"\x28\xb5\x2f\xfd"
_BLOCK_BYTES = 128 << 10
_RLE = 1


class BadFrame(Exception):
    """What is wrong, half a sentence."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class CutFrame(BadFrame):
    """It ends before its end."""

    def __init__(self) -> None:
        super().__init__("it is truncated")


class Reader:
    """The content of the one frame in a stream; `window` is the most memory that it may ask for.

    `taken` counts the bytes read from the stream, `given` those that came out.  Raises
    BadFrame and CutFrame, and OSError as the stream does.
    """

    def __init__(self, stream: IO[bytes], window: int):
        import zstandard

        self._stream = stream
        self._failure = zstandard.ZstdError
        self.taken = self.given = 0
        self._buffer = b""
        self._at = 0
        self._last = False
        head, self._checksum = self._header(window)
        self._frame = zstandard.ZstdDecompressor(
            max_window_size=max(window, 1 << 10)
        ).decompressobj()
        self._feed(head)

    def read(self, size: int) -> bytes:
        """`size` bytes, or fewer at the end of the frame."""
        parts: list[bytes] = []
        while size:
            if self._at == len(self._buffer):
                if self._last:
                    break
                self._buffer, self._at = self._block(), 0
                continue
            part = self._buffer[self._at : self._at + size]
            self._at += len(part)
            size -= len(part)
            parts.append(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def finish(self) -> None:
        """Nothing may follow: neither in the frame, nor behind it."""
        if self.read(1):
            raise BadFrame("it goes on after its end")
        if self._stream.read(1):
            raise BadFrame("there is something behind its end")

    def _header(self, window: int) -> tuple[bytes, bool]:
        magic = self._some(len(MAGIC))
        if not magic:
            raise BadFrame("it is empty")
        if not MAGIC.startswith(magic):
            raise BadFrame("it is not compressed by zstd")
        if magic != MAGIC:
            raise CutFrame
        head = magic + self._take(1)
        descriptor = head[4]
        single = bool(descriptor & 0x20)
        if descriptor & 0x0B:  # reserved, and dictionaries
            raise BadFrame("it is compressed in a way that no bundle is")
        content = (1 if single else 0, 2, 4, 8)[descriptor >> 6]
        rest = self._take((0 if single else 1) + content)
        needed = int.from_bytes(rest[-content:], "little") + (256 if content == 2 else 0)
        if not single:
            base = 1 << (10 + (rest[0] >> 3))
            needed = base + (base >> 3) * (rest[0] & 7)
        if needed > window:
            raise BadFrame(f"unpacking it would take {needed >> 20} MB of memory")
        return head + rest, bool(descriptor & 0x04)

    def _block(self) -> bytes:
        head = self._take(3)
        number = int.from_bytes(head, "little")
        kind, size = number >> 1 & 3, number >> 3
        if size > _BLOCK_BYTES or kind == 3:
            raise BadFrame("it is damaged")
        self._last = bool(number & 1)
        content = self._feed(head + self._take(1 if kind == _RLE else size))
        if self._last and self._checksum:
            content += self._feed(self._take(4))
        if self._last and not self._frame.eof:
            raise BadFrame("it is damaged")
        return content

    def _feed(self, content: bytes) -> bytes:
        try:
            given: bytes = self._frame.decompress(content)
        except self._failure as error:
            raise BadFrame("it is damaged") from error
        self.given += len(given)
        return given

    def _take(self, size: int) -> bytes:
        content = self._some(size)
        if len(content) != size:
            raise CutFrame
        return content

    def _some(self, size: int) -> bytes:
        """`size` bytes, or what there is of them."""
        content = self._stream.read(size)
        while 0 < len(content) < size:  # a pipe gives what it has
            more = self._stream.read(size - len(content))
            if not more:
                break
            content += more
        self.taken += len(content)
        return content
