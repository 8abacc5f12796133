"""Mends: exact or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from go_kernel.engines import mend
from go_kernel.engines.mend import Edit, MendFailed

TEXT = "one\ntwo\nthree\n"


def edit(**fields: object) -> Edit:
    """An edit of a file a.go."""
    return Edit(**{"file": "m/a.go", "why": "", "replace": "", **fields})  # type: ignore[arg-type]


def test_replaces_the_anchor() -> None:
    """`find` alone replaces just that text."""
    assert edit(find="two\n", replace="2\n").apply(TEXT) == "one\n2\nthree\n"


def test_replaces_up_to_another_anchor() -> None:
    """With `until`, what lies between goes too, and the second anchor stays."""
    assert edit(find="one", until="three", replace="x\n").apply(TEXT) == "x\nthree\n"


def test_replaces_to_the_end() -> None:
    """With `to_end`, everything from the anchor on goes."""
    assert edit(find="two", to_end=True, replace="").apply(TEXT) == "one\n"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"find": "four"}, "found 0 times: 'four'"),
        ({"find": "o"}, "found 2 times: 'o'"),
        ({"find": ""}, "an anchor is found"),
        ({"find": "one", "until": "four"}, "found 0 times: 'four'"),
        ({"find": "three", "until": "one"}, "comes before"),
    ],
)
def test_an_anchor_that_does_not_fit_is_an_error(fields: dict[str, str], said: str) -> None:
    """A missing, repeated or misplaced anchor names the file and the anchor."""
    with pytest.raises(MendFailed, match=said) as caught:
        edit(**fields).apply(TEXT)

    assert caught.value.file == "m/a.go"


@pytest.fixture
def mends(tmp_path: Path) -> Path:
    """A folder of mends that edits a.go, leaves out b.go and adds sub/c.go."""
    folder = tmp_path / "mends"
    (folder / "files/m/sub").mkdir(parents=True)
    (folder / "files/m/sub/c.go").write_text("package sub\n")
    (folder / "edits").mkdir()
    (folder / "edits/topic.toml").write_text(
        "[[edit]]\nfile='m/a.go'\nwhy='w'\nfind='two'\nreplace='2'\n"
        "[[drop]]\nfile='m/b.go'\nwhy='w'\n"
    )
    return folder


def test_edits_drops_and_adds(mends: Path, tmp_path: Path) -> None:
    """The three kinds of mends, on a tree of files."""
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a.go").write_text(TEXT)
    (tree / "b.go").write_text("gone")

    mend.load(mends).apply({"m": tree})

    files = {p.relative_to(tree).as_posix(): p.read_text() for p in tree.rglob("*.go")}
    assert files == {"a.go": "one\n2\nthree\n", "sub/c.go": "package sub\n"}


@pytest.mark.parametrize("missing", ["a.go", "b.go"])
def test_a_missing_file_is_an_error(mends: Path, tmp_path: Path, missing: str) -> None:
    """A mend whose file isn't there is not passed over."""
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in {"a.go", "b.go"} - {missing}:
        (tree / name).write_text(TEXT)

    with pytest.raises(MendFailed, match=rf"m/{missing}.*no such file"):
        mend.load(mends).apply({"m": tree})


@pytest.mark.parametrize("file", ["other/a.go", "m/../a.go", "m"])
def test_a_mend_stays_inside_its_modules(mends: Path, tmp_path: Path, file: str) -> None:
    """A mend can't name a file outside of the copied sources."""
    (mends / "edits/topic.toml").write_text(f"[[drop]]\nfile='{file}'\nwhy='w'\n")
    (tmp_path / "a.go").write_text("precious")
    (tmp_path / "tree").mkdir()

    with pytest.raises(MendFailed, match="in no module"):
        mend.load(mends).apply({"m": tmp_path / "tree"})

    assert (tmp_path / "a.go").read_text() == "precious"
