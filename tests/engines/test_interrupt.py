"""An interrupt stops a cell wherever it is, and nothing but that cell."""

from __future__ import annotations

import pytest

from tests.engines.cells import Cell, run, send, value
from tests.kernels import Kernel

DECLARED = """
import ("fmt"; "net/http"; "net/http/httptest"; "os"; "sort"; "sync"; "time")
n, where := 0, "before"
func once() { n++ }
func deep(depth int) int { if depth == 0 { for { n++ } }; return 1 + deep(depth-1) }
func recovering() { defer func() { recover() }(); for { n++ } }
func deferring() { defer once() }
"""


@pytest.fixture(scope="module")
def kernel(shared_kernel: Kernel) -> Kernel:
    """A kernel with something declared."""
    assert run(shared_kernel, DECLARED).failure == ""
    return shared_kernel


def interrupted(kernel: Kernel, code: str) -> Cell:
    """Interrupt a cell once, when it has begun."""
    cell = send(kernel, 'fmt.Println("begun")\n' + code)
    return cell.until_printed("begun").interrupt().end()


@pytest.mark.parametrize(
    "code",
    [
        "for { n++ }",
        "for { for i := 0; i < 10; i++ { n += i } }",
        "for { once() }",
        "for { deferring() }",
        "for { recovering() }",
        "deep(20000)",
        "sort.Slice(make([]int, 9), func(i, j int) bool { for { n++ } })",
        "for { time.Sleep(time.Hour) }",
        "<-make(chan string)",
        "make(chan []int) <- nil",
        "select {}",
        "select { case <-make(chan int): case <-time.After(time.Hour): }",
        "for range make(chan int) {}",
    ],
)
def test_a_cell_stops_and_variables_stay(kernel: Kernel, code: str) -> None:
    """One interrupt is enough, and the next cell is not hit."""
    run(kernel, 'where = "' + str(len(code)) + '"\nn = 1')

    cell = interrupted(kernel, code)

    assert cell.failure == "interrupted: the cell was interrupted"
    assert f"{cell.name}, line" in cell.traceback
    assert value(kernel, "n > 0") == "true"
    assert value(kernel, "where") == str(len(code))


def test_values_reached_are_kept(kernel: Kernel) -> None:
    """What a loop has counted, and what was declared before it."""
    interrupted(kernel, "reached := 0\nfor { reached++ }\nunreached := 1")

    assert value(kernel, "reached > 0") == "true"
    assert "undefined identifier: unreached" in run(kernel, "unreached").failure


def test_again_and_again(kernel: Kernel) -> None:
    """Each cell goes on where the last one was interrupted."""
    seen = [int(value(kernel, "n = 0\nn"))]
    for _ in range(10):
        assert interrupted(kernel, "for { n++ }").failure
        seen.append(int(value(kernel, "n")))
    assert seen == sorted(set(seen))


def test_goroutines_of_the_cell_stop(kernel: Kernel) -> None:
    """Also those that compiled code has started."""
    cell = interrupted(
        kernel,
        "counts := make([]int, 20)\n"
        "for i := range counts { i := i; go func() { for { counts[i]++ } }() }\n"
        "time.AfterFunc(0, func() { for { counts[0]++ } })\n"
        "for { n++ }",
    )
    assert cell.failure
    before = value(kernel, "counts")
    assert value(kernel, "time.Sleep(20*time.Millisecond)\ncounts") == before


def test_goroutines_of_earlier_cells_go_on(kernel: Kernel) -> None:
    """A server that was started before still answers."""
    run(
        kernel,
        "server := httptest.NewServer(http.HandlerFunc(\n"
        '\tfunc(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello") }))',
    )
    assert interrupted(kernel, "for { n++ }").failure

    got = value(kernel, "response, err := http.Get(server.URL)\nresponse.StatusCode")

    assert got == "200"


@pytest.mark.parametrize("unlock", ["lock.Unlock()", "func() { lock.Unlock() }()"])
def test_deferred_functions_run(kernel: Kernel, unlock: str) -> None:
    """A lock is free afterwards, whether compiled or interpreted code unlocks it."""
    run(kernel, f"var lock sync.Mutex\nfunc f() {{ lock.Lock(); defer {unlock}; for {{ n++ }} }}")
    assert interrupted(kernel, "f()").failure

    assert value(kernel, "lock.TryLock()") == "true"


def test_without_a_cell_nothing_is_interrupted(kernel: Kernel) -> None:
    """An interrupt that comes too late does not wait for the next cell."""
    for _ in range(5):
        kernel.manager.interrupt_kernel()
        assert value(kernel, "where") != ""


def test_a_stuck_cell_is_abandoned(kernel: Kernel) -> None:
    """The second interrupt gives it up; when it comes back it ends without a word."""
    run(kernel, "var gate, gone sync.WaitGroup\ngate.Add(1)\ngone.Add(1)\nsteps := 0")
    cell = send(
        kernel,
        "func stuck() {\n\tdefer gone.Done()\n\tdefer func() { steps = 1000 }()\n"
        '\tfmt.Println("begun")\n\tgate.Wait()\n\tsteps = 1000\n\tfmt.Println("back")\n}\n'
        "for { steps++; stuck(); steps = 1000 }",
    ).until_printed("begun")
    cell.interrupt().until_printed("Interrupt again").interrupt().end()

    assert cell.failure.startswith("interrupted: the cell was abandoned inside compiled code")
    assert value(kernel, "steps") == "1"
    back = run(kernel, "for i := 0; i < 10; i++ { steps++ }\ngate.Done()\ngone.Wait()\nsteps")
    assert (back.result, back.printed) == ("11", "")
    assert value(kernel, "steps += 1\nadded := steps\nadded") == "12"


def test_functions_and_variables_outlive_an_abandoned_cell(kernel: Kernel) -> None:
    """Functions from before and variables from after it, and the other way around, agree."""
    run(kernel, "counter := 0\nfunc count() int { counter++; return counter }\ncount()")
    cell = send(kernel, 'var never sync.WaitGroup\nnever.Add(1)\nfmt.Println("b")\nnever.Wait()')
    cell.until_printed("b").interrupt().until_printed("Interrupt again").interrupt().end()

    assert value(kernel, "counter += 10\ncount()") == "12"
    many = "".join(f"v{i} := {i}\nw{i} := fmt.Sprint(v{i})\n" for i in range(200))
    assert run(kernel, many).failure == ""
    assert value(kernel, "p := &counter\n*p += 100\ncount()") == "113"
    assert value(kernel, "counter") == "113"
    assert value(kernel, "w199") == "199"


def test_deferred_functions_that_hang(kernel: Kernel) -> None:
    """The second interrupt ends these."""
    run(kernel, 'func hang() { defer func() { fmt.Println("deferred"); for { } }(); for { } }')
    cell = send(kernel, 'fmt.Println("begun")\nhang()').until_printed("begun")
    cell.interrupt().until_printed("deferred").interrupt().end()

    assert cell.failure == "interrupted: the cell was interrupted"
    assert value(kernel, "1 + 1") == "2"
