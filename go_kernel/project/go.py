"""An environment's `go`, asked about trees that aren't ours.

Looking at a project runs nothing of it: no other Go that it names, no program that a
flag names, no version control, and without `network` nobody on a network is asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from go_kernel import goflags, gojson, process
from go_kernel.process import Completed

# What a question may take, in seconds.
SECONDS = 30.0

# Those that choose files, and one without which a module cache may not be removed again.
_FLAGS = frozenset(("mod", "modfile", "tags", "modcacherw"))
# Programs that Go would start.
_PROGRAMS = ("GOCACHEPROG", "GOPACKAGESDRIVER")
# GONOPROXY, and GOPRIVATE where it isn't set, go past a GOPROXY that is off.
# ref: https://go.dev/ref/mod#private-module-privacy
_NO_NETWORK = {
    "GOPROXY": "off",
    "GOSUMDB": "off",
    "GONOPROXY": "none",
    "GOVCS": "*:off",
    "GOAUTH": "off",
}


class NotJson(process.CommandError):
    """Go printed something else than was asked for."""

    id = "project.not-json"

    def __init__(self, completed: Completed):
        said = " ".join([Path(completed.argv[0]).name, *completed.argv[1:3]])
        super().__init__(completed.argv, f"{said} printed no JSON.", completed.stdout)


class ProjectGo:
    """A `go` with the variables that it shall run with.

    `variables` are those of a resolved environment; without `network` no module can come
    from anywhere but the module cache that is there.
    """

    def __init__(self, go: Path, variables: Mapping[str, str], *, network: bool = False):
        kept = {name: value for name, value in variables.items() if name not in _PROGRAMS}
        self.go = go
        self.given: Mapping[str, str] = MappingProxyType(dict(variables))
        self.variables: Mapping[str, str] = MappingProxyType(
            {
                **kept,
                "GOENV": "off",
                "GOTOOLCHAIN": "local",
                "GOFLAGS": flags(variables.get("GOFLAGS", "")),
                **({} if network else _NO_NETWORK),
            }
        )

    def run(
        self,
        folder: Path,
        *arguments: str,
        timeout: float = SECONDS,
        check: bool = True,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> Completed:
        """What `go` with these arguments came to in `folder`; `timeout` in seconds.

        `more` are further variables.  Raises CommandError, with `check` for every exit
        code but 0.
        """
        env = {**self.variables, **more, "PWD": str(folder)}
        argv = (str(self.go), *arguments)
        return process.run(argv, env=env, timeout=timeout, cwd=folder, check=check)

    def json(self, folder: Path, *arguments: str, timeout: float = SECONDS) -> dict[str, Any]:
        """The one JSON object that `go` prints; raises CommandError."""
        done = self.run(folder, *arguments, timeout=timeout)
        try:
            content = json.loads(done.stdout)
        except ValueError as error:
            raise NotJson(done) from error
        if not isinstance(content, dict):
            raise NotJson(done)
        return content

    def objects(
        self, folder: Path, *arguments: str, timeout: float = SECONDS
    ) -> list[dict[str, Any]]:
        """The JSON objects that `go` prints one after the other; raises CommandError."""
        done = self.run(folder, *arguments, timeout=timeout)
        try:
            return [dict(one) for one in gojson.objects(done.stdout)]
        except (ValueError, TypeError) as error:
            raise NotJson(done) from error

    def as_given(self, folder: Path, names: Iterable[str]) -> dict[str, str]:
        """What `go env` says of variables in `folder` with all that was given in force.

        GOENV, GOFLAGS and the proxies count as they were given; only `go env` is run, for
        names that need no compiler.  GOTOOLCHAIN is answered as `local` whatever was
        given: another value could make Go start another Go.  Raises CommandError.
        """
        kept = {name: value for name, value in self.given.items() if name not in _PROGRAMS}
        env = {**kept, "GOTOOLCHAIN": "local", "PWD": str(folder)}
        argv = (str(self.go), "env", "-json", *names)
        done = process.run(argv, env=env, timeout=SECONDS, cwd=folder)
        try:
            return {str(name): str(value) for name, value in json.loads(done.stdout).items()}
        except (ValueError, AttributeError) as error:
            raise NotJson(done) from error


def flags(given: str) -> str:
    """GOFLAGS for a tree that isn't ours: those that choose files; none that runs or writes.

    `-mod=mod` would write go.mod on being asked anything: it becomes `-mod=readonly`.
    """
    kept = [flag for flag in goflags.split(given) if goflags.name_of(flag) in _FLAGS]
    kept = ["-mod=readonly" if flag.lstrip("-") == "mod=mod" else flag for flag in kept]
    return goflags.join([*kept, "-buildvcs=false"])
