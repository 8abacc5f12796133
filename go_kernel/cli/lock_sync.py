"""`jupyter gokernel lock sync`: bring one side to the other's versions."""

from __future__ import annotations

from traitlets import Bool, Unicode

from go_kernel.cli import locking, output, project_folder
from go_kernel.cli.command import (
    JSON_FLAG,
    SHARED_ALIASES,
    SHARED_FLAGS,
    SHARED_METAVARS,
    GoKernelCommand,
)
from go_kernel.cli.errors import FAILED, UsageError
from go_kernel.project.go import ProjectGo
from go_kernel.project.lock import changes, edits, sides, writing
from go_kernel.project.lock.changes import Plan
from go_kernel.project.lock.edits import Change

_OWN = "GoKernelLockSync"
_SPOKEN = {changes.GO: "go.mod", changes.CONDA: "conda's side"}


class GoKernelLockSync(GoKernelCommand):
    """Syncs both sides."""

    name = "jupyter-gokernel lock sync"
    description = (
        "Brings the side that stayed behind to the other's versions, and notes in conda-lock.yml "
        "the hash of go.sum, Go's version and those of the modules. Towards conda it changes "
        "environment.yml and says how to solve anew, since an entry of conda-lock.yml can't be "
        "edited into another version; towards Go it changes go.mod by `go mod edit`. Where both "
        "sides changed, or nothing is noted yet, both are shown and nothing is written: --from and "
        "--force say whose word counts. Comments and order stay as they are. The exit code is 1 "
        "where there are conflicts, or differences that no sync can mend."
    )
    examples = """
jupyter gokernel lock sync --dry-run               # what would be changed?
jupyter gokernel lock sync                         # the side that changed counts
jupyter gokernel lock sync --from go --force       # go.mod counts, whatever conda's files say
"""
    aliases = SHARED_ALIASES | {
        "env": (f"{_OWN}.environment", locking.ENV_HELP),
        "from": (f"{_OWN}.source", "Whose versions count; that side's that changed if not given."),
    }
    flags = (
        {
            "dry-run": ({_OWN: {"dry_run": True}}, "Show the differences and write nothing."),
            "force": ({_OWN: {"force": True}}, "Overwrite what the other side says."),
        }
        | JSON_FLAG
        | SHARED_FLAGS
    )
    metavars = SHARED_METAVARS | {"env": "NAME-or-PATH", "from": "go|conda"}
    words = "[DIR]"
    words_allowed = (0, 1)
    uses_provisioner_config = True

    environment = Unicode(config=True, help="The environment's name or path.")
    source = Unicode(config=True, help="Whose versions count: go or conda.")
    dry_run = Bool(False, config=True, help="Write nothing.")
    force = Bool(False, config=True, help="Overwrite what the other side says.")

    def run(self) -> int:
        """Sync them."""
        if self.source and self.source not in changes.SOURCES:
            raise UsageError(f"--from {self.source!r} is no side.", "Give --from go or conda.")
        if self.force and not self.source:
            raise UsageError("--force overwrites one side.", "Say whose word counts with --from.")
        go = locking.go_of(self, self.environment)
        said = project_folder.of(self)
        folder = sides.module_of(go, said).folder
        locking.say_other(said, folder)
        with writing.alone(folder):
            plan = changes.plan(sides.look(go, folder), self.source, force=self.force)
            found = [] if plan.conflicts else edits.changes(plan, go)
            if not self.dry_run:
                writing.write(found)
        steps = [] if plan.conflicts else self._next(plan, go)
        (self._as_json if self.as_json else self._report)(plan, found, steps)
        return FAILED if plan.conflicts or plan.stuck else 0

    def _again(self, plan: Plan, *options: str) -> str:
        return locking.sync(self, self.environment, plan.project.folder, *options)

    def _next(self, plan: Plan, go: ProjectGo) -> list[str]:
        """The commands that a person is to run after a sync, in their order."""
        steps, changed = [], bool(plan.requires or plan.go)
        if changed:
            steps.append(locking.tidy(self, go.go, plan.project.folder))
        # A lock of what is to be changed by hand is of no use.
        solve = plan.solve and bool(plan.specs or not plan.stuck)
        if solve:
            steps.append(locking.solve(plan.project))
        if plan.postponed and self.source:
            forced = ["--force"] if self.force else []
            steps.append(self._again(plan, "--from", self.source, *forced))
        elif changed or (solve and (plan.postponed or plan.project.lock is None)):
            steps.append(self._again(plan))
        return steps

    def _as_json(self, plan: Plan, found: list[Change], steps: list[str]) -> None:
        output.print_json(
            {
                **locking.files(plan.project),
                "written": bool(found) and not self.dry_run,
                "changes": [{"file": str(one.path), "diff": one.diff()} for one in found],
                "conflicts": [conflict.to_dict() for conflict in plan.conflicts],
                "left": plan.left,
                "next": steps,
            }
        )

    def _report(self, plan: Plan, found: list[Change], steps: list[str]) -> None:
        for change in found:
            for line in change.diff().splitlines():
                print("\t".join(map(output.printable, line.split("\t"))), flush=True)
        for said in plan.left:
            output.say(f"Left as it is: {said}")
        if plan.conflicts:
            for conflict in plan.conflicts:
                print(output.printable(str(conflict)), flush=True)
            said = "Error: Both sides say something else, so nothing was changed."
            output.say(f"{said} {self._choice(plan)}")
            return
        if plan.stuck:
            output.say("Error: Both sides still say something else. Change one of them yourself.")
        elif not found:
            output.say("Nothing was changed." if steps else "Nothing is to be changed.")
        if found and self.dry_run:
            output.say("Nothing was written: this is what happens without --dry-run.")
        locking.say_next(steps)

    def _choice(self, plan: Plan) -> str:
        """Whose word can be taken, and how."""
        ways = [f"`{self._again(plan, '--from', one, '--force')}`" for one in plan.choices]
        if not ways:
            return "Change one of them yourself."
        if len(ways) > 1:
            return f"Choose one: {' or '.join(ways)}."
        return f"Change one of them yourself, or have {_SPOKEN[plan.choices[0]]} count: {ways[0]}."
