"""The Hub's own tests of spawners, run on ours, in both JupyterHubs that people have."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import prefixes
from tests.hub import passable
from tools import hub_venvs

SUITE = "jupyterhub.tests.test_spawner"
# What the Hub's pyproject.toml says for its tests.
_SETTINGS = (
    *("asyncio_mode=auto", "asyncio_default_fixture_loop_scope=module"),
    *("asyncio_default_test_loop_scope=module", "timeout=120"),
)
_SECONDS = 300
# A command without a slash is looked up before the environment's folders are on PATH, so
# that its own jupyterhub-singleuser isn't taken: the process gets another argv than `cmd`.
_OTHERWISE = {"test_popen_kwargs"}
_FEWEST, _FEWEST_GIVEN = 30, 10


@dataclass(frozen=True)
class Outcome:
    """How each test ended, the GOROOT of each server with an environment, and what was printed."""

    outcomes: Mapping[str, str]
    given: Collection[str]
    output: str

    @property
    def failed(self) -> set[str]:
        """The names of those that failed."""
        return {name for name, how in self.outcomes.items() if how == "failed"}


def _run(python: Path, folder: Path, prefix: Path | None, only: Collection[str] = ()) -> Outcome:
    """Run the suite, or `only` some of it, as somebody without rights where that can be."""
    home = folder / ("mixed" if prefix else "plain")
    home.mkdir()
    plan, report = home / "plan.json", home / "report.json"
    told = {"prefix": str(prefix or ""), "only": list(only), "report": str(report)}
    plan.write_text(json.dumps(told))
    argv = [str(python), "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    argv += ["-p", "tests.hub.mixed_plugin", "--pyargs", SUITE]
    argv += [part for setting in _SETTINGS for part in ("-o", setting)]
    if not passable.refusal():
        os.chown(home, passable.NOBODY, passable.NOBODY)
        needs = [python.parents[1], home, *([prefix] if prefix else [])]
        argv = passable.command(argv, uid=passable.NOBODY, needs=needs)
    process = subprocess.run(
        argv,
        env={
            "PATH": f"{python.parent}:/usr/bin:/bin",
            "HOME": str(home),
            "TMPDIR": str(home),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(passable.ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "GOKERNEL_TEST_PLAN": str(plan),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
        check=False,
        cwd=home,
    )
    assert report.exists(), process.stdout[-5000:]
    return Outcome(**json.loads(report.read_text()), output=process.stdout)


def _compared(version: str, folder: Path) -> tuple[Outcome, Outcome | None]:
    """On ours, and what fails there again on the Hub's own; both with the same user and proxy."""
    folder.mkdir()
    python = hub_venvs.python(version)
    mixed = _run(python, folder, _prefix(folder))
    return mixed, _run(python, folder, None, mixed.failed) if mixed.failed else None


def _prefix(folder: Path) -> Path:
    prefix = prefixes.go_prefix(folder / "envs" / "test")
    prefixes.script(prefix, "test.sh", "export GOFLAGS=-modcacherw\n")
    return prefix


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Future[Any]]]:
    """Both versions at once: each mostly waits for its servers."""
    base = tmp_path_factory.mktemp("hubs")
    with ThreadPoolExecutor() as pool:
        yield {one: pool.submit(_compared, one, base / one) for one in hub_venvs.VERSIONS}


@pytest.mark.parametrize("version", hub_venvs.VERSIONS)
def test_the_hubs_own_tests_pass_as_without_us(
    version: str, runs: Mapping[str, Future[tuple[Outcome, Outcome | None]]]
) -> None:
    """What fails on the mixed class fails on the Hub's own, too, and servers have their Go."""
    mixed, plain = runs[version].result()

    ours = mixed.failed - (plain.failed if plain else set()) - _OTHERWISE
    assert not ours, f"{ours}\n{mixed.output[-20000:]}"
    assert list(mixed.outcomes.values()).count("passed") >= _FEWEST
    assert len(mixed.given) >= _FEWEST_GIVEN
    assert {Path(goroot).name for goroot in mixed.given} == {"go"}
