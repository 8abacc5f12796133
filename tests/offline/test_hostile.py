"""Archives that somebody made to do harm: nothing of theirs is outside of the folder."""

from __future__ import annotations

import io
import random
import re
import resource
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from go_kernel.offline import tar, verify
from go_kernel.offline.errors import BadBundle, BundleTooLarge
from go_kernel.offline.manifest import File
from go_kernel.offline.pack import describe
from go_kernel.offline.unpack import Limits, unpack
from tests.offline import archives, bundling
from tests.offline.archives import Entry
from tests.offline.bundling import Made

_GO = f"toolchain/{bundling.PLATFORM}/go"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A small bundle."""
    return bundling.make(tmp_path_factory.mktemp("made"))


@pytest.fixture
def into(tmp_path: Path) -> Iterator[Path]:
    """A folder in the only folder of another; afterwards nothing is beside it."""
    folder = tmp_path / "a" / "into"
    folder.mkdir(parents=True)
    (tmp_path / "secret").write_text("mine")
    yield folder
    assert {*tmp_path.iterdir()} == {tmp_path / "a", tmp_path / "secret"}
    assert [*folder.parent.iterdir()] == [folder]
    assert (tmp_path / "secret").read_text() == "mine"
    for path in folder.rglob("*"):
        assert not path.is_symlink()
        assert path.is_dir() or (path.is_file() and path.stat().st_nlink == 1)


def refused(content: bytes, into: Path) -> BadBundle:
    """The error of unpacking this; verifying it finds something as well."""
    with pytest.raises(BadBundle) as raised:
        unpack(io.BytesIO(content), into, place="evil.tar.zst")
    assert len(str(raised.value).splitlines()) == 1
    archive = into.parent / "evil.tar.zst"
    archive.write_bytes(content)
    try:
        assert verify.problems(archive)
    except BadBundle:
        pass
    finally:
        archive.unlink()
    return raised.value


def with_entry(made: Made, entry: Entry, at: int = 1) -> bytes:
    """The bundle's archive with one entry more."""
    return archives.archive(made, lambda found: [*found[:at], entry, *found[at:]])


@pytest.mark.parametrize("at", [1, 3, 100])
@pytest.mark.parametrize(
    "name",
    [
        *("../secret", "../../secret", "/etc/cron.d/x", "proxy/../../secret", "..", "."),
        *(f"{_GO}/../../../../secret", "./go.sum", "go.sum/", "proxy//x", "", "a\\..\\b"),
        *("C:/x", "bundle.json", ".git/config", "~/.bashrc", f"{_GO}/src/\x1b]0;x\x07.go"),
        *(f"{_GO}/{'a' * 300}", f"{_GO}/{'b/' * 2000}x", f"{_GO}/bin/go/x", f"{_GO}/bin/GO"),
    ],
)
def test_names_that_lead_elsewhere(made: Made, into: Path, name: str, at: int) -> None:
    """Whatever an archive says besides what its manifest names."""
    refused(with_entry(made, Entry(name, b"evil"), at), into)


@pytest.mark.parametrize(
    "name", ["../secret", "/tmp/x", "proxy/../../secret", f"{_GO}/../x", "a\0b", "go.sum\n"]
)
def test_a_manifest_that_names_them_helps_nobody(made: Made, into: Path, name: str) -> None:
    """It is looked at before."""
    files = (*made.manifest.files, File(name, 4, "0" * 64))
    manifest = replace(made.manifest, files=files)
    content = archives.tar([*archives.entries(made, manifest), Entry(name, b"evil")])
    assert refused(archives.compressed(content), into).path == "manifest.json"


_KINDS = {
    tarfile.SYMTYPE: "a symbolic link",
    tarfile.LNKTYPE: "a hard link",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a named pipe",
    tarfile.CONTTYPE: "a contiguous file",
    tarfile.GNUTYPE_SPARSE: "a sparse file",
    b"Z": "of the unknown kind b'Z'",
    b"\xff": "of the unknown kind b'\\\\xff'",
}


