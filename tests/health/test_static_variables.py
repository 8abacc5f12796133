"""Checks of variables and of what shows when they are put together."""

from __future__ import annotations

import json

import pytest

from go_kernel.cache import Cache
from go_kernel.findings import Status
from go_kernel.health import catalogue, runner
from go_kernel.health.context import Context
from go_kernel.resolve import Policy, Target, resolve
from tests import prefixes
from tests.health.cases import Case, judge
from tests.health.conftest import World


def real(world: World) -> Context:
    """An environment of conda's with its compilers, its activation scripts run once."""
    prefix = world.conda_prefix("go=1.26", "go-cgo_linux-64")
    context = world.context(prefix)
    resolve(context.target, world.env, cache=context.around.cache)
    return world.context(prefix)


def outside(world: World) -> Context:
    """A Go that no conda installed."""
    return world.context(Target("1.27", goroot=world.goroot("1.27")))


def made_up(world: World) -> Context:
    """Nothing sets anything."""
    return world.context(world.prefix())


def with_parent(world: World, **variables: str) -> Context:
    """These are set where kernels are started from."""
    world.env.update(variables)
    return world.context(world.prefix())


# toolchain.goroot


def moved(world: World) -> Context:
    """conda wrote the old place into a file of the environment."""
    prefix = world.conda_prefix("go=1.27", name="before")
    return world.context(prefix.rename(prefix.with_name("after")))


def goroot_by_state(world: World) -> Context:
    """`conda env config vars set`."""
    prefix = world.prefix()
    prefixes.state(prefix, {"GOROOT": "/usr/local/go"})
    return world.context(prefix)


def goroot_by_script(world: World) -> Context:
    """An activation script, whose outcome is remembered."""
    prefix = world.prefix()
    prefixes.script(prefix, "go.sh", "export GOROOT=/usr/local/go\n")
    prefixes.script(prefix, "z.sh", "export OTHER=1\n")
    context = world.context(prefix)
    resolve(context.target, world.env, cache=context.around.cache)
    return world.context(prefix)


def goroot_by_go(world: World) -> Context:
    """`go env -w`."""
    prefixes.write(world.folder / "home/.config/go/env", "GOROOT=/usr/local/go\n")
    return world.context(world.prefix())


def goroot_by_parent(world: World) -> Context:
    """The shell's start-up file."""
    return with_parent(world, GOROOT="/usr/local/go")


def goroot_of_an_activated_one(world: World) -> Context:
    """Jupyter was started in another environment: that is nobody's mistake."""
    other = world.prefix("other")
    prefixes.package_variables(other, "go.json", {"GOROOT": f"{other}/go"})
    return with_parent(world, CONDA_PREFIX=str(other), CONDA_SHLVL="1", GOROOT=f"{other}/go")


def goroot_its_own(world: World) -> Context:
    """The right one, by a link."""
    prefix = world.prefix()
    (world.folder / "link").symlink_to(prefix)
    prefixes.state(prefix, {"GOROOT": f"{world.folder}/link/go"})
    return world.context(prefix)


# toolchain.switching


def switching_auto(world: World) -> Context:
    """As go.dev's Go has it."""
    prefix = world.prefix()
    prefixes.write(prefix / "go/go.env", "GOTOOLCHAIN=auto\n")
    return world.context(prefix)


def switching_to_another(world: World) -> Context:
    """A person's own choice beats go.env."""
    prefix = world.prefix()
    prefixes.write(prefix / "go/go.env", "GOTOOLCHAIN=local\n")
    prefixes.write(world.folder / "home/.config/go/env", "GOTOOLCHAIN=go1.22.1\n")
    return world.context(prefix)


def switching_by_parent(world: World) -> Context:
    """The shell's beats both."""
    context = switching_auto(world)
    world.env["GOTOOLCHAIN"] = "go1.22.1+auto"
    return world.context(context.target)


def switching_to_itself(world: World) -> Context:
    """That is no switch."""
    return with_parent(world, GOTOOLCHAIN="go1.26.6")


# path.hijack, platform.matches


