"""YAML files that people write: what is refused, and that changes disturb nothing."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from go_kernel import yamlfile
from tests import unprivileged

FULL = """\
# What the course needs.
name: course   # its name

channels: [conda-forge]
dependencies:
  # Go, as the lectures have it
  - go=1.26
  - "libpng  >=1.6"
  - pip:
      - six
"""


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "environment.yml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_values_keep_their_kinds_and_dates_are_texts(tmp_path: Path) -> None:
    """What is read is what YAML 1.2 says, except that no program reads a date in a version."""
    read = yamlfile.read(
        written(tmp_path, "a: 1\nb: [x, null, true]\nc: 2026-01-31\nd: 2026-99-1\n")
    )
    assert read.data == {"a": 1, "b": ["x", None, True], "c": "2026-01-31", "d": "2026-99-1"}


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "\n\n"])
def test_a_file_without_values_is_none(tmp_path: Path, text: str) -> None:
    """Empty files and those with comments alone are no error here."""
    assert yamlfile.read(written(tmp_path, text)).data is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1\n", ", line 1, can't be read: expected ',' or ']', but got '<stream end>'."),
        ("a: 1\nb: {c: 2, d\n", ", line 2, can't be read: expected ',' or '}'"),
        ("a: 'x\n", ", line 1, can't be read: found unexpected end of stream."),
        ("a: 1\nb: 2\na: 3\n", ", line 3, can't be read: the key a occurs twice."),
        ("https://u:secret@c.invalid/x: 1\n" * 2, "the key https://***@c.invalid/x occurs twice."),
        ("a: 1\n---\nb: 2\n", ", line 2, can't be read: it holds several documents."),
        ("a: !!python/object:os.system x\n", "python/object:os.system isn't one of YAML's own."),
        ("a: !mine x\n", ", line 1, can't be read: the tag !mine isn't one of YAML's own."),
        ("a: &a [*a]\n", ", line 1, can't be read: an alias leads back to what it is part of."),
        ("a: *b\n", ", line 1, can't be read: found undefined alias 'b'."),
        ("? [a]\n: b\n", ", line 1, can't be read: a key is no text."),
        ("# x\n%YAML 1.1\n---\na: 1\n", ", line 2, can't be read: directives such as %YAML"),
        ("a: 1\nb: \x07\n", ", line 2, can't be read: it holds a character that YAML"),
        (b"a: 1\nb: \xff\n", ", line 2, can't be read: it isn't UTF-8 text."),
        ("\x7fELF\x01\x00", ", line 1, can't be read: it holds a character that YAML"),
        ("[" * 5000, "can't be read: it is nested too deeply."),
        ("{a: " * 200 + "}" * 200, "can't be read: it is nested too deeply."),
        ("a: " + "9" * 5000, "can't be read: it isn't YAML"),
        ("a: !!int x\n", "can't be read: it isn't YAML"),
    ],
)
def test_what_is_no_such_yaml_is_told_in_one_sentence(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    """The sentence names the file, the line where there is one, and the reason."""
    path = written(tmp_path, text)
    with pytest.raises(yamlfile.BadYaml) as caught:
        yamlfile.read(path)
    assert str(caught.value).startswith(str(path))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_aliases_that_make_much_of_little_are_refused(tmp_path: Path) -> None:
    """A few hundred bytes must not become millions of values for whoever walks over them."""
    lines = ["a0: &a0 [" + ",".join("1" * 9) + "]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(yamlfile.BadYaml, match="aliases stand for too many values"):
        yamlfile.read(written(tmp_path, "\n".join(lines)))


def test_an_alias_as_people_use_them_is_taken(tmp_path: Path) -> None:
    """Anchors and merge keys are what compose files and the like are written with."""
    read = yamlfile.read(written(tmp_path, "a: &a {k: 1}\nb:\n  <<: *a\n  c: 2\n"))
    assert read.data["b"]["k"] == 1


def test_what_is_too_large_is_refused_without_being_read(tmp_path: Path) -> None:
    """The limit is the caller's, and said."""
    path = written(tmp_path, "a: " + "x" * yamlfile.HAND_WRITTEN)
    with pytest.raises(yamlfile.BadYaml, match="it is larger than 1 MiB"):
        yamlfile.read(path)
    assert yamlfile.read(path, limit=2 << 20).data["a"].startswith("xx")


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    """Neither a FIFO, which would be waited for, nor a folder, nor nothing."""
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(yamlfile.BadYaml, match="it is no regular file"):
        yamlfile.read(tmp_path / "fifo")
    with pytest.raises(yamlfile.BadYaml, match="it is a folder"):
        yamlfile.read(tmp_path)
    with pytest.raises(yamlfile.NoYaml, match="there is no such file"):
        yamlfile.read(tmp_path / "none")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(yamlfile.BadYaml, match="too many levels of symbolic links"):
        yamlfile.read(tmp_path / "loop")