@pytest.mark.parametrize("kind", _KINDS, ids=[str(kind) for kind in _KINDS])
@pytest.mark.parametrize("name", ["go.sum", "proxy", "link", "../link"])
def test_only_files_and_folders(made: Made, into: Path, kind: bytes, name: str) -> None:
    """No link, wherever it leads and whatever it stands for; nothing that isn't a file."""
    entry = Entry(name, type=kind, linkname="../../secret")
    content = archives.archive(
        made, lambda found: [found[0], entry, *(one for one in found[1:] if one.name != name)]
    )
    error = refused(content, into)

    assert error.reason.startswith("it is ")
    assert _KINDS[kind] in error.reason.replace("\\", "\\\\")
    assert error.path == name


def test_a_link_through_which_others_are_written(made: Made, into: Path) -> None:
    """`proxy` leads out, and what comes behind would go through it."""
    link = Entry("proxy", type=tarfile.SYMTYPE, linkname="/tmp")
    assert refused(with_entry(made, link), into).reason == "it is a symbolic link"


@pytest.mark.parametrize(
    "pax",
    [
        {"path": "../secret"},
        {"path": "/etc/passwd"},
        {"linkpath": "../secret"},
        {"GNU.sparse.name": "../secret", "GNU.sparse.major": "1", "GNU.sparse.minor": "0"},
        {"GNU.sparse.realsize": "1000000000000"},
        {"SCHILY.xattr.security.capability": "x"},
        {"path": "go.sum", "comment": "x"},
        {"size": "99999999999999999999"},
        {"size": "-1"},
        {"size": "0x10"},
        {"path": ""},
        {"comment": "x" * 5000},
        {"path": "x\0y"},
    ],
    ids=str,
)
def test_headers_that_change_what_comes_next(made: Made, into: Path, pax: dict[str, str]) -> None:
    """Another name, another size, sparse content, rights: none that we don't write."""
    refused(with_entry(made, Entry("go.sum", b"evil", pax=pax)), into)


def test_a_name_in_a_header_counts_as_the_name(made: Made, into: Path) -> None:
    """A file isn't two: the name that other programs would use is the one that we use."""

    def renamed(found: list[Entry]) -> list[Entry]:
        return [
            replace(one, name="decoy", pax={"path": one.name}) if one.name == "go.sum" else one
            for one in found
        ]

    unpack(io.BytesIO(archives.archive(made, renamed)), into)
    assert (into / "go.sum").read_bytes() == (made.folder / "go.sum").read_bytes()
    assert not (into / "decoy").exists()


def test_headers_for_everything_that_follows(made: Made, into: Path) -> None:
    """A global header could rename all."""
    stream = io.BytesIO()
    with tarfile.open(
        fileobj=stream, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"path": "../secret"}
    ):
        pass
    start = stream.getvalue().rstrip(b"\0")
    start += bytes(-len(start) % 512)
    content = start + archives.tar(archives.entries(made))
    assert "a header for all" in refused(archives.compressed(content), into).reason


def test_gnus_long_names(made: Made, into: Path) -> None:
    """Another way to say a name; bundles have one."""
    entries = [*archives.entries(made), Entry("x" * 200, b"")]
    content = archives.tar(entries, format=tarfile.GNU_FORMAT)
    refused(archives.compressed(content), into)


@pytest.mark.parametrize("raw", [b"\xff\xfe.go", b"\xed\xa0\x80.go", b"caf\xe9"])
def test_names_that_are_no_text(made: Made, into: Path, raw: bytes) -> None:
    """Not UTF-8, lone surrogates: written as Python's `surrogateescape` has it they'd come back."""
    name = f"{_GO}/src/".encode() + raw
    header = tar.header("x" * len(name), 0)
    header = _summed(header.replace(b"x" * len(name), name, 1))
    content = archives.tar(archives.entries(made)).rstrip(b"\0")
    content += bytes(-len(content) % 512) + header + bytes(1024)
    assert "UTF-8" in refused(archives.compressed(content), into).reason


