"""The administrator's settings: what is wrong in them is told, with its name, and to whom."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest
from tornado.web import HTTPError
from traitlets.config import Config

from go_kernel.hub import check
from go_kernel.hub.spawners.simple import GoSimpleSpawner
from tests.hub.spawners import spawner


def message(error: pytest.ExceptionInfo[HTTPError]) -> str:
    """What the user reads."""
    return str(error.value.jupyterhub_message)  # type: ignore[attr-defined]


def told(caplog: pytest.LogCaptureFixture, **settings: Any) -> str:
    """The one line of the log about a start with these settings; there is no traceback."""
    offered = {"go": {"prefix": "/opt/go"}}
    one = spawner(GoSimpleSpawner, **{"go_environments": offered, **settings})
    return _line(caplog, one.start)


def on_the_page(caplog: pytest.LogCaptureFixture, **settings: Any) -> str:
    """As `told`, where the form is drawn."""
    return _line(caplog, spawner(GoSimpleSpawner, **settings).get_options_form)


def _line(caplog: pytest.LogCaptureFixture, run: Callable[[], Any]) -> str:
    caplog.clear()
    with pytest.raises(HTTPError) as caught, caplog.at_level(logging.ERROR):
        asyncio.run(run())
    assert message(caught).startswith("The Hub's settings for Go can't be used")
    assert "Traceback" not in caplog.text
    [record] = caplog.records
    return record.getMessage()


@pytest.mark.parametrize(
    ("environments", "said"),
    [
        ({"Go": {}}, "'Go' is no id"),
        ({"": {}}, "'' is no id"),
        ({"../x": {}}, "'../x' is no id"),
        ({"a\n": {}}, "is no id"),
        ({"x" * 64: {}}, "is no id"),
        ({3: {}}, "'3' is no id"),
        ({"go": "/opt/go"}, "'go' is no dict but a str"),
        ({"go": {"prefixes": "/x"}}, "'prefixes' of 'go' is not known"),
        ({"go": {"prefix": "opt"}}, "'prefix' of 'go' is relative"),
        ({"go": {"prefix": "/a:b"}}, "'prefix' of 'go' is relative, or holds"),
        ({"go": {"prefix": "/a/../b"}}, "'prefix' of 'go' holds `..`"),
        ({"go": {"prefix": 3}}, "'prefix' of 'go' is no text"),
        ({"go": {}}, "'prefix' of 'go' is missing"),
        ({"go": {"prefix": "/x", "display_name": ""}}, "'display_name' of 'go'"),
        ({"go": {"prefix": "/x", "display_name": "a\nb"}}, "'display_name' of 'go'"),
        ({"go": {"prefix": "/x", "allowed_users": "ada"}}, "'allowed_users' of 'go' is no list"),
        ({"go": {"prefix": "/x", "allowed_groups": [1]}}, "'allowed_groups' of 'go' is no list"),
    ],
)
def test_a_bad_map_is_told_with_id_and_key(
    environments: Any, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    """On the page and at the start, in one line of the log; and before the Hub starts."""
    line = told(caplog, go_environments=environments)
    assert line.startswith("c.GoSpawnerMixin.go_environments can't be used: ")
    assert said in line
    assert "  " not in line
    assert on_the_page(caplog, go_environments=environments) == line
    with pytest.raises(SystemExit) as ended:
        check(Config({"GoSpawnerMixin": {"go_environments": environments}}), GoSimpleSpawner)
    assert str(ended.value) == line


@pytest.mark.parametrize(
    "settings",
    [
        {"go_default": "Go 1.26"},
        {"go_default": "../x"},
        {"gopath": "relative"},
        {"gopath": "/shared"},
        {"gocache": "/x/{home}"},
        {"goproxy": "https://a.invalid\nGOFLAGS=-x"},
        {"gosumdb": "a\0b"},
        {"goprivate": "a\x1bb"},
        {"goproxy": 3},
        {"go_variables": {"GOROOT": "/x"}},
        {"go_variables": {"GOTOOLCHAIN": "auto"}},
        {"go_variables": {"GOKERNEL_POLICY": "x"}},
        {"go_variables": {"PATH": "/x"}},
        {"go_variables": {"HOME": "/x"}},
        {"go_variables": {"CONDA_PREFIX": "/x"}},
        {"go_variables": {"JUPYTERHUB_USER": "root"}},
        {"go_variables": {"GOPROXY": "x"}},
        {"go_variables": {"GOPATH": "/x"}},
        {"go_variables": {"A B": "x"}},
        {"go_variables": {"A\n": "x"}},
        {"go_variables": {3: "x"}},
        {"go_variables": {"GOGC": 50}},
        {"go_variables": {"GOFLAGS": "a\nb"}},
        {"go_activation_timeout": 0},
        {"go_activation_timeout": float("nan")},
        {"go_activation_timeout": "20"},
        {"allow_user_choice": 0},
        {"go_shares_files": "no"},
        {"go_variables": None},
        {"go_default": 3},
        {"gopath": ["/x/{username}"]},
        {"gopath": "/x/{username}-{servername}"},
        {"gopath": "/x/{username}{servername}"},
        {"gopath": "/x/u-{unescaped_username}/go"},
    ],
)
def test_settings_that_could_not_work_are_told(
    settings: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """At the start, and before the Hub starts, by the setting's name and without its value."""
    name, value = next(iter(settings.items()))
    line = told(caplog, **settings)
    assert line.startswith(f"c.GoSpawnerMixin.{name}")
    if name != "go_default":
        assert on_the_page(caplog, **settings) == line
    with pytest.raises(SystemExit) as ended:
        check(Config({"GoSpawnerMixin": settings}), GoSimpleSpawner)
    assert str(ended.value) == line
    if name in ("gopath", "gocache", "goproxy", "gosumdb", "goprivate"):
        assert str(value) not in line


