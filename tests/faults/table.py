"""Faults that are tried, and what each gives: docs/offline-faults.md holds this table."""

from __future__ import annotations

from collections.abc import Iterator
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


def rows(table: tuple[Row, ...]) -> Iterator[str]:
    """A table as Markdown has it, a line at a time."""
    yield "| fault | what it gave |"
    yield "|---|---|"
    for row in table:
        said = (
            f"{row.gave[0].upper()}{row.gave[1:]}. {row.remedy}".strip() if row.gave else "It works"
        )
        if row.gave.startswith((_PROXY, "MODULE")):
            said = f"{row.gave}. {row.remedy}".strip()
        yield f"| {row.spoken} | {said} |"

DISKS = (
    Row("cache size=100k", "", ""),
    Row("out size=100k", "", ""),
    Row("bundles size=100k,mode=700", "", ""),
    Row("bundles nr_inodes=14,mode=700", "", ""),
)
ARCHIVES = tuple(Row(n, "", "") for n in ("half","altered","more","empty","page"))
