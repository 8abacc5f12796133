"""examples/ci, as far as it goes without a bundle: its files fit each other."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
import pytest
from ruamel.yaml import YAML

from tests.hub import passable
from tests.offline import nonet

CI = Path(__file__).parents[2] / "examples" / "ci"
WORKFLOW = CI / ".github" / "workflows" / "without-network.yml"


def steps() -> list[dict[str, str]]:
    """All steps of the workflow."""
    jobs = YAML(typ="safe").load(WORKFLOW)["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


def test_the_workflow_runs_what_is_there() -> None:
    """Each command of ours that it runs is a file or a target of the Makefile."""
    ran = " ".join(step.get("run", "") for step in steps())
    targets = re.findall(r"(?m)^([a-z]+):", (CI / "Makefile").read_text())

    for target in re.findall(r"\bmake ([a-z]+)", ran):
        assert target in targets
    for program in re.findall(r"\./([a-z-]+)", ran):
        assert (CI / program).stat().st_mode & 0o111


def test_the_second_job_reaches_nothing() -> None:
    """Whatever it runs, it runs without the network."""
    offline = YAML(typ="safe").load(WORKFLOW)["jobs"]["offline"]
    commands = [step["run"] for step in offline["steps"] if "run" in step]

    assert commands
    for command in commands:
        assert command.startswith("./without-network ")


def test_what_goes_from_job_to_job_is_what_make_makes() -> None:
    """The file names of the workflow are the Makefile's."""
    variables = dict(re.findall(r"(?m)^([A-Z]+) +\?= (\S+)$", (CI / "Makefile").read_text()))
    bundle, wheels = variables["BUNDLE"], variables["WHEELS"]
    carried = next(step for step in steps() if step.get("uses", "").startswith("actions/upload"))

    assert carried["with"]["path"].split() == [bundle, f"{bundle}.sha256", wheels]  # type: ignore[index]


def test_notebooks_are_whole_and_not_executed() -> None:
    """Outputs would hide what a run gives."""
    for path in (CI / "notebooks").glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert all(not cell.get("outputs") for cell in notebook.cells)


def test_a_missing_bundle_is_said(clean_env: Mapping[str, str], tmp_path: Path) -> None:
    """With the target that makes it; nothing is begun."""
    done = subprocess.run(
        ["make", "--no-print-directory", "-f", CI / "Makefile", "offline"],
        cwd=tmp_path,
        env=clean_env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "ci.gokernel.tar.zst is not here. Where there is a network: make bundle" in done.stderr
    assert not list(tmp_path.glob(".gokernel"))


@pytest.mark.parametrize("uid", [None, passable.NOBODY], ids=["as we are", "nobody"])
def test_the_script_takes_the_network_away(uid: int | None) -> None:
    """Of interfaces only loopback is left; the command is run as the same user, with its words."""
    if reason := nonet.cannot(uid):
        pytest.skip(reason)
    argv = [CI / "without-network", "sh", "-c", "id -u; cat /proc/net/dev; echo $1", "sh", "a b"]
    command = list(map(str, argv)) if uid is None else passable.command(argv, uid=uid)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    first, *devices, last = done.stdout.splitlines()
    up = [line.split(":")[0].strip() for line in devices[2:]]
    assert "lo" in up
    assert not [name for name in up if name.startswith(("e", "w"))]
    assert last == "a b"
    assert uid is None or first == str(uid)


def test_the_project_is_sound(
    goroot: Callable[[str], Path], clean_env: Mapping[str, str], tmp_path: Path
) -> None:
    """go.sum holds all that go.mod asks for, files are formatted, and the tests pass."""
    go = goroot("1.26") / "bin" / "go"
    env = {**clean_env, "GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local", "GOSUMDB": "off"}

    for words in (["mod", "verify"], ["vet", "./..."], ["test", "./..."]):
        subprocess.run([go, *words], cwd=CI, env=env, check=True, capture_output=True, timeout=300)
    formatted = subprocess.run(
        [go.with_name("gofmt"), "-l", CI], capture_output=True, text=True, check=True
    )
    assert formatted.stdout == ""