def test_two_files_of_one_name(made: Made, into: Path) -> None:
    """The first one is right, the second isn't, or is: it comes twice."""
    second = archives.entries(made)[1]
    for entry in (Entry(second.name, b"evil"), second):
        for path in [*into.iterdir()]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        error = refused(archives.archive(made, lambda found, e=entry: [*found, e]), into)
        assert (error.path, error.reason) == (second.name, "it comes twice")


def test_a_second_manifest(made: Made, into: Path) -> None:
    """Also one that is the same."""
    error = refused(archives.archive(made, lambda found: [*found, found[0]]), into)
    assert error.path == "manifest.json"


def test_the_manifest_comes_first(made: Made, into: Path) -> None:
    """Nothing is looked at, or written, before it."""
    error = refused(archives.archive(made, lambda found: [*found[1:], found[0]]), into)
    assert error.reason == "it doesn't begin with manifest.json"
    assert not [*into.iterdir()]


def test_a_folder_where_a_file_should_be(made: Made, into: Path) -> None:
    """It counts for nothing; the file is missing then."""
    content = archives.archive(
        made,
        lambda found: [
            replace(one, content=b"", type=b"5") if one.name == "go.sum" else one for one in found
        ],
    )
    error = refused(content, into)
    assert (error.path, error.kind) == ("go.sum", "missing")


def test_folders_have_no_content(made: Made, into: Path) -> None:
    """What would be skipped by some and read by others."""
    header = _summed(tar.header("proxy/", 512)[:156] + b"5" + tar.header("proxy/", 512)[157:])
    content = archives.tar(archives.entries(made)).rstrip(b"\0")
    content += bytes(-len(content) % 512) + header + bytes(512) + bytes(1024)
    assert refused(archives.compressed(content), into).reason == "it is a folder with content"


@pytest.mark.parametrize("said", [0, 1, 3, 1 << 20, 8**11 - 1])
def test_sizes_that_are_lies(made: Made, into: Path, said: int) -> None:
    """More or less than there is: the next header would be content, or content a header."""
    header = tar.header("go.sum", said)
    content = archives.tar(archives.entries(made))
    at = content.index(b"go.sum\0")
    refused(archives.compressed(content[:at] + header + content[at + 512 :]), into)


def test_sizes_in_numbers_of_other_kinds(made: Made, into: Path) -> None:
    """Base 256, as GNU writes what doesn't fit; negative, blank, with letters."""
    header = tar.header("go.sum", 0)
    content = archives.tar(archives.entries(made))
    at = content.index(b"go.sum\0")
    for size in (
        b"\x80" + bytes(10) + b"\x99",
        b"\xff" * 12,
        b"-0000000001\0",
        b"0x000000099\0",
        b"1" * 12,
    ):
        other = _summed(header[:124] + size + header[136:])
        refused(archives.compressed(content[:at] + other + content[at + 512 :]), into)
        for path in [*into.iterdir()]:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([b"path=go.sum", b"path=../secret"], "that no bundle has"),
        ([b"path=" + b"a" * 9000], "a header has 9"),
    ],
    ids=["a name twice", "a long name"],
)
def test_headers_that_say_too_much(made: Made, into: Path, records: list[bytes], said: str) -> None:
    """Which of two names counts nobody knows; a long one is not even read."""
    pax = b"".join(
        next(
            line
            for number in range(len(one) + 3, len(one) + 9)
            if len(line := b"%d %s\n" % (number, one)) == number
        )
        for one in records
    )
    head = tar.header("x", len(pax))
    head = _summed(head[:156] + b"x" + head[157:])
    first = archives.tar(archives.entries(made)[:1]).rstrip(b"\0")
    content = first + bytes(-len(first) % 512) + head + pax + tar.padding(len(pax))
    content += tar.header("go.sum", 0) + tar.END
    assert said in refused(archives.compressed(content), into).reason


# What would fill memory or the disk.


