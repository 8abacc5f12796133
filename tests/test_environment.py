"""Who wins, and where each value came from."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from go_kernel.cache import Cache
from go_kernel.conda import scripts
from go_kernel.environment import GoEnvironment, Layer, Merge, Origin
from go_kernel.findings import Status
from go_kernel.layers import POLICY_MARKER, NotSettable
from go_kernel.process import run
from go_kernel.resolve import Policy, Target, resolve
from go_kernel.variables import INHERITED, OURS, RUNS_CODE, TABLE, is_secret
from tests import prefixes

GetGoroot = Callable[[str], Path]


@dataclass
class World:
    """One environment with Go, a home, and all that can be set around it."""

    folder: Path
    parent: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    user: dict[str, str] = field(default_factory=dict)
    site: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Made-up Go; a test that runs one puts it in its place."""
        self.prefix = prefixes.go_prefix(self.folder / "envs" / "demo")
        self.home = self.folder / "home"
        self.home.mkdir()
        self.parent |= {"HOME": str(self.home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        self.cache = Cache(self.folder / "cache")

    def go_env_w(self, **values: str) -> None:
        """What `go env -w` would have written."""
        lines = "".join(f"{name}={value}\n" for name, value in values.items())
        prefixes.write(self.home / ".config/go/env", lines)

    def activation(self, **values: object) -> None:
        """What the environment's packages set."""
        prefixes.package_variables(self.prefix, "a.json", values)

    def resolve(self) -> GoEnvironment:
        """The environment of a kernel."""
        policy = Policy(self.settings, self.user, self.site)
        target = Target("demo", self.prefix)
        return resolve(target, self.parent, cache=self.cache, policy=policy).environment


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A small one."""
    return World(tmp_path)


def values(environment: GoEnvironment, name: str) -> list[str]:
    """The value in force and what it overrode, the highest first."""
    shown = environment.explained([name])[name]
    overrode = shown["overrode"]
    assert isinstance(overrode, list)
    return [str(shown["value"]), *(str(old["value"]) for old in reversed(overrode))]


# The table of design: each layer, and its name when it wins.
ORIGINS = {
    "goroot": "Go's files: $GOROOT/go.env",
    "go env -w": "Go's files: go env -w",
    "parent": "parent process",
    "activation": "activation: etc/conda/env_vars.d/a.json",
    "kernelspec": "kernel settings: kernelspec",
    "user": "kernel settings: configuration",
    "site": "site policy: configuration",
    "marked": "site policy: named in GOKERNEL_POLICY",
}


def set_in(world: World, layers: Mapping[str, bool], name: str = "GOPRIVATE") -> None:
    """Give one variable another value in each of these layers."""
    if layers.get("goroot"):
        prefixes.write(world.prefix / "go/go.env", f"{name}=goroot\n")
    if layers.get("go env -w"):
        world.go_env_w(**{name: "go env -w"})
    if layers.get("parent"):
        world.parent[name] = "parent"
    if layers.get("activation"):
        world.activation(**{name: "activation"})
    if layers.get("kernelspec"):
        world.settings[name] = "kernelspec"
    if layers.get("user"):
        world.user[name] = "user"
    if layers.get("site"):
        world.site[name] = "site"
    if layers.get("marked"):
        world.parent |= {name: "marked", POLICY_MARKER: name}


def test_every_combination_of_layers(world: World) -> None:
    """The highest wins, says where it came from, and shows all below it in order."""
    for chosen in product([False, True], repeat=len(ORIGINS)):
        present = dict(zip(ORIGINS, chosen, strict=True))
        if not any(chosen):
            continue
        (world.prefix / "go/go.env").unlink(missing_ok=True)
        (world.home / ".config/go/env").unlink(missing_ok=True)
        (world.prefix / "etc/conda/env_vars.d/a.json").unlink(missing_ok=True)
        for place in (world.settings, world.user, world.site):
            place.clear()
        world.parent.pop("GOPRIVATE", None)
        world.parent.pop(POLICY_MARKER, None)
        set_in(world, present)

        environment = world.resolve()

        # The parent's own value is the marked one where there is a marker.
        seen = [
            "marked" if layer == "parent" and present["marked"] else layer
            for layer in ORIGINS
            if present[layer] or (layer == "parent" and present["marked"])
        ]
        assert values(environment, "GOPRIVATE") == seen[::-1], present
        assert environment.get("GOPRIVATE") == seen[-1]
        assert str(environment.variables["GOPRIVATE"].origin) == ORIGINS[seen[-1]]


@pytest.mark.parametrize("name", ["GOPROXY", "GOSUMDB", "GOINSECURE", "GOMAXPROCS", "MY_OWN"])
def test_other_variables_follow_the_same_order(name: str, world: World) -> None:
    """Nothing is special about one."""
    set_in(world, dict.fromkeys(("parent", "activation", "kernelspec", "site"), True), name)

    assert values(world.resolve(), name) == ["site", "kernelspec", "activation", "parent"]


def test_go_files_are_for_gos_variables_only(world: World) -> None:
    """Go itself wouldn't hand others to a process either."""
    world.go_env_w(MY_OWN="x", PATH="/evil", HOME="/evil", LD_LIBRARY_PATH="/evil")

    environment = world.resolve()

    assert "evil" not in str(environment.as_dict())
    assert environment.get("MY_OWN") == ""


# What runs code.

INERT = {"CGO_ENABLED": "0"}  # so that our own CC and CGO_*FLAGS stay out of the way


@pytest.mark.parametrize("name", sorted(RUNS_CODE))
def test_what_runs_code_is_not_inherited(name: str, world: World) -> None:
    """A stale CC, somebody's GOFLAGS: gone, and shown as gone."""
    world.settings = dict(INERT)
    world.parent[name] = "/tmp/evil"

    environment = world.resolve()

    assert "/tmp/evil" not in str(environment.as_dict())
    assert "/tmp/evil" in str(environment.explained()) or is_secret(name)
    [old] = [old for old in environment.variables[name].overrode if old.value == "/tmp/evil"]
    assert str(old.origin) == "parent process: (not inherited: could run code)"


@pytest.mark.parametrize("name", ["BASH_FUNC_ls%%", "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_12"])
def test_nor_what_runs_code_by_a_name_of_its_own(name: str, world: World) -> None:
    """Functions that bash takes over, and git's settings."""
    world.parent[name] = "() { touch /tmp/evil; }"

    assert name not in world.resolve().as_dict()


@pytest.mark.parametrize("name", sorted(RUNS_CODE - OURS))
def test_what_runs_code_is_not_taken_from_go_env_w(name: str, world: World) -> None:
    """It is dropped and said, with the way to have it anyway."""
    world.settings = dict(INERT)
    world.go_env_w(**{name: "/tmp/evil"})

    environment = world.resolve()

    assert "/tmp/evil" not in str(environment.as_dict())
    [finding] = [f for f in environment.findings if f.id == "variables.runs-code"]
    assert finding.status is Status.INFO
    assert name in finding.summary
    assert str(world.home / ".config/go/env") in finding.summary
    assert finding.remedy is not None
    assert f"--set {name}=" in finding.remedy.commands[0]


@pytest.mark.parametrize("name", sorted(RUNS_CODE - OURS - {"GOFLAGS"}))
def test_what_runs_code_may_come_from_those_who_may(name: str, world: World) -> None:
    """The environment itself, a person's explicit word, the site."""
    world.settings = dict(INERT)
    world.activation(**{name: "from/env"})
    assert world.resolve().get(name) == "from/env"

    world.settings[name] = "from/settings"
    assert world.resolve().get(name) == "from/settings"

    world.site[name] = "from/site"
    assert world.resolve().get(name) == "from/site"


@pytest.mark.parametrize("name", sorted(set(TABLE) - RUNS_CODE - INHERITED))
def test_another_gos_variables_are_not_inherited(name: str, world: World) -> None:
    """GOOS, GO111MODULE and the like were meant for that shell's builds."""
    world.parent[name] = "other"

    environment = world.resolve()

    assert environment.get(name) != "other"
    assert environment.errors == ()
    assert "another Go's" in str(environment.variables[name])


@pytest.mark.parametrize("name", sorted(INHERITED))
def test_what_passes_passes(name: str, world: World) -> None:
    """Caches, proxies, private patterns, limits."""
    value = str(world.folder / "place") if "PATH" in name or "CACHE" in name else "value"
    world.parent[name] = value

    assert world.resolve().get(name) == value


@pytest.mark.parametrize("name", sorted(OURS))
def test_what_follows_from_the_toolchain_is_nobodys_to_set(name: str, world: World) -> None:
    """A usage error in settings; from anywhere below it is overruled."""
    world.activation(**{name: "/evil"})
    world.go_env_w(**{name: "/evil"})
    expected = {"GOROOT": f"{world.prefix}/go", "GOTOOLCHAIN": "local", "GOENV": "off"}
    assert world.resolve().get(name) == expected[name]

    for place in (world.settings, world.user, world.site):
        place[name] = "/evil"
        with pytest.raises(NotSettable) as caught:
            world.resolve()
        assert caught.value.name == name
        assert name in str(caught.value)
        place.clear()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("GOKERNEL_SCRATCH", "x"), ("GOKERNEL_POLICY", "GOPROXY"), ("GOKERNEL_X", "x")),
        *(("", "x"), ("A B", "x"), ("A=B", "x"), ("A\n", "x"), ("1A", "x"), ("É", "x")),
        *(("A", "x\0y"), ("A", "\ud800"), ("A", 1), ("A", None), (1, "x")),
    ],
)
def test_what_is_no_setting_is_refused(name: str, value: str, world: World) -> None:
    """Names that are none, values that no process can have, and our own."""
    world.settings[name] = value

    with pytest.raises(NotSettable) as caught:
        world.resolve()

    assert "\n" not in str(caught.value)
    assert caught.value.remedy is not None


