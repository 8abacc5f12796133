"""`jupyter gokernel apply`: make what a file declares."""

from __future__ import annotations

from contextlib import nullcontext
from os.path import lexists
from pathlib import Path
from typing import Any

from traitlets import Bool, Unicode

from go_kernel.cli import installing, output
from go_kernel.cli.command import (
    JSON_FLAG,
    SHARED_ALIASES,
    SHARED_FLAGS,
    SHARED_METAVARS,
    GoKernelCommand,
)
from go_kernel.cli.errors import FAILED, UsageError
from go_kernel.declared import carry_out, reading, record, schema
from go_kernel.declared.carry_out import Outcome, State
from go_kernel.declared.steps import Action, Kind, World
from go_kernel.files import is_folder

_VERBS = {
    (Kind.BUNDLE, Action.MAKE): ("take in", "Took in"),
    (Kind.BUNDLE, Action.CHANGE): ("rename", "Renamed"),
    (Kind.ENVIRONMENT, Action.MAKE): ("make", "Made"),
    (Kind.ENVIRONMENT, Action.CHANGE): ("make anew", "Made anew"),
    (Kind.ENGINE, Action.MAKE): ("build", "Built"),
    (Kind.KERNEL, Action.MAKE): ("install", "Installed"),
    (Kind.KERNEL, Action.CHANGE): ("change", "Changed"),
}