def test_a_file_longer_than_its_manifest_says_is_not_written_on(made: Made, into: Path) -> None:
    """There was room for what the manifest says, and not for 10 MB."""

    def longer(found: list[Entry]) -> list[Entry]:
        more = random.Random(7).randbytes(10 << 20)
        return [replace(e, content=e.content + more) if e.name == "go.sum" else e for e in found]

    error = refused(archives.archive(made, longer), into)
    assert (error.path, error.kind) == ("go.sum", "altered")
    assert (into / "go.sum").stat().st_size <= 1 << 20


def test_a_bomb_is_stopped_early(made: Made, into: Path) -> None:
    """1 GB of zeros that the manifest even names: not ten times that of what was read."""
    size = 1 << 30
    file = File(f"{_GO}/zeros", size, "0" * 64)
    manifest = replace(made.manifest, files=(*made.manifest.files, file))
    stream = io.BytesIO()
    with zstandard.ZstdCompressor(level=3).stream_writer(stream, closefd=False) as packed:
        head = archives.tar(archives.entries(made, manifest)).rstrip(b"\0")
        packed.write(head + bytes(-len(head) % 512) + tar.header(file.path, size))
        for _ in range(size >> 20):
            packed.write(bytes(1 << 20))
        packed.write(tar.END)
    with pytest.raises(BundleTooLarge, match="times larger than it is") as raised:
        unpack(io.BytesIO(stream.getvalue()), into)
    assert raised.value.path == file.path
    assert sum(path.stat().st_size for path in into.rglob("*") if path.is_file()) < 100 << 20


def test_entries_without_end_are_stopped(made: Made, into: Path) -> None:
    """Folders that nobody names, a thousand in a few bytes."""
    folders = archives.tar([Entry("proxy/", type=b"5")] * 500).rstrip(b"\0")
    folders += bytes(-len(folders) % 512)
    first = archives.tar(archives.entries(made)[:1]).rstrip(b"\0")
    content = first + bytes(-len(first) % 512) + folders + tar.END
    with pytest.raises(BundleTooLarge, match="more than 100 files"):
        unpack(io.BytesIO(archives.compressed(content)), into, Limits(files=100))


def test_a_frame_that_wants_much_memory_is_refused(made: Made, into: Path) -> None:
    """2 GB of window, said in one byte: before anything of it is read."""
    content = archives.tar(archives.entries(made))
    parameters = zstandard.ZstdCompressionParameters(window_log=30, enable_ldm=True)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    packed = compressor.compress(content) + compressor.flush()
    assert "1024 MB of memory" in refused(packed, into).reason


_UNDER_A_LIMIT = """
import io, resource, sys
from pathlib import Path
import zstandard
from go_kernel.offline.errors import BadBundle
from go_kernel.offline.unpack import unpack
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), resource.RLIM_INFINITY))
for name in sys.argv[3:]:
    try:
        unpack(open(name, "rb"), Path(sys.argv[2]))
    except BadBundle as error:
        print(error.reason)
"""


