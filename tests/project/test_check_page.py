"""docs/check.md, examples/ci and the pre-commit hook: typed, run, compared."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.conftest import CondaPrefix
from tests.offline import transcript
from tests.offline.machine import Machine
from tests.offline.transcript import without_chance
from tests.prefixes import write

ROOT = Path(__file__).parents[2]
CI = ROOT / "examples" / "ci"
PAGE = ROOT / "docs" / "check.md"
WORKFLOW = CI / ".github" / "workflows" / "check.yml"
GIT = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org")


@pytest.fixture(scope="module")
def prefix(conda_prefix: CondaPrefix) -> Path:
    """The environment `demo` of the page."""
    return conda_prefix("go=1.26", name="demo")


@pytest.fixture(scope="module")
def machine(prefix: Path, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """Somebody's machine, on which that environment has its name."""
    env = {"CONDA_ENVS_DIRS": str(prefix.parent)}
    return Machine(tmp_path_factory.mktemp("check"), env, online=True)


def project(machine: Machine, name: str) -> Path:
    """A repository of its own with the example in it."""
    folder = machine.home / name
    shutil.copytree(CI, folder, ignore=shutil.ignore_patterns(".gokernel", "executed"))
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "begin"]):
        done = machine.run(*GIT, *words, cwd=folder)
        assert done.returncode == 0, done.stderr
    return folder


def test_transcripts_in_the_docs(machine: Machine, prefix: Path) -> None:
    """Each command prints what the page shows."""
    page = PAGE.read_text()
    folder = project(machine, "invoices")
    told, came, typed = [], [], ""
    for name in ("fine", "files", "environment", "json", "make"):
        if name == "make":
            machine.sh("git checkout --quiet .", folder)
        for step in transcript.steps(page, name):
            printed = machine.sh(step.command, folder)
            printed = printed.replace(str(prefix), "/home/ada/.conda/envs/demo")
            printed = printed.replace(str(machine.home), "/home/ada")
            told += without_chance(step.printed)
            came += without_chance(printed)
            typed += f"$ {step.command}\n{printed}"
    assert told == came, f"\n{typed}"


def test_the_workflow_runs_what_is_there(machine: Machine, prefix: Path) -> None:
    """Its last command is typed as it stands, for the environment that environment.yml names."""
    steps = YAML(typ="safe").load(WORKFLOW)["jobs"]["check"]["steps"]
    *_, install, check = [step["run"] for step in steps if "run" in step]
    named = YAML(typ="safe").load(CI / "environment.yml")["name"]
    used = next(step for step in steps if "micromamba" in step.get("uses", ""))

    assert used["with"]["environment-file"] == "environment.yml"
    assert install == "python -m pip install 'jupyter-gokernel[conda]'"
    assert check == f"make check ENV={named}"
    folder = project(machine, "workflow")
    envs = machine.folder / "envs"
    envs.mkdir()
    (envs / named).symlink_to(prefix)
    runner = Machine(machine.folder, {"CONDA_ENVS_DIRS": str(envs)}, online=True)
    assert "is in order" in runner.sh(check, folder)


def test_make_says_the_code(machine: Machine) -> None:
    """In its last line, since its own exit code is 2 for all failures."""
    folder = project(machine, "make")
    write(folder / "sum.go", "package invoices\nfunc  Sum( ) {}\n")
    done = machine.run("make", "check", "ENV=demo", cwd=folder)
    assert done.returncode == 2
    assert "101 sum.go isn't formatted as gofmt does it." in done.stdout
    assert "Error 101" in done.stderr


@pytest.fixture(scope="module")
def hook(machine: Machine) -> Path:
    """A repository that has the hook, as this project's has it."""
    folder = machine.folder / "hook"
    write(folder / ".pre-commit-hooks.yaml", (ROOT / ".pre-commit-hooks.yaml").read_bytes())
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "begin"]):
        assert machine.run(*GIT, *words, cwd=folder).returncode == 0
    return folder


def test_pre_commit_keeps_a_commit_back(machine: Machine, hook: Path) -> None:
    """What isn't in order isn't committed; once it is mended, it is."""
    folder = project(machine, "hooked")
    rev = machine.sh("git rev-parse HEAD", hook).strip()
    config = {"id": "gokernel-check", "args": ["--env", "demo"]}
    repos = [{"repo": str(hook), "rev": rev, "hooks": [config]}]
    with (folder / ".pre-commit-config.yaml").open("w") as stream:
        YAML().dump({"repos": repos}, stream)
    machine.sh("git add . && pre-commit install", folder)
    write(folder / "sum.go", "package invoices\n\nfunc  Sum( ) {}\n")
    machine.sh("git add .", folder)

    refused = machine.run(*GIT, "commit", "-m", "sum", cwd=folder)
    assert refused.returncode != 0
    assert "exit code: 101" in refused.stderr
    assert "101 sum.go isn't formatted as gofmt does it." in refused.stderr

    write(folder / "sum.go", "package invoices\n\nfunc Sum() {}\n")
    machine.sh("git add .", folder)
    done = machine.run(*GIT, "commit", "-m", "sum", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "Passed" in done.stderr


def test_the_hook_on_the_page_is_the_one_there_is() -> None:
    """Its id, and the files at which it runs."""
    [config] = re.findall(r"(?s)```yaml\n(repos:.*?)```", PAGE.read_text())
    [told] = YAML(typ="safe").load(config)["repos"][0]["hooks"]
    [there] = YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")
    assert told["id"] == there["id"]
    files = re.compile(there["files"])
    for name in ("a.go", "x/go.mod", "go.work.sum", "environment.yml", "gokernel-snapshot.json"):
        assert files.search(name)
    for name in ("README.md", "cargo.mod", "my-environment.yml"):
        assert not files.search(name)


def test_the_page_of_all_together(machine: Machine, conda_prefix: CondaPrefix) -> None:
    """docs/projects-ci.md: hooks, lock, snapshot and check in their order, as it shows them."""
    newer = conda_prefix("go=1.27", name="newer")
    demo = conda_prefix("go=1.26", name="demo")
    folder = machine.folder / "together"
    folder.mkdir()
    for prefix in (demo, newer):
        (folder / prefix.name).symlink_to(prefix)
    there = Machine(folder, {"CONDA_ENVS_DIRS": str(folder)}, online=True)
    invoices = there.home / "invoices"
    write(invoices / "go.mod", "module example.org/invoices\n\ngo 1.22\n")
    write(invoices / "sum.go", "package invoices\n")
    write(invoices / "environment.yml", (CI / "environment.yml").read_bytes())
    there.sh("git init --quiet", invoices)
    page = (ROOT / "docs" / "projects-ci.md").read_text()
    for name, code in (("once", 0), ("check", 0), ("drift", 1)):
        for step in transcript.steps(page, name):
            command = step.command.replace("git commit", f"{' '.join(GIT)} commit")
            done = there.run("/bin/sh", "-c", command, cwd=invoices)
            assert done.returncode == (code if "verify" in command else 0), done.stderr
            printed = done.stdout.replace(str(folder), "/home/ada/.conda/envs")
            printed = printed.replace("/home/ada/.conda/envs/home", "/home/ada")
            assert _of_no_build(step.printed) == _of_no_build(printed), done.stderr


def _of_no_build(text: str) -> list[str]:
    """The lines without chance: a build has a hash of the channel in it, so has a fingerprint."""
    return [re.sub(r"cgo_h\w+|[0-9a-f]{12}", "BUILD", line) for line in without_chance(text)]
