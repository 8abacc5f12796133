"""`bundle verify`: each file that isn't as it was is named, whatever befell it."""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from go_kernel.offline import verify
from go_kernel.offline.errors import BundleTooNew, NotABundle
from go_kernel.offline.manifest import Manifest
from go_kernel.offline.pack import describe, pack
from go_kernel.offline.verify import Problem
from tests import unprivileged
from tests.offline import archives, bundling
from tests.offline.archives import Entry
from tests.offline.bundling import Made

_ZIP = "proxy/example.invalid/m/@v/v1.0.0.zip"
_MOD = "proxy/example.invalid/m/@v/v1.0.0.mod"
_GO = f"toolchain/{bundling.PLATFORM}/go/bin/go"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A bundle that is whole."""
    return bundling.make(tmp_path_factory.mktemp("made"), name="course")


@pytest.fixture
def folder(made: Made, tmp_path: Path) -> Path:
    """Its folder, to be changed."""
    return Path(shutil.copytree(made.folder, tmp_path / "bundle"))


def told(place: Path) -> list[tuple[str, str]]:
    """Which files have which kind of problem."""
    return [(one.path, one.kind) for one in verify.problems(place)]


def rewritten(folder: Path, manifest: Manifest, name: str, content: bytes) -> Path:
    """The folder with another file, which its manifest names as it is now."""
    (folder / name).write_bytes(content)
    files = tuple(describe(folder, name) if one.path == name else one for one in manifest.files)
    (folder / "manifest.json").write_bytes(replace(manifest, files=files).to_bytes())
    return folder


def test_a_whole_one_has_no_problems(made: Made) -> None:
    """As a folder and as an archive."""
    assert verify.problems(made.folder) == []
    assert verify.problems(made.archive) == []


_Harm = Callable[[Path], object]
_HARM: dict[str, tuple[_Harm, list[tuple[str, str]]]] = {
    "truncated": (lambda at: os.truncate(at / _ZIP, 5), [(_ZIP, "truncated")]),
    "emptied": (lambda at: os.truncate(at / "go.sum", 0), [("go.sum", "truncated")]),
    "longer": (lambda at: os.truncate(at / "go.sum", 500), [("go.sum", "altered")]),
    "altered": (
        lambda at: (at / _MOD).write_bytes((at / _MOD).read_bytes()[::-1]),
        [(_MOD, "altered")],
    ),
    "missing": (lambda at: (at / _ZIP).unlink(), [(_ZIP, "missing")]),
    "extra": (lambda at: (at / "proxy/x").write_text("x"), [("proxy/x", "extra")]),
    "no program": (lambda at: (at / _GO).chmod(0o644), [(_GO, "altered")]),
    "a program": (lambda at: (at / "go.sum").chmod(0o755), [("go.sum", "altered")]),
    "a link to it": (
        lambda at: ((at / _ZIP).rename(at.parent / "z"), (at / _ZIP).symlink_to(at.parent / "z")),
        [(_ZIP, "unsafe")],
    ),
    "a link nowhere": (lambda at: (at / "link").symlink_to("none"), [("link", "unsafe")]),
    "a pipe": (lambda at: ((at / _ZIP).unlink(), os.mkfifo(at / _ZIP)), [(_ZIP, "unsafe")]),
    "a pipe more": (lambda at: os.mkfifo(at / "pipe"), [("pipe", "unsafe")]),
    "a folder for a file": (
        lambda at: ((at / _ZIP).unlink(), (at / _ZIP).mkdir()),
        [(_ZIP, "missing")],
    ),
    "many": (
        lambda at: (
            (at / _ZIP).unlink(),
            os.truncate(at / "go.sum", 1),
            (at / "x").write_text(""),
            (at / _MOD).write_text("module x"),
        ),
        [("go.sum", "truncated"), (_MOD, "truncated"), (_ZIP, "missing"), ("x", "extra")],
    ),
}


@pytest.mark.parametrize(("harm", "problems"), _HARM.values(), ids=_HARM)
def test_each_fault_of_a_folder_is_named(
    folder: Path, harm: _Harm, problems: list[tuple[str, str]]
) -> None:
    """By the file's name and what is wrong with it."""
    harm(folder)
    assert told(folder) == problems


