"""Is the vendor folder used, and does it agree with go.mod?

ref: https://go.dev/ref/mod#vendoring
"""

from __future__ import annotations

from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import error, ok, skipped, unknown, warn
from go_kernel.health.project.looked import REPAIR, Looked, of_loaded
from go_kernel.process import CommandError
from go_kernel.project.force import Vendor


@of_loaded
def look(looked: Looked) -> Finding:
    """Go itself compares vendor/modules.txt with go.mod before it does anything."""
    vendor = looked.force.vendor
    if vendor is None or not (vendor.exists or vendor.used):
        return skipped("There is no vendor folder.")
    if not vendor.exists:
        flags = looked.said["GOFLAGS"]
        return error(
            f"GOFLAGS says -mod=vendor, set by {flags.by}, and there is no {vendor.folder}.",
            Remedy(
                "Make the folder, or take the flag back",
                (_make(looked), *flags.taken_back(looked.context).commands),
            ),
            evidence="\n".join(flags.lines()),
        )
    return _used(looked, vendor) if vendor.used else _unused(looked, vendor)


def _used(looked: Looked, vendor: Vendor) -> Finding:
    try:
        done = looked.go.run(looked.root, "list", "-m", check=False)
    except CommandError as problem:
        return unknown(f"Go can't say: {problem.summary}", evidence=problem.evidence)
    said = done.stderr.strip()
    if "inconsistent vendoring" in said or "modules.txt" in said:
        return error(
            f"{vendor.folder} doesn't agree with {looked.force.file}: Go builds nothing.",
            Remedy("Make it anew", (_make(looked),)),
            evidence=said,
            fix=REPAIR,
        )
    if done.returncode != 0:
        return looked.unloaded(said)
    return ok(f"Packages come from {vendor.folder}: {vendor.why}.")


def _unused(looked: Looked, vendor: Vendor) -> Finding:
    found = looked.force
    evidence = ""
    if found.mod:
        evidence = "\n".join(looked.said["GOFLAGS"].lines())
        remedy = looked.said["GOFLAGS"].taken_back(looked.context)
        why = f"{vendor.why}, set by {looked.said['GOFLAGS'].by}"
    elif "go line" in vendor.why or "says go" in vendor.why:
        line = ".".join(looked.version.split(".")[:2])
        remedy = Remedy("Raise the go line", (looked.command("mod", "edit", f"-go={line}"),))
        why = vendor.why
    else:
        remedy = Remedy("Make it for what is in force", (_make(looked),))
        why = vendor.why
    sentence = f"{vendor.folder} is there, and Go doesn't use it: {why}."
    return warn(sentence, remedy, evidence=evidence)


def _make(looked: Looked) -> str:
    work = looked.force.gowork
    if work is not None:
        return looked.command("work", "vendor", folder=work.parent)
    return looked.command("mod", "vendor")
