"""What kernels get of bundles, and of being offline: variables with their origins."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from go_kernel import process
from go_kernel.cache import Cache
from go_kernel.offline import applied, site
from go_kernel.resolve import Policy, Resolved, Target, resolve
from tests import prefixes
from tests.engines.proxy import LIB, saying
from tests.offline.shelves import Shelf
from tests.offline.test_store import put

OFFLINE = {"GOSUMDB": "off", "GONOPROXY": "none", "GOVCS": "*:off", "GOTOOLCHAIN": "local"}
MIRROR = "https://mirror.invalid"


@dataclass
class Machine:
    """An environment with a made-up Go, and stores of bundles that aren't there yet."""

    folder: Path
    parent: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Nobody's own bundles are among the site's."""
        self.prefix = prefixes.go_prefix(self.folder / "envs" / "demo")
        default = f"GOPROXY={MIRROR},direct\nGOSUMDB=sums.invalid\n"
        prefixes.write(self.prefix / "go" / "go.env", default)
        (self.folder / "home").mkdir()
        self.user, self.site = self.folder / "bundles", self.folder / "site"
        self.parent |= {
            "HOME": str(self.folder / "home"),
            "PATH": "/usr/bin:/bin",
            "GOKERNEL_BUNDLES": str(self.user),
            "GOKERNEL_SITE_BUNDLES": str(self.site),
        }

    def use(self, number: int, name: str = "", *, site: bool = False, at: float = 1.0) -> Path:
        """Have a bundle; its folder."""
        folder = put(self.site if site else self.user, number, used_at=at, name=name)
        (folder / "proxy").mkdir(mode=0o755)
        prefixes.write(folder / "go.sum", "")
        return folder

    def resolve(self, policy: Policy | None = None, **settings: str) -> Resolved:
        """What a kernel with these settings would get."""
        policy = (policy or Policy()).above(settings)
        cache = Cache(self.folder / "cache")
        return resolve(Target("demo", self.prefix), self.parent, cache=cache, policy=policy)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """One without bundles."""
    return Machine(tmp_path)


def origins(found: Resolved) -> dict[str, str]:
    """Who says what of the variables that bundles and `offline` touch."""
    names = ["GOPROXY", *OFFLINE]
    every = found.environment.variables
    return {name: str(every[name].origin) for name in names if name in every}


def test_without_bundles_nothing_changes(machine: Machine) -> None:
    """Every variable is what it was, and nothing is made or told."""
    found = machine.resolve()

    assert found.environment.get("GOPROXY") == f"{MIRROR},direct"
    assert origins(found)["GOPROXY"] == "Go's files: $GOROOT/go.env"
    assert {"GONOPROXY", "GOVCS"}.isdisjoint(found.environment.variables)
    assert found.applied.variables == {}
    assert found.environment.findings == ()
    assert not machine.user.exists()


def test_bundles_come_in_front_of_what_would_be(machine: Machine) -> None:
    """The user's, the last used first, then the site's, then what was there."""
    folders = [
        machine.use(1, "course", at=9.0),
        machine.use(2),
        machine.use(3, "site", site=True, at=99.0),
    ]

    found = machine.resolve(GOPROXY=f"{MIRROR}|off", GOPRIVATE="example.invalid")

    expected = [f"file://{folder}/proxy" for folder in folders]
    assert found.environment.get("GOPROXY") == ",".join([*expected, f"{MIRROR}|off"])
    assert origins(found)["GOPROXY"] == (
        "toolchain: bundles course, 0000000000000002, site in front of kernel settings: kernelspec"
    )
    assert found.environment.get("GOSUMDB") == "sums.invalid"
    assert found.environment.get("GOPRIVATE") == "example.invalid"
    sums = os.pathsep.join(str(folder / "go.sum") for folder in folders)
    assert found.applied.variables == {"GOKERNEL_SUMS": sums}


@pytest.mark.parametrize("layer", ["go env -w", "parent", "settings", "user", "site", "marked"])
def test_whoever_set_goproxy_is_named(layer: str, machine: Machine) -> None:
    """The value beneath stays visible, with its own origin."""
    machine.use(1, "course")
    mine = "https://user:secret@mine.invalid"
    policy = Policy()
    if layer == "go env -w":
        prefixes.write(Path(machine.parent["HOME"], ".config/go/env"), f"GOPROXY={mine}\n")
    elif layer in ("parent", "marked"):
        machine.parent |= {"GOPROXY": mine}
        machine.parent |= {"GOKERNEL_POLICY": "GOPROXY"} if layer == "marked" else {}
    else:
        policy = Policy(**{layer: {"GOPROXY": mine}})

    variable = machine.resolve(policy).environment.variables["GOPROXY"]

    assert variable.value == f"file://{machine.user}/{1:016x}/proxy,{mine}"
    assert variable.overrode[-1].value == mine
    assert applied.without(variable) == (mine, variable.overrode[-1].origin)
    assert "secret" not in str(variable.to_dict())
    assert "course in front of" in str(variable.origin)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{MIRROR},direct", ""),
        ("off", ""),
        ("direct", ""),
        ("file:///mnt/proxy", ",file:///mnt/proxy"),
        (f"file:///a|https://u:p@x.invalid,file:///b,{MIRROR}", ",file:///a|file:///b"),
        (f"{MIRROR},direct,file:///never", ""),
    ],
)
def test_offline_keeps_folders_alone(before: str, after: str, machine: Machine) -> None:
    """No proxy, no repository, no checksum database, whoever named one."""
    folder = machine.use(1, "course")
    policy = Policy(site={"GOPROXY": before, "GOSUMDB": "sums.invalid"}, offline=True)

    found = machine.resolve(policy, GOPRIVATE="*", GONOPROXY="*", GOVCS="*:all")

    assert found.environment.get("GOPROXY") == f"file://{folder}/proxy{after}"
    assert {name: found.environment.get(name) for name in OFFLINE} == OFFLINE
    said = origins(found)
    assert said.pop("GOPROXY") == "toolchain: offline: bundle course"
    assert said.pop("GOTOOLCHAIN") == "toolchain: this Go and no other"
    assert set(said.values()) == {"toolchain: offline"}
    assert found.environment.get("GOPRIVATE") == "*"
    assert found.applied.variables["GOKERNEL_OFFLINE"] == "1"


def test_offline_without_a_bundle(machine: Machine) -> None:
    """Go is told that there is nothing to be had."""
    found = machine.resolve(Policy(offline=True))

    assert found.environment.get("GOPROXY") == "off"
    assert origins(found)["GOPROXY"] == "toolchain: offline"
    assert found.applied.variables == {"GOKERNEL_OFFLINE": "1"}


@pytest.mark.parametrize("says", ["kernelspec", "configuration", "both"])
def test_offline_if_any_says_so(says: str) -> None:
    """A kernelspec can't take back what the site says, nor the site what it says."""
    policy = Policy(offline=says != "kernelspec")

    assert policy.above({}, offline=says != "configuration").offline


