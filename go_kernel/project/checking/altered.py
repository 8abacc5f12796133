"""Is the formatter the one that was installed?  As for `go` itself, conda's record says so."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

from go_kernel.cache import Cache
from go_kernel.conda.records import file_record
from go_kernel.digests import remembered_sha256
from go_kernel.findings import Finding, Remedy, Status
from go_kernel.project.checking.formatted import formatter
from go_kernel.toolchain import Toolchain


def found(toolchain: Toolchain, prefix: Path, cache: Cache) -> Finding | None:
    """The finding for an environment whose formatter somebody replaced: it is not run.

    None where it is the installed one, or where no package brought it.  Raises NoFormatter.
    """
    path = formatter(toolchain, prefix).path
    if not path.is_relative_to(prefix):
        return None
    package, expected = file_record(prefix, str(path.relative_to(prefix)))
    if not expected or (actual := remembered_sha256(path, cache)) == expected:
        return None
    command = f"conda install -p {quote(str(prefix))} --force-reinstall {quote(package)}"
    return Finding(
        id="check.formatter-altered",
        status=Status.ERROR,
        summary=(
            f"{path} is not the file that was installed: its SHA-256 differs from "
            f"conda-meta's record of {package}, so it is not run."
        ),
        evidence=f"expected {expected}, found {actual}",
        remedy=Remedy(f"Reinstall {package} in that environment", (command,)),
        environment=str(prefix),
    )
