"""Unpacking: what went in comes out, or it is said what is wrong with it."""

from __future__ import annotations

import io
import os
import random
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from go_kernel.offline import manifest as manifests
from go_kernel.offline import verify
from go_kernel.offline.errors import (
    BadBundle,
    BundleTooLarge,
    BundleUnwritable,
    NoRoom,
    NotABundle,
)
from go_kernel.offline.unpack import Limits, unpack
from tests.offline import archives, bundling
from tests.offline.bundling import Made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A small bundle."""
    return bundling.make(tmp_path_factory.mktemp("made"))


@pytest.fixture
def into(tmp_path: Path) -> Path:
    """An empty folder."""
    (tmp_path / "into").mkdir()
    return tmp_path / "into"


@pytest.fixture
def umask() -> Iterator[None]:
    """A umask that would keep everybody else out, for a while."""
    known = os.umask(0o077)
    yield
    os.umask(known)


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    """What is in a folder: modes and content."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mode & 0o777, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def fails(content: bytes, base: Path) -> BadBundle | None:
    """The error of unpacking this, None where it was none; what came is thrown away."""
    shutil.rmtree(base, ignore_errors=True)
    base.mkdir()
    try:
        unpack(io.BytesIO(content), base, place="a.tar.zst")
    except BadBundle as error:
        return error
    return None


def test_what_was_packed_comes_out(made: Made, into: Path) -> None:
    """Every file, its content, whether it is a program; and the manifest."""
    with made.archive.open("rb") as stream:
        found = unpack(stream, into)

    assert found.id == made.manifest.id
    assert tree(into) == tree(made.folder)
    assert manifests.read(into) == found


def test_everybody_can_read_what_comes_out(made: Made, into: Path, umask: None) -> None:
    """The umask of an administrator is no umask of the site's store."""
    with made.archive.open("rb") as stream:
        unpack(stream, into)

    assert {mode for mode, _ in tree(into).values()} == {0o644, 0o755}
    assert {p.stat().st_mode & 0o777 for p in into.rglob("*") if p.is_dir()} == {0o755}


def test_a_pipe_is_as_good_as_a_file(made: Made, into: Path) -> None:
    """What gives as little as it likes."""
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb", buffering=0) as stream:
            content = made.archive.read_bytes()
            for at in range(0, len(content), 100):
                stream.write(content[at : at + 100])

    thread = threading.Thread(target=write)
    thread.start()
    with os.fdopen(reading, "rb", buffering=0) as stream:
        unpack(stream, into)
    thread.join()

    assert tree(into) == tree(made.folder)


def test_it_may_be_packed_by_others(made: Made, into: Path) -> None:
    """Folders and padding, as tar itself writes them; any level; no checksum; known size."""

    def with_folders(found: list[archives.Entry]) -> list[archives.Entry]:
        return [found[0], archives.Entry("proxy/", type=b"5", mode=0o700), *found[1:]]

    content = archives.tar(with_folders(archives.entries(made)))
    for number, compressor in enumerate(
        (
            zstandard.ZstdCompressor(level=1),
            zstandard.ZstdCompressor(level=22),
            zstandard.ZstdCompressor(level=3, write_content_size=False, write_checksum=True),
        )
    ):
        place = into / str(number)
        place.mkdir()
        unpack(io.BytesIO(compressor.compress(content)), place)
        assert tree(place) == tree(made.folder)


def test_truncated_at_every_byte(made: Made, tmp_path: Path) -> None:
    """Each says that it is truncated, not that it is something else."""
    content = made.archive.read_bytes()
    for length in range(1, len(content)):
        error = fails(content[:length], tmp_path / "x")
        assert error is not None, length
        assert "truncated" in error.reason, (length, error)
        assert error.kind == "truncated"


def test_the_tar_truncated_at_every_block(made: Made, tmp_path: Path) -> None:
    """In a frame that is whole itself: after each header, in each file, before the end."""
    content = archives.tar(archives.entries(made))
    whole = len(content.rstrip(b"\0"))
    for length in range(0, whole, 512):
        error = fails(archives.compressed(content[:length]), tmp_path / "x")
        assert error is not None, length
        assert isinstance(error, NotABundle) or "truncated" in error.reason, (length, error)


def test_it_says_in_which_file_it_is_truncated(made: Made, tmp_path: Path) -> None:
    """By its name."""
    content = archives.tar(archives.entries(made))
    at = content.index(b"package m")  # in the zip, which is stored
    error = fails(archives.compressed(content[:at]), tmp_path / "x")

    assert error is not None
    assert error.path == "proxy/example.invalid/m/@v/v1.0.0.zip"
    assert str(error).startswith(
        "The bundle a.tar.zst can't be used: proxy/example.invalid/m/@v/v1.0.0.zip: the archive "
        "is truncated. Copy it again"
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=120)
@given(at=st.integers(0, 1 << 20), bits=st.integers(1, 255))
def test_no_byte_can_be_altered(made: Made, tmp_path: Path, at: int, bits: int) -> None:
    """One byte changed anywhere is an error, or (in zstd's own header) the same content."""
    content = bytearray(made.archive.read_bytes())
    content[at % len(content)] ^= bits
    error = fails(bytes(content), tmp_path / "x")

    assert error is not None or tree(tmp_path / "x") == tree(made.folder)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=120)
