"""What only a part of what was asked for needs: versions between that alone and all together.

Of three modules a notebook imports two.  Then a module that all three need can be selected
in a version that neither one alone selects, nor all three; and its packages may import there
what they import nowhere else.  So of each module that is used, every version that can be
selected is fetched, and what its used packages import there is used, too, until nothing new
comes.  Go says what files import on each platform; which versions, `graph` says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from go_kernel.files import is_folder
from go_kernel.gojson import objects
from go_kernel.offline import layout, paths
from go_kernel.offline.asking import PLATFORMS, Asking, Package, serious, third_party
from go_kernel.offline.gather import notebook_packages
from go_kernel.offline.graph import GoMod, Graph, Node, Root, parse
from go_kernel.offline.packages import importable
from go_kernel.offline.projects import Project
from go_kernel.offline.unmade import NotGathered

# A command line has an end.
_AT_ONCE = 400
_WHAT = "Some of the modules together"


def complete(asking: Asking, extras: Sequence[Node], projects: Sequence[Project]) -> None:
    """Fetch all that any part of these needs; raises NotGathered.

    They were gathered alone and together before.
    """
    search = _Search(asking, frozenset(path for path, _ in extras))
    for node in extras:
        search.add(search.root(node), ())
    for one in projects:
        imported, root = notebook_packages(one), _of_project(one)
        search.add(root, imported)
        known = {path for path, _ in root.requires} | {*root.aside}
        for node, packages in _beside(asking, imported).items():
            if node[0] not in known:
                search.add(search.root(node), packages)
    while search.goes_on():
        pass


def _beside(asking: Asking, packages: Iterable[str]) -> dict[Node, set[str]]:
    """The modules that Go found these packages in, where no folder stands for them."""
    wanted = {*packages}
    found: dict[Node, set[str]] = {}
    for one in asking.seen:
        if one.version and one.path in wanted:
            found.setdefault((one.module, one.version), set()).add(one.path)
    return dict(sorted(found.items()))


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
    """One search: `extras` are the paths of modules whose packages are all imported.

    Roots go by their numbers; `_users` are those that a package is used for, by platform.
    """

    asking: Asking
    extras: frozenset[str]
    _roots: list[Root] = field(default_factory=list)
    _users: list[dict[str, set[int]]] = field(default_factory=lambda: [{} for _ in PLATFORMS])
    _mods: dict[Node, GoMod] = field(default_factory=dict)
    _lost: set[Node] = field(default_factory=set)
    _packages: dict[Node, Sequence[str]] = field(default_factory=dict)

    def root(self, node: Node) -> Root:
        """A module that was asked for."""
        mod = self._mod(node) or GoMod()
        return Root((node, *mod.requires), mod.pruned)

    def add(self, root: Root, packages: Iterable[str]) -> None:
        """A root, and what is imported of it besides extras."""
        self._roots.append(root)
        for path in packages:
            self._use(path, {len(self._roots) - 1})

    def goes_on(self) -> bool:
        """One round; whether there has to be another one."""
        users: dict[str, set[int]] = {}
        for used in self._users:
            for package, numbers in used.items():
                for path in _above(package):
                    users.setdefault(path, set()).update(numbers)
        for path in self.extras:
            users.setdefault(path, set())
        graph = Graph(self._mod)
        nodes = graph.selectable(self._roots, lambda path: users.get(path, ()))
        if graph.lacking:
            self._fetch_mods(sorted(graph.lacking))
            return True
        needed = sorted(node for node in nodes if node[0] in users and node not in self._lost)
        lacking = [node for node in needed if not is_folder(self._folder(node))]
        if lacking:
            self._fetch_zips(lacking)
            return True
        grown = [
            self._use(package, nodes[node])
            for node in needed
            if node[0] in self.extras
            for package in self._importable(node)
        ]
        return self._follow(needed) or any(grown)

    def _importable(self, node: Node) -> Sequence[str]:
        if node not in self._packages:
            self._packages[node] = importable(self._folder(node), node[0])
        return self._packages[node]

    def _use(self, package: str, numbers: Collection[int]) -> bool:
        """Whether that is new on any platform."""
        return sum(_grow(used, package, numbers) for used in self._users) > 0

    def _follow(self, nodes: Iterable[Node]) -> bool:
        """Use what the used packages import in any of these modules; whether that is news."""
        versions: dict[str, list[str]] = {path: [""] for path, _ in self._replaced()}
        for path, version in nodes:
            versions.setdefault(path, []).append(version)
        grown = False
        for platform, used in enumerate(self._users):
            queue, edges = [*used], self.asking.seen
            places = {package: self._places(platform, package, versions) for package in queue}
            self._look(platform, [one for some in places.values() for one in some])
            while queue:
                package = queue.pop()
                if package not in places:
                    # Where it imports things that nobody knows, there is another round.
                    places[package] = self._places(platform, package, versions)
                for one in places[package]:
                    for path in edges.get(one, ()):
                        if _grow(used, path, used[package]):
                            grown = True
                            queue.append(path)
        return grown

    def _replaced(self) -> set[tuple[str, str]]:
        return {(one.module, "") for one in self.asking.seen if not one.version}

    def _places(
        self, platform: int, package: str, versions: Mapping[str, Sequence[str]]
    ) -> list[Package]:
        """What may be meant by a package."""
        return [
            Package(platform, package, path, version)
            for path in _above(package)
            for version in versions.get(path, ())
        ]

    def _look(self, platform: int, packages: Iterable[Package]) -> None:
        """Find out what these import, where that isn't known yet."""
        new = [one for one in packages if one not in self.asking.seen]
        folders = {
            one: place for one in new if one.version and is_folder(place := self._place(one))
        }
        found = self._imports(platform, [*dict.fromkeys(folders.values())])
        for one in new:
            self.asking.seen[one] = found.get(folders[one], ()) if one in folders else ()

    def _imports(self, platform: int, folders: Sequence[Path]) -> dict[Path, Sequence[str]]:
        """What the files in these folders import, without the standard library."""
        found: dict[Path, Sequence[str]] = {}
        for at in range(0, len(folders), _AT_ONCE):
            place = self.asking.folder("between")
            some = {place / str(n): folder for n, folder in enumerate(folders[at : at + _AT_ONCE])}
            for link, folder in some.items():
                # By links: `go list` takes no path with an @ in it.
                link.symlink_to(folder)
            # As in a GOPATH: one call for packages of any modules, and no module is looked for.
            more = {"GO111MODULE": "off", "GOPATH": str(place / "none"), "GOFLAGS": ""}
            argv = ("list", "-e", "-json=Dir,Imports", *(f"./{link.name}" for link in some))
            done = self.asking.go(
                argv, place, _WHAT, check=False, more={**PLATFORMS[platform], **more}
            )
            for one in objects(done.stdout):
                if known := some.get(Path(str(one.get("Dir")))):
                    found[known] = third_party(one.get("Imports") or ())
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


def _grow(used: dict[str, set[int]], package: str, numbers: Collection[int]) -> bool:
    known = used.setdefault(package, set())
    before = len(known)
    known |= {*numbers}
    return len(known) != before


def _above(path: str) -> Iterator[str]:
    """The modules that may provide a package."""
    while path:
        yield path
        path = path.rpartition("/")[0]
