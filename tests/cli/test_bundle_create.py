"""`bundle create` as people type it."""

from __future__ import annotations

from pathlib import Path

import pytest

from go_kernel.engines import catalogue
from tests.cli.conftest import CommandLine
from tests.engines.proxy import LIB, Proxy, saying


@pytest.fixture
def served(cli: CommandLine, tmp_path: Path) -> Proxy:
    """A proxy that the command line's Go asks, with one module."""
    proxy = Proxy(tmp_path / "proxy")
    proxy.publish(LIB, "v0.1.0", saying("one"))
    cli.env |= {"GOPROXY": proxy.url, "GOSUMDB": "off", "GOMODCACHE": str(tmp_path / "modcache")}
    return proxy


def test_a_bundle_is_made_and_used(cli: CommandLine, served: Proxy) -> None:
    """The command that it prints is what uses it, and verify finds it whole."""
    made = cli("bundle", "create", "--engine", "none", "--module", LIB, "-o", "b.tar.zst", "--json")
    assert made.code == 0, made.err
    assert made.json["extras"] == [f"{LIB}@v0.1.0"]
    assert made.json["engines"] == []
    assert made.json["modules"] == 1
    assert made.json["size"] == (cli.cwd / "b.tar.zst").stat().st_size
    assert cli("bundle", "verify", "b.tar.zst").code == 0
    words = made.json["use"].split()
    assert words[:3] == ["jupyter", "gokernel", "bundle"]
    used = cli(*words[2:])
    assert used.code == 0, used.err


def test_what_was_made_is_printed(cli: CommandLine, served: Proxy) -> None:
    """Size, number of modules, the archive's hash, and how to use it."""
    again = ("--engine", "none", "--name", "course", "--module", f"{LIB}@v0.1.0")
    made = cli("bundle", "create", *again, "-o", "b.tar.zst", "--json").json
    said = cli("bundle", "create", *again, "--output", "b.tar.zst", "--force")
    assert said.code == 0, said.err
    assert "1 module," in said.out
    assert "MB" in said.out
    assert f"sha256  {made['sha256']}" in said.out
    assert made["id"] in said.out
    assert made["use"] in said.out


def test_the_engines_modules(cli: CommandLine) -> None:
    """Where nothing is said it is gophernotes; our go.sum decides, and no checksum database."""
    cli.env["GOSUMDB"] = "unreachable.invalid"
    made = cli("bundle", "create", "-o", "engine/", "--json")
    assert made.code == 0, made.err
    assert made.json["engines"] == ["gophernotes"]
    sums = (catalogue.get("gophernotes").folder / "go.sum").read_text().splitlines()
    assert {*sums} <= {*(cli.cwd / "engine/go.sum").read_text().splitlines()}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "Where the bundle goes is missing"),
        (("-o", "b", "--engine", "none"), 2, "Nothing is to be bundled"),
        (("-o", "b", "--engine", "none", "--engine", "gonb"), 2, "exclude each other"),
        (("-o", "b", "--engine", "lisp"), 2, "no engine named"),
        (("-o", "b", "--platform", "linux-arm64"), 2, "--toolchain is missing"),
        (("-o", "b", "--toolchain", "embedded", "--platform", "vax"), 2, "no platform"),
        (("-o", "b", "--module", "fmt"), 2, "standard library"),
        (("-o", "b", "--name", "a b"), 2, "no name for a bundle"),
        (("-o", "b", "--project", "nowhere"), 2, "is not there"),
        (("-o", "no/such/folder/b"), 2, "is no folder"),
        (("-o", "b", "--env", "nobody"), 2, "no conda environment"),
        (("-o", "b", "--engine", "none", "--module", "example.test/gone"), 1, "no such module"),
        (("-o", "there"), 1, "--force"),
    ],
)
def test_mistakes_are_a_sentence(
    cli: CommandLine, served: Proxy, words: tuple[str, ...], code: int, said: str
) -> None:
    """And leave nothing behind."""
    (cli.cwd / "there").touch()
    done = cli("bundle", "create", *words)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert "Traceback" not in done.err
    assert [one.name for one in cli.cwd.iterdir()] == ["there"]


def test_bundles_that_are_used_here_say_nothing_about_what_there_is(
    cli: CommandLine, served: Proxy
) -> None:
    """A bundle stands in front of GOPROXY for kernels: the newest version is the proxy's."""
    first = cli("bundle", "create", "--engine", "none", "--module", LIB, "-o", "a", "--json")
    assert cli(*first.json["use"].split()[2:]).code == 0
    served.publish(LIB, "v0.2.0", saying("two"))
    second = cli("bundle", "create", "--engine", "none", "--module", LIB, "-o", "b", "--json")
    assert second.json["extras"] == [f"{LIB}@v0.2.0"]
