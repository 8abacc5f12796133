"""Does Go take each package of the project as it stands there?

Nothing is compiled: it is what Go says once it has looked into the folders.
"""

from __future__ import annotations

from collections.abc import Iterator

from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import error, ok, skipped
from go_kernel.health.project import sums
from go_kernel.health.project.looked import Looked, of_loaded
from go_kernel.process import CommandError

_MOST = 12


@of_loaded
def look(looked: Looked) -> Finding:
    """Two packages in a folder, a name that Go refuses, a source that is cut off."""
    try:
        problems = [*dict.fromkeys(_problems(looked))]
    except CommandError:
        return skipped("Go can't list the packages; another check says why.")
    if not problems or looked.is_told:
        return ok("Go takes the packages as they are there; what compiling says, --deep tells.")
    first = problems[0].splitlines()[0].rstrip(".")
    more = f", and {len(problems) - 1} more" if problems[1:] else ""
    return error(
        f"Go doesn't take a package of the project: {first}{more}.",
        Remedy("Mend what is named; Go says the same with", (looked.listing(),)),
        evidence="\n".join(problems[:_MOST]),
    )


def _problems(looked: Looked) -> Iterator[str]:
    """What Go says, with the place in a source where it knows one."""
    for one in looked.packages:
        wrong = one.get("Error") or {}
        said, place = str(wrong.get("Err") or "").strip(), str(wrong.get("Pos") or "")
        if said and not sums.is_known(said):
            yield f"{place}: {said}" if place else said
