"""Compiled imports are kept for later kernels of the same build."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from go_kernel.engines import plugins
from go_kernel.engines.store import Stores
from tests.engines.conftest import StartKernel
from tests.engines.proxy import LIB, Proxy, saying
from tests.engines.test_store import KEY, OTHER, put
from tests.kernels import TIMEOUT, CellFailed, Kernel

IMPORT = f'import "{LIB}"'
NO_GO = {"GOKERNEL_GO": "/nonexistent/go"}
GENERIC = "package lib\n\nconst Text = 1\n\nfunc First[T any](list []T) T { return list[0] }\n"


@pytest.fixture
def folder(proxied: dict[str, str]) -> Path:
    """Where the plugins are."""
    return Path(proxied["GOKERNEL_PLUGINS"]) / "plugins"


@pytest.mark.parametrize("version", ["1.22", "1.26", "1.27"])
def test_the_second_kernel_compiles_nothing(
    start: StartKernel, proxied: dict[str, str], version: str
) -> None:
    """It needs no go command at all, for modules as for the standard library."""
    with start(version, **proxied) as kernel:
        kernel.run(IMPORT)
        kernel.run('import "log/slog"')
        assert kernel.run("lib.Say()") == "two"
    with start(version, **proxied, **NO_GO) as kernel:
        assert kernel.run(IMPORT) == ""
        assert kernel.run("lib.Say() + lib.Text") == "twotwo"
        kernel.run('import "log/slog"')
        assert kernel.run("slog.LevelWarn.String()") == "WARN"
        with pytest.raises(CellFailed, match="is gone"):
            kernel.run('import "testing/slogtest"')


def test_what_is_not_there_is_not_kept(start: StartKernel, proxied: dict[str, str]) -> None:
    """Without a store a kernel compiles for itself."""
    del proxied["GOKERNEL_PLUGINS"]
    with start("1.26", **proxied) as kernel:
        kernel.run(IMPORT)
    with start("1.26", **proxied, **NO_GO) as kernel, pytest.raises(CellFailed, match="is gone"):
        kernel.run(IMPORT)


@pytest.mark.parametrize("place", [".", "..", "plugins", "index"])
def test_a_store_that_others_can_write_is_not_used(
    start: StartKernel, proxied: dict[str, str], folder: Path, place: str
) -> None:
    """A plugin is code: what anybody could have put there isn't loaded."""
    with start("1.26", **proxied) as kernel:
        kernel.run(IMPORT)
    (folder.parent / place).chmod(0o777)
    with start("1.26", **proxied, **NO_GO) as kernel, pytest.raises(CellFailed, match="is gone"):
        kernel.run(IMPORT)


def test_its_files_are_ones_own(start: StartKernel, proxied: dict[str, str], folder: Path) -> None:
    """Whatever the umask is, nobody else may look at them."""
    with start("1.26", **proxied) as kernel:
        kernel.run(IMPORT)
    for path in folder.parent.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert not list(folder.glob(".building*"))


