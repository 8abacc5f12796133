"""A C library of the environment is found when a package is built, and when it is loaded."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from go_kernel import goflags
from go_kernel.cache import Cache
from go_kernel.environment import GoEnvironment
from go_kernel.findings import Status
from go_kernel.process import run
from go_kernel.resolve import Policy, Target, resolve
from tests import prefixes
from tests.conftest import CondaPrefix

GetGoroot = Callable[[str], Path]
Env = dict[str, str]


def resolved(
    prefix: Path, folder: Path, parent: Mapping[str, str], **settings: str
) -> GoEnvironment:
    """The environment of a kernel."""
    target = Target("demo", prefix)
    cache = Cache(folder / "cache")
    return resolve(target, parent, cache=cache, policy=Policy(settings)).environment


def ids(environment: GoEnvironment) -> list[str]:
    """The findings about cgo."""
    return [f.id for f in environment.findings if f.id.startswith("cgo.")]


# Real C and real Go.

_HEADER = "int answer(void);\n"
_LIBRARY = '#include "answer.h"\nint answer(void) { return 42; }\n'
_PROGRAM = """package main

// #cgo LDFLAGS: -lanswer
// #include <answer.h>
import "C"

func main() { println(int(C.answer())) }
"""


def library(prefix: Path) -> None:
    """A tiny C library, installed as a conda package would."""
    header = prefixes.write(prefix / "include/answer.h", _HEADER)
    (prefix / "lib").mkdir(exist_ok=True)
    source = prefixes.write(prefix / "answer.c", _LIBRARY)
    made = prefix / "lib/libanswer.so"
    argv = ["cc", "-shared", "-fPIC", f"-I{header.parent}", "-o", made, source]
    run(argv, env={"PATH": "/usr/bin:/bin"}, timeout=60)


def built_and_run(environment: GoEnvironment, folder: Path, source: str = _PROGRAM) -> str:
    """A cgo program that links it, built and started as a kernel would."""
    module = folder / "module"
    prefixes.write(module / "go.mod", "module demo\n\ngo 1.22\n")
    prefixes.write(module / "main.go", source)
    env = environment.as_dict()
    assert "LD_LIBRARY_PATH" not in env
    run([environment.toolchain.go, "build", "-o", "demo"], env=env, timeout=300, cwd=module)
    return run([module / "demo"], env=env, timeout=60).stderr


def real_go(prefix: Path, goroot: Path) -> None:
    """A real Go in a made-up environment (nothing of it is ever changed)."""
    prefixes.go_prefix(prefix)
    shutil.rmtree(prefix / "go")
    (prefix / "go").symlink_to(goroot)


@pytest.mark.parametrize("name", ["comma, space, $HOME", "quo'te ünï", "`id`#%s(x)@"])
def test_a_library_of_the_environment_builds_and_loads(
    name: str, goroot: GetGoroot, clean_env: Env, tmp_path: Path
) -> None:
    """With the system's compiler, whatever the environment is called."""
    prefix = tmp_path / name
    real_go(prefix, goroot("1.27"))
    library(prefix)

    environment = resolved(prefix, tmp_path, clean_env)

    assert ids(environment) == []
    assert environment.get("CGO_CFLAGS") == ""
    assert built_and_run(environment, tmp_path) == "42\n"


@pytest.mark.parametrize(("name", "version"), [("plain", "1.22"), ("with space", "1.27")])
def test_with_the_environments_own_compiler(
    name: str, version: str, conda_prefix: CondaPrefix, clean_env: Env, tmp_path: Path
) -> None:
    """conda-forge's compiler scripts write its path into flags without quotes; conda's own
    Go can't build in an environment with a space for that reason.
    """
    prefix = conda_prefix(f"go={version}", "go-cgo", name=name)
    library(prefix)

    environment = resolved(prefix, tmp_path, clean_env)

    [compiler] = goflags.split(environment.get("CC"))
    assert Path(compiler).parent == prefix / "bin"
    assert ids(environment) == []
    assert built_and_run(environment, tmp_path) == "42\n"


