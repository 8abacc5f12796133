"""What notebooks in a project's folder import is in its bundle."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from go_kernel.offline import notebooks
from go_kernel.offline.unmade import NotGathered
from tests.engines.proxy import Proxy
from tests.offline.making import Maker, Offline

A, B, C = (f"example.test/{one}" for one in ("a", "b", "c"))


@pytest.fixture
def proxy(tmp_path: Path) -> Proxy:
    """Modules a in two versions (needs b), b, c with a package below."""
    made = Proxy(tmp_path / "proxy")
    for version in ("v0.1.0", "v0.2.0"):
        files = {"a.go": f'package a\nimport _ "{B}"\n', "new/n.go": "package new\n"}
        made.publish(A, version, files, more=f"\nrequire {B} v0.1.0\n")
    made.publish(B, "v0.1.0", {"b.go": "package b\n"})
    made.publish(C, "v0.1.0", {"c.go": "package c\n", "sub/s.go": "package sub\n"})
    made.publish(C, "v0.2.0", {"c.go": "package c\n"})
    return made


@pytest.fixture
def maker(proxy: Proxy, tmp_path: Path, goroot: Callable[[str], Path], dev_cache: Path) -> Maker:
    """Makes bundles from that proxy."""
    base = tmp_path / "maker"
    (base / "project" / "own").mkdir(parents=True)
    (base / "project" / "go.mod").write_text("module example.test/project\n\ngo 1.22\n")
    (base / "project" / "own" / "own.go").write_text("package own\n")
    return Maker(base, goroot("1.26"), dev_cache / "gocache", proxy.url)


def notebook(path: Path, *cells: str, spec: dict[str, str] | None = None) -> Path:
    """A notebook, Go's where nothing else is said."""
    made: list[dict[str, Any]] = [
        {"cell_type": "markdown", "source": 'import "example.test/prose"'},
        *({"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells),
    ]
    metadata = {"kernelspec": spec or {"name": "go-demo", "language": "go"}}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"nbformat": 4, "metadata": metadata, "cells": made}))
    return path


def bundled(maker: Maker) -> tuple[set[str], tuple[str, ...]]:
    """The modules of the project's bundle, and its notes."""
    made = maker.bundle(projects=[maker.base / "project"])
    return {f"{one.path}@{one.version}" for one in made.manifest.modules if one.sum}, made.notes


def test_what_notebooks_import_is_there_without_a_network(maker: Maker) -> None:
    """Also below folders; not what other kernels', hidden or another module's notebooks import."""
    project = maker.base / "project"
    imports = f'import (\n\t"fmt"\n\tx "{A}" // the first\n\t"example.test/project/own"\n)'
    notebook(project / "notebooks" / "one.ipynb", imports)
    notebook(project / ".ipynb_checkpoints" / "old.ipynb", f'import "{C}"')
    notebook(project / "python.ipynb", f'import "{C}"', spec={"name": "python3"})
    notebook(project / "other" / "theirs.ipynb", f'import "{C}"')
    (project / "other" / "go.mod").write_text("module example.test/other\n")

    made = maker.bundle(projects=[project])

    assert made.notes == ()
    assert f"{B}@v0.1.0" in Offline(maker, made.path).imported(A)
    assert C not in {one.path for one in made.manifest.modules}


def test_pins_are_heard(maker: Maker) -> None:
    """Also for a package that the newest version hasn't got."""
    project = maker.base / "project"
    pins = f"%get {C}@v0.1.0 {B}@none\n!*go get {A}@v0.1.0"
    notebook(project / "n.ipynb", pins, f'import "{C}/sub"; import "{A}/new"')

    modules, notes = bundled(maker)

    assert notes == ()
    assert modules == {f"{A}@v0.1.0", f"{B}@v0.1.0", f"{C}@v0.1.0"}


def test_what_cannot_be_had_is_a_note(maker: Maker) -> None:
    """A typo, a version that is nowhere, and files that are no notebooks: never a failure."""
    project = maker.base / "project"
    notebook(project / "typo.ipynb", f'import "example.test/aa"\n%get {C}@v9 {C}@patch')
    notebook(project / "odd.ipynb", 'import "exa mple.test/\x1b[31m"')
    (project / "broken.ipynb").write_text('{"metadata": {"kernelspec": {"name": "gonb"}}, "cells"')
    (project / "list.ipynb").write_text("[]")
    (project / "deep.ipynb").write_text("[" * 100_000)
    os.mkfifo(project / "pipe.ipynb")

    _, notes = bundled(maker)

    said = "\n".join(notes)
    assert "no module provides it: example.test/aa" in said
    assert f"A notebook asks for {C}@v9, which isn't there" in said
    assert f"{C}@patch" in said
    for name in ("broken", "list", "deep", "pipe"):
        assert f"{name}.ipynb can't be read" in said
    assert "\x1b" not in said


def test_a_proxy_that_does_not_answer_is_no_typo(maker: Maker) -> None:
    """Else what is in a bundle would hang on how the network was."""
    notebook(maker.base / "project" / "n.ipynb", f"%get {A}@v0.1.0")
    maker.variables["GOPROXY"] = "http://127.0.0.1:9"
    with pytest.raises(NotGathered):
        bundled(maker)


@pytest.mark.parametrize(
    ("source", "imports", "gets"),
    [
        ('import "a.test/b"', "a.test/b", ""),
        ('import `a.test/b`; import . "a.test/c"', "a.test/b a.test/c", ""),
        (
            'import (\n_ "a.test/b"; c "a.test/c"\n"d.test/d" )\nx := "e.test/e"',
            "a.test/b a.test/c d.test/d",
            "",
        ),
        ('// import "a.test/b"\n/* import "a.test/c"\n*/ x := `import "a.test/d"`', "", ""),
        ('x := "import"\n"a.test/b"', "", ""),
        ('r := \'"\'\nimport "a.test/b"', "a.test/b", ""),
        ('import "fmt"; import "./local"; import "C"; import "../up"; import "/a.b"', "", ""),
        ('!echo don\'t "\nimport "a.test/b"', "a.test/b", ""),
        ("%get a.test/b@v1.2.3 c.test/d@none", "", "a.test/b@v1.2.3"),
        ("!*go get -u a.test/b@latest\n!go get c.test/d", "", "a.test/b@latest c.test/d"),
        ('%%writefile x.go\nimport "a.test/b"', "", ""),
        ('%%\nimport "a.test/b"', "a.test/b", ""),
        ('import (\n"a.test/b"', "a.test/b", ""),
        ("import", "", ""),
    ],
)
def test_a_cell_is_read_as_go_reads_it(source: str, imports: str, gets: str) -> None:
    """Without running into what is text in it."""
    said = notebooks.said(source)
    assert said.imports == {*imports.split()}
    assert said.gets == {*gets.split()}
