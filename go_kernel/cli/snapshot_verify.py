"""`jupyter gokernel snapshot verify`: what is no longer as a snapshot has it?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from traitlets import Bool, Unicode

from go_kernel.cli import output, project_folder, selection, snapshotting
from go_kernel.cli.command import (
    JSON_FLAG,
    SHARED_ALIASES,
    SHARED_FLAGS,
    SHARED_METAVARS,
    GoKernelCommand,
)
from go_kernel.cli.errors import FAILED
from go_kernel.project.snapshot import collect, drift, file
from go_kernel.project.snapshot.drift import Drift
from go_kernel.project.snapshot.errors import NoEnvironment
from go_kernel.project.snapshot.model import NAME, Build, Snapshot

_OWN = "GoKernelSnapshotVerify"


class GoKernelSnapshotVerify(GoKernelCommand):
    """Compares with a snapshot."""

    name = "jupyter-gokernel snapshot verify"
    description = (
        "Compares a project and its environment with their snapshot, and names all that is no "
        "longer as it was: packages, the Go, go.mod and go.sum, modules, the vendor folder, "
        "variables. The exit code is 1 where anything differs. From which proxy modules come is "
        "said where it changed, and doesn't count."
    )
    examples = """
jupyter gokernel snapshot verify --env demo
jupyter gokernel snapshot verify ~/project --env demo --snapshot before.json --json
jupyter gokernel snapshot verify --env demo --build     # the same bytes as then?
"""
    aliases = SHARED_ALIASES | {
        "env": (f"{_OWN}.environment", selection.ENV_HELP),
        "snapshot": (f"{_OWN}.snapshot", f"The snapshot; DIR/{NAME} if not given."),
    }
    flags = (
        {"build": ({_OWN: {"build": True}}, "Build again what was built for the snapshot.")}
        | JSON_FLAG
        | SHARED_FLAGS
    )
    metavars = SHARED_METAVARS | {"env": "NAME-or-PATH", "snapshot": "FILE"}
    words = "[DIR]"
    words_allowed = (0, 1)
    uses_provisioner_config = True

    environment = Unicode(config=True, help="The environment's name or path.")
    snapshot = Unicode(config=True, help="The snapshot's file.")
    build = Bool(False, config=True, help="Build again what was built.")

    def run(self) -> int:
        """Compare."""
        folder = project_folder.of(self)
        path = snapshotting.file_in(self, self.snapshot, folder)
        found = snapshotting.resolved(self, self.environment)
        then = file.read(path, snapshotting.creating(found, path, folder))
        if then.environment is not None and found.environment.prefix is None:
            raise NoEnvironment(path)
        now = collect.take(found, folder)
        drifted = drift.between(then, now)
        again: tuple[Build, ...] = ()
        if self.build:
            names = [one.package for one in then.builds]
            line = output.progress(folder.name)
            again, _ = snapshotting.built(self, found, folder, names, line)
            drifted = (*drifted, *drift.of_builds(then.builds, again))
        create = snapshotting.creating(found, path, folder, then.builds)
        return self._report(path, then, replace(now, builds=again), drifted, create)

    def _report(
        self,
        path: Path,
        then: Snapshot,
        now: Snapshot,
        drifted: tuple[Drift, ...],
        create: str,
    ) -> int:
        was = {one.package: one for one in then.builds}
        counting = sum(one.counts for one in drifted)
        if self.as_json:
            output.print_json(
                {
                    "file": str(path),
                    "same": not counting,
                    "fingerprint": {"was": then.fingerprint, "now": now.fingerprint},
                    "builds": [vars(one) for one in now.builds],
                    "drifted": [one.to_dict() for one in drifted],
                }
            )
            return FAILED if counting else 0
        if drifted:
            rows = [[one.kind, one.name, one.was, one.now] for one in drifted]
            output.print_table(["KIND", "NAME", "SNAPSHOT", "NOW"], rows, "")
        for one in now.builds:
            snapshotting.print_again(was[one.package], one)
        if counting:
            output.say(
                f"Error: {counting} thing{'s' * (counting != 1)} differ{'s' * (counting == 1)} "
                f"from {path}. Bring back what it says, or write a new one with `{create}`."
            )
            return FAILED
        print(output.printable(f"All is as {path} has it: fingerprint {now.fingerprint}."))
        if self.build and not then.builds:
            output.say(f"It holds no builds: `{create} --build ./cmd/x` puts them in.")
        return 0
