"""Checks of Go's folders, and what is mounted where."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from go_kernel.findings import Status
from go_kernel.health.context import Context
from go_kernel.health.static.mounts import Mount, holding, parse, read
from go_kernel.health.static.places import NEEDED_FILES, WANTED_BYTES, Room
from go_kernel.resolve import Policy
from tests import unprivileged
from tests.health.cases import Case, judge
from tests.health.conftest import World

MAY_MOUNT = os.geteuid() == 0 and Path("/bin/mount").exists()


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[Path]:
    """A file system of its own in a folder; skips where this user may not mount."""
    folder.mkdir(parents=True, exist_ok=True)
    argv = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if not MAY_MOUNT or subprocess.run(argv, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def places(world: World, **variables: str) -> Context:
    """An environment with these places."""
    world.env.update(variables)
    return world.context(world.prefix())


def made(world: World) -> dict[str, str]:
    """Three folders that are there."""
    folders = {name: world.folder / name.lower() for name in ("GOPATH", "GOMODCACHE", "GOCACHE")}
    for folder in folders.values():
        folder.mkdir()
    return {name: str(folder) for name, folder in folders.items()}


def all_there(world: World) -> Context:
    """As after the first build."""
    return places(world, **made(world))


def real(world: World) -> Context:
    """The same of an environment of conda's."""
    world.env.update(made(world))
    return world.context(world.conda_prefix("go=1.26", "go-cgo_linux-64"))


def two_gopaths(world: World) -> Context:
    """A list: Go writes into its first folder."""
    folders = made(world)
    folders["GOPATH"] += ":/usr/share/gocode"
    return places(world, **folders)


def missing(world: World) -> Context:
    """A new account."""
    new = world.folder / "home"
    return places(
        world, GOPATH=f"{new}/go", GOMODCACHE=f"{new}/go/pkg/mod", GOCACHE=f"{new}/.cache/b"
    )


def relative(world: World) -> Context:
    """Go would refuse it."""
    return places(world, **{**made(world), "GOCACHE": "cache"})


def temporary(world: World, place: str) -> Context:
    """Where Go should put what it works on."""
    return places(world, **{**made(world), "GOTMPDIR": place})


def temporary_gone(world: World) -> Context:
    """A disk that isn't mounted any more."""
    return temporary(world, str(world.folder / "gone"))


def temporary_relative(world: World) -> Context:
    """Some folder below each notebook's."""
    return temporary(world, "tmp")


def temporary_there(world: World) -> Context:
    """As on machines with a large scratch disk."""
    return temporary(world, str(world.folder))


def a_file(world: World) -> Context:
    """Something else stands there."""
    folders = made(world)
    (world.folder / "file").touch()
    return places(world, **{**folders, "GOPATH": f"{world.folder}/file"})


def without_home(world: World) -> Context:
    """Nothing to fall back to."""
    world.env.pop("HOME")
    return places(world, GOCACHE="", GOPATH="", GOMODCACHE="")


def forbidden_setting(world: World) -> Context:
    """Somebody configured for all kernels what only the toolchain may say."""
    return world.context(world.prefix(), policy=Policy(user={"GOROOT": "/usr/lib/go"}))


def of_everybody(world: World) -> Context:
    """A shared cache that anybody may write."""
    context = all_there(world)
    (world.folder / "gocache").chmod(0o777)
    return context


def mountinfo(world: World, *lines: str) -> Path:
    """What Linux would list."""
    path = world.folder / "mountinfo"
    path.write_text("".join(f"{line}\n" for line in (ROOT, *lines)))
    return path


ROOT = "1 0 0:1 / / rw,relatime - ext4 /dev/vda rw"


def on(world: World, name: str, kind: str) -> Context:
    """One of the folders is mounted from elsewhere."""
    folder = str(world.folder / name).replace(" ", "\\040")
    line = f"2 1 0:2 / {folder} rw,relatime shared:7 - {kind} server:/export rw,vers=4"
    world.env.update(made(world))
    return world.context(world.prefix(), mounts=mountinfo(world, line))


def cache_on_nfs(world: World) -> Context:
    """Builds would crawl."""
    return on(world, "gocache", "nfs4")


def cache_below_sshfs(world: World) -> Context:
    """The whole folder around it."""
    return on(world, "", "fuse.sshfs")


def modules_on_nfs(world: World) -> Context:
    """A shared module cache is slow, and fine."""
    return on(world, "gomodcache", "nfs")


def cache_on_a_disk(world: World) -> Context:
    """Another disk of the machine."""
    return on(world, "gocache", "xfs")


