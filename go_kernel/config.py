"""What a kernelspec says about its kernel, checked.

The same few keys stand in a spec's `metadata.kernel_provisioner.config` and in the
argument of `launch`; both are files or words that somebody may have edited, so an
unknown key or a value of the wrong kind is an error that names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from go_kernel import process
from go_kernel.findings import GoKernelError
from go_kernel.layers import check_settings
from go_kernel.resolve import Policy, Target


class BadConfig(GoKernelError):
    """A kernel's configuration that can't be understood."""

    id = "config.bad"

    def __init__(self, key: str, reason: str):
        super().__init__(
            f"The kernel's configuration can't be used: {key} {reason}.",
            "Install the kernel again with `jupyter gokernel install --replace`, or mend its "
            "kernel.json.",
        )
        self.key = key


class Unsettled(GoKernelError):
    """A kernel whose Go only a Hub can say, where none was asked."""

    id = "config.unsettled"

    def __init__(self, environment: str):
        super().__init__(
            f"The Go of {environment} is what a JupyterHub chooses for a server that it starts.",
            "Use it there, or name an environment with --env.",
        )


@dataclass(frozen=True)
class KernelConfig:
    """One kernel's configuration.

    `environment` is the name people know the environment by; exactly one of `prefix`
    (conda) and `goroot` (outside) says where its Go is.  Neither does with `from_hub`:
    then the JupyterHub says it that started the server (`hub_choice.settled`).
    `go_sha256` is the hash of `go` at install, for a Go outside conda.  `settings` are
    variables (`--set`).  None for a limit or switch means: the provisioner's own
    configuration decides.  `offline` says that this kernel fetches nothing.
    """

    environment: str
    prefix: str = ""
    goroot: str = ""
    engine: str = "gophernotes"
    go_sha256: str = ""
    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    build_at_launch: bool | None = None
    build_timeout: float | None = None
    from_hub: bool = False
    offline: bool = False

    @property
    def place(self) -> Path | None:
        """The prefix or the GOROOT; None as long as no Hub has said it."""
        place = self.prefix or self.goroot
        return Path(place) if place else None

    @property
    def target(self) -> Target:
        """What `resolve` wants to know; raises Unsettled where only a Hub knows it."""
        if self.place is None:
            raise Unsettled(self.environment)
        return Target(
            self.environment,
            Path(self.prefix) if self.prefix else None,
            Path(self.goroot) if self.goroot else None,
            self.go_sha256,
        )

    def under(self, policy: Policy) -> Policy:
        """What holds for this kernel where `policy` says what user and site set."""
        return policy.above(self.settings, offline=self.offline)

    def to_dict(self) -> dict[str, Any]:
        """Plain data without what is left at its default."""
        plain: dict[str, Any] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if value not in ("", None) and value != {} and not (value is one.default is False):
                plain[one.name] = dict(value) if isinstance(value, Mapping) else value
        return plain


_LONGEST = 7 * 24 * 3600.0
_KINDS: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {
        "environment": (str,),
        "prefix": (str,),
        "goroot": (str,),
        "engine": (str,),
        "go_sha256": (str,),
        "settings": (dict,),
        "build_at_launch": (bool, type(None)),
        "build_timeout": (int, float, type(None)),
        "from_hub": (bool,),
        "offline": (bool,),
    }
)


def parse(content: Any) -> KernelConfig:
    """A KernelConfig from plain data; raises BadConfig, and NotSettable for a setting."""
    if not isinstance(content, Mapping):
        raise BadConfig("it", "is no JSON object")
    for key, value in content.items():
        if key not in _KINDS:
            raise BadConfig(repr(key), f"is not known (known are {', '.join(_KINDS)})")
        if not isinstance(value, _KINDS[key]) or (isinstance(value, bool) and key[-1] == "t"):
            raise BadConfig(repr(key), f"has a value of the wrong kind ({value!r})")
    for key, value in content.items():
        if isinstance(value, str) and not process.expressible(value):
            raise BadConfig(repr(key), "holds what no process can be given (a NUL or a surrogate)")
    for key in ("prefix", "goroot"):
        if content.get(key) and not str(content[key]).startswith("/"):
            raise BadConfig(repr(key), "is no absolute path")
    _check_place(content)
    if not content.get("environment"):
        raise BadConfig("'environment'", "is missing")
    timeout = content.get("build_timeout")
    if timeout is not None and not 0 < timeout <= _LONGEST:
        raise BadConfig("'build_timeout'", "must be above 0 and at most a week, in seconds")
    check_settings(content.get("settings", {}))
    return KernelConfig(**content)


def _check_place(content: Mapping[str, Any]) -> None:
    named = [key for key in ("prefix", "goroot") if content.get(key)]
    if content.get("from_hub") and named:
        raise BadConfig("it", f"can't name a {named[0]} where the Hub is to say it (from_hub)")
    if not content.get("from_hub") and len(named) != 1:
        raise BadConfig("it", "must name either a prefix or a goroot")


def parse_env(stated: Any) -> dict[str, str]:
    """The variables in a kernel.json's `env`, which people write by hand, as they stand there.

    Raises BadConfig, and NotSettable for one that a kernel can't be given.  Values are
    never shown: one of them may be a secret.
    """
    if not isinstance(stated, Mapping):
        raise BadConfig("'env' in its kernel.json", "is no JSON object")
    for name, value in stated.items():
        if not isinstance(value, str):
            raise BadConfig(f"the variable {name!r} in 'env' of its kernel.json", "is no text")
    check_settings(stated)
    return dict(stated)