def test_one_value_is_replaced_and_all_else_stays(tmp_path: Path) -> None:
    """Comments, order, quotes and blank lines are the person's."""
    path = written(tmp_path, FULL)
    path.chmod(0o640)
    read = yamlfile.read(path)
    spec = yamlfile.items(yamlfile.child(read.root, "dependencies"))[0]
    assert yamlfile.line_of(spec) == 7
    edit = yamlfile.Edit(spec.start_mark.index, spec.end_mark.index, "go=1.27")
    yamlfile.write(read, read.edited([edit]))
    assert path.read_text() == FULL.replace("go=1.26", "go=1.27")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("text", ["\ufeffa: 1\nb: x # c\n", "a: 1\r\nb: x # c\r\n", "é😀: 1\nb: x"])
def test_places_count_in_the_text_as_it_is(tmp_path: Path, text: str) -> None:
    """Neither a byte order mark nor other line ends nor other characters shift an edit."""
    path = written(tmp_path, text)
    read = yamlfile.read(path)
    node = yamlfile.child(read.root, "b")
    assert node is not None
    edit = yamlfile.Edit(node.start_mark.index, node.end_mark.index, "'y'")
    yamlfile.write(read, read.edited([edit]))
    assert path.read_bytes() == text.replace("x", "'y'").encode()


@pytest.mark.parametrize("text", [FULL, "a:\n- 1\n- b: 2\n  c: 3\n# end\n"])
def test_what_was_not_changed_is_dumped_as_it_was(text: str) -> None:
    """Sequences are laid out as the file has them."""
    assert yamlfile.parse(Path("f.yml"), text).dump() == text


def test_a_file_that_was_changed_meanwhile_stays(tmp_path: Path) -> None:
    """What somebody saved in an editor between our reading and writing isn't lost."""
    path = written(tmp_path, "a: 1\n")
    read = yamlfile.read(path)
    path.write_text("a: 2\n# mine\n")
    with pytest.raises(yamlfile.NotWritten, match="somebody changed it since it was read"):
        yamlfile.write(read, "a: 3\n")
    assert path.read_text() == "a: 2\n# mine\n"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_yaml_is_not_written(tmp_path: Path) -> None:
    """An edit of ours that went wrong ends here."""
    path = written(tmp_path, "a: 1\n")
    with pytest.raises(yamlfile.BadYaml):
        yamlfile.write(yamlfile.read(path), "a: [\n")
    assert path.read_text() == "a: 1\n"


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path: Path) -> None:
    """Projects share files by links."""
    (tmp_path / "link.yml").symlink_to(written(tmp_path, "a: 1\n"))
    yamlfile.write(yamlfile.read(tmp_path / "link.yml"), "a: 2\n")
    assert (tmp_path / "link.yml").is_symlink()
    assert (tmp_path / "environment.yml").read_text() == "a: 2\n"


def test_a_read_only_file_system_is_named(tmp_path: Path) -> None:
    """It isn't the user who lacks a right there."""
    mount = 'mount -t tmpfs none "$1" && echo "a: 1" > "$1/a.yml" && mount -o remount,ro "$1" && '
    code = "import sys, pathlib; from go_kernel import yamlfile as y; p = pathlib.Path(sys.argv[1])"
    code += "; print(y.unwritable(p))"
    shell = ["sh", "-c", f'{mount} exec "$2" -c "$3" "$1/a.yml"', "sh", str(tmp_path)]
    who = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    argv = ["unshare", *who, "--mount", *shell, sys.executable, code]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip("may not mount")
    assert (done.stdout, done.stderr) == ("its file system is read-only\n", "")


def test_without_permission_it_is_one_sentence_and_nothing_changes() -> None:
    """Unreadable, read-only, and in a folder where nothing can be put."""
    with unprivileged.open_folder() as folder:
        for name, mode in (("closed", 0o600), ("open", 0o644)):
            (folder / name).write_text("a: 1\n")
            (folder / name).chmod(mode)
        said = unprivileged.run(
            """
from pathlib import Path
from go_kernel import yamlfile
folder = Path(sys.argv[1])
drop()
said = []
try:
    yamlfile.read(folder / "closed")
except yamlfile.BadYaml as error:
    said.append(error.reason)
try:
    yamlfile.write(yamlfile.read(folder / "open"), "a: 2\\n")
except yamlfile.NotWritten as error:
    said.append(error.reason)
print(json.dumps(said))
""",
            folder,
        )
        assert said == ["permission denied", "it may not be written by this user"]
        assert (folder / "open").read_text() == "a: 1\n"


@given(st.text())
def test_a_quoted_text_is_read_as_that_text(value: str) -> None:
    """Whatever it holds: line ends, quotes, what looks like a number or a date."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return
    assert yamlfile.parse(Path("f.yml"), f"a: {yamlfile.quoted(value)}\n").data["a"] == value
