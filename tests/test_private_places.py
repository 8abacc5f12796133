"""The places that a site gives for Go's files: made, closed, and nobody else's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from go_kernel import prepare, private_folders, private_places
from go_kernel.cache import Cache
from go_kernel.config import KernelConfig
from go_kernel.environment import GoEnvironment, Layer
from go_kernel.findings import FindingError, GoKernelError, Status
from go_kernel.prepare import Limits
from go_kernel.private_places import PLACES, UnfitPlace
from go_kernel.resolve import Policy, Target, resolve
from tests import prefixes, unprivileged

IS_ROOT = os.geteuid() == 0
SOMEBODY = 12345  # a user without a name
only_root = pytest.mark.skipif(not IS_ROOT, reason="only root may give folders away")


# Folders, as root and as somebody without rights.


@dataclass
class Site:
    """A folder of root's, and who is to have places in it."""

    base: Path
    me: int

    def folder(self, name: str, owner: int | None = None, mode: int = 0o755) -> Path:
        """A folder in it; `owner` None is the one who is to have the place."""
        path = self.base / name
        path.mkdir()
        if IS_ROOT:
            owner = self.me if owner is None else owner
            os.chown(path, owner, owner)
        path.chmod(mode)
        return path

    def link(self, name: str, target: str, owner: int | None = None) -> None:
        """A symbolic link."""
        (self.base / name).symlink_to(target.format(base=self.base))
        if IS_ROOT:
            os.chown(
                self.base / name, self.me if owner is None else owner, -1, follow_symlinks=False
            )

    def attempt(self, path: str, *, may_be_roots: bool = False) -> dict[str, Any]:
        """What looking at a place says, what making it says, and what is there then."""
        asked = (f"{self.base}/{path}", may_be_roots, self.me)
        found: dict[str, Any] = unprivileged.run(_ATTEMPT, *map(json.dumps, asked))
        return found


_ATTEMPT = """
import stat
from go_kernel import private_folders
path, may_be_roots, user = map(json.loads, sys.argv[1:])
if user:
    drop()
def why(act):
    try:
        act(path, may_be_roots=may_be_roots)
    except private_folders.Unfit as unfit:
        return [unfit.reason, unfit.wanted]
    return None
said = why(private_folders.look)
made = why(private_folders.make)
try:
    found = os.stat(path)
    left = [found.st_uid, oct(stat.S_IMODE(found.st_mode))]
except OSError as error:
    left = None
print(json.dumps({"look": said, "make": made, "left": left}))
"""


