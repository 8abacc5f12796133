"""The environment that is compared, and the Go that answers questions: mostly the same one's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from go_kernel import resolve
from go_kernel.cache import Cache
from go_kernel.findings import Finding, FindingError
from go_kernel.project.checking import altered
from go_kernel.project.go import ProjectGo
from go_kernel.resolve import Policy, Target
from go_kernel.toolchain import Toolchain


@dataclass(frozen=True)
class Subject:
    """What a project is compared with.

    `prefix` is None where no conda environment is; `own` is its Go (outside of conda the
    one that is used), None where it has none that may be run, and `errors` say why.  `go`
    and `toolchain` answer questions, whosever they are; `go_sha256` is the hash of `own`.
    """

    prefix: Path | None
    own: Toolchain | None
    errors: tuple[Finding, ...]
    toolchain: Toolchain
    go: ProjectGo
    go_sha256: str

    @property
    def spoken_go(self) -> Path:
        """The `go` that commands name: the environment's where it is one's own."""
        if self.prefix is not None and self.own is not None:
            return self.prefix / "bin" / "go"
        return self.go.go


@dataclass(frozen=True)
class Settings:
    """What a resolved environment depends on besides its target; `timeout` in seconds."""

    environ: Mapping[str, str]
    cache: Cache
    policy: Policy
    timeout: float


def of(target: Target, settings: Settings) -> Subject | tuple[Finding, ...]:
    """The subject that a target is, or what keeps its Go from being run."""
    try:
        found = resolve.resolve(
            target,
            settings.environ,
            cache=settings.cache,
            policy=settings.policy,
            timeout=settings.timeout,
        )
    except FindingError as error:
        return (error.finding(target.place),)
    environment = found.environment
    if environment.errors:
        return environment.errors
    if target.prefix is not None:
        wrong = altered.found(environment.toolchain, target.prefix, settings.cache)
        if wrong is not None:
            return (wrong,)
    return Subject(
        target.prefix,
        environment.toolchain,
        (),
        environment.toolchain,
        ProjectGo(environment.toolchain.go, environment.as_dict()),
        found.go_hash.actual,
    )


def with_another_go(prefix: Path, errors: tuple[Finding, ...], other: Subject) -> Subject:
    """An environment without a Go that may be run, of which another one's Go is asked."""
    return Subject(prefix, None, errors, other.toolchain, other.go, "")
