"""JSON as the go command prints it: one object after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any


def objects(text: str) -> Iterator[Mapping[str, Any]]:
    """The JSON objects that follow each other in `text`; raises ValueError for anything else."""
    decoder, text = json.JSONDecoder(), text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        yield value
        text = text[end:].lstrip()
