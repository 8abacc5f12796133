"""One version in two spellings: there and back again, or refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rattler import Version

from go_kernel.project.lock import versions
from go_kernel.project.lock.versions import Inexpressible

_NUMBERS = st.integers(0, 10**6)
_TIMES = st.integers(10**13, 10**14 - 1).map(str)
_REVISIONS = st.text("0123456789abcdef", min_size=12, max_size=12)
_PRES = st.from_regex(r"(alpha|beta|rc|dev|x[a-z0-9]{0,4})(\.?[1-9][0-9]{0,3})?", fullmatch=True)
_HOSTS = st.sampled_from(["example.com/x", "example.com/v9/x", "example.com/xv2"])


@st.composite
def modules(draw: st.DrawFn) -> tuple[str, str]:
    """A module's path and a version that it may have."""
    major, minor, patch = draw(st.tuples(st.integers(0, 12), _NUMBERS, _NUMBERS))
    path, end = draw(_HOSTS), ""
    shape = draw(st.sampled_from(["suffix", "gopkg", "none"]))
    if shape == "gopkg":
        path = f"gopkg.in/x.v{major}{draw(st.sampled_from(['', '-unstable']))}"
    elif major > 1 and shape == "suffix":
        path += f"/v{major}"
    elif major > 1:
        end = "+incompatible"
    release = f"v{major}.{minor}.{patch}"
    pre, time, revision = draw(st.tuples(_PRES, _TIMES, _REVISIONS))
    said = {
        "release": release,
        "pre": f"{release}-{pre}",
        "first": f"v{major}.0.0-{time}-{revision}",
        "next": f"v{major}.{minor}.{patch + 1}-0.{time}-{revision}",
        "after pre": f"{release}-{pre}.0.{time}-{revision}",
    }
    return path, said[draw(st.sampled_from(sorted(said)))] + end


@given(modules())
def test_from_go_to_conda_and_back(case: tuple[str, str]) -> None:
    """What Go calls a version has one name in conda, which conda itself reads, and a way back."""
    module, version = case
    theirs = versions.to_conda(version)
    assert versions.to_go(theirs, module) == version
    assert versions.to_go(f"{theirs}=h1234_5", module) == version
    Version(theirs)


@given(
    st.from_regex(
        r"[0-9]{1,3}(\.[0-9]{1,3}){0,3}((a|rc|dev|post|\.dev)[0-9]{1,2})?", fullmatch=True
    )
)
def test_from_conda_to_go_and_back(version: str) -> None:
    """The way back leads to what conda takes for the same version; or there is none."""
    try:
        ours = versions.to_go(version, "example.com/x")
    except Inexpressible:
        return
    assert Version(versions.to_conda(ours)) == Version(version)


@given(st.one_of(st.text(max_size=30), st.from_regex(r"v?[0-9a-zA-Z.+!_-]{0,30}", fullmatch=True)))
def test_anything_is_told_apart_or_refused(said: str) -> None:
    """No text breaks it, and none is taken in passing."""
    for ask in (versions.to_conda, lambda one: versions.to_go(one, "example.com/x")):
        try:
            ask(said)
        except Inexpressible as error:
            assert "\n" not in str(error)  # noqa: PT017 - most are refused


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("v1.2.3", "1.2.3"),
        ("v2.0.0+incompatible", "2.0.0"),
        ("v1.2.3-rc.1", "1.2.3rc.1"),
        ("v0.0.0-20240102030405-abcdef123456", "0.0.0dev20240102030405+abcdef123456"),
        ("v1.2.4-0.20240102030405-abcdef123456", "1.2.4dev20240102030405+abcdef123456"),
        (
            "v1.2.3-rc.1.0.20240102030405-abcdef123456",
            "1.2.3rc.1.post20240102030405+abcdef123456",
        ),
    ],
)
def test_the_spellings(ours: str, theirs: str) -> None:
    """Those of the table in the docs."""
    assert versions.to_conda(ours) == theirs
    assert versions.to_go(theirs, "example.com/x") == ours


def test_conda_sorts_them_as_go_does() -> None:
    """A solver that takes the newest takes what Go takes for newer."""
    ours = """
        v0.0.0-20240102030405-abcdef123456 v1.2.3 v1.2.4-0.20240102030405-abcdef123456
        v1.2.4-beta1 v1.2.4-rc.1 v1.2.4-rc.1.0.20240102030405-abcdef123456 v1.2.4-rc.2 v1.2.4
    """.split()
    theirs = [Version(versions.to_conda(one)) for one in ours]
    assert theirs == sorted(theirs)


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("1.2.3", "it is no version of a module"),
        ("v1.2", "it is no version of a module"),
        ("v1.2.3+meta", "it is no version of a module"),
        ("v1.2.3-RC1", "the pre-release RC1 has capitals or dashes, or begins with a digit"),
        ("v1.2.3-rc-1", "the pre-release rc-1 has capitals or dashes, or begins with a digit"),
        ("v1.2.3-0.3.7", "the pre-release 0.3.7 has capitals or dashes, or begins with a digit"),
        ("v1.2.3-post1", "to conda, post comes after the release"),
        ("v1.0.0-0.20240102030405-abcdef123456", "it is no pseudo-version as Go makes them"),
        ("v1.2.3-20240102030405-abcdef123456", "it is no pseudo-version as Go makes them"),
    ],
)
def test_what_conda_has_no_word_for(version: str, reason: str) -> None:
    """It is said which, and why."""
    with pytest.raises(Inexpressible) as caught:
        versions.to_conda(version)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("version", "module", "reason"),
    [
        ("1.2.3.4", "a.invalid/x", "it isn't three numbers, perhaps with a pre-release"),
        ("1!1.2.3", "a.invalid/x", "it isn't three numbers, perhaps with a pre-release"),
        ("2024.01.02", "a.invalid/x", "it isn't three numbers, perhaps with a pre-release"),
        ("1.2.3+cu12", "a.invalid/x", "it isn't three numbers, perhaps with a pre-release"),
        ("1.2rc1", "a.invalid/x", "a pre-release follows three numbers"),
        ("1.2.3post1", "a.invalid/x", "to conda, post comes after the release"),
        ("3.0.0", "a.invalid/x/v2", "a.invalid/x/v2 has major version 2 only"),
        ("1.0.0", "gopkg.in/yaml.v2", "gopkg.in/yaml.v2 has major version 2 only"),
    ],
)
def test_what_go_has_no_word_for(version: str, module: str, reason: str) -> None:
    """It is said which, and why."""
    with pytest.raises(Inexpressible) as caught:
        versions.to_go(version, module)
    assert caught.value.reason == reason
