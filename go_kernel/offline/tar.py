"""The tar that bundles are: written in one way only, read without believing it.

Python's own module reads far more than that (links, devices, sparse files, headers
that change the names of later ones), each of which a hostile archive could use, so
what isn't a plain file or folder is refused here by its kind.

ref: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

BLOCK = 512
END = bytes(2 * BLOCK)
_NAME, _PREFIX = 100, 155
_USTAR_SIZE = 8**11
# One name, 1024 bytes at most, and one size.
_PAX_BYTES = 4096
_RECORD = re.compile(rb"([1-9][0-9]{0,5}) (path|size)=")
_KINDS = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a device",
    b"4": "a device",
    b"6": "a named pipe",
    b"7": "a contiguous file",
    b"S": "a sparse file",
    b"g": "a header for all that follows",
    b"K": "a long link",
    b"L": "a long name of GNU's",
    b"M": "the rest of a file that another archive began",
    b"V": "a volume's name",
    b"X": "a header of Solaris's",
}


class BadTar(Exception):
    """What is wrong, half a sentence; `path` is the entry that it is about.

    `kind` is `altered`, or `unsafe` for what no bundle holds.
    """

    def __init__(self, reason: str, path: str = "", kind: str = "altered"):
        super().__init__(reason)
        self.reason = reason
        self.path = path
        self.kind = kind


class Truncated(BadTar):
    """It ends before its end."""


@dataclass(frozen=True)
class Entry:
    """A file, or with `folder` a folder; its size in bytes."""

    path: str
    size: int
    folder: bool = False
    executable: bool = False


def padding(size: int) -> bytes:
    """What fills a file's last block."""
    return bytes(-size % BLOCK)


def header(path: str, size: int, executable: bool = False) -> bytes:
    """What stands before a file's content, without times, users, groups."""
    name, prefix = _split(path.encode())
    pax = b""
    if name is None:
        pax += _record(b"path", path.encode())
        name, prefix = path.encode()[:_NAME], b""
    if size >= _USTAR_SIZE:
        pax += _record(b"size", b"%d" % size)
    small = size if size < _USTAR_SIZE else 0
    extended = b""
    if pax:
        extended = _ustar(b"././@PaxHeader", b"", len(pax), 0o644, b"x") + pax + padding(len(pax))
    return extended + _ustar(name, prefix, small, 0o755 if executable else 0o644, b"0")


def read_entry(read: Callable[[int], bytes]) -> Entry | None:
    """The next entry by `read`, which gives as many bytes as it is asked for, or fewer at the end.

    None at the archive's end, of which the first block has been read then.  Raises
    BadTar and Truncated.
    """
    block = _block(read)
    pax: dict[bytes, bytes] = {}
    if block[156:157] == b"x":
        size = _octal(block[124:136])
        _check(block)
        if size > _PAX_BYTES:
            raise BadTar(f"a header has {size} bytes", kind="unsafe")
        content = _exactly(read, size)
        _exactly(read, len(padding(size)))
        pax = _records(content)
        block = _block(read)
    elif not any(block):
        return None
    _check(block)
    return _entry(block, pax)


def _entry(block: bytes, pax: dict[bytes, bytes]) -> Entry:
    name, prefix = _text(block[:100]), _text(block[345:500])
    raw = pax.get(b"path") or (prefix + b"/" + name if prefix else name)
    try:
        path = raw.decode()
    except UnicodeDecodeError:
        raise BadTar("its name is no UTF-8", raw.decode(errors="backslashreplace")) from None
    kind = block[156:157]
    if kind not in (b"0", b"\0", b"5"):
        known = _KINDS.get(kind, f"of the unknown kind {kind!a}")
        raise BadTar(f"it is {known}", path, "unsafe")
    try:
        size = int(pax[b"size"]) if b"size" in pax else _octal(block[124:136])
        mode = _octal(block[100:108])
    except BadTar as error:
        raise BadTar(error.reason, path) from None
    if kind == b"5":
        if size:
            raise BadTar("it is a folder with content", path)
        return Entry(path.removesuffix("/"), 0, folder=True)
    return Entry(path, size, executable=bool(mode & 0o100))


def _records(content: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    while content:
        match = _RECORD.match(content)
        length = int(match[1]) if match else 0
        if match is None or not match.end() < length <= len(content):
            raise BadTar("a header is one that no bundle has", kind="unsafe")
        value = content[match.end() : length]
        if match[2] in found or not value.endswith(b"\n"):
            raise BadTar("a header is one that no bundle has", kind="unsafe")
        if match[2] == b"size" and re.fullmatch(rb"[0-9]{1,15}\n", value) is None:
            raise BadTar("a header says a size that is none", kind="unsafe")
        found[match[2]] = value[:-1]
        content = content[length:]
    return found


def _record(key: bytes, value: bytes) -> bytes:
    """A pax record; its length counts the digits of the length, too."""
    rest = b" %s=%s\n" % (key, value)
    length = len(rest) + len(str(len(rest)))
    if len(str(length)) + len(rest) != length:
        length += 1
    return b"%d%s" % (length, rest)


def _split(path: bytes) -> tuple[bytes, bytes] | tuple[None, bytes]:
    """Name and prefix as the old header holds them; None where they don't fit."""
    if not path.isascii():
        return None, b""
    if len(path) <= _NAME:
        return path, b""
    at = path.rfind(b"/", 0, _PREFIX + 1)
    if at <= 0 or not 0 < len(path) - at - 1 <= _NAME:
        return None, b""
    return path[at + 1 :], path[:at]


def _ustar(name: bytes, prefix: bytes, size: int, mode: int, kind: bytes) -> bytes:
    zero = b"%07o\0" % 0
    head = name.ljust(100, b"\0") + b"%07o\0" % mode + zero + zero + b"%011o\0" % size
    head += b"%011o\0" % 0
    tail = kind + bytes(100) + b"ustar\00000" + bytes(64) + zero + zero
    tail += prefix.ljust(155, b"\0") + bytes(12)
    return head + b"%06o\0 " % (sum(head) + sum(tail) + 8 * 32) + tail


def _block(read: Callable[[int], bytes]) -> bytes:
    return _exactly(read, BLOCK)


def _exactly(read: Callable[[int], bytes], size: int) -> bytes:
    content = read(size)
    if len(content) != size:
        raise Truncated("it ends before its end")
    return content


def _check(block: bytes) -> None:
    if block[257:263] != b"ustar\0":
        raise BadTar("it is no tar archive")
    if _octal(block[148:156]) != sum(block[:148]) + sum(block[156:]) + 8 * 32:
        raise BadTar("a header of it is damaged")


def _octal(field: bytes) -> int:
    digits = field.strip(b" \0")
    if re.fullmatch(rb"[0-7]*", digits) is None:
        raise BadTar("a header of it is damaged")
    return int(digits or b"0", 8)


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]
