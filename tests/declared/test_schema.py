"""The schema that is published and the reader that checks files say the same of any file."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from go_kernel.declared import reading, schema
from go_kernel.declared.errors import BadDeclaration
from go_kernel.engines import catalogue

_VALIDATOR = Draft202012Validator(json.loads(schema.text()))
_WHOLE: dict[str, Any] = {
    "version": 1,
    "policy": {"variables": {"GOPROXY": "off"}, "offline": True},
    "bundles": [{"file": "b", "sha256": "0" * 64, "name": "course", "site": False}],
    "environments": [
        {"name": "demo", "go": "1.26", "packages": ["gcc>=12"], "channels": ["conda-forge"]},
        {"prefix": "./env"},
    ],
    "engines": [{"environment": "demo", "engine": "gonb"}],
    "kernels": [
        {
            "environment": "demo",
            "engine": "gophernotes",
            "name": "go-demo",
            "display_name": "Go",
            "settings": {"A": "b"},
            "offline": True,
            "portable": False,
        },
        {"go": "embedded", "name": "go-k"},
    ],
}
# A newline at the end is another matter: below.
_TEXTS = st.one_of(
    st.sampled_from(
        ["", "a", "A", ".a", "a b", "a/b", "1.26", ">=1.25", "1.26.*", "embedded", "gonb", "0" * 64]
    ),
    st.text(max_size=6).filter(lambda text: not text.endswith("\n")),
)
_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(0, 2), st.floats(0, 2), _TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(_TEXTS, inner, max_size=2)
    ),
    max_leaves=4,
)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every mapping and list in a document, with each of its keys."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


@st.composite
def documents(draw: st.DrawFn) -> Any:
    """A document that is whole but for one to three changes."""
    document = copy.deepcopy(_WHOLE)
    for _ in range(draw(st.integers(0, 3))):
        places = [*_places(document)]
        if not places:
            return document
        inside, key = draw(st.sampled_from(places))
        change = draw(st.sampled_from(["replace", "remove", "add"]))
        if change == "replace":
            inside[key] = draw(_VALUES)
        elif change == "remove":
            del inside[key]
        elif isinstance(inside, dict):
            names = st.sampled_from(["go", "environment", "name", "prefix", "engine", "x"])
            inside[draw(st.one_of(names, _TEXTS))] = draw(_VALUES)
        else:
            inside.append(draw(_VALUES))
    return document


@given(documents())
def test_reader_and_library_agree(document: Any) -> None:
    """What the library calls valid the reader takes, and nothing else."""
    problems = [str(one) for one in schema.problems(document, schema.published())]
    assert (not problems) == _VALIDATOR.is_valid(document), problems


@given(_VALUES)
def test_anything_at_all(document: Any) -> None:
    """So it is for what is no declaration in any way."""
    problems = [*schema.problems(document, schema.published())]
    assert (not problems) == _VALIDATOR.is_valid(document)


@given(documents())
def test_a_valid_file_becomes_data_or_a_sentence(document: Any) -> None:
    """Whatever the schema takes is understood, or refused with the thing's name."""
    if not _VALIDATOR.is_valid(document):
        return
    said = ""
    try:
        declared = reading.parse(document, Path("/work.invalid/g.yml"), {"HOME": "/nowhere"})
    except BadDeclaration as error:
        said = str(error)
    assert said.startswith("/work.invalid/g.yml: ") or declared.policy.offline in (True, False)


def test_whole_example_and_the_schema_itself() -> None:
    """The schema is one; a document with every word of it is valid."""
    Draft202012Validator.check_schema(json.loads(schema.text()))
    assert [*schema.problems(_WHOLE, schema.published())] == []
    declared = reading.parse(_WHOLE, Path("/work.invalid/g.yml"), {"HOME": "/home/ada"})
    assert [str(one.prefix) for one in declared.environments] == [
        "/home/ada/.conda/envs/demo",
        "/work.invalid/env",
    ]
    assert declared.environments[0].specs == ("go=1.26", "gcc>=12")
    assert declared.kernels[0].settings == {"A": "b", "GOPROXY": "off"}
    assert all(kernel.offline for kernel in declared.kernels)


def test_only_words_that_the_reader_knows() -> None:
    """A word that it doesn't know would promise what nobody checks."""
    known = {
        *("$schema", "title", "description", "type", "required", "additionalProperties"),
        *("properties", "propertyNames", "const", "enum", "items", "minItems", "maxItems"),
        *("maxLength", "pattern", "oneOf"),
    }
    assert set(_words(json.loads(schema.text()))) <= known


def test_every_engine_can_be_declared() -> None:
    """The engines of the schema are those that there are."""
    content = json.loads(schema.text())["properties"]
    for kind in ("engines", "kernels"):
        enum = content[kind]["items"]["properties"]["engine"]["enum"]
        assert sorted(enum) == sorted(catalogue.names())


@pytest.mark.parametrize("text", ["a\n", "0" * 64 + "\n"])
def test_newline_at_the_end(text: str) -> None:
    """Python's `$` would take it; here the whole of a text has to fit."""
    for change in ({"kernels": [{"go": "x", "name": text}]}, {"bundles": [_bundle(text)]}):
        assert [*schema.problems({"version": 1, **change}, schema.published())]


def _bundle(digest: str) -> dict[str, str]:
    return {"file": "b", "sha256": digest}


def _words(part: Any) -> Iterator[str]:
    """The schema's own words, without the names of what it describes."""
    for word, value in part.items():
        yield word
        if word == "properties":
            for inner in value.values():
                yield from _words(inner)
        elif isinstance(value, dict):
            yield from _words(value)
        elif word == "oneOf":
            for inner in value:
                yield from _words(inner)
