"""Which of the administrator's environments a server gets.

A user says an id and nothing else.  What isn't offered to them is refused in the same
words as what isn't there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from go_kernel.hub.errors import BadSetting, Malformed, Refused
from go_kernel.hub.names import ID, OPTION
from go_kernel.hub.offers import Offer

Groups = Callable[[], frozenset[str]]
# Said in place of an id by who leaves it to the administrator, today's and tomorrow's.
NOTHING = ""


@dataclass(frozen=True)
class Choice:
    """An environment, and whether the user asked for it."""

    offer: Offer
    explicit: bool


def asked_for(options: Any) -> str | None:
    """The id in a user's options, None where there is none; raises Malformed."""
    if not isinstance(options, Mapping):
        return None
    said = options.get(OPTION, NOTHING)
    return None if said == NOTHING else well_formed(said)


def well_formed(said: Any) -> str:
    """What was said, where it can be an id; raises Malformed."""
    if not isinstance(said, str) or not ID.fullmatch(said):
        raise Malformed
    return said


def check_default(said: Any) -> None:
    """Raise BadSetting for what can be no environment's id; "" is fine."""
    if not isinstance(said, str):
        raise BadSetting("go_default", f"it is no text but a {type(said).__name__}")
    if said and not ID.fullmatch(said):
        raise BadSetting("go_default", f"{said!r} is no id")


def offered(offers: Mapping[str, Offer], user: str, groups: Groups) -> list[Offer]:
    """Those that a user may choose, in the administrator's order."""
    return [offer for offer in offers.values() if offer.is_for(user, groups)]


def default_of(
    offers: Mapping[str, Offer], default: str, user: str, groups: Groups
) -> Offer | None:
    """What a user gets who doesn't choose: `default`, or the first where they may not have it."""
    if default in offers and offers[default].is_for(user, groups):
        return offers[default]
    return next((offer for offer in offers.values() if offer.is_for(user, groups)), None)


def choose(
    offers: Mapping[str, Offer],
    asked: str | None,
    default: str,
    user: str,
    groups: Groups,
    *,
    free: bool = True,
) -> Choice | None:
    """The environment of a server; None where the user may have none.

    `free`: users may choose; where they may not, only what they'd get anyway can be asked
    for.  Raises Refused.
    """
    usual = default_of(offers, default, user, groups)
    if asked is None:
        return Choice(usual, explicit=False) if usual else None
    if not free:
        if usual is None or asked != usual.id:
            raise Refused(asked, [usual.id] if usual else [])
        return Choice(usual, explicit=False)
    offer = offers.get(asked)
    if offer is None or not offer.is_for(user, groups):
        raise Refused(asked, [one.id for one in offered(offers, user, groups)])
    return Choice(offer, explicit=True)
