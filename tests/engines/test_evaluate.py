"""What cells show, and that no failure of a cell is the kernel's."""

from __future__ import annotations

import pytest

from tests.engines.cells import run, send, value
from tests.kernels import Kernel


@pytest.fixture(scope="module")
def kernel(shared_kernel: Kernel) -> Kernel:
    """A kernel with packages imported."""
    imports = 'import ("errors"; "fmt"; "io"; "log"; "os"; "runtime"; "strings"; "sync"; "time")'
    assert run(shared_kernel, imports).failure == ""
    return shared_kernel


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ('fmt.Println("hi", 1+1)', None),
        ('fmt.Fprintf(io.Discard, "x")', None),
        ('say := fmt.Print\nsay("x")', None),
        ('var b strings.Builder\nb.WriteString("x")', None),
        ("fmt.Fprintln(os.NewFile(999, `x`), 1)", "write x: bad file descriptor"),
        ("var zero int\nzero", "0"),
        ('""', ""),
        ("x := 5", None),
        ("x = 6", None),
        ("nil", None),
        ("var none error\nnone", None),
        ("func nothing() {}\nnothing()", None),
        ('fmt.Sprint("a")', "a"),
        ("func both() (int, error) { return 3, nil }\nboth()", "3 <nil>"),
        ("// only a comment", None),
        ('map[string]int{"a": 1}["a"]', "1"),
        ("first, second := 1, 2\n_, _ = first, second\n_, first = first, second\nfirst", "2"),
        (
            "func closed() bool {\n\tc := make(chan int)\n\tfunc() { defer close(c) }()\n"
            "\t_, open := <-c\n\treturn !open\n}\nclosed()",
            "true",
        ),
        (
            "func emptied(m map[int]int) {\n\tfor k := range m {\n\t\tdefer delete(m, k)\n\t}\n}\n"
            "three := map[int]int{1: 1, 2: 2, 3: 3}\nemptied(three)\nlen(three)",
            "0",
        ),
        ("var held interface{} = 3\nheld.(int)", "3"),
        ("queue := make(chan int, 1)\nqueue <- 5\n(<-queue)", "5"),
    ],
)
def test_what_the_last_line_shows(kernel: Kernel, code: str, result: str | None) -> None:
    """Values are shown; how many bytes were printed is not."""
    cell = run(kernel, code)

    assert (cell.failure, cell.result) == ("", result)


def test_a_type_that_a_value_has_not_is_a_panic(kernel: Kernel) -> None:
    """As a last line too, where it has but one value."""
    cell = run(kernel, "var other interface{} = 3\nother.(string)")

    assert "interface conversion" in cell.failure
    assert cell.result is None


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("func Map[T any](x T) T { return x }", "no generics"),
        ("type Box[T any] struct{ V T }", "no generics"),
        ("for i := range 3 { }", "ranges over no numbers"),
        ("min(1, 2)", "no min, max and clear"),
        ("filepath.Base(`a`)", 'import "filepath"'),
        ("'text'", "double quotes"),
        ("!ls", "begins with $"),
        ("func() { }()", "parentheses"),
        ("help", "%help"),
    ],
)
def test_what_the_interpreter_lacks_is_said(kernel: Kernel, code: str, hint: str) -> None:
    """The message of a parser doesn't tell what helps."""
    cell = run(kernel, code)

    assert hint in cell.traceback


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ('panic("boom")', "panic: boom"),
        ('panic(errors.New("bad"))', "panic: bad"),
        ("panic(7)", "panic: 7"),
        (
            'type mine struct{}\nfunc (mine) Error() string { return "own" }\n'
            "var err error = mine{}\npanic(err)",
            "panic: own",
        ),
        ("zero := 0\n1 / zero", "runtime error: integer divide by zero"),
        (
            "type S struct{ X int }\nvar p *S\np.X",
            "runtime error: invalid memory address or nil pointer",
        ),
        ("var m map[string]int\nm[`a`] = 1", "runtime error: assignment to entry in nil map"),
        ('strings.Repeat("x", -1)', "panic: strings: negative Repeat count"),
        ("os.Exit(3)", "exit: exit status 3"),
        ('log.Fatal("bye")', "exit: exit status 1"),
        ("go func() { os.Exit(4) }()\nfor {}", "exit: exit status 4"),
        ('go func() { panic("far") }()\nfor {}', "panic: far"),
        ('time.AfterFunc(0, func() { panic("timer") })\nselect {}', "panic: timer"),
        (
            "var wg sync.WaitGroup\nwg.Add(1)\ngo func() { panic(1); wg.Done() }()\nwg.Wait()",
            "panic: 1",
        ),
        ("func forever() { forever() }\nforever()", "stack overflow: "),
    ],
)
def test_the_kernel_outlives_it(kernel: Kernel, code: str, failure: str) -> None:
    """The cell fails, and the next one runs."""
    cell = run(kernel, code)

    assert cell.failure.startswith(failure)
    assert cell.traceback.startswith(failure)
    assert value(kernel, "1 + 1") == "2"


