"""`snapshot create --sbom`: what a project consists of, in CycloneDX's words."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from tests.cli import snapshots
from tests.cli.conftest import CommandLine, Result
from tests.cli.snapshots import Project
from tests.conftest import CondaPrefix
from tests.engines.proxy import LIB


@pytest.fixture(scope="module")
def prefix(conda_prefix: CondaPrefix) -> Path:
    """An environment to look at."""
    return conda_prefix("go=1.26", "go-cgo")


@pytest.fixture(scope="module")
def pattern(prefix: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project, complete."""
    return snapshots.make(tmp_path_factory.mktemp("pattern"), prefix / "bin" / "go")


@pytest.fixture
def create(cli: CommandLine, pattern: Project, prefix: Path) -> Callable[..., Result]:
    """`snapshot create --sbom sbom.json` in a copy of the project."""
    cli.cwd = shutil.copytree(pattern.folder, cli.cwd / "greet")
    cli.env["GOMODCACHE"] = str(pattern.modules)
    return lambda *words: cli("snapshot", "create", "--env", prefix, "--sbom", "sbom.json", *words)


def bill(cli: CommandLine) -> Any:
    """What was written."""
    return json.loads((cli.cwd / "sbom.json").read_bytes())


def test_it_is_what_the_schema_says(create: Callable[..., Result], cli: CommandLine) -> None:
    """By CycloneDX's own validator, which knows each field."""
    done = create()

    assert done.code == 0, done.err
    text = (cli.cwd / "sbom.json").read_text()
    problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    assert problem is None, str(problem)[:500]


def test_what_is_in_it(create: Callable[..., Result], cli: CommandLine) -> None:
    """The project with the environment's fingerprint; Go, packages and modules by their names."""
    done = create("--json")

    made, stored = bill(cli), done.json["snapshot"]
    root = made["metadata"]["component"]
    assert root["name"] == "example.test/greet"
    facts = {one["name"]: one["value"] for one in root["properties"]}
    assert facts["jupyter-gokernel:environment:fingerprint"] == stored["fingerprint"]
    assert facts["jupyter-gokernel:file:go.sum:sha256"] == stored["project"]["files"]["go.sum"]
    named = {PackageURL.from_string(one["purl"]) for one in made["components"]}
    by_type = {(one.type, f"{one.namespace or ''}/{one.name}".strip("/")) for one in named}
    packages = {("conda", one["name"]) for one in stored["environment"]["packages"]}
    assert by_type == packages | {("golang", "stdlib"), ("golang", LIB)}
    go = next(one for one in made["components"] if one["bom-ref"].startswith("conda:go-1"))
    record = next(one for one in stored["environment"]["packages"] if one["name"] == "go")
    assert go["hashes"] == [{"alg": "SHA-256", "content": record["sha256"]}]


def test_the_same_bytes_each_time(create: Callable[..., Result], cli: CommandLine) -> None:
    """No time is in it; and what changes is another bill of materials, by its number."""
    assert create().code == 0
    first = (cli.cwd / "sbom.json").read_bytes()
    assert create().code == 0
    assert (cli.cwd / "sbom.json").read_bytes() == first

    (cli.cwd / "go.sum").write_text((cli.cwd / "go.sum").read_text() + "\n")
    assert create().code == 0

    assert bill(cli)["serialNumber"] != json.loads(first)["serialNumber"]
    assert "timestamp" not in bill(cli)["metadata"]


def test_a_time_that_is_given(create: Callable[..., Result], cli: CommandLine) -> None:
    """As reproducible builds have it: SOURCE_DATE_EPOCH."""
    cli.env["SOURCE_DATE_EPOCH"] = "1700000000"

    assert create().code == 0

    assert bill(cli)["metadata"]["timestamp"] == "2023-11-14T22:13:20+00:00"


@pytest.mark.parametrize("said", ["yesterday", "-1", "1e9", "999999999999"])
def test_a_time_that_is_none(said: str, create: Callable[..., Result], cli: CommandLine) -> None:
    """It is said, and nothing is written."""
    cli.env["SOURCE_DATE_EPOCH"] = said

    done = create()

    assert done.code == 1
    assert "SOURCE_DATE_EPOCH" in done.err
    assert not [*cli.cwd.glob("*.json")]


def test_without_the_library(
    create: Callable[..., Result], cli: CommandLine, prefix: Path, tmp_path: Path
) -> None:
    """The extra that brings it is named, and nothing is written."""
    root = Path(snapshots.__file__).parents[2]
    broken = tmp_path / "without" / "cyclonedx"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('not here')\n")
    cli.env["PYTHONPATH"] = f"{broken.parent}:{root}"

    done = cli.process("snapshot", "create", "--env", prefix, "--sbom", "sbom.json")

    assert done.code == 1
    assert "pip install 'jupyter-gokernel[sbom]'" in done.err
    assert not [*cli.cwd.glob("*.json")]
