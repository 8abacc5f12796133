"""What the page makes of `group_overrides` is what each JupyterHub makes of them."""

from __future__ import annotations

import json
import os

import pytest

from go_kernel.process import run
from tests.hub.house import ROOT
from tools import hub_venvs

# Prints, for each override, what is worked out beforehand and what the Hub then makes of it.
_BOTH = """
import asyncio, copy, json
from go_kernel.hub import overrides
from go_kernel.hub.spawners.simple import GoSimpleSpawner
from tests.hub.spawners import spawner
NAMES = ("go_environments", "go_default", "allow_user_choice")
OFFERED = {"a": {"prefix": "/a", "allowed_groups": ["x"]}, "b": {"prefix": "/b"}}
EACH = [
    {"go_default": "b"},
    {"allow_user_choice": False},
    {"go_default": lambda spawner: spawner.user.name},
    {"go_environments": {"a": None, "c": {"prefix": "/c", "display_name": None}}},
    {"go_environments": {"a": {"allowed_groups": None, "prefix": "/new"}}},
    {"go_environments": lambda spawner: {"b": {"allowed_users": [spawner.user.name]}}},
    {"port": 1, "go_environments": {}},
    {"go_environments": None},
]
said = []
for at, one in enumerate(EACH):
    stated = {
        "20": {"groups": ["g", "other"], "spawner_override": one},
        "10": {"groups": ["g"], "spawner_override": {"go_default": "first"}},
        "30": {"groups": ["not"], "spawner_override": {"go_default": "not"}},
    }
    if at % 2:
        given, stated = stated, lambda spawner, given=stated: given
    made = spawner(
        GoSimpleSpawner, groups=["g"], go_environments=OFFERED,
        config={"Spawner": {"group_overrides": stated}},
    )
    def now():
        return copy.deepcopy({name: getattr(made, name) for name in NAMES})
    before = now()
    settled = copy.deepcopy(overrides.settled(made, NAMES, lambda: {"g"}))
    unchanged = now() == before
    asyncio.run(made.apply_group_overrides())
    said.append([unchanged, settled, now()])
print(json.dumps(said))
"""


@pytest.mark.parametrize("version", hub_venvs.VERSIONS)
def test_as_the_hub_will_do_it(version: str) -> None:
    """Both JupyterHubs that people have; and the spawner stays as it is meanwhile."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = run([str(hub_venvs.python(version)), "-c", _BOTH], env=env, timeout=60, cwd=ROOT)
    said = json.loads(done.stdout)
    assert len(said) == 8
    for unchanged, settled, applied in said:
        assert unchanged
        assert settled == applied
