"""Text from anywhere, on one line that every terminal and every page can show."""

from __future__ import annotations

import re

# What would move a terminal's cursor, or break a line in two: names come from anywhere.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """`text` on one line, with control characters written out and no lone surrogates."""
    escaped = _CONTROL.sub(lambda match: repr(match[0])[1:-1], text)
    return escaped.encode("utf-8", "backslashreplace").decode()
