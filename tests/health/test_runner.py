"""The runner: no check takes another down, and each finding says what it is about."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from go_kernel.findings import Finding, GoKernelError, Remedy, Status, worst
from go_kernel.health import catalogue
from go_kernel.health.catalogue import UnknownCheck, chosen
from go_kernel.health.check import About, Answer, Check, Kind, error, info, ok, skipped, warn
from go_kernel.health.context import Context
from go_kernel.health.runner import run, run_one
from tests.health.conftest import World


def check(
    name: str, look: Callable[[Context], Answer], *, needs: tuple[str, ...] = (), **more: float
) -> Check:
    """A check of an environment."""
    return Check(name, f"Is {name} well", look, "", "", needs=needs, **more)  # type: ignore[arg-type]


class Trouble(GoKernelError):
    """An error as the core raises it."""

    id = "some.trouble"


def raises(problem: BaseException) -> Callable[[Context], Answer]:
    """A check that raises."""

    def look(context: Context) -> Answer:
        raise problem

    return look


@pytest.fixture
def demo(world: World) -> Context:
    """A made-up environment."""
    return world.context(world.prefix())


def test_a_finding_is_signed(demo: Context) -> None:
    """With the check's id, the environment, how long it took, and when."""
    [found] = run_one(check("a.b", lambda context: ok("Fine.")), demo)

    assert (found.id, found.status, found.summary) == ("a.b", Status.OK, "Fine.")
    assert found.environment == str(demo.target.prefix)
    assert found.duration_ms > 0
    assert found.checked_at > 1e9


@pytest.mark.parametrize("problem", [ZeroDivisionError("by 0"), KeyError("x"), SystemExit(3)])
def test_a_check_that_crashes_is_unknown_and_hides_nothing(
    problem: BaseException, demo: Context
) -> None:
    """Its sentence names the check and what it ran into."""
    checks = [check("a.bad", raises(problem)), check("a.good", lambda context: ok("Fine."))]

    bad, good = run(checks, [demo])

    assert bad.status is Status.UNKNOWN
    assert bad.summary.startswith("Is a.bad well: the check failed (")
    assert type(problem).__name__ in bad.summary
    assert good.status is Status.OK


def test_a_check_that_crashes_half_way_is_unknown(demo: Context) -> None:
    """A generator that breaks off gives one answer, not a part of several."""

    def look(context: Context) -> Iterator[Finding]:
        yield ok("The first is fine.")
        raise OSError("gone")

    assert [one.status for one in run_one(check("a.b", look), demo)] == [Status.UNKNOWN]


def test_a_check_that_hangs_is_unknown_and_the_next_one_runs(demo: Context) -> None:
    """It is left behind in its thread."""
    go_on = threading.Event()

    def hang(context: Context) -> Answer:
        go_on.wait(30)
        return ok("Too late.")

    hanging = check("a.slow", hang, seconds=0.05)
    try:
        slow, good = run([hanging, check("a.good", lambda context: ok("Fine."))], [demo])
    finally:
        go_on.set()

    assert (slow.status, slow.summary) == (
        Status.UNKNOWN,
        "Is a.slow well: no answer within 0.05 s.",
    )
    assert slow.duration_ms >= 50
    assert good.status is Status.OK


def test_what_needs_a_check_that_hangs_is_skipped(demo: Context) -> None:
    """Where a place doesn't answer, twenty checks would each wait for it."""
    go_on = threading.Event()

    def hang(context: Context) -> Answer:
        go_on.wait(30)
        return ok("Too late.")

    never = raises(AssertionError("must not run"))
    try:
        found = run([check("a", hang, seconds=0.05), check("b", never, needs=("a",))], [demo])
    finally:
        go_on.set()

    assert [one.status.value for one in found] == ["unknown", "skipped"]


def test_a_place_that_gives_no_answers_is_let_be(demo: Context) -> None:
    """Twenty checks, each with its seconds, would take minutes."""
    go_on = threading.Event()

    def hang(context: Context) -> Answer:
        go_on.wait(30)
        return ok("Too late.")

    try:
        found = run([check(name, hang, seconds=0.05) for name in "abcde"], [demo])
    finally:
        go_on.set()

    assert [one.status.value for one in found] == ["unknown"] * 3 + ["skipped"] * 2
    assert "gave no answer" in found[-1].summary


def test_what_is_said_holds_no_password_and_no_megabytes(demo: Context) -> None:
    """Files hold what they like, and findings tell what was in them."""
    url = "https://ada:hunter2@host.invalid/go"
    remedy = Remedy(f"Take {url} out.", (f"unset {url}",))

    def said(summary: str, evidence: str) -> Finding:
        looked = check("a", lambda context: error(summary, remedy, evidence=evidence))
        return run_one(looked, demo)[0]

    found = said(f"It is {url}.", url)
    long = said("x" * 10**6, "y " * 10**6)
    cut = said(f"{'x' * 1970} https://ada:hunter2{'z' * 99}@host.invalid", "")

    assert "hunter2" not in str(found.to_dict())
    assert found.summary == "It is https://***@host.invalid/go."
    assert len(str(long.to_dict())) < 25_000
    assert "hunter2" not in cut.summary