def test_a_folder_that_leads_elsewhere_is_no_part_of_it(folder: Path, tmp_path: Path) -> None:
    """All is there behind the link, and whoever can change that could change the bundle."""
    (folder / "proxy").rename(tmp_path / "elsewhere")
    (folder / "proxy").symlink_to(tmp_path / "elsewhere")

    problems = told(folder)
    assert ("proxy", "unsafe") in problems
    assert (_ZIP, "missing") in problems


def test_a_store_keeps_a_summary_beside(folder: Path) -> None:
    """It is no file more."""
    (folder / "bundle.json").write_text("{}")
    assert told(folder) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda e: replace(e, content=e.content[:-1]), (_ZIP, "truncated")),
        (lambda e: replace(e, content=e.content + b"x"), (_ZIP, "altered")),
        (lambda e: replace(e, content=e.content[::-1]), (_ZIP, "altered")),
        (lambda e: replace(e, mode=0o755), (_ZIP, "altered")),
        (lambda e: None, (_ZIP, "missing")),
    ],
    ids=["shorter", "longer", "other", "a program", "gone"],
)
def test_each_fault_in_an_archive_is_named(
    made: Made,
    tmp_path: Path,
    change: Callable[[archives.Entry], archives.Entry | None],
    problem: tuple[str, str],
) -> None:
    """And what comes behind is looked at, too."""
    path = tmp_path / "a.tar.zst"

    def changed(found: list[archives.Entry]) -> list[archives.Entry]:
        every = [change(one) if one.name == _ZIP else one for one in found]
        return [*(one for one in every if one), archives.Entry("proxy/x", b"x")]

    path.write_bytes(archives.archive(made, changed))
    assert told(path) == [problem, ("proxy/x", "extra")]


def test_in_a_truncated_archive_all_that_is_lost_is_named(made: Made, tmp_path: Path) -> None:
    """The file that it ends in, and each that would have followed."""
    heavy = bundling.make(tmp_path, weight=2_000_000)
    content = archives.tar(archives.entries(heavy))
    at = content.index(b"package m")
    path = tmp_path / "a.tar.zst"
    path.write_bytes(archives.compressed(content[:at]))

    weight = _GO.replace("bin/go", "pkg/weight")
    assert told(path) == [(_ZIP, "truncated"), (_GO, "missing"), (weight, "missing")]


def test_an_archive_truncated_anywhere_has_a_problem(made: Made, tmp_path: Path) -> None:
    """Down to the last byte."""
    content, path = made.archive.read_bytes(), tmp_path / "a.tar.zst"
    for length in (len(content) - 1, len(content) - 4, len(content) // 2, 20, 6):
        path.write_bytes(content[:length])
        assert "truncated" in [kind for _, kind in told(path)], length


def test_an_archive_with_something_behind_it(made: Made, tmp_path: Path) -> None:
    """All files are right, and yet."""
    path = tmp_path / "a.tar.zst"
    path.write_bytes(made.archive.read_bytes() + b"x")
    (problem,) = verify.problems(path)
    assert problem.detail == "there is something behind its end"


# What the manifest says and Go wouldn't.


def test_gos_own_hashes_are_compared(made: Made, folder: Path) -> None:
    """A manifest that names an altered zip as it is says so itself, and not what Go would."""
    other = bundling.make(folder.parent, version="v1.0.1")
    zip_of_other = other.folder / _ZIP.replace("v1.0.0", "v1.0.1")
    rewritten(folder, made.manifest, _ZIP, zip_of_other.read_bytes())

    (problem,) = verify.problems(folder)
    assert (problem.path, problem.kind) == (_ZIP, "hash")
    assert problem.detail.startswith("Go's own is h1:")
    assert made.manifest.modules[0].sum in problem.detail


@pytest.mark.parametrize(
    ("name", "content", "kind", "said"),
    [
        (_MOD, b"module other\n", "hash", "Go's own is h1:"),
        (_ZIP, b"no zip", "hash", "it is no zip"),
        ("go.sum", b"", "content", "hashes of just the modules"),
        ("go.sum", b"\xff\n", "content", "utf-8"),
        ("go.sum", b"x" * (17 << 20), "content", "larger than 16 MB"),
        ("proxy/example.invalid/m/@v/list", b"v1.0.0\nv9.9.9\n", "content", "other versions"),
        ("proxy/example.invalid/m/@v/v1.0.0.info", b"no", "content", "no JSON"),
        ("proxy/example.invalid/m/@v/v1.0.0.info", b'{"Version":"v2"}', "content", "another"),
        ("proxy/example.invalid/m/@latest", b'{"Version":"v9.9.9"}', "content", "another"),
        (
            "proxy/example.invalid/m/@latest",
            b'{"Version":"v1.0.0","Origin":{"URL":"https://u:secret@git.invalid"}}',
            "content",
            "tells more than a bundle does: Origin",
        ),
    ],
)
def test_what_a_manifest_names_has_to_fit_the_modules(
    made: Made, folder: Path, name: str, content: bytes, kind: str, said: str
) -> None:
    """Whoever made it, by hand or by mistake; in a folder and in an archive."""
    manifest = verify.check(rewritten(folder, made.manifest, name, content)).manifest
    assert manifest is not None
    pack(folder, manifest, folder.parent / "a.tar.zst")

    for place in (folder, folder.parent / "a.tar.zst"):
        (problem,) = verify.problems(place)
        assert (problem.path, problem.kind) == (name, kind)
        assert said in problem.detail
        assert "secret" not in str(problem)


def test_a_manifest_that_is_damaged_is_the_problem(folder: Path) -> None:
    """There is nothing to compare the others with."""
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b"go_version", b"go_versiom", 1))
    assert told(folder) == [("manifest.json", "altered")]


