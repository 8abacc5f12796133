"""`jupyter gokernel snapshot`: written down, and compared."""

from __future__ import annotations

import json
import os
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from go_kernel.cli import snapshotting
from go_kernel.project.snapshot.model import NAME, Build
from tests import prefixes
from tests.cli import snapshots
from tests.cli.conftest import CommandLine, Result
from tests.cli.snapshots import Project
from tests.conftest import CondaPrefix
from tests.engines.proxy import LIB


@pytest.fixture(scope="module")
def prefix(conda_prefix: CondaPrefix) -> Path:
    """An environment to look at."""
    return conda_prefix("go=1.26", "go-cgo")


@pytest.fixture(scope="module")
def pattern(prefix: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project that each test gets a copy of."""
    return snapshots.make(tmp_path_factory.mktemp("pattern"), prefix / "bin" / "go")


@pytest.fixture
def project(pattern: Project, cli: CommandLine) -> Project:
    """A copy of the project, where the command line is."""
    folder = shutil.copytree(pattern.folder, cli.cwd / "greet")
    cli.cwd = folder
    cli.env |= {"GOMODCACHE": str(pattern.modules), "GOPROXY": "off"}
    return Project(folder, pattern.modules)


@pytest.fixture
def create(cli: CommandLine, prefix: Path) -> Callable[..., Result]:
    """`snapshot create` in that environment."""
    return lambda *words: cli("snapshot", "create", "--env", prefix, *words)


@pytest.fixture
def verify(cli: CommandLine, prefix: Path) -> Callable[..., Result]:
    """`snapshot verify` in that environment."""
    return lambda *words: cli("snapshot", "verify", "--env", prefix, *words)


@pytest.fixture
def other(prefix: Path, tmp_path: Path) -> Path:
    """The same environment, to change: all but its records are the first one's."""
    copy = tmp_path / "envs" / "other"
    copy.mkdir(parents=True)
    for one in prefix.iterdir():
        if one.name == "conda-meta":
            shutil.copytree(one, copy / one.name)
        else:
            (copy / one.name).symlink_to(one)
    return copy


def stored(project: Project) -> Any:
    """The snapshot as it is in the file."""
    return json.loads((project.folder / NAME).read_bytes())


def test_what_is_in_it(project: Project, create: Callable[..., Result], prefix: Path) -> None:
    """Wishes, packages with hashes, the Go, go.sum, the modules, variables."""
    done = create()

    assert done.code == 0, done.err
    content = stored(project)
    assert content["environment"]["requested"] == ["go=1.26", "go-cgo"]
    packages = {one["name"]: one for one in content["environment"]["packages"]}
    assert {"go", "go-cgo"} <= set(packages)
    assert all(len(one["sha256"]) == 64 for one in packages.values())
    assert content["toolchain"]["version"] == packages["go"]["version"]
    assert content["project"]["modules"] == ["example.test/greet"]
    assert set(content["project"]["files"]) == {"go.mod", "go.sum"}
    [module] = content["project"]["built_of"]
    assert (module["path"], module["version"]) == (LIB, "v1.0.0")
    assert module["sum"] in (project.folder / "go.sum").read_text()
    assert content["variables"]["CGO_ENABLED"] == "1"
    assert content["fingerprint"] in done.out


def test_the_same_on_another_machine(
    project: Project,
    create: Callable[..., Result],
    cli: CommandLine,
    other: Path,
    tmp_path: Path,
) -> None:
    """Another home, folder, prefix and module cache: the same bytes."""
    assert create().code == 0
    first = (project.folder / NAME).read_bytes()
    elsewhere = shutil.copytree(project.folder, tmp_path / "elsewhere" / "greet")
    modules = shutil.copytree(project.modules, tmp_path / "elsewhere" / "modules")
    home = tmp_path / "elsewhere" / "home"
    home.mkdir()
    cli.env |= {"HOME": str(home), "GOMODCACHE": str(modules)}

    assert cli("snapshot", "create", elsewhere, "--env", other).code == 0

    assert (elsewhere / NAME).read_bytes() == first
    assert str(tmp_path).encode() not in first


def test_no_secret_is_in_it(
    project: Project, create: Callable[..., Result], cli: CommandLine
) -> None:
    """Neither a proxy's password nor what is named like a token."""
    cli.env["GOPROXY"] = "https://me:hunter2@proxy.invalid,off"
    cli.env["CGO_CFLAGS"] = "-O1"

    done = create("--json", "--sbom", "sbom.json")

    assert done.code == 0, done.err
    everything = done.out + done.err
    everything += "".join(one.read_text() for one in project.folder.glob("*.json"))
    assert "proxy.invalid" in everything
    assert "hunter2" not in everything


def test_nothing_drifted(
    project: Project, create: Callable[..., Result], verify: Callable[..., Result]
) -> None:
    """A fresh one is met, and making it again changes no byte."""
    assert create().code == 0
    before = (project.folder / NAME).read_bytes()

    assert verify().code == 0
    assert create().code == 0
    assert (project.folder / NAME).read_bytes() == before


def test_a_snapshot_without_builds(
    project: Project, create: Callable[..., Result], verify: Callable[..., Result]
) -> None:
    """There is nothing to build again, and it is said."""
    assert create().code == 0

    done = verify("--build")

    assert done.code == 0
    assert "It holds no builds" in done.err
    assert f"snapshot create {project.folder} --env " in done.err


def test_builds_that_are_given_up(project: Project, create: Callable[..., Result]) -> None:
    """A snapshot without them says which it had, and the command that keeps them."""
    assert create().code == 0
    path = project.folder / NAME
    build = {"package": "./cmd/greet", "sha256": "a" * 64, "size": 1, "anywhere": "a" * 64}
    path.write_text(json.dumps(stored(project) | {"builds": [build]}))

    done = create()

    assert done.code == 0
    assert "The snapshot before held ./cmd/greet, and this one doesn't" in done.err
    assert f"create {project.folder} --env " in done.err
    assert "--build ./cmd/greet`" in done.err


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ("aa", "aa", "1 bytes, the same as then"),
        ("ac", "bc", "the same but for the environment's folder"),
        ("a-", "b-", "it comes out the same only in that one"),
        ("ac", "bd", ""),
    ],
)
def test_what_is_said_of_a_program_that_was_built_again(
    was: str, now: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """That it came out the same, too; where it differs the table says so."""
    then, again = (Build("./x", one[0] * 64, 1, one[1].replace("-", "") * 64) for one in (was, now))

    snapshotting.print_again(then, again)

    assert said in capsys.readouterr().out


def test_nobody_said_which_environment(
    project: Project, create: Callable[..., Result], cli: CommandLine
) -> None:
    """That is the one thing that is wrong, and not all that differs by it."""
    assert create().code == 0

    done = cli("snapshot", "verify")

    assert done.code == 1
    assert "none with Go is active or named. Activate it, or name it with --env." in done.err
    assert done.out == ""


def test_the_command_that_is_named_works_from_anywhere(
    project: Project, create: Callable[..., Result], cli: CommandLine, prefix: Path
) -> None:
    """It keeps the folder, the environment and the file."""
    assert create("-o", "other.json").code == 0
    project.write("go.sum", (project.folder / "go.sum").read_text() + "\n")
    cli.cwd = project.folder.parent

    done = cli("snapshot", "verify", "greet", "--env", prefix, "--snapshot", "greet/other.json")

    named = done.err.partition("new one with `jupyter gokernel ")[2].partition("`")[0]
    cli.cwd = Path("/")
    assert cli(*shlex.split(named)).code == 0
    again = cli("snapshot", "verify", project.folder, "--env", prefix)
    assert again.code == 1  # the usual name was never written
    assert "There is no snapshot" in again.err
    assert f"snapshot create {project.folder} --env {prefix}`" in again.err


def test_what_is_no_file_is_never_replaced(project: Project, create: Callable[..., Result]) -> None:
    """Not even by --force: a device would be gone."""
    done = create("-o", "/dev/null", "--force")

    assert done.code == 1
    assert "it is no file" in done.err
    assert not Path("/dev/null").is_file()


def test_no_folder(cli: CommandLine, create: Callable[..., Result]) -> None:
    """It is named, and a mistake of usage."""
    done = create("nowhere")

    assert done.code == 2
    assert "'nowhere' is no folder" in done.err


def _other_variable(project: Project, other: Path, cli: CommandLine) -> None:
    prefixes.state(other, {"GODEBUG": "http2client=0"})


def _other_sum(project: Project, other: Path, cli: CommandLine) -> None:
    sums = project.folder / "go.sum"
    sums.write_text(sums.read_text() + "\n")


def _vendored(project: Project, other: Path, cli: CommandLine) -> None:
    project.write("vendor/modules.txt", f"# {LIB} v1.0.0\n## explicit; go 1.22\n{LIB}\n")
    project.write(f"vendor/{LIB}/lib.go", "package lib\n\nfunc Say() string { return `` }\n")


def _removed(project: Project, other: Path, cli: CommandLine) -> None:
    [path] = other.glob("conda-meta/go-cgo-*.json")
    path.unlink()


def _rebuilt(project: Project, other: Path, cli: CommandLine) -> None:
    [path] = other.glob("conda-meta/go-cgo-*.json")
    content = json.loads(path.read_bytes())
    path.write_text(json.dumps(content | {"sha256": "0" * 64}))


def _wished(project: Project, other: Path, cli: CommandLine) -> None:
    history = other / "conda-meta" / "history"
    history.write_text(history.read_text() + "# update specs: ['go>=1.26']\n")


def _unneeded(project: Project, other: Path, cli: CommandLine) -> None:
    project.write("cmd/greet/main.go", "package main\n\nfunc main() {}\n")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_other_variable, [("variable", "GODEBUG", "-", "http2client=0")]),
        (_other_sum, [("file", "go.sum", ..., ...)]),
        (_vendored, [("vendor", "vendor", "-", ...)]),
        (_removed, [("package", "go-cgo", ..., "-"), ("requested", "go-cgo", "go-cgo", "-")]),
        (_rebuilt, [("package", "go-cgo", ..., "000000000000...")]),
        (_wished, [("requested", "go", "go=1.26", "go>=1.26")]),
        (_unneeded, [("module", LIB, ..., "-")]),
    ],
)
def test_each_drift_is_named(
    change: Callable[[Project, Path, CommandLine], None],
    named: list[tuple[Any, ...]],
    project: Project,
    cli: CommandLine,
    other: Path,
) -> None:
    """What differs, and both sides of it; and nothing else."""
    assert cli("snapshot", "create", "--env", other).code == 0
    change(project, other, cli)

    done = cli("snapshot", "verify", "--env", other, "--json")

    assert done.code == 1
    found = [(one["kind"], one["name"], one["was"], one["now"]) for one in done.json["drifted"]]
    assert len(found) == len(named)
    for one, expected in zip(found, named, strict=True):
        assert all(want in (..., have) for have, want in zip(one, expected, strict=True)), one