def test_memory_stays_small(made: Made, into: Path, tmp_path: Path) -> None:
    """Of zeros in blocks of 4 bytes (32 000 times larger), in a manifest and before one."""
    block = (128 << 10 << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
    zeros = b"\x28\xb5\x2f\xfd\x00\x58" + block * 100_000
    large = tar.header("manifest.json", 8 << 30)
    frame = zstandard.ZstdCompressor().compressobj()
    claims = frame.compress(large + bytes(1 << 20)) + frame.flush()
    names = []
    for number, content in enumerate((zeros, claims)):
        names.append(str(into / f"bomb{number}"))
        Path(names[-1]).write_bytes(content)
    limit = 1 << 30 if sys.platform == "linux" else resource.RLIM_INFINITY
    done = subprocess.run(
        [sys.executable, "-c", _UNDER_A_LIMIT, str(limit), str(into), *names],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "it doesn't begin with manifest.json",
        "it is larger than 17 MB",
    ]


def test_a_zip_that_becomes_larger_than_go_takes(made: Made, tmp_path: Path) -> None:
    """A module of 600 MB of zeros isn't unpacked to be hashed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("example.invalid/m@v1.0.0/zeros", b"")
    content = bytearray(packed.getvalue())
    at = content.index(b"PK\x01\x02") + 24  # the size in the list at the end
    content[at : at + 4] = (600 << 20).to_bytes(4, "little")
    bad = _with_zip(made, tmp_path, bytes(content))
    (problem,) = verify.problems(bad)
    assert problem.kind == "hash"
    assert problem.detail == "it holds more than the 500 MB that Go takes"


def _with_zip(made: Made, tmp_path: Path, content: bytes) -> Path:
    """The bundle's folder with another zip, named by the manifest as it is."""
    folder = tmp_path / "bundle"
    shutil.copytree(made.folder, folder)
    name = "proxy/example.invalid/m/@v/v1.0.0.zip"
    (folder / name).write_bytes(content)
    files = tuple(
        describe(folder, one.path) if one.path == name else one for one in made.manifest.files
    )
    (folder / "manifest.json").write_bytes(replace(made.manifest, files=files).to_bytes())
    return folder


def _summed(header: bytes) -> bytes:
    """A header with the checksum that fits it."""
    blank = header[:148] + b" " * 8 + header[156:]
    return header[:148] + b"%06o\0 " % sum(blank) + header[156:]


# Anything.

_ENTRIES = st.builds(
    Entry,
    name=st.sampled_from(["go.sum", "../x", "proxy", "manifest.json", f"{_GO}/bin/go", f"{_GO}/x"]),
    content=st.binary(max_size=600),
    type=st.sampled_from([b"0", b"1", b"2", b"3", b"5", b"6", b"S", b"\0"]),
    mode=st.integers(0, 0o7777),
    linkname=st.sampled_from(["", "../x", "/etc/passwd", "go.sum"]),
    pax=st.dictionaries(
        st.sampled_from(["path", "size", "linkpath", "GNU.sparse.name"]),
        st.sampled_from(["../x", "go.sum", "5", "99999999"]),
        max_size=2,
    ),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(more=st.lists(_ENTRIES, min_size=1, max_size=4), seed=st.integers())
def test_whatever_is_mixed_in(made: Made, tmp_path: Path, more: list[Entry], seed: int) -> None:
    """One sentence about it, or what the manifest says: nothing else, nowhere else."""
    base = tmp_path / "base"
    shutil.rmtree(base, ignore_errors=True)
    (base / "into").mkdir(parents=True)
    chance = random.Random(seed)

    def mixed(found: list[Entry]) -> list[Entry]:
        for one in more:
            found.insert(chance.randint(0, len(found)), one)
        return found

    error: BadBundle | None = None
    try:
        unpack(io.BytesIO(archives.archive(made, mixed)), base / "into")
    except BadBundle as raised:
        error = raised
    assert [*base.iterdir()] == [base / "into"]
    known = {"manifest.json", *(one.path for one in made.manifest.files)}
    there = {p.relative_to(base / "into").as_posix() for p in base.rglob("*") if not p.is_dir()}
    assert there <= known
    if error is None:
        assert verify.problems(base / "into") == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.binary(max_size=2000), st.integers(0, 1 << 30))
def test_noise_in_the_middle(made: Made, tmp_path: Path, noise: bytes, at: int) -> None:
    """In the tar, wherever it comes: BadBundle."""
    content = archives.tar(archives.entries(made))
    at %= len(content.rstrip(b"\0"))
    changed = content[:at] + noise + content[at + len(noise) :]
    folder = tmp_path / "x"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    error: BadBundle | None = None
    try:
        unpack(io.BytesIO(archives.compressed(changed)), folder)
    except BadBundle as raised:
        error = raised
    if error is None:
        assert verify.problems(folder) == []
    else:
        assert re.match(r"The bundle .+ can't be used: .+\. ", str(error))