@given(at=st.integers(0, 1 << 20), bits=st.integers(1, 255))
def test_no_byte_of_the_tar_can_be_altered(made: Made, tmp_path: Path, at: int, bits: int) -> None:
    """With compression that fits the altered bytes, so that nothing but we can tell."""
    content = bytearray(archives.tar(archives.entries(made)))
    content[at % len(content)] ^= bits
    error = fails(archives.compressed(bytes(content)), tmp_path / "x")

    if error is None and manifests.read(tmp_path / "x").id == made.manifest.id:
        assert tree(tmp_path / "x") == tree(made.folder)


def test_noise_is_no_bundle(tmp_path: Path) -> None:
    """Neither plain, nor compressed, nor as a tar's header."""
    noise = random.Random(7).randbytes(5000)
    for content in (b"", noise, b"PK\x03\x04" + noise, b"\x1f\x8b" + noise, b"\x28\xb5\x2f\xfd"):
        assert isinstance(fails(content, tmp_path / "x"), BadBundle)
    for content in (b"", noise, bytes(512), bytes(1024)):
        error = fails(archives.compressed(content), tmp_path / "x")
        assert isinstance(error, BadBundle), content
    assert "not compressed by zstd" in str(fails(noise, tmp_path / "x"))


@pytest.mark.parametrize(
    "more",
    [
        b"x",
        b"\0",
        zstandard.ZstdCompressor().compress(b"evil"),
        zstandard.ZstdCompressor().compress(b""),
        b"\x50\x2a\x4d\x18\x04\x00\x00\x00evil",
    ],
    ids=["a byte", "a zero", "a frame", "an empty frame", "a frame to be skipped"],
)
def test_nothing_may_follow_the_frame(made: Made, tmp_path: Path, more: bytes) -> None:
    """It would have no hash in the manifest."""
    error = fails(made.archive.read_bytes() + more, tmp_path / "x")

    assert error is not None
    assert error.reason == "there is something behind its end"


@pytest.mark.parametrize("more", [b"x", bytes(20_000), bytes(512) + b"x" * 512])
def test_nothing_may_follow_the_tar(made: Made, tmp_path: Path, more: bytes) -> None:
    """Besides the zeros that other programs fill its last record with."""
    content = archives.tar(archives.entries(made)).rstrip(b"\0")
    content += bytes(-len(content) % 512 + 1024) + more
    error = fails(archives.compressed(content), tmp_path / "x")

    assert error is not None
    assert "its end" in error.reason


def test_an_empty_file_and_one_that_fills_its_blocks(tmp_path: Path, into: Path) -> None:
    """Where padding is none, or would be."""
    heavy = bundling.make(tmp_path / "h", weight=1024)
    with heavy.archive.open("rb") as stream:
        unpack(stream, into)
    assert tree(into) == tree(heavy.folder)


def test_what_go_would_refuse_is_refused(made: Made, into: Path) -> None:
    """Though the manifest names the file as it is: another zip, a go.sum of other modules."""
    module = replace(made.manifest.modules[0], sum=f"h1:{'A' * 43}=")
    content = archives.lying(made, modules=(module,))
    with pytest.raises(BadBundle, match=r"(v1\.0\.0\.zip: hash|go\.sum: content) \("):
        unpack(io.BytesIO(content), into)


# Limits.


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(total=100), "larger than"),
        (Limits(files=2), "more than 2 files"),
        (Limits(single=50), "larger than"),
    ],
)
def test_what_is_too_large_is_refused_before_anything_is_written(
    made: Made, into: Path, limits: Limits, said: str
) -> None:
    """By what the manifest says already."""
    with made.archive.open("rb") as stream, pytest.raises(BundleTooLarge, match=said):
        unpack(stream, into, limits)
    assert not [*into.iterdir()]


def test_a_disk_that_is_too_small_is_said_first(made: Made, into: Path) -> None:
    """Before anything is written, with both numbers."""
    first = made.manifest.files[0]
    large = replace(made.manifest, files=(replace(first, size=1 << 52), *made.manifest.files[1:]))
    content = archives.compressed(archives.tar(archives.entries(made, large)))
    with pytest.raises(NoRoom, match="needs 4503599627 MB") as raised:
        unpack(io.BytesIO(content), into, Limits(total=1 << 60, single=1 << 60))
    assert raised.value.needed > 1 << 52
    assert not [*into.iterdir()]


@pytest.mark.parametrize("name", ["manifest.json", "go.sum"])
def test_a_folder_that_isnt_empty_is_left_alone(made: Made, into: Path, name: str) -> None:
    """What is there is never written into, be it a link that leads out."""
    (into / "outside").write_text("mine")
    (into / name).symlink_to("outside")
    with made.archive.open("rb") as stream, pytest.raises(BundleUnwritable, match="File exists"):
        unpack(stream, into)
    assert (into / "outside").read_text() == "mine"


def test_a_folder_that_isnt_there(made: Made, tmp_path: Path) -> None:
    """One sentence."""
    with made.archive.open("rb") as stream, pytest.raises(BundleUnwritable, match="No such file"):
        unpack(stream, tmp_path / "none")


def test_progress_counts_megabytes(made: Made, into: Path) -> None:
    """Lines for a person."""
    lines: list[str] = []
    with made.archive.open("rb") as stream:
        unpack(stream, into, progress=lines.append)
    assert lines[0].startswith("unpacking, ")


def test_what_comes_out_verifies(made: Made, into: Path) -> None:
    """Both look at the same."""
    with made.archive.open("rb") as stream:
        unpack(stream, into)
    assert verify.problems(into) == verify.problems(made.archive) == []
