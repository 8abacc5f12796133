"""Lets Go resolve all that kernels will ask for, so that its files are in one module cache.

    engines   the pinned modules, by our own go.sum
    projects  the module graph, tests, `go mod tidy`, and what a notebook in the folder asks
    modules   each alone, all together, and together with each project: as kernels do it

Kernels make a module of their own for an import, so such modules are made here, too, that
import every package at once, for each platform that kernels run on.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from go_kernel.engines.catalogue import Engine
from go_kernel.files import is_file
from go_kernel.goerrors import explain
from go_kernel.gojson import objects
from go_kernel.offline import layout, notebooks, projects
from go_kernel.offline.asking import PLATFORMS, Asking, Package, serious, third_party
from go_kernel.offline.packages import importable
from go_kernel.offline.projects import Own, Project
from go_kernel.offline.unmade import IncompleteProject, NotGathered

_SHOWN = 3
# A command line has an end.
_AT_ONCE = 500
_ERRORS = "{{with .Error}}{{.Err}}\n{{end}}"
# What a package is found in, unless in the module that imports it; of what is replaced no version.
_FOUND = (
    "{{with .Module}}{{if not .Main}}\t{{$.ImportPath}}\t{{.Path}}\t"
    "{{if not .Replace}}{{.Version}}{{end}}\t{{range $.Imports}}{{.}} {{end}}\n{{end}}{{end}}"
)
_FOUND_LINE = re.compile(r"^\t([^\t\n]+)\t([^\t\n]+)\t([^\t\n]*)\t([^\t\n]*)\n", re.MULTILINE)
_PROVIDING = re.compile(r"cannot find module providing package ([^\s:;]+)")


@dataclass(frozen=True)
class Extra:
    """A module in one version, and the import paths of its packages."""

    path: str
    version: str
    packages: tuple[str, ...]

    def __str__(self) -> str:
        """As a manifest has it."""
        return f"{self.path}@{self.version}"


def engine(asking: Asking, one: Engine) -> None:
    """What `engines.fetch` downloads: the pinned modules, and nothing of their graph.

    Our go.sum decides, which says more than the checksum database could.
    """
    what = f"The engine {one.name}"
    folder = asking.folder("engine")
    pins = asking.json(("mod", "edit", "-json", str(one.folder / "go.mod")), folder, what)
    (folder / "go.mod").write_text("module gokernel.bundle/engine\n\ngo 1.22\n")
    shutil.copyfile(one.folder / "go.sum", folder / "go.sum")
    named = [f"{pin['Path']}@{pin['Version']}" for pin in pins["Require"]]
    _download(asking, folder, named, what, GOSUMDB="off")


def module(asking: Asking, path: str, version: str) -> Extra:
    """A module in one version, with all that its packages need; raises NotGathered."""
    what = f"{path}@{version}"
    folder = asking.module("module", f"\nrequire {path} {version}\n")
    (got,) = _download(asking, folder, [what], what)
    found = Extra(path, version, tuple(importable(Path(got), path)))
    _as_a_kernel(asking, folder, found.packages, what)
    return found


def together(asking: Asking, extras: Sequence[Extra]) -> None:
    """What a kernel needs that imports packages of all these modules."""
    folder = asking.module("together", _requires(extras))
    packages = [one for module in extras for one in module.packages]
    _as_a_kernel(asking, folder, packages, "All modules together")


def project(asking: Asking, one: Project, extras: Sequence[Extra]) -> None:
    """All that a project needs, and notebooks in its folder, also with `extras`.

    Raises IncompleteProject and NotGathered.
    """
    what = f"The project {one.folder}"
    if one.work is None:
        (own,) = one.modules
        _graph(asking, one, own.folder, _copied(asking, own), what)
        tidied = [own]
    else:
        copy = asking.folder("work")
        (copy / "go.work").write_text(one.work_text())
        if is_file(one.work_sums):
            shutil.copyfile(one.work_sums, copy / "go.work.sum")
        _graph(asking, one, one.modules[0].folder if one.modules else copy, [], what, copy)
        tidied = [own for own in one.modules if not _needs_siblings(own, one.modules)]
    for own in tidied:
        # As a copy: `tidy` writes, and looks at other versions where the project isn't tidy.
        flags = _copied(asking, own)
        done = asking.go(("mod", "tidy", "-e", *flags), own.folder, what, check=False)
        _judge(asking, done.stderr, what)
    _notebook(asking, one, [], what)
    if extras:
        _notebook(asking, one, extras, what)


def notebook_packages(one: Project) -> list[str]:
    """What can be imported of a project, and what notebooks in its folder do import."""
    packages = [p for own in one.modules for p in importable(own.folder, own.path)]
    return [*dict.fromkeys([*packages, *notebooks.imported(one.folders)])]


def _graph(
    asking: Asking,
    one: Project,
    cwd: Path,
    flags: Sequence[str],
    what: str,
    work: Path | None = None,
) -> None:
    """The project's packages and tests as they stand, then every module of its graph."""
    mode = {"GOWORK": str(work / "go.work") if work else "off"}
    # Not the vendor folder's: a notebook's module, which requires the project, has none.
    listed = ("list", "-e", "-mod=readonly", *flags, "-deps", "-test", "-f", _ERRORS)
    done = asking.go((*listed, *projects.patterns(one.modules)), cwd, what, check=False, more=mode)
    said, failed = done.stderr if done.returncode else done.stdout, done.returncode != 0
    _complain(one, said, asking.sources, failed=failed)
    downloaded = asking.go(
        ("mod", "download", "-json", *flags, "all"), cwd, what, check=False, more=mode
    )
    entries = [*objects(downloaded.stdout)]
    if not entries and downloaded.returncode:
        raise NotGathered(what, downloaded.stderr, env=asking.sources)
    _tolerated(asking, entries, what)


