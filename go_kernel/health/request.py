"""What a worker is asked, checked: one JSON object from the server that started it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from go_kernel.findings import GoKernelError
from go_kernel.prepare import Limits
from go_kernel.resolve import Policy

ACTIONS = ("check", "fix", "preview", "environments", "kept", "report")


class BadRequest(GoKernelError):
    """A worker was asked something that it can't understand."""

    id = "health.bad-request"

    def __init__(self, reason: str):
        super().__init__(f"The worker's request can't be used: {reason}.")


@dataclass(frozen=True)
class Request:
    """What to do: `action` is one of ACTIONS, `subjects` are ids, empty for all."""

    action: str
    subjects: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    deep: bool = False
    fix: str = ""
    token: str = ""
    kernel_dirs: tuple[Path, ...] = ()
    cwd: Path | None = None
    policy: Policy = field(default_factory=Policy)
    limits: Limits = field(default_factory=Limits)


def parse(content: Any) -> Request:
    """A request from plain data; raises BadRequest."""
    if not isinstance(content, Mapping):
        raise BadRequest("it is no JSON object")
    try:
        return _parsed(dict(content))
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise BadRequest(f"{type(error).__name__}: {error}") from error


def _parsed(content: dict[str, Any]) -> Request:
    if content["action"] not in ACTIONS:
        raise BadRequest(f"there is no action {content['action']!r}")
    for name in ("subjects", "checks"):
        content[name] = tuple(str(one) for one in content.get(name, ()))
    content["kernel_dirs"] = tuple(Path(one) for one in content.get("kernel_dirs", ()))
    content["cwd"] = Path(content["cwd"]) if content.get("cwd") else None
    content["policy"] = Policy(**content.get("policy", {}))
    content["limits"] = Limits(**content.get("limits", {}))
    return Request(**content)