# Policy of a site.


def test_the_marker_names_what_is_policy(world: World) -> None:
    """Those of the parent's variables win over a kernel's own settings."""
    world.parent |= {
        "GOPROXY": "https://proxy.example",
        "GOSUMDB": "off",
        "https_proxy": "http://site:3128",
        POLICY_MARKER: "GOPROXY, https_proxy\tGONOSUMDB",
    }
    world.settings |= {"GOPROXY": "direct", "GOSUMDB": "mine", "https_proxy": "mine"}

    environment = world.resolve()

    assert environment.get("GOPROXY") == "https://proxy.example"
    assert environment.get("https_proxy") == "http://site:3128"
    assert environment.get("GOSUMDB") == "mine"
    assert environment.get("GONOSUMDB") == ""
    assert environment.variables["GOPROXY"].origin.layer is Layer.SITE
    assert POLICY_MARKER not in environment.as_dict()


def test_the_marker_does_not_reach_what_follows_from_the_environment(world: World) -> None:
    """Not its bookkeeping, not PATH, not GOROOT: a stale activation is no policy."""
    stale = {
        "CONDA_PREFIX": "/other",
        "CONDA_DEFAULT_ENV": "other",
        "_CONDA_X": "x",
        "PATH": "/other/bin:/usr/bin",
        "GOROOT": "/other/go",
        "GOENV": "/other/env",
        "GOKERNEL_SCRATCH": "/other",
    }
    world.parent |= {**stale, POLICY_MARKER: ",".join([*stale, "", "A B", "../x", POLICY_MARKER])}

    environment = world.resolve()

    assert environment.get("CONDA_PREFIX") == str(world.prefix)
    assert environment.get("CONDA_DEFAULT_ENV") == "demo"
    assert "/other" not in str(environment.as_dict())


