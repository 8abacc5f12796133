import json
import subprocess
from pathlib import Path

import pytest

from go_kernel.digests import sha256
from tools import recipes, toolchains
from tools.channel import local_channel
from tools.conda_package import PREFIX, Link, Package, Text, write_package

SUBDIR = toolchains.host_subdir()
MACHINE = recipes.MACHINES[SUBDIR]


def sourced(prefix: Path, *scripts: str, env: dict[str, str]) -> dict[str, str]:
    """The variables after bash has sourced the environment's scripts."""
    lines = "".join(f'. "$CONDA_PREFIX/etc/conda/{script}"\n' for script in scripts)
    done = subprocess.run(
        ["/bin/bash", "--noprofile", "--norc", "-c", lines + "env -0"],
        env=env | {"CONDA_PREFIX": str(prefix)},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(pair.split("=", 1) for pair in done.stdout.split("\0") if pair)


@pytest.mark.parametrize("version", ["1.22.10", "1.26.6", "1.27.3"])
def test_environment_holds_a_go_that_runs(conda_prefix, clean_env, version):
    """`bin/go` is a relative link to the toolchain at `go/`, of the version asked for."""
    prefix = conda_prefix(f"go={version}")

    done = subprocess.run(
        [prefix / "bin" / "go", "version"],
        env=clean_env | {"GOTOOLCHAIN": "local"},
        capture_output=True,
        text=True,
    )

    assert Path("../go/bin/go") == (prefix / "bin" / "go").readlink()
    assert f"go{version} " in done.stdout
    assert f"go{version}" == (prefix / "go" / "VERSION").read_text().split()[0]
    assert not (prefix / "go" / "__init__.py").exists()


def test_layout_a_sets_goroot_by_script(conda_prefix, clean_env):
    """Until 2026-09: go.json says nothing of GOROOT, `_go_select`'s script does, and undoes it."""
    prefix = conda_prefix("go=1.22.10")
    on, off = "activate.d/activate_z60-go.sh", "deactivate.d/deactivate_z60-go.sh"
    before = clean_env | {"GOROOT": "/elsewhere"}

    activated = sourced(prefix, on, env=clean_env)
    restored = sourced(prefix, on, off, env=before)

    variables = json.loads((prefix / "etc/conda/env_vars.d/go.json").read_text())
    assert variables == {"GOTOOLCHAIN": "local"}
    assert f"{prefix}/go" == activated["GOROOT"]
    assert restored["GOROOT"] == "/elsewhere"


def test_layout_b_writes_the_prefix_into_go_json(conda_prefix):
    """Since 2026-09: go.json holds the path of this very environment, and there is no script."""
    prefix = conda_prefix("go=1.26.6")

    variables = json.loads((prefix / "etc/conda/env_vars.d/go.json").read_text())

    assert {"GOROOT": f"{prefix}/go", "GOTOOLCHAIN": "local"} == variables
    assert not (prefix / "etc/conda/activate.d").exists()


@pytest.mark.parametrize("version", ["1.22.10", "1.26.6"])
def test_compiler_activation(conda_prefix, clean_env, version):
    """The compiler packages set what conda-forge's set, and leave behind what those leave."""
    prefix = conda_prefix(f"go-cgo={version}", f"go-cgo_{SUBDIR}={version}")
    scripts = [f"-z61-go-cgo_{SUBDIR}.sh", f"-{MACHINE.compiler}_{SUBDIR}.sh"]
    on = [f"activate.d/activate{script}" for script in scripts]
    off = [f"deactivate.d/deactivate{script}" for script in scripts]

    activated = sourced(prefix, *on, env=clean_env)
    left = sourced(prefix, *on, *off, env=clean_env)

    expected = {
        "CGO_ENABLED": "1",
        "CONDA_GO_COMPILER": "1",
        "GOOS": MACHINE.platform.goos,
        "GOARCH": MACHINE.platform.goarch,
        "GOFLAGS": "-modcacherw -buildmode=pie -trimpath",
        "CC": f"{prefix}/bin/{MACHINE.triplet}-cc",
    }
    assert expected == {name: activated[name] for name in expected}
    assert f"-Wl,-rpath,{prefix}/lib" in activated["LDFLAGS"]
    assert "CC" not in left
    assert "CONDA_GO_COMPILER" not in left
    assert expected["GOFLAGS"] == left["GOFLAGS"]


def test_compiler_compiles(conda_prefix, clean_env, tmp_path):
    """The compiler under conda's name is a real one."""
    prefix = conda_prefix("go-cgo=1.26.6", f"go-cgo_{SUBDIR}=1.26.6")
    (tmp_path / "hello.c").write_text("int main(void) { return 7; }")

    argv = [prefix / "bin" / f"{MACHINE.triplet}-cc", "hello.c", "-o", "hello"]
    subprocess.run(argv, cwd=tmp_path, env=clean_env, check=True)

    assert subprocess.run([tmp_path / "hello"]).returncode == 7


def test_records_tell_the_hash_of_go(conda_prefix):
    """conda-meta's record of the go package knows the hash of the `go` that is there."""
    prefix = conda_prefix("go=1.26.6")
    (record,) = (prefix / "conda-meta").glob("go-1.26.6-*.json")

    paths = json.loads(record.read_text())["paths_data"]["paths"]

    hashes = {path["_path"]: path["sha256"] for path in paths if "sha256" in path}
    assert sha256(prefix / "go" / "bin" / "go") == hashes["go/bin/go"]


def test_second_call_builds_nothing(channel):
    """The channel is made once: the same folder comes back, untouched."""
    before = channel.stat().st_mtime_ns

    assert channel == local_channel()
    assert before == channel.stat().st_mtime_ns


@pytest.mark.parametrize("subdir", sorted(recipes.MACHINES))
def test_recipes_of_every_platform(tmp_path, subdir):
    """Recipes hang together on each platform: what a package needs is in the channel."""
    goroot = tmp_path / "go"
    (goroot / "bin").mkdir(parents=True)
    (goroot / "bin" / "go").touch()
    goroots = {version: (goroot, layout) for version, layout in (("1.22.1", "A"), ("1.27.1", "B"))}
    goroots = {v: (root, recipes.Layout(layout)) for v, (root, layout) in goroots.items()}

    packages = [*recipes.recipes(goroots, recipes.MACHINES[subdir], "abc1234")]

    names = {package.name for package in packages}
    assert {need.split()[0] for package in packages for need in package.depends} <= names
    assert {subdir} == {package.subdir for package in packages}
    assert len(packages) == len({package.stem for package in packages})


def test_same_input_same_bytes(tmp_path):
    """Writing a package twice gives the same file: its hash may be relied on."""
    source = tmp_path / "source"
    source.write_text("x")
    files = {"bin/a": source, "bin/b": Link("a"), "etc/c": Text(f"{PREFIX}/x", executable=True)}
    package = Package("thing", "1", "0", "linux-64", files=files)
    hashes = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        hashes.append(sha256(write_package(package, tmp_path / name)))

    assert hashes[0] == hashes[1]
