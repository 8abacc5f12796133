"""Where this project keeps what is its own, from the variables of whoever asks.

platformdirs gives the same places but reads the environment of the running process;
here it is a parameter, so that a Hub can ask for a user and a test for a home.
ref: https://specifications.freedesktop.org/basedir-spec/latest/
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

NAME = "jupyter-gokernel"


def cache_folder(env: Mapping[str, str], system: str = sys.platform) -> Path:
    """What may be thrown away at any time: remembered variables, hashes, scratch."""
    return _base(env, "XDG_CACHE_HOME", "Library/Caches", ".cache", system) / NAME


def data_folder(env: Mapping[str, str], system: str = sys.platform) -> Path:
    """What is kept: built engines."""
    mac = "Library/Application Support"
    return _base(env, "XDG_DATA_HOME", mac, ".local/share", system) / NAME


def _base(env: Mapping[str, str], name: str, mac: str, other: str, system: str) -> Path:
    value = env.get(name, "")
    if value.startswith("/"):
        return Path(value)
    # Without a home nothing can be kept, and writing below / would be worse: callers
    # get a path that can't exist and go on without.
    home = env.get("HOME", "")
    return Path(
        home if home.startswith("/") else "/nonexistent", mac if system == "darwin" else other
    )
