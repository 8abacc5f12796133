"""Are the project's modules in the module cache what was downloaded?

ref: https://go.dev/ref/mod#go-mod-verify
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from go_kernel.files import is_folder
from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import error, ok, skipped, unknown
from go_kernel.health.live.poison import Cached, is_intact
from go_kernel.health.project.looked import SECONDS, Looked, of_loaded
from go_kernel.offline import paths
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
    altered = [line for line in said.splitlines() if any(one in line for one in _ALTERED)]
    if not altered and done.returncode != 0:
        # Go wants to see go.mod files that building never needed; ours is the same comparison.
        try:
            altered = list(_altered(looked))
        except CommandError:
            return skipped("Go can't list the project's modules without downloading.", said)
        said = "" if altered else "those that packages come from were hashed"
    if altered:
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
    return ok("The project's modules are what was downloaded.", said)


def _altered(looked: Looked) -> Iterator[str]:
    """The modules of the project's packages that differ from their hash, as `go` says it."""
    downloads = Path(looked.go.as_given(looked.root, ["GOMODCACHE"])["GOMODCACHE"])
    used = [one["Module"] for one in looked.packages if one.get("Module")]
    modules = {
        (one["Path"], one["Version"]): Path(one["Dir"])
        for one in (module.get("Replace") or module for module in used)
        if one.get("Version") and one.get("Dir")
    }
    end = time.monotonic() + SECONDS / 2
    for (path, version), folder in modules.items():
        versions = downloads / "cache" / "download" / paths.escaped(path) / "@v"
        ziphash = versions / f"{paths.escaped(version)}.ziphash"
        if time.monotonic() > end or not is_folder(folder):
            continue
        with suppress(OSError):
            if not is_intact(Cached(path, version, folder, ziphash)):
                yield f"{path} {version}: dir has been modified ({folder})"


def _listed(altered: list[str]) -> str:
    if len(altered) == 1:
        return f"{' '.join(altered[0].split()[:2]).rstrip(':')} is"
    return f"{len(altered)} modules are"
