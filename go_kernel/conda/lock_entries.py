"""The packages of a lock file as conda-lock itself writes them, read a hundred times faster.

A lock file has hundreds of thousands of characters, of which a YAML parser in Python reads
some 200,000 in a second.  What is recognized here is a part of YAML that means the same to
all of its parsers; whatever else stands in a file, the parser reads.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver

# A scalar on one line: without quotes and nothing that means more, or in single ones.
_PLAIN = r"[A-Za-z0-9_./](?:[A-Za-z0-9_./+:=@%~!&?-]*[A-Za-z0-9_./+=@%~!&?-])?"
_QUOTED = r"'[^'\n\\]*'"
_SCALAR = rf"(?:{_PLAIN}|{_QUOTED})"
# What a dependency asks for is not looked at, and may go on on the next line.
_ASKED = rf"(?:{_QUOTED}|[A-Za-z0-9_.][A-Za-z0-9_.*=<>|,+ ]*(?:\n {{6,}}[A-Za-z0-9_.*=<>|,+ ]+)?)"
_ENTRY = re.compile(
    rf"- name: (?P<name>{_SCALAR})\n"
    rf"  version: (?P<version>{_SCALAR})\n"
    rf"  manager: (?P<manager>{_PLAIN})\n"
    rf"  platform: (?P<platform>{_PLAIN})\n"
    rf"(?:  dependencies:(?: \{{\}}\n|\n(?:    {_PLAIN}: {_ASKED}\n)+))?"
    rf"  url: (?P<url>{_SCALAR})\n"
    r"  hash:\n"
    rf"(?:    md5: (?P<md5>{_SCALAR})\n)?"
    rf"(?:    sha256: (?P<sha256>{_SCALAR})\n)?"
    rf"(?:  build: (?P<build>{_SCALAR})\n)?"
    rf"(?:  category: (?P<category>{_PLAIN})\n)?"
    r"  optional: (?P<optional>true|false)\n"
)
_BEGIN = "\npackage:\n"
_TEXT = "tag:yaml.org,2002:str"
_HASHES = ("md5", "sha256")


def of(text: str) -> tuple[int, list[dict[str, Any]]] | None:
    """Where the packages begin, and each as YAML reads it; None where a parser has to.

    Other keys of an entry than those of `lock_file.Locked` are left out.
    """
    begin = text.find(_BEGIN) + 1
    # A second list of packages, or a second document, is for the parser to refuse.
    if not begin or text.startswith("package:") or "\npackage" in text[begin:]:
        return None
    entries, at = [], begin + len(_BEGIN) - 1
    while at < len(text):
        match = _ENTRY.match(text, at)
        if match is None:
            return None
        entry = _entry(match)
        if entry is None:
            return None
        entries.append(entry)
        at = match.end()
    return (begin, entries) if entries else None


def _entry(match: re.Match[str]) -> dict[str, Any] | None:
    said = {key: one for key, one in match.groupdict().items() if one and key != "optional"}
    found: dict[str, Any] = {key: _value(one) for key, one in said.items()}
    if None in found.values():
        return None
    hashes = {key: found.pop(key) for key in _HASHES if key in found}
    return {**found, "hash": hashes, "optional": match["optional"] == "true"}


@lru_cache(maxsize=4096)
def _value(said: str) -> str | None:
    """A scalar as a text; None for what isn't one to YAML, as 1.10, 007 and null."""
    if said.startswith("'"):
        return said[1:-1]
    return said if _resolver().resolve(ScalarNode, said, (True, False)) == _TEXT else None


@lru_cache(maxsize=1)
def _resolver() -> Any:
    return VersionedResolver()