def test_an_error_of_the_core_is_a_finding_of_that_check(demo: Context) -> None:
    """Sentence, remedy and evidence stay; the id is the check's."""
    problem = Trouble("It is broken.", "Mend it.", evidence="seen")

    [found] = run_one(check("a.b", raises(problem)), demo)

    assert (found.id, found.status, found.summary) == ("a.b", Status.ERROR, "It is broken.")
    assert found.remedy is not None
    assert (found.remedy.text, found.evidence) == ("Mend it.", "seen")


def test_what_needs_a_failed_check_is_skipped_and_so_is_what_needs_that(demo: Context) -> None:
    """A warning is no failure."""
    never = raises(AssertionError("must not run"))
    checks = [
        check("a", lambda context: error("Broken.")),
        check("b", never, needs=("a",)),
        check("c", never, needs=("b",)),
        check("d", lambda context: warn("Hm.")),
        check("e", lambda context: ok("Fine."), needs=("d",)),
    ]

    found = {one.id: one for one in run(checks, [demo])}

    assert [one.status.value for one in found.values()] == "error skipped skipped warn ok".split()
    assert found["b"].summary == "Not looked at, because a failed or gave no answer."
    assert found["b"].environment == str(demo.target.prefix)


def test_one_error_among_several_answers_is_a_failure(demo: Context) -> None:
    """Whatever comes after it."""
    checks = [
        check("a", lambda context: [error("Broken."), ok("Fine.")]),
        check("b", lambda context: ok("Fine."), needs=("a",)),
    ]

    assert [one.status.value for one in run(checks, [demo])] == ["error", "ok", "skipped"]


def test_subjects_keep_their_order_and_checks_theirs(world: World) -> None:
    """However long each takes: here the second subject has to be through first."""
    one, two = (world.context(world.prefix(name)) for name in ("one", "two"))
    second_is_through = threading.Event()

    def look(context: Context) -> Answer:
        if context is one:
            assert second_is_through.wait(30)
        return ok(context.target.name)

    told: list[Finding] = []

    def tell(finding: Finding) -> None:
        told.append(finding)
        if finding.id == "b" and finding.environment == str(two.target.prefix):
            second_is_through.set()

    last = check("b", lambda context: ok("last"))
    found = run([check("a", look), last], [one, two], found=tell)

    expected = [("a", "one"), ("b", "last"), ("a", "two"), ("b", "last")]
    assert [(finding.id, finding.summary) for finding in found] == expected
    assert [finding.environment for finding in told[:2]] == [str(two.target.prefix)] * 2
    assert {id(finding) for finding in told} == {id(finding) for finding in found}


def test_a_check_is_about_environments_or_about_the_machine(world: World, demo: Context) -> None:
    """Neither is run for the other."""
    of_machine = Check("m", "", lambda context: ok("m"), "", "", about=About.MACHINE, needs=())
    found = run([check("e", lambda context: ok("e")), of_machine], [world.context(), demo])

    assert [(one.id, one.environment) for one in found] == [
        ("m", ""),
        ("e", str(demo.target.prefix)),
    ]


def test_no_subjects_no_findings() -> None:
    """And no error."""
    assert run([check("a", lambda context: ok("Fine."))], []) == []


def test_no_answer_is_no_finding(demo: Context) -> None:
    """A check of several kernels has nothing to say where there is none."""
    assert run_one(check("a", lambda context: []), demo) == []


def test_the_worst() -> None:
    """`unknown` is worse than a hint and better than a warning; nothing is unknown."""
    answers = [skipped("s"), ok("o"), info("i"), warn("w"), error("e")]
    for at, answer in enumerate(answers):
        assert worst(answers[: at + 1]) is answer.status
    assert worst([]) is Status.UNKNOWN


def test_without_ids_all_static_checks_are_chosen() -> None:
    """Deep adds the live ones."""
    assert all(one.kind is Kind.STATIC for one in chosen())
    assert len(chosen()) == len(catalogue.STATIC)
    assert chosen(deep=True) == list(catalogue.CHECKS)


def test_a_check_is_chosen_with_those_it_needs() -> None:
    """In the catalogue's order; without them it could run where it can't work."""
    for one in catalogue.CHECKS:
        ids = [found.id for found in chosen([one.id])]
        assert ids[-1] == one.id
        assert set(one.needs) <= set(ids)
        assert ids == [found.id for found in catalogue.CHECKS if found.id in ids]


def test_an_unknown_check_is_an_error_that_names_a_close_one(tmp_path: Path) -> None:
    """Whatever was said."""
    with pytest.raises(UnknownCheck) as caught:
        chosen(["no such check"])
    assert caught.value.summary == "There is no check called 'no such check'."
