"""Fixes of files and folders: GOROOT in somebody's file, modules that were changed, places."""

from __future__ import annotations

import json
import os
import shutil
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from go_kernel import process
from go_kernel.health.fix import PlanChanged
from go_kernel.health.fixes.doing import FixFailed
from go_kernel.resolve import Target
from tests import prefixes, unprivileged
from tests.engines.proxy import Proxy, saying
from tests.health.conftest import World
from tests.health.test_fixes_kernelspec import do, nothing, offers

PATH, VERSION = "example.test/lib", "v0.1.0"


def test_goroot_of_a_package(world: World) -> None:
    """The value becomes this environment's; the file's other links keep the old content."""
    prefix = world.prefix()
    file = prefixes.package_variables(prefix, "go.json", {"A": "1", "GOROOT": "/old/go"})
    file.chmod(0o640)
    linked = world.folder / "package-cache.json"
    linked.hardlink_to(file)
    before = file.read_bytes()
    preview = do("goroot.repair", world.context(prefix))
    assert preview == f"In {file}, set GOROOT to {prefix}/go instead of /old/go."
    assert json.loads(file.read_text()) == {"A": "1", "GOROOT": f"{prefix}/go"}
    assert linked.read_bytes() == before
    assert file.stat().st_mode & 0o777 == 0o640
    assert nothing("goroot.repair", world.context(prefix))


def test_goroot_of_conda_and_of_go(world: World) -> None:
    """conda's own variables are set right, `go env -w`'s line is taken out."""
    prefix = world.prefix()
    state = prefixes.state(prefix, {"goroot": "/old", "OTHER": "x"})
    gos = world.folder / "home" / ".config" / "go" / "env"
    prefixes.write(gos, b"GOPROXY=off\nGOROOT=/a\n# \xff\nGOROOT=/b\n", mode=0o600)
    preview = do("goroot.repair", world.context(prefix))
    assert preview.count("\n") == 1
    assert f"Take GOROOT=/b out of {gos}" in preview
    variables = json.loads(state.read_text())["env_vars"]
    assert variables == {"goroot": f"{prefix}/go", "OTHER": "x"}
    assert gos.read_bytes() == b"GOPROXY=off\n# \xff\n"
    assert gos.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("value", [None, "***unset***", 7])
def test_goroot_that_is_no_path(world: World, value: object) -> None:
    """What unsets it harms nobody."""
    prefix = world.prefix()
    prefixes.state(prefix, {"GOROOT": value})
    assert nothing("goroot.repair", world.context(prefix))


@pytest.mark.parametrize("content", ["{", "[]", '"GOROOT"', '{"env_vars": 5}', "[" * 100_000])
def test_goroot_in_nonsense(world: World, content: str) -> None:
    """A file that nobody understands is left alone."""
    prefix = world.prefix()
    prefixes.write(prefix / "conda-meta" / "state", content)
    prefixes.package_variables(prefix, "a.json", content)
    assert nothing("goroot.repair", world.context(prefix))


def test_goroot_behind_a_link(world: World) -> None:
    """A link's target may be anybody's: it is not touched, and the link stays."""
    prefix = world.prefix()
    target = prefixes.write(world.folder / "elsewhere.json", '{"GOROOT": "/old"}')
    folder = prefix / "etc" / "conda" / "env_vars.d"
    folder.mkdir(parents=True)
    (folder / "go.json").symlink_to(target)
    assert nothing("goroot.repair", world.context(prefix))


def test_goroot_behind_a_folder_that_is_a_link(world: World) -> None:
    """Another environment's file is not this one's to change, whatever leads to it."""
    prefix, other = world.prefix(), world.prefix("other")
    file = prefixes.package_variables(other, "go.json", {"GOROOT": "/old"})
    (prefix / "etc" / "conda").mkdir(parents=True)
    (prefix / "etc" / "conda" / "env_vars.d").symlink_to(file.parent)
    assert nothing("goroot.repair", world.context(prefix))
    (world.folder / "link").symlink_to(other)  # a link to the environment itself is no harm
    do("goroot.repair", world.context(world.folder / "link"))
    assert json.loads(file.read_text()) == {"GOROOT": f"{world.folder}/link/go"}