_NO_LIBRARY = """package main

// #include <stdlib.h>
import "C"

func main() { println(int(C.abs(-42))) }
"""


@pytest.mark.parametrize("name", ['dou"ble', "back\\slash"])
def test_where_cgo_cannot_name_the_library_other_c_still_works(
    name: str, goroot: GetGoroot, clean_env: Env, tmp_path: Path
) -> None:
    """Go's own limit, said; it doesn't take all imports away."""
    real_go(tmp_path / name, goroot("1.27"))

    environment = resolved(tmp_path / name, tmp_path, clean_env)

    assert ids(environment) == ["cgo.inexpressible-prefix"]
    assert built_and_run(environment, tmp_path, _NO_LIBRARY) == "42\n"


_PLUGIN = """package main

// #cgo LDFLAGS: -lanswer
// #include <answer.h>
import "C"

func Answer() int { return int(C.answer()) }
"""
_HOST = """package main

import "plugin"

func main() {
	loaded, err := plugin.Open("plugin.so")
	if err != nil {
		panic(err)
	}
	answer, err := loaded.Lookup("Answer")
	if err != nil {
		panic(err)
	}
	println(answer.(func() int)())
}
"""


def test_a_plugin_that_links_it_loads(
    conda_prefix: CondaPrefix, clean_env: Env, tmp_path: Path
) -> None:
    """That is how a kernel imports third-party packages; conda-forge's flags are in force."""
    prefix = conda_prefix("go=1.27", "go-cgo", "go-cgo_linux-64", name="plugins")
    library(prefix)
    environment = resolved(prefix, tmp_path, clean_env)
    env, go = environment.as_dict(), environment.toolchain.go
    for name, source in (("host", _HOST), ("plugin", _PLUGIN)):
        prefixes.write(tmp_path / name / "go.mod", f"module my{name}\n\ngo 1.22\n")
        prefixes.write(tmp_path / name / "main.go", source)
        mode = ["-buildmode=plugin"] if name == "plugin" else []
        argv = [go, "build", *mode, "-o", tmp_path / (f"{name}.so" if mode else name + ".run")]
        run(argv, env=env, timeout=300, cwd=tmp_path / name)

    assert run([tmp_path / "host.run"], env=env, timeout=60, cwd=tmp_path).stderr == "42\n"


# What is set.


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment with (made-up) Go."""
    return prefixes.go_prefix(tmp_path / "env")


@pytest.fixture
def parent(tmp_path: Path) -> Env:
    """A machine with a made-up gcc and nothing else."""
    for name in ("gcc", "g++"):
        prefixes.program(tmp_path / "tools" / name)
    (tmp_path / "home").mkdir()
    return {"HOME": str(tmp_path / "home"), "PATH": f"{tmp_path}/tools"}


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> None:
    """These sets of compilers are Linux's."""
    monkeypatch.setattr("go_kernel.cgo._COMPILERS", {})


@pytest.mark.usefixtures("linux")
def test_the_environments_folders_are_in_force(prefix: Path, parent: Env, tmp_path: Path) -> None:
    """Headers, libraries, run path and pkg-config; Go's own defaults stay."""
    environment = resolved(prefix, tmp_path, parent)

    assert environment.cgo
    names = ("CC", "CXX", "CGO_ENABLED", "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_LDFLAGS")
    assert {name: environment.get(name) for name in names} == {
        "CC": "gcc",
        "CXX": "g++",
        "CGO_ENABLED": "1",
        "CGO_CFLAGS": "",  # so that Go's own default holds
        "CGO_CPPFLAGS": f"-I{prefix}/include",
        "CGO_LDFLAGS": f"-O2 -g -L{prefix}/lib -Wl,-rpath,{prefix}/lib",
    }
    assert environment.get("PKG_CONFIG_PATH") == (
        f"{prefix}/lib/pkgconfig:{prefix}/share/pkgconfig"
    )


