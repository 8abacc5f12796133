"""Packing: the same content is the same bytes, and everybody's tar reads it."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from go_kernel.offline import tar
from go_kernel.offline.errors import BundleUnwritable
from go_kernel.offline.manifest import Manifest
from go_kernel.offline.pack import describe, pack
from tests.offline import bundling
from tests.offline.bundling import Made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A bundle."""
    return bundling.make(tmp_path_factory.mktemp("made"), name="course", weight=300_000)


@pytest.fixture
def umask() -> Iterator[None]:
    """The process's umask, put back."""
    known = os.umask(0o022)
    yield
    os.umask(known)


def members(archive: Path) -> tarfile.TarFile:
    """The archive, as Python's own tarfile reads it."""
    with archive.open("rb") as stream:
        content = zstandard.ZstdDecompressor().stream_reader(stream).read()
    return tarfile.open(fileobj=io.BytesIO(content))


def test_the_same_content_is_the_same_bytes(made: Made, tmp_path: Path) -> None:
    """Whatever its times, modes of folders, place on disk, and Python's hash seed."""
    copy = tmp_path / "elsewhere" / "folder"
    shutil.copytree(made.folder, copy)
    for path in [*copy.rglob("*"), copy]:
        os.utime(path, (1, 1))
        if path.is_dir():
            path.chmod(0o700)
        elif not os.access(path, os.X_OK):
            path.chmod(0o600)
    code = (
        "import sys; from pathlib import Path; from go_kernel.offline import manifest, pack\n"
        "folder, out = map(Path, sys.argv[1:])\n"
        "print(pack.pack(folder, manifest.read(folder), out).sha256)"
    )
    out = tmp_path / "other name.tar.zst"
    told = subprocess.run(
        [sys.executable, "-c", code, copy, out],
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == made.sha256
    assert out.read_bytes() == made.archive.read_bytes()


def test_what_is_told_is_the_archives_own_hash(made: Made) -> None:
    """`sha256sum` of the file gives the same."""
    assert hashlib.sha256(made.archive.read_bytes()).hexdigest() == made.sha256


def test_everybodys_tar_reads_it(made: Made) -> None:
    """Manifest first, then sorted; no times, no owners, plain files with two modes."""
    with members(made.archive) as archive:
        found = archive.getmembers()
        names = [one.name for one in found]
        content = {one.name: archive.extractfile(one).read() for one in found}  # type: ignore[union-attr]

    assert names == ["manifest.json", *sorted(names[1:])]
    assert {one.type for one in found} == {tarfile.REGTYPE}
    assert {(one.mtime, one.uid, one.gid, one.uname, one.gname) for one in found} == {
        (0, 0, 0, "", "")
    }
    assert {one.mode for one in found} == {0o644, 0o755}
    assert content == {
        path.relative_to(made.folder).as_posix(): path.read_bytes()
        for path in made.folder.rglob("*")
        if path.is_file()
    }


def test_names_of_any_kind_come_through(tmp_path: Path) -> None:
    """Long ones, with and without a place to cut, and letters beyond ASCII."""
    goroot = "toolchain/linux-amd64/go"
    names = [
        *("bin/go", "src/a.go", "src/" + "x" * 74, "src/" + "x" * 75, "src/" + "x" * 76),
        *("test/\u00c4foo.go", "src/" + "y" * 200 + ".go", "/".join(["z" * 50] * 4)),
        *("/".join(["w" * 100] * 2), "q" * 99 + "/" + "r" * 101),
    ]
    for number, name in enumerate(names):
        path = tmp_path / "b" / goroot / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(number))
    files = tuple(describe(tmp_path / "b", f"{goroot}/{name}") for name in names)
    out = tmp_path / "a.tar.zst"
    pack(tmp_path / "b", Manifest("jupyter-gokernel 1", "1.26.8", files), out)

    with members(out) as archive:
        found = {one.name: one.size for one in archive.getmembers()}
    del found["manifest.json"]
    assert found == {f"{goroot}/{name}": number for number, name in enumerate(names)}


_NAMES = st.lists(
    st.text(st.sampled_from("ab\u00e9"), min_size=1, max_size=120), min_size=1, max_size=4
).map("/".join)


@given(_NAMES, st.integers(0, 1 << 45), st.booleans())
def test_what_a_header_says_is_read_again(path: str, size: int, executable: bool) -> None:
    """By us and by Python's tarfile: name, size beyond 8 GB, mode."""
    header = tar.header(path, size, executable)
    found = tar.read_entry(io.BytesIO(header).read)

    assert found == tar.Entry(path, size, executable=executable)
    # Its own end, for a file of which only the header is there.
    with tarfile.open(fileobj=io.BytesIO(header), mode="r|") as archive:
        other = archive.next()
    assert other is not None
    assert (other.name, other.size) == (path, size)


@pytest.mark.parametrize("change", ["longer", "shorter", "other", "gone"])
def test_a_file_that_changes_is_no_bundle(made: Made, tmp_path: Path, change: str) -> None:
    """Nothing is left where it should have gone, and what was there stays."""
    folder, out = tmp_path / "b", tmp_path / "out" / "a.tar.zst"
    shutil.copytree(made.folder, folder)
    out.parent.mkdir()
    out.write_text("earlier")
    file = folder / "go.sum"
    content = file.read_bytes()
    file.unlink()
    if change != "gone":
        changed = {"longer": content + b"x", "shorter": content[:-1], "other": content[::-1]}
        file.write_bytes(changed[change])

    with pytest.raises(BundleUnwritable, match=r"go\.sum"):
        pack(folder, made.manifest, out)

    assert out.read_text() == "earlier"
    assert [*out.parent.iterdir()] == [out]


def test_what_cant_be_written_is_said(made: Made, tmp_path: Path) -> None:
    """A folder that isn't there, and one that is in the way."""
    with pytest.raises(BundleUnwritable, match="No such file"):
        pack(made.folder, made.manifest, tmp_path / "none" / "a.tar.zst")
    (tmp_path / "folder").mkdir()
    with pytest.raises(BundleUnwritable, match="Is a directory"):
        pack(made.folder, made.manifest, tmp_path / "folder")
    assert [*tmp_path.iterdir()] == [tmp_path / "folder"]


@pytest.mark.parametrize(("mask", "mode"), [(0o077, 0o600), (0o022, 0o644)])
def test_the_umask_says_who_may_read_it(
    made: Made, tmp_path: Path, umask: None, mask: int, mode: int
) -> None:
    """Private modules may be in it."""
    os.umask(mask)
    out = tmp_path / "a.tar.zst"
    pack(made.folder, made.manifest, out)

    assert out.stat().st_mode & 0o777 == mode


def test_progress_counts_megabytes(made: Made, tmp_path: Path) -> None:
    """Lines for a person."""
    lines: list[str] = []
    pack(made.folder, made.manifest, tmp_path / "a.tar.zst", lines.append)

    assert lines
    assert all(line.startswith("packing, ") and line.endswith(" MB") for line in lines)


def test_the_manifest_that_is_packed_is_the_one_given(made: Made, tmp_path: Path) -> None:
    """Not the one in the folder."""
    other = replace(made.manifest, name="other")
    out = tmp_path / "a.tar.zst"
    pack(made.folder, other, out)

    with members(out) as archive:
        assert archive.extractfile("manifest.json").read() == other.to_bytes()  # type: ignore[union-attr]
