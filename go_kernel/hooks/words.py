"""The sentences that hooks say on stderr, and the names that all of their scripts share."""

from __future__ import annotations

import shlex

from go_kernel.conda.bookkeeping import KEPT_BY_HOOKS
from go_kernel.hooks.wanted import Hooks, HookVariable
from go_kernel.printable import printable

MARK = "Written by `jupyter gokernel hooks install`; `jupyter gokernel hooks remove` takes it away."
# With the level of the activation between: what a variable was is behind an `=`, and
# nothing at all stands for "was not set".  An inherited activation is undone by it, too.
KEPT = KEPT_BY_HOOKS


def _said(text: str) -> str:
    return f"jupyter-gokernel: {text}"


def _env(hooks: Hooks) -> str:
    return f"--env {shlex.quote(printable(str(hooks.prefix)))}"


def changed(hooks: Hooks) -> str:
    """Of a `go` that isn't the one that the hooks were made for."""
    return _said(
        f"{printable(str(hooks.go))} changed since these hooks were installed, so they set "
        f"nothing. See `jupyter gokernel doctor {_env(hooks)}`; if you know why, run `jupyter "
        f"gokernel hooks install {_env(hooks)}`."
    )


def elsewhere(hooks: Hooks) -> str:
    """Of an environment that was copied or moved, hooks and all."""
    return _said(
        f"the hooks of this environment were made for {printable(str(hooks.prefix))}, so they "
        "set nothing. Run `jupyter gokernel hooks install --env` with its path."
    )


def planted() -> str:
    """What stands before and behind the path of a `go` that another PATH entry brings."""
    return _said("passed over on PATH, since it came before the environment's own: ")


def fixed() -> str:
    """What stands before the name of a variable that nobody can change."""
    return _said("left as it is, since it is read-only in this shell: ")


def unfilled(one: HookVariable) -> str:
    """Of a template for which a shell has no value."""
    names = {"home": "HOME", "user": "USER", "cache": "XDG_CACHE_HOME or HOME"}
    of = " and ".join(names[field] for field in one.fields)
    return _said(f"{one.name} is not set: it needs {of}, which can't be used.")
