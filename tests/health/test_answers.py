"""What checks last answered is remembered, and never gets in anybody's way."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from go_kernel.cache import Cache
from go_kernel.findings import Finding, Fix, Remedy, Status, from_dict
from go_kernel.health.answers import Answers

PLACE = "/envs/demo"


def _finding(status: Status, summary: str = "It is so.", **more: object) -> Finding:
    made = Finding("engine.built", status, summary, environment=PLACE, checked_at=1_000_000.5)
    return replace(made, **more)  # type: ignore[arg-type]


@pytest.fixture
def answers(tmp_path: Path) -> Answers:
    """The answers of an empty cache."""
    return Answers(Cache(tmp_path / "cache"), {})


def test_unknown_shows_what_was_found_last(answers: Answers) -> None:
    """The last good answer and its time come with what can't be found out now."""
    answers.keep([_finding(Status.WARN, "It was slow.")])
    now = _finding(Status.UNKNOWN, "No answer.", checked_at=2_000_000.0)
    answers.keep([now])
    found = answers.with_last(now)
    assert found.to_dict()["last"] == {
        "status": "warn",
        "summary": "It was slow.",
        "checked_at": "1970-01-12T13:46:40.500+00:00",
    }
    assert from_dict(found.to_dict()) == found
    # Unknown for a second time: the good one is still the last good one.
    answers.keep([now])
    assert answers.report([PLACE]).findings == (found,)


@pytest.mark.parametrize("status", [Status.OK, Status.SKIPPED, Status.ERROR])
def test_what_is_known_needs_no_past(answers: Answers, status: Status) -> None:
    """Only what is unknown gets the last answer."""
    answers.keep([_finding(Status.WARN)])
    assert answers.with_last(_finding(status)).last is None
    assert _finding(status).to_dict()["last"] is None


@pytest.mark.parametrize(
    ("name", "value", "same"),
    [
        ("GOPROXY", "https://other.invalid", False),
        ("https_proxy", "http://other.invalid", False),
        ("TMPDIR", "/other", False),
        ("HOME", "/other", False),
        ("PATH", "/other/bin", True),
        ("JUPYTER_TOKEN", "other", True),
    ],
)
def test_answers_are_for_their_surroundings(
    tmp_path: Path, name: str, value: str, same: bool
) -> None:
    """What was found with another proxy or folder isn't true here, and isn't lost there."""
    cache, env = Cache(tmp_path / "cache"), {"HOME": "/home/ada", "PATH": "/bin"}
    Answers(cache, env).keep([_finding(Status.ERROR)])
    other = Answers(cache, {**env, name: value})
    assert bool(other.report([PLACE]).findings) is same
    other.keep([_finding(Status.OK)])
    (mine,) = Answers(cache, env).report([PLACE]).findings
    assert mine.status is (Status.OK if same else Status.ERROR)


def test_skipped_is_no_answer(answers: Answers) -> None:
    """What was skipped doesn't displace what was found before."""
    answers.keep([_finding(Status.ERROR, "Broken.")])
    answers.keep([_finding(Status.SKIPPED)])
    last = answers.with_last(_finding(Status.UNKNOWN)).last
    assert last is not None
    assert last.summary == "Broken."


def test_of_several_kernels_the_same_or_the_worst(answers: Answers) -> None:
    """An unknown about one kernel shows that kernel's, one about all the worst."""
    answers.keep([_finding(Status.OK, kernel="a"), _finding(Status.ERROR, "Bad.", kernel="b")])
    one, every = (answers.with_last(_finding(Status.UNKNOWN, kernel=k)).last for k in ("a", ""))
    assert one is not None
    assert every is not None
    assert (one.kernel, every.kernel) == ("a", "b")


def test_the_whole_report_comes_back(tmp_path: Path, answers: Answers) -> None:
    """Another process sees all that was kept, remedies and fixes included, by place."""
    rich = _finding(
        Status.ERROR,
        remedy=Remedy("Build it", ("jupyter gokernel engine build",)),
        fix=Fix("engine.rebuild", preview="Build it."),
        kernel="go-demo",
    )
    machine = replace(_finding(Status.OK), environment="", id="home.present")
    answers.keep([rich, machine])
    other = Answers(Cache(tmp_path / "cache"), {})
    assert other.report(["", PLACE, "/nowhere"]).findings == (machine, rich)
    assert other.report([]).findings == ()


def test_a_kernel_that_went_is_forgotten(answers: Answers) -> None:
    """What a check said about all its kernels is replaced as a whole."""
    answers.keep([_finding(Status.OK, kernel="a"), _finding(Status.OK, kernel="b")])
    answers.keep([_finding(Status.OK, kernel="a")])
    assert [one.kernel for one in answers.report([PLACE]).findings] == ["a"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 100_000,
        b'{"engine.built": 1}',
        b'{"engine.built": {"now": [{"id": "engine.built"}], "good": 7}}',
        b'{"engine.built": {"good": [{"id": "engine.built", "status": "ok", "summary": 5,'
        b' "evidence": "", "remedy": null, "environment": "/envs/demo"}]}}',
        b'{"engine.built": {"good": [{"id": "other", "status": "ok", "summary": "",'
        b' "evidence": "", "remedy": null, "environment": "/envs/demo"}]}}',
    ],
)
def test_nonsense_is_passed_over(tmp_path: Path, answers: Answers, content: bytes) -> None:
    """An entry that isn't ours, or is half of one, counts as none and is written over."""
    answers.keep([_finding(Status.OK)])
    [entry] = [path for path in (tmp_path / "cache" / "health").iterdir() if path.name[0] != "."]
    entry.write_bytes(content)
    assert answers.with_last(_finding(Status.UNKNOWN)).last is None
    assert answers.report([PLACE]).findings == ()
    answers.keep([_finding(Status.INFO)])
    assert [one.status for one in answers.report([PLACE]).findings] == [Status.INFO]


def test_a_name_that_is_no_utf8(answers: Answers) -> None:
    """A prefix may be any bytes."""
    odd = replace(_finding(Status.OK), environment="/envs/\udcff")
    answers.keep([odd])
    assert answers.report(["/envs/\udcff"]).findings == (odd,)


def test_nowhere_to_keep_it() -> None:
    """Without a usable folder nothing is remembered, and nothing fails."""
    answers = Answers(Cache(Path("/proc/nowhere")), {})
    answers.keep([_finding(Status.OK)])
    assert answers.report([PLACE]).findings == ()


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    """A server and a terminal that write about one place at the same time both are kept."""
    gate = threading.Barrier(8)

    def keep(number: int) -> None:
        gate.wait()
        one = Answers(Cache(tmp_path / "cache"), {})
        one.keep([replace(_finding(Status.OK), id=f"check.{number}")])

    threads = [threading.Thread(target=keep, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = Answers(Cache(tmp_path / "cache"), {}).report([PLACE]).findings
    assert {one.id for one in found} == {f"check.{number}" for number in range(8)}
