"""`doctor --project`: each fault gives its one finding, and a healthy project none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from go_kernel.findings import Finding, Status
from go_kernel.health import runner
from go_kernel.health.project import checks
from tests.project import corpus
from tests.project.corpus import CASES, Scene, Shelf

_QUIET = (Status.OK, Status.SKIPPED)


@pytest.fixture(scope="module")
def shelf(
    goroot: Callable[[str], Path], dev_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Shelf:
    """Modules, and the text of a healthy project."""
    gocache = dev_cache / "gocache"
    gocache.mkdir(exist_ok=True)
    return corpus.shelf(goroot("1.26"), gocache, tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def scene(shelf: Shelf, tmp_path: Path) -> Scene:
    """A healthy project."""
    return corpus.scene(shelf, tmp_path)


def looked_at(scene: Scene, *, deep: bool = False) -> list[Finding]:
    """All findings about it."""
    return runner.run(checks(scene.at, deep=deep), [scene.context()])


def wrong(findings: list[Finding]) -> list[tuple[str, str, str]]:
    """What isn't well, as text that a failing test shows."""
    return [(f.id, f.status.value, f.summary) for f in findings if f.status not in _QUIET]


def tree(folder: Path) -> dict[str, bytes | None]:
    """Every file of a folder."""
    return {
        str(one.relative_to(folder)): one.read_bytes() if one.is_file() else None
        for one in folder.rglob("*")
    }


def test_a_healthy_project(scene: Scene) -> None:
    """Nothing is wrong, nothing is written, and the report says what is in force."""
    before = tree(scene.folder.parent)
    findings = looked_at(scene, deep=True)
    assert wrong(findings) == []
    assert all(f.status is Status.OK for f in findings if f.id == "project.modcache")
    assert tree(scene.folder.parent) == before
    [module] = [one for one in findings if one.id == "project.module"]
    assert f"GOMOD={scene.folder}/go.mod" in module.evidence


@pytest.mark.parametrize(
    "proxy", ["https://ada:hunter2hunter2@proxy.invalid,direct", "ada:hunter2hunter2@proxy.invalid"]
)
def test_no_secret_is_said(scene: Scene, proxy: str) -> None:
    """Neither where something is wrong with an address, nor where all is well."""
    scene.written["GOPROXY"] = f"{proxy},https://eve:hunter2hunter2@other.invalid"
    scene.env |= {"GOPROXY": proxy, "GOSUMDB": "off"}
    findings = looked_at(scene)
    assert any(one.id == "project.sources" and "proxy.invalid" in one.evidence for one in findings)
    assert "hunter2" not in json.dumps([one.to_dict() for one in findings])


def test_evidence_has_no_tabs(scene: Scene) -> None:
    """Go's are as wide as they look."""
    corpus.CASES["vendored_before"].break_it(scene)
    [vendor] = [one for one in looked_at(scene) if one.id == "project.vendor"]
    assert "    example.test/lib@v1.1.0: is explicitly required in go.mod" in vendor.evidence
    assert "\t" not in vendor.evidence


@pytest.mark.parametrize("make", corpus.HEALTHY)
def test_what_is_well_is_no_finding(scene: Scene, make: Callable[[Scene], None]) -> None:
    """Directives with an effect, a vendor folder, a workspace: as people have them."""
    make(scene)
    assert wrong(looked_at(scene)) == []


@pytest.mark.parametrize("name", CASES)
def test_one_fault_is_one_finding(scene: Scene, name: str) -> None:
    """Its sentence names the cause; its remedy is a command."""
    case = CASES[name]
    case.break_it(scene)
    findings = looked_at(scene, deep=case.check == "project.build")
    assert [one[:2] for one in wrong(findings)] == [(case.check, case.status)], wrong(findings)
    [found] = [one for one in findings if one.status not in _QUIET]
    assert "hunter2" not in str(found.to_dict())
    assert case.words in found.summary
    commands = found.remedy.commands if found.remedy else ()
    assert any(case.command in one for one in commands) or not case.command, commands
