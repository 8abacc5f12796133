"""The spawn page's choice of a Go environment."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence

from go_kernel.hub.choice import NOTHING
from go_kernel.hub.names import OPTION
from go_kernel.hub.offers import Offer

_LABEL = "Go environment"


def select(offered: Sequence[Offer], usual: Offer | None, chosen: object) -> str:
    """A labelled select of the offers; "" where there is no choice.

    Its first entry is `usual` and says nothing: who leaves it there gets what the
    administrator prefers, also when that is another one some day.  It is selected unless
    `chosen` is the id of an offer.
    """
    if len(offered) < 2 or usual is None:
        return ""
    names = _names(offered)
    own = chosen if isinstance(chosen, str) and chosen in names else NOTHING
    entries = {NOTHING: f"Default: {names[usual.id]}", **names}
    options = "".join(_option(value, text, value == own) for value, text in entries.items())
    return (
        f'<div class="form-group mb-3"><label for="{OPTION}">{_LABEL}</label> '
        f'<select class="form-control form-select" id="{OPTION}" name="{OPTION}">'
        f"{options}</select></div>"
    )


def _names(offered: Sequence[Offer]) -> dict[str, str]:
    """What is shown, by id; those that would look alike have their ids, too."""
    times = Counter(offer.display_name for offer in offered)
    return {
        offer.id: f"{offer.display_name} [{offer.id}]"
        if times[offer.display_name] > 1
        else offer.display_name
        for offer in offered
    }


def _option(value: str, text: str, chosen: bool) -> str:
    mark = " selected" if chosen else ""
    return f'<option value="{_safe(value)}"{mark}>{_safe(text)}</option>'


def _safe(text: str) -> str:
    # Some Hubs take a form for a template of Jinja's.
    return html.escape(text).replace("{", "&#123;").replace("}", "&#125;")
