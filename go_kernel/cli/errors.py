"""Errors of usage, and which exit code an error has.

0 is done, 1 is failed, 2 is "that can't be meant", 130 is Ctrl-C, 143 is SIGTERM.
"""

from __future__ import annotations

from go_kernel.findings import GoKernelError

FAILED, USAGE, INTERRUPTED, TERMINATED = 1, 2, 130, 143

# Errors of the core that can only come from what a person typed.
_USAGE_IDS = frozenset(
    {
        "usage",
        "choose.unknown",
        "choose.ambiguous",
        "settings.not-settable",
        "install.secret",
        "kernel.unknown",
        "kernelspec.bad-name",
        "engine.unknown",
        "create.invalid",
        "places.bad-template",
        "health.unknown-check",
        "health.unknown-fix",
        "bundle.bad-wish",
        "hooks.secret",
        "hooks.not-for-shells",
        "hooks.no-template",
    }
)


class UsageError(GoKernelError):
    """A command line that can't be understood."""

    id = "usage"


def exit_code(error: GoKernelError) -> int:
    """The exit code of an error."""
    return USAGE if error.id in _USAGE_IDS else FAILED
