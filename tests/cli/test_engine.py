"""`engine list / build / prune`, on a store of its own."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import prefixes
from tests.cli.conftest import CommandLine
from tests.conftest import CondaPrefix
from tests.kernels import running


@pytest.fixture(scope="module")
def built(
    dev_cache: Path, conda_prefix: CondaPrefix, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """A store into which `engine build` has built one engine, and what it said meanwhile."""
    store = tmp_path_factory.mktemp("engines") / "store"
    home = tmp_path_factory.mktemp("home")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "go_kernel.cli.main", "engine", "build"),
            *("--env", conda_prefix("go=1.27")),
        ],
        env={
            **{k: v for k, v in os.environ.items() if k.endswith(("PROXY", "CERT_FILE"))},
            "PATH": "/usr/bin:/bin",
            "HOME": str(home),
            "GOKERNEL_STORE": str(store),
            "GOMODCACHE": str(dev_cache / "gomodcache"),
            "GOCACHE": str(dev_cache / "gocache"),
        },
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return store, done.stderr


@pytest.fixture
def store(built: tuple[Path, str], cli: CommandLine, tmp_path: Path) -> Path:
    """That store, copied for one test."""
    copy = tmp_path / "store"
    shutil.copytree(built[0], copy)
    cli.env["GOKERNEL_STORE"] = str(copy)
    return copy


def test_progress_is_plain_lines_without_a_terminal(built: tuple[Path, str]) -> None:
    """A build tells its steps on stderr, one a line, without control characters."""
    said = built[1]
    assert "shared: Compiling gophernotes" in said
    assert "\x1b" not in said
    assert "\r" not in said


def test_list(cli: CommandLine, store: Path, conda_prefix: CondaPrefix) -> None:
    """A build is listed with its Go, its size on disk, its store and the kernels that use it."""
    [one] = cli("engine", "list", "--json").json["builds"]
    size = sum(path.stat().st_size for path in Path(one["folder"]).rglob("*") if path.is_file())
    assert set(one) == {
        *("key", "engine", "go_version", "cgo", "size", "built_at", "kernels", "store", "folder")
    }
    assert (one["engine"], one["go_version"]) == ("gophernotes", "1.27.3")
    assert (one["size"], one["store"], one["kernels"]) == (size, "user", [])
    assert cli("install", "--env", conda_prefix("go=1.27")).code == 0
    [one] = cli("engine", "list", "--json").json["builds"]
    assert one["kernels"] == ["go-shared"]
    assert "go-shared" in cli("engine", "list").out


def test_site_store_is_listed_and_used(
    cli: CommandLine, store: Path, conda_prefix: CondaPrefix, tmp_path: Path
) -> None:
    """What the site has built isn't built again, and prune doesn't touch it."""
    cli.env |= {"GOKERNEL_SITE_STORES": str(store), "GOKERNEL_STORE": str(tmp_path / "own")}
    assert cli("install", "--env", conda_prefix("go=1.27")).code == 0
    [one] = cli("engine", "list", "--json").json["builds"]
    assert one["store"] == "site"
    assert cli("uninstall", "go-shared").code == 0
    assert cli("engine", "prune", "--json").json["removed"] == []
    assert Path(one["folder"]).is_dir()


def test_build_again_changes_nothing(
    cli: CommandLine, store: Path, conda_prefix: CondaPrefix
) -> None:
    """An engine that is there is given back as it is."""
    [key] = [path.name for path in store.iterdir() if path.name != ".locks"]
    before = (store / key).stat().st_ino
    [one] = cli("engine", "build", "--env", conda_prefix("go=1.27"), "--json").json["builds"]
    assert (one["key"], one["folder"]) == (key, str(store / key))
    assert (store / key).stat().st_ino == before


def test_rebuild_on_a_terminal(
    cli: CommandLine, store: Path, conda_prefix: CondaPrefix, tmp_path: Path
) -> None:
    """--rebuild makes a new one under the same key; a terminal sees one line that changes."""
    [key] = [path.name for path in store.iterdir() if path.name != ".locks"]
    before = (store / key).stat().st_ino
    cli.env["TERM"] = "xterm"
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        cli.argv("engine", "build", "--rebuild", "--env", conda_prefix("go=1.27")),
        env=cli.env,
        cwd=cli.cwd,
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        seen = _all_of(ours)
    assert process.returncode == 0
    assert (store / key).stat().st_ino != before
    assert "Compiling gophernotes" in seen
    assert "\x1b[" in seen  # a spinner, not lines


def _all_of(terminal: int) -> str:
    parts = []
    while True:
        try:
            part = os.read(terminal, 65536)
        except OSError:  # Linux's way of saying that the other side is closed
            part = b""
        if not part:
            os.close(terminal)
            return b"".join(parts).decode()
        parts.append(part)


def test_prune(cli: CommandLine, store: Path, conda_prefix: CondaPrefix) -> None:
    """An engine goes once no kernel would use it; --dry-run only says so."""
    assert cli("install", "--env", conda_prefix("go=1.27")).code == 0
    empty = {"dry_run": False, "removed": [], "plugins": []}
    assert cli("engine", "prune", "--json").json == empty
    assert "nothing to remove" in cli("engine", "prune").out
    assert cli("uninstall", "go-shared").code == 0
    [one] = cli("engine", "list", "--json").json["builds"]
    [told] = cli("engine", "prune", "--dry-run", "--json").json["removed"]
    assert told["folder"] == one["folder"]
    assert Path(one["folder"]).is_dir()
    done = cli("engine", "prune")
    assert done.out.startswith("Removed gophernotes for Go 1.27.3, ")
    assert not Path(one["folder"]).exists()
    assert cli("engine", "list", "--json").json == {"builds": []}


def test_prune_of_plugins(cli: CommandLine, store: Path, conda_prefix: CondaPrefix) -> None:
    """They go with their engine, or when asked for."""
    assert cli("install", "--env", conda_prefix("go=1.27")).code == 0
    [one] = cli("engine", "list", "--json").json["builds"]
    kept = store / ".plugins" / one["key"]
    for arguments in (["--plugins"], []):
        kept.mkdir(parents=True)
        (kept / "x.so").write_bytes(bytes(2_000_000))
        if not arguments:
            assert "nothing to remove" in cli("engine", "prune").out
            assert cli("uninstall", "go-shared").code == 0
        told = cli("engine", "prune", *arguments, "--dry-run", "--json").json["plugins"]
        assert told == [{"key": one["key"], "size": 2_000_000, "folder": str(kept)}]
        assert f"the plugins of {one['key']}, 2 MB" in cli("engine", "prune", *arguments).out
        assert not kept.exists()


def test_prune_spares_a_running_kernel(
    cli: CommandLine, store: Path, conda_prefix: CondaPrefix
) -> None:
    """While a kernel runs its engine stays, though nothing installed would use it."""
    assert cli("install", "--env", conda_prefix("go=1.27")).code == 0
    with running(cli.kernels.parent, "go-shared", cli.env, cli.cwd) as kernel:
        assert cli("uninstall", "go-shared").code == 0
        assert cli("engine", "prune", "--json").json["removed"] == []
        assert "4" in kernel.run("2+2")
    assert len(cli("engine", "prune", "--json").json["removed"]) == 1


def test_build_says_why_not(cli: CommandLine, envs_dir: Path, tmp_path: Path) -> None:
    """A Go that is too old is one sentence; of several, the others are still tried."""
    cli.env["GOKERNEL_STORE"] = str(tmp_path / "store")
    prefixes.go_prefix(envs_dir / "old", "1.21.3")
    one = cli("engine", "build", "--env", "old")
    assert one.code == 1
    assert "gophernotes needs Go 1.22 or newer, and this is Go 1.21.3." in one.err
    prefixes.go_prefix(envs_dir / "older", "1.18")
    several = cli("engine", "build", "--all", "--json")
    assert several.code == 1
    assert several.json == {"builds": []}
    assert "old: " in several.err
    assert "older: " in several.err


def test_settings_of_a_kernel_count(cli: CommandLine, conda_prefix: CondaPrefix) -> None:
    """--kernel builds what that kernel wants: here one without cgo, which is another engine."""
    words = ["--env", str(conda_prefix("go=1.27")), "--no-build"]
    assert cli("install", *words).code == 0
    assert cli("install", *words, "--name", "nocgo", "--set", "CGO_ENABLED=0").code == 0
    keys = {}
    for name in ("go-shared", "nocgo"):
        [built] = cli("engine", "build", "--kernel", name, "--json").json["builds"]
        keys[built["key"]] = name
    assert len(keys) == 2
    cgo = {one["key"]: one["cgo"] for one in cli("engine", "list", "--json").json["builds"]}
    assert {keys[key]: cgo[key] for key in keys} == {"go-shared": True, "nocgo": False}
    assert {k["status"] for k in cli("list", "--json").json["kernels"]} == {"ok"}


def test_configuration_counts(cli: CommandLine, conda_prefix: CondaPrefix) -> None:
    """What a configuration file sets for all kernels decides which engine `install` builds."""
    folder = cli.home.parent / "config"
    folder.mkdir()
    (folder / "jupyter_config.py").write_text(
        'c.GoKernelProvisioner.variables = {"CGO_ENABLED": "0"}\n'
    )
    assert cli("install", "--env", conda_prefix("go=1.27")).code == 0
    [kernel] = cli("list", "--json").json["kernels"]
    assert kernel["status"] == "ok"
    [built] = cli("engine", "build", "--kernel", "go-shared", "--json").json["builds"]
    builds = {one["key"]: one["cgo"] for one in cli("engine", "list", "--json").json["builds"]}
    assert builds[built["key"]] is False