class GoKernelApply(GoKernelCommand):
    """Applies a declaration."""

    name = "jupyter-gokernel apply"
    description = (
        "Makes what a YAML file declares and isn't there: bundles, conda environments, engines, "
        "kernels, with one policy for all of them. What is there already stays; running it again "
        "does nothing. An environment is made where it is missing and not changed after, unless "
        "--replace says so; a kernel is changed to what the file says now. With --prune it "
        "removes what an earlier run made of this file, and the file has no more."
    )
    words = "FILE"
    words_allowed = (0, 1)
    examples = """
jupyter gokernel apply gokernel.yml --dry-run     # only say what would be done
jupyter gokernel apply gokernel.yml
jupyter gokernel apply gokernel.yml --prune
jupyter gokernel apply --schema > gokernel.schema.json
"""
    aliases = SHARED_ALIASES | {
        "prefix": ("GoKernelApply.prefix", "Install kernels below this folder, in share/jupyter."),
    }
    flags = (
        {
            "dry-run": ({"GoKernelApply": {"dry_run": True}}, "Only say what would be done."),
            "prune": (
                {"GoKernelApply": {"prune": True}},
                "Remove what an earlier run made of this file, and it has no more.",
            ),
            "replace": (
                {"GoKernelApply": {"replace": True}},
                "Replace kernels of ours that came from elsewhere, and make environments anew that "
                "an earlier run made of this file and that aren't as declared now.",
            ),
            "schema": (
                {"GoKernelApply": {"schema": True}},
                "Print the JSON Schema of such files, and do nothing.",
            ),
            "user": (
                {"GoKernelApply": {"user": True}},
                "Install kernels for this user (the default).",
            ),
            "sys-prefix": (
                {"GoKernelApply": {"sys_prefix": True}},
                "Install kernels into the Python environment that this command runs in.",
            ),
        }
        | JSON_FLAG
        | SHARED_FLAGS
    )
    metavars = SHARED_METAVARS | {"prefix": "PATH"}
    uses_provisioner_config = True

    dry_run = Bool(False, config=True, help="Only say what would be done.")
    prune = Bool(False, config=True, help="Remove what the file has no more.")
    replace = Bool(False, config=True, help="Replace kernels, and make environments anew.")
    schema = Bool(False, config=True, help="Print the JSON Schema.")
    user = Bool(False, config=True, help="Install kernels for this user.")
    sys_prefix = Bool(False, config=True, help="Install kernels into this Python's environment.")
    prefix = Unicode(config=True, help="Install kernels below this folder.")

    def run(self) -> int:
        """Make it, or say what would be made."""
        if self.schema:
            print(schema.text().rstrip())
            return 0
        if not self.extra_args:
            raise UsageError(
                "No file was named.",
                f"Name the one that declares what you want: `{self.command} {self.words}`.",
            )
        where = installing.destination(
            self, user=self.user, sys_prefix=self.sys_prefix, prefix=self.prefix
        )
        declaration = reading.read(self._file(self.extra_args[0]), self.environ)
        limits, policy = self.provisioner_settings()
        with nullcontext() if self.dry_run else record.alone(self.environ, _say_waiting):
            world = World(
                declaration,
                self.environ,
                where,
                record.read(declaration.file, self.environ),
                limits,
                policy,
                self.replace,
                self.dry_run,
                output.say_finding,
                self._where_to(),
            )
            outcomes = []
            for outcome in carry_out.outcomes(world, output.progress, prune=self.prune):
                self._tell(outcome)
                outcomes.append(outcome)
        return self._report(declaration.file, outcomes)

    def _where_to(self) -> list[str]:
        """The options that name the kernels' folder."""
        if self.sys_prefix:
            return ["--sys-prefix"]
        return [f"--prefix={(self.cwd / self.prefix).resolve()}"] if self.prefix else []

    def _file(self, said: str) -> Path:
        """The file that was named; raises UsageError where there is none."""
        file = self.cwd / said
        if not lexists(file) or is_folder(file):
            raise UsageError(f"{said!r} is no file.", f"Try `{self.command} --help`.")
        return file

    def _tell(self, outcome: Outcome) -> None:
        """One line of what was done, or why it wasn't, as soon as it is known."""
        what = f"the {outcome.kind.value} {outcome.name}"
        if outcome.error is not None:
            said = "warn" if outcome.state is State.KEPT else "Error"
            output.say(f"{said}: {_about(outcome)}{outcome.error}")
        elif outcome.state in (State.PLANNED, State.DONE) and not self.as_json:
            would, did = _VERBS.get((outcome.kind, outcome.action), ("remove", "Removed"))
            verb = f"Would {would}" if outcome.state is State.PLANNED else did
            details = "; ".join(outcome.details)
            print(output.printable(f"{verb} {what}{f': {details}' if details else ''}"), flush=True)
        elif outcome.state is State.LEFT_OVER:
            output.say(f"info: {what} is declared no more; --prune removes it.")

    def _report(self, file: Path, outcomes: list[Outcome]) -> int:
        failed = [one for one in outcomes if one.state in (State.FAILED, State.LEFT_OUT)]
        changed = [one for one in outcomes if one.state in (State.PLANNED, State.DONE)]
        if self.as_json:
            output.print_json(
                {
                    "file": str(file),
                    "dry_run": self.dry_run,
                    "changed": bool(changed),
                    "failed": bool(failed),
                    "things": [_plain(one) for one in outcomes],
                }
            )
        elif not failed and not changed:
            left = any(one.state in (State.LEFT_OVER, State.KEPT) for one in outcomes)
            rest = "." if left else "; nothing to do."
            print(output.printable(f"Everything is as {file.name} declares{rest}"))
        if failed and any(one.state is State.DONE for one in outcomes):
            output.say("What was done stays; apply the file again once the rest is mended.")
        return FAILED if failed else 0


def _about(outcome: Outcome) -> str:
    """Which thing an error is about."""
    if outcome.state is State.FAILED:
        return f"{outcome.kind.value} {outcome.name}: "
    return ""


def _say_waiting() -> None:
    output.say("Another `jupyter gokernel apply` runs; waiting for it to end.")


def _plain(outcome: Outcome) -> dict[str, Any]:
    return {
        "kind": outcome.kind.value,
        "name": outcome.name,
        "place": outcome.place,
        "state": outcome.state.value,
        "action": outcome.action.value,
        "details": list(outcome.details),
        "error": outcome.error.finding().to_dict() if outcome.error else None,
    }