def test_another_go(
    project: Project, create: Callable[..., Result], cli: CommandLine, conda_prefix: CondaPrefix
) -> None:
    """An environment of another Go: the table names its version, and the remedy is there."""
    assert create().code == 0

    done = cli("snapshot", "verify", "--env", conda_prefix("go=1.27"))

    assert done.code == 1
    [row] = [line.split() for line in done.out.splitlines() if line.startswith("toolchain")]
    assert row == ["toolchain", "go", "1.26.6", "1.27.3"]
    assert "snapshot create" in done.err


def test_another_proxy_counts_for_nothing(
    project: Project,
    create: Callable[..., Result],
    verify: Callable[..., Result],
    cli: CommandLine,
) -> None:
    """It is said, and the environment is the same."""
    assert create().code == 0
    cli.env["GOPROXY"] = "https://mirror.invalid"

    done = verify()

    assert done.code == 0
    assert "mirror.invalid" in done.out
    assert "All is as" in done.out


def test_a_workspace(
    project: Project, create: Callable[..., Result], verify: Callable[..., Result]
) -> None:
    """The files of all its modules count, those beside the folder too."""
    project.write("../tool/go.mod", "module example.test/tool\n\ngo 1.22\n")
    project.write("../tool/main.go", "package main\n\nfunc main() {}\n")
    project.write("go.work", "go 1.22\n\nuse (\n\t.\n\t../tool\n)\n")
    assert create().code == 0
    content = stored(project)
    assert content["project"]["modules"] == ["example.test/greet", "example.test/tool"]
    assert set(content["project"]["files"]) == {"go.work", "go.mod", "go.sum", "../tool/go.mod"}

    project.write("../tool/go.mod", "module example.test/tool\n\ngo 1.21\n")

    assert "../tool/go.mod" in verify().out


