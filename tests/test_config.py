"""A kernel's configuration: what is edited wrongly is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from go_kernel import config
from go_kernel.findings import GoKernelError

GOOD: dict[str, Any] = {"environment": "demo", "prefix": "/envs/demo"}


def test_round_trip() -> None:
    """What is written is read again."""
    full = {**GOOD, "engine": "gophernotes", "settings": {"GOPROXY": "off"}, "build_timeout": 5}
    read = config.parse(full)

    assert config.parse(json.loads(json.dumps(read.to_dict()))) == read


def test_defaults_are_not_written() -> None:
    """kernel.json holds what was chosen and no more."""
    assert config.parse(GOOD).to_dict() == {**GOOD, "engine": "gophernotes"}


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ([], "no JSON object"),
        ({**GOOD, "prefx": "/x"}, "'prefx'"),
        ({**GOOD, "goroot": "/usr/local/go"}, "either a prefix or a goroot"),
        ({"environment": "demo"}, "either a prefix or a goroot"),
        ({"environment": "demo", "from_hub": False}, "either a prefix or a goroot"),
        ({**GOOD, "from_hub": True}, "can't name a prefix where the Hub is to say it"),
        ({"environment": "x", "goroot": "/go", "from_hub": True}, "can't name a goroot"),
        ({**GOOD, "from_hub": "yes"}, "'from_hub'"),
        ({"environment": "", "prefix": "/x"}, "'environment'"),
        ({"prefix": "/x"}, "'environment'"),
        ({**GOOD, "prefix": "envs/demo"}, "'prefix'"),
        ({**GOOD, "prefix": 7}, "'prefix'"),
        ({**GOOD, "settings": ["GOPROXY"]}, "'settings'"),
        ({**GOOD, "settings": {"GOROOT": "/x"}}, "'GOROOT'"),
        ({**GOOD, "settings": {"GOKERNEL_SCRATCH": "/x"}}, "'GOKERNEL_SCRATCH'"),
        ({**GOOD, "settings": {"A B": "x"}}, "'A B'"),
        ({**GOOD, "settings": {"A": 1}}, "'A'"),
        ({**GOOD, "settings": {"A": "x\0y"}}, "'A'"),
        ({**GOOD, "build_timeout": -1}, "'build_timeout'"),
        ({**GOOD, "build_timeout": True}, "'build_timeout'"),
        ({**GOOD, "build_at_launch": "yes"}, "'build_at_launch'"),
    ],
)
def test_each_mistake_is_named(content: Any, named: str) -> None:
    """One sentence with the key in it, and what to do."""
    with pytest.raises(GoKernelError) as caught:
        config.parse(content)

    assert named in caught.value.summary
    assert caught.value.remedy


def test_a_hubs_kernel_has_no_place() -> None:
    """It is read and written without one, and whoever wants its Go is told that a Hub says it."""
    plain = {"environment": "this server", "engine": "gophernotes", "from_hub": True}
    read = config.parse(plain)
    assert read.to_dict() == plain
    assert read.place is None
    with pytest.raises(config.Unsettled, match="what a JupyterHub chooses"):
        read.target  # noqa: B018
