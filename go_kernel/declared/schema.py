"""The published JSON Schema, which is also what a file is checked by.

Only the words that `schema.json` uses are understood, so that there is one truth and no
library for it; a test asks the library, too.
ref: https://json-schema.org/draft/2020-12/json-schema-validation
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from go_kernel.variables import mask_urls

FILE = Path(__file__).with_name("schema.json")

Place = tuple[str | int, ...]
Schema = Mapping[str, Any]

_LONGEST_SHOWN = 60
_KINDS: Mapping[str, tuple[type, str]] = {
    "object": (Mapping, "a mapping (NAME: VALUE)"),
    "array": (list, "a list"),
    "string": (str, "text"),
    "boolean": (bool, "true or false"),
}


@dataclass(frozen=True)
class Problem:
    """What is wrong at a place: the rest of a sentence that begins with the place."""

    place: Place
    words: str

    def __str__(self) -> str:
        """The sentence, without its end."""
        return f"{spoken(self.place)} {self.words}"


@cache
def published() -> Schema:
    """The schema as data."""
    content: Schema = json.loads(text())
    return content


def text() -> str:
    """The schema as it is published."""
    return FILE.read_text(encoding="utf-8")


def problems(value: object, schema: Schema, place: Place = ()) -> Iterator[Problem]:
    """All that is wrong with a value of YAML or JSON, in its own order."""
    kind = schema.get("type")
    if kind and not isinstance(value, _KINDS[kind][0]):
        yield Problem(place, _wrong_kind(value, kind))
        return
    yield from (Problem(place, words) for words in _of_itself(value, schema))
    if isinstance(value, Mapping):
        yield from _in_mapping(value, schema, place)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from problems(item, schema.get("items", {}), (*place, at))


def spoken(place: Place) -> str:
    """A place as people write it: `kernels[0].engine`; "the file" for all of it."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return "".join(parts).lstrip(".") or "the file"


def shown(value: object) -> str:
    """A value without passwords, short enough for a sentence."""
    said = mask_urls(json.dumps(value, ensure_ascii=False, default=str))
    return said if len(said) <= _LONGEST_SHOWN else f"{said[:_LONGEST_SHOWN]}…"


def _wrong_kind(value: object, wanted: str) -> str:
    what = "empty" if value is None else shown(value)
    said = f"is {what}, where {_KINDS[wanted][1]} belongs"
    if wanted == "string" and isinstance(value, int | float):  # 1.30 is 1.3 to YAML
        return f"{said}: put it in quotes"
    return said


def _of_itself(value: object, schema: Schema) -> Iterator[str]:
    """What is wrong with a value without looking into it."""
    choice: Sequence[object] = schema.get("enum", ())
    if "const" in schema:
        choice = [schema["const"]]
    # To Python True is 1.
    if choice and not any(_same(value, one) for one in choice):
        yield f"is {shown(value)}, not {' or '.join(map(str, choice))}"
    if isinstance(value, str):
        yield from _of_text(value, schema)
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            yield "is empty"
        if len(value) > schema.get("maxItems", len(value)):
            yield f"has {len(value)} entries, more than {schema['maxItems']}"


def _same(value: object, one: object) -> bool:
    return isinstance(value, bool) == isinstance(one, bool) and value == one


def _of_text(value: str, schema: Schema) -> Iterator[str]:
    if len(value) > schema.get("maxLength", len(value)):
        yield f"is longer than {schema['maxLength']} characters"
    if "pattern" in schema and not fits(schema["pattern"], value):
        yield f"can't be {shown(value)}"


def fits(pattern: str, value: str) -> bool:
    """Whether an anchored pattern of the schema takes the whole of `value`.

    Python's `$` would take a newline after it, JSON Schema's doesn't.
    """
    return re.fullmatch(pattern.removeprefix("^").removesuffix("$"), value) is not None


def _in_mapping(value: Mapping[Any, Any], schema: Schema, place: Place) -> Iterator[Problem]:
    known: Mapping[str, Schema] = schema.get("properties", {})
    others = schema.get("additionalProperties", {})
    names = schema.get("propertyNames", {})
    yield from (Problem(place, words) for words in _missing(value, schema))
    for key, content in value.items():
        if key in known:
            yield from problems(content, known[key], (*place, key))
        elif others is False:
            words = f"is not known; what may stand there is: {', '.join(known)}"
            yield Problem((*place, str(key)), words)
        elif not isinstance(key, str) or not fits(names.get("pattern", ".*"), key):
            yield Problem((*place, str(key)), "is no variable's name")
        else:
            yield from problems(content, others, (*place, key))


def _missing(value: Mapping[Any, Any], schema: Schema) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"lacks {name!r}"
    one_of = [name for choice in schema.get("oneOf", ()) for name in choice["required"]]
    given = [name for name in one_of if name in value]
    if one_of and not given:
        yield f"needs one of {', '.join(one_of)}"
    if len(given) > 1:
        yield f"has {' and '.join(given)}, which exclude each other"