def test_a_folder_without_a_project(cli: CommandLine, create: Callable[..., Result]) -> None:
    """Then it is the environment's alone, and that is said."""
    done = create()

    assert done.code == 0
    assert "No go.mod is in force" in done.err
    assert json.loads((cli.cwd / NAME).read_bytes())["project"] is None


def test_modules_that_are_missing(
    project: Project, create: Callable[..., Result], cli: CommandLine, tmp_path: Path
) -> None:
    """Nothing is fetched: it is said what would fetch them, and nothing is written."""
    cli.env["GOMODCACHE"] = str(tmp_path / "empty")
    cli.env["GOPROXY"] = "https://proxy.invalid"

    done = create()

    assert done.code == 1
    assert "modules are missing in the module cache" in done.err
    assert f"bin/go -C {project.folder} mod download" in done.err
    assert not (project.folder / NAME).exists()


def test_something_else_is_not_replaced(project: Project, create: Callable[..., Result]) -> None:
    """Neither by a snapshot nor by a bill of materials, but by --force."""
    mine = project.write("mine.json", '{"mine": 1}')
    assert "it is no snapshot" in create("-o", mine).err
    assert "it is no bill of materials" in create("--sbom", mine).err
    assert mine.read_text() == '{"mine": 1}'

    assert create("-o", mine, "--force").code == 0
    assert "gokernel_snapshot" in mine.read_text()


