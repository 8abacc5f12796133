"""The policy variables that the Hub sends, and the marker that names them.

Pure: texts go in, a dict comes out.  The marker tells the server which of its variables
are policy, so that kernels heed them and people see where they come from.  It never
names what an activation sets: kernels of other environments undo that.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Container, Iterable, Mapping
from typing import Any

from go_kernel import layers, variables
from go_kernel.conda.bookkeeping import is_bookkeeping
from go_kernel.hub import templates
from go_kernel.hub.errors import BadSetting

MARKER = layers.POLICY_MARKER

# Traits, and the variables that they stand for.
PLACES = {"gopath": "GOPATH", "gomodcache": "GOMODCACHE", "gocache": "GOCACHE"}
SOURCES = {"goproxy": "GOPROXY", "gosumdb": "GOSUMDB", "goprivate": "GOPRIVATE"}
_TRAIT_OF = {variable: trait for trait, variable in {**PLACES, **SOURCES}.items()}

# What a server can't do without, and what makes it the user's.
_SPAWNERS_OWN = re.compile(r"PATH|HOME|USER|LOGNAME|SHELL|(?:JUPYTER|JPY|PYTHON)\w*")


def check_text(name: str, value: Any) -> str:
    """A value of one line, as it may stand in a variable; raises BadSetting."""
    if not isinstance(value, str):
        raise BadSetting(name, f"it is no text but a {type(value).__name__}")
    if not value.isprintable():  # never shown: it may hold a password
        raise BadSetting(name, "it holds a line break, a NUL, or what can't be printed")
    return value


def check_variables(stated: Any) -> None:
    """Raise BadSetting for the first of `go_variables` that can't be one.

    Values that are callables count when they have been called.
    """
    if not isinstance(stated, Mapping):
        raise BadSetting("go_variables", f"it is no dict but a {type(stated).__name__}")
    for name, value in stated.items():
        _check_name(name)
        if not callable(value):
            check_text(f"go_variables[{name!r}]", value)


@functools.lru_cache(maxsize=256)  # asked for the same few, at each start
def _check_name(name: Any) -> None:
    try:
        layers.check_settings({name: ""})
    except layers.NotSettable as error:
        raise BadSetting("go_variables", error.summary.rstrip(".")) from error
    if name in _TRAIT_OF:
        reason = f"{name} has a setting of its own, c.GoSpawnerMixin.{_TRAIT_OF[name]}"
        raise BadSetting("go_variables", reason)
    if _SPAWNERS_OWN.fullmatch(name) or is_bookkeeping(name):
        raise BadSetting("go_variables", f"{name} is not Go's; c.Spawner.environment sets it")


def places(stated: Mapping[str, str], fields: Mapping[str, str]) -> dict[str, str]:
    """The variables of checked templates, by trait; raises BadSetting.

    One that names the environment isn't sent to a server that has none.
    """
    return {
        PLACES[trait]: templates.filled(trait, template, fields)
        for trait, template in stated.items()
        if template and (fields["environment"] or "{environment}" not in template)
    }


def of_administrator(environment: Iterable[str]) -> list[str]:
    """Those names of the Hub's own `environment` that are Go's and may be policy."""
    return [name for name in environment if name in variables.TABLE and variables.settable(name)]


def clear(env: dict[str, Any], administrators: Container[str], inherited: Container[str]) -> None:
    """Take out a marker that nobody set for this server: the Hub's own, and None."""
    own = MARKER in inherited and MARKER not in administrators
    if MARKER in env and (own or env[MARKER] is None):
        del env[MARKER]


def settle(env: dict[str, Any], administrators: Container[str]) -> None:
    """Take out of the marker what the administrator set to None, which is no policy."""
    said = env.get(MARKER)
    if not isinstance(said, str):
        return
    names = [name for name in said.split(",") if env.get(name, "") is not None]
    if names or MARKER in administrators:
        env[MARKER] = ",".join(names)
    else:
        del env[MARKER]


def marker(names: Iterable[str], stated: str = "") -> str:
    """The marker's value: what it says already, and `names`."""
    said = [name for name in re.split(r"[,\s]+", stated) if name]
    return ",".join(sorted({*said, *names}))
