"""What a client asks about code: how it goes on, what it is, whether it is whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.engines.conftest import StartKernel
from tests.kernels import TIMEOUT, Kernel

VERSION = "1.26"

NOTEBOOK = """\
import ("fmt"; "time"; str "strings"; "net/http")

type Point struct { X, Y int; label string }

func (p Point) Norm() float64 { return 0 }

func (p *Point) Scale(by float64) *Point { return p }

type Circle struct {
    Point
    Radius float64
    Server *http.Server
}

// Make gives a circle
// of that radius.
func Make(radius float64, name string) *Circle {
    return &Circle{Radius: radius}
}

const Limit = 100

var p = Point{1, 2, "a"}
var circle = Make(2, "")
var grid = map[string][]*Circle{}
var names = []string{"x", "y"}
answer := 42
calls := 0
func count() *Point { calls++; return &p }
"""


@dataclass(frozen=True)
class Asking:
    """A kernel that is asked about code in which a `|` marks the cursor."""

    kernel: Kernel

    def complete(self, marked: str) -> dict[str, Any]:
        """The content of the reply to complete_request."""
        code, cursor = split(marked)
        return self._content(self.kernel.client.complete(code, cursor, reply=True, timeout=TIMEOUT))

    def matches(self, marked: str) -> list[str]:
        """What the code at the cursor can become."""
        reply = self.complete(marked)
        assert reply["status"] == "ok", reply
        return list(reply["matches"])

    def inspect(self, marked: str, detail: int = 0) -> str:
        """What is said of the code at the cursor; "" if nothing."""
        code, cursor = split(marked)
        reply = self._content(
            self.kernel.client.inspect(code, cursor, detail, reply=True, timeout=TIMEOUT)
        )
        assert reply["status"] == "ok", reply
        if not reply["found"]:
            return ""
        assert reply["data"]["text/markdown"]
        return str(reply["data"]["text/plain"])

    def is_complete(self, code: str) -> tuple[str, str]:
        """Status and indent."""
        asked = self.kernel.client.is_complete(code)
        message = self.kernel.client.get_shell_msg(timeout=TIMEOUT)
        assert message["parent_header"]["msg_id"] == asked
        reply = self._content(message)
        return reply["status"], reply.get("indent", "")

    @staticmethod
    def _content(reply: Any) -> dict[str, Any]:
        content: dict[str, Any] = reply["content"]
        return content


def split(marked: str) -> tuple[str, int]:
    """The code, and the cursor in code points, as Python counts."""
    before, after = marked.split("|")
    return before + after, len(before)


CIRCLE = ["Point", "Radius", "Server", "X", "Y", "label", "Norm", "Scale"]
POINT = ["X", "Y", "label", "Norm", "Scale"]


def test_completion(start: StartKernel) -> None:
    """Members, names, fields, keywords: of what was run, and of what is being typed."""
    with start(VERSION) as kernel:
        kernel.run(NOTEBOOK)
        matches = Asking(kernel).matches

        assert matches("fmt.Printl|") == ["Println"]
        assert matches("str.TrimSp|") == ["TrimSpace"]
        assert matches("fmt.printl|") == ["Println"]
        assert matches("answ|") == ["answer"]
        assert matches("fallth|") == ["fallthrough"]
        assert matches("appe|") == ["append"]
        assert matches("http.Default|")

        # Promoted fields and methods, through pointers, calls, indices, fields.
        for code in ("circle.|", 'Make(1, "").|', 'grid["a"][0].|', "(*circle).|"):
            assert matches(code) == CIRCLE, code
        for code in ("p.|", "circle.Point.|", "count().|", "append([]Point{}, p)[0].|"):
            assert matches(code) == POINT, code
        assert matches("circle.Server.ReadT|") == ["ReadTimeout"]
        assert "Seconds" in matches("time.Second.|")
        assert matches("Point.|") == ["Norm"]

        # Where code is not whole yet.
        heads = ("if ", "for _, x := range ", "switch ", "go ", "defer ", "f(", "x := ", "if x := ")
        for head in heads:
            assert matches(f"{head}circle.|") == CIRCLE, head
        assert matches("fmt.Println(circle.|)\nfunc f() {\n}") == CIRCLE
        assert matches("Circle{Rad|") == ["Radius"]
        assert matches("func f(arg *Circle) { arg.|") == CIRCLE
        assert matches("func f(argument int) { arg|") == ["argument"]
        assert matches("fresh := Make(1, ``)\nfre|") == ["fresh"]
        assert matches("fresh := Make(1, ``)\nfresh.|") == CIRCLE
        assert matches("for key, list := range grid { for _, one := range list { one.|") == CIRCLE
        assert matches("type Own struct { Inner Point }\nvar o Own\no.Inner.|") == POINT
        assert matches("lat|\nfunc later() {}") == ["later"]
        assert matches('import "bytes"\nvar b bytes.Buffer\nb.WriteR|') == ["WriteRune"]

        # Import paths and magics.
        assert "encoding/json" in matches('import "encod|"')
        assert "net/http" in matches('import (\n\t"fmt"\n\t"net/ht|')
        assert "%help" in matches("%he|")

        # Nothing to offer is an answer, too.
        for code in ('"circle.|"', "// circle.|", "/* circle.|", "unheard.of.|", "1.|", "$ls |"):
            reply = Asking(kernel).complete(code)
            assert (reply["status"], reply["matches"]) == ("ok", []), code
            assert reply["cursor_start"] == reply["cursor_end"] == split(code)[1]

        # Nothing was run.
        assert kernel.run("calls") == "0"


def test_positions_of_completions(start: StartKernel) -> None:
    """In code points, however wide they are; and with the kinds of what is offered."""
    with start(VERSION) as kernel:
        kernel.run(NOTEBOOK)
        asking = Asking(kernel)
        for marked in ("fmt.Printl|", "😀e\u0301\nfmt.Printl|", '"😀😀"; fmt.Printl|(1)'):
            cursor = split(marked)[1]
            reply = asking.complete(marked)
            assert reply["matches"] == ["Println"]
            assert (reply["cursor_start"], reply["cursor_end"]) == (cursor - 6, cursor)
        kinds = {
            item["text"]: item["type"]
            for item in asking.complete("|")["metadata"]["_jupyter_types_experimental"]
        }
        assert kinds["fmt"] == "module"
        assert kinds["Circle"] == "type"
        assert kinds["Make"] == "function"
        assert kinds["answer"] == "instance"
        assert kinds["func"] == "keyword"
        for cursor in (-7, 10_000):
            reply = kernel.client.complete("answ", cursor, reply=True, timeout=TIMEOUT)
            assert reply["content"]["status"] == "ok"


def test_inspection(start: StartKernel) -> None:
    """Signatures, types, values, and what `go doc` says; nothing is run for it."""
    with start(VERSION) as kernel:
        kernel.run(NOTEBOOK)
        inspect = Asking(kernel).inspect

        for marked in ("fmt.Print|ln(1)", "fmt.Println|", "fmt.Println(|", "fmt.Println(1, |)"):
            said = inspect(marked)
            assert "func Println(a ...any) (n int, err error)" in said
            assert "formats using the default formats" in said
        assert "Package fmt implements formatted I/O" in inspect("f|mt.Println")
        assert "Package fmt implements" in inspect('import "fm|t"')
        assert "func (d Duration) String() string" in inspect("time.Second.Str|ing()")
        assert "Addr optionally specifies" in inspect("circle.Server.Ad|dr")
        assert "The append built-in function" in inspect("appe|nd(names)")
        assert "defer f(x)" in inspect("def|er x()")

        said = inspect("Mak|e")
        assert "func Make(radius float64, name string) *Circle" in said
        assert "of that radius." in said
        assert "return &Circle" not in said
        assert "return &Circle" in inspect("Make(|)", detail=1)
        assert "Radius float64" in inspect("Circ|le")

        assert inspect("p|") == 'var p Point\n\nValue: {X:1 Y:2 label:"a"}'
        assert inspect("answ|er") == "var answer int\n\nValue: 42"
        assert 'Value: ["x" "y"]' in inspect("names|")
        assert inspect("circle.Rad|ius") == "field Radius float64"
        assert inspect("Limit|") == "const Limit untyped int = 100"
        assert inspect("local := Make(1, ``)\nlocal|") == "var local *Circle"

        for marked in ("nobody|", '"fmt|"', "|", "// fmt|", "%c|d"):
            assert inspect(marked) == "", marked
        assert inspect("count|()") == "func count() *Point"
        assert kernel.run("calls") == "0"


@pytest.mark.parametrize("version", ["1.22", "1.27"])
def test_introspection_of_third_party_packages(start: StartKernel, version: str) -> None:
    """Members and documentation of what was imported, on the oldest and the newest Go."""
    with start(version) as kernel:
        kernel.run('import "github.com/google/uuid"\nid := uuid.New()')
        asking = Asking(kernel)
        assert "NewString" in asking.matches("uuid.New|")
        assert asking.matches("id.UR|") == ["URN"]
        assert "New creates a new random UUID" in asking.inspect("uuid.New|()")
        assert "returns the RFC 2141 URN form" in asking.inspect("id.URN(|")


COMPLETE = [
    *("", "x := 1", "1 + 1", "if x {\n}", "func f() int {\n\treturn 1\n}", "`a\nb`", "x // y"),
    *("%cd x", "$ls {", 'import (\n\t"fmt"\n)\nfmt.Println(1)\nfunc f() {}', "for range 3 {}"),
    *("~quote{x + 1}", "macro m(a ast.Node) ast.Node { return a }", "a; b"),
]
INCOMPLETE = {
    "if x {": "\t",
    "func f() {\n\tfor {": "\t\t",
    "1 +": "\t",
    "x.": "\t",
    "f(1,": "\t",
    "import (": "\t",
    'import (\n\t"fmt"': "\t",
    "`raw": "",
    "/* comment": "",
    "x := ": "\t",
    "%cd x\nfor {": "\t",
}
INVALID = ["x)", "f(]", '"abc', "1 1", "var x", "}", "x y z", "😀"]


def test_whether_code_is_complete(start: StartKernel) -> None:
    """For consoles: does Enter run the cell, or begin another line, and how far indented."""
    with start(VERSION) as kernel:
        is_complete = Asking(kernel).is_complete
        for code in COMPLETE:
            assert is_complete(code)[0] == "complete", code
        for code, indent in INCOMPLETE.items():
            assert is_complete(code) == ("incomplete", indent), code
        for code in INVALID:
            assert is_complete(code)[0] == "invalid", code


def test_packages_of_the_module_cache_are_offered(start: StartKernel, tmp_path: Path) -> None:
    """One path element after the other, of modules that need no download."""
    for folder in ("example.test/!some/mod@v1.2.0/sub", "example.test/!some/mod@v1.2.0/internal"):
        (tmp_path / "cache" / folder).mkdir(parents=True)
    with start(VERSION, GOMODCACHE=str(tmp_path / "cache")) as kernel:
        matches = Asking(kernel).matches
        assert matches('import "example.te|"') == ["example.test"]
        assert matches('import "example.test/S|"') == ["example.test/Some"]
        assert matches('import "example.test/Some/|"') == ["example.test/Some/mod"]
        assert matches('import "example.test/Some/mod/|"') == ["example.test/Some/mod/sub"]
