"""Limits on what checks and fixes may take, and on what they may say."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from go_kernel.variables import mask_urls

_Result = TypeVar("_Result")
_CUT = " …"


class Silent(Exception):
    """Something did not come back in time."""


def within(seconds: float, call: Callable[[], _Result], name: str) -> _Result:
    """What `call` gives; raises Silent where that takes longer, and what it raises.

    It runs in a thread called `name`, which is left behind where it hangs: a daemon, which
    doesn't keep the process from ending.
    """
    results: list[_Result] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(call())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise Silent
    return results[0]


def shown(text: str, most: int) -> str:
    """`text` as it may be shown: at most so many characters, URLs without passwords.

    Files hold what they like: a value of megabytes, or one with somebody's password.
    """
    if len(text) > most:
        text = text[:most]
        # The rest of a URL may be what says that a part of it is a password.
        before, _, word = text.rpartition(" ")
        text = (before if "//" in word else text) + _CUT
    return mask_urls(text)
