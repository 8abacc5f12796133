"""What each layer of a kernel's environment holds, lowest first.

Each function writes one layer into a `Merge`.  Layer 6, what follows from the
toolchain, has files of its own: `places`, `cgo` and `toolchain_layer`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from go_kernel import goenv, variables
from go_kernel.conda.activation import Activation
from go_kernel.conda.bookkeeping import is_bookkeeping, undo
from go_kernel.conda.scripts import SYSTEM_PATH
from go_kernel.environment import Layer, Merge, Origin
from go_kernel.findings import Finding, GoKernelError, Remedy, Status
from go_kernel.printable import printable
from go_kernel.process import expressible

# The Hub or an administrator names here which of the parent's variables are policy.
POLICY_MARKER = "GOKERNEL_POLICY"
JUPYTERHUB = "JupyterHub"
_MOST_NAMED = 12
# ref: https://jupyterhub.readthedocs.io/en/stable/reference/env-vars.html
_HUBS_OWN = ("JUPYTERHUB_SERVICE_PREFIX", "JUPYTERHUB_API_URL")


class NotSettable(GoKernelError):
    """A variable that a kernel's settings may not set."""

    id = "settings.not-settable"

    def __init__(self, name: str, reason: str, place: str = ""):
        where = _SPOKEN.get(place, place)
        super().__init__(
            f"The variable {name!r} can't be set for a kernel: {reason}"
            f"{f' ({where} sets it)' if where else ''}.",
            f"Take it out of {where}."
            if where
            else "Leave it out; `jupyter gokernel env --explain` shows what is in force.",
        )
        self.name = name
        self.reason = reason


# The places of settings, as who wrote them there knows them.
_SPOKEN = {
    "kernelspec": "the kernelspec",
    "configuration": "c.GoKernelProvisioner.variables in Jupyter's configuration",
    "policy": "c.GoKernelProvisioner.policy in Jupyter's configuration",
}


def go_files(merge: Merge, parent: Mapping[str, str], goroot: Path) -> None:
    """Layer 1: `$GOROOT/go.env`, then what `go env -w` wrote."""
    user = goenv.user_file(parent)
    for path, place in ((goroot / "go.env", "$GOROOT/go.env"), (user, "go env -w")):
        for name, value in goenv.read(path).items():
            origin = Origin(Layer.GO_FILES, place)
            if name in variables.RUNS_CODE and name not in variables.OURS:
                merge.refuse(name, value, origin, "not used: runs code")
                merge.findings.append(_runs_code(name, place, path))
            elif name in variables.TABLE:
                merge.set(name, value, origin)


def parent_process(merge: Merge, parent: Mapping[str, str]) -> None:
    """Layer 2: what is neither Go's nor an activation's, and the Go variables that pass."""
    changes = undo(parent)
    for name in sorted({*parent, *changes}):
        before = parent.get(name)
        value = changes.get(name, before)
        origin = Origin(Layer.PARENT)
        if value != before and before is not None:
            merge.refuse(name, before, origin, "an inherited activation, undone")
        if value is None:
            continue
        reason = _kept_out(name)
        if reason:
            merge.refuse(name, value, origin, reason)
        elif name not in variables.TABLE or value:
            merge.set(name, value, origin)


def _put(merge: Merge, name: str, value: str | None, origin: Origin) -> None:
    """Set a variable as a process does: an empty one of Go's is as good as none."""
    if name in variables.TABLE and not value:
        merge.fall_through(name, origin, empty=value is not None)
    elif value is None:
        merge.drop(name, origin)
    else:
        merge.set(name, value, origin)


def activation(merge: Merge, activated: Activation) -> None:
    """Layer 3: the environment's own variables and PATH entries."""
    for change in activated.changes:
        _put(merge, change.name, change.value, Origin(Layer.ACTIVATION, change.place))
    # Without a PATH a shell would still find the system's programs, a C compiler above all.
    inherited = (merge.get("PATH") or SYSTEM_PATH).split(os.pathsep)
    own = (*activated.path_front, *activated.path_back)
    middle = [entry for entry in inherited if entry.startswith("/") and entry not in own]
    path = os.pathsep.join((*activated.path_front, *middle, *activated.path_back))
    merge.set("PATH", path, Origin(Layer.ACTIVATION, "the environment's folders first"))
    merge.findings.extend(activated.findings)


