"""Does a project's go.mod suit the environment's Go?

Go itself says which go.mod and go.work are in force in a folder, and what they hold;
nothing of the project is run, nothing is downloaded.
ref: https://go.dev/ref/mod#go-mod-file-go
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from go_kernel import process
from go_kernel.files import exists, is_folder
from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import Check, Kind, error, info, ok, skipped, warn
from go_kernel.health.context import Context

_SECONDS = 30.0
_VERSION = re.compile(r"(?:go)?(\d+)\.(\d+)(?:\.(\d+)|(beta|rc)(\d+))?(?:[-+].*)?")
# For lists of checks, which run none.
NOWHERE = Path("/nonexistent")
_RELEASED = {None: 0, "beta": 1, "rc": 2}


def check(folder: Path) -> Check:
    """The check of the project in a folder."""
    return Check(
        id="project.module",
        title="The project's go.mod suits the environment's Go",
        run=partial(module, folder),
        broken_by="go.mod or go.work asks for a newer Go or can't be read; there is no go.sum.",
        mended_by="A newer Go in the environment; `go mod tidy`.",
        kind=Kind.LIVE,
        seconds=_SECONDS,
        fixes=("project.repair",),
    )


def module(folder: Path, context: Context) -> Finding:
    """Compare the go.mod (or go.work) in force in `folder` with the environment's Go."""
    if not is_folder(folder):
        return error(f"{folder} is no folder, so there is no project in it.")
    for wrong in context.resolved.environment.errors:
        return skipped(f"This environment's Go is not run: {wrong.summary}")
    go = _Go(context, folder)
    try:
        in_force = go.json("env", "-json", "GOMOD", "GOWORK")
    except process.CommandError as problem:
        return error(f"Go can't say which go.mod counts in {folder}.", evidence=problem.evidence)
    mod, work = (_path(in_force.get(name)) for name in ("GOMOD", "GOWORK"))
    file = work or mod
    if file is None:
        return info(
            f"No go.mod is in force in {folder}: it is no Go project.",
            Remedy("Make it one", ("go mod init NAME",)),
        )
    verb = "work" if work else "mod"
    try:
        content = go.json(verb, "edit", "-json", str(file))
    except process.CommandError as problem:
        return error(f"Go can't read {file}.", Remedy("Mend it."), evidence=problem.evidence)
    return _compared(file, content, context)


def _compared(file: Path, content: Mapping[str, Any], context: Context) -> Finding:
    own = context.toolchain.version
    asked = str(content.get("Go") or "")
    named = str((content.get("Module") or {}).get("Path", ""))
    evidence = "\n".join(
        part
        for part in (
            f"{file}: module {named}" if named else str(file),
            f"go {asked}" if asked else "",
            f"toolchain {content['Toolchain']}" if content.get("Toolchain") else "",
            f"the environment's Go: {own}",
        )
        if part
    )
    if asked and _order(asked) > _order(own):
        return error(
            f"{file} asks for Go {asked}, and the environment has {own}, which refuses it.",
            _newer(asked, context),
            evidence=evidence,
        )
    if content.get("Require") and not exists(file.with_name("go.sum")):
        return warn(
            f"{file} requires modules, and there is no go.sum beside it: Go builds nothing.",
            Remedy("Write it", ("go mod tidy",)),
            evidence=evidence,
            fix="project.repair",
        )
    if content.get("Toolchain") and _order(str(content["Toolchain"])) > _order(own):
        return info(
            f"{file} names the toolchain {content['Toolchain']}; kernels use the environment's "
            f"Go {own} all the same.",
            evidence=evidence,
        )
    return ok(f"{file} is in force, and Go {own} suits it.", evidence)


def _newer(asked: str, context: Context) -> Remedy:
    prefix = context.target.prefix
    if prefix is None:
        return Remedy("Use a newer Go, or lower the `go` line.")
    command = shlex.join(["conda", "install", "-p", str(prefix), f"go>={asked}"])
    return Remedy("Install a newer Go in the environment, or lower the `go` line", (command,))


def _path(value: Any) -> Path | None:
    """What Go says of a file: nothing, `off` and the null device are none."""
    text = str(value or "")
    return Path(text) if text.startswith("/") and text != "/dev/null" else None


def _order(version: str) -> tuple[int, ...]:
    """To compare as Go does: 1.27 before its candidates, those before 1.27.0.

    ref: https://go.dev/doc/toolchain#version
    """
    match = _VERSION.fullmatch(version)
    if match is None:
        return (0,)
    major, minor, patch, kind, number = match.groups()
    if patch is not None:
        return int(major), int(minor), 3, int(patch)
    return int(major), int(minor), _RELEASED[kind], int(number or 0)


class _Go:
    """The environment's `go`, asked in a folder; it reaches no network and no other Go."""

    def __init__(self, context: Context, folder: Path):
        self._go = context.toolchain.go
        self._folder = folder
        self._env = {
            **context.resolved.environment.as_dict(),
            "GOENV": "off",
            "GOTOOLCHAIN": "local",
            "GOPROXY": "off",
            "GOSUMDB": "off",
            "GOFLAGS": "",
            "PWD": str(folder),
        }

    def json(self, *arguments: str) -> Mapping[str, Any]:
        """What a `go` command answers; raises CommandError."""
        argv = (str(self._go), *arguments)
        done = process.run(argv, env=self._env, timeout=_SECONDS / 3, cwd=self._folder)
        content = json.loads(done.stdout)
        return content if isinstance(content, dict) else {}
