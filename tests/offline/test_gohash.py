"""Go's own hashes: the ones that Go computes."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from go_kernel.offline import gohash
from tests.engines.proxy import Proxy

_PATH = "example.invalid/Deep/Module"
_FILES = {
    "a.go": "package module\n",
    "b/c.txt": "",
    "b-c.txt": "sorted before b/c.txt",
    "UPPER/File.go": "package upper\n",
    "stra\u00dfe/\u00e9\u4e16.txt": "beyond ASCII",
    "large.txt": "x" * 3_000_000,
}


@pytest.fixture(scope="module")
def downloaded(
    tmp_path_factory: pytest.TempPathFactory, goroot: Callable[[str], Path], dev_cache: Path
) -> dict[str, Any]:
    """What `go mod download -json` says of a module that it takes from a folder."""
    base = tmp_path_factory.mktemp("go")
    proxy = Proxy(base / "proxy")
    proxy.publish(_PATH.replace("D", "!d").replace("M", "!m"), "v1.0.0", {})
    folder = proxy.folder / "example.invalid/!deep/!module/@v"
    mod = f"module {_PATH}\n"
    (folder / "v1.0.0.mod").write_text(mod)
    with zipfile.ZipFile(folder / "v1.0.0.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**_FILES, "go.mod": mod}.items():
            archive.writestr(f"{_PATH}@v1.0.0/{name}", content)
    done = subprocess.run(
        [goroot("1.26") / "bin/go", "mod", "download", "-json", "-modcacherw", f"{_PATH}@v1.0.0"],
        cwd=base,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(base),
            "GOPROXY": proxy.url,
            "GOSUMDB": "off",
            "GOTOOLCHAIN": "local",
            "GOFLAGS": "",
            "GOMODCACHE": str(base / "modcache"),
            "GOCACHE": str(dev_cache / "gocache"),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_zip_has_the_hash_that_go_gives_it(downloaded: dict[str, Any]) -> None:
    """Names in Go's order, capitals and letters beyond ASCII included."""
    with Path(downloaded["Zip"]).open("rb") as stream:
        assert gohash.of_zip(stream) == downloaded["Sum"]


def test_a_folder_has_the_hash_of_its_zip(downloaded: dict[str, Any]) -> None:
    """As Go unpacked it."""
    assert gohash.of_folder(Path(downloaded["Dir"]), _PATH, "v1.0.0") == downloaded["Sum"]


def test_a_go_mod_has_the_hash_that_go_gives_it(downloaded: dict[str, Any]) -> None:
    """The line with `/go.mod` in go.sum."""
    content = Path(downloaded["GoMod"]).read_bytes()
    assert gohash.of_go_mod(content) == downloaded["GoModSum"]


def zipped(*files: tuple[str, bytes], kind: int = zipfile.ZIP_STORED) -> bytes:
    """A zip of these."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", kind) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, kind)
    return stream.getvalue()


def test_names_in_an_old_code_page_are_hashed_as_they_are() -> None:
    """Go knows of bytes; Python reads them as cp437 where the zip says nothing."""
    plain = zipped(("caf\u00e9", b"x"))
    old = plain.replace("caf\u00e9".encode(), b"caf\xc3\xa9")  # the same bytes: flags alone differ
    at = old.index(b"PK\x01\x02")
    old = bytearray(old)
    for flags in (6, at + 8):
        old[flags : flags + 2] = bytes(2)

    assert gohash.of_zip(io.BytesIO(bytes(old))) == gohash.of_zip(io.BytesIO(plain))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no zip"),
        (b"PK\x03\x04", "no zip"),
        (zipped(("a", b"x"), ("b", b"y")).replace(b"b", b"a"), "two files of one name"),
        (zipped(("a\nb", b"x")), "more than one line"),
        (zipped(("a", b"x"), kind=zipfile.ZIP_BZIP2), "Go doesn't read"),
        (zipped(("a", b"xyz"))[:-10], "no zip"),
        (zipped(("a", b"xyz")).replace(b"xyz", b"xyy"), "no zip"),
        (b"PK\x01\x02" * 250_001, "lists more than 250000 files"),
    ],
    ids=["empty", "begun", "twice", "lines", "bzip2", "cut", "altered", "many"],
)
def test_what_is_no_module_has_no_hash(content: bytes, said: str) -> None:
    """ValueError, with half a sentence."""
    with pytest.raises(ValueError, match=said):
        gohash.of_zip(io.BytesIO(content))


_WHOLE = zipped(("m@v1/a.go", b"package a\n" * 20), ("m@v1/b", b""), kind=zipfile.ZIP_DEFLATED)


@given(st.lists(st.tuples(st.integers(0, len(_WHOLE) - 1), st.integers(0, 255)), max_size=4))
def test_damage_is_a_value_error(changes: list[tuple[int, int]]) -> None:
    """Never an error of zipfile's inside, never a wait."""
    content = bytearray(_WHOLE)
    for at, byte in changes:
        content[at] = byte
    with contextlib.suppress(ValueError):
        assert gohash.of_zip(io.BytesIO(bytes(content))).startswith("h1:")
