"""Engines that are built ahead into the store that tests share, as a site's administrator does.

Tests whose kernels must reach no network, or write everything to a folder of their own, name
that store as the site's.
"""

from __future__ import annotations

import os
from pathlib import Path

from go_kernel import config
from go_kernel.prepare import Limits, engine_for, resolved
from go_kernel.resolve import Policy
from tests.conftest import _NETWORK
from tests.kernels import TIMEOUT


def engine(prefix: Path, dev_cache: Path, name: str = "gophernotes") -> Path:
    """Build the engine for a prefix, unless it is there; gives the store."""
    store = dev_cache / "engines"
    env = {
        **{one: os.environ[one] for one in _NETWORK if one in os.environ},
        "PATH": "/usr/bin:/bin",
        "HOME": str(dev_cache),
        "GOMODCACHE": str(dev_cache / "gomodcache"),
        "GOCACHE": str(dev_cache / "gocache"),
        "GOKERNEL_STORE": str(store),
        "GOKERNEL_SITE_STORES": "",
        "XDG_CACHE_HOME": str(dev_cache / "cache"),
    }
    settings = config.parse({"environment": "test", "prefix": str(prefix), "engine": name})
    limits = Limits(build=TIMEOUT)
    found = resolved(settings, env, limits=limits, policy=Policy())
    engine_for(settings, found, env, limits=limits)
    return store
