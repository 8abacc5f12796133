"""What `group_overrides` will make of settings when a server starts.

JupyterHub applies them in `User.spawn`, to the spawner itself, after the page was drawn.
Here they are worked out for some settings and nothing is changed.
ref: https://jupyterhub.readthedocs.io/en/stable/reference/api/spawner.html
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from inspect import iscoroutine
from typing import Any


def settled(
    spawner: Any, names: Collection[str], groups: Callable[[], Collection[str]]
) -> dict[str, Any]:
    """The spawner's settings of these names as they will be for its user.

    As they are now where the overrides can't be known: an async function gives them, or
    something in them fails, which the Hub will say at the start.
    """
    now = {name: getattr(spawner, name) for name in names}
    stated = getattr(spawner, "group_overrides", None)
    if not stated:
        return now
    try:
        return _applied(now, _plain(stated, spawner), spawner, set(groups()))
    except Exception:
        spawner.log.debug("group_overrides can't be known before a start", exc_info=True)
        return now


def _plain(value: Any, spawner: Any) -> Any:
    """A value, or what it gives back; raises TypeError for one that has to be waited for."""
    if not callable(value):
        return value
    result = value(spawner)
    if iscoroutine(result):
        result.close()
        raise TypeError("it is async")
    return result


def _applied(
    now: Mapping[str, Any], overrides: Mapping[str, Any], spawner: Any, groups: set[str]
) -> dict[str, Any]:
    values = dict(now)
    for key in sorted(overrides):
        if groups.isdisjoint(overrides[key]["groups"]):
            continue
        for name, value in overrides[key]["spawner_override"].items():
            if name in values:
                values[name] = _over(values[name], _plain(value, spawner))
    return values


def _over(old: Any, new: Any) -> Any:
    return _merged(old, new) if isinstance(new, dict) and isinstance(old, dict) else new


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """As JupyterHub's `recursive_update`, but that neither is changed: None takes a key out."""
    result = dict(old)
    for key, value in new.items():
        if isinstance(value, dict):
            result[key] = _merged(result.get(key, {}), value)
        elif value is None:
            result.pop(key, None)
        else:
            result[key] = value
    return result
