"""environment.yml: what a project asks of its conda environment.

ref: https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html
ref: https://github.com/conda/conda-lock/blob/main/conda_lock/src_parser/selectors.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from os.path import lexists
from pathlib import Path

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from go_kernel import yamlfile
from go_kernel.yamlfile import Yaml

# Conda and conda-lock take both endings; where both files are there, the first counts.
NAME = "environment.yml"
NAMES = (NAME, "environment.yaml")

# conda-lock's words for platforms, in a comment behind a dependency: `- cctools  # [osx]`.
_SELECTOR = re.compile(r"\s#.*\[([^\[\]]+)\][^()]*$")
_SELECTED = {
    "linux-64": {"linux64", "unix", "linux"},
    "linux-aarch64": {"aarch64", "unix", "linux"},
    "linux-ppc64le": {"ppc64le", "unix", "linux"},
    "osx-64": {"osx", "osx64", "unix"},
    "osx-arm64": {"arm64", "osx", "unix"},
    "win-64": {"win", "win64"},
}
_TEXT = "tag:yaml.org,2002:str"


@dataclass(frozen=True)
class Dependency:
    """One package that is asked for.

    `spec` is conda's, or pip's in the part that pip reads; `start` and `end` are where it
    stands in the file's text, quotes included, `line` counts from 1.  `selector` is the
    platform that it is for, in conda-lock's words (`osx`), "" for all.
    """

    spec: str
    start: int
    end: int
    line: int
    selector: str = ""

    def counts_on(self, subdir: str) -> bool:
        """Whether it is asked for on a platform of conda's; on one without words, too."""
        return not self.selector or self.selector in _SELECTED.get(subdir, {self.selector})


@dataclass(frozen=True)
class EnvironmentFile:
    """One environment.yml; `name` is "" where it says none.

    `platforms` is conda-lock's addition: the subdirs that the environment is for.
    """

    path: Path
    name: str
    channels: tuple[str, ...]
    dependencies: tuple[Dependency, ...]
    pip: tuple[Dependency, ...]
    platforms: tuple[str, ...]
    yaml: Yaml

    @property
    def end_of_dependencies(self) -> int:
        """Where the last of `dependencies` ends in the text: another may follow; -1 for none."""
        return self.dependencies[-1].end if self.dependencies else -1

    def specs(self, subdir: str) -> tuple[Dependency, ...]:
        """The conda packages asked for on a platform."""
        return tuple(one for one in self.dependencies if one.counts_on(subdir))


def in_folder(folder: Path) -> Path:
    """The environment file of a project's folder: the first of NAMES that is there, or none."""
    return next((folder / name for name in NAMES if lexists(folder / name)), folder / NAME)


def read(path: Path) -> EnvironmentFile:
    """Read one; raises BadYaml, also for YAML that is no environment, and NoYaml for no file."""
    return of(yamlfile.read(path))


def of(yaml: Yaml) -> EnvironmentFile:
    """The environment that a YAML file describes; raises BadYaml for one that describes none."""
    root = yaml.root
    if root is None:
        raise yaml.bad("it is empty")
    if not isinstance(root, MappingNode):
        raise yaml.bad("it doesn't hold keys such as name, channels and dependencies", root)
    dependencies = yamlfile.child(root, "dependencies")
    return EnvironmentFile(
        path=yaml.path,
        name=_name(yaml, yamlfile.child(root, "name")),
        channels=_texts(yaml, root, "channels"),
        dependencies=tuple(_conda(yaml, dependencies)),
        pip=tuple(_pip(yaml, dependencies)),
        platforms=_texts(yaml, root, "platforms"),
        yaml=yaml,
    )


def _name(yaml: Yaml, node: Node | None) -> str:
    if node is None or _is_null(node):
        return ""
    if not isinstance(node, ScalarNode):
        raise yaml.bad("name is no text", node)
    return str(node.value)


def _texts(yaml: Yaml, root: Node, key: str) -> tuple[str, ...]:
    return tuple(one.spec for one in _listed(yaml, yamlfile.child(root, key), key))


def _conda(yaml: Yaml, node: Node | None) -> Iterator[Dependency]:
    plain = [one for one in _items(yaml, node, "dependencies") if not _is_pip(yaml, one)]
    for one in plain:
        yield _dependency(yaml, one, "dependencies")


def _pip(yaml: Yaml, node: Node | None) -> Iterator[Dependency]:
    for one in _items(yaml, node, "dependencies"):
        if isinstance(one, MappingNode):
            yield from _listed(yaml, yamlfile.child(one, "pip"), "pip")


def _listed(yaml: Yaml, node: Node | None, key: str) -> Iterator[Dependency]:
    for one in _items(yaml, node, key):
        yield _dependency(yaml, one, key)


def _items(yaml: Yaml, node: Node | None, key: str) -> list[Node]:
    if node is None or _is_null(node):
        return []
    if not isinstance(node, SequenceNode):
        raise yaml.bad(f"{key} is no list", node)
    return yamlfile.items(node)


def _is_pip(yaml: Yaml, node: Node) -> bool:
    """Whether it is the part that pip reads; no other tool may have one."""
    if not isinstance(node, MappingNode):
        return False
    keys = [name for name, _, _ in yamlfile.entries(node)]
    if keys != ["pip"]:
        raise yaml.bad(f"among dependencies only pip may have a list, not {keys[:1]}", node)
    return True


def _dependency(yaml: Yaml, node: Node, key: str) -> Dependency:
    if not isinstance(node, ScalarNode) or node.tag != _TEXT or not node.value.strip():
        raise yaml.bad(f"an entry of {key} is no text", node)
    start, end = node.start_mark.index, node.end_mark.index
    rest = yaml.text[end:].partition("\n")[0]
    found = _SELECTOR.search(rest)
    return Dependency(
        str(node.value).strip(), start, end, yamlfile.line_of(node), found[1] if found else ""
    )


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.tag == "tag:yaml.org,2002:null"
