"""gokernel-lock.yml: which conda package stands for which module, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from go_kernel.project.lock import rules
from go_kernel.project.lock.versions import Inexpressible
from go_kernel.yamlfile import BadYaml

FULL = """\
version: 1
modules:
  # The wrapper follows the library with versions of its own.
  example.invalid/wrapper:
    package: libthing
    versions:
      v1.4.0: '3.45.1'
      v1.4.1: '3.45.1'
      v1.5.0: '3.46'
  example.invalid/tool/v2: go-tool
  example.invalid/plain:
    package: plain
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "gokernel-lock.yml"
    path.write_text(text)
    return path


def test_each_form_of_a_rule(tmp_path: Path) -> None:
    """With counterparts, with a package alone, and the short one."""
    read = rules.read(written(tmp_path, FULL))
    assert read.go == "go"
    wrapper, tool, plain = read.modules
    assert (tool.module, tool.package) == ("example.invalid/tool/v2", "go-tool")
    assert (plain.module, plain.package) == ("example.invalid/plain", "plain")
    assert wrapper.to_conda("v1.5.0") == "3.46"
    assert wrapper.to_go("3.46=h1_2") == "v1.5.0"
    assert tool.to_go(tool.to_conda("v2.1.0-rc1")) == "v2.1.0-rc1"


def test_counterparts_are_all_that_counts(tmp_path: Path) -> None:
    """No version is guessed beside them; of several that go.mod holds is meant."""
    wrapper = rules.read(written(tmp_path, FULL)).modules[0]
    with pytest.raises(Inexpressible, match="names no counterpart"):
        wrapper.to_conda("v1.6.0")
    with pytest.raises(Inexpressible, match="names no counterpart"):
        wrapper.to_go("3.47")
    with pytest.raises(Inexpressible, match="names several counterparts"):
        wrapper.to_go("3.45.1")
    assert wrapper.to_go("3.45.1", "v1.4.1") == "v1.4.1"


def test_without_a_file_go_alone_is_compared(tmp_path: Path) -> None:
    """A project needs no rules for that."""
    assert rules.read(tmp_path / "gokernel-lock.yml") == rules.Rules()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "can't be read: it holds no rules"),
        ("version: 2\n", "line 1, can't be read: it doesn't say `version: 1`"),
        ("modules: {}\n", "can't be read: it doesn't say `version: 1`"),
        ("version: 1\nmodule:\n", "line 2, can't be read: module isn't a key: there are version,"),
        ("version: 1\nmodules: [a]\n", "line 2, can't be read: modules is no mapping"),
        ("version: 1\nmodules:\n  a/b:\n", "line 3, can't be read: a/b has no `package`"),
        ("version: 1\nmodules:\n  a/b: {pakage: x}\n", "pakage isn't a key of a/b"),
        ("version: 1\nmodules:\n  a b: x\n", "line 3, can't be read: a b is no module's path"),
        ("version: 1\nmodules:\n  a/b: X Y\n", "the package X Y is none that conda could have"),
        ("version: 1\nmodules:\n  a/b: 7\n", "the package 7 is to stand in quotes, as '7'"),
        ("version: 1\nmodules:\n  a: x\n  b: x\n", "line 4, can't be read: x stands for both a"),
        ("version: 1\nmodules:\n  a: go\n", "line 3, can't be read: go stands for both Go and a"),
        (
            "version: 1\nmodules:\n  a: {package: x, versions: {v1.0.0: 3.45}}\n",
            "line 3, can't be read: the version 3.45 is to stand in quotes, as '3.45'",
        ),
        (
            "version: 1\nmodules:\n  a: {package: x, versions: {'1.0': '3'}}\n",
            "1.0 is no version of a module, such as v1.2.3",
        ),
        ("version: 1\nmodules:\n  a: {package: x, versions: {}}\n", "versions of a is no mapping"),
        ("version: 1\nmodules: {a: x", "can't be read: expected ',' or '}'"),
    ],
)
def test_what_is_no_rule_is_told(tmp_path: Path, text: str, said: str) -> None:
    """With its line, in one sentence."""
    with pytest.raises(BadYaml) as caught:
        rules.read(written(tmp_path, text))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    """Whatever stands there in its place."""
    os.mkfifo(tmp_path / "gokernel-lock.yml")
    with pytest.raises(BadYaml, match="no regular file"):
        rules.read(tmp_path / "gokernel-lock.yml")
