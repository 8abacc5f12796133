"""What the commands of `lock` share: the project's folder, and the Go that reads its go.mod."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path
from typing import Any

from go_kernel import choose
from go_kernel.cli import output, project_folder, resolving, selection
from go_kernel.cli.command import GoKernelCommand
from go_kernel.conda import lock_file
from go_kernel.project.go import ProjectGo
from go_kernel.project.lock import sides
from go_kernel.project.lock.sides import Project

ENV_HELP = f"{selection.ENV_HELP} Its Go reads go.mod."
COLUMNS = ("MODULE", "PACKAGE", "GO.MOD", "ENVIRONMENT.YML", "CONDA-LOCK.YML", "STATE")


def go_of(command: GoKernelCommand, env: str) -> ProjectGo:
    """The Go of `--env`, else whatever Go there is; raises FindingError where it can't be run."""
    found = resolving.resolved(command, selection.any_go(command, env, "").target).environment
    return ProjectGo(found.toolchain.go, found.as_dict())


def look(command: GoKernelCommand, env: str) -> Project:
    """The project that it is about; raises as `go_of`, `project_folder.of` and `sides.look`."""
    go, folder = go_of(command, env), project_folder.of(command)
    project = sides.look(go, folder)
    say_other(folder, project.folder)
    return project


def say_other(folder: Path, project: Path) -> None:
    """Say so where go.mod, and so the project, is above a folder that has files of conda's."""
    if os.path.realpath(folder) != str(project):
        said = f"The project is {project}, whose go.mod is in force in {folder}"
        output.say(f"{said}; of conda's files those in the project are compared.")


def files(project: Project) -> dict[str, Any]:
    """The project's files, as JSON has them."""
    return {
        "folder": str(project.folder),
        "go_mod": str(project.module.file),
        "environment_file": str(project.asked.path) if project.asked else None,
        "lock_file": str(project.lock.yaml.path) if project.lock else None,
    }


def sync(command: GoKernelCommand, env: str, folder: Path, *options: str) -> str:
    """`lock sync` of a project, of the same environment, to be typed wherever one is."""
    if env and choose.is_path(env):
        env = str(choose.path_of(env, command.environ, command.cwd))
    words = ["jupyter", "gokernel", "lock", "sync", str(folder)]
    return shlex.join([*words, *(["--env", env] if env else []), *options])


def tidy(command: GoKernelCommand, go: Path, folder: Path) -> str:
    """`go mod tidy` in a project: by `go` where a shell finds this Go by that, else by its path."""
    found = shutil.which("go", path=command.environ.get("PATH", ""))
    is_found = found is not None and os.path.realpath(found) == os.path.realpath(go)
    return shlex.join(["go" if is_found else str(go), "-C", str(folder), "mod", "tidy"])


def solve(project: Project) -> str:
    """How conda-lock is asked for a new solve, from the files that it was asked with."""
    words = ["conda-lock", "lock"]
    for source in (project.lock.sources if project.lock else ()) or (project.file,):
        words += ["-f", os.path.normpath(project.folder / source)]
    return shlex.join([*words, "--lockfile", str(project.folder / lock_file.NAME)])


def say_next(steps: list[str]) -> None:
    """Name the commands that are to be run."""
    for step in steps:
        output.say(f"Next: {step}")