@pytest.mark.parametrize("option", ["-o", "--sbom"])
def test_a_file_of_the_project_is_never_replaced(
    option: str, project: Project, create: Callable[..., Result]
) -> None:
    """Nor a snapshot by a bill of materials: --force doesn't mean these."""
    before = (project.folder / "go.mod").read_bytes()
    assert create("-o", "before.json").code == 0

    done = create(option, "go.mod", "--force")

    assert (done.code, (project.folder / "go.mod").read_bytes()) == (1, before)
    assert "is a file of the project, which is not replaced" in done.err
    done = create("--sbom", "before.json", "--force")
    assert done.code == 1
    assert "is a snapshot, which is not replaced" in done.err
    assert create("-o", "x.json", "--sbom", "x.json").code == 2


@pytest.mark.parametrize("name", ["pipe.go", "vendor/modules.txt", "go.work.sum", "../lib/pipe.go"])
def test_pipes_are_named_at_once(
    name: str, project: Project, create: Callable[..., Result]
) -> None:
    """Go would wait for whoever writes into them."""
    gomod = project.folder / "go.mod"
    gomod.write_text(gomod.read_text() + f"\nreplace {LIB} => ../lib\n")
    project.write("../lib/go.mod", f"module {LIB}\n")
    project.write("go.work", "go 1.22\n\nuse .\n")
    path = project.folder / name
    path.parent.mkdir(exist_ok=True)
    os.mkfifo(path)

    done = create()

    assert done.code == 1
    assert path.name in done.err
    assert "no plain file" in done.err or "no file at all" in done.err
    assert not (project.folder / NAME).exists()


