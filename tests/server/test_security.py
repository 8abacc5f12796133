"""Who may ask what: nobody, who is logged in, and whom an authorizer lets."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.auth import Authorizer, User

from tests.server.conftest import Api

NOBODY = {"Authorization": ""}
ID = "0123456789abcdef"
ROUTES = [
    ("GET", "health", "gokernel_health"),
    ("GET", "report", "gokernel_health"),
    ("GET", "environments", "gokernel_environments"),
    ("GET", "environments/machine", "gokernel_environments"),
    ("POST", "checks", "gokernel_checks"),
    ("POST", "environments/machine/checks", "gokernel_checks"),
    ("GET", f"environments/{ID}/fixes/places.make", "gokernel_fixes"),
    ("POST", f"environments/{ID}/fixes/places.make", "gokernel_fixes"),
    ("GET", f"tasks/{ID}", "gokernel_tasks"),
    ("DELETE", f"tasks/{ID}", "gokernel_tasks"),
    ("GET", f"kernels/{ID}/environment", "kernels"),
]


class Choosy(Authorizer):
    """Lets everybody do all but one thing."""

    denied: tuple[str, str] = ("", "")

    def is_authorized(self, handler: Any, user: User, action: str, resource: str) -> bool:
        """Whether it's anything else."""
        return (action, resource) != self.denied


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    """An authorizer that refuses what a test says."""
    return {
        "ServerApp": {
            "jpserver_extensions": {"go_kernel.server": True},
            "authorizer_class": Choosy,
        }
    }


def _body(method: str, path: str) -> Any:
    return {"token": "x"} if method == "POST" and "fixes" in path else None


@pytest.mark.parametrize(("method", "path", "resource"), ROUTES)
async def test_each_route_is_guarded(
    api: Api, method: str, path: str, resource: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """403 for nobody, and for whom the authorizer refuses just this; else not."""
    body, action = _body(method, path), "read" if method == "GET" else "write"

    nobody = await api(method, path, body, headers=NOBODY)
    assert (nobody.status, nobody.content["reason"]) == (403, "server.forbidden")

    monkeypatch.setattr(Choosy, "denied", (action, resource))
    refused = await api(method, path, body)
    assert (refused.status, refused.content["reason"]) == (403, "server.forbidden")
    assert resource in refused.content["message"]

    for other in {("read", resource), ("write", resource)} - {(action, resource)}:
        monkeypatch.setattr(Choosy, "denied", other)
        assert (await api(method, path, body)).status != 403


async def test_an_unknown_page_is_guarded(
    jp_fetch: Callable[..., Awaitable[Any]], home: Path
) -> None:
    """Nobody learns what there isn't."""
    answer = await jp_fetch("gokernel", "no", "such", raise_error=False, headers={**NOBODY})

    assert answer.code == 403


@pytest.mark.parametrize(("method", "path"), [(m, p) for m, p, _ in ROUTES])
async def test_another_site_is_refused(
    jp_fetch: Callable[..., Awaitable[Any]], home: Path, method: str, path: str
) -> None:
    """As Jupyter Server does it: a page of another origin can't even read.

    A token in the header would do, so it stands in the address, as a link has it.
    """
    answer = await jp_fetch(
        "gokernel",
        *path.split("/"),
        method=method,
        body=b"{}" if method == "POST" else None,
        raise_error=False,
        headers={"Origin": "http://evil.invalid", **NOBODY},
    )

    assert answer.code in (403, 404)
    said = json.loads(answer.body)
    assert set(said) == {"message", "reason", "remedy"}
    if answer.code == 404:
        assert said["reason"] == "server.another-origin"
        assert "another origin" in said["message"]


async def test_nothing_private_is_said_to_nobody(
    jp_fetch: Callable[..., Awaitable[Any]], home: Path
) -> None:
    """The one answer for all is a constant."""
    answer = await jp_fetch("gokernel", "healthz", headers={**NOBODY})

    assert json.loads(answer.body) == {"status": "alive"}
    assert "Set-Cookie" not in answer.headers