def test_what_the_marker_names_in_vain_is_said(world: World) -> None:
    """By name: what follows from the environment, what isn't set, what is no name at all."""
    world.parent |= {
        "GOROOT": "/other/go",
        "GOSUMDB": "off",
        POLICY_MARKER: "GOROOT GOTOOLCHAIN,PATH,GOKERNEL_SCRATCH GOPROXY,GOSUMDB,x\x1b[31m",
    }

    environment = world.resolve()

    [finding] = [found for found in environment.findings if found.id == "policy.unused"]
    assert finding.status is Status.INFO
    assert finding.summary.startswith(
        "The site names GOROOT, GOTOOLCHAIN, PATH, GOKERNEL_SCRATCH, GOPROXY, x\\x1b[31m in "
        "GOKERNEL_POLICY, which has no effect"
    )
    world.parent[POLICY_MARKER] = "GOSUMDB"
    assert "policy.unused" not in [found.id for found in world.resolve().findings]


def test_a_hubs_administrator_is_who_takes_its_variables_back(world: World) -> None:
    """No command of conda's could."""
    world.parent |= {
        "GOOS": "plan9",
        POLICY_MARKER: "GOOS",
        "JUPYTERHUB_API_URL": "http://h.invalid",
    }

    [finding] = world.resolve().errors

    assert "GOOS is set by JupyterHub" in finding.summary
    assert str(finding.remedy) == (
        "Ask JupyterHub's administrator to take GOOS out of what it sets for your servers."
    )