def _complain(one: Project, output: str, env: Mapping[str, str], *, failed: bool) -> None:
    """Raise what keeps the project from being built by its go.mod and go.sum; no more.

    A package that doesn't compile, or a file that isn't there, is nothing that a bundle
    could mend.
    """
    wrong = [line for line in output.splitlines() if any(sign in line for sign in _INCOMPLETE)]
    if wrong:
        raise IncompleteProject(one.folder, "\n".join(wrong))
    cause = explain(output, env)
    if failed or cause.network or cause.kind in ("checksum", "disk-full"):
        raise NotGathered(f"The project {one.folder}", output, cause=cause)


_INCOMPLETE = (
    "missing go.sum entry",
    "no required module provides",
    "cannot find module providing",
    "updates to go.mod needed",
    "is not in your go.mod file",
    "to add it:",
)


def _needs_siblings(own: Own, all_of_them: Iterable[Own]) -> bool:
    """Whether a module requires another one of its workspace: then it can't be tidied alone."""
    paths = {one.path for one in all_of_them}
    return any(required["Path"] in paths for required in own.file.get("Require") or ())


def _copied(asking: Asking, own: Own) -> list[str]:
    """Flags by which `go` writes to copies of a module's go.mod and go.sum."""
    copy = asking.folder("copy")
    shutil.copyfile(own.folder / "go.mod", copy / "go.mod")
    if is_file(own.folder / "go.sum"):
        shutil.copyfile(own.folder / "go.sum", copy / "go.sum")
    return [f"-modfile={copy / 'go.mod'}"]


def _notebook(asking: Asking, one: Project, extras: Sequence[Extra], what: str) -> None:
    """What imports in a notebook in the project's folder ask for."""
    text = f"{_requires(extras)}\n{one.directives()}"
    extra = [p for module in extras for p in module.packages]
    packages = [*dict.fromkeys([*notebook_packages(one), *extra])]
    folder = asking.module("notebook", text, one.sums)
    _as_a_kernel(asking, folder, packages, what, one.replaced)


def _as_a_kernel(
    asking: Asking, folder: Path, packages: Iterable[str], what: str, local: Collection[str] = ()
) -> None:
    """All that a kernel asks for that imports some of these packages into the module in `folder`.

    `local` are modules that folders stand for.
    """
    _versions(asking, folder, what)
    _import(asking, folder, packages, what)
    _nodes(asking, folder, what, local)


def _versions(asking: Asking, folder: Path, what: str) -> None:
    """The whole graph, as a kernel asks for it that holds these modules when it imports more.

    What no package is imported of has a say about versions, too.  As JSON, since then Go
    asks for the `.info` of each, too.
    """
    asking.go(("list", "-mod=mod", "-m", "-json=Path,Version,Main,Replace", "all"), folder, what)


