"""conda-lock.yml: what conda-lock wrote is understood, and what is noted in it, it still reads."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from go_kernel import yamlfile
from go_kernel.conda import lock_entries, lock_file
from tests import conda_locks

NOTES = {"gokernel-go-version": "1.26.8", "gokernel-go-sum": "a: 'b' \"c\" # d"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two lock files that conda-lock wrote: without custom metadata, and with some."""
    made = tmp_path_factory.mktemp("locks")
    packages = [
        conda_locks.package("go", "1.26.6", build="h_abc_1"),
        conda_locks.package("go", "1.26.8", "osx-arm64"),
        conda_locks.package("libpng", "1.6.50"),
        {
            "name": "six",
            "version": "1.17.0",
            "manager": "pip",
            "platform": "linux-64",
            "dependencies": {},
            "url": "https://ada:secret@pypi.invalid/t/tok-en/six-1.17.0.whl?key=hidden",
            "hash": {"sha256": "3" * 64},
            "category": "dev",
            "optional": True,
        },
    ]
    platforms = ("linux-64", "osx-arm64")
    conda_locks.ask(
        {
            made / "plain.yml": conda_locks.content(packages, platforms=platforms),
            made / "noted.yml": conda_locks.content(
                packages, {"course": "go-101", "gokernel-go-version": "1.22"}, platforms
            ),
        }
    )
    return made


def test_what_conda_lock_wrote_is_understood(folder: Path) -> None:
    """Packages by platform, the build from the file's name, no credentials."""
    lock = lock_file.read(folder / "noted.yml")
    go = lock.find("go", "linux-64")
    assert go is not None
    assert (go.version, go.build, go.md5, go.sha256) == ("1.26.6", "h_abc_1", "0" * 32, "1" * 64)
    assert lock.find("go", "osx-arm64") != go
    assert lock.find("go", "win-64") is None
    six = lock.find("six", "linux-64", "pip")
    assert six is not None
    assert (six.category, six.optional, six.build) == ("dev", True, "")
    assert "secret" not in six.url
    assert "tok-en" not in six.url
    assert "hidden" not in six.url
    assert lock.platforms == ("linux-64", "osx-arm64")
    assert lock.channels == ("conda-forge",)
    assert lock.sources == ("environment.yml",)
    assert lock.custom == {"course": "go-101", "gokernel-go-version": "1.22"}
    assert lock.content_hash["linux-64"] == "2" * 64


def test_conda_lock_reads_what_was_noted(folder: Path) -> None:
    """Each shape of the file: the notes are in it, and all else is as it was."""
    plain, noted = ((folder / name).read_text() for name in ("plain.yml", "noted.yml"))
    shapes = {
        "plain": plain,
        "noted": noted,
        "null": plain.replace("metadata:\n", "metadata:\n  custom_metadata:\n", 1),
        "tilde": plain.replace("metadata:\n", "metadata:\n  custom_metadata: ~  # none\n", 1),
        "empty": plain.replace("metadata:\n", "metadata:\n  custom_metadata: {}\n", 1),
        "flow": plain.replace("metadata:\n", "metadata:\n  custom_metadata: {a: b}\n", 1),
        "windows": noted.replace("\n", "\r\n"),
        "commented": noted.replace("  course:", "  # ours\n    course:"),
        "json": _as_json(folder / "plain.yml"),
    }
    for name, text in shapes.items():
        (folder / f"{name}-before").write_bytes(text.encode())
        lock = lock_file.read(folder / f"{name}-before")
        (folder / f"{name}-after").write_bytes(lock_file.noted(lock, NOTES).encode())
        again = lock_file.read(folder / f"{name}-after")
        assert again.custom == {**lock.custom, **NOTES}, name
    paths = [folder / f"{name}-{when}" for name in shapes for when in ("before", "after")]
    read = conda_locks.ask({}, paths)
    for name in shapes:
        before, after = read[folder / f"{name}-before"], read[folder / f"{name}-after"]
        custom = before["metadata"].pop("custom_metadata", {})
        assert after["metadata"].pop("custom_metadata") == {**custom, **NOTES}, name
        assert before == after, name


def _as_json(path: Path) -> str:
    import json

    return json.dumps(yamlfile.read(path).data)


