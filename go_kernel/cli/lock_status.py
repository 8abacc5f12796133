"""`jupyter gokernel lock status`: which versions Go's side and conda's name."""

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
from go_kernel.project.lock import compare, verifying
from go_kernel.project.lock.compare import Pair


class GoKernelLockStatus(GoKernelCommand):
    """Shows both sides."""

    name = "jupyter-gokernel lock status"
    description = (
        "Shows for Go itself and for each module with a rule in gokernel-lock.yml which version "
        "go.mod names, what environment.yml asks for, and what conda-lock.yml holds. Nothing is "
        "changed. The exit code is 0 also where they differ; `lock verify` answers by its own."
    )
    examples = """
jupyter gokernel lock status
jupyter gokernel lock status ~/project --env demo --json
"""
    aliases = SHARED_ALIASES | {"env": ("GoKernelLockStatus.environment", locking.ENV_HELP)}
    flags = JSON_FLAG | SHARED_FLAGS
    metavars = SHARED_METAVARS | {"env": "NAME-or-PATH"}
    words = "[DIR]"
    words_allowed = (0, 1)
    uses_provisioner_config = True

    environment = Unicode(config=True, help="The environment's name or path.")

    def run(self) -> int:
        """Show them."""
        project = locking.look(self, self.environment)
        pairs, drifts = compare.pairs(project), verifying.drifts(project)
        if self.as_json:
            output.print_json(
                {
                    **locking.files(project),
                    "go_sum": project.sums or None,
                    "noted": project.notes.as_custom() if project.lock else None,
                    "pairs": [pair.to_dict() for pair in pairs],
                    "drifts": [drift.to_dict() for drift in drifts],
                }
            )
            return 0
        output.print_table(locking.COLUMNS, [_row(pair) for pair in pairs], "")
        for drift in drifts:
            output.say(str(drift))
        return 0


def _row(pair: Pair) -> tuple[str, ...]:
    asked = ", ".join(pair.asked) or "-"
    locked = compare.spoken_versions(pair.locked) or "-"
    return pair.name, pair.package, pair.ours or "-", asked, locked, pair.state.value
