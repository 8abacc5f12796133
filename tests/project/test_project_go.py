"""Looking at a project with Go runs nothing of it, writes nothing and asks nobody."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from go_kernel.process import CommandError, CommandFailed, CommandNotFound
from go_kernel.project.go import NotJson, ProjectGo, flags
from tests import prefixes


@pytest.fixture(scope="module")
def go(goroot: Callable[[str], Path]) -> Path:
    """A real `go`."""
    return goroot("1.26") / "bin" / "go"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with one package."""
    prefixes.write(tmp_path / "project/go.mod", "module a.invalid/a\n\ngo 1.26\n")
    prefixes.write(tmp_path / "project/a.go", "package a\n")
    return tmp_path / "project"


def test_answers_are_plain_values(go: Path, folder: Path, clean_env: dict[str, str]) -> None:
    """One object, or several that follow each other; what is neither is an error."""
    asked = ProjectGo(go, clean_env)
    assert asked.json(folder, "mod", "edit", "-json")["Module"]["Path"] == "a.invalid/a"
    listed = asked.objects(folder, "list", "-json=ImportPath", "./...", "unsafe")
    assert [one["ImportPath"] for one in listed] == ["a.invalid/a", "unsafe"]
    for broken in (asked.json, asked.objects):
        with pytest.raises(NotJson, match="go version printed no JSON"):
            broken(folder, "version")


def test_failures_are_named(go: Path, folder: Path, clean_env: dict[str, str]) -> None:
    """A command that fails, a folder that is none: errors of one kind."""
    asked = ProjectGo(go, clean_env)
    with pytest.raises(CommandFailed, match="go nonsense failed with exit code 2"):
        asked.run(folder, "nonsense")
    assert asked.run(folder, "nonsense", check=False).returncode == 2
    with pytest.raises(CommandNotFound, match="nowhere"):
        asked.run(folder / "nowhere", "version")


def test_nothing_named_by_variables_is_started(
    go: Path, folder: Path, clean_env: dict[str, str]
) -> None:
    """Neither a program of GOFLAGS, nor one for the build cache, nor another Go, nor git's."""
    marker = folder.parent / "started"
    program = prefixes.program(folder / "evil", f"#!/bin/sh\necho >>{marker}\nexit 1\n")
    prefixes.write(folder / ".git/HEAD", "ref: refs/heads/main\n")
    prefixes.write(folder / ".git/config", f"[core]\n\tfsmonitor = {program}\n")
    (folder / ".git/objects").mkdir()
    (folder / ".git/refs").mkdir()
    (folder / "go.mod").write_text("module a.invalid/a\n\ngo 1.26\n\ntoolchain go1.99.0\n")
    (folder / "a.go").write_text("package main\n\nfunc main() {}\n")
    hostile = {
        "GOFLAGS": f"-toolexec={program} -tags=x",
        "GOCACHEPROG": str(program),
        "GOPACKAGESDRIVER": str(program),
        "GOTOOLCHAIN": "go1.99.0",
        "GOENV": str(prefixes.write(folder / "env", f"GOFLAGS=-toolexec={program}\n")),
    }
    asked = ProjectGo(go, clean_env | hostile)
    asked.run(folder, "build", "-o", "/dev/null", ".")
    said = asked.as_given(folder, ["GOFLAGS", "GOTOOLCHAIN", "GOMOD"])
    assert said == {
        "GOFLAGS": hostile["GOFLAGS"],
        "GOTOOLCHAIN": "local",
        "GOMOD": str(folder / "go.mod"),
    }
    assert not marker.exists()


def test_nothing_is_written(go: Path, folder: Path, clean_env: dict[str, str]) -> None:
    """`-mod=mod` in GOFLAGS would put a go line into this go.mod."""
    (folder / "go.mod").write_text("module a.invalid/a\n")
    asked = ProjectGo(go, clean_env | {"GOFLAGS": "-mod=mod"})
    asked.run(folder, "list", "./...")
    assert (folder / "go.mod").read_text() == "module a.invalid/a\n"


def test_nobody_is_asked(go: Path, folder: Path, clean_env: dict[str, str]) -> None:
    """Neither a proxy, nor a module's own host where GOPRIVATE sends Go past proxies."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        required = f"require {address.replace(':', '.invalid/')} v1.0.0\n"
        (folder / "go.mod").write_text(f"module a.invalid/a\n\ngo 1.26\n\n{required}")
        variables = clean_env | {
            "GOPROXY": f"http://{address}",
            "GOPRIVATE": "*",
            "GONOPROXY": "*",
            "HTTP_PROXY": f"http://{address}",
            "HTTPS_PROXY": f"http://{address}",
            "GOINSECURE": "*",
        }
        with pytest.raises(CommandError):
            ProjectGo(go, variables).run(folder, "list", "-m", "all")
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
        asked = ProjectGo(go, variables, network=True)
        with pytest.raises(CommandError):
            asked.run(folder, "list", "-m", "-json", "b.invalid/b@v1.0.0", timeout=2)
        server.accept()[0].close()


def test_flags_that_choose_files_stay() -> None:
    """Everything else is left out."""
    given = "-mod=vendor '-tags=a b' -modfile=x.mod -toolexec=/x -overlay=y -race -exec=z"
    kept = "-mod=vendor '-tags=a b' -modfile=x.mod -buildvcs=false"
    assert flags(given) == kept
    assert flags("--mod=mod") == "-mod=readonly -buildvcs=false"
    assert flags("-modcacherw") == "-modcacherw -buildvcs=false"