def without_list(world: World) -> Context:
    """Not Linux."""
    return world.context(world.prefix(), mounts=world.folder / "no such file")


WELL = [
    Case("places.usable", real, words="Go can use GOPATH, GOMODCACHE and GOCACHE."),
    Case("places.usable", temporary_there),
    Case("places.usable", two_gopaths),
    Case("places.private", real),
    Case("places.private", missing),
    Case("places.local", cache_on_a_disk),
    Case("places.local", without_list, Status.SKIPPED),
]
BROKEN = [
    Case("places.usable", missing, Status.INFO, "do not exist yet", "places.make"),
    Case("places.usable", relative, Status.WARN, "GOCACHE=cache can't be used"),
    Case("places.usable", temporary_gone, Status.ERROR, "gone is no folder that is there"),
    Case("places.usable", temporary_relative, Status.WARN, "no absolute path"),
    Case("places.usable", a_file, Status.WARN, "is not a folder"),
    Case("places.usable", without_home, Status.ERROR, "place for Go's folders. Set HOME to"),
    Case("places.usable", forbidden_setting, Status.ERROR, "c.GoKernelProvisioner.variables"),
    Case("places.private", of_everybody, Status.WARN, "chmod go-w"),
    Case("places.local", cache_on_nfs, Status.WARN, "is on a network file system (nfs4)"),
    Case("places.local", cache_below_sshfs, Status.WARN, "(fuse.sshfs)"),
    Case("places.local", modules_on_nfs, Status.INFO, "GOMODCACHE="),
]


@pytest.mark.parametrize("case", [*WELL, *BROKEN], ids=str)
def test_the_answer(case: Case, world: World) -> None:
    """What people are told, and the fix that is offered."""
    judge(case, world)


def test_a_folder_that_may_not_be_written_is_replaced() -> None:
    """By the default; root may write everywhere."""
    code = """
from pathlib import Path
from go_kernel.health import catalogue, subject
from go_kernel.health.context import Context, Surroundings
from go_kernel.health.runner import run_one
from go_kernel.resolve import Target
drop()
base = Path(sys.argv[1])
env = {"HOME": str(base / "home"), "PATH": "/usr/bin:/bin", "GOCACHE": str(base / "closed")}
context = Context(subject.of(Target("demo", prefix=base / "demo"), []), Surroundings(env))
check = next(one for one in catalogue.STATIC if one.id == "places.usable")
print(json.dumps([one.to_dict() for one in run_one(check, context)]))
"""
    with unprivileged.open_folder() as folder:
        from tests import prefixes

        prefixes.go_prefix(folder / "demo")
        (folder / "closed").mkdir(mode=0o755)
        (folder / "home").mkdir()
        (folder / "home").chmod(0o777)
        first, *_ = unprivileged.run(code, folder)
    assert first["status"] == "warn"
    assert "can't be written" in first["summary"]
    assert "/home/.cache/go-build is used instead" in first["summary"]


# Room: on file systems that are made for it.


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        ("size=100m", Status.ERROR, "builds fail"),
        ("size=500m", Status.WARN, "MB are free in"),
        ("size=500m,nr_inodes=1000", Status.ERROR, "more files can be made"),
        ("size=2g,nr_inodes=1000", Status.ERROR, "more files can be made"),
        ("size=2g,nr_inodes=30k", Status.OK, "are free in"),
        ("size=2g,nr_inodes=0", Status.OK, "2.1 GB are free"),  # no limit at all
    ],
)
def test_room_for_builds(options: str, status: Status, words: str, world: World) -> None:
    """In real file systems of these sizes."""
    prefix = world.prefix()
    with ExitStack() as stack:
        disk = stack.enter_context(mounted(world.folder / "disk", options))
        for name in ("GOPATH", "GOMODCACHE", "GOCACHE", "XDG_CACHE_HOME", "GOKERNEL_STORE"):
            world.env[name] = f"{disk}/{name.lower()}"
        case = Case("places.space", lambda world: world.context(prefix), status, words)
        [found] = judge(case, world)
        assert str(disk) in found.summary


def test_only_a_cache_that_is_there_is_to_be_emptied(world: World) -> None:
    """By the environment's own `go`; one on another file system makes no room."""
    context = all_there(world)
    (world.folder / "gomodcache" / "module").touch()
    with mounted(world.folder / "gocache", "size=100m") as folder:
        (folder / "00").touch()
        case = Case("places.space", lambda world: context, Status.ERROR, "go/bin/go clean -cache`")
        [found] = [one for one in judge(case, world) if one.status is Status.ERROR]
        (folder / "00").unlink()
        [empty] = [
            one for one in judge(replace(case, words=""), world) if one.status is case.status
        ]
    assert found.remedy is not None
    assert len(found.remedy.commands) == 1
    assert empty.remedy is not None
    assert empty.remedy.commands == ()


