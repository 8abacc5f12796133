"""Keys: what makes another build, and what doesn't."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from go_kernel.engines import catalogue, keys, mend
from go_kernel.engines.build import build_key
from go_kernel.engines.catalogue import Engine, UnknownEngine
from go_kernel.toolchain import Toolchain

CHAIN = Toolchain(Path("/go"), Path("/go/bin/go"), "1.26.6", "linux", "amd64")
VARIABLES = {"CGO_ENABLED": "1", "GOFLAGS": "-trimpath", "HOME": "/home/a"}
HASH = "a" * 64


def key(chain: Toolchain = CHAIN, go_hash: str = HASH, **variables: str) -> str:
    """A key of gophernotes."""
    return build_key(catalogue.get("gophernotes"), chain, {**VARIABLES, **variables}, go_hash)


@pytest.mark.parametrize(
    "change",
    [
        {"go_hash": "b" * 64},
        {"chain": replace(CHAIN, version="1.26.7")},
        {"chain": replace(CHAIN, goos="darwin")},
        {"chain": replace(CHAIN, goarch="arm64")},
        {"CGO_ENABLED": "0"},
        {"GOAMD64": "v3"},
        {"GOEXPERIMENT": "jsonv2"},
        {"GOFIPS140": "latest"},
        {"GOFLAGS": "-trimpath -tags=netgo"},
    ],
)
def test_what_makes_another_build(change: dict[str, Any]) -> None:
    """Each input that decides what is built decides the key."""
    assert key(**change) != key()


@pytest.mark.parametrize(
    "change",
    [
        {"chain": replace(CHAIN, goroot=Path("/elsewhere"), go=Path("/elsewhere/bin/go"))},
        {"chain": replace(CHAIN, prefix=Path("/envs/a"))},
        {"HOME": "/home/b"},
        {"GOPROXY": "off"},
        {"GOFLAGS": "-modcacherw -trimpath"},
        {"GOFLAGS": "-modcacherw -buildmode=pie -trimpath"},
        {"GOFLAGS": "-mod=vendor"},
    ],
)
def test_what_does_not(change: dict[str, Any]) -> None:
    """Two environments with the same Go share a build, wherever they lie."""
    assert key(**change) == key()


def copied(engine: Engine, tmp_path: Path) -> Engine:
    """An engine with a folder of its own."""
    folder = tmp_path / "engine"
    return replace(engine, folder=shutil.copytree(engine.folder, folder))


@pytest.mark.parametrize(
    "file", ["go.mod", "go.sum", "mends/edits/kernel.toml", "mends/files/gophernotes/parent.go"]
)
def test_the_sources_decide(tmp_path: Path, file: str) -> None:
    """A changed pin, hash or mend is another engine."""
    engine = copied(catalogue.get("gophernotes"), tmp_path)
    with (engine.folder / file).open("a") as stream:
        stream.write("\n")

    assert build_key(engine, CHAIN, VARIABLES, HASH) != key()


@pytest.mark.parametrize("name", ["gophernotes", "gonb"])
@pytest.mark.parametrize("file", ["table.json", "causes.go", "seeds.go"])
def test_what_engines_share_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, file: str
) -> None:
    """The table of Go's errors and what reads it are part of each engine, wherever they lie."""
    engine = catalogue.get(name)
    before = keys.sources_digest(engine.folder)
    taken = mend.taken(engine.folder / "mends")
    assert {Path(place).name for place in taken} >= {"table.json", "seeds.go"}
    [place] = [place for place in taken if place.endswith(f"/{file}")]
    changed = tmp_path / file
    changed.write_bytes(taken[place].read_bytes() + b"\n")
    monkeypatch.setattr(mend, "taken", lambda folder: {**taken, place: changed})
    keys.sources_digest.cache_clear()
    try:
        assert keys.sources_digest(engine.folder) != before
    finally:
        keys.sources_digest.cache_clear()


def test_a_copy_of_the_package_gives_the_same_key(tmp_path: Path) -> None:
    """Where this package is installed doesn't matter."""
    engine = copied(catalogue.get("gophernotes"), tmp_path)

    assert build_key(engine, CHAIN, VARIABLES, HASH) == key()


@pytest.mark.parametrize("version", ["1.26.6", "1.27rc1", "1.26.6 X:nocoverage", "devel"])
def test_a_key_is_a_good_folder_name(version: str) -> None:
    """Readable, and nothing in it that means something to a file system."""
    made = key(chain=replace(CHAIN, version=version))

    assert keys.KEY.fullmatch(made)
    assert made.startswith("gophernotes-go")


def test_unknown_engines_are_named_with_the_known_ones() -> None:
    """A wrong name gives a sentence, not a KeyError."""
    with pytest.raises(UnknownEngine, match=r"no engine named 'gonotes'.*gophernotes"):
        catalogue.get("gonotes")
