"""What cells print and read, and how calls that would end the kernel are told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.engines.conftest import StartKernel
from tests.engines.messages import run
from tests.engines.test_gophernotes import FULL, local_module
from tests.kernels import Kernel
from tests.processes import has_ended

IMPORTS = 'import ("bufio"; "fmt"; "io"; "log"; "os"; "os/exec"; "time")'
MEGABYTE = 1 << 20


@pytest.fixture(params=FULL)
def kernel(start: StartKernel, request: pytest.FixtureRequest) -> Iterator[Kernel]:
    """A kernel with what most cells here import."""
    with start(request.param) as running:
        running.run(IMPORTS)
        yield running


def test_both_streams_in_order(kernel: Kernel) -> None:
    """As printed, by every usual way to print."""
    cell = run(
        kernel,
        """
log.SetFlags(0)
for i := 0; i < 50; i++ {
    fmt.Println("a")
    println("b")
    fmt.Print("c", "\\n")
    log.Print("d")
    io.WriteString(os.Stdout, "e\\n")
    fmt.Fprintln(os.Stderr, "f")
}
""",
    )
    expected = [(("stdout", "stderr")[i % 2], f"{'abcdef'[i % 6]}\n") for i in range(300)]
    assert cell.printed == expected


@pytest.mark.parametrize("megabytes", [1, 5])
def test_much_in_one_write(kernel: Kernel, megabytes: int) -> None:
    """More than a pipe holds, by Go code and by a child: whoever writes waits in the middle."""
    size = megabytes * MEGABYTE
    kernel.run('import "strings"')

    assert len(run(kernel, f'fmt.Print(strings.Repeat("z", {size}))').text("stdout")) == size
    child = run(kernel, f"$dd if=/dev/zero bs={size} count=1 status=none")
    assert len(child.text("stdout")) == size
    assert kernel.run("6 * 7") == "42"


def test_children_print_too(kernel: Kernel) -> None:
    """Programs that a cell starts, and those that they start, and shells' /dev/stderr."""
    cell = run(
        kernel,
        'cmd := exec.Command("sh", "-c", "echo out; echo err >&2; (echo dev >/dev/stderr); cat")\n'
        "cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr\n"
        "cmd.Run()",
    )
    assert cell.text("stdout") == "out\n"
    assert cell.text("stderr") == "err\ndev\n"


def test_output_is_seen_while_the_cell_runs(kernel: Kernel, tmp_path: Path) -> None:
    """The cell only ends once its first line has been seen."""
    seen = tmp_path / "seen"

    def heard(kind: str, content: dict[str, Any]) -> None:
        if kind == "stream" and "first" in content["text"]:
            seen.touch()

    cell = run(
        kernel,
        f'fmt.Println("first")\n'
        f'for _, err := os.Stat("{seen}"); err != nil; _, err = os.Stat("{seen}") {{'
        " time.Sleep(time.Millisecond) }\n"
        'fmt.Println("last")',
        heard=heard,
    )
    assert cell.text("stdout") == "first\nlast\n"


def _most_memory(pid: int) -> int:
    (found,) = re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found) * 1024


@pytest.mark.parametrize(
    "code",
    [
        'line := fmt.Sprintf("%099d\\n", 7); for i := 0; i < 1000000; i++ { fmt.Print(line) }',
        'cmd := exec.Command("sh", "-c", "yes | head -c 100000000")\n'
        "cmd.Stdout = os.Stdout\ncmd.Run()",
    ],
    ids=["cell", "child"],
)
def test_a_flood_takes_no_memory_and_loses_nothing(kernel: Kernel, code: str) -> None:
    """100 MB, in pieces that a browser can take."""
    size, pieces, largest = 0, 0, 0

    def heard(kind: str, content: dict[str, Any]) -> None:
        nonlocal size, pieces, largest
        if kind == "stream":
            size, pieces = size + len(content["text"]), pieces + 1
            largest = max(largest, len(content.pop("text")))
            content["text"] = ""

    before = _most_memory(kernel.pid)
    cell = run(kernel, code, heard=heard)

    assert cell.reply["status"] == "ok"
    assert size == 100_000_000
    assert pieces < 5000
    assert largest <= 64 * 1024
    assert _most_memory(kernel.pid) - before < 100 * MEGABYTE