def test_each_file_system_is_answered_for(world: World) -> None:
    """The cache's is full, the others' aren't."""
    context = all_there(world)
    with mounted(world.folder / "gocache", "size=100m"):
        case = Case("places.space", lambda world: context, Status.ERROR, "gocache")
        found = judge(case, world)
    assert [one.status for one in found].count(Status.ERROR) == 1
    assert len(found) > 1


def test_a_module_cache_that_is_only_read_needs_no_room(world: World) -> None:
    """A site shares it, and it is full for good."""
    context = all_there(world)
    with mounted(world.folder / "gomodcache", "size=100m") as folder:
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        found = judge(Case("places.space", lambda world: context), world)
    assert not any("gomodcache" in one.summary for one in found)


def test_room_without_a_limit_of_files() -> None:
    """btrfs counts none."""
    assert not Room(WANTED_BYTES, None).below(WANTED_BYTES, NEEDED_FILES)
    assert Room(WANTED_BYTES - 1, None).below(WANTED_BYTES, NEEDED_FILES)
    assert Room(WANTED_BYTES, NEEDED_FILES - 1).below(1, NEEDED_FILES)
    assert str(Room(12_345_678_901, None)) == "12.3 GB"
    assert str(Room(999_999_999, 7)) == "999 MB and 7 files"


# What is mounted.


def test_a_real_mount_is_found_by_its_folder(tmp_path: Path) -> None:
    """Also one with odd characters in its name."""
    odd = tmp_path / "a b\\c\td"
    with mounted(odd, "size=1m"):
        mounts = read(Path("/proc/self/mountinfo"))
        found = holding(str(odd / "x" / "y"), mounts)
        assert found is not None
        assert (found.folder, found.kind, found.source) == (str(odd), "tmpfs", "tmpfs")
        other = holding(f"{odd}x", mounts)
        assert other is not None
        assert other.folder != str(odd)


def test_of_two_over_the_same_folder_the_later_one_counts() -> None:
    """It lies on top."""
    text = f"{ROOT}\n2 1 0:2 / /data rw - nfs a:/ rw\n3 2 0:3 / /data rw - ext4 /dev/b rw\n"
    found = holding("/data/x", parse(text))
    assert found is not None
    assert found.kind == "ext4"


def test_a_mount_over_a_whole_tree_covers_what_was_mounted_below_it() -> None:
    """What lay there can't be reached any more."""
    text = f"{ROOT}\n2 1 0:2 / /a/b rw - nfs x:/ rw\n3 1 0:3 / /a rw - ext4 /dev/b rw\n"
    found = holding("/a/b/c", parse(text))
    assert found is not None
    assert found.kind == "ext4"


@pytest.mark.parametrize(
    "line",
    ["", "-", " - ", "1 2 3", "1 0 0:1 / relative rw - nfs a:/ rw", "1 0 0:1 / /x rw nfs a:/ rw"],
)
def test_a_line_that_is_no_mount_is_passed_over(line: str) -> None:
    """The others count."""
    assert [mount.folder for mount in parse(f"{line}\n{ROOT}\n{line}")] == ["/"]


@given(st.text())
def test_any_text_is_parsed(text: str) -> None:
    """Never an exception, and folders are absolute."""
    found = list(parse(text))
    assert all(mount.folder.startswith("/") for mount in found)
    holding("/a/b", found)


def test_mounts_that_name_each_other_as_parents_end() -> None:
    """No kernel writes that."""
    text = "1 2 0:1 / / rw - a a rw\n2 1 0:1 / / rw - b b rw\n3 3 0:1 / / rw - c c rw\n"
    found = holding("/x", parse(text))
    assert found is not None
    assert found.kind == "c"


_WORD = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


@given(folder=_WORD, kind=st.sampled_from(["nfs", "ext4", "fuse.sshfs"]), extra=st.lists(_WORD))
def test_what_the_kernel_writes_is_read_back(folder: str, kind: str, extra: list[str]) -> None:
    """Whatever the folder is called, and however many optional fields there are."""

    def escaped(text: str) -> str:
        return "".join(f"\\{ord(c):03o}" if c in " \t\n\\" else c for c in text)

    fields = " ".join(escaped(word) for word in extra if word != "-")
    line = f"2 1 0:2 / /{escaped(folder)} rw {fields} - {kind} {escaped('a b')} rw"
    assert [*parse(line)] == [Mount(f"/{folder}", kind, "a b", "2", "1")]