def test_goroot_that_changed_meanwhile(world: World) -> None:
    """A value that nobody was shown is not overwritten."""
    prefix = world.prefix()
    prefixes.state(prefix, {"GOROOT": "/old"})
    plan = offers.plan("goroot.repair", world.context(prefix))
    state = prefixes.state(prefix, {"GOROOT": "/new"})
    with pytest.raises(PlanChanged):
        plan.apply()
    assert "/new" in state.read_text()


_SOMEBODY_ELSES = """
from pathlib import Path
from go_kernel.health import subject
from go_kernel.health.context import Context, Surroundings
from go_kernel.health.fixes import registry
from go_kernel.resolve import Target
prefix = Path(sys.argv[1])
drop()
around = Surroundings({"HOME": "/dev/null"})
context = Context(subject.of(Target("x", prefix=prefix), ()), around)
print(json.dumps(registry.get("goroot.repair").plan(context) is None))
"""


def test_goroot_of_somebody_else() -> None:
    """Who doesn't own the file gets no offer."""
    with unprivileged.open_folder() as folder:
        prefix = prefixes.go_prefix(folder / "envs" / "x")
        prefixes.state(prefix, {"GOROOT": "/old"})
        assert unprivileged.run(_SOMEBODY_ELSES, prefix) is True


def test_places_are_made_for_the_owner_alone(world: World) -> None:
    """Missing folders are made, those above them, too, for nobody else to use."""
    prefix = world.prefix()
    deep = world.folder / "a" / "b" / "cache"
    world.env |= {"GOCACHE": str(deep), "GOMODCACHE": str(world.folder / "mod")}
    preview = do("places.make", world.context(prefix))
    assert preview.splitlines() == [
        f"Make the folder {world.env['HOME']}/go for GOPATH, to be used by you alone.",
        f"Make the folder {world.folder}/mod for GOMODCACHE, to be used by you alone.",
        f"Make the folder {deep} for GOCACHE, to be used by you alone.",
    ]
    made = (deep, deep.parent, deep.parent.parent, world.folder / "mod")
    assert [folder.stat().st_mode & 0o777 for folder in made] == [0o700] * 4
    assert nothing("places.make", world.context(prefix))


def test_places_made_by_two_at_once(world: World) -> None:
    """Two that make the same folders are both content."""
    prefix = world.prefix()
    plans = [offers.plan("places.make", world.context(prefix)) for _ in range(4)]
    failed: list[BaseException] = []

    def apply(number: int) -> None:
        try:
            plans[number].apply()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=apply, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_place_that_a_file_takes_meanwhile(world: World) -> None:
    """What the file system refuses is a sentence."""
    prefix = world.prefix()
    world.env["GOCACHE"] = str(world.folder / "cache" / "go")
    plan = offers.plan("places.make", world.context(prefix))
    (world.folder / "cache").write_text("a file")
    with pytest.raises(FixFailed, match="can't be changed"):
        plan.apply()


@pytest.fixture
def module(world: World, goroot: Callable[[str], Path]) -> Path:
    """A module that Go itself downloaded and unpacked, read-only as it does."""
    proxy = Proxy(world.folder / "proxy")
    proxy.publish(PATH, VERSION, {**saying("hello"), "sub/dir/a.txt": "deep"})
    world.env |= {"GOMODCACHE": str(world.folder / "mod"), "GOPROXY": proxy.url, "GOSUMDB": "off"}
    download(world)
    return world.folder / "mod" / f"{PATH}@{VERSION}"


