"""environment.yml as conda and conda-lock read it, and what is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from go_kernel import yamlfile
from go_kernel.conda import environment_file
from go_kernel.yamlfile import BadYaml, NoYaml

FILE = """\
# what we need
name: demo
channels:
  - conda-forge
dependencies:
  - go=1.26        # the one of the course
  - "go-cgo >=1"
  - cctools  # [osx]
  - pip:
    - requests==2
platforms: [linux-64, osx-64]
"""


def read(folder: Path, text: str) -> environment_file.EnvironmentFile:
    path = folder / "environment.yml"
    path.write_text(text)
    return environment_file.read(path)


def test_all_that_it_asks_for(tmp_path: Path) -> None:
    """Name, channels, conda's packages, pip's, and conda-lock's platforms."""
    found = read(tmp_path, FILE)
    assert (found.name, found.channels) == ("demo", ("conda-forge",))
    assert [one.spec for one in found.dependencies] == ["go=1.26", "go-cgo >=1", "cctools"]
    assert [one.spec for one in found.pip] == ["requests==2"]
    assert found.platforms == ("linux-64", "osx-64")


def test_a_comment_says_the_platform(tmp_path: Path) -> None:
    """As conda-lock reads it; a comment in other words is a comment."""
    found = read(tmp_path, FILE)
    assert [one.spec for one in found.specs("linux-64")] == ["go=1.26", "go-cgo >=1"]
    assert [one.spec for one in found.specs("osx-arm64")] == ["go=1.26", "go-cgo >=1", "cctools"]


def test_places_are_those_of_the_text(tmp_path: Path) -> None:
    """A dependency can be replaced where it stands, and all else stays."""
    found = read(tmp_path, FILE)
    go, cgo, _ = found.dependencies
    assert (go.line, FILE[go.start : go.end]) == (6, "go=1.26")
    assert FILE[cgo.start : cgo.end] == '"go-cgo >=1"'
    edit = yamlfile.Edit(go.start, go.end, "go=1.27")
    assert found.yaml.edited([edit]) == FILE.replace("go=1.26", "go=1.27")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        ("# nothing\n", "it is empty"),
        ("- go\n", "line 1, can't be read: it doesn't hold keys such as name"),
        ("dependencies: go\n", "line 1, can't be read: dependencies is no list"),
        ("name: x\ndependencies:\n- go\n- 1.2\n", "line 4, can't be read: an entry of dep"),
        ("dependencies:\n- npm: [x]\n", "only pip may have a list"),
        ("dependencies:\n- go\n-\n", "line 3, can't be read: an entry of dependencies"),
        ("channels: conda-forge\n", "channels is no list"),
        ("name: [x]\n", "name is no text"),
        ("dependencies: [go", "line 1, can't be read: "),
        ("dependencies:\n- go\ndependencies:\n- cgo\n", "line 3, can't be read: "),
    ],
)
def test_what_is_none_is_said_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    """One sentence that names file and line."""
    with pytest.raises(BadYaml) as caught:
        read(tmp_path, text)
    assert said in str(caught.value)
    assert str(tmp_path / "environment.yml") in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_one_without_dependencies_asks_for_nothing(tmp_path: Path) -> None:
    """As conda takes it."""
    assert read(tmp_path, "name: x\ndependencies:\n").dependencies == ()


def test_no_file_and_a_pipe_in_its_place(tmp_path: Path) -> None:
    """Neither is waited for."""
    with pytest.raises(NoYaml):
        environment_file.read(tmp_path / "environment.yml")
    os.mkfifo(tmp_path / "environment.yml")
    with pytest.raises(BadYaml, match="no regular file"):
        environment_file.read(tmp_path / "environment.yml")


def test_both_endings(tmp_path: Path) -> None:
    """`.yaml` counts where there is no `.yml`, which is what is named where there is neither."""
    assert environment_file.in_folder(tmp_path) == tmp_path / "environment.yml"
    (tmp_path / "environment.yaml").write_text("dependencies: [go]\n")
    assert environment_file.in_folder(tmp_path) == tmp_path / "environment.yaml"
    (tmp_path / "environment.yml").symlink_to("nowhere")
    assert environment_file.in_folder(tmp_path) == tmp_path / "environment.yml"
