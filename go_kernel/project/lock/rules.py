"""gokernel-lock.yml: which conda package stands for which Go module.

version: 1
go: go                      # the package that brings Go
modules:
  github.com/mattn/go-sqlite3:
    package: go-sqlite3     # the same versions, each in its own spelling
  example.com/wrapper:
    package: libthing
    versions:               # or: these and no others
      v1.4.0: '3.45.1'
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from go_kernel import yamlfile
from go_kernel.project.lock import versions
from go_kernel.project.lock.versions import Inexpressible
from go_kernel.yamlfile import Yaml

NAME = "gokernel-lock.yml"
GO_PACKAGE = "go"
_FORMAT = "1"
_PACKAGE = re.compile(r"[a-z0-9_][a-z0-9_.-]*")
_MODULE = re.compile(r"[A-Za-z0-9_.~-]+(?:/[A-Za-z0-9_.~!-]+)*")
_GO_VERSION = re.compile(r"v[0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.+-]*")
_CONDA_VERSION = re.compile(r"[A-Za-z0-9_.!+]+")
_TEXT = "tag:yaml.org,2002:str"


@dataclass(frozen=True)
class Rule:
    """One module and its package; `versions` from Go's to conda's, where they differ."""

    module: str
    package: str
    versions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def to_conda(self, version: str) -> str:
        """Conda's counterpart of a module's version; raises Inexpressible."""
        if not self.versions:
            return versions.to_conda(version)
        if version not in self.versions:
            raise Inexpressible(version, "conda", f"{NAME} names no counterpart for {self.module}")
        return self.versions[version]

    def to_go(self, version: str, present: str = "") -> str:
        """The module's counterpart of a package's version, with or without its build.

        Of several that mean the same to conda it is `present`, the one that go.mod holds,
        and nobody's choice otherwise.  Raises Inexpressible.
        """
        bare = versions.without_build(version)
        if not self.versions:
            return versions.to_go(bare, self.module)
        found = [ours for ours, theirs in self.versions.items() if theirs == bare]
        if present in found:
            return present
        if len(found) == 1:
            return found[0]
        said = "several counterparts" if found else "no counterpart"
        raise Inexpressible(version, "Go", f"{NAME} names {said} for {self.module}")


@dataclass(frozen=True)
class Rules:
    """All rules of a project; `go` is the package that brings Go."""

    go: str = GO_PACKAGE
    modules: tuple[Rule, ...] = ()


def read(path: Path) -> Rules:
    """The rules in a file; where it is absent, Go itself alone.  Raises yamlfile.BadYaml."""
    try:
        yaml = yamlfile.read(path)
    except yamlfile.NoYaml:
        return Rules()
    return parsed(yaml)


def parsed(yaml: Yaml) -> Rules:
    """The rules in YAML that was read; raises BadYaml."""
    if not isinstance(yaml.root, MappingNode):
        raise yaml.bad("it holds no rules: `version: 1` and `modules`", yaml.root)
    keys = _known(yaml, yaml.root, ("version", "go", "modules"), "a key")
    version = keys.get("version")
    if not isinstance(version, ScalarNode) or version.value != _FORMAT:
        raise yaml.bad("it doesn't say `version: 1`, the format that is known here", version)
    go = _text(yaml, keys["go"], _PACKAGE, "the package") if "go" in keys else GO_PACKAGE
    modules = keys.get("modules")
    if modules is not None and not _is_null(modules) and not isinstance(modules, MappingNode):
        raise yaml.bad("modules is no mapping from module paths to packages", modules)
    found = tuple(_rule(yaml, *one) for one in yamlfile.entries(modules))
    seen = {go: "Go"}
    for rule, (_, key, _) in zip(found, yamlfile.entries(modules), strict=True):
        if rule.package in seen:
            other = seen[rule.package]
            raise yaml.bad(f"{rule.package} stands for both {other} and {rule.module}", key)
        seen[rule.package] = rule.module
    return Rules(go, found)


def _rule(yaml: Yaml, module: str, key: Node, node: Node) -> Rule:
    if not _MODULE.fullmatch(module):
        raise yaml.bad(f"{module} is no module's path", key)
    if isinstance(node, ScalarNode) and not _is_null(node):  # the short form: module: package
        return Rule(module, _text(yaml, node, _PACKAGE, "the package"))
    if not isinstance(node, MappingNode):
        raise yaml.bad(f"{module} has no `package`", key)
    keys = _known(yaml, node, ("package", "versions"), f"a key of {module}")
    if "package" not in keys:
        raise yaml.bad(f"{module} has no `package`", key)
    package = _text(yaml, keys["package"], _PACKAGE, "the package")
    counterparts = keys.get("versions")
    if counterparts is None:
        return Rule(module, package)
    if not isinstance(counterparts, MappingNode) or not counterparts.value:
        raise yaml.bad(f"versions of {module} is no mapping from Go's to conda's", counterparts)
    pairs = {}
    for ours, place, theirs in yamlfile.entries(counterparts):
        if not _GO_VERSION.fullmatch(ours):
            raise yaml.bad(f"{ours} is no version of a module, such as v1.2.3", place)
        pairs[ours] = _text(yaml, theirs, _CONDA_VERSION, "the version")
    return Rule(module, package, MappingProxyType(pairs))


def _known(yaml: Yaml, node: Node, known: tuple[str, ...], what: str) -> dict[str, Node]:
    found = {}
    for name, key, value in yamlfile.entries(node):
        if name not in known:
            raise yaml.bad(f"{name} isn't {what}: there are {', '.join(known)}", key)
        found[name] = value
    return found


def _text(yaml: Yaml, node: Node, pattern: re.Pattern[str], what: str) -> str:
    if not isinstance(node, ScalarNode) or _is_null(node):
        raise yaml.bad(f"{what} is no text", node)
    value = str(node.value)
    if node.tag != _TEXT:
        raise yaml.bad(f"{what} {value} is to stand in quotes, as '{value}'", node)
    if not pattern.fullmatch(value):
        raise yaml.bad(f"{what} {value} is none that conda could have", node)
    return value


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.tag == "tag:yaml.org,2002:null"