@pytest.mark.parametrize("damage", ["cut short", "overwritten", "empty"])
def test_a_damaged_plugin_is_made_anew(
    start: StartKernel, proxied: dict[str, str], folder: Path, damage: str
) -> None:
    """The import works all the same, and the next kernel finds a good one."""
    with start("1.26", **proxied) as kernel:
        kernel.run(IMPORT)
    [plugin] = folder.glob("*.so")
    size = plugin.stat().st_size
    os.truncate(plugin, 0 if damage == "empty" else size // 2)
    if damage == "overwritten":
        plugin.write_bytes(bytes(size))
    with start("1.26", **proxied) as kernel:
        kernel.run(IMPORT)
        assert kernel.run("lib.Say()") == "two"
    with start("1.26", **proxied, **NO_GO) as kernel:
        kernel.run(IMPORT)
        assert kernel.run("lib.Say()") == "two"


def test_other_flags_make_another_plugin(
    start: StartKernel, proxied: dict[str, str], folder: Path
) -> None:
    """What a C compiler is told is part of what was compiled."""
    for flags in ("-O1", "-O2", "-O1"):
        with start("1.26", **proxied, CGO_CFLAGS=flags) as kernel:
            kernel.run(IMPORT)
    assert len(list(folder.glob("*.so"))) == 2


def test_modules_in_the_process_have_a_say(
    start: StartKernel, proxy: Proxy, proxied: dict[str, str]
) -> None:
    """What fits a kernel that holds an older version is nothing for one that doesn't."""
    user = 'package user\n\nimport "example.test/lib"\n\nfunc Said() string { return lib.Say() }\n'
    old = 'package old\n\nimport "example.test/lib"\n\nconst Old = lib.Text\n'
    proxy.publish(
        "example.test/user",
        "v1.0.0",
        {"user.go": user},
        more="\nrequire example.test/lib v0.1.0\n",
    )
    proxy.publish(
        "example.test/old", "v1.0.0", {"old.go": old}, more="\nrequire example.test/lib v0.1.0\n"
    )
    for _ in range(2):  # compiled, and from the store
        with start("1.26", **proxied) as kernel:
            kernel.run('import "example.test/old"')
            kernel.run(IMPORT)
            assert kernel.run("lib.Say()") == "one"
            kernel.run('import "example.test/user"')
            assert kernel.run("user.Said()") == "one"
        with start("1.26", **proxied) as kernel:
            kernel.run(IMPORT)
            assert kernel.run("lib.Say()") == "two"
            kernel.run('import "example.test/user"')
            assert kernel.run("user.Said()") == "two"


def test_a_version_stays_until_told_otherwise(
    start: StartKernel, proxy: Proxy, proxied: dict[str, str]
) -> None:
    """A newer version is looked for after `%gokernel update`, and after a week."""
    with start("1.26", **proxied) as kernel:
        kernel.run(IMPORT)
    proxy.publish(LIB, "v0.3.0", saying("three"))
    with start("1.26", **proxied) as kernel:
        kernel.run(IMPORT)
        assert kernel.run("lib.Say()") == "two"
        kernel.run("%gokernel update")
    with start("1.26", **proxied) as kernel:
        kernel.run(IMPORT)
        assert kernel.run("lib.Say()") == "three"

    proxy.publish(LIB, "v0.4.0", saying("four"))
    [index] = Path(proxied["GOKERNEL_PLUGINS"], "index").iterdir()
    this_year, long_ago = time.strftime('"At": "%Y'), '"At": "2001'
    index.write_text(index.read_text().replace(this_year, long_ago))
    with start("1.26", **proxied) as kernel:
        kernel.run(IMPORT)
        assert kernel.run("lib.Say()") == "four"


def test_without_the_proxy_an_old_answer_serves(
    start: StartKernel, proxy: Proxy, proxied: dict[str, str]
) -> None:
    """Where no newer version can be looked for, the import works and says so."""
    with start("1.26", **proxied) as kernel:
        kernel.run(IMPORT)
        kernel.run("%gokernel update")
    shutil.rmtree(proxy.folder)
    with start("1.26", **proxied) as kernel:
        said = kernel.run(IMPORT)
        assert "looking for newer versions failed" in said
        assert kernel.run("lib.Say()") == "two"


def test_generic_names_are_remembered(
    start: StartKernel, proxy: Proxy, proxied: dict[str, str]
) -> None:
    """They are named by the import of a plugin that was there, too."""
    proxy.publish(LIB, "v0.3.0", {"lib.go": GENERIC})
    for more in ({}, NO_GO):
        with start("1.26", **{**proxied, **more}) as kernel:
            said = f"{LIB}: 1 generic name can't be used in the interpreter: First\n"
            assert kernel.run(IMPORT).endswith(said)


def run_all(kernels: list[Kernel], cells: list[str]) -> None:
    """One cell in each kernel, at once; all of them work."""
    for kernel, cell in zip(kernels, cells, strict=True):
        kernel.client.execute(cell)
    for kernel in kernels:
        assert kernel.client.get_shell_msg(timeout=TIMEOUT)["content"]["status"] == "ok"


def test_ten_kernels_at_once(
    start: StartKernel, proxy: Proxy, proxied: dict[str, str], folder: Path
) -> None:
    """The same package is compiled once; different ones don't meet."""
    names = [f"p{i}" for i in range(10)]
    for name in names:
        proxy.publish(
            f"example.test/{name}",
            "v1.0.0",
            {"x.go": f'package {name}\n\nfunc Name() string {{ return "{name}" }}\n'},
        )
    with ExitStack() as stack:
        kernels = [stack.enter_context(start("1.26", **proxied)) for _ in names]
        run_all(kernels, [IMPORT] * 10)
        assert [kernel.run("lib.Say()") for kernel in kernels] == ["two"] * 10
        assert len(list(folder.glob("*.so"))) == 1
        run_all(kernels, [f'import "example.test/{name}"' for name in names])
        for kernel, name in zip(kernels, names, strict=True):
            assert kernel.run(f"{name}.Name()") == name
        assert len(list(folder.glob("*.so"))) == 11


def test_what_nobody_uses_is_removed(
    start: StartKernel, proxy: Proxy, proxied: dict[str, str], folder: Path
) -> None:
    """A kernel that compiled something removes what was not loaded for long, now and then."""
    proxy.publish("example.test/other", "v1.0.0", {"x.go": "package other\n\nconst X = 1\n"})
    with start("1.26", **proxied) as kernel:
        kernel.run(IMPORT)
    [plugin] = folder.glob("*.so")
    left = folder / ".building-x"
    left.touch()
    for path in (plugin, left, folder.parent / "pruned"):
        os.utime(path, (0, 0))
    with start("1.26", **proxied) as kernel:
        kernel.run('import "example.test/other"')
    assert not plugin.exists()
    assert not left.exists()
    assert len(list(folder.iterdir())) == 1


def test_loading_counts_as_use(start: StartKernel, proxied: dict[str, str], folder: Path) -> None:
    """So that what is used every day stays."""
    with start("1.26", **proxied) as kernel:
        kernel.run(IMPORT)
    [plugin] = folder.glob("*.so")
    os.utime(plugin, (0, 0))
    with start("1.26", **proxied, **NO_GO) as kernel:
        kernel.run(IMPORT)
    assert time.time() - plugin.stat().st_mtime < 3600


@pytest.fixture
def both(tmp_path: Path) -> Stores:
    """A site store and a user's store, empty."""
    return Stores((tmp_path / "site",), tmp_path / "user")


def test_plugins_of_engines_that_are_gone(stores: Stores) -> None:
    """They go with their engine; what is no plugin store is left alone."""
    base = stores.user / plugins.FOLDER
    for name in (KEY, OTHER, "something"):
        (base / name / "plugins").mkdir(parents=True)
        (base / name / "plugins" / "x.so").write_bytes(b"12345")
    [one] = plugins.unused(stores, {KEY})
    assert (one.key, one.folder, one.size) == (OTHER, base / OTHER, 5)
    plugins.prune([one])
    assert sorted(path.name for path in base.iterdir()) == sorted([KEY, "something"])
    assert [one.key for one in plugins.kept(stores)] == [KEY]


def test_no_plugins_in_no_store(tmp_path: Path) -> None:
    """A store that isn't there holds none."""
    assert plugins.kept(Stores((), tmp_path / "none")) == []


def test_where_plugins_of_a_build_are(both: Stores) -> None:
    """The site's where it has some, the user's own last; which is not made yet."""
    put(both.user)
    build = both.find(KEY)
    assert build is not None
    own, site = both.user / plugins.FOLDER / KEY, both.site[0] / plugins.FOLDER / KEY
    assert plugins.variables(both, build) == {"GOKERNEL_PLUGINS": str(own)}
    assert not own.exists()
    site.mkdir(parents=True)
    assert plugins.variables(both, build) == {"GOKERNEL_PLUGINS": f"{site}:{own}"}


def test_where_plugins_are_not_kept(both: Stores, tmp_path: Path) -> None:
    """Not where others could write them, nor of a build that loads none."""
    put(both.site[0])
    build = both.find(KEY)
    assert build is not None
    both.user.mkdir()
    both.user.chmod(0o777)
    assert plugins.variables(both, build) == {}
    assert plugins.variables(Stores((), tmp_path / "a:b"), build) == {}
    without = replace(build, manifest=replace(build.manifest, cgo=False))
    assert plugins.variables(Stores((), tmp_path / "none"), without) == {}


def test_plugins_of_the_sites_engines_stay(both: Stores) -> None:
    """The user has no such engine, but kernels that run it."""
    put(both.site[0])
    (both.user / plugins.FOLDER / KEY).mkdir(parents=True)
    assert plugins.unused(both, set()) == []
