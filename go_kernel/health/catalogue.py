"""The list of all checks, in the order they run and are shown."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from go_kernel.findings import GoKernelError
from go_kernel.health.check import Check, Kind
from go_kernel.health.live import (
    activation,
    agreement,
    bundles,
    cgo,
    engine,
    imports,
    kernel_answers,
    modcache,
    proxies,
    sums,
    whole,
)
from go_kernel.health.static import (
    engines,
    hooks,
    hub,
    kernelspecs,
    machine,
    offline,
    places,
    resolved,
    secrets,
    toolchain,
    variables,
)

STATIC: tuple[Check, ...] = (
    toolchain.EXISTS,
    toolchain.PRESENT,
    toolchain.WHOLE,
    toolchain.VERSION,
    toolchain.HASH,
    variables.GOROOT,
    variables.SWITCHING,
    resolved.HIJACK,
    resolved.PLATFORM,
    resolved.ACTIVATION,
    hooks.CURRENT,
    places.USABLE,
    places.PRIVATE,
    places.LOCAL,
    places.SPACE,
    variables.GOFLAGS,
    resolved.COMPILER,
    engines.BUILT,
    engines.INTACT,
    kernelspecs.PRESENT,
    kernelspecs.CURRENT,
    secrets.SECRETS,
    kernelspecs.READABLE,
    kernelspecs.PROVISIONER,
    machine.SCRATCH,
    machine.STORES,
    machine.HOME,
    hub.ENVIRONMENT,
    hub.POLICY,
    *offline.CHECKS,
)
LIVE: tuple[Check, ...] = (
    activation.AFRESH,
    agreement.AGREES,
    whole.FILES,
    kernel_answers.ANSWERS,  # builds the engine where it is missing
    engine.VERSION,
    cgo.LOADS,
    modcache.INTACT,
    proxies.REACHABLE,
    sums.REACHABLE,
    imports.THIRD_PARTY,
    imports.OFFLINE,
    bundles.VERIFIED,
)
CHECKS: tuple[Check, ...] = (*STATIC, *LIVE)


class UnknownCheck(GoKernelError):
    """There is no check of this id."""

    id = "health.unknown-check"

    def __init__(self, said: str, known: Sequence[str] = ()):
        ids = [*known] or [check.id for check in CHECKS]
        close = [one for one in ids if one.partition(".")[2] == said]
        close = close or difflib.get_close_matches(said, ids, n=1)
        remedy = (
            f"Did you mean {close[0]}?" if close else "`jupyter gokernel doctor --list` lists them."
        )
        super().__init__(f"There is no check called {said!r}.", remedy)
        self.said = said


def chosen(
    ids: Iterable[str] = (), *, deep: bool = False, more: Sequence[Check] = ()
) -> list[Check]:
    """The checks of these ids, with those they need; without ids all, live ones with `deep`.

    `more` are checks besides the list, those of a project.  Raises UnknownCheck.
    """
    wanted, every = set(ids), (*CHECKS, *more)
    for said in sorted(wanted - {check.id for check in every}):
        raise UnknownCheck(said, [check.id for check in every])
    if not wanted:
        return [one for one in every if deep or one.kind is Kind.STATIC or one in more]
    for check in reversed(every):  # what a check needs stands before it
        if check.id in wanted:
            wanted.update(check.needs)
    return [check for check in every if check.id in wanted]
