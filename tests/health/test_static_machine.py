"""Checks of the machine, and that no check goes without its tests."""

from __future__ import annotations

import os

import pytest

from go_kernel.cli.doctor.checklist import every
from go_kernel.findings import Status
from go_kernel.health import catalogue
from go_kernel.health.check import About, Kind
from go_kernel.health.context import Context
from go_kernel.health.fixes import registry
from tests import prefixes, unprivileged
from tests.health import (
    test_static_engines,
    test_static_hub,
    test_static_kernelspecs,
    test_static_offline,
    test_static_places,
    test_static_toolchain,
    test_static_variables,
)
from tests.health.cases import Case, judge
from tests.health.conftest import World
from tests.health.test_static_places import mounted


def well(world: World) -> Context:
    """A new account."""
    return world.context()


def with_engines(world: World) -> Context:
    """One that has built."""
    prefix = world.prefix()
    world.install(prefix)
    world.build(prefix)
    return world.context()


def cache_is_a_file(world: World) -> Context:
    """Nothing can be made in it."""
    (world.folder / "home/.cache").touch()
    return world.context()


def store_is_a_file(world: World) -> Context:
    """Nothing can be kept in it."""
    (world.folder / "store").touch()
    return world.context()


def store_of_everybody(world: World) -> Context:
    """Anybody may put an engine there."""
    context = with_engines(world)
    (world.folder / "store").chmod(0o777)
    return context


def build_of_everybody(world: World) -> Context:
    """Anybody may change this one."""
    context = with_engines(world)
    for program in (world.folder / "store").glob("*/bin/*"):
        program.chmod(0o777)
    return context


def site_store_of_everybody(world: World) -> Context:
    """An administrator's mistake."""
    prefixes.prefix(world.folder / "site").chmod(0o777)
    world.env["GOKERNEL_SITE_STORES"] = str(world.folder / "site")
    return world.context()


def without_home(world: World) -> Context:
    """As in some containers and services."""
    del world.env["HOME"]
    return world.context()


def without_home_and_store(world: World) -> Context:
    """Nobody said where engines shall be, either."""
    del world.env["GOKERNEL_STORE"]
    return without_home(world)


def relative_home(world: World) -> Context:
    """Another folder for each notebook."""
    world.env["HOME"] = "home"
    return world.context()


def home_gone(world: World) -> Context:
    """A user that nobody made a home for."""
    world.env["HOME"] = f"{world.folder}/gone"
    return world.context()


WELL = [
    Case("scratch.executable", well),
    Case("store.private", well, words="Engines in "),
    Case("store.private", with_engines),
    Case("scratch.executable", without_home, Status.SKIPPED, "home.present says"),
    Case("store.private", without_home_and_store, Status.SKIPPED, "home.present says"),
    Case("home.present", well, words="Your home is "),
]
BROKEN = [
    Case("scratch.executable", cache_is_a_file, Status.ERROR, "can't be made"),
    Case("store.private", store_is_a_file, Status.ERROR, "can't be written"),
    Case("store.private", store_of_everybody, Status.ERROR, "store is writable by everybody"),
    Case("store.private", build_of_everybody, Status.ERROR, "bin/gophernotes is writable by"),
    Case("store.private", site_store_of_everybody, Status.ERROR, "site is writable by everybody"),
    Case("home.present", without_home, Status.ERROR, "HOME is not set"),
    Case("home.present", relative_home, Status.ERROR, "no absolute path"),
    Case("home.present", home_gone, Status.ERROR, "does not exist"),
]


@pytest.mark.parametrize("case", [*WELL, *BROKEN], ids=str)
def test_the_answer(case: Case, world: World) -> None:
    """What people are told, and the fix that is offered."""
    judge(case, world)


@pytest.mark.parametrize(
    ("check", "variable"),
    [("scratch.executable", "XDG_CACHE_HOME"), ("store.private", "GOKERNEL_STORE")],
)
def test_a_file_system_from_which_nothing_may_run(check: str, variable: str, world: World) -> None:
    """A real one, mounted noexec; also before the folder in it is there."""
    with mounted(world.folder / "disk", "noexec,size=1m") as disk:
        world.env[variable] = f"{disk}/deep/below"
        case = Case(check, lambda world: world.context(), Status.ERROR, "(noexec)")
        judge(case, world)
        with pytest.raises(PermissionError):
            os.execv(prefixes.program(disk / "true", "#!/bin/true\n"), ["true"])


def test_folders_that_this_user_may_not_write() -> None:
    """Each is named with what to do; root may write everywhere."""
    code = """
from pathlib import Path
from go_kernel.health import catalogue, subject
from go_kernel.health.context import Context, Surroundings
from go_kernel.health.runner import run_one
drop()
context = Context(subject.machine([]), Surroundings({"HOME": sys.argv[1] + "/home"}))
checks = [one for one in catalogue.STATIC if one.id in sys.argv[2:]]
print(json.dumps([one.to_dict() for check in checks for one in run_one(check, context)]))
"""
    ids = ("scratch.executable", "store.private", "home.present")
    with unprivileged.open_folder() as folder:
        (folder / "home").mkdir(mode=0o755)
        scratch, store, home = unprivileged.run(code, folder, *ids)
    assert [one["id"] for one in (scratch, store, home)] == [*ids]
    assert [one["status"] for one in (scratch, store, home)] == ["error", "error", "warn"]
    assert all("can't be" in one["summary"] for one in (scratch, store, home))
    assert "XDG_CACHE_HOME" in scratch["remedy"]["text"]


# The catalogue.

_TOPICS = (
    test_static_toolchain,
    test_static_variables,
    test_static_places,
    test_static_engines,
    test_static_kernelspecs,
    test_static_hub,
    test_static_offline,
)
# Those that want a file system of their own, or hooks that the command line installed.
_ELSEWHERE = {"places.space", "hooks.current"}


def test_every_check_has_one_that_fails_it_and_one_that_passes() -> None:
    """Whoever adds a check adds both."""
    ids = {check.id for check in catalogue.STATIC}
    broken = {case.check for topic in _TOPICS for case in topic.BROKEN}
    well = {case.check for topic in _TOPICS for case in topic.WELL if case.status is Status.OK}
    assert broken | {case.check for case in BROKEN} | _ELSEWHERE == ids
    assert well | {case.check for case in WELL} | _ELSEWHERE == ids


def test_the_catalogue_can_be_shown() -> None:
    """Titles, what breaks and what mends it, in short sentences; what is needed comes before."""
    seen: set[str] = set()
    fixes = {fix.id for fix in registry.FIXES}
    for check in catalogue.CHECKS:
        assert check.id not in seen
        assert set(check.needs) <= seen
        assert set(check.fixes) <= fixes
        seen.add(check.id)
        assert 10 < len(check.title) < 70
        assert not check.title.endswith((".", "?"))
        for text in (check.broken_by, check.mended_by):
            assert text.endswith(".")
            assert 10 < len(text) < 110
        if check.about is About.MACHINE:
            assert check.needs == ()
    assert all(check.kind is Kind.STATIC for check in catalogue.STATIC)


def test_a_fix_that_repairs_a_check_is_named_by_one() -> None:
    """No fix is there that no check offers."""
    offered = {fix for check in every() for fix in check.fixes}
    assert {fix.id for fix in registry.FIXES} == offered
