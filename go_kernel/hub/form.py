"""The spawn page's choice of a Go environment."""

from __future__ import annotations

import html
from collections.abc import Sequence

from go_kernel.hub.names import OPTION
from go_kernel.hub.offers import Offer

_LABEL = "Go environment"


def select(offered: Sequence[Offer], chosen: str) -> str:
    """A labelled select of the offers, `chosen` (an id) in it; "" where there is no choice."""
    if len(offered) < 2:
        return ""
    options = "".join(_option(offer, offer.id == chosen) for offer in offered)
    return (
        f'<div class="form-group mb-3"><label for="{OPTION}">{_LABEL}</label> '
        f'<select class="form-control form-select" id="{OPTION}" name="{OPTION}">'
        f"{options}</select></div>"
    )


def _option(offer: Offer, chosen: bool) -> str:
    mark = " selected" if chosen else ""
    return f'<option value="{_safe(offer.id)}"{mark}>{_safe(offer.display_name)}</option>'


def _safe(text: str) -> str:
    # Some Hubs take a form for a template of Jinja's.
    return html.escape(text).replace("{", "&#123;").replace("}", "&#125;")
