"""What can be said of the settings as they are stated, before any server is started.

What callables give is known when a server starts, and not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from go_kernel.hub import choice, offers, policy, settings, templates
from go_kernel.hub.errors import BadSetting
from go_kernel.hub.names import ID


def errors(stated: Mapping[str, Any], shared: bool) -> Iterator[BadSetting]:
    """What is wrong with settings, by name; an error for each.

    `shared`: the servers see the files that the Hub sees.
    """
    for name, value in stated.items():
        if name in _NEVER_CALLED or not callable(value):
            try:
                _CHECKS[name](name, value, shared)
            except BadSetting as error:
                yield error
    environments, default = stated.get("go_environments"), stated.get("go_default")
    if not isinstance(environments, Mapping) or not isinstance(default, str):
        return
    if ID.fullmatch(default) and default not in environments:
        yield BadSetting("go_default", f"{default!r} is not in go_environments")


def _map(name: str, value: Any, shared: bool) -> None:
    offers.parse(value, prefix_needed=shared)


def _default(name: str, value: Any, shared: bool) -> None:
    choice.check_default(value)


def _place(name: str, value: Any, shared: bool) -> None:
    if value:
        templates.check(name, policy.check_text(name, value), shared=shared)


def _text(name: str, value: Any, shared: bool) -> None:
    policy.check_text(name, value)


def _flag(name: str, value: Any, shared: bool) -> None:
    settings.flag(name, value)


def _seconds(name: str, value: Any, shared: bool) -> None:
    settings.seconds(name, value)


def _variables(name: str, value: Any, shared: bool) -> None:
    policy.check_variables(value)


_CHECKS: Mapping[str, Callable[[str, Any, bool], None]] = {
    "go_environments": _map,
    "go_default": _default,
    "allow_user_choice": _flag,
    **dict.fromkeys(policy.PLACES, _place),
    **dict.fromkeys(policy.SOURCES, _text),
    "go_variables": _variables,
    "go_activation_timeout": _seconds,
    "go_shares_files": _flag,
}
_NEVER_CALLED = ("allow_user_choice", "go_variables", "go_activation_timeout", "go_shares_files")
NAMES = (*_CHECKS,)
