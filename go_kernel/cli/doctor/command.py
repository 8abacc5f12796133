"""`jupyter gokernel doctor`: what is wrong, what would mend it, and mending it."""

from __future__ import annotations

from traitlets import Bool, List, Unicode

from go_kernel.cli import output, project_folder, selection
from go_kernel.cli.command import (
    JSON_FLAG,
    SHARED_ALIASES,
    SHARED_FLAGS,
    SHARED_METAVARS,
    YES_FLAG,
    GoKernelCommand,
)
from go_kernel.cli.doctor import checklist, mending, shown
from go_kernel.cli.doctor.examination import Asked, Examination
from go_kernel.cli.errors import FAILED, UsageError
from go_kernel.findings import Status
from go_kernel.health import catalogue, pasted
from go_kernel.health.check import Check, Kind
from go_kernel.health.fixes import project_repair, registry
from go_kernel.health.project import checks as checks_of_project

# What `--fix` holds where no id follows it.
_EVERY_FIX = "every"
# What `--check` takes for all checks of a project.
_PROJECT = "project"


class GoKernelDoctor(GoKernelCommand):
    """Looks for what is wrong."""

    name = "jupyter-gokernel doctor"
    description = (
        "Looks at this machine and at every environment that has Go or a kernel, and says what is "
        "wrong and what mends it. It changes nothing and starts nothing; --deep tries things: it "
        "starts kernels (and builds an engine that is missing), compiles, and reaches the "
        "network. With --fix it says what it would do, "
        "asks, does it, and looks again. Exits with 1 where something is broken."
    )
    examples = """
jupyter gokernel doctor                               # everything, in a second
jupyter gokernel doctor --env demo --deep             # one environment, thoroughly
jupyter gokernel doctor --env demo --fix              # mend what is broken, after asking
jupyter gokernel doctor --env demo --fix engine.rebuild -y
jupyter gokernel doctor --env demo --project .        # and the Go project in this folder
jupyter gokernel doctor --project . --fix             # tidy or vendor anew, after asking
jupyter gokernel doctor --report                      # to paste: no secrets, no names
jupyter gokernel doctor --list                        # all checks
"""
    aliases = SHARED_ALIASES | {
        "env": ("GoKernelDoctor.environment", f"{selection.ENV_HELP} Only this one."),
        "go": ("GoKernelDoctor.go", "A Go outside of conda: its GOROOT, or its go. Only this."),
        "kernel": ("GoKernelDoctor.kernel", "An installed kernel: only it, with its settings."),
        "project": (
            "GoKernelDoctor.project",
            "A folder: what is in force in its Go project, and what is wrong. Looks at one Go.",
        ),
        "check": (
            "GoKernelDoctor.checks",
            "Only this check; `project`: all of the project's. Repeatable.",
        ),
        "fix": (
            "GoKernelDoctor.fix",
            "Mend what is wrong; with an ID that alone, be it needed or only useful.",
        ),
    }
    flags = (
        {
            "deep": (
                {"GoKernelDoctor": {"deep": True}},
                "Try things as well, and build engines that are missing; takes a minute.",
            ),
            "fix": (
                {"GoKernelDoctor": {"fix": _EVERY_FIX}},
                "Mend what is wrong; with an ID that alone, be it needed or only useful.",
            ),
            "all": ({"GoKernelDoctor": {"show_all": True}}, "Show what is well, and evidence."),
            "list": ({"GoKernelDoctor": {"list_checks": True}}, "List all checks; look at none."),
            "report": (
                {"GoKernelDoctor": {"report": True}},
                "Print a report to paste: Markdown, without secrets and names.",
            ),
        }
        | JSON_FLAG
        | YES_FLAG
        | SHARED_FLAGS
    )
    metavars = SHARED_METAVARS | {
        "env": "NAME-or-PATH",
        "go": "PATH",
        "kernel": "NAME",
        "project": "DIR",
        "check": "ID",
        "fix": "[ID]",
    }
    uses_provisioner_config = True

    environment = Unicode(config=True, help="The environment's name or path.")
    go = Unicode(config=True, help="A Go outside of conda: its GOROOT, or its go.")
    kernel = Unicode(config=True, help="An installed kernel's name.")
    project = Unicode(config=True, help="A project's folder.")
    checks = List(Unicode(), config=True, help="The checks to run, by id.")
    deep = Bool(False, config=True, help="Run the checks that try things, too.")
    fix = Unicode(config=True, help="The fix to do, by id; `every` for all that are needed.")
    show_all = Bool(False, config=True, help="Show what is well, too.")
    list_checks = Bool(False, config=True, help="List the checks.")
    report = Bool(False, config=True, help="Print a redacted report.")

    def run(self) -> int:
        """Look, and say or mend."""
        self._refuse_empty()
        selection.one_of(env=self.environment, go=self.go, kernel=self.kernel)
        selection.one_of(list=self.list_checks, report=self.report, fix=self.fix)
        selection.one_of(json=self.as_json, report=self.report)
        if self.list_checks:
            checklist.show(as_json=self.as_json)
            return 0
        named = self.fix if self.fix != _EVERY_FIX else ""
        if named:
            registry.get(named)
        if named == project_repair.ID and not self.project:
            raise UsageError(f"{named} mends a project.", "Name it with --project DIR.")
        looked = self._examination(named)
        if named and not looked.is_whole:
            return mending.mend(self, looked, named)
        looked.examine()
        if named:
            return mending.mend(self, looked, named)
        if self.fix:
            return self._mended(looked)
        self._say(looked)
        return FAILED if looked.report.status is Status.ERROR else 0

    def _mended(self, looked: Examination) -> int:
        if not self.as_json:
            shown.show(looked, show_all=self.show_all)
        return mending.mend(self, looked)

    def _say(self, looked: Examination) -> None:
        if self.as_json:
            output.print_json(looked.report.to_dict())
        elif self.report:
            print(pasted.report(looked.report, looked.contexts, looked.around))
        else:
            shown.show(looked, show_all=self.show_all)

    def _examination(self, named: str) -> Examination:
        # A fix for everywhere is for where a check finds that it helps.
        ids, of_project = self.checks or (_checks_of(named) if named else []), self._of_project()
        if _PROJECT in ids:
            ids = [*(one for one in ids if one != _PROJECT), *(one.id for one in of_project)]
        checks = catalogue.chosen(ids, deep=self.deep, more=of_project)
        asked = Asked(self.environment, self.go, self.kernel, self.project)
        return Examination(self, asked, checks, only=", ".join(self.checks))

    def _of_project(self) -> list[Check]:
        """The checks of the project, those that compile only where they are asked for."""
        if not self.project:
            for said in self.checks:
                if said.partition(".")[0] == _PROJECT:
                    raise UsageError(
                        f"--check {said} looks at a Go project.", "Name its folder with --project."
                    )
            ids = [one.id for one in checklist.every()]
            for said in sorted({*self.checks} - {*ids}):
                raise catalogue.UnknownCheck(said, ids)
            return []
        folder = project_folder.named(self, self.project).resolve()
        return checks_of_project(folder, deep=self.deep or "project.build" in self.checks)

    def _refuse_empty(self) -> None:
        """A variable of a script that is empty must not mean everything."""
        said = self.config.get("GoKernelDoctor", {})
        for option, trait in (
            ("env", "environment"),
            ("go", "go"),
            ("kernel", "kernel"),
            ("project", "project"),
        ):
            if trait in said and not getattr(self, trait):
                raise UsageError(f"--{option} is empty.", "Give a name, or leave it out.")


def _checks_of(fix: str) -> list[str]:
    """The checks that may offer a fix: those that only read, where there are any."""
    offering = [check for check in catalogue.CHECKS if fix in check.fixes]
    static = [check for check in offering if check.kind is Kind.STATIC]
    return [check.id for check in static or offering]