def planted(world: World) -> Context:
    """A folder before the environment's."""
    prefix = world.prefix()
    prefixes.program(world.folder / "evil/go")
    world.env["PATH"] = f"{world.folder}/evil:{prefix}/bin:/usr/bin:/bin"
    return world.context(prefix)


def behind(world: World) -> Context:
    """The same behind it does no harm."""
    prefix = world.prefix()
    prefixes.program(world.folder / "other/go")
    world.env["PATH"] = f"{prefix}/bin:{world.folder}/other:/usr/bin:/bin"
    return world.context(prefix)


def for_another_platform(world: World) -> Context:
    """The environment says that Go is to build for another one."""
    prefix = world.prefix()
    prefixes.state(prefix, {"GOOS": "windows"})
    return world.context(prefix)


def platform_by_go(world: World) -> Context:
    """`go env -w`, for a program that was once built for another machine."""
    prefixes.write(world.folder / "home/.config/go/env", "GOOS=plan9\nGOARCH=386\n")
    return world.context(world.prefix())


def platform_by_kernel(world: World) -> Context:
    """Its own settings."""
    prefix = world.prefix()
    world.install(prefix, settings={"GOOS": "plan9"})
    return world.context(prefix)


def packages_of_another_platform(world: World) -> Context:
    """conda's record names the subdir."""
    prefix = world.prefix()
    sha256 = world.context(prefix).resolved.go_hash.actual
    content = {
        "name": "go",
        "subdir": "osx-arm64",
        "paths_data": {"paths": [{"_path": "go/bin/go", "sha256_in_prefix": sha256}]},
    }
    prefixes.write(prefix / "conda-meta/go-1-0.json", json.dumps(content))
    return world.context(prefix)


# activation.last


def not_run_yet(world: World) -> Context:
    """Nobody has started a kernel."""
    prefix = world.prefix()
    prefixes.script(prefix, "a.sh", "export A=1\n")
    return world.context(prefix)


def failing_script(world: World) -> Context:
    """It complained when it last ran."""
    prefix = world.prefix()
    prefixes.script(prefix, "a.sh", "echo no such thing >&2\nfalse\n")
    context = world.context(prefix)
    resolve(context.target, world.env, cache=context.around.cache)
    return world.context(prefix)


def script_of_everybody(world: World) -> Context:
    """Anybody could have written it."""
    prefix = world.prefix()
    prefixes.script(prefix, "a.sh", "export A=1\n").chmod(0o666)
    return world.context(prefix)


def variables_of_everybody(world: World) -> Context:
    """Anybody could have set them."""
    prefix = world.prefix()
    prefixes.state(prefix, {"A": "1"}).chmod(0o666)
    return world.context(prefix)


def bad_variables(world: World) -> Context:
    """Half a file."""
    prefix = world.prefix()
    prefixes.package_variables(prefix, "a.json", '{"A": ')
    return world.context(prefix)


# goflags.agree


def flags_of_go(world: World) -> Context:
    """`go env -w GOFLAGS=...`: not meant for kernels, and not used."""
    prefixes.write(world.folder / "home/.config/go/env", "GOFLAGS=-race -modcacherw\n")
    return world.context(world.prefix())


def flags_of_parent(world: World) -> Context:
    """The shell's: another Go's, for all that anybody knows."""
    return with_parent(world, GOFLAGS="-modcacherw")


def flags_of_our_terminal(world: World) -> Context:
    """What terminals of ours have set: what kernels get."""
    return with_parent(world, GOFLAGS="-trimpath")


def flags_of_environment(world: World) -> Context:
    """`conda env config vars set`."""
    prefix = world.prefix()
    prefixes.state(prefix, {"GOFLAGS": "-race"})
    return world.context(prefix)


def flags_of_a_package(world: World) -> Context:
    """As conda-forge's compilers have it: no business of anybody's."""
    prefix = world.prefix()
    prefixes.package_variables(prefix, "go.json", {"GOFLAGS": "-modcacherw -buildmode=pie"})
    return world.context(prefix)


def flags_of_site(world: World) -> Context:
    """The administrator's flags can't be followed, and that is a warning."""
    return world.context(world.prefix(), policy=Policy(site={"GOFLAGS": "-mod=vendor"}))


