"""docs/hub.md: what the page says is what there is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from traitlets.config import Config

from go_kernel.hub import GoSpawnerMixin, check

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "hub.md").read_text()


def blocks(language: str) -> list[str]:
    return [
        re.sub(r"(?m)^ {3}", "", found) if indented else found
        for indented, found in re.findall(
            rf"(?ms)^( {{3}})?```{language}\n(.*?)^(?: {{3}})?```", PAGE
        )
    ]


def test_every_setting_is_in_the_table_with_an_example_that_the_mixin_takes() -> None:
    """No more and no less than the mixin has."""
    rows = re.findall(r"(?m)^\| `(\w+)` \| `(.+?)` \|", PAGE)

    for name, example in rows:
        config = Config({"GoSpawnerMixin": {name: eval(example)}})
        assert getattr(GoSpawnerMixin(config=config), name) == eval(example)
    assert {name for name, _ in rows} == set(GoSpawnerMixin.class_trait_names(config=True))


@pytest.mark.parametrize("code", [one for one in blocks("python") if "import" not in one])
def test_every_piece_of_configuration_is_one(code: str) -> None:
    """Executed as a Hub would, and its settings of the mixin taken by it."""
    c = Config()
    exec(code, {"c": c})

    check(c)


def test_the_map_on_the_page_is_json() -> None:
    """As the servers read it."""
    (text,) = blocks("json")

    assert json.loads(text)["environments"]["go-1.26"]["prefix"].startswith("/")


def test_the_sentences_to_look_up_are_those_that_are_said() -> None:
    """Each piece between the page's ellipses and names stands in the code."""
    code = " ".join(p.read_text() for p in (REPOSITORY / "go_kernel").rglob("*.py"))
    # Sentences are broken over lines, and names are put in.
    said = re.sub(r'"\s+f?"', "", code)
    rows = re.search(r"(?s)\| what is said \|.*?\n\n", PAGE)
    assert rows
    cells = [line.split(" | ")[0].strip("| ") for line in rows[0].splitlines()[2:]]
    sentences = [cell for cell in cells if cell.endswith((".", "…"))]

    pieces = [
        piece.strip(" .,")
        for cell in sentences
        for piece in re.split(r"…|'X'|\bX\b|group N|gophernotes", cell)
    ]
    assert len(sentences) >= 8
    assert [piece for piece in pieces if piece and piece not in said] == []


@pytest.mark.parametrize(
    "page", ["docs/hub.md", *(f"jupyterhub_config/{n}/README.md" for n in ("docker", "kubernetes"))]
)
def test_links_lead_somewhere(page: str) -> None:
    """Those into the repository."""
    path = REPOSITORY / page

    links = re.findall(r"\]\((?!http|#)([^)#]+)", path.read_text())

    assert links
    assert [link for link in links if not (path.parent / link).exists()] == []