@pytest.mark.parametrize("name", ["JUPYTERHUB_SERVICE_PREFIX", "JUPYTERHUB_API_URL"])
def test_what_a_hub_marks_is_said_to_be_the_hubs(name: str, world: World) -> None:
    """In a server that JupyterHub started; elsewhere somebody else set the marker."""
    world.parent |= {"GOPROXY": "https://proxy.example", POLICY_MARKER: "GOPROXY"}
    elsewhere = world.resolve().variables["GOPROXY"].origin

    world.parent[name] = "/user/alice/"
    environment = world.resolve()

    assert str(elsewhere) == "site policy: named in GOKERNEL_POLICY"
    assert str(environment.variables["GOPROXY"].origin) == "site policy: JupyterHub"


def test_what_a_hub_marks_may_be_a_compiler(world: World) -> None:
    """An administrator's word counts for what runs code too."""
    world.parent |= {"CC": "/site/cc", "GOVCS": "*:off", POLICY_MARKER: "CC GOVCS"}

    environment = world.resolve()

    assert (environment.get("CC"), environment.get("GOVCS")) == ("/site/cc", "*:off")


# Real Go says the same.


def with_real_go(world: World, goroot: Path) -> None:
    """Put a real Go into the environment (of which nothing is ever changed)."""
    subprocess.run(["rm", "-r", str(world.prefix / "go")], check=True)
    (world.prefix / "go").symlink_to(goroot)


def go_env(go: Path, env: Mapping[str, str]) -> dict[str, str]:
    """What the real `go` has in force."""
    printed = run([go, "env", "-json"], env=env, timeout=60).stdout
    result = json.loads(printed)
    assert isinstance(result, dict)
    return result


WRITTEN = {
    "GOPROXY": "https://me:pw@proxy.example/a|direct",
    "GOSUMDB": "off",
    "GOPRIVATE": "corp.example/*, other",
    "GONOPROXY": "none",
    "GOINSECURE": "corp.example",
    "GOPATH": "{home}/work space",
    "GOMODCACHE": "{home}/mod",
    "GOCACHE": "{home}/build",
    "GOTMPDIR": "{home}",
    "GOBIN": "{home}/bin",
    "GOAMD64": "v2",
    "GO111MODULE": "on",
    "GOFLAGS": "-toolexec=/tmp/evil",
    "GOAUTH": "off",
    "GOVCS": "*:all",
    "CC": "gcc-of-mine",
    "CGO_CFLAGS": "-DEVIL",
    "GOTOOLCHAIN": "auto",
}


@pytest.mark.parametrize("version", ["1.22", "1.27"])
@pytest.mark.parametrize("layer", ["written", "inherited"])
def test_a_kernels_go_has_in_force_what_we_say(
    layer: str, version: str, world: World, goroot: GetGoroot
) -> None:
    """`go env -w` by the real Go, then `go env -json` before and in the kernel's environment."""
    with_real_go(world, goroot(version))
    go = world.prefix / "bin/go"
    chosen = {name: value.format(home=world.home) for name, value in WRITTEN.items()}
    if version == "1.22":
        del chosen["GOAUTH"]  # newer than this Go
    if layer == "written":
        pairs = [f"{name}={value}" for name, value in chosen.items()]
        run([go, "env", "-w", *pairs], env=world.parent, timeout=60)
    else:
        world.parent |= chosen
    before = go_env(go, {**world.parent, "GOROOT": str(world.prefix / "go")})

    environment = world.resolve()
    after = go_env(environment.toolchain.go, environment.as_dict())

    for name in set(TABLE) & set(after):
        if environment.get(name) and name != "GOENV":  # 1.22 prints nothing for "off"
            assert after[name] == environment.get(name), name
    # What may pass is in force as it was, what may not isn't.
    passing = INHERITED if layer == "inherited" else set(TABLE) - RUNS_CODE
    for name in (set(chosen) | {"GONOSUMDB"}) & passing:
        assert after[name] == before[name], name
    for name in RUNS_CODE & set(chosen) & set(after):
        assert chosen[name] not in after[name], name
    assert after["GOENV"] in ("off", "")
    assert after["GOTOOLCHAIN"] == "local"
    assert after["GOROOT"] == str(world.prefix / "go")
    assert after["GOVERSION"] == f"go{environment.toolchain.version}"


