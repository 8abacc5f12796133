"""Does Go itself see what we say it will see?"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping

from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import Check, Kind, error, ok
from go_kernel.health.context import Context
from go_kernel.health.live import trial
from go_kernel.toolchain import Toolchain
from go_kernel.variables import masked

_SECONDS = 45.0
_FOR_GO = 9.0
# They tell of the folder that go runs in, or are put together anew each time.
_OTHERWISE = frozenset({"GOMOD", "GOWORK", "GOGCCFLAGS", "GOENV"})


def agrees(context: Context) -> Finding:
    """Compare `go env` and `go version`, run as a kernel runs them, with our own view."""
    env, toolchain = trial.variables(context), context.toolchain
    told = trial.go(context, ["env", "-json"], env, seconds=_FOR_GO).stdout
    version = trial.go(context, ["version"], env, seconds=_FOR_GO).stdout.strip()
    differing = [*_versions(version, toolchain), *_variables(json.loads(told), env, toolchain)]
    if not differing:
        return ok(f"Go sees what it should see: {version}.")
    first = differing[0]
    more = f" (and {len(differing) - 1} more)" if differing[1:] else ""
    return error(
        f"{toolchain.go} does not agree with what its files say: {first}{more}.",
        Remedy(
            "Reinstall Go there: its files are of two versions, or its `go` is another program."
        ),
        evidence="\n".join(differing),
    )


def _versions(said: str, toolchain: Toolchain) -> Iterator[str]:
    expected = f"go version go{toolchain.version} {toolchain.goos}/{toolchain.goarch}"
    if said != expected:
        yield f"`go version` says {said!r} and not {expected!r}"


def _variables(
    told: Mapping[str, str], env: Mapping[str, str], toolchain: Toolchain
) -> Iterator[str]:
    ours = {name: value for name, value in env.items() if value and name not in _OTHERWISE}
    expected = {**ours, "GOROOT": str(toolchain.goroot), "GOVERSION": f"go{toolchain.version}"}
    for name in sorted(expected.keys() & told.keys()):
        want, have = expected[name], told[name]
        if want != have and not _same_folder(want, have):
            yield f"{name} is {masked(name, have)!r} and not {masked(name, want)!r}"


def _same_folder(one: str, other: str) -> bool:
    return one.startswith("/") and os.path.realpath(one) == os.path.realpath(other)


AGREES = Check(
    id="go.agrees",
    title="Go agrees with our view of it",
    run=agrees,
    broken_by="A GOROOT with files of two versions, or another program in place of `go`.",
    mended_by="Reinstalling Go.",
    kind=Kind.LIVE,
    seconds=_SECONDS,
    needs=trial.NEEDS,
)
