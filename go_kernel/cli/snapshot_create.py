"""`jupyter gokernel snapshot create`: what a project and its environment consist of, as a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from traitlets import Bool, List, Unicode

from go_kernel.cli import output, project_folder, selection, snapshotting
from go_kernel.cli.command import (
    JSON_FLAG,
    SHARED_ALIASES,
    SHARED_FLAGS,
    SHARED_METAVARS,
    GoKernelCommand,
)
from go_kernel.cli.errors import UsageError
from go_kernel.project.snapshot import collect, file, plain, sbom
from go_kernel.project.snapshot.errors import BadSnapshot
from go_kernel.project.snapshot.model import NAME, Build, Snapshot

_OWN = "GoKernelSnapshotCreate"
_EPOCH = "SOURCE_DATE_EPOCH"


class GoKernelSnapshotCreate(GoKernelCommand):
    """Writes a snapshot."""

    name = "jupyter-gokernel snapshot create"
    description = (
        "Writes down what a Go project and its conda environment consist of: what was asked for "
        "(without builds), each package with its hash, the Go with the hash of `go`, one "
        "fingerprint over these, the hashes of go.mod, go.sum and the vendor folder, the modules "
        "that it is built of, and Go's variables without secrets. Nothing is fetched and nothing "
        "of the project is run. The same project and environment give the same bytes, on any "
        "machine. With --build a program is built twice, in two folders and with two empty "
        "caches, and both must be the same byte by byte."
    )
    examples = """
jupyter gokernel snapshot create --env demo
jupyter gokernel snapshot create ~/project --env demo -o before.json
jupyter gokernel snapshot create --env demo --build ./cmd/x
jupyter gokernel snapshot create --env demo --sbom sbom.json     # CycloneDX as well
"""
    aliases = SHARED_ALIASES | {
        "env": (f"{_OWN}.environment", selection.ENV_HELP),
        ("o", "output"): (f"{_OWN}.output", f"The file to write; DIR/{NAME} if not given."),
        "sbom": (
            f"{_OWN}.sbom",
            "Write a bill of materials in CycloneDX's JSON as well. A time is in it only where "
            f"{_EPOCH} gives one.",
        ),
        "build": (
            f"{_OWN}.builds",
            "Build this program twice and compare: ./cmd/x. May be repeated.",
        ),
    }
    flags = (
        {"force": ({_OWN: {"force": True}}, "Replace files that are something else.")}
        | JSON_FLAG
        | SHARED_FLAGS
    )
    metavars = SHARED_METAVARS | {
        "env": "NAME-or-PATH",
        "output": "FILE",
        "sbom": "FILE",
        "build": "PACKAGE",
    }
    words = "[DIR]"
    words_allowed = (0, 1)
    uses_provisioner_config = True

    environment = Unicode(config=True, help="The environment's name or path.")
    output = Unicode(config=True, help="The file to write.")
    sbom = Unicode(config=True, help="The bill of materials to write.")
    builds = List(Unicode(), config=True, help="Programs to build twice.")
    force = Bool(False, config=True, help="Replace what is there.")

    def run(self) -> int:
        """Write it."""
        folder = project_folder.of(self)
        path = snapshotting.file_in(self, self.output, folder)
        bill = snapshotting.file_in(self, self.sbom, folder) if self.sbom else None
        self._check(path, bill)
        before = self._builds_before(path)
        found = snapshotting.resolved(self, self.environment)
        snapshot = collect.take(found, folder)
        line = output.progress(folder.name)
        packages = snapshotting.packages_of(self, list(self.builds), folder)
        builds, commands = snapshotting.built(self, found, folder, packages, line)
        snapshot = replace(snapshot, builds=builds)
        if bill is not None:
            made = sbom.of(snapshot, folder.absolute().name, epoch=self._epoch)
            file.write_over(bill, made, "bill of materials", sbom.is_sbom, force=self.force)
        file.write(path, snapshot, force=self.force)
        self._report(snapshot, path, bill, commands)
        lost = [one for one in before if one.package not in {b.package for b in builds}]
        if lost:
            names = ", ".join(one.package for one in lost)
            again = snapshotting.creating(found, path, folder, (*builds, *lost))
            output.say(f"The snapshot before held {names}, and this one doesn't: `{again}`.")
        return 0

    def _builds_before(self, path: Path) -> tuple[Build, ...]:
        """Those of the snapshot that is replaced."""
        try:
            return file.read(path).builds
        except BadSnapshot:
            return ()

    @property
    def _epoch(self) -> str:
        return self.environ.get(_EPOCH, "")

    def _check(self, path: Path, bill: Path | None) -> None:
        """A mistake is told before anything takes time."""
        file.check_target(path, "snapshot", plain.is_snapshot, force=self.force)
        if bill is not None:
            if bill == path:
                raise UsageError(
                    f"{bill} can't be both, snapshot and bill of materials.",
                    "Give --sbom another file.",
                )
            sbom.check(self._epoch)
            file.check_target(bill, "bill of materials", sbom.is_sbom, force=self.force)

    def _report(
        self, snapshot: Snapshot, path: Path, bill: Path | None, commands: list[str]
    ) -> None:
        if snapshot.project is None:
            output.say(f"No go.mod is in force in {path.parent}: it is the environment's alone.")
        if self.as_json:
            names = {"file": str(path), "sbom": bill and str(bill), "commands": commands}
            output.print_json(names | {"snapshot": plain.to_plain(snapshot)})
            return
        print(output.printable(f"{path}: {', '.join(_spoken(snapshot))}"))
        print(f"fingerprint  {snapshot.fingerprint}")
        for one, command in zip(snapshot.builds, commands, strict=True):
            snapshotting.print_build(one)
            print(output.printable(f"  by      {command}"))
        if bill is not None:
            print(output.printable(f"{bill}: CycloneDX 1.6"))


def _spoken(snapshot: Snapshot) -> list[str]:
    parts = [f"Go {snapshot.toolchain.version} ({snapshot.toolchain.platform})"]
    if snapshot.environment is not None:
        parts.append(_counted(len(snapshot.environment.packages), "package"))
    if snapshot.project is not None:
        parts.append(_counted(len(snapshot.project.modules), "module"))
        if snapshot.project.vendor is not None:
            parts.append(f"{_counted(snapshot.project.vendor.files, 'file')} in vendor")
    return parts


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