def _nodes(asking: Asking, folder: Path, what: str, local: Collection[str]) -> None:
    """The go.mod of every version in the graph, not of those alone that were selected.

    A kernel that imports a part of the packages has a part of the graph, in which an older
    version may be the newest.  `local` are modules that folders stand for.
    """
    printed = asking.go(("mod", "graph"), folder, what).stdout.split()
    known = {f"{one.path}@{one.version}" for one in layout.fetched(asking.downloads)}
    lacking = sorted(
        node
        for node in {*printed} - known
        if "@" in node and node.partition("@")[0] not in {"go", "toolchain", *local}
    )
    sums = folder / "go.sum"
    place = asking.module("nodes", "", sums.read_text() if is_file(sums) else "")
    for at in range(0, len(lacking), _AT_ONCE):
        argv = ("list", "-mod=mod", "-m", "-e", "-json=Error", *lacking[at : at + _AT_ONCE])
        done = asking.go(argv, place, what, check=False)
        found = [str((one.get("Error") or {}).get("Err", "")) for one in objects(done.stdout)]
        if trouble := serious("\n".join(found)):
            raise NotGathered(what, trouble, env=asking.sources)


def _requires(extras: Iterable[Extra]) -> str:
    return "".join(f"\nrequire {one.path} {one.version}\n" for one in extras)


def _import(asking: Asking, folder: Path, packages: Iterable[str], what: str) -> None:
    """Let Go find all that these packages need, on any platform."""
    lines = [f'import _ "{path}"' for path in packages]
    (folder / "imports.go").write_text("\n".join(["package imports", "", *lines, ""]))
    said = []
    # `go mod tidy` would look for all platforms at once, and for what the packages' tests need.
    for number, variables in enumerate(PLATFORMS):
        argv = ("list", "-mod=mod", "-e", "-deps", "-f", _FOUND + _ERRORS, ".")
        done = asking.go(argv, folder, what, check=False, more=variables)
        for path, module, version, imports in _FOUND_LINE.findall(done.stdout):
            one = Package(number, path, module, version)
            asking.seen[one] = third_party(imports.split())
        said.append(_FOUND_LINE.sub("", done.stdout))
        if done.returncode:
            _judge(asking, done.stderr, what, failed=True)
    _judge(asking, "".join(dict.fromkeys("".join(said).splitlines(keepends=True))), what)


def _judge(asking: Asking, output: str, what: str, *, failed: bool = False) -> None:
    if trouble := serious(output):
        raise NotGathered(what, trouble, env=asking.sources)
    if failed:
        raise NotGathered(what, output, env=asking.sources)
    absent = [*dict.fromkeys(_PROVIDING.findall(output))]
    if absent:
        asking.notes.append(
            f"{what}: packages that need one of these can't be imported, since no module "
            f"provides it: {_few(absent)}."
        )


def _download(
    asking: Asking, folder: Path, named: Sequence[str], what: str, **more: str
) -> list[str]:
    """Download modules; gives the folders of their sources.  Raises NotGathered."""
    argv = ("mod", "download", "-json", *named)
    done = asking.go(argv, folder, what, check=False, more=more)
    entries = [*objects(done.stdout)]
    errors = [str(entry["Error"]) for entry in entries if entry.get("Error")]
    if errors or done.returncode or len(entries) != len(named):
        raise NotGathered(what, "\n".join([*errors, done.stderr]), env=asking.sources)
    return [str(entry["Dir"]) for entry in entries]


def _tolerated(asking: Asking, entries: Sequence[Mapping[str, Any]], what: str) -> None:
    """Of a graph, a module may be gone from everywhere whose packages nobody needs.

    Nor need go.sum know it, so that the checksum database would have to be asked.
    """
    lost = []
    for entry in entries:
        if error := str(entry.get("Error") or ""):
            cause = explain(error, asking.sources)
            if not cause.absent and cause.kind != "sumdb-unreachable":
                raise NotGathered(what, error, cause=cause)
            lost.append(f"{entry.get('Path')}@{entry.get('Version')}: {cause.reason}")
    if lost:
        asking.notes.append(
            f"{what}: {len(lost)} modules of its graph, which no package of it needs, are not to "
            f"be had ({_few(lost)})."
        )


def _few(lines: Sequence[str]) -> str:
    shown = "; ".join(lines[:_SHOWN])
    return shown if len(lines) <= _SHOWN else f"{shown}; and {len(lines) - _SHOWN} more"


def infos(asking: Asking) -> None:
    """Get the dates of all modules that are there, which `go list` never asks for.

    Without them Go finds no newest version.  Everything is verified already, and so no
    checksum database is asked again.
    """
    found = layout.fetched(asking.downloads)
    lacking = [f"{one.path}@{one.version}" for one in found if one.whole and not one.dated]
    if lacking:
        sums = layout.sums(one.described() for one in found)
        folder = asking.module("infos", "", sums)
        _download(asking, folder, lacking, "The dates of modules")
