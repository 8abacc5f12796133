"""A plugin for the Hub's own tests: their spawner is ours, with Go environments to offer.

Loaded before the Hub's tests are (`-p tests.hub.mixed_plugin`), so that all spawners of
theirs come from the mixed class.  It runs in an environment that has no more of ours than
the package.  GOKERNEL_TEST_PLAN names a file with JSON: `prefix` (the environment to offer;
empty: the spawner stays the Hub's own), `only` (names of tests; empty: all), `report` (the
file that the outcomes are written to).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jupyterhub.spawner
import pytest
from traitlets import default

from go_kernel.hub.spawners.simple import GoSimpleSpawner

_PLAN = json.loads(Path(os.environ["GOKERNEL_TEST_PLAN"]).read_text())
_outcomes: dict[str, str] = {}
_given: list[str] = []


class Mixed(GoSimpleSpawner):  # type: ignore[misc]
    """GoSimpleSpawner, configured for whatever configuration a test uses."""

    @default("go_environments")
    def _one_environment(self) -> dict[str, Any]:
        return {"go": {"prefix": _PLAN["prefix"], "display_name": "Go (conda env: test)"}}

    @default("gomodcache")
    def _modules_of_each(self) -> str:
        return "/srv/go/{username}/modules"

    @default("goproxy")
    def _a_proxy(self) -> str:
        return "https://modules.invalid"

    def get_env(self) -> dict[str, Any]:
        """As it is; what servers were given is noted."""
        env = super().get_env()
        if self._go_starting and env.get("GOKERNEL_HUB_ENVIRONMENT") == "go":
            _given.append(str(env.get("GOROOT", "")))
        return env  # type: ignore[no-any-return]


if _PLAN["prefix"]:
    jupyterhub.spawner.SimpleLocalProcessSpawner = Mixed


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run those that are asked for."""
    if _PLAN["only"]:
        items[:] = [item for item in items if item.name in _PLAN["only"]]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note the worst of a test's three phases."""
    name = report.nodeid.rpartition("::")[2]
    if report.when == "call" or not report.passed:
        _outcomes[name] = "failed" if report.failed else _outcomes.get(name, report.outcome)


def pytest_sessionfinish() -> None:
    """Write it all down."""
    done = {"outcomes": _outcomes, "given": _given}
    Path(_PLAN["report"]).write_text(json.dumps(done))
