"""Jupyter's own suite for kernels, with every sample filled, on the oldest and the newest Go.

ref: https://github.com/jupyter/jupyter_kernel_test
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import jupyter_kernel_test  # not its classes: they would be collected
import pytest

from tests.engines.conftest import StartSharedKernel

PNG = 'import ("image"; "image/color")\npicture := image.NewRGBA(image.Rect(0, 0, 2, 2))\n'


@pytest.fixture(scope="class")
def suite_kernel(request: pytest.FixtureRequest, start_shared: StartSharedKernel) -> Iterator[None]:
    """A kernel of the class's version, where the suite looks for it."""
    with start_shared(request.cls.version) as kernel:
        request.cls.km, request.cls.kc = kernel.manager, kernel.client
        yield


@pytest.fixture(scope="class")
def fresh_client(request: pytest.FixtureRequest, start_shared: StartSharedKernel) -> Iterator[None]:
    """A client whose channels have not been started yet."""
    with start_shared("1.26") as kernel:
        request.cls.km, request.cls.kc = kernel.manager, kernel.manager.client()
        yield
        # A heartbeat that is stopped while its thread starts is never told, and opens sockets
        # until there are no more.
        deadline = time.monotonic() + 20
        while not request.cls.kc.hb_channel.is_beating():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        request.cls.kc.stop_channels()


class Suite:
    """What both versions are asked; KernelTests asks, this says what a Go kernel should answer."""

    version = ""
    language_name = "go"
    file_extension = ".go"
    code_hello_world = 'import "fmt"\nfmt.Println("hello, world")'
    code_stderr = 'import ("fmt"; "os")\nfmt.Fprintln(os.Stderr, "an error")'
    code_generate_error = 'panic("on purpose")'
    code_page_something = "append?"
    code_inspect_sample = "append"
    code_clear_output = "ClearOutput(false)"
    completion_samples = (
        {"text": "fall", "matches": {"fallthrough"}},
        {"text": "%gokern", "matches": {"%gokernel"}},
        {"text": 'import "strings"\nstrings.ToUpperS', "matches": {"ToUpperSpecial"}},
        {"text": "nothingIsCalledSo", "matches": set()},
    )
    complete_code_samples = (
        "",
        "x := 1",
        "1 + 2",
        "func f() int {\n\treturn 1\n}",
        'import "fmt"',
        "// a comment",
        "for i := 0; i < 3; i++ {\n}",
        "%gokernel",
        "$ls -l",
        "type T struct{ A, B int }",
    )
    incomplete_code_samples = (
        "func f() {",
        "x := []int{1,",
        "1 +",
        "`a raw string",
        "/* a comment",
        'import (\n\t"fmt"',
        'fmt.Println("a",',
        "if x {\n\ty()\n} else {",
    )
    invalid_code_samples = ("x := := 1", "func {}", "1 2", "}", 'fmt.Println("a"))')
    code_execute_result = (
        {"code": "6 * 7", "result": "42"},
        {"code": '"a" + "b"', "result": "ab"},
        {"code": "[]int{1, 2}", "result": "[1 2]"},
        {"code": PNG + "picture", "mime": "image/png"},
        {"code": "6 * 7", "result": "42"},
        {"code": "6 * 7", "result": "42"},
    )
    code_display_data = (
        {"code": 'Display(display.HTML("<b>bold</b>"))', "mime": "text/html"},
        {"code": 'Display(display.Markdown("*it*"))', "mime": "text/markdown"},
        {"code": 'Display(display.SVG("<svg/>"))', "mime": "image/svg+xml"},
        {"code": 'Display(display.Latex("x^2"))', "mime": "text/latex"},
        {
            "code": 'Display(display.JSON(map[string]interface{}{"a": 1}))',
            "mime": "application/json",
        },
        {"code": PNG + "Display(picture)", "mime": "image/png"},
    )
    code_history_pattern = "6 [*]*"
    supported_history_operations = ("tail", "range", "search")

    @classmethod
    def setUpClass(cls) -> None:
        """The fixture starts the kernel."""

    @classmethod
    def tearDownClass(cls) -> None:
        """The fixture ends the kernel."""


@pytest.mark.usefixtures("suite_kernel")
class TestOldestGo(Suite, jupyter_kernel_test.KernelTests):
    """On Go 1.22."""

    version = "1.22"


@pytest.mark.usefixtures("suite_kernel")
class TestNewestGo(Suite, jupyter_kernel_test.KernelTests):
    """On Go 1.27."""

    version = "1.27"


@pytest.mark.usefixtures("fresh_client")
class TestWelcome(jupyter_kernel_test.IopubWelcomeTests):
    """The first message on iopub says that the subscription is in force.

    ref: https://jupyter.org/enhancement-proposals/65-jupyter-xpub/jupyter-xpub.html
    """

    support_iopub_welcome = True

    @classmethod
    def setUpClass(cls) -> None:
        """The fixture starts the kernel."""

    @classmethod
    def tearDownClass(cls) -> None:
        """The fixture ends the kernel."""


@pytest.mark.parametrize("version", ["1.24", "1.25", "1.26"])
def test_the_versions_between(version: str, start_shared: StartSharedKernel) -> None:
    """State, output, an error and a result on each Go between."""
    with start_shared(version) as kernel:
        assert kernel.run('import "fmt"\nx := 6\nfmt.Println("hello")') == "hello\n"
        assert kernel.run("x * 7") == "42"
        assert version in kernel.run('import "runtime"\nruntime.Version()')
