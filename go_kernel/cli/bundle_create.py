"""`jupyter gokernel bundle create`: everything that kernels would fetch, in one file."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

from traitlets import Bool, List, Unicode

from go_kernel import choose, platforms, private_places
from go_kernel.cli import output, resolving, selection
from go_kernel.cli.command import (
    JSON_FLAG,
    SHARED_ALIASES,
    SHARED_FLAGS,
    SHARED_METAVARS,
    GoKernelCommand,
)
from go_kernel.cli.errors import UsageError
from go_kernel.files import is_folder
from go_kernel.offline import create, toolchain, wanted
from go_kernel.offline.create import Created, Output
from go_kernel.offline.progress import Progress
from go_kernel.offline.store import SITE_STORES_VARIABLE, STORE_VARIABLE
from go_kernel.offline.toolchain import EMBEDDED, Goroot
from go_kernel.offline.wanted import Wanted
from go_kernel.platforms import Platform
from go_kernel.resolve import Resolved, Target

_OWN = "GoKernelBundleCreate"
_FILE = "course.gokernel.tar.zst"


class GoKernelBundleCreate(GoKernelCommand):
    """Makes a bundle."""

    name = "jupyter-gokernel bundle create"
    description = (
        "Makes a bundle of everything that kernels would fetch: the modules that an engine is "
        "built of, those of projects and of single modules with all that they need, and a Go. It "
        "is made where there is a network, with the settings that kernels have here (GOPROXY, "
        "GOPRIVATE, NETRC ...), and downloads nothing that the module cache holds. A machine that "
        "uses it (`bundle use`) needs no network. The same input gives the same bytes."
    )
    examples = f"""