def test_every_other_line_stays(folder: Path) -> None:
    """A version control system shows the notes as the only change."""
    before = (folder / "noted.yml").read_text()
    after = lock_file.noted(lock_file.read(folder / "noted.yml"), NOTES)
    removed = [line for line in before.splitlines() if line not in after.splitlines()]
    added = [line for line in after.splitlines() if line not in before.splitlines()]
    assert removed == ["    gokernel-go-version: '1.22'"]
    assert added == [
        '    gokernel-go-sum: "a: \'b\' \\"c\\" # d"',
        "    gokernel-go-version: '1.26.8'",
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("version: 1\n", "version: 2\n"), "it is of version 2, and conda-lock's version 1 is"),
        (("version: 1\n", ""), "it says no version, and conda-lock's version 1 is what is read"),
        (
            ("version: 1\n", "version: '1'\n"),
            "its version is a text, to be written as the number 1",
        ),
        (("'00000000000000000000000000000000'", "0"), "the md5 of the package go is to be put in"),
        (("md5:", "md6:"), "the package go has no MD5, which conda-lock wants"),
        (("  manager: conda", "  manager: apt"), "the manager apt isn't conda or pip"),
        (("version: 1.26.6", "version: 1.26"), "a package's version is no text"),
        (("  platforms:", "  platform:"), "metadata.platforms is missing"),
        (("metadata:", "metadat:"), "metadata is missing"),
        (("package:", "package: {}\npackages:"), "package is no list"),
        (("url: conda-forge", "url: 1"), "a channel's url is no text"),
    ],
)
def test_what_is_no_lock_file_is_told(
    folder: Path, tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    """One sentence that names the file, and the line where it's about a package."""
    text = (folder / "plain.yml").read_text()
    assert change[0] in text
    (tmp_path / "conda-lock.yml").write_text(text.replace(*change, 1))
    with pytest.raises(yamlfile.BadYaml) as caught:
        lock_file.read(tmp_path / "conda-lock.yml")
    assert str(caught.value).startswith(str(tmp_path / "conda-lock.yml"))
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "x", "version: 1\n", "a: [", "- 1\n"])
def test_what_is_something_else_is_told(tmp_path: Path, text: str) -> None:
    """Half-written, empty, or another file under this name."""
    (tmp_path / "conda-lock.yml").write_text(dedent(text))
    with pytest.raises(yamlfile.BadYaml):
        lock_file.read(tmp_path / "conda-lock.yml")


def both_ways(text: str, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What is read of a text as conda-lock writes it, and by a YAML parser alone."""
    said: list[object] = []
    for quick in (True, False):
        with monkeypatch.context() as patch:
            if not quick:
                patch.setattr(lock_entries, "of", lambda _: None)
            try:
                lock = lock_file.parse(Path("conda-lock.yml"), text)
            except yamlfile.BadYaml as error:
                said.append(str(error))
            else:
                said.append((lock.packages, lock.custom, lock_file.noted(lock, NOTES)))
    return said


def test_what_conda_lock_writes_needs_no_parser(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its packages are recognized, and are what a YAML parser makes of them."""
    for name in ("plain.yml", "noted.yml"):
        text = (folder / name).read_text()
        assert lock_entries.of(text) is not None
        quick, slow = both_ways(text, monkeypatch)
        assert quick == slow


# What may stand in the place of a name or a version, and where something may be put.
_ODD = [
    *("1.10", "'1.10'", "1.2.3", "2024a", "1e5", "0x1f", "007", "null", "~", "true", "yes", "a b"),
    *("''", "'a''b'", '"x"', "a: b", "a:", "a #b", "a#b", "*x", "&x y", "!x y", "[a]", "{}", "-"),
    *("- a", "x-", "%a", "@a", "`a", "|", ">", "? a", "a\tb", "\u00e9", "1_000", "12:30", ".5"),
    *(".", "=", "a\n  b: c", "a\n  version: '2'", "a\n\n", "a\n# c", "a\npackage: []", "a\n---"),
    "a\n...",
]


@pytest.mark.parametrize("odd", _ODD)
def test_oddities_mean_the_same_both_ways(
    folder: Path, monkeypatch: pytest.MonkeyPatch, odd: str
) -> None:
    """Either they are recognized and mean what YAML says, or a parser is asked."""
    text = (folder / "plain.yml").read_text()
    for place in ("  version: 1.6.50\n", "- name: libpng\n", "  category: main\n", "    md5: "):
        assert place in text
        begin = place.partition(": ")[0] + ": "
        end = "\n" if place.endswith("\n") else "0" * 32
        quick, slow = both_ways(text.replace(place, f"{begin}{odd}{end}", 1), monkeypatch)
        assert quick == slow
