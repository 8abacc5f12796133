"""Go's own configuration files: `$GOROOT/go.env` and what `go env -w` wrote.

They are the lowest layer.  A kernel runs with GOENV=off, so that what we read here
is all that is in force, and each value has an origin.
ref: https://pkg.go.dev/cmd/go#hdr-Print_Go_environment_information
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from go_kernel.files import is_file


def user_file(env: Mapping[str, str], system: str = sys.platform) -> Path | None:
    """The file that `go env -w` writes for this user; None where it is switched off.

    ref: https://pkg.go.dev/os#UserConfigDir
    """
    named = env.get("GOENV", "")
    if named == "off":
        return None
    if named:
        return Path(named) if named.startswith("/") else None
    home = env.get("HOME", "")
    if system == "darwin":
        return Path(home, "Library", "Application Support", "go", "env") if home else None
    config = env.get("XDG_CONFIG_HOME", "")
    if config:  # Go has no such file then where it is relative
        return Path(config, "go", "env") if config.startswith("/") else None
    return Path(home, ".config", "go", "env") if home else None


def read(path: Path | None) -> dict[str, str]:
    """The variables of such a file; none where it is missing or can't be read.

    A line counts as Go counts it: it begins with a capital and holds `=`, and nothing is
    stripped.  An empty value is left out: a kernel gets these values as variables, and
    an empty variable is as good as none to Go.
    ref: https://go.dev/src/cmd/go/internal/cfg/cfg.go (readEnvFile)
    """
    if path is None or not is_file(path):
        return {}
    try:
        text = os.fsdecode(path.read_bytes())
    except OSError:
        return {}
    lines = (line for line in text.split("\n") if "A" <= line[:1] <= "Z" and "=" in line)
    pairs = (line.partition("=") for line in lines)
    last = {name: value for name, _, value in pairs}  # an empty line takes an earlier one back
    return {name: value for name, value in last.items() if value and "\0" not in value}
