"""The module cache against its own hashes: what was changed is named, nothing else is."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from go_kernel import process
from go_kernel.health.live.poison import Looked, poisoned
from tests import unprivileged
from tests.engines.proxy import Proxy, saying

CAPITAL = "example.test/Some/Lib"
OTHER = "example.test/other"


@pytest.fixture
def modcache(goroot: Callable[[str], Path], tmp_path: Path, clean_env: dict[str, str]) -> Path:
    """A module cache that Go itself filled with two modules, one after the other."""
    proxy = Proxy(tmp_path / "proxy")
    proxy.publish(CAPITAL, "v0.1.0", {"sub/lib.go": "package sub\n", "a.go": "package lib\n"})
    proxy.publish(OTHER, "v0.2.0", saying("other"))
    place = tmp_path / "modcache"
    env = {
        **clean_env,
        "GOPROXY": proxy.url,
        "GOMODCACHE": str(place),
        "GOSUMDB": "off",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-modcacherw",
    }
    go = goroot("1.26") / "bin" / "go"
    for module in (f"{CAPITAL}@v0.1.0", f"{OTHER}@v0.2.0"):
        process.run([go, "mod", "download", module], env=env, timeout=60, cwd=tmp_path)
    return place


def look(modcache: Path) -> Looked:
    return poisoned(modcache, time.monotonic() + 60)


def test_what_go_downloaded_is_intact(modcache: Path) -> None:
    """Capital letters, folders and all: our hash is Go's."""
    seen = look(modcache)
    assert (seen.poisoned, seen.unreadable, seen.looked, seen.total) == ((), (), 2, 2)


@pytest.mark.parametrize(
    "how", ["edited", "added", "removed", "pipe", "link", "linked folder", "hash is a pipe"]
)
def test_a_changed_module_is_named(modcache: Path, how: str) -> None:
    """Whatever was done to a file of it; the other module is not named."""
    folder = modcache / "example.test/!some/!lib@v0.1.0"
    file = folder / "sub" / "lib.go"
    if how == "added":
        (folder / "init.go").write_text("package lib\n\nfunc init() {}\n")
    elif how == "linked folder":
        (folder / "more").symlink_to("/etc")
    elif how == "hash is a pipe":
        ziphash = modcache / "cache/download/example.test/!some/!lib/@v/v0.1.0.ziphash"
        ziphash.unlink()
        os.mkfifo(ziphash)
    else:
        file.unlink()
    if how == "edited":
        file.write_text("package sub\n\nvar Added = 1\n")
    elif how == "pipe":
        os.mkfifo(file)
    elif how == "link":
        file.symlink_to("../a.go")
    assert [str(module) for module in look(modcache).poisoned] == [f"{CAPITAL}@v0.1.0"]


def test_the_one_that_changed_last_comes_first(modcache: Path) -> None:
    """With time for one only, it is the one that somebody just touched."""
    other = modcache / f"{OTHER}@v0.2.0"
    (other / "more.go").write_text("package lib\n")
    newest = max(path.stat().st_mtime for path in modcache.rglob("*")) + 5
    os.utime(other, (newest, newest))
    assert [module.path for module in look(modcache).poisoned] == [OTHER]
    none = poisoned(modcache, time.monotonic())
    assert (none.poisoned, none.looked, none.total) == ((), 0, 2)


def test_a_module_that_is_being_unpacked_is_left_alone(modcache: Path) -> None:
    """Go marks it; half of it is there, and it is no fault."""
    (modcache / f"{OTHER}@v0.2.0" / "lib.go").unlink()
    (modcache / "cache/download" / OTHER / "@v/v0.2.0.partial").touch()
    seen = look(modcache)
    assert (seen.poisoned, seen.total) == ((), 1)


def test_a_module_that_may_not_be_read() -> None:
    """It is neither called poisoned nor right."""
    with unprivileged.open_folder() as base:
        modules = [("a.test", 0o755), ("b.test", 0o000)]
        for name, mode in modules:
            file = base / f"{name}@v1.0.0" / "a.go"
            file.parent.mkdir()
            file.write_text("package a\n")
            file.parent.chmod(mode)
            hashed = base / f"cache/download/{name}/@v/v1.0.0.ziphash"
            hashed.parent.mkdir(parents=True)
            hashed.write_text("h1:another")
        found = unprivileged.run(UNREADABLE, base)
    assert found == [["a.test"], ["b.test"]]


UNREADABLE = """
import time
from pathlib import Path
from go_kernel.health.live.poison import poisoned
drop()
seen = poisoned(Path(sys.argv[1]), time.monotonic() + 60)
print(json.dumps([[one.path for one in some] for some in (seen.poisoned, seen.unreadable)]))
"""


def test_no_module_cache_at_all(tmp_path: Path) -> None:
    """Nothing to look at is nothing found."""
    assert look(tmp_path / "none") == Looked((), (), 0, 0)
