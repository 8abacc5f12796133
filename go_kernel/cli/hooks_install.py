"""`jupyter gokernel hooks install`: put hooks into an environment."""

from __future__ import annotations

from traitlets import List, Unicode

from go_kernel.cache import Cache
from go_kernel.cli import output, selection
from go_kernel.cli.command import (
    JSON_FLAG,
    SHARED_ALIASES,
    SHARED_FLAGS,
    SHARED_METAVARS,
    GoKernelCommand,
)
from go_kernel.cli.errors import UsageError
from go_kernel.cli.hooks import COLUMNS, conda_target, plain, rows
from go_kernel.cli.installing import parsed_settings
from go_kernel.folders import cache_folder
from go_kernel.hooks import installed
from go_kernel.hooks.files import Written, write
from go_kernel.hooks.installed import State
from go_kernel.hooks.wanted import BY_POLICY, wanted
from go_kernel.resolve import Target

_BY_SET = "--set"


class GoKernelHooksInstall(GoKernelCommand):
    """Installs hooks."""

    name = "jupyter-gokernel hooks install"
    description = (
        "Puts six scripts into a conda environment, which `conda activate` and `conda "
        "deactivate` run in bash, zsh, dash, fish and tcsh. They set the environment's Go, what "
        "--set says or a kernel of it has, and the site's policy. Everybody who activates the "
        "environment gets them, so they hold nothing of yours. Hooks that are there are replaced; "
        "what an earlier --set said stays, until --set says otherwise of the same variable, or "
        "the hooks are removed, or --kernel gives all of them. For GOPATH, "
        "GOMODCACHE and GOCACHE a value may hold {home}, {user}, {cache} and {environment}; "
        "an empty value unsets a variable."
    )
    examples = """
jupyter gokernel hooks install --env demo
jupyter gokernel hooks install --env demo --set GOPATH={home}/go-{environment}
jupyter gokernel hooks install --kernel go-demo          # with that kernel's variables
"""
    aliases = SHARED_ALIASES | {
        "env": ("GoKernelHooksInstall.environment", selection.ENV_HELP),
        "kernel": ("GoKernelHooksInstall.kernel", "A kernel: its environment, its variables."),
        "set": ("GoKernelHooksInstall.settings", "A variable for shells. May be repeated."),
    }
    flags = JSON_FLAG | SHARED_FLAGS
    metavars = SHARED_METAVARS | {
        "env": "NAME-or-PATH",
        "kernel": "NAME",
        "set": "NAME=VALUE",
    }
    uses_provisioner_config = True

    environment = Unicode(config=True, help="The environment's name or path.")
    kernel = Unicode(config=True, help="An installed kernel's name.")
    settings = List(Unicode(), config=True, help="Variables for shells, as NAME=VALUE.")

    def run(self) -> int:
        """Install them."""
        selection.one_of(env=self.environment, kernel=self.kernel)
        selection.one_of(kernel=self.kernel, set=self.settings)
        target, settings, origin = self._chosen()
        _, policy = self.provisioner_settings()
        cache = Cache(cache_folder(self.environ))
        earlier = self._earlier(target)
        written = write(wanted(target, settings, policy.site, origin, cache=cache))
        for name in sorted({*earlier} - {*written.hooks.settings}):
            output.say(f"{name} is set no more, since {origin} doesn't have it.")
        if self.as_json:
            told = plain(written.hooks.prefix, State.CURRENT, written.hooks)
            files = [str(file) for file in written.files]
            output.print_json({**told, "files": files, "again": written.again})
        else:
            _report(target, written)
        return 0

    def _chosen(self) -> tuple[Target, dict[str, str], str]:
        """Which environment, what is set for its shells, and who said so."""
        if self.kernel:
            config = selection.config_of(self, self.kernel)
            if config.target.prefix is None:
                raise UsageError(
                    f"The Go of the kernel {self.kernel} is in no conda environment.",
                    "Hooks belong to conda environments; name one with --env.",
                )
            return config.target, dict(config.settings), f"kernel {self.kernel}"
        target = conda_target(self, self.environment)
        said = parsed_settings(self.settings)
        return target, {**self._earlier(target), **said}, _BY_SET

    def _earlier(self, target: Target) -> dict[str, str]:
        """What was said for the hooks that are there."""
        found = installed.look(target.place).hooks
        return {
            name: one.value or ""
            for name, one in (found.settings if found else {}).items()
            if one.origin != BY_POLICY
        }


def _report(target: Target, written: Written) -> None:
    folder = written.hooks.prefix / "etc" / "conda"
    what = "are here already" if written.again else "are here now"
    print(output.printable(f"The hooks of {target.name} {what}: 6 scripts in {folder}"))
    output.print_table(COLUMNS, rows(written.hooks), "They set nothing.")
    if not written.again:
        print(
            output.printable(
                f"They run with the next `conda activate {target.name}`; where it is active now, "
                "activate it again."
            )
        )