def flags_of_kernel(world: World) -> Context:
    """Two kernels; somebody wanted the race detector in one."""
    prefix = world.prefix()
    world.install(prefix, "go-plain")
    world.install(prefix, "go-race", settings={"GOFLAGS": "-race"})
    return world.context(prefix)


def flags_that_agree(world: World) -> Context:
    """A person's own that do no harm."""
    prefix = world.prefix()
    world.install(prefix, settings={"GOFLAGS": "-modcacherw"})
    return world.context(prefix)


# compiler.present


def without_compiler(world: World) -> Context:
    """A PATH with nothing on it."""
    (world.folder / "bin").mkdir()
    return with_parent(world, PATH=str(world.folder / "bin"))


def compiler_demanded(world: World) -> Context:
    """The kernel insists on C."""
    context = without_compiler(world)
    world.install(context.target, settings={"CGO_ENABLED": "1"})
    return world.context(context.target)


def cgo_off(world: World) -> Context:
    """conda-forge's variant without cgo says so in a file."""
    prefix = world.prefix()
    prefixes.package_variables(prefix, "go.json", {"CGO_ENABLED": "0"})
    return world.context(prefix)


def compiler_by_script(world: World) -> Context:
    """The scripts, not run yet, may bring one."""
    (world.folder / "bin").mkdir()
    world.env["PATH"] = str(world.folder / "bin")
    return not_run_yet(world)


WELL = [
    *(Case("toolchain.goroot", make) for make in (real, outside, made_up)),
    *(Case("toolchain.goroot", make) for make in (goroot_its_own, goroot_of_an_activated_one)),
    Case("toolchain.switching", real, words="Terminals and kernels both run Go 1.26.6."),
    Case("toolchain.switching", made_up),
    Case("toolchain.switching", switching_to_itself),
    *(Case("path.hijack", make) for make in (real, outside, behind)),
    *(Case("platform.matches", make) for make in (real, outside, made_up)),
    Case("activation.last", real, words="ran without complaint."),
    Case("activation.last", made_up, words="has no activation scripts."),
    Case("activation.last", outside, Status.SKIPPED),
    *(Case("goflags.agree", make) for make in (real, outside, made_up)),
    Case("goflags.agree", flags_of_a_package),
    Case("goflags.agree", flags_of_our_terminal, words="Kernels use GOFLAGS=-trimpath"),
    Case("goflags.agree", flags_that_agree, words="-modcacherw"),
    Case("compiler.present", real, words="The C compiler is "),
    Case("compiler.present", outside),
]
REPAIR = "goroot.repair"
BROKEN = [
    Case("toolchain.goroot", moved, Status.WARN, "etc/conda/env_vars.d/go.json", REPAIR),
    Case("toolchain.goroot", goroot_by_state, Status.WARN, "conda-meta/state", REPAIR),
    Case("toolchain.goroot", goroot_by_script, Status.WARN, "activate.d/go.sh", REPAIR),
    Case("toolchain.goroot", goroot_by_go, Status.WARN, "go env -w", REPAIR),
    Case("toolchain.goroot", goroot_by_parent, Status.INFO, "where kernels are started from"),
    Case("toolchain.switching", switching_auto, Status.INFO, "go/bin/go env -w GOTOOLCHAIN="),
    Case("toolchain.switching", outside, Status.INFO, "GOTOOLCHAIN=auto"),
    Case("toolchain.switching", switching_to_another, Status.WARN, "GOTOOLCHAIN=go1.22.1"),
    Case("toolchain.switching", switching_to_another, Status.WARN, "go env -u GOTOOLCHAIN`"),
    Case("toolchain.switching", switching_by_parent, Status.WARN, "start-up files"),
    Case("toolchain.switching", switching_by_parent, Status.WARN, "GOTOOLCHAIN=go1.22.1+auto"),
    Case("path.hijack", planted, Status.WARN, "evil/go comes before"),
    Case("platform.matches", for_another_platform, Status.ERROR, "vars unset -p /"),
    Case("platform.matches", platform_by_go, Status.ERROR, "go/bin/go env -u GOOS GOARCH`"),
    Case("platform.matches", platform_by_go, Status.ERROR, "GOARCH is set by `go env -w`."),
    Case(
        "platform.matches",
        platform_by_kernel,
        Status.ERROR,
        "settings: kernelspec",
    ),
    Case("platform.matches", packages_of_another_platform, Status.ERROR, "osx-arm64"),
    Case("activation.last", not_run_yet, Status.INFO, "jupyter gokernel env --env /"),
    Case("activation.last", failing_script, Status.WARN, "no such thing"),
    Case("activation.last", script_of_everybody, Status.WARN, "is writable by everybody"),
    Case("activation.last", script_of_everybody, Status.WARN, "chmod go-w /"),
    Case("activation.last", variables_of_everybody, Status.WARN, "demo/conda-meta/state`"),
    Case("activation.last", bad_variables, Status.WARN, "it is no valid JSON"),
    Case("goflags.agree", flags_of_go, Status.INFO, "go env -w"),
    Case("goflags.agree", flags_of_parent, Status.INFO, "set by the process that starts kernels,"),
    Case("goflags.agree", flags_of_environment, Status.INFO, "-race in GOFLAGS is not used"),
    Case("goflags.agree", flags_of_site, Status.WARN, "-mod=vendor"),
    Case("goflags.agree", flags_of_kernel, Status.WARN, "Take it out of GOFLAGS"),
    Case("compiler.present", without_compiler, Status.WARN, "There is no C compiler"),
    Case("compiler.present", compiler_demanded, Status.ERROR, "CGO_ENABLED=1"),
    Case("compiler.present", cgo_off, Status.WARN, "cgo is switched off"),
    Case("compiler.present", compiler_by_script, Status.UNKNOWN, "not been run yet"),
]


