"""Python code run as somebody without rights: root may read and write everything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NOBODY = 65534

_DROP = f"""
import json, os, sys
def drop():
    "Give up all rights; modules have to be imported before."
    if os.geteuid() == 0:
        os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})
"""


@contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that everybody may enter (pytest's own may not be entered)."""
    with tempfile.TemporaryDirectory(prefix="gokernel-test-") as name:
        Path(name).chmod(0o755)
        try:
            yield Path(name)
        finally:
            for folder, _, _ in os.walk(name):
                Path(folder).chmod(0o700)


def run(code: str, *arguments: object) -> Any:
    """Run `code`, which imports, calls `drop()`, and prints JSON; give that back as data.

    `sys.argv[1:]` are the arguments.  An exception in it fails the test.
    """
    process = subprocess.run(
        [sys.executable, "-c", _DROP + code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)
