"""What may hang is looked at in threads: bounded, each asked in its own time."""

from __future__ import annotations

import asyncio
import threading

import pytest

from go_kernel.hub.errors import NoThread
from go_kernel.hub.looks import Looks


def test_one_that_hangs_stands_in_nobodys_way() -> None:
    """A hundred wait for it in one thread, and another one is answered meanwhile."""
    go_on, began = threading.Event(), threading.Semaphore(0)

    def hang() -> str:
        began.release()
        go_on.wait(60)
        return "at last"

    async def run() -> None:
        looks = Looks()
        before = threading.active_count()
        waiting = [asyncio.ensure_future(looks.look("hung", hang, 60)) for _ in range(100)]
        given_up = [looks.look("hung", hang, 0.01) for _ in range(100)]
        answers = await asyncio.gather(*given_up, return_exceptions=True)
        assert {type(answer) for answer in answers} == {TimeoutError}
        assert threading.active_count() == before + 1
        assert await looks.look("other", lambda: "at once", 60) == "at once"
        go_on.set()
        assert await asyncio.gather(*waiting) == ["at last"] * 100

    asyncio.run(run())
    assert began.acquire(blocking=False)
    assert not began.acquire(blocking=False)


def test_each_look_is_a_new_one() -> None:
    """Only what runs at the same time is shared, failures too."""
    seen: list[int] = []

    def fail() -> None:
        seen.append(1)
        raise LookupError("no")

    async def run() -> None:
        looks = Looks()
        for _ in range(2):
            with pytest.raises(LookupError):
                await looks.look("key", fail, 60)

    asyncio.run(run())
    assert len(seen) == 2


def test_who_gives_up_ends_it_for_nobody_else() -> None:
    """A cancelled start leaves the look to those who wait for it, too."""
    go_on = threading.Event()

    def slow() -> str:
        go_on.wait(60)
        return "done"

    async def run() -> None:
        looks = Looks()
        one = asyncio.ensure_future(looks.look("key", slow, 60))
        other = asyncio.ensure_future(looks.look("key", slow, 60))
        await asyncio.sleep(0)
        one.cancel()
        with pytest.raises(asyncio.CancelledError):
            await one
        go_on.set()
        assert await other == "done"

    asyncio.run(run())


def test_where_no_thread_can_start_the_next_one_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit of processes that is reached for a moment is said, and forgotten."""
    real = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        if thread.name == "gokernel-hub":
            raise RuntimeError("can't start new thread")
        real(thread)

    async def run() -> None:
        looks = Looks()
        with monkeypatch.context() as limited:
            limited.setattr(threading.Thread, "start", start)
            with pytest.raises(NoThread):
                await looks.look("key", lambda: "done", 60)
        assert await looks.look("key", lambda: "done", 60) == "done"

    asyncio.run(run())
