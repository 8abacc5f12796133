"""What a failed build says."""

from __future__ import annotations

from pathlib import Path

import pytest

from go_kernel.engines.errors import BuildFailed, EngineMissing
from go_kernel.toolchain import Toolchain

CHAIN = Toolchain(Path("/envs/a/go"), Path("/envs/a/go/bin/go"), "1.26.6", "linux", "amd64")


@pytest.mark.parametrize(
    ("output", "kind"),
    [
        ("[Errno 28] No space left on device: '/x'", "disk-full"),
        ('cgo: C compiler "gcc" not found: exec: "gcc": not found in $PATH', "c-compiler"),
        ('Get "https://p/@v/x.zip": dial tcp: lookup p: no such host', "dns"),
        ("build cache is required, but could not be located", "cache-unwritable"),
        ("./x.go:1:1: syntax error", "unknown"),
    ],
)
def test_known_failures_are_recognised(output: str, kind: str) -> None:
    """The usual reasons get a sentence and a remedy of their own: `go_kernel.goerrors`'."""
    found = BuildFailed("gophernotes", CHAIN, output, "compiling")

    assert found.kind == kind
    assert (found.remedy is None) == (kind == "unknown")


def test_what_is_missing_offline_is_the_engine() -> None:
    """No single module is of use: a bundle holds all that an engine is made of."""
    output = "a.b/c@v1.0.0: reading file:///bundle/a.b/c/@v/v1.0.0.zip: no such file or directory"
    error = BuildFailed("gonb", CHAIN, output, "fetching", {"GOKERNEL_OFFLINE": "1"})

    assert error.kind == "offline"
    assert "a.b/c@v1.0.0 is in none of this machine's bundles" in error.summary
    assert "jupyter gokernel bundle create --engine gonb -o FILE" in str(error.remedy)
    assert "jupyter gokernel bundle use FILE" in str(error.remedy)


def test_an_unknown_failure_shows_its_last_line() -> None:
    """Nothing is made up: the compiler's own last words, all of them as evidence."""
    error = BuildFailed("gophernotes", CHAIN, "net/http\n# pkg\n./x.go:1:1: oops\n", "compiling")

    assert str(error) == (
        "gophernotes could not be built with Go 1.26.6 (/envs/a/go): compiling: ./x.go:1:1: oops."
    )
    assert error.evidence == "# pkg\n./x.go:1:1: oops"


def test_credentials_of_a_proxy_are_not_shown() -> None:
    """A proxy's password in the output reaches neither sentence nor evidence."""
    error = BuildFailed("g", CHAIN, "reading https://me:hunter2@proxy/x: 418 Teapot", "fetching")

    assert "hunter2" not in str(error) + error.evidence


def test_a_missing_engine_names_the_command() -> None:
    """Where a launch may not build, the sentence says what to run."""
    chain = Toolchain(CHAIN.goroot, CHAIN.go, "1.26.6", "linux", "amd64", Path("/envs/a"))

    assert "`jupyter gokernel engine build --engine gophernotes --env /envs/a`" in str(
        EngineMissing("gophernotes", chain, "key")
    )