def test_characters_are_never_cut(kernel: Kernel) -> None:
    """Not between two writes; what is no UTF-8 is replaced, at the latest when the cell ends."""
    for_ages = "time.Sleep(50 * time.Millisecond)"  # longer than output waits for company
    cell = run(
        kernel,
        f'os.Stdout.Write([]byte("a\\xe2\\x82")); {for_ages}; os.Stdout.Write([]byte("\\xac b"))\n'
        f'{for_ages}; os.Stdout.Write([]byte("\\xff c\\xf0\\x9f"))',
    )
    assert cell.text("stdout") == "a€ b\ufffd c\ufffd"
    assert run(kernel, 'fmt.Print("next")').text("stdout") == "next"


def test_closed_files_come_back(kernel: Kernel) -> None:
    """In the next cell; a file that a cell has put there stays."""
    run(kernel, 'os.Stdout.Close(); os.Stderr.Close(); fmt.Println("lost")')
    cell = run(kernel, 'fmt.Println("out"); fmt.Fprintln(os.Stderr, "err")')
    assert cell.printed == [("stdout", "out\n"), ("stderr", "err\n")]

    run(kernel, 'mine, _ := os.CreateTemp("", "x"); standard := os.Stdout; os.Stdout = mine')
    assert run(kernel, 'fmt.Print("to my file")').printed == []
    run(kernel, "os.Stdout = standard; mine.Seek(0, 0)")
    assert run(kernel, "io.Copy(os.Stdout, mine); mine.Close()").text("stdout") == "to my file"


def test_questions_are_asked(kernel: Kernel) -> None:
    """By all that reads standard input."""
    cell = run(
        kernel,
        """
var name string
var a, b int
fmt.Print("Name: ")
fmt.Scanln(&name)
fmt.Scan(&a, &b)
lines := bufio.NewScanner(os.Stdin)
lines.Scan(); lines.Scan()
rest, err := io.ReadAll(os.Stdin)
fmt.Printf("%s %d %q %q %v", name, a+b, lines.Text(), rest, err)
""",
        answers=["Ann", "1", "2 ", "x y", "the rest", "\x04"],
    )
    assert len(cell.of("input_request")) == 6
    assert cell.text("stdout") == 'Name: Ann 3 "x y" "the rest\\n" <nil>'


def test_what_is_left_of_an_answer_is_gone(kernel: Kernel) -> None:
    """The next cell asks anew."""
    run(kernel, "var word string; fmt.Scan(&word)", answers=["one two"])
    cell = run(kernel, "fmt.Scan(&word); fmt.Print(word)", answers=["three"])
    assert cell.text("stdout") == "three"


def test_who_cannot_be_asked_is_told(kernel: Kernel) -> None:
    """At once; children are at the end of their input."""
    cell = run(kernel, "var word string; _, err := fmt.Scan(&word); fmt.Print(err)")
    assert "cannot be asked for input" in cell.text("stdout")
    assert "input_request" not in dict(cell.messages)

    cell = run(kernel, 'out, err := exec.Command("cat").Output(); fmt.Print(len(out), err)')
    assert cell.text("stdout") == "0 <nil>"


ENDINGS = """\
package endings

// #include <stdio.h>
// #include <stdlib.h>
// static void say(void) { puts("C out"); fflush(stdout); fputs("C err\\n", stderr); }
// static void crash(void) { *(volatile int *)0 = 1; }
import "C"
import (
	"log"
	"os"
	"sync"
)

func Say() { println("runtime"); C.say() }

func Exit(code int) { os.Exit(code) }

func Fatal() { log.Fatal("cannot go on") }

func Workers() {
	var all sync.WaitGroup
	for i := 0; i < 20; i++ {
		all.Add(1)
		go func() { defer all.Done(); log.Fatal("no work") }()
	}
	all.Wait()
}

func Panic() { go panic("gone wrong"); select {} }

func Race() {
	m := map[int]int{}
	for i := 0; i < 4000; i++ {
		go func() { for { m[i]++ } }()
	}
	select {}
}

func Crash() { C.crash() }

func Quit() { C.exit(7) }
"""