@pytest.mark.parametrize("case", [*WELL, *BROKEN], ids=str)
def test_the_answer(case: Case, world: World) -> None:
    """What people are told, and the fix that is offered."""
    judge(case, world)


def test_a_flag_of_one_kernel_is_said_of_that_kernel(world: World) -> None:
    """The other one is fine."""
    found = judge(Case("goflags.agree", flags_of_kernel, Status.WARN), world)
    assert {one.kernel: one.status for one in found} == {
        "go-plain": Status.OK,
        "go-race": Status.WARN,
    }


def test_another_platform_is_said_once(world: World) -> None:
    """Live checks have nothing to run, and say so."""
    findings = runner.run(catalogue.chosen(deep=True), [platform_by_go(world)])
    assert [one.id for one in findings if one.status is Status.ERROR] == ["platform.matches"]


def test_goroots_file_is_named_whole(world: World) -> None:
    """Whoever mends it by hand needs the path."""
    [found] = judge(
        Case("toolchain.goroot", goroot_by_state, Status.WARN, "", "goroot.repair"), world
    )
    state = world.folder / "envs/demo/conda-meta/state"
    assert found.evidence == f"{state}: GOROOT=/usr/local/go"


def test_what_cannot_be_settled_is_said_once(world: World) -> None:
    """A template that can't be filled in: one error, and else nothing is known."""
    world.install(world.prefix(), settings={"GOPATH": "/tmp/{nobody}"})
    context = world.context(world.folder / "envs/demo")
    looks = [*(case.check for case in (*WELL, *BROKEN)), "places.usable", "engine.built"]
    said = {
        check: judge(Case(check, lambda world: context, status, words), world)
        for check in dict.fromkeys(looks)
        for status, words in [
            (Status.ERROR, "{nobody} is not known")
            if check == "places.usable"
            else (Status.UNKNOWN, "places.usable")
        ]
    }
    assert len(said) > 6


def test_no_script_is_run(world: World) -> None:
    """Static means that nothing is started; what would be set is not remembered, either."""
    prefix = world.prefix()
    prefixes.script(prefix, "a.sh", f"touch {world.folder}/ran\n")
    context = world.context(prefix)
    for check in ("activation.last", "compiler.present", "toolchain.goroot"):
        words = "run" if check == "activation.last" else ""
        status = Status.INFO if check == "activation.last" else Status.OK
        judge(Case(check, lambda world: context, status, words), world)
    assert not (world.folder / "ran").exists()
    assert isinstance(context.around.cache, Cache)