VALUES = [None, "", "x"]


@pytest.mark.parametrize("version", ["1.22", "1.27"])
@pytest.mark.parametrize("name", ["GOPRIVATE", "GOSUMDB"])
def test_an_empty_variable_is_as_good_as_none(
    name: str, version: str, world: World, goroot: GetGoroot
) -> None:
    """Set empty anywhere, it falls through to Go's own files, as in a real shell."""
    with_real_go(world, goroot(version))
    go = world.prefix / "bin/go"
    for written, parent, activated, setting in product([None, "w"], VALUES, VALUES, VALUES):
        world.go_env_w(**({name: written} if written else {}))
        world.activation(**({} if activated is None else {name: activated}))
        world.settings = {} if setting is None else {name: setting}
        world.parent.pop(name, None)
        in_shell = dict(world.parent)
        if parent is not None:
            world.parent[name] = parent
        for value in (parent, activated, setting):
            if value is not None:
                in_shell[name] = value

        environment = world.resolve()

        expected = run([go, "env", name], env=in_shell, timeout=60).stdout
        kernel = run([go, "env", name], env=environment.as_dict(), timeout=60).stdout
        assert kernel == expected, (written, parent, activated, setting)
        assert (environment.get(name) or expected.strip()) == expected.strip()


def test_null_falls_through_too(world: World) -> None:
    """An environment that unsets a variable of Go's leaves what `go env -w` says."""
    world.go_env_w(GOPRIVATE="written")
    world.parent["GOPRIVATE"] = "parent"
    world.activation(GOPRIVATE=None)

    environment = world.resolve()

    assert environment.get("GOPRIVATE") == "written"
    assert environment.variables["GOPRIVATE"].origin.layer is Layer.GO_FILES


def test_what_an_empty_one_hid_is_shown(world: World) -> None:
    """Nothing disappears from the explanation."""
    world.parent["GOPRIVATE"] = "parent"
    world.activation(GOPRIVATE="")

    environment = world.resolve()

    assert "GOPRIVATE" not in environment.as_dict()
    assert values(environment, "GOPRIVATE") == ["None", "", "parent"]
    assert str(environment.variables["GOPRIVATE"].origin) == ORIGINS["activation"]


def test_what_an_empty_one_reveals_is_shown_once(world: World) -> None:
    """The value of Go's own file is in force again, and no longer overridden."""
    world.go_env_w(GOPRIVATE="written")
    world.parent["GOPRIVATE"] = "parent"
    world.activation(GOPRIVATE="")

    environment = world.resolve()

    assert values(environment, "GOPRIVATE") == ["written", "", "parent"]
    assert str(environment.variables["GOPRIVATE"].origin) == ORIGINS["go env -w"]


def test_an_empty_variable_of_anybody_else_is_empty(world: World) -> None:
    """Only Go's fall through."""
    world.parent["MY_OWN"] = "parent"
    world.activation(MY_OWN="")

    assert world.resolve().as_dict()["MY_OWN"] == ""


def test_the_same_value_again_keeps_its_first_origin(world: World) -> None:
    """Who said it first; but a site's word is a policy, even where all agree."""
    world.parent["GOPRIVATE"] = "same"
    world.activation(GOPRIVATE="same")
    world.settings["GOPRIVATE"] = "same"
    assert str(world.resolve().variables["GOPRIVATE"].origin) == ORIGINS["parent"]
    assert values(world.resolve(), "GOPRIVATE") == ["same"]

    world.site["GOPRIVATE"] = "same"
    assert str(world.resolve().variables["GOPRIVATE"].origin) == ORIGINS["site"]


# GOFLAGS and PATH, which this layer mends.


@pytest.mark.parametrize("place", ["activation", "settings"])
def test_conda_forges_flags_are_made_fit(place: str, world: World) -> None:
    """What makes plugins another build's goes, and is said; the rest stays."""
    flags = "-modcacherw -buildmode=pie -trimpath"
    if place == "activation":
        world.activation(GOFLAGS=flags)
    else:
        world.settings["GOFLAGS"] = flags

    environment = world.resolve()

    assert environment.get("GOFLAGS") == "-modcacherw -trimpath"
    [finding] = [f for f in environment.findings if f.id == "goflags.dropped"]
    assert "-buildmode=pie" in finding.summary
    assert "-trimpath" not in finding.summary
    assert values(environment, "GOFLAGS")[1] == flags


