"""What users choose by: an id that is offered to them, and nothing else, from anywhere."""

from __future__ import annotations

import asyncio
import copy
import logging
from html.parser import HTMLParser
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tornado.web import HTTPError

from go_kernel.hub import offers
from go_kernel.hub.spawners.simple import GoSimpleSpawner
from go_kernel.hub_choice import ID
from tests.hub.spawners import spawner

ENVIRONMENTS: dict[str, dict[str, Any]] = {
    "go-1.26": {"prefix": "/opt/envs/go-1.26"},
    "go-1.27": {"prefix": "/opt/envs/go-1.27", "display_name": "The <newest> & {{ best }} Go"},
    "staff": {"prefix": "/opt/envs/staff", "allowed_groups": ["staff"]},
    "adas": {"prefix": "/opt/envs/adas", "allowed_users": ["ada"], "allowed_groups": ["adas"]},
    "nobodys": {"prefix": "/opt/envs/nobodys", "allowed_users": []},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
HOSTILE = st.sampled_from(
    [
        "staff",
        "adas",
        "nobodys",
        "gone",
        "/opt/envs/go-1.26",
        "../go-1.26",
        "go-1.26\n",
        "go-1.26\0",
        " go-1.26",
        "GO-1.26",
        "go-1.26,go-1.27",
        ["go-1.26"],
        {"prefix": "/tmp/x"},
        {"id": "go-1.26"},
        [""],
        None,
        True,
        0,
    ]
)


def start(one: Any) -> None:
    """As the Hub starts a server."""
    asyncio.run(one.start())


@given(HOSTILE | JSON)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_no_other_option_starts_a_server(said: Any) -> None:
    """Whatever the REST API is handed: 400 or 403, a sentence, and nothing of it in use."""
    assume(said != "")
    one = spawner(
        GoSimpleSpawner, go_environments=ENVIRONMENTS, options={"go_environment": said}, user="bob"
    )
    with pytest.raises(HTTPError) as caught:
        start(one)
    is_id = isinstance(said, str) and ID.fullmatch(said)
    assert caught.value.status_code == (403 if is_id else 400)
    env = one.get_env()
    assert not [name for name in env if name.startswith("GOKERNEL")]
    assert one.get_state() == {}


@given(st.dictionaries(st.text(max_size=20), JSON, max_size=3))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_other_options_are_not_ours(options: dict[str, Any]) -> None:
    """Whatever else a user hands in changes nothing."""
    options.pop("go_environment", None)
    one = spawner(GoSimpleSpawner, go_environments=ENVIRONMENTS, options=options)
    assert one.get_env()["GOKERNEL_HUB_ENVIRONMENT"] == "go-1.26"


@pytest.mark.parametrize("asked", ["staff", "adas", "nobodys", "gone"])
def test_what_is_not_offered_is_not_told_apart(asked: str) -> None:
    """An environment of another group and one that isn't there: the same words."""
    one = spawner(GoSimpleSpawner, go_environments=ENVIRONMENTS, options={"go_environment": asked})
    with pytest.raises(HTTPError) as caught:
        start(one)
    assert caught.value.jupyterhub_message == (  # type: ignore[attr-defined]
        f"The Go environment {asked!r} is not offered to you. "
        "Choose one of these: go-1.26, go-1.27."
    )


@pytest.mark.parametrize(
    ("user", "groups", "offered"),
    [
        ("bob", [], ["go-1.26", "go-1.27"]),
        ("bob", ["staff"], ["go-1.26", "go-1.27", "staff"]),
        ("bob", ["adas"], ["go-1.26", "go-1.27", "adas"]),
        ("ada", [], ["go-1.26", "go-1.27", "adas"]),
        ("ada", ["staff", "x"], ["go-1.26", "go-1.27", "staff", "adas"]),
    ],
)
def test_lists_of_users_and_groups(user: str, groups: list[str], offered: list[str]) -> None:
    """Either list is enough, an empty one is for nobody, and the form shows just those."""
    one = spawner(GoSimpleSpawner, user=user, groups=groups, go_environments=ENVIRONMENTS)
    assert [value for value, _, _ in choices(one)] == ["", *offered]


class _Choices(HTMLParser):
    """The parts of a form: its labels, and the options of its selects."""

    def __init__(self) -> None:
        super().__init__()
        self.labels: dict[str, str] = {}
        self.selects: list[str | None] = []
        self.options: list[tuple[str, str, bool]] = []
        self._in = ("", "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a select's id, and where the text belongs."""
        found = dict(attrs)
        self._in = (tag, found.get("for") or "")
        if tag == "select":
            assert found["name"] == found["id"]
            self.selects.append(found["id"])
        if tag == "option":
            self.options.append((found["value"] or "", "", "selected" in found))

    def handle_data(self, data: str) -> None:
        """Note a label's and an option's text."""
        if self._in[0] == "label" and self._in[1]:
            self.labels[self._in[1]] = self.labels.get(self._in[1], "") + data
        elif self._in[0] == "option":
            value, text, selected = self.options[-1]
            self.options[-1] = (value, text + data, selected)


def parsed(one: Any) -> _Choices:
    """The spawn page's form."""
    form = _Choices()
    form.feed(asyncio.run(one.get_options_form()))
    return form


def choices(one: Any) -> list[tuple[str, str, bool]]:
    """Value, text and whether it is selected, of each option."""
    return parsed(one).options


def test_the_form_is_labelled_and_escaped() -> None:
    """A display name is text, whatever is in it; the label names the select."""
    one = spawner(GoSimpleSpawner, go_environments=ENVIRONMENTS)
    form = parsed(one)
    assert form.selects == ["go_environment"]
    assert form.labels["go_environment"].strip() == "Go environment"
    assert form.options == [
        ("", "Default: Go (conda env: go-1.26)", True),
        ("go-1.26", "Go (conda env: go-1.26)", False),
        ("go-1.27", "The <newest> & {{ best }} Go", False),
    ]
    assert "{{" not in asyncio.run(one.get_options_form())


@pytest.mark.parametrize(
    ("last", "selected"),
    [("go-1.26", "go-1.26"), ("go-1.27", "go-1.27"), ("staff", ""), (["x"], ""), ("", "")],
)
def test_the_last_choice_is_selected(last: Any, selected: str) -> None:
    """As long as it is one; else nothing is, which is what the administrator prefers."""
    one = spawner(
        GoSimpleSpawner,
        go_environments=ENVIRONMENTS,
        go_default="go-1.27",
        options={"go_environment": last},
    )
    assert [value for value, _, chosen in choices(one) if chosen] == [selected]
    assert choices(one)[0][1] == "Default: The <newest> & {{ best }} Go"


@pytest.mark.parametrize(
    "settings_",
    [
        {"go_environments": {}},
        {"go_environments": {"go-1.26": ENVIRONMENTS["go-1.26"]}},
        {"go_environments": ENVIRONMENTS, "allow_user_choice": False},
    ],
)
def test_no_form_where_there_is_no_choice(settings_: dict[str, Any]) -> None:
    """One click starts the server, as without us."""
    assert asyncio.run(spawner(GoSimpleSpawner, **settings_).get_options_form()) == ""


def test_an_administrators_own_form_stays() -> None:
    """Ours comes below it; each field arrives where it belongs."""
    seen: list[dict[str, Any]] = []

    def options_from_form(form: dict[str, Any]) -> dict[str, Any]:
        seen.append(form)
        return {"memory": int(form["memory"][0])}

    one = spawner(
        GoSimpleSpawner,
        go_environments=ENVIRONMENTS,
        config={
            "Spawner": {
                "options_form": lambda spawner: '<input name="memory">',
                "options_from_form": options_from_form,
            }
        },
    )
    assert asyncio.run(one.get_options_form()).startswith('<input name="memory">')
    fields = {"memory": ["4"], "go_environment": ["go-1.27"]}
    assert one.run_options_from_form(fields) == {"memory": 4, "go_environment": "go-1.27"}
    assert one.options_from_query(fields) == {"memory": 4, "go_environment": "go-1.27"}
    assert one.run_options_from_form({"memory": ["4"]}) == {"memory": 4}
    assert seen == [{"memory": ["4"]}] * 3


def test_an_async_function_for_options_is_waited_for() -> None:
    """JupyterHub allows one."""

    async def options_from_form(form: dict[str, Any]) -> dict[str, Any]:
        return {"asked": sorted(form)}

    one = spawner(
        GoSimpleSpawner,
        go_environments=ENVIRONMENTS,
        config={"Spawner": {"options_from_form": options_from_form}},
    )

    async def run() -> Any:
        return await one.run_options_from_form({"a": ["1"], "go_environment": ["go-1.27"]})

    assert asyncio.run(run()) == {"asked": ["a"], "go_environment": "go-1.27"}


@pytest.mark.parametrize(
    ("field", "status"),
    [
        (["/opt/x"], 400),
        (["", ""], 400),
        ("", 400),
        ([], 400),
        (["go-1.26", "go-1.27"], 400),
        ("go-1.26", 400),
        (["staff"], 403),
        (["gone"], 403),
    ],
)
def test_a_bad_field_is_told_on_the_form(field: Any, status: int) -> None:
    """Before a spawn has begun: nothing is stored, and no Hub counts a failure."""
    one = spawner(GoSimpleSpawner, go_environments=ENVIRONMENTS)
    for read in (one.run_options_from_form, one.options_from_query):
        with pytest.raises(HTTPError) as caught:
            read({"go_environment": field})
        assert caught.value.status_code == status


def test_the_hub_has_nothing_unhandled_to_log(caplog: pytest.LogCaptureFixture) -> None:
    """Our option is handled; others still are the administrator's to handle."""
    one = spawner(GoSimpleSpawner, go_environments=ENVIRONMENTS)
    with caplog.at_level(logging.WARNING):
        asyncio.run(one._run_apply_user_options({"go_environment": "go-1.27"}))
        assert caplog.text == ""
        asyncio.run(one._run_apply_user_options({"go_environment": "go-1.27", "x": 1}))
    assert "unhandled user_options" in caplog.text
    assert "go_environment" not in caplog.text


def test_without_a_choice_all_get_the_default() -> None:
    """Asking for what one gets anyway is no crime; for another one it is."""
    common: dict[str, Any] = {
        "go_environments": ENVIRONMENTS,
        "go_default": "go-1.27",
        "allow_user_choice": False,
    }
    one = spawner(GoSimpleSpawner, **common)
    assert one.get_env()["GOKERNEL_HUB_ENVIRONMENT"] == "go-1.27"
    one = spawner(GoSimpleSpawner, options={"go_environment": "go-1.27"}, **common)
    assert one.get_env()["GOKERNEL_HUB_ENVIRONMENT"] == "go-1.27"
    with pytest.raises(HTTPError):
        start(spawner(GoSimpleSpawner, options={"go_environment": "go-1.26"}, **common))


def test_a_default_that_one_may_not_have_is_passed_over() -> None:
    """The first that is theirs stands in; who may have none gets none, and a server."""
    one = spawner(GoSimpleSpawner, go_environments=ENVIRONMENTS, go_default="staff")
    assert one.get_env()["GOKERNEL_HUB_ENVIRONMENT"] == "go-1.26"
    none = {"nobodys": ENVIRONMENTS["nobodys"]}
    env = spawner(GoSimpleSpawner, go_environments=none, goproxy="off").get_env()
    assert "GOKERNEL_HUB_ENVIRONMENT" not in env
    assert env["GOPROXY"] == "off"


def test_a_refused_choice_is_not_remembered() -> None:
    """An environment that is gone fails one start, not all of them; the rest stays stored."""
    one = spawner(
        GoSimpleSpawner, go_environments=ENVIRONMENTS, options={"go_environment": "gone", "x": 1}
    )
    with pytest.raises(HTTPError):
        start(one)
    assert one.orm_spawner.user_options == {"x": 1}


def test_nothing_chosen_is_no_choice() -> None:
    """Not by form, query or JSON: a default of later on reaches them, and nothing is stored."""
    one = spawner(GoSimpleSpawner, go_environments=ENVIRONMENTS)
    for read in (one.run_options_from_form, one.options_from_query):
        assert read({"go_environment": [""]}) == {}
    said = {"go_environment": "", "x": 1}
    one = spawner(GoSimpleSpawner, go_environments=ENVIRONMENTS, go_default="go-1.27", options=said)
    one.cmd = ["/nowhere/server"]
    assert one.get_env()["GOKERNEL_HUB_ENVIRONMENT"] == "go-1.27"
    with pytest.raises(OSError, match="nowhere"):
        start(one)  # the prefix isn't there: who had chosen it would read that
    assert one.orm_spawner.user_options == {"x": 1}


def grouped(overrides: Any, **settings_: Any) -> Any:
    """The spawner of somebody of the group `new`."""
    return spawner(
        GoSimpleSpawner,
        groups=["old", "new"],
        config={"Spawner": {"group_overrides": overrides}},
        **{"go_environments": ENVIRONMENTS, **settings_},
    )


def override(**settings_: Any) -> dict[str, Any]:
    """For the group `new`."""
    return {"b": {"groups": ["new"], "spawner_override": settings_}}


MORE = {"extra": {"prefix": "/opt/envs/extra"}}


@pytest.mark.parametrize(
    ("overrides", "shown"),
    [
        (override(go_default="go-1.27"), ["Default: The <newest> & {{ best }} Go"]),
        (override(go_default=lambda spawner: "go-1.27"), ["Default: The <newest> & {{ best }} Go"]),
        (lambda spawner: override(allow_user_choice=False), []),
        (
            {
                "a": override(go_default="gone")["b"],
                **override(go_default="go-1.26", mem_limit="1G"),
            },
            ["Default: Go (conda env: go-1.26)"],
        ),
        (
            override(go_environments={**MORE, "go-1.26": None}, go_default="extra"),
            ["Default: Go (conda env: extra)", "The <newest> & {{ best }} Go"],
        ),
        (
            override(go_environments={"go-1.26": {"display_name": "Old"}}),
            ["Default: Old", "Old", "The <newest> & {{ best }} Go"],
        ),
        (override(go_environments=lambda spawner: {"go-1.26": None, "go-1.27": None}), []),
        ({"b": {"groups": ["other"], "spawner_override": {"allow_user_choice": False}}}, ["D"]),
    ],
)
def test_the_form_is_of_the_users_groups(overrides: Any, shown: list[str]) -> None:
    """What `group_overrides` will make of the settings, when the Hub applies them, is offered."""
    one = grouped(overrides)
    before = copy.deepcopy(one.go_environments)
    form = parsed(one).options
    texts = [text for _, text, _ in form]
    assert bool(texts) == bool(shown)
    assert all(any(text.startswith(piece) for text in texts) for piece in shown)
    assert (one.go_environments, one.go_default, one.allow_user_choice) == (before, "", True)
    asyncio.run(one.apply_group_overrides())
    assert parsed(one).options == form
    if form:
        one.user_options = {"go_environment": ""}
        named = form[0][1].removeprefix("Default: ")
        ids = {text: value for value, text, _ in form if value}
        assert one.get_env()["GOKERNEL_HUB_ENVIRONMENT"] == ids[named]


async def _later(spawner: Any) -> dict[str, Any]:
    return override(allow_user_choice=False)


def _failing(spawner: Any) -> dict[str, Any]:
    raise LookupError("the directory is away")


@pytest.mark.parametrize("overrides", [_later, _failing, {"b": {"groups": ["new"]}}, {"b": 3}])
def test_overrides_that_cannot_be_known_change_no_form(overrides: Any) -> None:
    """The Hub waits for an async function, and says what fails, when the server starts."""
    assert [value for value, _, _ in choices(grouped(overrides))] == ["", "go-1.26", "go-1.27"]


def test_a_default_is_missing_in_a_map_of_ones_own(caplog: pytest.LogCaptureFixture) -> None:
    """Their first stands in, and the log says so once; in a map for all it is a mistake."""
    default = "only-for-some"
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            one = spawner(
                GoSimpleSpawner, go_environments=lambda spawner: ENVIRONMENTS, go_default=default
            )
            assert one.get_env()["GOKERNEL_HUB_ENVIRONMENT"] == "go-1.26"
            assert choices(one)[0][1] == "Default: Go (conda env: go-1.26)"
    assert caplog.text.count(default) == 1
    with pytest.raises(HTTPError):
        start(spawner(GoSimpleSpawner, go_environments=ENVIRONMENTS, go_default=default))


def test_names_that_would_look_alike_have_their_ids() -> None:
    """Two prefixes may end in the same folder's name; one that can't be shown is shown so far."""
    one = spawner(
        GoSimpleSpawner,
        go_environments={
            "stable": {"prefix": "/opt/stable/go"},
            "beta": {"prefix": "/opt/beta/go"},
            "odd": {"prefix": "/opt/a\x1b[31m\u202eb"},
            "root": {"prefix": "/"},
        },
    )
    assert [text for _, text, _ in choices(one)] == [
        "Default: Go (conda env: go) [stable]",
        "Go (conda env: go) [stable]",
        "Go (conda env: go) [beta]",
        "Go (conda env: a\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}b)",
        "Go (conda env: root)",
    ]


def test_spawners_share_what_is_made_of_equal_maps() -> None:
    """A thousand environments for a thousand users are parsed once, and a change counts."""
    maps = offers.Maps()
    known = [maps.parsed(copy.deepcopy(ENVIRONMENTS), prefix_needed=True) for _ in range(3)]
    assert len({id(one.offers) for one in known}) == 1
    changed = copy.deepcopy(ENVIRONMENTS)
    changed["staff"]["allowed_groups"] = []
    assert maps.parsed(changed, prefix_needed=True) is not known[0]
    changed["staff"].pop("allowed_groups")
    assert maps.parsed(changed, prefix_needed=True).offers["staff"].groups is None
    assert maps.parsed(MappingProxyType(ENVIRONMENTS), prefix_needed=True) is known[0]
    turned = dict(reversed(ENVIRONMENTS.items()))
    assert [*maps.parsed(turned, prefix_needed=True).offers] == [*turned]
