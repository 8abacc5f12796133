"""Does `go build` fail where `go run` works?

What `go run` does up to starting the program is tried: compiling and linking it to a
file elsewhere.  What only `go build` does is looked at: writing the program into the
folder, and asking version control for a stamp.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from go_kernel.files import is_folder
from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import Answer, error, ok, skipped, warn
from go_kernel.health.project.looked import SECONDS, Looked, of_loaded
from go_kernel.process import CommandError, run

# So many files of a package that fails are tried alone.
_ALONE = 8
_MAJOR = re.compile(r"v[0-9]+")
_FIELDS = "ImportPath,Dir,Name,GoFiles,IgnoredGoFiles,Error,Incomplete"


@of_loaded
def look(looked: Looked) -> Answer:
    """Build the program of the folder, the program never being started."""
    try:
        package = looked.go.json(looked.folder, "list", "-e", f"-json={_FIELDS}", ".")
    except CommandError as problem:
        return skipped(f"Go can't list the folder: {problem.summary}", problem.evidence)
    if package.get("Name") != "main" and not package.get("IgnoredGoFiles"):
        return skipped(f"There is no program in {looked.folder}.")
    if package.get("Name") == "main":
        done = _built(looked, ".")
        if done is None:
            found = list(_only_build(looked, package))
            return found or ok(f"`go build` and `go run` both build {package['ImportPath']}.")
    else:
        done = str((package.get("Error") or {}).get("Err") or "no program is left")
    alone = _alone(looked, package)
    if alone:
        return error(
            f"`go run {alone}` works in {looked.folder}, and `go build` doesn't: it takes all "
            "files of the folder.",
            Remedy(
                "Move the other program to a folder of its own; or build the file alone",
                (looked.command("build", alone, folder=looked.folder),),
            ),
            evidence=done,
        )
    return error(
        f"Neither `go build` nor `go run` builds {package.get('ImportPath', looked.folder)}.",
        Remedy(
            "Mend what the compiler says", (looked.command("build", ".", folder=looked.folder),)
        ),
        evidence=done,
    )


def _built(looked: Looked, *what: str) -> str | None:
    """What Go says where it can't build this; None where it can."""
    with tempfile.TemporaryDirectory(prefix="gokernel-") as place:
        words = ("build", "-o", str(Path(place, "program")), *what)
        try:
            done = looked.go.run(looked.folder, *words, timeout=SECONDS, check=False)
        except CommandError as problem:
            return problem.output or problem.summary
        return None if done.returncode == 0 else (done.stderr or done.stdout).strip()


def _alone(looked: Looked, package: Mapping[str, Any]) -> str:
    """A file that is a program by itself; "" where there is none."""
    files: list[str] = [*(package.get("GoFiles") or ()), *(package.get("IgnoredGoFiles") or ())]
    files.sort(key=lambda name: name != "main.go")
    for name in files[:_ALONE]:
        try:
            said = looked.go.json(looked.folder, "list", "-e", "-json=Name", name)
        except CommandError:
            continue
        if said.get("Name") == "main" and _built(looked, name) is None:
            return name
    return ""


def _only_build(looked: Looked, package: Mapping[str, Any]) -> Iterator[Finding]:
    folder = Path(str(package.get("Dir") or looked.folder))
    name = _program(str(package["ImportPath"]))
    if is_folder(folder / name):
        yield warn(
            f"`go run .` works in {folder}, and `go build` doesn't: the program would be called "
            f"{name}, as a folder there is.",
            Remedy(
                "Give it another name",
                (looked.command("build", "-o", f"{name}.out", folder=folder),),
            ),
            evidence=str(folder / name),
        )
    elif not os.access(folder, os.W_OK):
        yield warn(
            f"`go run .` works in {folder}, and `go build` doesn't: you may not write there.",
            Remedy(
                "Have the program elsewhere; to see that it builds",
                (looked.command("build", "-o", os.devnull, folder=folder),),
            ),
            evidence=str(folder),
        )
    yield from _stamp(looked, folder)


def _stamp(looked: Looked, folder: Path) -> Iterator[Finding]:
    """`go build` asks git which commit it is, unless somebody says otherwise; `go run` doesn't.

    Only where the repository is, is asked here: what else git is asked for may start
    programs that its configuration names.
    """
    flags = looked.said.get("GOFLAGS")
    if flags is not None and "-buildvcs=false" in flags.value:
        return
    root = next((one for one in (folder, *folder.parents) if os.path.lexists(one / ".git")), None)
    git = shutil.which("git", path=looked.go.given.get("PATH", ""))
    if root is None or git is None:
        return
    variables = {k: v for k, v in looked.go.given.items() if not k.startswith("GIT_")}
    done = run(
        (git, "rev-parse", "--git-dir"), env=variables, timeout=SECONDS, cwd=root, check=False
    )
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["git failed"])[0]
        yield warn(
            f"`go run .` works in {folder}, and `go build` doesn't: git can't say which commit "
            f"it is ({said}).",
            Remedy(
                "Mend the repository, or do without the stamp",
                (looked.command("build", "-buildvcs=false", ".", folder=folder),),
            ),
            evidence=f"{root / '.git'}\n{done.stderr.strip()}",
        )


def _program(path: str) -> str:
    """What `go build` calls it: the last part of the path that is no major version."""
    *before, last = path.split("/")
    return before[-1] if before and _MAJOR.fullmatch(last) else last