def test_the_engines_flags_alone_need_no_finding(world: World) -> None:
    """That is the usual case."""
    assert world.resolve().get("GOFLAGS") == "-trimpath"
    assert [f.id for f in world.resolve().findings if "goflags" in f.id] == []


def test_path_begins_with_the_environments_own_go(world: World) -> None:
    """Then its other programs, then the parent's folders; nothing twice, nothing relative."""
    bin_folder = f"{world.prefix}/bin"
    world.parent["PATH"] = f"/a::.:rel:{bin_folder}:/b:/a/../c"

    assert world.resolve().get("PATH") == f"{world.prefix}/go/bin:{bin_folder}:/a:/b:/a/../c"


@pytest.mark.parametrize("path", [None, ""])
def test_without_a_path_there_are_the_systems_folders(path: str | None, world: World) -> None:
    """A server started by `env -i` still finds a C compiler."""
    world.parent.pop("PATH")
    if path is not None:
        world.parent["PATH"] = path

    entries = world.resolve().get("PATH").split(":")

    assert entries[2:] == scripts.SYSTEM_PATH.split(":")


def test_a_path_that_a_person_sets(world: World) -> None:
    """It is theirs, with `go` put before it."""
    world.settings["PATH"] = "/mine:/usr/bin"

    assert world.resolve().get("PATH") == f"{world.prefix}/go/bin:/mine:/usr/bin"


def test_a_script_that_puts_folders_around(world: World) -> None:
    """Before and behind what the parent has."""
    prefixes.script(world.prefix, "a.sh", 'export PATH="/front:$PATH:/back"')
    world.parent["PATH"] = "/back:/usr/bin:/front"

    assert world.resolve().get("PATH") == (
        f"{world.prefix}/go/bin:/front:{world.prefix}/bin:/usr/bin:/back"
    )


# A planted go.


@pytest.mark.parametrize("how", ["parent", "script", "settings", "trailing slash"])
def test_a_go_planted_earlier_on_path_is_reported_and_never_first(how: str, world: World) -> None:
    """Where a search would find it before the environment's own."""
    planted = prefixes.program(world.folder / "planted/go", "#!/bin/sh\ntouch ran\n")
    before = f"{planted.parent}:{world.prefix}/bin:/usr/bin"
    if how == "parent":
        world.parent["PATH"] = before
    elif how == "trailing slash":
        world.parent["PATH"] = f"{planted.parent}/:{world.prefix}/bin/:/usr/bin"
    elif how == "script":
        prefixes.script(world.prefix, "a.sh", f'export PATH="{planted.parent}:$PATH"')
    else:
        world.settings["PATH"] = before

    environment = world.resolve()

    [finding] = [f for f in environment.findings if f.id == "path.planted-go"]
    assert finding.status is Status.WARN
    assert finding.summary == (
        f"{planted} comes before the environment's own Go on PATH; kernels never run it, they "
        f"run {world.prefix}/go/bin/go."
    )
    first = environment.get("PATH").split(":")[0]
    assert Path(first, "go").samefile(environment.toolchain.go)
    assert not (world.folder / "ran").exists()


@pytest.mark.parametrize("kind", ["behind", "not executable", "a folder", "a link to it", "gone"])
def test_what_is_no_planted_go(kind: str, world: World) -> None:
    """Only another program, that would be found first."""
    folder = world.folder / "other"
    folder.mkdir()
    if kind == "a folder":
        (folder / "go").mkdir()
    elif kind == "a link to it":
        (folder / "go").symlink_to(world.prefix / "bin/go")
    elif kind != "gone":
        prefixes.write(folder / "go", "x", mode=0o644 if kind == "not executable" else 0o755)
    path = [f"{world.prefix}/bin", str(folder)] if kind == "behind" else [str(folder)]
    world.parent["PATH"] = ":".join([*path, f"{world.prefix}/bin", "/usr/bin"])

    assert [f for f in world.resolve().findings if f.id == "path.planted-go"] == []


def test_another_go_on_a_path_without_this_environment_says_nothing(world: World) -> None:
    """A server that runs elsewhere, with a Go of its own."""
    other = prefixes.goroot(world.folder / "usr/local/go")
    world.parent["PATH"] = f"{other}/bin:/usr/bin"

    environment = world.resolve()

    assert [f for f in environment.findings if f.id == "path.planted-go"] == []
    assert environment.get("PATH").startswith(f"{world.prefix}/go/bin:")


