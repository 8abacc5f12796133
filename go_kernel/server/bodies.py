"""Bodies of requests, checked: a key too many or of the wrong kind is named."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, NoReturn

from go_kernel.server.errors import BadBody

LARGEST = 64 * 1024
_MOST_CHECKS = 200


def checks(body: bytes, known: Collection[str]) -> tuple[bool, list[str]]:
    """`deep` and `checks` of a request to check; raises BadBody."""
    content = _object(body, ("deep", "checks"))
    deep, ids = content.get("deep", False), content.get("checks", [])
    if not isinstance(deep, bool):
        raise BadBody("'deep'", "is neither true nor false")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise BadBody("'checks'", "is no list of checks' ids")
    if len(ids) > _MOST_CHECKS:
        raise BadBody("'checks'", f"names more than {_MOST_CHECKS}")
    for one in ids:
        if one not in known:
            raise BadBody("'checks'", f"names {one[:100]!r}, which is no check")
    return deep, sorted(set(ids))


def token(body: bytes) -> str:
    """`token` of a request to fix; raises BadBody."""
    content = _object(body, ("token",))
    if "token" not in content:
        raise BadBody("'token'", "is missing; it stands in the fix's preview")
    if not isinstance(content["token"], str):
        raise BadBody("'token'", "is no text")
    return content["token"]


def _object(body: bytes, keys: tuple[str, ...]) -> dict[str, Any]:
    if len(body) > LARGEST:
        raise BadBody("it", f"is larger than {LARGEST // 1024} KiB")
    if not body.strip():
        return {}
    try:
        content = json.loads(body, parse_constant=_refuse, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise BadBody("it", "is no JSON") from error
    if not isinstance(content, dict):
        raise BadBody("it", "is no JSON object")
    for key in content:
        if key not in keys:
            raise BadBody(repr(key[:100]), f"is not known (known are {', '.join(keys)})")
    return content


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a key stands there twice")
    return content
