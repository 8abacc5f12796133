"""What only a part of what was asked for needs: versions between that alone and all together.

Of three modules a notebook imports two.  Then a module that all three need can be selected
in a version that neither one alone selects, nor all three; and its packages may import there
what they import nowhere else.  So of each module that is used, every version that can be
selected is fetched, and what its used packages import there is used, too, until nothing new
comes.  Go says what files import on each platform; which versions, `graph` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from go_kernel.files import is_folder
from go_kernel.offline import layout, paths
from go_kernel.offline.asking import PLATFORMS, Asking, Package, objects, serious
from go_kernel.offline.graph import GoMod, Graph, Node, Root, parse
from go_kernel.offline.packages import importable
from go_kernel.offline.projects import Project
from go_kernel.offline.unmade import NotGathered

# A command line has an end.
_AT_ONCE = 400
_WHAT = "Some of the modules together"


def complete(asking: Asking, extras: Iterable[Node], projects: Iterable[Project]) -> None:
    """Fetch all that any part of these needs; raises NotGathered.

    They were gathered alone and together before.
    """
    extras = [*extras]
    search = _Search(asking, frozenset(path for path, _ in extras))
    search.roots += [search.root(one) for one in extras]
    search.roots += [_of_project(one) for one in projects]
    while search.goes_on():
        pass


def _of_project(one: Project) -> Root:
    requires = [
        (required["Path"], required["Version"])
        for own in one.modules
        for required in own.file.get("Require") or ()
        if required["Path"] not in one.replaced
    ]
    pruned = all(parse(f"go {own.file.get('Go') or '1.16'}\n").pruned for own in one.modules)
    return Root(tuple(requires), pruned, one.replaced)


@dataclass
class _Search:
    """One search: `extras` are the paths of modules whose packages are all imported."""

    asking: Asking
    extras: frozenset[str]
    roots: list[Root] = field(default_factory=list)
    _mods: dict[Node, GoMod] = field(default_factory=dict)
    _lost: set[Node] = field(default_factory=set)
    _listed: set[Node] = field(default_factory=set)

    def __post_init__(self) -> None:
        seen = self.asking.seen
        self._used = {(one.platform, one.path) for one in seen}
        self._done = {one for one in seen if one.version}

    def root(self, node: Node) -> Root:
        """A module that was asked for."""
        mod = self._mod(node) or GoMod()
        return Root((node, *mod.requires), mod.pruned)

    def goes_on(self) -> bool:
        """One round; whether there has to be another one."""
        used = {path for _, path in self._used}
        holders = {above for path in used for above in _above(path)} | self.extras
        graph = Graph(self._mod)
        nodes = graph.selectable(self.roots, holders.__contains__)
        if graph.lacking:
            self._fetch_mods(sorted(graph.lacking))
            return True
        needed = sorted(node for node in nodes if node[0] in holders and node not in self._lost)
        lacking = [node for node in needed if not is_folder(self._folder(node))]
        if lacking:
            self._fetch_zips(lacking)
            return True
        before = len(self._used)
        for node in needed:
            if node[0] in self.extras and node not in self._listed:
                self._listed.add(node)
                found = importable(self._folder(node), node[0])
                self._used |= {(p, path) for p in range(len(PLATFORMS)) for path in found}
        self._follow(needed)
        return len(self._used) != before

    def _follow(self, nodes: Iterable[Node]) -> None:
        """What the used packages of these modules import, where that isn't known yet."""
        versions: dict[str, list[str]] = {}
        for path, version in nodes:
            versions.setdefault(path, []).append(version)
        todo: dict[int, list[Package]] = {}
        for platform, package in sorted(self._used):
            for path in _above(package):
                for version in versions.get(path, ()):
                    one = Package(platform, package, path, version)
                    if one not in self._done:
                        self._done.add(one)
                        todo.setdefault(platform, []).append(one)
        for platform, packages in todo.items():
            there = [place for one in packages if is_folder(place := self._place(one))]
            found = self._imports(platform, [*dict.fromkeys(there)])
            self._used |= {(platform, path) for path in found}

    def _imports(self, platform: int, folders: Sequence[Path]) -> set[str]:
        """What the files in these folders import, without the standard library."""
        found: set[str] = set()
        for at in range(0, len(folders), _AT_ONCE):
            place = self.asking.folder("between")
            some = folders[at : at + _AT_ONCE]
            for number, folder in enumerate(some):
                # By links: `go list` takes no path with an @ in it.
                (place / str(number)).symlink_to(folder)
            # As in a GOPATH: one call for packages of any modules, and no module is looked for.
            more = {"GO111MODULE": "off", "GOPATH": str(place / "none"), "GOFLAGS": ""}
            argv = ("list", "-e", "-json=Imports", *(f"./{n}" for n in range(len(some))))
            done = self.asking.go(
                argv, place, _WHAT, check=False, more={**PLATFORMS[platform], **more}
            )
            for one in objects(done.stdout):
                found.update(p for p in one.get("Imports") or () if "." in p.split("/")[0])
        return found

    def _mod(self, node: Node) -> GoMod | None:
        if node not in self._mods:
            try:
                stem = paths.file_of(*node, "mod").removeprefix(f"{paths.PROXY}/")
                text = (self.asking.downloads / stem).read_text(errors="replace")
            except OSError:
                return None
            self._mods[node] = parse(text)
        return self._mods[node]

    def _fetch_mods(self, nodes: Sequence[Node]) -> None:
        for some, folder in self._batches(nodes):
            argv = ("list", "-mod=mod", "-m", "-e", "-json=Error", *some)
            done = self.asking.go(argv, folder, _WHAT, check=False)
            self._judge((one.get("Error") or {}).get("Err", "") for one in objects(done.stdout))
        for node in nodes:
            if self._mod(node) is None:
                # Nobody has it: Go itself can't go on there, with a network or without.
                self._mods[node] = GoMod()

    def _fetch_zips(self, nodes: Sequence[Node]) -> None:
        for some, folder in self._batches(nodes):
            argv = ("mod", "download", "-json", *some)
            done = self.asking.go(argv, folder, _WHAT, check=False)
            self._judge(one.get("Error", "") for one in objects(done.stdout))
        self._lost |= {node for node in nodes if not is_folder(self._folder(node))}

    def _batches(self, nodes: Sequence[Node]) -> Iterator[tuple[list[str], Path]]:
        for at in range(0, len(nodes), _AT_ONCE):
            sums = layout.sums(one.described() for one in layout.fetched(self.asking.downloads))
            folder = self.asking.module("between", "", sums)
            yield [f"{path}@{version}" for path, version in nodes[at : at + _AT_ONCE]], folder

    def _judge(self, errors: Iterable[str]) -> None:
        if trouble := serious("\n".join(one for one in errors if one)):
            raise NotGathered(_WHAT, trouble, env=self.asking.sources)

    def _folder(self, node: Node) -> Path:
        path, version = map(paths.escaped, node)
        return self.asking.cache / f"{path}@{version}"

    def _place(self, one: Package) -> Path:
        return self._folder((one.module, one.version)) / one.path[len(one.module) :].lstrip("/")


def _above(path: str) -> Iterator[str]:
    """The modules that may provide a package."""
    while path:
        yield path
        path = path.rpartition("/")[0]
