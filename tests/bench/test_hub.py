"""The budgets of JupyterHub, in the smallest size, and what they are sure of."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bench import quiet
from bench.budgets import hub, hub_users
from tests import prefixes
from tests.conftest import CondaPrefix


def test_files_and_processes_are_heard_and_sums_are_not(tmp_path: Path) -> None:
    """Also a look at a file, of which Python tells no audit hook."""
    with quiet.touched() as nothing:
        sorted([3, 1, 2])
        " ".join(["a", "b"])
    assert nothing == []

    with quiet.touched() as looked:
        tmp_path.exists()
    with quiet.touched() as opened:
        (tmp_path / "file").write_text("x")
    with quiet.touched() as started:
        subprocess.run(["true"], check=True, env=dict(os.environ))

    assert looked
    assert any(one.startswith("open ") for one in opened)
    assert any(one.startswith("subprocess.Popen") for one in started)


def test_the_mixin_is_measured_on_a_real_hub(tmp_path: Path) -> None:
    """Each way has its samples, the whole environment was sent, and get_env touched nothing."""
    prefix = prefixes.go_prefix(tmp_path / "envs" / "go")
    world: Any = SimpleNamespace(folder=tmp_path, prefix=prefix)

    result = asyncio.run(hub.measured(world, batches=2, at_once=3, calls=5))

    spawns, whole, get_env, _, start, _ = result.comparisons
    assert [len(spawns.ours.seconds), len(whole.ours.seconds)] == [2, 2]
    assert [len(get_env.ours.seconds), len(start.ours.seconds)] == [5, 5]
    assert any("6 spawns" in note for note in result.notes)


def test_a_course_of_one(
    tmp_path: Path, clean_env: dict[str, str], dev_cache: Path, conda_prefix: CondaPrefix
) -> None:
    """A real Hub: its user has a server, and a result from each kernel."""
    env = {**clean_env, "GOKERNEL_STORE": str(dev_cache / "engines"), "GOSUMDB": "off"}
    world: Any = SimpleNamespace(folder=tmp_path, prefix=conda_prefix("go=1.26"), env=env)

    result = asyncio.run(hub_users.measured(world, 1))

    [compared] = result.comparisons
    assert len(compared.ours.seconds) == 1
    assert "none of 1 lost; of python3's 0 got no result" in result.notes
