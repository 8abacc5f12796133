"""What cells show: pictures, markup, values of interpreted types, errors."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.engines.conftest import StartKernel
from tests.engines.messages import run
from tests.engines.test_gophernotes import FULL
from tests.kernels import Kernel

PNG = b"\x89PNG\r\n\x1a\n"
TYPES = """
import ("errors"; "fmt"; "image"; "image/color"; "math")

type Page struct{ Title string }
func (p Page) HTML() string { return "<h1>" + p.Title + "</h1>" }
func (p Page) Markdown() string { return "# " + p.Title }

type Name struct{ First, Last string }
func (n Name) String() string { return n.First + " " + n.Last }

type Row []int
func (r *Row) Latex() string { return fmt.Sprint("$", (*r)[0], "$") }

type Script string
func (s Script) JavaScript() string { return string(s) }

type Whole struct{}
func (w Whole) Render() display.Data {
    return display.MIME(display.MIMEMap{"text/html": "<i>w</i>", "text/plain": "w"},
        display.MIMEMap{"isolated": true})
}

type Boxed struct{ Page }
type Held struct{ *Page }

type Bad struct{}
func (b Bad) HTML() string { panic("no page today") }

picture := image.NewRGBA(image.Rect(0, 0, 4000, 3000))
var nothing *Page
"""


@pytest.fixture(params=FULL, scope="module")
def version(request: pytest.FixtureRequest) -> str:
    """A Go version."""
    return str(request.param)


@pytest.fixture
def kernel(start: StartKernel, version: str) -> Iterator[Kernel]:
    """A kernel with types and values to show."""
    with start(version) as running:
        assert run(running, TYPES).reply["status"] == "ok"
        yield running


HELD = {"text/html": "<h1>b</h1>", "text/markdown": "# b", "text/plain": "<main.Boxed>"}
SHOWN: Mapping[str, Mapping[str, object]] = {
    'Page{"a"}': {"text/html": "<h1>a</h1>", "text/markdown": "# a", "text/plain": "<main.Page>"},
    '&Page{"a"}': {"text/html": "<h1>a</h1>", "text/markdown": "# a", "text/plain": "<*main.Page>"},
    'Boxed{Page{"b"}}': HELD,
    '&Boxed{Page{"b"}}': {**HELD, "text/plain": "<*main.Boxed>"},
    'Held{&Page{"b"}}': {**HELD, "text/plain": "<main.Held>"},
    '&Held{&Page{"b"}}': {**HELD, "text/plain": "<*main.Held>"},
    'Name{"Ada", "Lovelace"}': {"text/plain": "Ada Lovelace"},
    "&Row{3, 4}": {"text/latex": "$3$", "text/plain": "&[3 4]"},
    'Script("alert(1)")': {"application/javascript": "alert(1)", "text/plain": "alert(1)"},
    "Whole{}": {"text/html": "<i>w</i>", "text/plain": "w"},
    "nothing": {"text/plain": "<nil>"},
    "42": {"text/plain": "42"},
    '"text"': {"text/plain": "text"},
    "[]int{1, 2}": {"text/plain": "[1 2]"},
    'errors.New("no")': {"text/plain": "no"},
    "display.HTML(`<b>x</b>`)": {"text/html": "<b>x</b>", "text/plain": "<b>x</b>"},
    "display.SVG(`<svg/>`)": {"image/svg+xml": "<svg/>", "text/plain": "<svg/>"},
    "display.Markdown(`*x*`)": {"text/markdown": "*x*", "text/plain": "*x*"},
    "display.Math(`x^2`)": {"text/latex": "$$x^2$$", "text/plain": "x^2"},
    "display.Latex(`x`)": {"text/latex": "$x$", "text/plain": "x"},
    'display.JSON(map[string]interface{}{"a": []int{1}})': {
        "application/json": {"a": [1]},
        "text/plain": "map[a:[1]]",
    },
    'display.MakeData("application/json", `{"a": 1}`)': {
        "application/json": {"a": 1},
        "text/plain": '{"a": 1}',
    },
    'display.MakeData("text/html", []byte("<p>"))': {"text/html": "<p>", "text/plain": "<p>"},
    'display.PDF([]byte("%PDF"))': {
        "application/pdf": base64.b64encode(b"%PDF").decode(),
        "text/plain": "<application/pdf, 4 bytes>",
    },
    'display.Any("text/html", "<p>")': {"text/html": "<p>", "text/plain": "<p>"},
}


def test_what_values_show(kernel: Kernel) -> None:
    """As a cell's result and by Display: the same."""
    for code, expected in SHOWN.items():
        assert run(kernel, f"Display({code})").shown == expected, code
        assert run(kernel, code).shown == expected, code


def test_pictures(kernel: Kernel) -> None:
    """As PNG with their size; the text is short."""
    for code in ("picture", "Display(picture)", "display.Image(picture)"):
        (content,) = run(kernel, code).of("display_data", "execute_result")
        assert base64.b64decode(content["data"]["image/png"]).startswith(PNG)
        assert content["data"]["text/plain"] == "<*image.RGBA, 4000×3000 pixels>"
        assert content["metadata"] == {"image/png": {"width": 4000, "height": 3000}}


