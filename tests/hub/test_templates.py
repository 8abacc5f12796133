"""The administrator's templates: hostile names lead nowhere, and no two of them to one place."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from go_kernel.hub.errors import BadSetting
from go_kernel.hub.templates import check, escaped, fields, filled

names = st.text(min_size=1, max_size=60)
hostile = st.sampled_from(
    [
        "..",
        ".",
        "a\nb",
        "a\0b",
        "a:b",
        "a/b",
        "-",
        "--",
        "-2d",
        "A",
        "a",
        "a-",
        "ä",
        "/",
        " ",
        "{x}",
    ]
)


@given(names | hostile, names | hostile)
def test_different_names_give_different_folders(one: str, other: str) -> None:
    """Escaped, a name is small letters, digits and dashes, and nobody else's."""
    assert re.fullmatch(r"[a-z0-9-]+", escaped(one))
    assert (escaped(one) == escaped(other)) == (one == other)


@given(names | hostile, names | hostile, names | hostile, names | hostile)
def test_users_and_servers_stay_apart(one: str, first: str, other: str, second: str) -> None:
    """A user's name and a server's side by side never make another pair."""
    template = "/scratch/{username}/{servername}/go"
    # A server may call itself what the one without a name is called: it is the same user's.
    same = one == other and first == second
    got = filled("gopath", template, fields(one, first, "e"))
    assert (got == filled("gopath", template, fields(other, second, "e"))) == same
    assert re.fullmatch(r"/scratch/[a-z0-9-]+/[a-z0-9-]+/go", got)


@given(names | hostile)
def test_a_name_as_it_is_stays_one_folder(name: str) -> None:
    """It is one component of an absolute path, or it is refused."""
    try:
        got = filled("gopath", "/scratch/{unescaped_username}/go", fields(name, "", "e"))
    except BadSetting:
        return
    assert got.split("/") == ["", "scratch", name, "go"]
    assert name not in (".", "..")
    assert got.isprintable()
    assert ":" not in got


@pytest.mark.parametrize("name", ["..", ".", "a/b", "a\nb", "a\rb", "a\0b", "a:b", "x" * 256])
def test_hostile_names_are_refused(name: str) -> None:
    """Each that would lead elsewhere, or nowhere, is named in one sentence."""
    with pytest.raises(BadSetting, match=r"c\.GoSpawnerMixin\.gocache can't be used"):
        filled("gocache", "/scratch/{unescaped_username}", fields(name, "", "e"))


def test_as_escapism_does_it() -> None:
    """Other spawners name their volumes so."""
    assert escaped("Ada.L-1") == "-41da-2e-4c-2d1"
    assert escaped("ä") == "-c3-a4"
    assert escaped("\n") == "-0a"


def test_the_server_without_a_name_is_called_default() -> None:
    """So named servers lie beside it."""
    template = "/s/{username}/{servername}/{unescaped_servername}/{environment}"
    assert filled("gopath", template, fields("ada", "", "go-1.26")) == (
        "/s/ada/default/default/go-1.26"
    )
    assert filled("gopath", template, fields("ada", "B", "x")) == "/s/ada/-42/B/x"


@pytest.mark.parametrize(
    "template",
    [
        "relative/{username}",
        "~/{username}",
        "/a/{user}",
        "/a/{username!r}",
        "/a/{username.name}",
        "/a/{0}",
        "/a/{}",
        "/a/{username",
        "/a/username}",
        "/a/{{username}}",
        "/a/../{username}",
        "/a/./{username}",
        "/a\n/{username}",
        "/a\0/{username}",
        "/a:b/{username}",
        "$HOME/{username}",
    ],
)
def test_templates_that_could_not_work_are_refused(template: str) -> None:
    """Before anybody starts a server."""
    with pytest.raises(BadSetting):
        check("gopath", template, shared=False)


@pytest.mark.parametrize("template", ["/scratch/go", "/scratch/{environment}", "/s/{servername}"])
def test_a_place_of_all_users_is_refused_where_they_share_files(template: str) -> None:
    """Who could write it could change what others run; in a container it is one's own."""
    with pytest.raises(BadSetting, match="all users would share it"):
        check("gomodcache", template, shared=True)
    check("gomodcache", template, shared=False)


@pytest.mark.parametrize(
    "template", ["/s/{username}{servername}", "/s/{username}-{servername}/c", "/s/u{username}"]
)
def test_a_name_beside_another_is_refused_where_users_share_files(template: str) -> None:
    """`a` with the server `bc` is `ab` with the server `c`: only a whole folder is one's own."""
    with pytest.raises(BadSetting, match="no folder's whole name"):
        check("gocache", template, shared=True)
    check("gocache", template, shared=False)
    check("gocache", f"{template}/{{unescaped_username}}/x", shared=True)
