"""The administrator's settings as they are for one server: callables called, all checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import iscoroutine
from typing import Any

from go_kernel.hub import choice, policy, templates
from go_kernel.hub.errors import BadSetting

# Seconds.
_SHORTEST, _LONGEST = 0.1, 3600.0


def called(name: str, value: Any, spawner: Any) -> Any:
    """`value`, or what it gives back for this spawner; raises BadSetting.

    While a server is being started each is called once: one may ask a directory service,
    and should not answer twice, and differently.  What a callable raises goes to the Hub's
    log, with its traceback.  A callable may raise tornado's HTTPError, as anywhere in a
    Hub, to tell the user something.
    """
    if not callable(value):
        return value
    answers: dict[str, tuple[Any, Any]] | None = spawner._go_answers
    if answers and name in answers and answers[name][0] is value:
        return answers[name][1]
    result = _answer(name, value, spawner)
    if answers is not None:
        answers[name] = (value, result)
    return result


def _answer(name: str, value: Callable[[Any], Any], spawner: Any) -> Any:
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


def remembered(environment: Mapping[str, Any]) -> dict[str, Any]:
    """The administrator's `environment`, of which each callable gives its first answer again."""
    return {name: _once(one) if callable(one) else one for name, one in environment.items()}


def _once(call: Callable[[Any], Any]) -> Callable[[Any], Any]:
    answers: list[Any] = []

    def first(spawner: Any) -> Any:
        if not answers:
            answers.append(call(spawner))
        return answers[0]

    return first


def text(name: str, value: Any, spawner: Any) -> str:
    """A setting that is a text of one line; "" where there is none.  Raises BadSetting."""
    given = called(name, value, spawner)
    return "" if given is None else policy.check_text(name, given)


def default(value: Any, spawner: Any) -> str:
    """What `go_default` says; raises BadSetting."""
    given = text("go_default", value, spawner)
    choice.check_default(given)
    return given


def flag(name: str, value: Any) -> bool:
    """A setting that is true or false, and nothing that may be meant so; raises BadSetting."""
    if not isinstance(value, bool):
        raise BadSetting(name, f"it is neither True nor False but a {type(value).__name__}")
    return value


def seconds(name: str, value: Any) -> float:
    """A time limit; raises BadSetting."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not _SHORTEST <= value <= _LONGEST:  # no limit at all is none of these
        raise BadSetting(name, f"it is no number from {_SHORTEST:g} to {_LONGEST:g} (seconds)")
    return float(value)


def policy_of(spawner: Any, fields: Mapping[str, str], *, shared: bool) -> dict[str, str]:
    """The policy variables of one server; raises BadSetting.

    `shared`: its files are on a file system that other users' servers see.
    """
    stated = {trait: _template(trait, spawner, shared) for trait in policy.PLACES}
    sent = policy.places(stated, fields)
    for trait, variable in policy.SOURCES.items():
        value = text(trait, getattr(spawner, trait), spawner)
        if value:
            sent[variable] = value
    return sent | _extras(spawner)


def _template(trait: str, spawner: Any, shared: bool) -> str:
    value = getattr(spawner, trait)
    template = text(trait, value, spawner)
    if template:
        # A callable has seen whose server it is.
        templates.check(trait, template, shared=shared and not callable(value))
    return template


def _extras(spawner: Any) -> dict[str, str]:
    stated: Mapping[str, Any] = spawner.go_variables
    if stated == {}:
        return {}
    policy.check_variables(stated)
    given = {name: called(f"go_variables[{name!r}]", stated[name], spawner) for name in stated}
    kept = {name: value for name, value in given.items() if value is not None}
    policy.check_variables(kept)
    return kept