@pytest.mark.parametrize("code", ["os.Exit(0)", "runtime.Goexit()"])
def test_an_end_that_is_no_failure(kernel: Kernel, code: str) -> None:
    """The rest of the cell does not run."""
    cell = run(kernel, f"{code}\nfmt.Println(`rest`)")

    assert cell.failure == ""
    assert "rest" not in cell.printed
    assert ("the kernel goes on" in cell.printed) == ("Exit(0)" in code)


def test_os_exit_runs_no_deferred_function(kernel: Kernel) -> None:
    """As in a program."""
    run(kernel, "func leave() { defer func() { fmt.Println(`deferred`) }(); os.Exit(2) }")

    assert "deferred" not in run(kernel, "leave()").printed


def test_a_traceback_names_the_cell_of_each_function(kernel: Kernel) -> None:
    """And its line, quoted; innermost first, repetitions counted."""
    inner = run(kernel, "func inner(n int) {\n\tif n > 0 {\n\t\tpanic(n)\n\t}\n}")
    outer = run(kernel, "type T struct{}\n\nfunc (T) outer() { inner(1) }")
    cell = run(kernel, "t := T{}\n\nt.outer()")

    assert cell.traceback.splitlines() == [
        "panic: 1",
        f"{inner.name}, line 3, in inner",
        "    3 | \t\tpanic(n)",
        f"{outer.name}, line 3, in (T).outer",
        "    3 | func (T) outer() { inner(1) }",
        f"{cell.name}, line 3",
        "    3 | t.outer()",
    ]


def test_where_code_is_wrong(kernel: Kernel) -> None:
    """Compile and syntax errors quote their line."""
    compiled = run(kernel, "a := 1\nb := a + unknown")
    parsed = run(kernel, "a := 1\nb := a +")

    assert compiled.failure == (
        f"compile error: {compiled.name}:2:10: undefined identifier: unknown"
    )
    assert compiled.traceback.splitlines()[1:] == [
        "    2 | b := a + unknown",
        "                 ^",
    ]
    assert parsed.failure.startswith(f"syntax error: {parsed.name}:2:9: ")


def test_a_panic_after_the_cell_has_ended(kernel: Kernel) -> None:
    """It is an error message of its own, and another cell that runs is not touched."""
    run(kernel, 'gate := make(chan int)\ngo func() { <-gate; panic("late") }()')
    cell = send(kernel, "close(gate)\n2")
    late = cell.until(lambda cell: cell.idle and cell.error is not None).error

    assert late is not None
    assert (late["ename"], late["evalue"]) == ("panic", "late")
    assert cell.result == "2"
    assert kernel.client.get_shell_msg(timeout=30)["content"]["status"] == "ok"


def test_a_failed_cell_declares_what_it_reached(kernel: Kernel) -> None:
    """What it did not reach is as before; functions need not be reached."""
    run(kernel, "kept := 1")
    run(kernel, 'got := 2\npanic(0)\nkept := "other"\nlost := 3\nfunc hoisted() int { return 4 }')

    assert value(kernel, "kept + got + hoisted()") == "7"
    assert "undefined identifier: lost" in run(kernel, "lost").failure


def test_code_that_does_not_compile_declares_nothing(kernel: Kernel) -> None:
    """Names, types and methods mean what they meant."""
    run(kernel, "type P struct{ X int }\nfunc (p P) Get() int { return p.X }\np := P{5}")
    bad = run(kernel, 'p := "text"\ntype P struct{ X, Y int }\nconst c = 1\noops')
    worse = run(kernel, "func (p P) Get() string { return oops }")

    assert "oops" in bad.failure
    assert "oops" in worse.failure
    assert value(kernel, "p.Get()") == "5"
    assert "undefined identifier: c" in run(kernel, "c").failure


def test_a_panic_in_many_goroutines(kernel: Kernel) -> None:
    """One of them is the cell's failure, all of them end."""
    cell = send(
        kernel,
        "for i := 0; i < 50; i++ { i := i; go func() { if i%2 == 0 { panic(i) }; for {} }() }\n"
        "time.Sleep(time.Hour)",
    ).end()

    assert cell.failure.startswith("panic: ")
    assert "in a goroutine" in cell.traceback