def download(world: World) -> None:
    """Have Go bring the module, if it thinks it must."""
    go = world.goroot("1.26") / "bin" / "go"
    env = {**world.env, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod"}
    argv = [go, "mod", "download", f"{PATH}@{VERSION}"]
    process.run(argv, env=env, timeout=60, cwd=world.folder)


def change(module: Path) -> None:
    """Edit a file of a module as somebody with rights would."""
    source = module / "lib.go"
    source.chmod(0o644)
    source.write_text("package lib\n\nconst Text = `evil`\n")


def context_of(world: World) -> Target:
    """A toolchain whose module cache is looked at."""
    return Target("1.26", goroot=prefixes.goroot(world.folder / "go"))


def test_a_changed_module_is_removed_and_unpacked_again(world: World, module: Path) -> None:
    """The folder goes, the download stays, and Go mends the rest without the network."""
    target = context_of(world)
    assert nothing("modcache.clear", world.context(target))
    change(module)
    preview = do("modcache.clear", world.context(target))
    assert preview == (
        f"Remove {module}; Go unpacks {PATH}@{VERSION} again from what it downloaded."
    )
    assert not module.exists()
    world.env["GOPROXY"] = "off"
    download(world)
    assert "hello" in (module / "lib.go").read_text()
    assert nothing("modcache.clear", world.context(target))


def test_a_changed_download_goes_as_well(world: World, module: Path) -> None:
    """A zip that was swapped can't be unpacked again: it is downloaded anew."""
    change(module)
    zipped = world.folder / "mod" / "cache" / "download" / PATH / "@v" / f"{VERSION}.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr(f"{PATH}@{VERSION}/lib.go", "package evil\n")
    assert "downloads" in do("modcache.clear", world.context(context_of(world)))
    left = sorted(path.name for path in zipped.parent.iterdir())
    assert left == ["list", f"{VERSION}.lock", f"{VERSION}.mod"]
    download(world)
    assert "hello" in (module / "lib.go").read_text()


@pytest.mark.parametrize("suffix", ["zip", "ziphash"])
def test_a_pipe_in_place_of_a_download(world: World, module: Path, suffix: str) -> None:
    """Nobody waits for who would write into it; it goes with the rest of the download."""
    change(module)
    pipe = world.folder / "mod" / "cache" / "download" / PATH / "@v" / f"{VERSION}.{suffix}"
    pipe.unlink()
    os.mkfifo(pipe)
    assert "downloads" in do("modcache.clear", world.context(context_of(world)))
    assert not pipe.exists()
    download(world)
    assert "hello" in (module / "lib.go").read_text()


_STUCK = """
from pathlib import Path
from go_kernel.health.fixes import modcache_clear
drop()
try:
    modcache_clear._remove_folder(Path(sys.argv[1]))
except OSError as error:
    print(json.dumps(str(error.filename)))
"""


def test_what_could_not_be_removed_is_named_whole() -> None:
    """By its path, not by its name among thousands."""
    with unprivileged.open_folder() as folder:
        file = folder / "module" / "sub" / "lib.go"
        file.parent.mkdir(parents=True)
        file.touch()
        assert unprivileged.run(_STUCK, folder / "module") == str(file)


def test_a_module_that_is_a_link_is_left_alone(world: World, module: Path) -> None:
    """What a link leads to is not in the cache, and is never removed."""
    change(module)
    elsewhere = world.folder / "elsewhere"
    module.rename(elsewhere)
    module.symlink_to(elsewhere)
    assert nothing("modcache.clear", world.context(context_of(world)))
    assert (elsewhere / "lib.go").exists()


def test_links_in_a_module_are_not_followed(world: World, module: Path) -> None:
    """A link among a module's files is removed, what it leads to isn't, nor are its rights."""
    outside = world.folder / "outside"
    outside.mkdir(mode=0o500)
    (outside / "a").write_text("a")
    module.chmod(0o755)
    (module / "link").symlink_to(outside)
    change(module)
    do("modcache.clear", world.context(context_of(world)))
    assert not module.exists()
    assert (outside / "a").exists()
    assert outside.stat().st_mode & 0o777 == 0o500


def test_a_module_that_somebody_mended_is_kept(world: World, module: Path) -> None:
    """Between looking and doing it became what it should be."""
    before = (module / "lib.go").read_bytes()
    change(module)
    plan = offers.plan("modcache.clear", world.context(context_of(world)))
    (module / "lib.go").write_bytes(before)
    plan.apply()
    assert module.exists()


_READ_ONLY = """
import encodings.cp437
from pathlib import Path
from go_kernel.health.fixes import modcache_clear
from go_kernel.health.live.poison import unpacked
modcache = Path(sys.argv[1])
drop()
[module] = unpacked(modcache)
modcache_clear._remove(module)
print(json.dumps(module.folder.exists()))
"""


def test_gos_folders_are_read_only(world: World, module: Path) -> None:
    """An ordinary user, who may not write into them either, gets them removed."""
    with unprivileged.open_folder() as folder:
        copy = folder / "mod"
        shutil.copytree(world.folder / "mod", copy)
        for place, folders, names in os.walk(copy):
            for name in (".", *folders, *names):
                os.chown(Path(place, name), unprivileged.NOBODY, unprivileged.NOBODY)
        assert unprivileged.run(_READ_ONLY, copy) is False