def test_go_sums_are_nobody_elses(machine: Machine) -> None:
    """A variable of the parent's is no word of ours, and policy can't pass it on."""
    machine.parent |= {"GOKERNEL_SUMS": "/tmp/evil", "GOKERNEL_POLICY": "GOKERNEL_SUMS"}

    found = machine.resolve()

    assert found.applied.variables == {}
    assert "GOKERNEL_SUMS" not in found.environment.as_dict()


@pytest.mark.parametrize(
    ("value", "counts"), [("1", True), ("yes", True), ("0", False), ("", False)]
)
def test_the_parent_can_take_the_network_away(value: str, counts: bool, machine: Machine) -> None:
    """For clients that hand no configuration on; nothing of it gives the network back."""
    machine.parent |= {"GOKERNEL_OFFLINE": value}

    found = machine.resolve()

    assert found.applied.offline is counts
    assert (found.environment.get("GOPROXY") == "off") is counts
    assert machine.resolve(Policy(offline=True)).applied.offline
    if counts:
        said = "offline by GOKERNEL_OFFLINE of the process that starts it"
        assert origins(found)["GOSUMDB"] == f"toolchain: {said}"


def test_the_sites_file_says_it_for_everybody(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By being there, whatever it holds; the origin names it."""
    file = tmp_path / "etc" / "offline"
    monkeypatch.setattr(site, "SITE_FILE", file)
    assert not machine.resolve().applied.offline
    file.parent.mkdir()
    file.symlink_to("nowhere")
    machine.use(1, "course")

    found = machine.resolve()

    assert found.applied.offline
    assert origins(found)["GOPROXY"] == f"toolchain: offline by {file}: bundle course"
    assert applied.is_ours(found.environment.variables["GOSUMDB"].origin)


def test_a_site_whose_file_cannot_be_looked_at_is_offline(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows then that it doesn't say so."""
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    monkeypatch.setattr(site, "SITE_FILE", loop / "offline")

    assert "can't be looked at" in origins(machine.resolve())["GOSUMDB"]


def test_a_bundle_that_others_can_write_is_not_used(machine: Machine) -> None:
    """It is passed over, and said."""
    machine.use(1).chmod(0o777)

    found = machine.resolve()

    assert found.environment.get("GOPROXY") == f"{MIRROR},direct"
    assert [one.id for one in found.environment.findings] == ["offline.untrusted"]


def test_a_bundle_with_a_toolchain_alone(machine: Machine) -> None:
    """Nothing is put in front for what holds no modules."""
    folder = machine.use(1)
    (folder / "proxy").rmdir()
    (folder / "go.sum").unlink()

    found = machine.resolve()

    assert found.environment.get("GOPROXY") == f"{MIRROR},direct"
    assert found.applied.variables == {}


def test_a_path_with_a_colon(machine: Machine) -> None:
    """Both lists name it: GOPROXY in Go's way, that of the go.sum files as engines read it."""
    machine.user = machine.folder / "a:b%, c"
    machine.parent["GOKERNEL_BUNDLES"] = str(machine.user)
    folder = machine.use(1, "course")
    other = machine.use(2, site=True)

    found = machine.resolve()

    assert f"{machine.folder}/a%3Ab%25%2C%20c/" in found.environment.get("GOPROXY")
    sums = f"{machine.folder}/a%3Ab%25, c/{folder.name}/go.sum:{other / 'go.sum'}"
    assert found.applied.variables == {"GOKERNEL_SUMS": sums}
    assert found.environment.findings == ()


def test_bundles_of_one_name_are_told_apart(machine: Machine) -> None:
    """As after an update of a course: by their ids."""
    folders = [machine.use(number, "course", at=number) for number in (1, 2)]
    machine.use(3, "other", at=0.5)

    said = origins(machine.resolve())["GOPROXY"]

    ids = [f"course ({one.name})" for one in reversed(folders)]
    assert f"bundles {', '.join(ids)}, other in front" in said


def test_many_bundles_are_counted(machine: Machine) -> None:
    """An origin stays short."""
    for number in range(1, 6):
        machine.use(number, f"b{number}", at=-number + 10)

    assert origins(machine.resolve(GOPROXY="direct"))["GOPROXY"] == (
        "toolchain: bundles b1, b2, b3, 2 more in front of kernel settings: kernelspec"
    )


def holding(folder: Path, module: str, *there: str) -> None:
    """Let a bundle have versions of a module, as far as a list of versions goes."""
    at = folder / "proxy" / module / "@v"
    at.mkdir(parents=True)
    (at / "list").write_text("".join(f"{one}\n" for one in there))
    for one in there:
        (at / f"{one}.info").write_text(f'{{"Version": "{one}"}}')


@pytest.mark.parametrize("offline", [True, False])
def test_versions_of_several_bundles_are_one_list(machine: Machine, offline: bool) -> None:
    """An import without a version takes the newest of all, whichever bundle was used last."""
    last, before = machine.use(1, at=9.0), machine.use(2, at=1.0)
    holding(last, "a.invalid/b", "v1.0.0", "v1.1.0-rc.1")
    holding(before, "a.invalid/b", "v1.0.0", "v1.2.0")
    holding(before, "a.invalid/only", "v1.0.0")
    holding(last, "a.invalid/same", "v1.0.0")
    holding(before, "a.invalid/same", "v1.0.0")

    value = machine.resolve(Policy(offline=offline)).environment.get("GOPROXY") or ""
    again = machine.resolve(Policy(offline=offline)).environment.get("GOPROXY")

    lists, *rest = value.split(",")
    assert rest[:2] == [f"file://{last}/proxy", f"file://{before}/proxy"]
    assert again == value
    place = Path(lists.removeprefix("file://"))
    assert place.is_relative_to(machine.folder / "cache")
    assert [one.name for one in (place / "a.invalid").iterdir()] == ["b"]
    assert (place / "a.invalid/b/@v/list").read_text() == "v1.0.0\nv1.1.0-rc.1\nv1.2.0\n"
    assert "v1.2.0" in (place / "a.invalid/b/@latest").read_text()
    assert not [one for one in place.parent.parent.iterdir() if one.name.startswith(".")]


def test_a_cache_that_others_can_write_lists_no_versions(machine: Machine) -> None:
    """Nor does one that can't be made: the bundles are used one after the other then."""
    for number in (1, 2):
        holding(machine.use(number), "a.invalid/b", f"v1.{number}.0")
    machine.resolve()
    (machine.folder / "cache").chmod(0o777)
    assert (machine.resolve().environment.get("GOPROXY") or "").count("file://") == 2
    (machine.folder / "cache").rename(machine.folder / "was")
    (machine.folder / "cache").write_text("")
    assert (machine.resolve().environment.get("GOPROXY") or "").count("file://") == 2


@pytest.mark.parametrize(
    "settings",
    [
        {"GOPRIVATE": "other.invalid, corp.invalid"},
        {"GOPRIVATE": "*.invalid/[a-z]eam/"},
        {"GONOPROXY": "corp.invalid/team/Repo", "GOPRIVATE": "x"},
    ],
)
def test_private_modules_of_bundles(machine: Machine, settings: dict[str, str]) -> None:
    """They come from bundles where no proxy would learn their names; else that is said."""
    holding(machine.use(1, "course"), "corp.invalid/team/!repo", "v1.0.0")
    name = next(iter(settings))

    found = machine.resolve(GOPROXY="file:///mnt/mods,direct", **settings).environment
    assert found.get("GONOPROXY") == "none"
    assert f"bundle course: modules that {name} keeps" in str(found.variables["GONOPROXY"].origin)
    assert (found.get("GOPRIVATE"), found.get("GOSUMDB")) == (settings["GOPRIVATE"], "sums.invalid")
    assert found.findings == ()

    for proxies in (f"{MIRROR},direct", "off", f"{MIRROR}|direct"):
        found = machine.resolve(GOPROXY=proxies, **settings).environment
        assert found.get("GONOPROXY") == settings.get("GONOPROXY", "")
        (finding,) = found.findings
        assert finding.id == "offline.passed-by"
        assert f"{name} keeps these from everything in GOPROXY" in finding.summary
        assert "GONOPROXY=none" in str(finding.remedy)


@pytest.mark.parametrize(
    "patterns",
    ["", "none", "corp.invalid.x", "corp.invalid/team/repo", "c", "../..", ".", "[", ","],
)
def test_what_no_bundle_holds_is_private_as_ever(machine: Machine, patterns: str) -> None:
    """Nothing is changed, and nothing said."""
    holding(machine.use(1, "course"), "corp.invalid/team/!repo", "v1.0.0")

    found = machine.resolve(GOPROXY="direct", GOPRIVATE=patterns or "x").environment

    assert "GONOPROXY" not in found.variables
    assert found.findings == ()


def test_go_itself_takes_the_newest_and_the_private_ones(
    machine: Machine, goroot: Callable[[str], Path], tmp_path: Path
) -> None:
    """Real modules and a real Go: an older bundle hides nothing, and GOPRIVATE no bundle."""
    shelf = Shelf(machine.user)
    shelf.put(modules={f"{LIB}@v1.2.0": saying("new")})
    shelf.put(modules={f"{LIB}@v1.0.0": saying("old")})
    found = machine.resolve(GOPROXY="direct", GOPRIVATE="example.test").environment

    def go(*words: str) -> str:
        names = ("GOPROXY", "GOPRIVATE", "GONOPROXY")
        env = {name: found.get(name) or "" for name in names}
        env |= {"HOME": str(tmp_path), "GOFLAGS": "-modcacherw", "GOTOOLCHAIN": "local"}
        env |= {"PATH": "/nonexistent", "GOSUMDB": "off", "GOMODCACHE": str(tmp_path / "mod")}
        argv = [str(goroot("1.26") / "bin" / "go"), *words]
        return process.run(argv, env=env, timeout=60, cwd=tmp_path).stdout

    go("mod", "init", "example.invalid/x")
    go("get", LIB)
    assert f"{LIB} v1.2.0" in go("list", "-m", LIB)
    go("get", f"{LIB}@v1.0.0")
    assert f"{LIB} v1.0.0" in go("list", "-m", LIB)
