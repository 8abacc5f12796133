"""`jupyter gokernel lock verify`: is everything as it was locked?"""

from __future__ import annotations

from traitlets import Unicode

from go_kernel.cli import locking, output
from go_kernel.cli.command import (
    JSON_FLAG,
    SHARED_ALIASES,
    SHARED_FLAGS,
    SHARED_METAVARS,
    GoKernelCommand,
)
from go_kernel.cli.errors import FAILED
from go_kernel.project.lock import verifying
from go_kernel.project.lock.sides import Project
from go_kernel.project.lock.verifying import Drift


class GoKernelLockVerify(GoKernelCommand):
    """Verifies the lock."""

    name = "jupyter-gokernel lock verify"
    description = (
        "Compares go.sum, go.mod's Go and the modules that have a rule with what conda-lock.yml "
        "holds and what was noted in it, and names each thing that differs. The exit code is 1 "
        "where there is any."
    )
    examples = """
jupyter gokernel lock verify
jupyter gokernel lock verify ~/project --json
"""
    aliases = SHARED_ALIASES | {"env": ("GoKernelLockVerify.environment", locking.ENV_HELP)}
    flags = JSON_FLAG | SHARED_FLAGS
    metavars = SHARED_METAVARS | {"env": "NAME-or-PATH"}
    words = "[DIR]"
    words_allowed = (0, 1)
    uses_provisioner_config = True

    environment = Unicode(config=True, help="The environment's name or path.")

    def run(self) -> int:
        """Verify it."""
        project = locking.look(self, self.environment)
        drifts = verifying.drifts(project)
        if self.as_json:
            found = [drift.to_dict() for drift in drifts]
            output.print_json({**locking.files(project), "locked": not found, "drifts": found})
        else:
            for drift in drifts:
                print(drift, flush=True)
            if not drifts:
                print("Everything is as it was locked.")
        if drifts:
            many = "thing differs" if len(drifts) == 1 else "things differ"
            if verifying.is_noted(project):
                output.say(f"Error: {len(drifts)} {many} from what was locked.")
            else:
                output.say("Error: Go's side is not locked.")
            locking.say_next(self._steps(project, drifts))
        return FAILED if drifts else 0

    def _steps(self, project: Project, drifts: list[Drift]) -> list[str]:
        """What mends them: a sync, a new solve, or both."""
        sync = locking.sync(self, self.environment, project.folder)
        if project.lock is None:
            return [locking.solve(project), sync]
        steps = []
        if not all(drift.unsolved for drift in drifts):
            steps.append(sync)
        if any(drift.unsolved for drift in drifts):
            steps.append(locking.solve(project))
        return steps
