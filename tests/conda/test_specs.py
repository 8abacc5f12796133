"""What conda's words for packages mean, of a package that is there."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from go_kernel.conda import specs
from go_kernel.conda.packages import Package

GO = Package(
    name="go",
    version="1.26.6",
    build="h1_0",
    build_number=3,
    subdir="linux-64",
    channel="https://mirror.invalid/private/conda-forge",
    sha256="ab" * 32,
)


@pytest.mark.parametrize(
    "spec",
    [
        "go",
        "Go=1.26",
        "go >=1.22,<1.27",
        "go=1.26.6=h1_*",
        "go==1.26.6",
        "go[build_number='>2']",
        "conda-forge::go",
        "conda-forge/linux-64::go",
        "https://elsewhere.invalid/conda-forge::go=1.26",
        f"go[sha256={'ab' * 32}]",
        "https://elsewhere.invalid/conda-forge/linux-64/go-1.26.6-h1_0.conda",
    ],
)
def test_fulfilled(spec: str) -> None:
    """A mirror has another address, and is the same channel."""
    assert specs.matches(spec, GO)


@pytest.mark.parametrize(
    "spec",
    [
        "go-cgo",
        "go=1.2",
        "go 1.26",
        "go <1.26",
        "go=1.26.6=h2_*",
        "go[build_number='>3']",
        "bioconda::go",
        "conda-forge/osx-64::go",
        f"go[sha256={'cd' * 32}]",
        "https://elsewhere.invalid/conda-forge/linux-64/go-1.26.7-h1_0.conda",
    ],
)
def test_not_fulfilled(spec: str) -> None:
    """`go=1.2` isn't the beginning of 1.26, and `go 1.26` is that version exactly."""
    assert not specs.matches(spec, GO)


@pytest.mark.parametrize("spec", ["go=", "", "=1.2", "{{ x }}", "go*", "go >", "go[x=y]"])
def test_what_names_no_package(spec: str) -> None:
    """It is said in one line, and matching with it is an error."""
    reason = specs.problem(spec)
    assert reason
    assert len(reason.splitlines()) == 1
    with pytest.raises(specs.BadSpec) as caught:
        specs.matches(spec, GO)
    assert repr(spec) in str(caught.value)


def test_a_package_that_conda_would_not_write() -> None:
    """A record with an impossible version fulfils nothing."""
    assert not specs.matches("go", replace(GO, version="%%"))
    assert not specs.matches("go", replace(GO, build="a b"))


def test_without_rattler() -> None:
    """One sentence with pip's command."""
    code = (
        "import sys; sys.modules['rattler'] = None\n"
        "from go_kernel.conda import specs\n"
        "try: specs.problem('go')\n"
        "except specs.RattlerMissing as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "is not installed. Run: pip install 'jupyter-gokernel[conda]'" in done.stdout


def test_the_names_of_what_is_asked_for() -> None:
    """As conda compares them."""
    assert specs.name_of("conda-forge::Go-CGO>=1") == "go-cgo"
