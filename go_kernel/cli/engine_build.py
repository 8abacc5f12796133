"""`jupyter gokernel engine build`: build engines ahead of a launch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from traitlets import Bool, List, Unicode

from go_kernel import choose, inventory, prepare
from go_kernel.cli import output, selection
from go_kernel.cli.command import (
    JSON_FLAG,
    SHARED_ALIASES,
    SHARED_FLAGS,
    SHARED_METAVARS,
    GoKernelCommand,
)
from go_kernel.cli.errors import FAILED
from go_kernel.config import KernelConfig
from go_kernel.engines import catalogue
from go_kernel.engines.store import Build
from go_kernel.findings import GoKernelError
from go_kernel.resolve import Target

# As good as no limit: a person who sits before it has Ctrl-C.
_SECONDS = 86_400.0


class GoKernelEngineBuild(GoKernelCommand):
    """Builds engines."""

    name = "jupyter-gokernel engine build"
    description = (
        "Builds the engine for an environment's Go, where it isn't built yet. `install` does that "
        "too; this is for administrators, and for after an upgrade of an environment's Go. Without "
        "--env, --all, --go or --kernel it takes the active environment, else the Go embedded in "
        "this Python, else one that a bundle brought."
    )
    examples = """
jupyter gokernel engine build --env demo
jupyter gokernel engine build --all
GOKERNEL_STORE=/usr/local/share/jupyter-gokernel/engines jupyter gokernel engine build --env demo
"""
    aliases = SHARED_ALIASES | {
        "env": ("GoKernelEngineBuild.environments", f"{selection.ENV_HELP} May be repeated."),
        "go": ("GoKernelEngineBuild.go", "A Go outside of conda: its GOROOT, or its go."),
        "kernel": ("GoKernelEngineBuild.kernel", "An installed kernel, with its own settings."),
        "engine": ("GoKernelEngineBuild.engine", selection.ENGINE_HELP),
    }
    flags = (
        {
            "all": ({"GoKernelEngineBuild": {"every": True}}, "All environments that have Go."),
            "offline": (
                {"GoKernelEngineBuild": {"offline": True}},
                "Fetch nothing: what isn't in bundles and caches can't be built.",
            ),
            "rebuild": (
                {"GoKernelEngineBuild": {"rebuild": True}},
                "Build it again, even if it is there.",
            ),
        }
        | JSON_FLAG
        | SHARED_FLAGS
    )
    metavars = SHARED_METAVARS | {
        "env": "NAME-or-PATH",
        "go": "PATH",
        "kernel": "NAME",
        "engine": "ENGINE",
    }
    uses_provisioner_config = True

    environments = List(Unicode(), config=True, help="The environments' names or paths.")
    every = Bool(False, config=True, help="Build for all environments that have Go.")
    go = Unicode(config=True, help="The GOROOT or the go of a Go outside of conda.")
    kernel = Unicode(config=True, help="An installed kernel's name.")
    engine = Unicode("gophernotes", config=True, help="The engine.")
    offline = Bool(False, config=True, help="Fetch nothing.")
    rebuild = Bool(False, config=True, help="Build it again, even if it is there.")

    def run(self) -> int:
        """Build them; one that fails doesn't keep the others from being built."""
        catalogue.get(self.engine)
        configs = [*self._configs()]
        built: list[dict[str, Any]] = []
        failed = False
        for config in configs:
            try:
                built.append(_plain(config, self._build(config)))
            except GoKernelError as error:
                if len(configs) == 1:
                    raise
                output.say(f"Error: {config.environment}: {error}")
                failed = True
        if self.as_json:
            output.print_json({"builds": built})
        else:
            for one in built:
                print(output.printable(f"{one['environment']}: {one['folder']}"))
        return FAILED if failed else 0

    def _build(self, config: KernelConfig) -> Build:
        limits, policy = self.provisioner_settings()
        limits = replace(limits, build=_SECONDS, build_at_launch=True)
        policy = policy.above({}, offline=self.offline)
        found = prepare.resolved(config, self.environ, limits=limits, policy=policy)
        with output.progress(config.environment) as line:
            return prepare.engine_for(
                replace(config, build_at_launch=None, build_timeout=None),
                found,
                self.environ,
                limits=limits,
                progress=line,
                rebuild=self.rebuild,
            )

    def _configs(self) -> Iterator[KernelConfig]:
        selection.one_of(all=self.every, env=self.environments, go=self.go, kernel=self.kernel)
        if self.kernel:
            yield selection.config_of(self, self.kernel)
            return
        for target in self._targets():
            yield KernelConfig(
                target.name, str(target.prefix or ""), str(target.goroot or ""), self.engine
            )

    def _targets(self) -> list[Target]:
        if self.every:
            found = inventory.with_go(self.environ, cwd=self.cwd)
            return [Target(one.name, prefix=one.prefix) for one in found]
        if self.go:
            return [choose.go((self.cwd / self.go).absolute())]
        if self.environments:
            named = dict.fromkeys(self.environments)
            return [selection.environment(self, one) for one in named]
        chosen = choose.default(self.environ, embedded=choose.embedded_goroot())
        output.say(chosen.why)
        return [chosen.target]


def _plain(config: KernelConfig, build: Build) -> dict[str, Any]:
    return {
        "environment": config.environment,
        "prefix": config.prefix or None,
        "goroot": config.goroot or None,
        "engine": build.manifest.engine,
        "go_version": build.manifest.go_version,
        "key": build.key,
        "folder": str(build.folder),
    }
