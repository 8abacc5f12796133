"""Is Go in module mode there, and does it understand GOFLAGS?

ref: https://go.dev/ref/mod#mod-commands
"""

from __future__ import annotations

from go_kernel import goflags
from go_kernel.findings import Finding, GoKernelError
from go_kernel.health.check import error, ok, skipped, warn
from go_kernel.health.project.looked import Looked

# Flags by which something else is built, or run, than the sources say.
# ref: https://pkg.go.dev/cmd/go#hdr-Compile_packages_and_dependencies
_ALTERING = {
    "toolexec": "a program of its own runs each compiler and linker",
    "exec": "a program of its own runs what `go run` and `go test` build",
    "overlay": "other files are compiled in the place of those that are there",
}


def look(looked: Looked) -> Finding:
    """GO111MODULE, and the flags that GOFLAGS adds to every command."""
    try:
        found = looked.force
    except GoKernelError:
        return skipped("Which go.mod is in force is not known; project.module says why.")
    switched, flags = looked.said.get("GO111MODULE"), looked.said.get("GOFLAGS")
    if found.module_mode == "off" and switched is not None:
        return error(
            f"GO111MODULE=off, set by {switched.by}: Go looks at no go.mod.",
            switched.taken_back(looked.context),
            evidence="\n".join(switched.lines()),
        )
    if flags is None:
        return ok("Go is in module mode, and no flags are added to its commands.")
    evidence = "\n".join(flags.lines())
    if refused := _refused(looked, flags.value):
        return error(
            f"Go doesn't understand {flags.shown}, set by {flags.by}: every command fails.",
            flags.taken_back(looked.context),
            evidence=f"{evidence}\n{refused}",
        )
    if found.mod == "mod" and not found.gowork and found.file:
        return warn(
            f"GOFLAGS says -mod=mod, set by {flags.by}: building changes {found.file}, and no "
            "vendor folder is used.",
            flags.taken_back(looked.context),
            evidence=evidence,
        )
    altering = {goflags.name_of(flag): flag for flag in goflags.split(flags.value)}
    for name in altering.keys() & _ALTERING.keys():
        return warn(
            f"GOFLAGS says {altering[name]}, set by {flags.by}: {_ALTERING[name]}.",
            flags.taken_back(looked.context),
            evidence=evidence,
        )
    return ok(f"Go is in module mode; {flags.shown} is added to its commands.", evidence)


def _refused(looked: Looked, flags: str) -> str:
    """What Go says of flags that it doesn't know; asking for its version does nothing else."""
    done = looked.go.run(looked.folder, "version", more={"GOFLAGS": flags}, check=False)
    return "" if done.returncode == 0 else (done.stderr or done.stdout).strip()
