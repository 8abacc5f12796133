"""Which versions of modules can be selected, by Go's own rules, from their go.mod files alone.

The newest version is taken that anything asks for; and where a module says Go 1.17 or newer,
what it requires counts, and not what that requires again.
ref: https://go.dev/ref/mod#minimal-version-selection and https://go.dev/ref/mod#graph-pruning
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from go_kernel.offline import versions

# A module in one version.
Node = tuple[str, str]

_LINE = re.compile(r'(?:require\s+)?["`]?([^\s"`]+)["`]?\s+["`]?(v[^\s"`]+)["`]?')
_GO = re.compile(r'go\s+"?1\.(\d+)')
_PRUNING_SINCE = 17


@dataclass(frozen=True)
class GoMod:
    """What counts of a go.mod: what it requires, and whether that is complete by itself."""

    requires: tuple[Node, ...] = ()
    pruned: bool = False


@dataclass(frozen=True)
class Root:
    """What is imported for its own sake: a module, or a project's (`aside` are replaced there)."""

    requires: tuple[Node, ...]
    pruned: bool
    aside: Collection[str] = ()


@dataclass
class Graph:
    """All go.mod files that are known; `lacking` are those that were asked for and aren't."""

    known: Callable[[Node], GoMod | None]
    lacking: set[Node] = field(default_factory=set)
    _brought: dict[Node, Mapping[str, str]] = field(default_factory=dict)

    def selectable(
        self, roots: Sequence[Root], users: Callable[[str], Collection[int]]
    ) -> Mapping[Node, frozenset[int]]:
        """Every version that some of the roots together can select, and which of them lead to it.

        Which modules a kernel's own module requires changes with what it imports: it is
        some of the roots, and some versions of the modules that they use (`users` of a
        module's path are the numbers of those roots).  So the newest of what some of these
        bring is selected, and never what is older than what a root brings without them.
        """
        bases = [self._base(root) for root in roots]
        found: dict[Node, set[int]] = {}
        queue = [(node, number) for number, base in enumerate(bases) for node in base.items()]
        while queue:
            node, number = queue.pop()
            if number in found.setdefault(node, set()):
                continue
            found[node].add(number)
            # Whoever lists modules reads it, also where nobody requires it.
            self._mod(node)
            using = [bases[user] for user in users(node[0]) if _fits(node, bases[user])]
            for new in self._brings(node).items() if using else ():
                if new[0] in roots[number].aside or not _fits(new, bases[number]):
                    continue
                if any(_fits(new, base) for base in using):
                    queue.append((new, number))
        return {
            node: frozenset(numbers)
            for node, numbers in found.items()
            if any(_fits(node, bases[user]) for user in users(node[0])) or not users(node[0])
        }

    def _base(self, root: Root) -> Mapping[str, str]:
        nodes = root.requires if root.pruned else self._below(root.requires)
        return _newest(node for node in nodes if node[0] not in root.aside)

    def _brings(self, node: Node) -> Mapping[str, str]:
        """The versions that a module asks for where it is required, its own included."""
        if node not in self._brought:
            mod, before = self._mod(node), len(self.lacking)
            nodes = [node, *mod.requires] if mod.pruned else self._below([node])
            brought = _newest(nodes)
            if len(self.lacking) != before or node in self.lacking:
                return brought
            self._brought[node] = brought
        return self._brought[node]

    def _below(self, nodes: Iterable[Node]) -> set[Node]:
        found: set[Node] = set()
        queue = [*nodes]
        while queue:
            node = queue.pop()
            if node not in found:
                found.add(node)
                queue.extend(self._mod(node).requires)
        return found

    def _mod(self, node: Node) -> GoMod:
        mod = self.known(node)
        if mod is None:
            self.lacking.add(node)
        return mod or GoMod()


def parse(text: str) -> GoMod:
    """A go.mod as Go reads those of others: what it doesn't know is passed over."""
    pruned = False
    requires = []
    for line in _lines(text):
        if found := _GO.match(line):
            pruned = int(found[1]) >= _PRUNING_SINCE
        elif line.startswith("require") and (found := _LINE.fullmatch(line)):
            requires.append((found[1], found[2]))
    return GoMod(tuple(requires), pruned)


def _lines(text: str) -> Iterator[str]:
    """Without comments; each line of a block as if it stood alone."""
    block = ""
    for raw in text.splitlines():
        line = raw.partition("//")[0].strip()
        if line.endswith("("):
            block = line[:-1].strip()
        elif line == ")":
            block = ""
        elif line:
            yield f"{block} {line}" if block else line


def _fits(node: Node, base: Mapping[str, str]) -> bool:
    """Whether a version can be selected where this is asked for."""
    least = base.get(node[0])
    return least is None or not _older(node[1], least)


def _newest(nodes: Iterable[Node]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path, version in nodes:
        if path not in found or _older(found[path], version):
            found[path] = version
    return found


def _older(version: str, other: str) -> bool:
    return version != other and _order(version) < _order(other)


_order = lru_cache(maxsize=None)(versions.order)