def test_flags_of_the_environments_compilers_stay(
    prefix: Path, parent: Env, tmp_path: Path
) -> None:
    """In front, and none of them twice."""
    prefixes.package_variables(
        prefix,
        "gcc.json",
        {
            "LDFLAGS": f"-Wl,-O2 -L{prefix}/lib",
            "CPPFLAGS": "-DNDEBUG",
            "CFLAGS": "-O3",
            "PKG_CONFIG_PATH": f"/mine:{prefix}/lib/pkgconfig",
        },
    )

    environment = resolved(prefix, tmp_path, parent)

    assert environment.get("CGO_LDFLAGS") == f"-Wl,-O2 -L{prefix}/lib -Wl,-rpath,{prefix}/lib"
    assert environment.get("CGO_CPPFLAGS") == f"-DNDEBUG -I{prefix}/include"
    # conda-forge's Go takes CFLAGS where CGO_CFLAGS is unset.
    assert environment.get("CGO_CFLAGS") == ""
    assert environment.get("PKG_CONFIG_PATH") == (
        f"{prefix}/lib/pkgconfig:{prefix}/share/pkgconfig:/mine"
    )


def test_a_persons_own_cgo_flags_stay(prefix: Path, parent: Env, tmp_path: Path) -> None:
    """`--set` counts before what the environment's compilers want."""
    prefixes.package_variables(prefix, "gcc.json", {"LDFLAGS": "-lenv"})

    environment = resolved(prefix, tmp_path, parent, CGO_LDFLAGS="-lmine '-L/a b'")

    assert environment.get("CGO_LDFLAGS") == (
        f"-lmine '-L/a b' -L{prefix}/lib -Wl,-rpath,{prefix}/lib"
    )


def test_in_a_path_with_spaces_flags_are_put_together_again(parent: Env, tmp_path: Path) -> None:
    """`-L${CONDA_PREFIX}/lib` fell apart at the space."""
    prefix = prefixes.go_prefix(tmp_path / "my env")
    compiler = prefixes.program(prefix / "bin/x-cc")
    prefixes.package_variables(
        prefix,
        "gcc.json",
        {
            "CC": f"{compiler} -m64",
            "CFLAGS": f"-O2 -isystem {prefix}/include -DX",
            "LDFLAGS": f"-Wl,-rpath-link,{prefix}/lib -L{prefix}/lib",
            "AR": f"{prefix}/bin/x-ar",
        },
    )

    environment = resolved(prefix, tmp_path, parent)

    assert ids(environment) == []
    split = {
        n: goflags.split(environment.get(n)) for n in ("CC", "AR", "CGO_CFLAGS", "CGO_LDFLAGS")
    }
    assert split == {
        "CC": [str(compiler), "-m64"],
        "AR": [f"{prefix}/bin/x-ar"],
        "CGO_CFLAGS": ["-O2", "-isystem", f"{prefix}/include", "-DX"],
        "CGO_LDFLAGS": [
            *(f"-Wl,-rpath-link,{prefix}/lib", f"-L{prefix}/lib", f"-Wl,-rpath,{prefix}/lib"),
        ],
    }


def test_a_path_with_both_quotes_and_a_space_is_said(parent: Env, tmp_path: Path) -> None:
    """Nothing can express it to Go; flags that belong together aren't torn apart."""
    prefix = prefixes.go_prefix(tmp_path / "a' \",b")

    environment = resolved(prefix, tmp_path, parent)

    assert set(ids(environment)) == {"cgo.inexpressible-prefix"}
    assert environment.get("CGO_LDFLAGS") == ""
    assert environment.errors == ()