def settings(merge: Merge, chosen: Mapping[str, str], place: str) -> None:
    """Layer 4: the kernelspec's own settings and the user's configuration.

    Raises NotSettable for a name or value that can't be a setting.
    """
    check_settings(chosen, place)
    for name, value in chosen.items():
        _put(merge, name, value, Origin(Layer.SETTINGS, place))


def site(merge: Merge, policy: Mapping[str, str], parent: Mapping[str, str]) -> None:
    """Layer 5: the administrator's configuration, then the Hub's marked variables.

    Within a person's own server a policy is advice: what enforces it are file
    permissions and the network.
    """
    check_settings(policy, "policy")
    for name, value in policy.items():
        _put(merge, name, value, Origin(Layer.SITE, "configuration"))
    origin = Origin(Layer.SITE, JUPYTERHUB if by_hub(parent) else f"named in {POLICY_MARKER}")
    for name, value in named(parent).items():
        _put(merge, name, value, origin)
    vain = in_vain(parent)
    if vain is not None:
        merge.findings.append(vain)


def by_hub(parent: Mapping[str, str]) -> bool:
    """Whether JupyterHub started the server."""
    return any(parent.get(name) for name in _HUBS_OWN)


def marked(parent: Mapping[str, str]) -> list[str]:
    """The names that the policy marker holds, each once, whether they can be policy or not."""
    names = re.split(r"[,\s]+", parent.get(POLICY_MARKER, ""))
    return [name for name in dict.fromkeys(names) if name]


def _is_policy(name: str) -> bool:
    """PATH and what activation sets never are: a stale activation is no policy."""
    return variables.settable(name) and name != "PATH" and not is_bookkeeping(name)


def named(parent: Mapping[str, str]) -> dict[str, str]:
    """What the marker makes policy: names and values."""
    used = [name for name in marked(parent) if _is_policy(name) and name in parent]
    return {name: parent[name] for name in used}


def unused(parent: Mapping[str, str]) -> list[str]:
    """What the marker names in vain: what can be no policy, and what isn't set."""
    used = named(parent)
    return [name for name in marked(parent) if name not in used]


def check_settings(chosen: Mapping[str, str], place: str = "") -> None:
    """Raise NotSettable for the first variable that may not be set this way, naming `place`."""
    for name, value in chosen.items():
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            raise NotSettable(str(name), "it is no variable's name", place)
        if name in variables.OURS:
            raise NotSettable(name, "it follows from the environment's Go", place)
        if not variables.settable(name):
            raise NotSettable(name, "this project sets it itself, afresh for each kernel", place)
        if not isinstance(value, str) or not expressible(value):
            raise NotSettable(name, "its value is no text without NUL", place)


def _kept_out(name: str) -> str:
    """Why the parent's variable isn't handed on; "" where it is."""
    row = variables.TABLE.get(name)
    if name.startswith("GOKERNEL_"):
        return "jupyter-gokernel's own"
    if variables.is_code(name):
        return "not inherited: could run code"
    if row is None or row.inherited:
        return ""
    return "not inherited: could run code" if row.runs_code else "not inherited: another Go's"


def in_vain(parent: Mapping[str, str]) -> Finding | None:
    """What is said of names in the marker that have no effect; None where all have one."""
    said = [printable(name)[:64] for name in unused(parent)]
    if not said:
        return None
    more = [f"{len(said) - _MOST_NAMED} more"] if len(said) > _MOST_NAMED else []
    who = JUPYTERHUB if by_hub(parent) else "The site"
    return Finding(
        id="policy.unused",
        status=Status.INFO,
        summary=(
            f"{who} names {', '.join(said[:_MOST_NAMED] + more)} in {POLICY_MARKER}, which has no "
            "effect: policy is a variable that is set, and neither PATH nor what follows from the "
            "environment."
        ),
        remedy=Remedy(
            "Nothing is to be done for your kernels; its administrator can leave that out."
        ),
    )


def _runs_code(name: str, place: str, path: Path | None) -> Finding:
    return Finding(
        id="variables.runs-code",
        status=Status.INFO,
        summary=f"{name} from {place} ({path}) is not used: it can make Go run any program.",
        remedy=Remedy(
            "If you want it for a kernel, say so",
            (f"jupyter gokernel install --replace --set {name}=...",),
        ),
    )