def test_what_is_no_bundle_is_said_at_once(tmp_path: Path) -> None:
    """No list of problems."""
    (tmp_path / "a.tar.zst").write_text("no")
    for place in (tmp_path, tmp_path / "a.tar.zst", tmp_path / "none"):
        with pytest.raises(NotABundle):
            verify.problems(place)


def test_a_later_format_is_no_problem_of_the_files(made: Made, folder: Path) -> None:
    """An update is wanted."""
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"format": 1', b'"format": 2'))
    with pytest.raises(BundleTooNew):
        verify.problems(folder)


_UNREADABLE = """
from pathlib import Path
from go_kernel.offline import verify, verify_folder, gofiles
drop()
print(json.dumps([one.to_dict() for one in verify.problems(Path(sys.argv[1]))]))
"""


def test_what_cant_be_read_is_named(made: Made) -> None:
    """A file and a folder of somebody else's, whoever asks without their rights."""
    with unprivileged.open_folder() as base:
        folder = Path(shutil.copytree(made.folder, base / "bundle"))
        (folder / "go.sum").chmod(0)
        (folder / "toolchain").chmod(0)
        found = unprivileged.run(_UNREADABLE, folder)

    assert [(one["path"], one["kind"]) for one in found] == [
        ("go.sum", "unsafe"),
        ("toolchain", "unsafe"),
        (_GO, "missing"),
    ]
    assert "Permission denied" in found[0]["detail"]


def test_a_problem_is_one_line() -> None:
    """For a person."""
    assert str(Problem("go.sum", "missing", "it isn't there")) == "go.sum: missing (it isn't there)"


@pytest.mark.parametrize("size", [10**400, 2**53 + 1, 5 << 30])
def test_a_size_that_nothing_has_is_told(folder: Path, made: Made, size: int) -> None:
    """Of a folder as of an archive, and in no other words."""
    files = tuple(replace(one, size=size) for one in made.manifest.files)
    manifest = replace(made.manifest, files=files)
    (folder / "manifest.json").write_bytes(manifest.to_bytes())
    place = folder.with_name("archive")
    place.write_bytes(archives.lying(made, files=files))

    [of_folder], [of_archive] = verify.problems(folder), verify.problems(place)

    assert of_folder == of_archive
    assert "the size of" in of_folder.detail or "larger than" in of_folder.detail


@pytest.mark.parametrize("name", ["../../x/", "\x1b[31m/", "proxy/other/"])
def test_a_folder_that_nothing_needs_is_told(made: Made, tmp_path: Path, name: str) -> None:
    """Though nothing would be made of it."""
    place = tmp_path / "archive"
    odd = Entry(name, type=tarfile.DIRTYPE, mode=0o755)
    place.write_bytes(archives.archive(made, lambda found: [*found, odd]))
    assert (name.rstrip("/"), "extra") in told(place)

    fine = [Entry(name, type=tarfile.DIRTYPE, mode=0o755) for name in ("./", "proxy/", "toolchain")]
    place.write_bytes(archives.archive(made, lambda found: [*found, *fine]))
    assert told(place) == []
