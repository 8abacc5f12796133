"""`jupyter gokernel scan`: what could go wrong with the replaces of many projects."""

from __future__ import annotations

from traitlets import Bool, Unicode

from go_kernel import resolve
from go_kernel.cache import Cache
from go_kernel.cli import output, project_folder, selection
from go_kernel.cli.command import (
    JSON_FLAG,
    SHARED_ALIASES,
    SHARED_FLAGS,
    SHARED_METAVARS,
    GoKernelCommand,
)
from go_kernel.cli.errors import FAILED
from go_kernel.findings import Status
from go_kernel.folders import cache_folder
from go_kernel.project.scan import scanning
from go_kernel.project.scan.findings import KINDS
from go_kernel.project.scan.model import Risk
from go_kernel.project.scan.scanning import Scan


class GoKernelScan(GoKernelCommand):
    """Scans folders and environments for Go projects."""

    name = "jupyter-gokernel scan"
    description = (
        "Looks through folders (this one, if none is named) and, with --envs, through every conda "
        "environment for go.mod and go.work files, and says which of their replaces don't work, "
        "will not work elsewhere, or have no effect. Module caches, vendor, testdata and hidden "
        "folders are left out. Go's own parser reads the files; nothing of them is run, nothing "
        "is written, no network is used. Exits with 1 where something doesn't work."
    )
    examples = """
jupyter gokernel scan                         # this folder
jupyter gokernel scan ~/src ~/courses --envs  # two more, and all environments
jupyter gokernel scan --explain               # whole sentences, and what to do
jupyter gokernel scan --json
"""
    aliases = SHARED_ALIASES | {
        "env": ("GoKernelScan.environment", f"{selection.ENV_HELP} Its Go reads the files."),
    }
    flags = (
        {
            "envs": ({"GoKernelScan": {"envs": True}}, "Look through all conda environments."),
            "explain": (
                {"GoKernelScan": {"explain": True}},
                "Say each in a sentence, with what to do about it.",
            ),
        }
        | JSON_FLAG
        | SHARED_FLAGS
    )
    metavars = SHARED_METAVARS | {"env": "NAME-or-PATH"}
    words = "[DIR]..."
    words_allowed = (0, 10_000)

    environment = Unicode(config=True, help="The environment's name or path.")
    envs = Bool(False, config=True, help="Look through all conda environments.")
    explain = Bool(False, config=True, help="Say each risk in a sentence.")

    def run(self) -> int:
        """Scan them."""
        selection.one_of(json=self.as_json, explain=self.explain)
        folders = [project_folder.named(self, word) for word in self.extra_args]
        if not folders and not self.envs:
            folders = [self.cwd]
        target = selection.any_go(self, self.environment, "").target
        chain = resolve.installed_toolchain(target, Cache(cache_folder(self.environ)))
        roots = [scanning.folder(one, chain.version) for one in folders]
        if self.envs:
            roots += scanning.environments(self.environ, self.cwd, chain.version)
        with output.progress("Scanning") as line:
            found = scanning.scan(roots, chain, self.environ, line)
        self._show(found)
        return FAILED if found.status is Status.ERROR else 0

    def _show(self, found: Scan) -> None:
        if self.as_json:
            output.print_json(found.to_dict())
            return
        if self.explain:
            for one in found.risks:
                _explain(one)
        elif found.risks:
            rows = [_row(one) for one in found.risks]
            output.print_table(("STATUS", "RISK", "FILE", "REPLACE", "WHAT"), rows, "")
        output.say(_summary(found))


def _row(one: Risk) -> tuple[str, ...]:
    kind = one.finding.id
    status = one.finding.status.value
    return status, kind, str(one.file), one.replace or one.module, KINDS[kind][1]


def _explain(one: Risk) -> None:
    found = one.finding
    print(output.printable(f"{found.status.value}: {found.id}: {found}"))
    for line in found.evidence.splitlines():
        print(output.printable(f"    {line}"))


def _summary(found: Scan) -> str:
    where = _counted(len(found.files), "go.mod and go.work file")
    prefixes = sum(1 for root in found.roots if root.prefix)
    around = f" in {_counted(prefixes, 'environment')}" if prefixes else ""
    counts = [
        _counted(number, word) if status is not Status.INFO else f"{number} for information"
        for status, word in ((Status.ERROR, "error"), (Status.WARN, "warning"), (Status.INFO, ""))
        if (number := sum(one.finding.status is status for one in found.risks))
    ]
    if not found.files and not counts:
        return f"No Go project was found{around}."
    return f"{where}{around}: {', '.join(counts) or 'nothing to say'}."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