@pytest.mark.parametrize(
    "settings",
    [
        {"goproxy": "https://user:hunter2@proxy.invalid\n"},
        {"goproxy": ["https://user:hunter2@proxy.invalid"]},
        {"gopath": "hunter2"},
        {"gocache": "/{username}/{hunter2"},
        {"go_variables": {"GOFLAGS": ["hunter2"]}},
        {"go_variables": "hunter2"},
        {"allow_user_choice": "hunter2"},
    ],
)
def test_a_secret_is_in_no_error(
    settings: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """A value that is refused may hold a password."""
    assert "hunter2" not in told(caplog, **settings)
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("name", ["go_environments", "go_default", "goproxy", "gopath"])
def test_a_bad_setting_stops_no_page_but_those_that_need_it(name: str) -> None:
    """A spawner is made for each user's home page: it is never an error there."""
    wrong: dict[str, Any] = {name: 3}
    one = spawner(GoSimpleSpawner, **wrong)
    assert one.get_env()["JUPYTERHUB_USER"] == "alice"


def starting(one: Any) -> Any:
    """The spawner as it is while `start` runs."""
    one._go_starting = True
    return one


@pytest.mark.parametrize(
    "settings",
    [
        {"go_environments": lambda spawner: {"Bad id": {}}},
        {"go_environments": lambda spawner: None},
        {"go_default": lambda spawner: "gone"},
        {"gopath": lambda spawner: "relative"},
        {"gopath": lambda spawner: 3},
        {"goproxy": lambda spawner: "a\nb"},
        {"go_variables": {"GOGC": lambda spawner: 50}},
        {"go_default": "gone"},
    ],
)
def test_what_shows_at_the_start_is_told_to_both(
    settings: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """The user reads one sentence without details; the log names the setting."""
    name = next(iter(settings))
    with pytest.raises(HTTPError) as caught, caplog.at_level(logging.ERROR):
        starting(spawner(GoSimpleSpawner, **settings)).get_env()
    assert caught.value.status_code == 500
    assert message(caught).startswith("The Hub's settings for Go can't be used")
    assert f"c.GoSpawnerMixin.{name}" in caplog.text
    assert "Traceback" not in caplog.text


def test_a_callable_that_fails_is_in_the_log_with_its_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its own words are the administrator's alone."""

    def broken(spawner: Any) -> str:
        raise LookupError("the database is gone")

    with pytest.raises(HTTPError) as caught, caplog.at_level(logging.ERROR):
        starting(spawner(GoSimpleSpawner, goproxy=broken)).get_env()
    assert "database" not in message(caught)
    assert "the database is gone" in caplog.text
    assert "Traceback" in caplog.text


def test_an_async_callable_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """JupyterHub makes variables without waiting."""

    async def later(spawner: Any) -> str:
        return "https://proxy.invalid"

    with pytest.raises(HTTPError), caplog.at_level(logging.ERROR):
        starting(spawner(GoSimpleSpawner, goproxy=later)).get_env()
    assert "it is an async function" in caplog.text


def test_a_callable_may_speak_to_the_user() -> None:
    """An HTTPError of the administrator's own passes as it is."""

    def closed(spawner: Any) -> str:
        raise HTTPError(503, "Closed until nine.")

    with pytest.raises(HTTPError, match="Closed until nine"):
        starting(spawner(GoSimpleSpawner, go_default=closed)).get_env()


def test_callables_know_whose_server_it_is() -> None:
    """Each gets the spawner; None is as good as nothing."""
    one = spawner(
        GoSimpleSpawner,
        user="ada",
        go_environments=lambda spawner: {f"go-{spawner.user.name}": {"prefix": "/opt/x"}},
        goproxy=lambda spawner: f"https://{spawner.user.name}.invalid",
        gosumdb=lambda spawner: None,
        gopath=lambda spawner: "/common/go",
        go_variables={"GOGC": lambda spawner: "50", "GOMAXPROCS": lambda spawner: None},
    )
    env = one.get_env()
    assert env["GOKERNEL_HUB_ENVIRONMENT"] == "go-ada"
    assert env["GOPROXY"] == "https://ada.invalid"
    assert env["GOKERNEL_POLICY"] == "GOGC,GOPATH,GOPROXY"
