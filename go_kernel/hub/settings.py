"""The administrator's settings as they are for one server: callables called, all checked."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import iscoroutine
from typing import Any

from go_kernel.hub import policy, templates
from go_kernel.hub.errors import BadSetting


def called(name: str, value: Any, spawner: Any) -> Any:
    """`value`, or what it gives back for this spawner; raises BadSetting.

    What a callable raises goes to the Hub's log, with its traceback.  A callable may
    raise tornado's HTTPError, as anywhere in a Hub, to tell the user something.
    """
    if not callable(value):
        return value
    from tornado.web import HTTPError

    try:
        result = value(spawner)
    except HTTPError:
        raise
    except Exception as error:
        spawner.log.exception("c.GoSpawnerMixin.%s, a callable, failed", name)
        raise BadSetting(name, f"calling it failed ({type(error).__name__})") from error
    if iscoroutine(result):
        result.close()
        raise BadSetting(name, "it is an async function, and only plain ones can be used")
    return result


def text(name: str, spawner: Any) -> str:
    """A setting that is a text of one line; "" where there is none.  Raises BadSetting."""
    value = getattr(spawner, name)
    if not callable(value):  # checked when it was set
        return str(value)
    given = called(name, value, spawner)
    return "" if given is None else policy.check_text(name, given)


def policy_of(spawner: Any, fields: Mapping[str, str], *, shared: bool) -> dict[str, str]:
    """The policy variables of one server; raises BadSetting.

    `shared`: its files are on a file system that other users' servers see.
    """
    stated = {trait: _template(trait, spawner, shared) for trait in policy.PLACES}
    sent = policy.places(stated, fields)
    for trait, variable in policy.SOURCES.items():
        value = text(trait, spawner)
        if value:
            sent[variable] = value
    return sent | _extras(spawner)


def _template(trait: str, spawner: Any, shared: bool) -> str:
    value = getattr(spawner, trait)
    template = text(trait, spawner)
    if template:
        # A callable has seen whose server it is.
        templates.check(trait, template, shared=shared and not callable(value))
    return template


def _extras(spawner: Any) -> dict[str, str]:
    stated: Mapping[str, Any] = spawner.go_variables
    if not stated:
        return {}
    policy.check_variables(stated)
    given = {name: called(f"go_variables[{name!r}]", stated[name], spawner) for name in stated}
    kept = {name: value for name, value in given.items() if value is not None}
    policy.check_variables(kept)
    return kept
