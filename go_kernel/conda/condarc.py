"""The one setting of conda's configuration files that we need: `envs_dirs`.

ref: https://docs.conda.io/projects/conda/en/stable/user-guide/configuration/use-condarc.html
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from go_kernel.files import is_file

log = logging.getLogger(__name__)

# A person's file has some lines; parsing a megabyte takes seconds, at each look.
_LARGEST = 256 * 1024
_SYSTEM_FOLDERS = ("/etc/conda", "/var/lib/conda")
_FOLDERS = ("$CONDA_ROOT", "$XDG_CONFIG_HOME/conda", "~/.config/conda", "~/.conda")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def envs_dirs(env: Mapping[str, str], roots: Iterable[Path] = ()) -> Iterator[Path]:
    """The folders that conda and mamba are configured to keep environments in.

    `roots` are the root prefixes: each conda reads its own's configuration too.  conda
    gives the later of its files precedence, so the last file's come first.
    """
    for path in reversed([*_config_files(env, roots)]):
        settings = _read(path)
        for key in ("envs_dirs", "envs_path"):
            value = settings.get(key)
            for item in value if isinstance(value, list) else [value]:
                folder = expand(item, env) if isinstance(item, str) else None
                if folder is not None:
                    yield folder


def expand(text: str, env: Mapping[str, str]) -> Path | None:
    """Replace `~` and `$VAR` as conda does; None where one of them isn't set."""
    if text == "~" or text.startswith("~/"):
        text = "$HOME" + text[1:]
    missing = [a or b for a, b in _VARIABLE.findall(text) if not env.get(a or b)]
    if missing or not text.strip():
        return None
    path = Path(_VARIABLE.sub(lambda match: env[match[1] or match[2]], text))
    return path if path.is_absolute() else None


def _config_files(env: Mapping[str, str], roots: Iterable[Path]) -> Iterator[Path]:
    for folder in (*map(Path, _SYSTEM_FOLDERS), *roots, *(expand(name, env) for name in _FOLDERS)):
        yield from _in_folder(folder)
    for name in ("~/.condarc", "~/.mambarc"):
        yield from _one(expand(name, env))
    yield from _in_folder(expand("$CONDA_PREFIX", env))
    for name in ("$CONDARC", "$MAMBARC"):
        yield from _one(expand(name, env))


def _one(path: Path | None) -> Iterator[Path]:
    if path is not None and is_file(path):
        yield path


def _in_folder(folder: Path | None) -> Iterator[Path]:
    if folder is None:
        return
    yield from _one(folder / ".condarc")
    yield from _one(folder / "condarc")
    try:
        more = sorted((folder / "condarc.d").iterdir())
    except OSError:
        return
    yield from (path for path in more if path.suffix in (".yml", ".yaml") and is_file(path))


def _read(path: Path) -> Mapping[str, Any]:
    # Imported here: most machines have no such file, and YAML takes 20 ms to import.
    from ruamel.yaml import YAML

    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError("it is too large")
        content = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    except Exception as error:  # on broken YAML the parser raises IndexError and KeyError too
        log.debug("conda's configuration %s was passed over: %s", path, error)
        return {}
    return content if isinstance(content, dict) else {}
