"""Are the project's modules in the module cache what was downloaded?

ref: https://go.dev/ref/mod#go-mod-verify
"""

from __future__ import annotations

from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import error, ok, skipped, unknown
from go_kernel.health.project.looked import SECONDS, Looked, of_loaded
from go_kernel.process import CommandError

_ALTERED = ("has been modified", "missing ziphash")


@of_loaded
def look(looked: Looked) -> Finding:
    """`go mod verify` compares each with the hash that Go keeps of it."""
    try:
        done = looked.go.run(looked.root, "mod", "verify", timeout=SECONDS, check=False)
    except CommandError as problem:
        return unknown(
            f"The modules could not be hashed: {problem.summary}",
            Remedy("Give it more time", (looked.command("mod", "verify"),)),
        )
    said = "\n".join(filter(None, (done.stdout.strip(), done.stderr.strip())))
    if any(one in said for one in _ALTERED):
        altered = [line for line in said.splitlines() if any(one in line for one in _ALTERED)]
        return error(
            f"{_listed(altered)} in the module cache not what was downloaded: changed sources "
            "are compiled.",
            Remedy(
                "Empty the module cache; Go downloads again what it needs",
                (looked.command("clean", "-modcache"),),
            ),
            evidence="\n".join(altered),
            fix="modcache.clear",
        )
    if done.returncode != 0:
        return skipped("Go can't list the project's modules without downloading.", said)
    return ok("The project's modules are what was downloaded.", said)


def _listed(altered: list[str]) -> str:
    if len(altered) == 1:
        return f"{' '.join(altered[0].split()[:2]).rstrip(':')} is"
    return f"{len(altered)} modules are"
