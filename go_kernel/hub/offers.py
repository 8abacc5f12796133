"""The administrator's map of Go environments, checked.

Whatever is wrong in it is an error that names the environment and the key: a word that
was misspelt must never open an environment to everybody.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from go_kernel.conda.activation import BadPrefix, check_prefix
from go_kernel.hub.errors import BadOffer, BadSetting
from go_kernel.hub.names import ID

_KEYS = ("prefix", "display_name", "allowed_users", "allowed_groups")


@dataclass(frozen=True)
class Offer:
    """One environment: `prefix` is None where only the user's server knows it.

    `users` and `groups` None: no such list.
    """

    id: str
    prefix: Path | None
    display_name: str
    users: frozenset[str] | None = None
    groups: frozenset[str] | None = None

    def is_for(self, user: str, groups: Callable[[], frozenset[str]]) -> bool:
        """Whether a user may choose it; their groups are asked for only where they count."""
        if self.users is None and self.groups is None:
            return True
        if self.users is not None and user in self.users:
            return True
        return self.groups is not None and not self.groups.isdisjoint(groups())


def parse(stated: Any, *, prefix_needed: bool) -> dict[str, Offer]:
    """The environments by id, in the administrator's order; raises BadOffer and BadSetting.

    `prefix_needed`: the Hub sees the files that the user's server sees.
    """
    if not isinstance(stated, Mapping):
        raise BadSetting("go_environments", f"it is no dict but a {type(stated).__name__}")
    return {id: _offer(id, entry, prefix_needed) for id, entry in stated.items()}


def _offer(id: Any, entry: Any, prefix_needed: bool) -> Offer:
    if not isinstance(id, str) or not ID.fullmatch(id):
        reason = "is no id: up to 63 small letters, digits, dots, dashes and underscores"
        raise BadOffer(str(id), "", reason)
    if not isinstance(entry, Mapping):
        raise BadOffer(id, "", f"is no dict but a {type(entry).__name__}")
    for key in entry:
        if key not in _KEYS:
            raise BadOffer(id, str(key), f"is not known (known are {', '.join(_KEYS)})")
    prefix = _prefix(id, entry.get("prefix"), prefix_needed)
    return Offer(
        id,
        prefix,
        _display_name(id, entry.get("display_name"), prefix),
        _names(id, entry, "allowed_users"),
        _names(id, entry, "allowed_groups"),
    )


def _prefix(id: str, stated: Any, needed: bool) -> Path | None:
    if stated is None and not needed:
        return None
    if stated is None:
        raise BadOffer(id, "prefix", "is missing: servers on this spawner see the Hub's files")
    if not isinstance(stated, str):
        raise BadOffer(id, "prefix", "is no text")
    prefix = Path(stated)
    try:
        check_prefix(prefix)
    except BadPrefix as error:
        raise BadOffer(id, "prefix", "is relative, or holds a line break, NUL or colon") from error
    if ".." in prefix.parts:
        raise BadOffer(id, "prefix", "holds `..`")
    return prefix


def _display_name(id: str, stated: Any, prefix: Path | None) -> str:
    if stated is None:
        return f"Go (conda env: {_shown(prefix.name if prefix else '') or id})"
    if not isinstance(stated, str) or not stated.strip() or not stated.isprintable():
        raise BadOffer(id, "display_name", "is no text of one line")
    return stated


def _shown(name: str) -> str:
    """A folder's name as a page may show it: nothing that turns or hides what follows."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in name)


def _names(id: str, entry: Mapping[str, Any], key: str) -> frozenset[str] | None:
    stated = entry.get(key)
    if stated is None:
        return None
    # A text is a sequence, too: of names with one letter each.
    if not isinstance(stated, list | tuple | set | frozenset) or not all(
        isinstance(name, str) and name for name in stated
    ):
        raise BadOffer(id, key, "is no list of names")
    return frozenset(stated)


@dataclass(frozen=True)
class Known:
    """A map as it was when it was parsed, and its environments."""

    stated: Any
    prefix_needed: bool
    offers: Mapping[str, Offer]

    def is_of(self, stated: Any, prefix_needed: bool) -> bool:
        """Whether it would be parsed to the same, in the same order."""
        alike = prefix_needed == self.prefix_needed and bool(stated == self.stated)
        return alike and [*stated] == [*self.stated]


class Maps:
    """The maps that spawners have: equal ones are parsed once, for all spawners.

    Each spawner has its own copy of the configuration, or what a callable made for it;
    with thousands of them it matters that what is made of it is shared.
    """

    def __init__(self, most: int = 16) -> None:
        self._known: deque[Known] = deque(maxlen=most)

    def parsed(self, stated: Any, *, prefix_needed: bool) -> Known:
        """As `parse`, of which it raises the errors."""
        for known in self._known:
            if known.is_of(stated, prefix_needed):
                return known
        offers = parse(stated, prefix_needed=prefix_needed)
        known = Known(_copied(stated), prefix_needed, offers)
        self._known.appendleft(known)
        return known


def _copied(value: Any) -> Any:
    """A parsed map's part as it is now: group_overrides change maps in place."""
    if isinstance(value, Mapping):
        return {key: _copied(inner) for key, inner in value.items()}
    # Of names, which nobody changes.
    return copy.copy(value)