@pytest.fixture(params=[pytest.param("root", marks=only_root), "nobody"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """Twice: for root, and for a user like others."""
    me = 0 if request.param == "root" else unprivileged.NOBODY
    with unprivileged.open_folder() as base:
        yield Site(base, me if IS_ROOT else os.geteuid())


def mine(site: Site) -> None:
    """A folder of the user's in which places are missing."""
    site.folder("mine")


def sticky(site: Site) -> None:
    """Like /tmp: everybody may make folders, nobody may take another's away."""
    site.folder("mine", 0, 0o1777)


def existing(site: Site) -> None:
    """As Go makes its folders."""
    site.folder("mine")
    site.folder("mine/go", mode=0o755)
    prefixes.write(site.base / "mine/go/pkg/x", "")


def linked(site: Site) -> None:
    """Home folders that lie elsewhere: an absolute link of root's, a relative one of one's own."""
    site.folder("disk")
    site.folder("disk/user")
    site.link("mine", "{base}/near", 0)
    site.link("near", "disk/./user/../user")


GOOD = {
    "made with those above": (mine, "mine/a/b/go"),
    "made": (mine, "mine/go"),
    "with slashes": (mine, "mine//./go/"),
    "in a sticky folder": (sticky, "mine/go"),
    "closed": (existing, "mine/go"),
    "behind links": (linked, "mine/a/go"),
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_place_is_made_and_closed(kind: str, site: Site) -> None:
    """0700 and one's own, whether it was there or not; twice is as once."""
    build, path = GOOD[kind]
    build(site)

    for _ in range(2):
        assert site.attempt(path) == {"look": None, "make": None, "left": [site.me, "0o700"]}


def test_what_is_made_above_a_place_is_private_too(site: Site) -> None:
    """Who can write there could put another folder in its place."""
    mine(site)

    site.attempt("mine/a/b/go")

    for name in ("a", "a/b", "a/b/go"):
        assert (site.base / "mine" / name).stat().st_mode & 0o777 == 0o700


def of_another(site: Site) -> None:
    """Made before by somebody who knew how the place would be called."""
    site.folder("mine", 0, 0o1777)
    site.folder("mine/go", SOMEBODY)


def linked_to_another(site: Site) -> None:
    """The user's own link, to a folder of somebody else's."""
    site.folder("mine")
    site.folder("theirs", SOMEBODY, 0o777)
    site.link("mine/go", "{base}/theirs")


def anothers_link(site: Site) -> None:
    """Put there by somebody else, to one of the user's folders."""
    site.folder("mine", 0, 0o1777)
    site.folder("real")
    site.link("mine/go", "{base}/real", SOMEBODY)


def anothers_in_the_middle(site: Site) -> None:
    """A folder of somebody else's on the way."""
    site.folder("mine", SOMEBODY)
    site.folder("mine/go")


def anothers_link_in_the_middle(site: Site) -> None:
    """A link of somebody else's on the way."""
    site.folder("shared", 0, 0o1777)
    site.folder("real")
    site.link("shared/mine", "{base}/real", SOMEBODY)


def writable_by_a_group(site: Site) -> None:
    """A folder of a team."""
    folder = site.folder("mine")
    if IS_ROOT:
        os.chown(folder, -1, SOMEBODY)
    folder.chmod(0o775)


def writable_by_all(site: Site) -> None:
    """Without the sticky bit."""
    site.folder("mine", mode=0o777)


def planted(site: Site) -> None:
    """The user's own, to which others could write, and something is in it."""
    site.folder("mine")
    site.folder("mine/go", mode=0o777)
    prefixes.write(site.base / "mine/go/pkg/evil.go", "")


def anothers_content(site: Site) -> None:
    """The user's own, closed by now, with a folder that somebody else made there before."""
    site.folder("mine")
    site.folder("mine/go", mode=0o700)
    site.folder("mine/go/pkg", SOMEBODY)


BAD: dict[str, tuple[Callable[[Site], None], str, str, str]] = {
    "another's": (of_another, "mine/go", "mine/go belongs to user 12345", "see whose it is"),
    "below another's": (of_another, "mine/go/x", "mine/go belongs to user 12345", "to root"),
    "a link to another's": (linked_to_another, "mine/go", "theirs belongs to user 12345", "yours"),
    "another's link": (anothers_link, "mine/go", "mine/go is a link of user 12345's", "remove"),
    "another's in the middle": (anothers_in_the_middle, "mine/go", "mine belongs to", "to root"),
    "another's link in the middle": (
        *(anothers_link_in_the_middle, "shared/mine/go", "shared/mine is a link of", "remove"),
    ),
    "writable by a group": (
        *(writable_by_a_group, "mine/go", "mine is writable by group 12345", "sticky"),
    ),
    "writable by all": (writable_by_all, "mine/go", "mine is writable by everybody", "sticky"),
    "another's content": (
        *(anothers_content, "mine/go", "mine/go/pkg belongs to user 12345", "Move"),
    ),
    "planted": (planted, "mine/go", "what is in it may be anybody's", "Remove"),
}


@only_root
@pytest.mark.parametrize("kind", BAD)
def test_what_others_could_change_is_refused(kind: str, site: Site) -> None:
    """With who or what is the matter; nothing is made, nothing is changed."""
    build, path, reason, wanted = BAD[kind]
    build(site)
    before = listing(site.base)

    found = site.attempt(path)

    assert found["look"] == found["make"]
    assert f"{reason}" in found["make"][0]
    assert wanted in found["make"][1]
    assert listing(site.base) == before


def listing(base: Path) -> list[tuple[str, int, int]]:
    """All that is below a folder, with owner and mode."""
    everything = sorted(base.rglob("*"))
    return [(str(p), p.lstat().st_uid, p.lstat().st_mode) for p in everything]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("mine/file", "mine/file is not a folder"),
        ("mine/file/go", "mine/file is not a folder"),
        ("mine/loop/go", "mine/loop is a link that leads nowhere"),
        (".", "holds more than Go's files"),
        (f"mine/{'n' * 256}/go", f"a folder in it, {'n' * 20}…, is too long for this system"),
        ("mine/" + "/".join(["d" * 200] * 30), "its path is too long for this system"),
    ],
)
def test_what_is_no_place_is_refused(path: str, reason: str, site: Site) -> None:
    """A file in its place; a link to itself; a folder with other things in it, for root."""
    mine(site)
    prefixes.write(site.base / "mine/file", "")
    site.link("mine/loop", "loop")

    found = site.attempt(path)

    assert found["look"] == found["make"]
    if path == "." and site.me:
        assert "belongs to" in found["make"][0]
    else:
        assert reason in found["make"][0]


@only_root
def test_root_closes_no_folder_of_the_system(site: Site) -> None:
    """A policy that says /opt or / would lock everybody out."""
    for name in ("conda", "google"):
        (site.base / name).mkdir()

    for path in (".", "../..", ".."):
        mode = (site.base / path).stat().st_mode
        assert site.attempt(path)["make"]
        assert (site.base / path).stat().st_mode == mode


def test_where_nothing_can_be_made_it_is_said() -> None:
    """A folder that only root may write; nothing half-made is left."""
    with unprivileged.open_folder() as base:
        site = Site(base, unprivileged.NOBODY if IS_ROOT else os.geteuid())
        (base / "admins").mkdir(mode=0o555)

        found = site.attempt("admins/go/x")

        assert found["make"] == [
            f"{base}/admins can't be written",
            f"make {base}/admins/go/x a folder of yours",
        ]
        assert found["look"] == found["make"]


@only_root
def test_a_read_only_file_system_is_said(site: Site) -> None:
    """Not to be written by anybody; a cache of modules that is whole may be read there."""
    folder = site.folder("disk")
    mount = ["mount", "-t", "tmpfs", "-o", f"uid={site.me},mode=0755", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("may not mount")
    try:
        (folder / "mod").mkdir()
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)

        found = site.attempt("disk/go")
        assert "Read-only file system" in found["make"][0] or "can't be written" in found["make"][0]
        assert site.attempt("disk/mod")["make"]
        assert site.attempt("disk/mod", may_be_roots=True)["make"] is None
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@only_root
def test_a_module_cache_of_roots_may_be_read(site: Site) -> None:
    """It stays as it is; one that others write is no such thing."""
    site.folder("mod", 0, 0o755)
    prefixes.write(site.base / "mod/example.com/m@v1.0.0/go.mod", "")

    assert site.attempt("mod", may_be_roots=True) == {
        "look": None,
        "make": None,
        "left": [0, "0o755"],
    }
    (site.base / "mod").chmod(0o777)
    assert site.attempt("mod", may_be_roots=True)["make"]


def test_launches_at_the_same_moment_agree(tmp_path: Path) -> None:
    """Threads of one server; each may find what another has just made."""
    paths = [str(tmp_path / f"round-{number}/a/b/go") for number in range(30)]
    barrier, failed = threading.Barrier(8), list[BaseException]()

    def launch() -> None:
        try:
            for path in paths:
                barrier.wait(60)
                private_folders.make(path)
                assert Path(path).stat().st_mode & 0o777 == 0o700
        except BaseException as error:
            failed.append(error)
            barrier.abort()

    threads = [threading.Thread(target=launch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert failed == []


_LAUNCH = """
import sys
from go_kernel import private_folders
print("ready", flush=True)
sys.stdin.readline()
for number in range(200):
    private_folders.make(f"{sys.argv[1]}/{number}/a/go")
"""


def test_processes_at_the_same_moment_agree(tmp_path: Path) -> None:
    """Several servers of one user, on one file system."""
    argv = [sys.executable, "-c", _LAUNCH, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(argv, **pipes) for _ in range(3)]  # type: ignore[call-overload]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=60)

    assert [process.returncode for process in processes] == [0, 0, 0]
    assert (tmp_path / "199/a/go").stat().st_mode & 0o777 == 0o700


_SWAP = """
import os, sys
shared, victim = sys.argv[1:3]
os.setuid(int(sys.argv[3]))
os.set_blocking(0, False)
print("ready", flush=True)
while sys.stdin.buffer.read(1) is None:
    for _ in range(100):
        try:
            os.symlink(victim, shared + "/go")
            os.unlink(shared + "/go")
        except OSError:
            pass
"""


@only_root
def test_a_folder_that_is_swapped_for_a_link_is_not_followed() -> None:
    """Somebody else makes and removes a link there all the time, to lead a launch elsewhere."""
    with unprivileged.open_folder() as base:
        shared, victim = base / "shared", base / "victim"
        shared.mkdir()
        shared.chmod(0o1777)
        victim.mkdir(mode=0o755)
        argv = [sys.executable, "-c", _SWAP, str(shared), str(victim), str(SOMEBODY)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        swapper: Any = subprocess.Popen(argv, **pipes)  # type: ignore[call-overload]
        try:
            assert swapper.stdout.readline() == b"ready\n"
            for _ in range(1000):
                with suppress(private_folders.Unfit, OSError):
                    private_folders.make(str(shared / "go/cache"))
                with suppress(OSError):
                    (shared / "go/cache").rmdir()
                    (shared / "go").rmdir()
                if any(victim.iterdir()):
                    break
        finally:
            swapper.communicate(timeout=60)

        assert list(victim.iterdir()) == []


# Kernels and terminals.


@dataclass
class World:
    """A Go, a home, and a server's variables."""

    folder: Path

    def __post_init__(self) -> None:
        """All made up."""
        self.prefix = prefixes.go_prefix(self.folder / "envs/demo")
        self.home = self.folder / "home"
        self.home.mkdir()
        self.env = {"HOME": str(self.home), "PATH": "/usr/bin:/bin"}

    def hub(self, **variables: str) -> World:
        """Policy of a Hub."""
        named = {"GOKERNEL_POLICY": ",".join(variables), "JUPYTERHUB_SERVICE_PREFIX": "/user/a/"}
        self.env |= {**variables, **named}
        return self

    def resolve(self, **site: str) -> GoEnvironment:
        """The environment of a kernel."""
        cache, policy = Cache(self.folder / "cache"), Policy(site=site)
        return resolve(
            Target("demo", self.prefix), self.env, cache=cache, policy=policy
        ).environment

    def launch(self) -> None:
        """All that comes before a kernel's start, up to its engine, which is not there."""
        config = KernelConfig("demo", prefix=str(self.prefix))
        limits = Limits(build_at_launch=False)
        with pytest.raises(GoKernelError) as caught:
            prepare.prepare(config, self.env, limits=limits)
        if not caught.value.id.startswith("engine"):
            raise caught.value


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A small one."""
    return World(tmp_path)


def places(world: World, folder: str) -> dict[str, str]:
    """All three below a folder of the world."""
    return {name: f"{world.folder}/{folder}/{name.lower()}" for name in PLACES}


def test_a_launch_makes_the_places_of_a_hub(world: World) -> None:
    """Before anything uses them; what only the user said is left to Go."""
    given = places(world, "scratch/alice")
    world.hub(**given)
    world.env["GOTMPDIR"] = f"{world.folder}/tmp"

    world.launch()

    assert {oct(Path(path).stat().st_mode) for path in given.values()} == {"0o40700"}
    assert not (world.folder / "tmp").exists()
    assert not (world.home / "go").exists()


def test_looking_makes_none(world: World) -> None:
    """`env --explain`, health, a poll of the panel."""
    environment = world.hub(**places(world, "scratch")).resolve()

    assert environment.errors == ()
    assert not (world.folder / "scratch").exists()
    assert environment.get("GOCACHE") == f"{world.folder}/scratch/gocache"


def test_a_template_of_the_configuration_is_made_too(world: World) -> None:
    """As `c.GoKernelProvisioner.policy` has them."""
    environment = world.resolve(
        GOCACHE="{home}/cache/{environment}", GOPATH="{home}/go:/usr/share/go"
    )

    private_places.make(environment)

    assert (world.home / "cache/demo").stat().st_mode & 0o777 == 0o700
    assert (world.home / "go").stat().st_mode & 0o777 == 0o700
    assert not (world.home / "go/pkg").exists()  # GOMODCACHE follows from GOPATH: it is Go's own


@pytest.mark.parametrize("name", PLACES)
def test_a_place_that_cannot_be_is_never_replaced(name: str, world: World) -> None:
    """The site said where: no launch, in a sentence that says whom to ask."""
    blocked = prefixes.write(world.folder / "file", "")
    world.hub(**{name: f"{blocked}/go"})

    environment = world.resolve()
    with pytest.raises(FindingError) as caught:
        world.launch()

    assert environment.get(name) == f"{blocked}/go"
    [finding] = environment.errors
    assert (finding.id, caught.value.id) == ("places.unfit", "places.unfit")
    assert str(caught.value) == (
        f"{name}={blocked}/go, set by JupyterHub, can't be used, because {blocked} is not a "
        f"folder. Ask JupyterHub's administrator to put a folder in the place of {blocked}."
    )


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        *(("GOCACHE", value, "it is not an absolute path") for value in ("off", "~/x", "$HOME/x")),
        ("GOPATH", "/a:~/b", "a folder in it is not absolute"),
        ("GOPATH", "{goroot}", "it is the Go installation itself"),
    ],
)
def test_a_value_that_go_refuses_is_said(name: str, value: str, reason: str, world: World) -> None:
    """Without a look at any folder."""
    value = value.format(goroot=world.prefix / "go")

    [finding] = world.resolve(**{name: value}).errors

    assert finding.summary == (
        f"{name}={value}, set by the site's policy, can't be used, because {reason}."
    )
    assert str(finding.remedy) == "Ask the administrator to name another folder."


def test_a_users_own_place_is_replaced_as_ever(world: World) -> None:
    """Only the site's word is no suggestion."""
    world.env["GOCACHE"] = "off"
    world.hub(GOPATH=f"{world.folder}/go")

    environment = world.resolve()

    assert environment.errors == ()
    assert environment.get("GOCACHE") == f"{world.home}/.cache/go-build"
    assert environment.variables["GOPATH"].origin.layer is Layer.SITE
    assert [f.status for f in environment.findings] == [Status.WARN]


def test_all_are_looked_at_before_one_is_made(world: World) -> None:
    """A launch that fails leaves nothing behind."""
    given = places(world, "scratch")
    environment = world.hub(**given).resolve()
    prefixes.write(world.folder / "scratch2", "")
    world.env["GOCACHE"] = f"{world.folder}/scratch2/x"
    (world.folder / "later").mkdir()
    broken = world.resolve()

    with pytest.raises(UnfitPlace) as caught:
        private_places.make(broken)

    assert (caught.value.name, caught.value.path) == ("GOCACHE", f"{world.folder}/scratch2/x")
    assert not (world.folder / "scratch").exists()
    private_places.make(environment)
    assert (world.folder / "scratch/gopath").is_dir()


def terminal(world: World, command: str) -> subprocess.CompletedProcess[str]:
    """What a terminal does with a command."""
    return subprocess.run(
        [sys.executable, "-m", "go_kernel.terminal", f"--env={world.prefix}"],
        env={**world.env, "SHELL": "/bin/sh", "PYTHONPATH": str(Path(__file__).parents[1])},
        cwd=world.home,
        input=command,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_terminal_makes_them_too(world: World) -> None:
    """The first `go` of a new user may well be typed there."""
    world.hub(**places(world, "scratch"))

    said = terminal(world, 'ls -ld "$GOCACHE"\n')

    assert said.stdout.startswith("drwx------"), said


def test_a_terminal_without_its_places_says_so(world: World) -> None:
    """It opens, and is not in the environment."""
    prefixes.write(world.folder / "scratch", "")
    world.hub(**places(world, "scratch"))

    said = terminal(world, "echo opened\n")

    assert "opened" in said.stdout
    assert "set by JupyterHub, can't be used" in said.stderr
    assert "Ask JupyterHub's administrator" in said.stderr