jupyter gokernel bundle create -o {_FILE}
jupyter gokernel bundle create --project . --module github.com/google/uuid -o {_FILE}
jupyter gokernel bundle create --engine gonb --toolchain embedded -o {_FILE}
"""
    aliases = SHARED_ALIASES | {
        "project": (
            f"{_OWN}.projects",
            "A folder of a Go project (its go.mod, or go.work): all modules that it needs, and "
            "what Go notebooks in it import or pin by %get. May be repeated.",
        ),
        "module": (
            f"{_OWN}.modules",
            "A module (or a package in one) that notebooks will import, with all that it needs; "
            "without a version the newest. May be repeated.",
        ),
        "engine": (
            f"{_OWN}.engines",
            "The engine whose modules are bundled: gophernotes (where nothing is said), gonb, or "
            "none. May be repeated.",
        ),
        "toolchain": (
            f"{_OWN}.toolchain",
            "A Go to bundle as well: embedded (the one in this Python), a conda prefix, or a "
            "GOROOT.",
        ),
        "platform": (
            f"{_OWN}.platforms",
            "The platform of that Go, where it is another one: linux-arm64, or conda's name "
            "linux-aarch64. May be repeated. Modules are the same for all.",
        ),
        "name": (f"{_OWN}.bundle_name", "What the bundle is called in lists."),
        "env": (f"{_OWN}.environment", f"{selection.ENV_HELP} Its Go chooses the versions."),
        ("o", "output"): (f"{_OWN}.output", "The file to write; with a / behind it, a folder."),
    }
    flags = (
        {"force": ({_OWN: {"force": True}}, "Replace the file, or the bundle's folder.")}
        | JSON_FLAG
        | SHARED_FLAGS
    )
    metavars = SHARED_METAVARS | {
        "project": "DIR",
        "module": "PATH@VERSION",
        "engine": "ENGINE",
        "toolchain": "embedded-or-PATH",
        "platform": "PLATFORM",
        "name": "NAME",
        "env": "NAME-or-PATH",
        "output": "FILE",
    }
    uses_provisioner_config = True

    projects = List(Unicode(), config=True, help="Folders of projects.")
    modules = List(Unicode(), config=True, help="Modules, with or without a version.")
    engines = List(Unicode(), config=True, help="Engines, or `none`.")
    toolchain = Unicode(config=True, help="`embedded`, a conda prefix, or a GOROOT.")
    platforms = List(Unicode(), config=True, help="Platforms of that Go.")
    bundle_name = Unicode(config=True, help="What the bundle is called.")
    environment = Unicode(config=True, help="The environment whose Go chooses versions.")
    output = Unicode(config=True, help="The file or folder to write.")
    force = Bool(False, config=True, help="Replace what is there.")

    def run(self) -> int:
        """Make it."""
        target, want = self._target(), self._wanted()
        target.check()
        with create.workplace(self.environ) as place, output.progress(target.path.name) as line:
            goroots = self._goroots(place, line)
            found = self._resolved(goroots)
            chain, variables = found.environment.toolchain, found.environment.as_dict()
            asking = create.asking_in(_folder(place, "gathered"), chain, variables, line)
            made = create.create(want, goroots, target, asking)
        self._report(made)
        return 0

    def _target(self) -> Output:
        if not self.output:
            raise UsageError("Where the bundle goes is missing.", f"As in -o {_FILE}.")
        path = choose.path_of(self.output, self.environ, self.cwd)
        return Output(Path(str(path)), self.output.endswith("/"), self.force)

    def _wanted(self) -> Wanted:
        want = Wanted(
            engines=wanted.engines(self.engines),
            projects=tuple(choose.path_of(p, self.environ, self.cwd) for p in self.projects),
            modules=tuple(map(wanted.query, self.modules)),
            name=wanted.checked_name(self.bundle_name),
        )
        if self.platforms and not self.toolchain:
            raise UsageError(
                "--platform says which Go to bundle, and --toolchain is missing.",
                "Leave it out: modules are the same for all platforms.",
            )
        if not (want.engines or want.projects or want.modules or self.toolchain):
            raise UsageError("Nothing is to be bundled.", "Name a --project or a --module.")
        return want

    def _goroots(self, place: Path, line: Progress) -> list[Goroot]:
        if not self.toolchain:
            return []
        named = dict.fromkeys(map(toolchain.platform_of, self.platforms or [""]))
        return [self._goroot(one, place, line) for one in named]

    def _goroot(self, platform: Platform, place: Path, line: Progress) -> Goroot:
        if self.toolchain == EMBEDDED:
            folder = _folder(place, f"go-{platform.goos}-{platform.goarch}")
            return toolchain.embedded(platform, self.environ, folder, line)
        path = choose.path_of(self.toolchain, self.environ, self.cwd)
        if not choose.is_path(self.toolchain) and not is_folder(path):
            path = selection.environment(self, self.toolchain).place
        return toolchain.at(path, platform)

    def _resolved(self, goroots: list[Goroot]) -> Resolved:
        """What a kernel here would run with, but for bundles that are used already."""
        without = {STORE_VARIABLE: "/dev/null/none", SITE_STORES_VARIABLE: ""}
        found = resolving.resolved(self, self._chosen(goroots), {**self.environ, **without})
        private_places.make(found.environment)
        return found

    def _chosen(self, goroots: list[Goroot]) -> Target:
        """--env, else the Go that is bundled where it runs here, else any."""
        here = platforms.host()
        for one in goroots:
            if not self.environment and (one.platform.goos, one.platform.goarch) == (
                here.goos,
                here.goarch,
            ):
                return Target(one.version, goroot=one.folder)
        return selection.any_go(self, self.environment, "").target

    def _report(self, made: Created) -> None:
        for note in made.notes:
            output.say(f"warn: {note}")
        use = f"jupyter gokernel bundle use {quote(str(made.path))}"
        use += f" --sha256 {made.sha256}"
        if self.as_json:
            output.print_json(_plain(made, use))
            return
        modules = sum(bool(one.sum) for one in made.manifest.modules)
        parts = [
            f"{modules} module{'s' * (modules != 1)}",
            *(f"Go {t.go_version} ({t.platform})" for t in made.manifest.toolchains),
        ]
        print(output.printable(f"{made.path}: {', '.join(parts)}, {made.size / 1e6:.1f} MB"))
        print(f"id      {made.manifest.id}")
        print(f"sha256  {made.sha256}")
        print(output.printable(f"Use it with: {use}"))


def _folder(place: Path, name: str) -> Path:
    folder = place / name
    folder.mkdir()
    return folder


def _plain(made: Created, use: str) -> dict[str, object]:
    manifest = made.manifest
    return {
        "bundle": str(made.path),
        "id": manifest.id,
        "name": manifest.name or None,
        "sha256": made.sha256,
        "size": made.size,
        "files": len(manifest.files),
        "modules": sum(bool(one.sum) for one in manifest.modules),
        "go_version": manifest.go_version,
        "engines": [one.name for one in manifest.engines],
        "projects": sorted(one.module for one in manifest.projects),
        "extras": sorted(manifest.extras),
        "toolchains": [vars(one) for one in manifest.toolchains],
        "notes": list(made.notes),
        "use": use,
    }
