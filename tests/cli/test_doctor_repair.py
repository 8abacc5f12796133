"""`doctor --project DIR --fix` in processes that are killed, interrupted, or asked for data."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from go_kernel.files import write_atomic
from tests import prefixes
from tests.cli.conftest import CommandLine
from tests.conftest import CondaPrefix
from tests.project.repairing import MAIN, Bench, tree

FIX = ("doctor", "--env", "demo", "--project", ".", "--fix", "project.repair")
# At the first program that is started while the old and the new are exchanged: the build.
_INTERRUPTED = """
import os, sys
from pathlib import Path
number = int(sys.argv.pop(1))
def hit(event, args):
    if event == "subprocess.Popen" and Path(".gokernel-repair/journal.json").exists():
        os.kill(os.getpid(), number)
sys.addaudithook(hit)
from go_kernel.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def bench(
    tmp_path_factory: pytest.TempPathFactory, goroot: Callable[[str], Path], dev_cache: Path
) -> Bench:
    """A proxy in a folder, and projects."""
    return Bench(tmp_path_factory.mktemp("repair"), goroot("1.26"), dev_cache / "gocache")


@pytest.fixture
def root(cli: CommandLine, envs_dir: Path, bench: Bench) -> Path:
    """A vendored project that doesn't build, in which the command line runs."""
    demo = prefixes.prefix(envs_dir / "demo")
    (demo / "bin").mkdir()
    (demo / "go").symlink_to(bench.goroot)
    (demo / "bin" / "go").symlink_to("../go/bin/go")
    names = ("GOPROXY", "GOSUMDB", "GOMODCACHE")
    cli.env |= {name: bench.variables[name] for name in names}
    root = bench.vendored()
    mod = root / "go.mod"
    mod.write_text(mod.read_text().replace("v0.2.0", "v0.1.0"))
    cli.cwd = root
    return root


def hit(cli: CommandLine, number: int) -> subprocess.CompletedProcess[str]:
    """Repair, and get this signal right after the exchange."""
    argv = [sys.executable, "-c", _INTERRUPTED, str(number), *FIX, "-y"]
    env = {**cli.env, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        argv, env=env, cwd=cli.cwd, capture_output=True, text=True, check=False, timeout=120
    )


def test_killed_and_put_back(cli: CommandLine, root: Path, bench: Bench) -> None:
    """The next one says what it finds, puts it back, and then repairs."""
    before = tree(root)
    assert hit(cli, signal.SIGKILL).returncode == -signal.SIGKILL
    assert (root / "vendor" / "example.test" / "lib" / "lib.go").read_text().count("one")
    assert (
        cli(*FIX).out.count(f"A repair of {root} was killed midway: put back what was there") == 1
    )
    assert "project.repaired" in cli("doctor", "--env", "demo", "--project", ".").out
    assert tree(root) != before
    done = cli(*FIX, "-y")
    assert done.code == 0, done.err
    assert done.out.index("was killed midway: put back") < done.out.index("Run `go mod tidy` and")
    assert "No repair of it was killed midway." in done.out
    assert bench.builds(root)
    assert cli(*FIX, "-y").out == "There is nothing to mend.\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted(cli: CommandLine, root: Path, number: int, code: int) -> None:
    """Ctrl-C, or a machine that shuts down: all is as it was, at once."""
    before = tree(root)
    done = hit(cli, number)
    assert done.returncode == code, done.stderr
    assert tree(root) == before
    assert "Traceback" not in done.stderr


def test_as_data(cli: CommandLine, root: Path) -> None:
    """JSON has the preview, says that nothing was done, and what the checks find then."""
    before = tree(root)
    done = cli(*FIX, "--json")
    assert done.code == 1
    [fix] = done.json["fixes"]
    assert (fix["id"], fix["state"]) == ("project.repair", "planned")
    assert "~ vendor/example.test/lib/lib.go" in fix["preview"]
    assert tree(root) == before
    done = cli(*FIX, "--json", "-y")
    assert done.code == 0
    [fix] = done.json["fixes"]
    assert fix["state"] == "done"
    assert {one["id"].partition(".")[0] for one in done.json["findings"]} == {"project"}
    assert tree(root) != before


def test_every_fix_includes_the_project(cli: CommandLine, root: Path) -> None:
    """Without an ID it comes after what the environment needs; why it can't be is said."""
    done = cli("doctor", "--env", "demo", "--project", ".", "--fix")
    assert "demo: Repair the project (project.repair; changes what somebody decided)" in done.out
    (root / "main.go").write_text(MAIN.replace("example.test/lib", "example.test/gone"))
    done = cli("doctor", "--env", "demo", "--project", ".", "--fix")
    assert done.code == 1
    assert "can't be repaired, because `go mod tidy` fails" in done.err


def test_a_go_that_is_another_one(cli: CommandLine, root: Path, conda_prefix: CondaPrefix) -> None:
    """It is not run, and the project stays as it is."""
    planted, ran = conda_prefix("go=1.26", name="planted"), root.parent / "ran"
    write_atomic(planted / "go/bin/go", f"#!/bin/sh\ntouch {ran}\n", mode=0o755)
    before = tree(root)
    done = cli("doctor", "--env", str(planted), *FIX[3:], "-y")
    assert done.code == 1
    assert "is not the file that was installed" in done.err
    assert "so it is not run. Reinstall Go in that environment: `conda install -p" in done.err
    assert not ran.exists()
    assert tree(root) == before


def test_a_project_that_is_well(cli: CommandLine, root: Path) -> None:
    """There is nothing to mend, with an ID and without, and that is success."""
    assert cli(*FIX, "-y").code == 0
    for words in (FIX, FIX[:-1], (*FIX, "--json"), (*FIX[:-1], "--json")):
        done = cli(*words)
        assert done.code == 0, done.out
        if "--json" in words:
            assert done.json["fixes"] == []
        else:
            assert "There is nothing to mend" in done.out.splitlines()[-1]
            assert "could be mended" not in done.out


def test_what_it_could_cost(cli: CommandLine, root: Path) -> None:
    """A go.sum that nobody ever had is no decision of anybody's."""
    shutil.rmtree(root / "vendor")
    (root / "go.sum").unlink()
    done = cli(*FIX)
    assert "demo: Repair the project (project.repair; takes nothing away)" in done.out
    assert cli(*FIX, "--json").json["fixes"][0]["risk"] == "none"


def test_without_a_project(cli: CommandLine, root: Path) -> None:
    """It takes a project to repair one."""
    done = cli("doctor", "--fix", "project.repair")
    assert done.code == 2
    assert "Name it with --project DIR." in done.err


def test_a_finding_offers_it(cli: CommandLine, root: Path) -> None:
    """The command to type names environment and project."""
    for file in (root / "vendor").iterdir():
        file.rename(root.parent / f"gone-{file.name}")
    (root / "vendor").rmdir()
    (root / "go.sum").unlink()
    done = cli("doctor", "--env", "demo", "--project", ".")
    assert f"jupyter gokernel doctor --env demo --project {root} --fix project.repair" in done.out