def test_another_compiler_of_the_system(
    project: Project, cli: CommandLine, conda_prefix: CondaPrefix
) -> None:
    """A program with cgo depends on it, and no package says which it is."""
    project.write("cmd/c/main.go", 'package main\n\nimport "C"\n\nfunc main() {}\n')
    said = "#!/bin/sh\necho mycc 1\n"
    compiler = prefixes.program(project.folder.parent / "bin" / "gcc", said)
    plain = conda_prefix("go=1.26")  # without conda's compiler
    cli.env["PATH"] = f"{compiler.parent}:{cli.env['PATH']}"
    assert cli("snapshot", "create", "--env", plain).code == 0
    [one] = stored(project)["compilers"]
    assert (one["variable"], one["version"]) == ("CC", "mycc 1")
    assert len(one["sha256"]) == 64

    compiler.write_text(compiler.read_text().replace("mycc 1", "mycc 2"))
    done = cli("snapshot", "verify", "--env", plain, "--json")

    [drifted] = done.json["drifted"]
    assert (drifted["kind"], drifted["name"]) == ("compiler", "CC")
    assert (drifted["was"], drifted["now"]) == ("mycc 1", "mycc 2")


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _edited(path: Path) -> None:
    path.write_text(path.read_text().replace('"version": "1.26.6"', '"version": "1.26.7"'))


def _option(path: Path) -> None:
    content = json.loads(path.read_bytes())
    build = {"package": "-toolexec=/bin/true", "sha256": "", "size": 1, "anywhere": ""}
    path.write_text(json.dumps(content | {"builds": [build]}))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.unlink(), "There is no snapshot"),
        (lambda path: path.write_text(path.read_text()[:500]), "it is no JSON"),
        (lambda path: path.write_bytes(b"\xff\x00"), "it is no JSON"),
        (lambda path: path.write_text("[" * 100_000), "it is nested too deeply"),
        (lambda path: path.write_text("[]"), "it is something else"),
        (lambda path: path.write_text('{"bomFormat": "CycloneDX"}'), "it is a bill of materials"),
        (lambda path: path.write_text('{"gokernel_snapshot": 1}'), "its toolchain is missing"),
        (lambda path: path.write_text('{"gokernel_snapshot": 2}'), "Update jupyter-gokernel"),
        (lambda path: os.truncate(path, 1 << 40), "larger than 64 MB"),
        (_pipe, "it is no file"),
        (_edited, "it was edited"),
        (_option, "no package that could be built"),
    ],
)
def test_a_bad_snapshot(
    damage: Callable[[Path], object],
    said: str,
    project: Project,
    create: Callable[..., Result],
    verify: Callable[..., Result],
) -> None:
    """One sentence names the file and what is wrong with it."""
    assert create().code == 0
    damage(project.folder / NAME)

    done = verify("--build")

    assert done.code == 1
    assert said in done.err
    assert NAME in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("what", ["link", "pipe"])
def test_a_vendor_folder_with_odd_things_in_it(
    what: str, project: Project, create: Callable[..., Result], tmp_path: Path
) -> None:
    """`go mod vendor` makes no links and no pipes, and nobody waits for one."""
    path = project.folder / "vendor" / "x"
    project.write("vendor/modules.txt", f"# {LIB} v1.0.0\n## explicit; go 1.22\n{LIB}\n")
    project.write(f"vendor/{LIB}/lib.go", "package lib\n\nfunc Say() string { return `` }\n")
    path.symlink_to("/") if what == "link" else os.mkfifo(path)

    done = create()

    assert done.code == 1
    assert "is a link, or no file at all" in done.err
    assert f"go -C {project.folder} mod vendor" in done.err


def test_a_broken_record(project: Project, cli: CommandLine, other: Path) -> None:
    """The record is named, and what reinstalls its package."""
    [path] = other.glob("conda-meta/go-cgo-*.json")
    prefixes.write(path, "{")

    done = cli("snapshot", "create", "--env", other)

    assert done.code == 1
    assert "--force-reinstall go-cgo" in done.err
    assert not (project.folder / NAME).exists()
