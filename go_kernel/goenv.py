"""Go's own configuration files: `$GOROOT/go.env` and what `go env -w` wrote.

They are the lowest layer.  A kernel runs with GOENV=off, so that what we read here
is all that is in force, and each value has an origin.
ref: https://pkg.go.dev/cmd/go#hdr-Print_Go_environment_information
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path

_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)")


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
    if config.startswith("/"):
        return Path(config, "go", "env")
    return Path(home, ".config", "go", "env") if home else None


def read(path: Path | None) -> dict[str, str]:
    """The variables of such a file; none where it is missing or can't be read."""
    if path is None:
        return {}
    try:
        text = path.read_text("utf-8", "replace")
    except OSError:
        return {}
    matches = (_LINE.fullmatch(line.strip()) for line in text.splitlines())
    # An empty value is as good as none: Go then goes on to the next file.
    return {match[1]: match[2] for match in matches if match and match[2]}