def test_an_interface_holds_what_it_holds(kernel: Kernel) -> None:
    """A value in an interface{} is shown as what it is."""
    run(kernel, "var any interface{} = picture")
    assert "image/png" in run(kernel, "any").shown
    assert "image/png" in run(kernel, "Display(any)").shown


def test_display_is_a_function(kernel: Kernel) -> None:
    """In functions and goroutines, deferred, and with its error."""
    run(kernel, "func show(p Page) error { defer Display(1); return Display(p) }")
    cell = run(kernel, 'err := show(Page{"in"}); fmt.Print(err)')
    shown = [content["data"] for content in cell.of("display_data")]
    assert shown[0]["text/html"] == "<h1>in</h1>"
    assert shown[1] == {"text/plain": "1"}
    assert cell.text("stdout") == "<nil>"
    cell = run(
        kernel, 'done := make(chan bool); go func() { Display(Page{"go"}); done <- true }()\n<-done'
    )
    assert cell.of("display_data")[0]["data"]["text/html"] == "<h1>go</h1>"


def test_output_and_pictures_in_order(kernel: Kernel) -> None:
    """What was printed before is above."""
    cell = run(kernel, 'fmt.Print("above"); Display(1); fmt.Print("below"); Display(2)')
    kinds = [kind for kind, _ in cell.messages if kind in ("stream", "display_data")]
    assert kinds == ["stream", "display_data"] * 2


def test_displays_are_updated(kernel: Kernel) -> None:
    """By their id, also from a later cell."""
    cell = run(kernel, 'DisplayWithID("bar", 1); UpdateDisplay("bar", Page{"2"})')
    (first,), (second,) = cell.of("display_data"), cell.of("update_display_data")
    assert first["transient"] == second["transient"] == {"display_id": "bar"}
    assert second["data"]["text/html"] == "<h1>2</h1>"
    assert run(kernel, 'UpdateDisplay("bar", 3)').of("update_display_data")


def test_what_cannot_be_shown_is_an_error(kernel: Kernel) -> None:
    """In words, and the kernel lives."""
    assert "no page today" in run(kernel, "Bad{}").failure
    assert "no page today" in run(kernel, "Display(Bad{})").failure
    cell = run(
        kernel, 'err := Display(display.JSON(map[string]interface{}{"x": math.NaN()}))\nerr != nil'
    )
    assert cell.shown == {"text/plain": "true"}
    assert "NaN" in cell.text("stderr")
    assert "NaN" in run(kernel, 'display.JSON(map[string]interface{}{"x": math.NaN()})').failure
    assert (
        "invalid image size"
        in run(kernel, "display.Image(image.NewRGBA(image.Rectangle{}))").failure
    )
    assert "no such file" in run(kernel, 'display.File("image/png", "/no/such.png")').failure
    assert "cannot be shown as data" in run(kernel, "display.Auto(make(chan int))").failure
    assert kernel.run("1+1") == "2"


LARGE = {
    "make([]int, 1e7)": "… (10000000 elements)]",
    "make([][100]int, 1e6)": "… (1000000 elements)]",
    'fmt.Sprintf("%09999999d", 7)': "… (9999999 bytes)",
    "&struct{ A, B []byte }{make([]byte, 1e8), nil}": "… (100000000 elements)] … (2 elements)}",
}


@pytest.mark.parametrize("code", LARGE)
def test_text_is_bounded(kernel: Kernel, code: str) -> None:
    """The beginning, and how much there is."""
    text = run(kernel, code).shown["text/plain"]
    assert text.endswith(LARGE[code])
    assert len(text) < 50_000


def test_what_holds_itself(kernel: Kernel) -> None:
    """Printing it would never end."""
    run(kernel, "loop := make([]interface{}, 1); loop[0] = loop")
    assert len(run(kernel, "loop").shown["text/plain"]) < 100_000


def test_several_results(kernel: Kernel) -> None:
    """All of them as text, unless one alone has more to show."""
    run(kernel, 'func two() (Name, error) { return Name{"A", "B"}, nil }')
    assert run(kernel, "two()").shown == {"text/plain": "A B <nil>"}
    run(kernel, 'func page() (Page, error) { return Page{"p"}, nil }')
    assert run(kernel, "page()").shown["text/html"] == "<h1>p</h1>"


NOTEBOOK = Path(__file__).parents[2] / "examples" / "display.ipynb"
# What the cells of the example show, by their ids.
KINDS = {
    "html": ["text/html"],
    "markdown": ["text/markdown"],
    "latex": ["text/latex"],
    "svg": ["image/svg+xml"],
    "json": ["application/json"],
    "picture": ["image/png"],
    "type": ["text/html"] * 3,
    "update": ["text/html"],
    "plot-import": [],
    "plot": ["image/png"],
    "plot-type": ["image/svg+xml"],
}


def test_the_example(start: StartKernel, version: str) -> None:
    """Every cell shows what it is there for."""
    notebook: Any = nbformat.read(NOTEBOOK, as_version=4)
    shown = {}
    with start(version) as kernel:
        for cell in notebook.cells:
            if cell.cell_type == "code":
                done = run(kernel, cell.source)
                assert done.failure == "", cell.id
                data = [content["data"] for content in done.of("display_data", "execute_result")]
                shown[cell.id] = [kind for each in data for kind in each if kind != "text/plain"]
    assert shown == KINDS
