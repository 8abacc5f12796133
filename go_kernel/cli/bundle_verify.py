"""`jupyter gokernel bundle verify`: is a bundle whole?"""

from __future__ import annotations

from pathlib import Path

from go_kernel.cli import output
from go_kernel.cli.command import JSON_FLAG, SHARED_FLAGS, GoKernelCommand
from go_kernel.cli.errors import FAILED
from go_kernel.offline import verify
from go_kernel.offline.verify import Checked

_SHOWN = 50


class GoKernelBundleVerify(GoKernelCommand):
    """Verifies a bundle."""

    name = "jupyter-gokernel bundle verify"
    description = (
        "Looks at every file of a bundle and names those that are truncated, altered, missing or "
        "too many, by their SHA-256 and by the hashes that Go itself uses. The exit code is 1 "
        "where there are any. A manifest inside of an archive proves that it is whole, and not who "
        "made it: for that compare the archive's SHA-256 that `bundle create` printed."
    )
    examples = """
jupyter gokernel bundle verify course.gokernel.tar.zst
jupyter gokernel bundle verify course.gokernel.tar.zst --json
"""
    flags = JSON_FLAG | SHARED_FLAGS
    words = "FILE|DIR|ID"
    words_allowed = (1, 1)

    def run(self) -> int:
        """Verify it."""
        place = self._place(self.extra_args[0])
        with output.progress(place.name) as line:
            checked = verify.check(place, line)
        if self.as_json:
            output.print_json(_plain(place, checked))
        else:
            _report(place, checked)
        return FAILED if checked.problems else 0

    def _place(self, word: str) -> Path:
        return (self.cwd / word).absolute()


def _plain(place: Path, checked: Checked) -> dict[str, object]:
    return {
        "bundle": str(place),
        "id": checked.manifest and checked.manifest.id,
        "whole": not checked.problems,
        "problems": [one.to_dict() for one in checked.problems],
    }


def _report(place: Path, checked: Checked) -> None:
    for problem in checked.problems[:_SHOWN]:
        print(output.printable(str(problem)))
    if (more := len(checked.problems) - _SHOWN) > 0:
        print(f"... and {more} more; --json has them all.")
    if checked.manifest is None or checked.problems:
        count = len(checked.problems)
        output.say(f"Error: {place} is not whole: {count} problem{'s' * (count != 1)}.")
        return
    manifest = checked.manifest
    print(
        output.printable(
            f"{place} is whole: bundle {manifest.id}, {len(manifest.modules)} modules, "
            f"{len(manifest.files)} files, {manifest.size / 1e6:.0f} MB."
        )
    )
