"""Installing one kernel or several, as `install`, `create` and `sync` all do it.

One that fails doesn't keep the others from being installed.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_core.paths import jupyter_data_dir

from go_kernel import hub_choice, installed, serverpython
from go_kernel import install as core
from go_kernel.cli import output
from go_kernel.cli.errors import UsageError
from go_kernel.cli.selection import one_of
from go_kernel.findings import Finding, GoKernelError, Remedy, Status
from go_kernel.install import Installed, Request, Where
from go_kernel.installed import same_folder
from go_kernel.kernelspec import Change
from go_kernel.resolve import Target

if TYPE_CHECKING:
    from go_kernel.cli.command import GoKernelCommand

_SAID = {
    Change.NEW: "Installed",
    Change.NONE: "Already installed:",
    Change.REFRESHED: "Refreshed",
    Change.REPLACED: "Replaced",
}


@dataclass(frozen=True)
class Failed:
    """A kernel that could not be installed, and why."""

    target: Target
    error: GoKernelError


Outcome = Installed | Failed


def destination(command: GoKernelCommand, *, user: bool, sys_prefix: bool, prefix: str) -> Where:
    """The folder that `--user`, `--sys-prefix` or `--prefix` name; `--user` is the default."""
    one_of(user=user, sys_prefix=sys_prefix, prefix=prefix)
    base = Path(jupyter_data_dir())
    if sys_prefix:
        base = _of_python()
    elif prefix:
        base = (command.cwd / prefix).resolve() / "share" / "jupyter"
    return Where(base / "kernels", command.kernel_dirs)


def install_each(
    command: GoKernelCommand, requests: Sequence[Request], where: Where
) -> list[Outcome]:
    """Install them, with progress; a single one's error is raised."""
    return [*_outcomes(command, requests, where)]


def _outcomes(
    command: GoKernelCommand, requests: Sequence[Request], where: Where
) -> Iterator[Outcome]:
    limits, policy = command.provisioner_settings()
    for request in requests:
        try:
            core.check_request(request)
            with output.progress(request.target.name) as line:
                yield core.install(
                    request,
                    where,
                    command.environ,
                    limits=limits,
                    policy=policy,
                    progress=line,
                    warn=output.say_finding,
                )
        except GoKernelError as error:
            if len(requests) == 1:
                raise
            yield Failed(request.target, error)


def report(command: GoKernelCommand, outcomes: Sequence[Outcome], where: Where) -> list[Finding]:
    """Say what came of it, in lines; give back the warnings about the place and the server."""
    for outcome in outcomes:
        if isinstance(outcome, Failed):
            output.say(f"Error: {outcome.target.name}: {outcome.error}")
            continue
        if not command.as_json:
            said = f"{_SAID[outcome.change]} {outcome.display_name}"
            print(output.printable(f"{said} ({outcome.name}) in {outcome.folder}"))
    warnings = [*_warnings(command, outcomes, where)]
    for warning in warnings:
        output.say_finding(warning)
    good = [outcome for outcome in outcomes if isinstance(outcome, Installed)]
    seen = [outcome for outcome in good if not _hider(outcome, where)]
    if seen and not command.as_json:
        print(output.printable(_next_step(command, seen)))
    return warnings


def plain(outcome: Outcome) -> dict[str, Any]:
    """One outcome for JSON."""
    target = outcome.target
    common = {
        "environment": target.name,
        "prefix": str(target.prefix) if target.prefix else None,
        "goroot": str(target.goroot) if target.goroot else None,
    }
    if isinstance(outcome, Failed):
        return {**common, "status": "failed", "error": outcome.error.finding().to_dict()}
    return {
        "name": outcome.name,
        "display_name": outcome.display_name,
        "engine": outcome.engine,
        **common,
        "go_version": outcome.go_version,
        "resource_dir": str(outcome.folder),
        "portable": outcome.portable,
        "status": outcome.change.value,
        "findings": [finding.to_dict() for finding in outcome.findings],
    }


def parsed_settings(pairs: Sequence[str]) -> dict[str, str]:
    """The variables of `--set K=V`; raises UsageError."""
    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"--set {pair!r} sets nothing.", "Write it as --set NAME=VALUE.")
        settings[name] = value
    return settings


def _warnings(
    command: GoKernelCommand, outcomes: Sequence[Outcome], where: Where
) -> Iterator[Finding]:
    good = [outcome for outcome in outcomes if isinstance(outcome, Installed)]
    if good and not any(same_folder(where.kernels, known) for known in where.searched):
        yield _not_searched(where.kernels)
    for outcome in good:
        hider = _hider(outcome, where)
        if hider:
            yield _hidden(hider)
    if any(not outcome.portable for outcome in good):
        yield from serverpython.findings(command.environ)


def _hider(outcome: Installed, where: Where) -> Path | None:
    """The kernelspec of the same name that Jupyter finds first; None where that is ours."""
    for folder in where.searched:
        other = folder / outcome.name
        if same_folder(other, outcome.folder):
            return None
        if (other / "kernel.json").exists():
            return other
    return None


def _hidden(other: Path) -> Finding:
    remedy = Remedy("Remove that one, or choose another name with --name.")
    option = _option_for(other.parent)
    if option and installed.read(other):
        command = f"jupyter gokernel uninstall {option} {other.name}"
        remedy = Remedy("Choose another name with --name, or remove that one", (command,))
    return Finding(
        id="install.hidden",
        status=Status.WARN,
        summary=f"The kernelspec {other} has the same name and comes first in Jupyter.",
        remedy=remedy,
    )


def _option_for(kernels: Path) -> str:
    """The option that names this folder and no other; "" where there is none."""
    if same_folder(kernels, Path(jupyter_data_dir()) / "kernels"):
        return "--user"
    if same_folder(kernels, _of_python() / "kernels"):
        return "--sys-prefix"
    if kernels.parts[-3:] == ("share", "jupyter", "kernels"):
        return f"--prefix {shlex.quote(str(kernels.parent.parent.parent))}"
    return ""


def _of_python() -> Path:
    """Jupyter's folder in the Python that this command runs in."""
    return Path(sys.prefix, "share", "jupyter")


def _not_searched(kernels: Path) -> Finding:
    base = kernels.parent
    return Finding(
        id="install.not-searched",
        status=Status.WARN,
        summary=f"Jupyter, as it is started here, does not look for kernels in {kernels}.",
        remedy=Remedy(f"Start it with JUPYTER_PATH={base}, or install with --user."),
    )


def _next_step(command: GoKernelCommand, good: Sequence[Installed]) -> str:
    if good[0].follows_hub and not hub_choice.given(command.environ):
        return (
            f'Next: "{good[0].display_name}" is for servers that a JupyterHub starts. In its '
            "configuration set c.JupyterHub.spawner_class to one of ours, such as "
            '"gokernel-simple", and c.GoSpawnerMixin.go_environments to what may be chosen.'
        )
    which = f'"{good[0].display_name}"' if len(good) == 1 else "one of these kernels"
    return f"Next: open a notebook (`jupyter lab`) and choose {which}; reload a page that is open."
