"""Faults that are tried, and what each gives: docs/offline-faults.md holds this table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

_PROXY = "127.0.0.1"  # where the tests' proxy is


@dataclass(frozen=True)
class Row:
    """A fault by its name in the tests, in words, and the sentence that it gives.

    "" where it gives none, because all goes well.  `module` in the sentence is the module
    that was asked for, with its version.
    """

    fault: str
    spoken: str
    gave: str
    remedy: str = ""

    def gives(self, module: str) -> str:
        """The sentence about this module, without its end."""
        return self.gave.replace("MODULE@VERSION", module)


_BROKEN_OFF = (
    f"{_PROXY} breaks the connection off",
    "Check the address in GOPROXY: its scheme, its port, and proxies on the way.",
)
_CORRUPT = (
    "a module's file arrived broken",
    "Something between you and the module proxy changes or cuts files: try again, or choose "
    "another proxy with GOPROXY.",
)
_LACKING = "Check the module's name and version, or choose another proxy with GOPROXY."

# The proxy does it to the zip of one module; for a notebook's import and `bundle create` alike.
PROXY = (
    Row("reset", "The connection is cut before an answer", *_BROKEN_OFF),
    Row("cut", "It is cut in the middle of the zip", *_BROKEN_OFF),
    Row("slow", "The zip comes a little at a time", ""),
    Row("altered", "64 bytes in the middle of the zip are others", *_CORRUPT),
    Row("truncated", "Half of the zip comes, as if it were all", *_CORRUPT),
    Row("login", "A network's log-in page comes in its place", *_CORRUPT),
    Row(
        "exchanged",
        "Another zip in good order comes, with one line more in it",
        "MODULE@VERSION is not what it should be by its checksum",
        "Something between you and the module proxy, or in the module cache, changes files, or "
        "somebody published that version anew: `go clean -modcache` empties the cache, GOPROXY "
        "chooses another proxy.",
    ),
    Row(
        "401",
        "401 Unauthorized",
        f"{_PROXY} wants a user and password (401)",
        "Put them into the file that NETRC names (~/.netrc), or into GOAUTH.",
    ),
    Row(
        "403",
        "403 Forbidden",
        f"{_PROXY} forbids it (403)",
        "Ask who runs that server, or choose another with GOPROXY.",
    ),
    Row("404", "404 Not Found", f"{_PROXY} has no such module (404)", _LACKING),
    Row("410", "410 Gone", f"{_PROXY} has no such module (410)", _LACKING),
    Row(
        "500",
        "500 Internal Server Error",
        f"{_PROXY} answers with an error (500 Internal Server Error)",
        "Try again later, or choose another proxy with GOPROXY.",
    ),
)

# What GOPROXY says; for `bundle create`.
REACH = (
    Row(
        "refused",
        "Nobody listens at its address",
        f"{_PROXY} refuses connections (connection refused)",
        "Check that the server runs and that its port is the right one.",
    ),
    Row(
        "dns",
        "Its name is known nowhere",
        "the name modules.invalid is not known here (DNS)",
        "Check the network and the name; behind a firewall, HTTPS_PROXY or GOPROXY leads out.",
    ),
    Row(
        "tls",
        "Its certificate is signed by nobody who is known",
        f"the certificate of {_PROXY} is not trusted (signed by unknown authority)",
        "Let SSL_CERT_FILE or SSL_CERT_DIR name your site's certificates (for `direct`, git's "
        "http.sslCAInfo too).",
    ),
    Row(
        "off",
        "GOPROXY=off, and nothing is in the module cache",
        "downloads are switched off (GOPROXY=off)",
        "Set GOPROXY to a module proxy, or to a folder (GOPROXY=file:///path).",
    ),
    Row(
        "comma",
        "Two are listed with a `,` between, and nobody listens at the first",
        f"{_PROXY} refuses connections (connection refused), and after a `,` in GOPROXY Go goes on "
        f"only where a module is missing, so not to http://{_PROXY}",
        "Check that the server runs and that its port is the right one. Or write `|` in place of "
        "that `,`: Go then goes on after any failure.",
    ),
    Row("bar", "Two are listed with a `|` between, and nobody listens at the first", ""),
)

# A small file system where something is to be written: its place, and how it was mounted.
DISKS = (
    Row(
        "cache size=100k",
        "`bundle create`: the disk on which it gathers is full",
        "The project DIR can't be bundled: there is no space left on the disk",
        "Free some space, or let XDG_CACHE_HOME name a folder on another disk.",
    ),
    Row(
        "out size=100k",
        "`bundle create`: the disk that the bundle goes to is full",
        "/ada/out/b can't be written: No space left on device",
        "Look whether there is room, and whether you may write there: `ls -ld /ada/out`.",
    ),
    Row(
        "bundles size=100k,mode=700",
        "`bundle use`: the store's disk has less room than the manifest says is needed",
        "The bundle needs N MB in /ada/bundles, and there are N MB free",
        "Make room there, or use it in another folder by GOKERNEL_BUNDLES.",
    ),
    Row(
        "bundles nr_inodes=14,mode=700",
        "`bundle use`: the store's disk has room, and is full in the middle all the same",
        "/ada/bundles can't be written: No space left on device",
        "Look whether there is room, and whether you may write there: `ls -ld /ada`.",
    ),
)

_AGAIN = "Copy it again from where it was made, or make it anew: `jupyter gokernel bundle create`."
_OTHER = (
    "Name an archive (*.gokernel.tar.zst) or folder that `jupyter gokernel bundle create` made."
)

# What is done to an archive before `bundle use`.
ARCHIVES = (
    Row(
        "half",
        "Half of the archive is there",
        "The bundle /ada/out/b can't be used: proxy/example.test/dep/@v/v1.0.0.zip: the archive is "
        "truncated",
        _AGAIN,
    ),
    Row(
        "altered",
        "64 bytes in its middle are others",
        "The bundle /ada/out/b can't be used: proxy/example.test/dep/@v/v1.0.0.zip: it is damaged "
        "here",
        _AGAIN,
    ),
    Row(
        "more",
        "There are bytes behind its end",
        "The bundle /ada/out/b can't be used: there is something behind its end",
        _AGAIN,
    ),
    Row("empty", "It is empty", "The bundle /ada/out/b can't be used: it is empty", _OTHER),
    Row(
        "page",
        "It is a log-in page under its name",
        "The bundle /ada/out/b can't be used: it is not compressed by zstd",
        _OTHER,
    ),
)

_NEXT_RUN = "Nothing is there that counts; the next run works and takes away what was left"

# A command that is ended: what stays is looked at, since nothing is said.
KILLED = (
    Row("download", "`bundle create`, `kill -9` while a zip comes", _NEXT_RUN),
    Row("os.scandir bundle", "`bundle create`, `kill -9` once all has come", _NEXT_RUN),
    Row("open .gokernel-", "`bundle create`, `kill -9` before it packs", _NEXT_RUN),
    Row(
        "os.rename /out/b",
        "`bundle create`, `kill -9` before the packed file is renamed",
        _NEXT_RUN,
    ),
    Row(
        "interrupt",
        "`bundle create`, Ctrl-C while a zip comes",
        "Exit code 130; nothing is left, and no program that it started",
    ),
    Row("open v1.0.0.zip", "`bundle use`, `kill -9` while it unpacks", _NEXT_RUN),
    Row("os.rename .new-", "`bundle use`, `kill -9` before the folder is renamed", _NEXT_RUN),
)

TABLES = {"reach": REACH, "proxy": PROXY, "killed": KILLED, "disks": DISKS, "archives": ARCHIVES}


def markdown(table: Iterable[Row]) -> str:
    """A table as a page of the documentation has it."""
    lines = ["| fault | what it gave |", "|---|---|"]
    for row in table:
        said = f"{row.gave}. {row.remedy}".strip() if row.gave else "It works."
        cells = (row.spoken, said[0].upper() + said[1:])
        # A bar ends a cell, also one between backticks.
        lines.append("".join(f"| {cell.replace('|', chr(92) + '|')} " for cell in cells) + "|")
    return "\n".join(lines)
