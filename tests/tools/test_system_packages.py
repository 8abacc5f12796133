import os
from pathlib import Path

import pytest

from tools.system_packages import SystemPackagesMissing, browser, provide


@pytest.fixture
def bare(tmp_path):
    """A PATH that holds nothing but what a test puts there."""
    programs = tmp_path / "bin"
    programs.mkdir()
    return {"PATH": str(programs), "LOG": str(tmp_path / "log")}


def program(env, name, text):
    """Put a shell script onto the PATH."""
    path = Path(env["PATH"]) / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def all_but_a_compiler(env):
    """Put all shells and other programs onto the PATH."""
    for name in "bash dash zsh fish tcsh git ssh-keygen ip jq chromium".split():
        program(env, name, "")


def test_nothing_is_missing_here():
    """On a machine that runs these tests, all is there, and nothing is installed."""
    provide(os.environ, root=False)


def test_without_root_missing_things_are_named(bare):
    """Where we may install nothing: one sentence with everything that is missing."""
    program(bare, "apt-get", "echo $* >> $LOG")

    with pytest.raises(SystemPackagesMissing) as caught:
        provide(bare, root=False)

    expected = (
        "The tests need a C compiler, bash, dash, zsh, fish, tcsh, git, ssh-keygen, ip, jq, "
        "chromium, which this machine lacks. Install it (Debian: apt-get install gcc libc6-dev "
        "bash dash zsh fish tcsh git openssh-client iproute2 jq chromium) and run again."
    )
    assert str(caught.value) == expected
    assert not Path(bare["LOG"]).exists()


def test_root_on_debian_installs_them(bare):
    """As root: the package lists first, then just what is missing."""
    program(bare, "apt-get", "echo $* >> $LOG")
    all_but_a_compiler(bare)

    provide(bare, root=True)

    assert Path(bare["LOG"]).read_text().splitlines() == [
        "update",
        "install --yes --no-install-recommends gcc libc6-dev",
    ]


def test_compiler_that_cannot_link_counts_as_missing(bare):
    """Debian's gcc without the C library's headers is there and useless."""
    all_but_a_compiler(bare)
    program(bare, "cc", "exit 1")

    with pytest.raises(SystemPackagesMissing, match="need a C compiler, which"):
        provide(bare, root=False)


def test_failing_apt_get_is_told(bare):
    """No network for apt-get: what it says is the evidence."""
    program(bare, "apt-get", "echo 'Temporary failure resolving' >&2; exit 100")

    with pytest.raises(SystemPackagesMissing, match="could not install") as caught:
        provide(bare, root=True)

    assert "Temporary failure" in caught.value.evidence


@pytest.mark.parametrize("name", ["chromium", "chromium-browser", "google-chrome"])
def test_browser_goes_by_several_names(bare, name):
    """Debian, Ubuntu and Google call it differently; any of them serves."""
    assert browser(bare) == ""
    program(bare, name, "")
    assert browser(bare) == f"{bare['PATH']}/{name}"
