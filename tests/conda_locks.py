"""Lock files by conda-lock itself: written by its library, and read by it.

Its package is in a Python of its own (tools/conda_lock.py), and starts in a second: ask
for many things at once.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tools import conda_lock

_CODE = """
import json, sys
from pathlib import Path
from conda_lock.lockfile import parse_conda_lock_file, write_conda_lock_file
from conda_lock.lockfile.v1.models import Lockfile as V1
from conda_lock.lockfile import lockfile_v1_to_v2

asked = json.load(sys.stdin)
for path, content in asked["write"].items():
    lock = lockfile_v1_to_v2(V1.model_validate(content))
    write_conda_lock_file(lock, Path(path), metadata_choices=None)
for path, content in asked["solve"].items():
    # What `conda-lock lock` does with the file that is there, once it has solved.
    fresh = lockfile_v1_to_v2(V1.model_validate(content))
    kept = parse_conda_lock_file(Path(path)).model_copy(deep=True, update={"package": []})
    write_conda_lock_file(kept.merge(fresh), Path(path), metadata_choices=None)
said = {}
for path in asked["read"]:
    try:
        said[path] = parse_conda_lock_file(Path(path)).to_v1().dict_for_output()
    except Exception as error:
        said[path] = f"{type(error).__name__}: {error}"
print(json.dumps(said))
"""


def package(name: str, version: str, platform: str = "linux-64", build: str = "h1_0") -> Any:
    """A conda package as conda-lock has them."""
    file = f"{name}-{version}-{build}.conda"
    return {
        "name": name,
        "version": version,
        "manager": "conda",
        "platform": platform,
        "dependencies": {},
        "url": f"https://conda.invalid/{platform}/{file}",
        "hash": {"md5": "0" * 32, "sha256": "1" * 64},
        "category": "main",
        "optional": False,
    }


def content(
    packages: Sequence[Any],
    custom: Mapping[str, str] | None = None,
    platforms: Sequence[str] = ("linux-64",),
) -> Any:
    """A lock file's content."""
    metadata: dict[str, Any] = {
        "content_hash": dict.fromkeys(platforms, "2" * 64),
        "channels": [{"url": "conda-forge", "used_env_vars": []}],
        "platforms": list(platforms),
        "sources": ["environment.yml"],
    }
    if custom is not None:
        metadata["custom_metadata"] = dict(custom)
    return {"version": 1, "metadata": metadata, "package": list(packages)}


def ask(
    write: Mapping[Path, Any],
    read: Sequence[Path] = (),
    solve: Mapping[Path, Any] = MappingProxyType({}),
) -> dict[Path, Any]:
    """Write these contents, then read these files: their content, or why it can't be read.

    Before they are read, those of `solve` are as a new solve with that outcome leaves them.
    """
    asked = {
        "write": {str(path): content for path, content in write.items()},
        "read": [str(path) for path in read],
        "solve": {str(path): content for path, content in solve.items()},
    }
    process = subprocess.run(
        [conda_lock.python(), "-c", _CODE],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={"PATH": os.environ.get("PATH", ""), "HOME": str(Path(os.devnull))},
    )
    assert process.returncode == 0, process.stderr
    return {Path(path): said for path, said in json.loads(process.stdout).items()}
