"""`bundle use`, `list` and `remove` as people type them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine
from tests.offline import bundling
from tests.offline.bundling import Made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A bundle, to be read only."""
    return bundling.make(tmp_path_factory.mktemp("made"), name="course")


@pytest.fixture
def line(cli: CommandLine, tmp_path: Path) -> CommandLine:
    """A command line with stores of its own."""
    cli.env["GOKERNEL_SITE_BUNDLES"] = str(tmp_path / "site")
    cli.env["GOKERNEL_BUNDLES"] = str(tmp_path / "user")
    return cli


def test_a_bundle_comes_is_listed_and_goes(line: CommandLine, made: Made, tmp_path: Path) -> None:
    """What it brings, that kernels have to be restarted, and how to see whose it is."""
    used = line("bundle", "use", made.archive)
    listed = line("bundle", "list")
    removed = line("bundle", "remove", "course")

    assert used.code == listed.code == removed.code == 0
    folder = tmp_path / "user" / made.manifest.id
    assert f"The bundle course ({made.manifest.id}) is here now: 1 module" in used.out
    assert f"Go 1.26.8 for {bundling.PLATFORM}" in used.out
    assert "have to be restarted" in used.out
    assert made.sha256 in used.out
    for word in ("course", made.manifest.id, "gophernotes", "1.26.8", "user", str(folder)):
        assert word in listed.out
    assert f"Removed the bundle course ({made.manifest.id})" in removed.out
    assert "There is no bundle here" in line("bundle", "list").err


def test_json_says_all_of_it(line: CommandLine, made: Made) -> None:
    """The same things, as data."""
    used = line("bundle", "use", made.archive, "--sha256", made.sha256, "--json").json
    again = line("bundle", "use", made.archive, "--name", "mine", "--json").json
    listed = line("bundle", "list", "--json").json
    removed = line("bundle", "remove", "mine", "--json").json

    assert used["bundle"]["id"] == made.manifest.id
    assert used["bundle"]["sha256"] == made.sha256
    assert used["digest"] == {"sha256": made.sha256, "of": "the archive"}
    assert (used["again"], again["again"]) == (False, True)
    assert used["warnings"] == []
    assert listed["bundles"] == [again["bundle"]]
    assert [one["name"] for one in removed["removed"]] == ["mine"]
    assert line("bundle", "list", "--json").json == {"bundles": []}


def test_a_folder_for_the_site_by_its_manifests_hash(
    line: CommandLine, made: Made, tmp_path: Path
) -> None:
    """The hash that counts is the manifest's, in capitals as well."""
    digest = hashlib.sha256((made.folder / "manifest.json").read_bytes()).hexdigest().upper()

    used = line("bundle", "use", made.folder, "--site", "--sha256", digest)

    assert used.code == 0
    assert "everybody's kernels" in used.out
    assert (tmp_path / "site" / made.manifest.id).is_dir()


def test_the_site_wants_proof(line: CommandLine, made: Made) -> None:
    """One sentence with both ways of giving it."""
    used = line("bundle", "use", made.archive, "--site")

    assert used.code == 1
    assert "Nothing shows where" in used.err
    assert "--sha256 HASH" in used.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sha256", "0" * 63], "is no SHA-256"),
        (["--sha256", "0" * 64 + "\n"], "is no SHA-256"),
        (["--sha256", ""], "--sha256 says nothing"),
        (["--sha256="], "--sha256 says nothing"),
        (["--signature", ""], "--signature says nothing"),
        (["--signers", "x"], "there is no --signature"),
        (["--name", "../x"], "no name for a bundle"),
        (["--name", "0" * 16], "no name for a bundle"),
        (["more"], "one word too many"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    line: CommandLine, made: Made, tmp_path: Path, words: list[str], said: str
) -> None:
    """Exit code 2, and nothing is touched."""
    used = line("bundle", "use", made.archive, *words)

    assert used.code == 2
    assert said in used.err
    assert not (tmp_path / "user").exists()


def test_one_that_does_not_fit_is_used_with_a_warning(line: CommandLine, tmp_path: Path) -> None:
    """Its modules may serve still."""
    foreign = bundling.make(tmp_path, engine_pins="0" * 64, platform="plan9-mips")

    used = line("bundle", "use", foreign.archive)

    assert used.code == 0
    assert "warn: The modules for building gophernotes" in used.err
    assert "is for plan9-mips" in used.err


def test_bundles_that_are_not_used_are_told(line: CommandLine, made: Made, tmp_path: Path) -> None:
    """`list` says why."""
    line("bundle", "use", made.archive)
    (tmp_path / "user" / made.manifest.id).chmod(0o777)

    listed = line("bundle", "list")

    assert listed.code == 0
    assert "warn: The bundle course is not used" in listed.err