# GOROOT repair.


def test_a_goroot_that_points_elsewhere_is_mended_and_said(world: World) -> None:
    """A copied or moved environment, whose files still name the old place (layout B)."""
    world.activation(GOROOT="/old/envs/demo/go")

    environment = world.resolve()

    assert environment.get("GOROOT") == f"{world.prefix}/go"
    [finding] = [f for f in environment.findings if f.id == "toolchain.moved"]
    assert "GOROOT=/old/envs/demo/go (set by activation: etc/conda/env_vars.d/a.json)" in str(
        finding
    )
    assert finding.status is Status.WARN


def test_the_same_goroot_by_another_path_is_fine(world: World) -> None:
    """A link above it."""
    (world.folder / "link").symlink_to(world.folder / "envs")
    world.activation(GOROOT=f"{world.folder}/link/demo/go/")

    assert [f for f in world.resolve().findings if f.id == "toolchain.moved"] == []


# The explanation.


def test_an_undone_activation_is_shown(world: World) -> None:
    """What the parent's environment had set, and why it isn't there."""
    old = prefixes.prefix(world.folder / "old")
    world.parent |= {"CONDA_PREFIX": str(old), "JAVA_HOME": f"{old}/lib/jvm"}

    environment = world.resolve()

    assert environment.get("JAVA_HOME") == ""
    [undone] = environment.variables["JAVA_HOME"].overrode
    assert undone.value == f"{old}/lib/jvm"
    assert "an inherited activation, undone" in str(undone.origin)


def test_secrets_are_masked_everywhere_they_are_shown(world: World) -> None:
    """In values, in what they overrode, and in findings; a process gets the true ones."""
    secret = "hunter2hunter2"
    world.parent |= {
        "GOPROXY": f"https://me:{secret}@parent.example",
        "API_TOKEN": secret,
        "GOAUTH": f"git {secret}",
        "HTTPS_PROXY": f"me:{secret}@h:1",
    }
    world.settings |= {
        "GOPROXY": f"https://me:{secret}@own.example",
        "GOFLAGS": f"-toolexec={secret}",
        "GOPATH": f"relative/https://me:{secret}@h",
        "CC": f"/nowhere/{secret}",
    }
    prefixes.script(world.prefix, "a.sh", f"echo https://me:{secret}@x {secret} >&2; false")

    environment = world.resolve()

    shown = json.dumps(environment.explained())
    assert "https://***@own.example" in shown
    assert secret not in shown.replace(f"-toolexec={secret}", "").replace(f"/nowhere/{secret}", "")
    assert environment.as_dict()["GOPROXY"] == f"https://me:{secret}@own.example"
    assert environment.as_dict()["API_TOKEN"] == secret
    assert len(environment.findings) > 3
    assert secret not in json.dumps([finding.to_dict() for finding in environment.findings])


def test_an_explanation_is_complete_and_plain_data(world: World) -> None:
    """Every variable, sorted, ready for JSON."""
    environment = world.resolve()

    explained = environment.explained()

    assert list(explained) == sorted(environment.variables)
    assert json.loads(json.dumps(explained)) == explained
    assert {name for name, one in explained.items() if one["value"] is not None} == set(
        environment.as_dict()
    )
    assert explained["GOTOOLCHAIN"] == {
        "value": "local",
        "origin": "toolchain: this Go and no other",
        "layer": 6,
        "overrode": [],
    }


def test_the_result_cannot_be_changed(world: World) -> None:
    """It is shared between threads."""
    environment = world.resolve()

    with pytest.raises(TypeError):
        environment.variables["X"] = environment.variables["PATH"]  # type: ignore[index]
    with pytest.raises(AttributeError):
        environment.name = "other"  # type: ignore[misc]


# The parent's own.


def test_a_persons_variables_pass_as_they_are(world: World) -> None:
    """Odd names and bytes too: they are neither Go's nor conda's."""
    mine = {
        "JPY_PARENT_PID": "1",
        "JUPYTERHUB_API_TOKEN": "t" * 20,
        "http_proxy": "http://h",
        "SSL_CERT_FILE": "/etc/ssl/x",
        "EMPTY": "",
        "a.b-c": "x",
        os.fsdecode(b"N\xff"): os.fsdecode(b"\xfe"),
        "LINES": "a\nb",
        "LONG": "x" * 100_000,
    }
    world.parent |= mine

    result = world.resolve().as_dict()

    assert {name: result[name] for name in mine} == mine


