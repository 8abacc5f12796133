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


# Without a home nothing can be kept, and writing below / would be worse.  Below a file
# not even root can make a folder: callers fail to write, and go on without.
NOWHERE = Path("/dev/null")


def home(env: Mapping[str, str]) -> Path:
    """The user's home, `NOWHERE` where HOME doesn't name one."""
    value = env.get("HOME", "")
    return Path(value) if value.startswith("/") else NOWHERE


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
    return home(env) / (mac if system == "darwin" else other)
