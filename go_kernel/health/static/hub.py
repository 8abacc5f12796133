"""What a JupyterHub decided: which Go this server got, and which variables its kernels get."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from go_kernel import hub_choice
from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import About, Answer, Check, ok, skipped, warn
from go_kernel.health.context import Context
from go_kernel.health.words import listed
from go_kernel.installed import Kernel
from go_kernel.layers import JUPYTERHUB, POLICY_MARKER, by_hub, in_vain, named
from go_kernel.printable import printable
from go_kernel.variables import masked

_NO_HUB = "This server was not started by a JupyterHub."


def _environment(context: Context) -> Finding:
    """Raises what `hub_choice.target` raises: each is a sentence with a remedy."""
    if not hub_choice.given(context.env):
        if not by_hub(context.env):
            return skipped(_NO_HUB)
        return ok("JupyterHub chose no Go for this server: each kernel has its own.")
    target = hub_choice.target(context.env, context.around.site_map)
    return ok(
        f"JupyterHub chose the Go of {printable(target.name)} for this server.",
        f"{context.env[hub_choice.ENVIRONMENT]}: {printable(str(target.place))}",
    )


ENVIRONMENT = Check(
    "hub.environment",
    "The Go that JupyterHub chose is there",
    _environment,
    broken_by="The chosen environment was removed, or the image's map of environments is wrong.",
    mended_by="Choose another one on the Hub; its administrator corrects the map.",
    about=About.MACHINE,
    needs=(),
)


def _policy(context: Context) -> Answer:
    used, vain = named(context.env), in_vain(context.env)
    if not used and vain is None:
        if not by_hub(context.env):
            return skipped(_NO_HUB)
        return ok("JupyterHub sets no variables for kernels.")
    who = JUPYTERHUB if by_hub(context.env) else f"The site ({POLICY_MARKER})"
    found = [*_overruled(context, used, who), *([vain] if vain else [])]
    if used:
        seen = "\n".join(f"{name}={printable(masked(name, used[name]))}" for name in used)
        found.insert(0, ok(f"{who} sets {listed([*used])} for kernels.", seen))
    return found


def _overruled(context: Context, used: Mapping[str, str], who: str) -> Iterator[Finding]:
    """Settings without effect: those of each kernel, then those of the configuration."""
    for kernel in context.subject.kernels:
        names = _other(_settings(kernel), used)
        if names:
            yield warn(
                f"The kernel {kernel.name} sets {listed(names)}, and {who} overrules it.",
                _remedy(names, f"{kernel.folder}/kernel.json", who),
                kernel=kernel.name,
            )
    names = _other(context.around.policy.user, used)
    if names:
        place = "c.GoKernelProvisioner.variables"
        text = f"{place} sets {listed(names)}, and {who} overrules it."
        yield warn(text, _remedy(names, "Jupyter's configuration", who))


def _remedy(names: list[str], place: str, who: str) -> Remedy:
    whom = "JupyterHub's administrator" if who == JUPYTERHUB else "the administrator"
    return Remedy(
        f"Take {listed(names)} out of {place}; if you need another value, ask {whom} for it."
    )


def _settings(kernel: Kernel) -> dict[str, str]:
    """What its kernelspec sets, written by `install` or by hand."""
    env = kernel.content.get("env")
    by_hand = {str(n): str(v) for n, v in env.items()} if isinstance(env, Mapping) else {}
    return {**by_hand, **(kernel.config.settings if kernel.config else {})}


def _other(settings: Mapping[str, str], used: Mapping[str, str]) -> list[str]:
    return [name for name, value in settings.items() if used.get(name, value) != value]


POLICY = Check(
    "hub.policy",
    "What JupyterHub sets for kernels is in force",
    _policy,
    broken_by="A kernel or the configuration sets what the Hub's administrator set otherwise.",
    mended_by="Take the setting out; or ask the Hub's administrator for another value.",
    about=About.MACHINE,
    needs=(),
)
