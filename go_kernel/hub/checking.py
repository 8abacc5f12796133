"""A look at the Hub's configuration before the Hub starts.

What is wrong ends the Hub with its sentences.  What is only odd is said on stderr: a
setting that nobody knows, a prefix that isn't there.  No value is shown, since it may
hold a password.
"""

from __future__ import annotations

import difflib
import os
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from typing import Any
from urllib.parse import urlsplit

from traitlets.config import Config
from traitlets.config.loader import LazyConfigValue
from traitlets.utils.importstring import import_item

from go_kernel.hub import kinds, offers
from go_kernel.hub.mixin import GoSpawnerMixin
from go_kernel.hub.stated import errors

_OURS = "GoSpawnerMixin"
# What stands in GOPROXY and is no address.
_WORDS = ("", "direct", "off")


def check(c: Config, spawner_class: type | None = None) -> None:
    """End the Hub where `c`, its whole configuration, has settings for Go that can't work.

    To be called at the end of a `jupyterhub_config.py`.  `spawner_class`: the one that `c`
    names, unless told otherwise.  Raises SystemExit with a sentence for each setting that
    can't be used; warns on stderr of what may be a mistake.
    """
    cls = spawner_class or _named(c)
    stated = _stated(c, cls)
    usual = bool(cls and kinds.kind_of(cls).shares_files)
    shared = stated.get("go_shares_files", usual)
    problems = [str(error) for error in errors(stated, bool(shared))]
    if problems:
        raise SystemExit("\n".join(problems))
    for warning in (*_unknown(c, cls), *_odd(stated, shared)):
        print(f"Warning: {warning}", file=sys.stderr, flush=True)


def _named(c: Config) -> type | None:
    """The spawner's class; None where JupyterHub will say better what is wrong with it."""
    named = c.get("JupyterHub", {}).get("spawner_class")
    try:
        found = _imported(named) if isinstance(named, str) else named
    except Exception:
        return None
    return found if isinstance(found, type) else None


def _imported(name: str) -> Any:
    """As JupyterHub does it: the name of an entry point, or a class by its module."""
    for point in entry_points(group="jupyterhub.spawners"):
        if point.name == name.lower():
            return point.load()
    return import_item(name)


def _stated(c: Config, cls: type | None) -> dict[str, Any]:
    """Our settings, from the sections of all classes that the spawner is made of."""
    classes = cls.__mro__ if cls and issubclass(cls, GoSpawnerMixin) else (GoSpawnerMixin,)
    known = GoSpawnerMixin.class_trait_names(config=True)
    stated: dict[str, Any] = {}
    for section in reversed([one.__name__ for one in classes]):
        values = c.get(section, {})
        for name in known & values.keys():
            stated[name] = _value(values[name])
    return stated


def _value(stated: Any) -> Any:
    # Of `c.GoSpawnerMixin.go_environments.update(...)`.
    return stated.get_value({}) if isinstance(stated, LazyConfigValue) else stated


def _unknown(c: Config, cls: type | None) -> Iterator[str]:
    known = sorted(GoSpawnerMixin.class_trait_names(config=True))
    # In our section the spawner's own count, too.
    taken = cls.class_trait_names() if cls and issubclass(cls, GoSpawnerMixin) else known
    for name in c.get(_OURS, ()):
        if name not in taken:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."
            yield f"c.{_OURS}.{name} is no setting, and does nothing. {hint}"


def _odd(stated: Mapping[str, Any], shared: bool) -> Iterator[str]:
    environments = stated.get("go_environments", {})
    if isinstance(environments, Mapping):
        for offer in offers.parse(environments, prefix_needed=shared).values():
            yield from _odd_offer(offer, shared)
    proxies = stated.get("goproxy", "")
    if isinstance(proxies, str):
        yield from _odd_proxies(proxies)


def _odd_offer(offer: offers.Offer, shared: bool) -> Iterator[str]:
    of = f"of {offer.id!r} in c.{_OURS}.go_environments"
    # Also where a folder above may not be entered.
    if shared and offer.prefix and not os.path.isdir(offer.prefix):  # noqa: PTH112
        yield f"The prefix {of}, {offer.prefix}, is no folder that the Hub sees."
    for user in sorted(offer.users or ()):
        if user != user.lower():
            yield (
                f"{user!r} in allowed_users {of} matches nobody, unless your authenticator keeps "
                "capital letters: JupyterHub writes users' names in small ones."
            )


def _odd_proxies(stated: str) -> Iterator[str]:
    """Which entry is meant is told by its number: it may hold a password."""
    for number, entry in enumerate(stated.replace("|", ",").split(","), 1):
        address = entry.strip()
        if address in _WORDS:
            continue
        of = f"Entry {number} of c.{_OURS}.goproxy"
        if "://" not in address:
            yield f"{of} has no scheme, such as https://: Go can't use it."
        if _has_password(address):
            yield (
                f"{of} holds a password, which each user sees in their server. A .netrc in their "
                "home, or a proxy that needs none, is better."
            )


def _has_password(address: str) -> bool:
    try:
        return bool(urlsplit(address if "://" in address else f"//{address}").password)
    except ValueError:
        return "@" in address
