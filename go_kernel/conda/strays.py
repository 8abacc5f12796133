"""What is in an environment's folder and came with no package: people's own files.

What is made again by itself doesn't count: bytecode, and what conda and rattler keep there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from go_kernel.conda.packages import records

_KEPT_BY_CONDA = ("conda-meta", "CACHEDIR.TAG", ".conda_envs_dir_test")


def strays(prefix: Path) -> list[str]:
    """Paths below `prefix`, sorted; links count, empty folders don't.  Raises PackagesError."""
    brought = {path for record in records(prefix) for path in _brought(record)}
    return sorted(path for path in _files(prefix) if path not in brought)


def _brought(record: dict[str, Any]) -> Iterator[str]:
    listed = record.get("paths_data")
    paths = listed.get("paths") if isinstance(listed, dict) else None
    for entry in paths if isinstance(paths, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("_path"), str):
            yield entry["_path"]
    files = record.get("files")
    yield from (path for path in (files if isinstance(files, list) else ()) if str is type(path))


def _files(prefix: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(prefix):
        links = [name for name in folders if Path(folder, name).is_symlink()]
        folders[:] = [name for name in folders if name not in links and name != "__pycache__"]
        if folder == str(prefix):
            folders[:] = [name for name in folders if name not in _KEPT_BY_CONDA]
            files = [name for name in files if name not in _KEPT_BY_CONDA]
        for name in (*files, *links):
            if not name.endswith(".pyc"):
                yield os.path.relpath(os.path.join(folder, name), prefix)  # noqa: PTH118