def test_without_conda_nothing_points_anywhere(parent: Env, tmp_path: Path) -> None:
    """A plain Go keeps its own ways."""
    goroot = prefixes.goroot(tmp_path / "sdk")

    environment = resolve(
        Target("t", goroot=goroot), parent, cache=Cache(tmp_path / "c")
    ).environment

    assert environment.cgo
    assert environment.get("CGO_LDFLAGS") == environment.get("PKG_CONFIG_PATH") == ""


# Without a compiler, or without cgo.


def test_no_compiler_is_a_warning_with_what_it_means(
    prefix: Path, parent: Env, tmp_path: Path
) -> None:
    """The standard library works all the same."""
    environment = resolved(prefix, tmp_path, {**parent, "PATH": "/nowhere"})

    assert not environment.cgo
    assert environment.get("CGO_ENABLED") == "0"
    [finding] = [f for f in environment.findings if f.id == "cgo.no-compiler"]
    assert finding.status is Status.WARN
    assert "notebooks can't import third-party packages" in finding.summary
    assert finding.remedy is not None
    assert finding.remedy.commands


def test_cgo_demanded_without_a_compiler_is_an_error(
    prefix: Path, parent: Env, tmp_path: Path
) -> None:
    """Somebody said that it must be there."""
    environment = resolved(prefix, tmp_path, {**parent, "PATH": "/nowhere"}, CGO_ENABLED="1")

    [finding] = environment.errors
    assert finding.id == "cgo.no-compiler"
    assert "CGO_ENABLED=1" in finding.summary


@pytest.mark.parametrize(
    "command", ["no-such-cc", "/nowhere/cc", "ccache-gone gcc", "'a b' c", "'"]
)
def test_a_compiler_that_is_not_there_is_named(
    command: str, prefix: Path, parent: Env, tmp_path: Path
) -> None:
    """No other is taken in its place: the environment asked for this one."""
    prefixes.package_variables(prefix, "gcc.json", {"CC": command})

    environment = resolved(prefix, tmp_path, parent)

    [finding] = [f for f in environment.findings if f.id == "cgo.no-compiler"]
    assert f"CC={command}" in finding.summary
    assert not environment.cgo
    assert environment.get("CC") == command


def test_a_compiler_with_arguments(prefix: Path, parent: Env, tmp_path: Path) -> None:
    """The first word is the program."""
    prefixes.package_variables(prefix, "gcc.json", {"CC": "gcc -m64"})

    environment = resolved(prefix, tmp_path, parent)

    assert environment.cgo
    assert environment.get("CC") == "gcc -m64"


def test_the_environments_compiler_is_found_in_it(
    prefix: Path, parent: Env, tmp_path: Path
) -> None:
    """Its folder is on PATH, before the system's."""
    prefixes.program(prefix / "bin/my-cc")
    prefixes.package_variables(prefix, "gcc.json", {"CC": "my-cc"})

    assert resolved(prefix, tmp_path, parent).cgo


@pytest.mark.parametrize("how", ["activation", "settings", "go env -w"])
def test_cgo_switched_off_is_said_with_who_did_it(
    how: str, prefix: Path, parent: Env, tmp_path: Path
) -> None:
    """conda-forge's `go-nocgo` does."""
    settings = {}
    if how == "activation":
        prefixes.package_variables(prefix, "go.json", {"CGO_ENABLED": "0"})
    elif how == "settings":
        settings = {"CGO_ENABLED": "0"}
    else:
        prefixes.write(tmp_path / "home/.config/go/env", "CGO_ENABLED=0\n")

    environment = resolved(prefix, tmp_path, parent, **settings)

    assert not environment.cgo
    [finding] = [f for f in environment.findings if f.id == "cgo.switched-off"]
    assert (how if how != "settings" else "kernel settings") in finding.summary
    assert environment.get("CGO_LDFLAGS") == ""


def test_a_parents_cgo_enabled_does_not_count(prefix: Path, parent: Env, tmp_path: Path) -> None:
    """It was meant for somebody's static build."""
    assert resolved(prefix, tmp_path, {**parent, "CGO_ENABLED": "0"}).cgo
