"""The mended gophernotes, on real Go toolchains, spoken to as a client would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from go_kernel.toolchain import Toolchain
from tests.engines.conftest import StartKernel
from tests.kernels import CellFailed

FULL = ("1.22", "1.27")
SMOKE = ("1.24", "1.25", "1.26")
UUID = 'import "github.com/google/uuid"\n'
PARSE = 'uuid.MustParse("6ba7b810-9dad-11d1-80b4-00c04fd430c8").Version()'


@pytest.mark.parametrize("version", [*FULL, *SMOKE])
def test_standard_and_third_party_imports(
    start: StartKernel, toolchain_of: Callable[[str], Toolchain], version: str
) -> None:
    """On every Go: it starts, says which Go it is, prints, and imports a package of others'."""
    with start(version) as kernel:
        run = kernel.run
        assert run('import ("fmt"; "runtime")\nruntime.Version()') == (
            f"go{toolchain_of(version).version}"
        )
        assert "hi 2\n" in run('fmt.Println("hi", 1+1)')
        run(UUID)
        assert run(PARSE) == "VERSION_1"


@pytest.mark.parametrize("version", FULL)
def test_a_package_that_needs_a_fitting_version(start: StartKernel, version: str) -> None:
    """gonum's newest wants a newer Go than 1.22: there an older one is taken, and said so."""
    with start(version) as kernel:
        said = kernel.run('import "gonum.org/v1/gonum/stat"')
        assert ("is used: its newest version needs a newer Go than go1.22" in said) == (
            version == "1.22"
        )
        assert kernel.run("stat.Mean([]float64{1, 2, 3, 6}, nil)") == "3"


@pytest.mark.parametrize("version", FULL)
def test_modules_that_the_kernel_is_made_of(start: StartKernel, version: str) -> None:
    """A notebook imports its own version of what the kernel is linked with, too."""
    with start(version) as kernel:
        run = kernel.run
        run('import "golang.org/x/sync/errgroup"')
        run("var group errgroup.Group")
        run("group.Go(func() error { return nil })")
        assert run("group.Wait() == nil") == "true"
        run('import "github.com/gofrs/uuid"')
        assert run("uuid.Nil.IsNil()") == "true"


@pytest.mark.parametrize("version", FULL)
def test_standard_packages_that_are_not_built_in(start: StartKernel, version: str) -> None:
    """They are compiled, without any network; what is generic in them is left out."""
    with start(version, GOPROXY="off") as kernel:
        run = kernel.run
        run('import "log/slog"')
        assert run("slog.LevelWarn.String()") == "WARN"
        # Since 1.27 a method of rand.Rand has type parameters.
        run('import "math/rand/v2"')
        assert run("rand.New(rand.NewPCG(1, 2)).IntN(1)") == "0"
        # Generic types in a built-in package are no reason to print anything.
        assert run('import "sync/atomic"') == ""


ALIASES = """\
package shapes

import (
	"io/fs"
	"os"
	"sync/atomic"

	inner "example.test/shapes/inner"
)

// An alias of another package's type, of one embedded, and in an interface's methods.
type Mode = fs.FileMode

type Point = inner.Point

type Named struct{ *inner.Alias }

type Lister interface {
	List(info os.FileInfo, mode os.FileMode, any any) (Mode, Point)
	Count(c *atomic.Pointer[inner.Point]) int
}

func At(x int) Point { return Point{X: x} }

func Of(x int) Named { return Named{&inner.Point{X: x}} }
"""

INNER = """\
package inner

type Point struct{ X int }

type Alias = Point

func (p *Point) Double() int { return 2 * p.X }
"""