@pytest.fixture
def endings(tmp_path: Path) -> str:
    """A cell that imports a compiled package that ends processes."""
    folder = local_module(tmp_path / "endings", "example.test/endings", {"endings.go": ENDINGS})
    return f'import "{folder}"'


@pytest.mark.parametrize("version", FULL)
def test_compiled_code_prints_and_exits(start: StartKernel, endings: str, version: str) -> None:
    """C's output is seen; os.Exit and log.Fatal end the cell, and every variable stays."""
    with start(version) as kernel:
        run(kernel, endings)
        run(kernel, "x := 42")
        cell = run(kernel, "endings.Say()")
        assert (cell.text("stdout"), cell.text("stderr")) == ("C out\n", "runtime\nC err\n")

        cell = run(kernel, "endings.Exit(3); x = 0")
        assert cell.reply["status"] == "error"
        assert "example.test/endings.Exit, compiled code, called os.Exit(3)" in cell.failure
        assert "(0)" in run(kernel, "endings.Exit(0)").failure
        cell = run(kernel, "endings.Fatal()")
        assert "endings.Fatal, compiled code, called os.Exit(1)" in cell.failure
        assert "cannot go on" in cell.text("stderr")

        cell = run(kernel, "endings.Workers()")
        assert cell.text("stderr").count("no work") == 20
        assert kernel.run("x") == "42"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("Panic", "panic: gone wrong"),
        ("Race", "fatal error: concurrent map writes"),
        ("Crash", "SIGSEGV: segmentation violation"),
        ("Quit", ""),
    ],
)
@pytest.mark.parametrize("version", FULL)
def test_a_death_leaves_its_reason(
    start: StartKernel, endings: str, tmp_path: Path, version: str, call: str, said: str
) -> None:
    """In the scratch folder, at once, however much there is to say."""
    scratch = tmp_path / "scratch"
    with start(version, GOKERNEL_SCRATCH=str(scratch)) as kernel:
        run(kernel, endings)
        pid = psutil.Process(kernel.pid).pid
        kernel.client.execute(f"endings.{call}()")

        assert has_ended(pid, seconds=60)
        assert (scratch / "crash.txt").read_text().startswith(said)


def test_an_exit_that_cannot_be_survived_is_told(start: StartKernel, tmp_path: Path) -> None:
    """A package that exits while it is initialized: the cell fails, with the reason."""
    source = 'package early\n\nimport "os"\n\nvar X = 1\n\nfunc init() { os.Exit(5) }\n'
    folder = local_module(tmp_path / "early", "example.test/early", {"early.go": source})
    scratch = tmp_path / "scratch"
    with start("1.27", GOKERNEL_SCRATCH=str(scratch)) as kernel:
        cell = run(kernel, f'import "{folder}"')
        assert cell.reply["status"] == "error"
        assert "ended the kernel by os.Exit(5)" in cell.failure
        assert has_ended(kernel.pid)
        assert "os.Exit(5)" in (scratch / "crash.txt").read_text()


def test_the_next_kernel_tells_of_the_last(start: StartKernel, tmp_path: Path) -> None:
    """In its first cell, once."""
    story = tmp_path / "story"
    story.write_text("The kernel had ended: panic: x; its variables are lost.\n")
    with start("1.27", GOKERNEL_PREDECESSOR=str(story)) as kernel:
        first, second = run(kernel, "1"), run(kernel, "2")
        assert first.text("stderr") == "The kernel had ended: panic: x; its variables are lost.\n"
        assert second.printed == []
        assert kernel.run('import "os"\nos.Getenv("GOKERNEL_PREDECESSOR")') == ""