def test_another_kernels_own_variables_do_not_pass(world: World) -> None:
    """A kernel may be started from within a kernel."""
    world.parent |= {"GOKERNEL_SCRATCH": "/x", "GOKERNEL_POLICY": "", "GOKERNEL_ANYTHING": "x"}

    assert [name for name in world.resolve().as_dict() if name.startswith("GOKERNEL_")] == []


def test_a_kernel_started_from_a_kernel(world: World) -> None:
    """Resolving in the resolved environment gives the same again."""
    world.activation(GOFLAGS="-modcacherw -buildmode=pie", MY="x")
    world.go_env_w(GOPRIVATE="corp.example")
    first = world.resolve().as_dict()
    world.parent = dict(first)

    assert world.resolve().as_dict() == first


def test_an_empty_parent(world: World) -> None:
    """No HOME: said, by name, and no kernel starts on guesses."""
    world.parent.clear()

    environment = world.resolve()

    assert {f.id for f in environment.errors} == {"places.unusable"}
    assert all("HOME" in f.summary for f in environment.errors)
    assert "GOPATH" not in environment.as_dict()


# The machinery.

_ORIGINS = [Origin(layer) for layer in Layer]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["set", "drop", "refuse"]),
            st.sampled_from("abc"),
            st.sampled_from(_ORIGINS),
        )
    )
)
def test_nothing_is_ever_lost_from_a_merge(steps: list[tuple[str, str, Origin]]) -> None:
    """The last one that set or dropped decides; each value that was given can still be seen."""
    merge, expected, given_values = Merge(), None, []
    for what, value, origin in steps:
        given_values += [] if what == "drop" else [value]
        if what == "set":
            merge.set("X", value, origin)
            expected = value
        elif what == "drop":
            merge.drop("X", origin)
            expected = None
        else:
            merge.refuse("X", value, origin, "for a reason")

    assert merge.get("X", "-") == (expected or "-")
    assert merge.values() == ({"X": expected} if expected else {})
    if given_values:
        variable = merge.variables["X"]
        seen = {variable.value, *(old.value for old in variable.overrode)}
        assert set(given_values) <= seen


_TEXT = st.text(st.characters(min_codepoint=1, max_codepoint=0x2FF), max_size=12)
_SOME = st.dictionaries(
    st.sampled_from(sorted([*TABLE, "PATH", "MY_VAR", "CONDA_PREFIX", "XDG_CACHE_HOME"])),
    _TEXT,
    max_size=6,
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(parent=_SOME, written=_SOME, activated=_SOME, chosen=_SOME, site=_SOME)
def test_whatever_is_set_anywhere(
    parent: dict[str, str],
    written: dict[str, str],
    activated: dict[str, str],
    chosen: dict[str, str],
    site: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """It is resolved, the toolchain's own holds, and nothing that runs code came from below."""
    world = World(tmp_path_factory.mktemp("world"))
    world.parent = {**parent, "HOME": str(world.home)}
    prefixes.write(world.home / ".config/go/env", "".join(f"{n}={v}\n" for n, v in written.items()))
    world.activation(**activated)
    world.settings = {n: v for n, v in chosen.items() if n not in OURS and "{" not in v}
    world.site = {n: v for n, v in site.items() if n not in OURS and "{" not in v}

    environment = world.resolve()

    result = environment.as_dict()
    assert result["GOROOT"] == f"{world.prefix}/go"
    assert result["GOTOOLCHAIN"] == "local"
    assert result["GOENV"] == "off"
    assert result["PATH"].split(":")[0] == f"{world.prefix}/go/bin"
    assert result["GOFLAGS"].split()[-1] == "-trimpath"
    assert all(entry.startswith("/") for entry in result["PATH"].split(":"))
    for name in TABLE:
        assert result.get(name) != "", name
    for name in RUNS_CODE - OURS:
        if name not in {*activated, *world.settings, *world.site} and name in result:
            assert environment.variables[name].origin.layer is Layer.TOOLCHAIN, name
    json.dumps(environment.explained())
    json.dumps([finding.to_dict() for finding in environment.findings])