def local_module(folder: Path, path: str, files: dict[str, str], requires: str = "") -> Path:
    """A module on disk that a notebook imports by its folder."""
    for name, text in {"go.mod": f"module {path}\n\ngo 1.22\n{requires}", **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize("version", FULL)
def test_aliases_in_imported_packages(start: StartKernel, tmp_path: Path, version: str) -> None:
    """Aliases are types of their own since Go 1.22: they import, and their methods are there."""
    folder = local_module(
        tmp_path / "shapes",
        "example.test/shapes",
        {"shapes.go": ALIASES, "inner/inner.go": INNER},
    )
    with start(version, GOPROXY="off") as kernel:
        kernel.run(f'import "{folder}"')
        assert kernel.run("shapes.At(3).X") == "3"
        assert kernel.run("shapes.Of(4).Double()") == "8"
        assert kernel.run("shapes.Mode(0644).String()") == "-rw-r--r--"


def test_two_versions_of_a_module_in_one_kernel(start: StartKernel, tmp_path: Path) -> None:
    """The one case that Go can't serve gets a sentence that says what to do."""
    code = (
        'package NAME\n\nimport "golang.org/x/text/language"\n\n'
        "func German() string { return language.German.String() }\n"
    )
    first, second = (
        local_module(
            tmp_path / name,
            f"example.test/{name}",
            {"x.go": code.replace("NAME", name)},
            f"\nrequire golang.org/x/text {version}\n",
        )
        for name, version in (("first", "v0.20.0"), ("second", "v0.22.0"))
    )
    with start("1.26") as kernel:
        kernel.run(f'import "{first}"')
        with pytest.raises(CellFailed) as caught:
            kernel.run(f'import "{second}"')
        assert (
            "golang.org/x/text is needed in version v0.22.0, but this kernel holds v0.20.0: "
            "restart the kernel and import this package first." in str(caught.value)
        )
        # The kernel lives on, and later imports get the version that is there.
        assert kernel.run("first.German()") == "de"
        kernel.run('import "golang.org/x/text/cases"')
    with start("1.26") as kernel:
        kernel.run(f'import "{second}"')
        kernel.run(f'import "{first}"')
        assert kernel.run("first.German() + second.German()") == "dede"


@pytest.mark.parametrize(
    ("variables", "code", "said"),
    [
        ({"GOPROXY": "off"}, UUID, "module lookup disabled by GOPROXY=off"),
        ({"GOPROXY": "https://127.0.0.1:9"}, UUID, "127.0.0.1 refuses connections (connection"),
        ({"CC": "/nonexistent/cc"}, UUID, '"/nonexistent/cc" not found'),
        ({"GOKERNEL_GO": "/nonexistent/go"}, UUID, "is gone (/nonexistent/go is no executable)"),
        ({}, 'import "no/such/package"', "cannot import no/such/package: `go get no/such/package`"),
    ],
)
def test_what_a_failed_import_says(
    start: StartKernel, variables: dict[str, str], code: str, said: str
) -> None:
    """The reason, in the words of the tool that gave it, is in the cell's error."""
    with start("1.26", **variables) as kernel:
        with pytest.raises(CellFailed) as caught:
            kernel.run(code)
        assert said in str(caught.value)
        assert "exit status" not in str(caught.value)
        assert kernel.run("6 * 7") == "42"


def test_a_package_that_does_not_compile(start: StartKernel, tmp_path: Path) -> None:
    """The compiler's message, with file and line, is in the cell's error."""
    folder = local_module(
        tmp_path / "broken", "example.test/broken", {"b.go": "package broken\n\nvar X int = y\n"}
    )
    with start("1.26") as kernel, pytest.raises(CellFailed, match=r"b\.go:3:13: undefined: y"):
        kernel.run(f'import "{folder}"')


def test_without_a_c_compiler(start: StartKernel) -> None:
    """Built without cgo: the built-in packages work, others say what is missing."""
    with start("1.26", cgo="0") as kernel:
        assert kernel.run('import "strings"\nstrings.ToUpper("a")') == "A"
        with pytest.raises(CellFailed, match=r"built without a C compiler.*restart the kernel"):
            kernel.run(UUID)
