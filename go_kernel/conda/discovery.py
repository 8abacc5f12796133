"""Where the conda environments of this machine are, from files and variables alone.

One generator a source, chained in one place: that chain is the order.  Nothing is
started; what is gone, unreadable or no environment is passed over with a line in
the debug log.
"""

from __future__ import annotations

import logging
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from go_kernel.conda import condarc
from go_kernel.files import is_file, is_folder

log = logging.getLogger(__name__)

# Where installers put conda, mamba and micromamba when nobody says otherwise.
_USUAL_NAMES = ("miniforge3", "mambaforge", "miniconda3", "anaconda3", "micromamba", "conda")
_USUAL_FOLDERS = ("~", "~/.local/share", "~/opt", "/opt", "/usr/local", "/opt/homebrew/Caskroom")
_USUAL_PLACES = ("~/.local/share/mamba", "~/.mamba", "/opt/miniconda", "/opt/anaconda")


@dataclass(frozen=True)
class Environment:
    """A conda environment: its prefix, the name people call it by, who told of it."""

    prefix: Path
    name: str
    source: str


def find_environments(
    env: Mapping[str, str],
    *,
    explicit: Iterable[Path | str] = (),
    cwd: Path | None = None,
) -> list[Environment]:
    """All conda environments that can be found, each once, most specific source first.

    `env` is the environment to look around in (HOME, CONDA_PREFIX …); `explicit` are
    prefixes that somebody named; `cwd` is where to look for a pixi project.
    """
    seen: set[tuple[int, int]] = set()
    found: list[Environment] = []
    roots = root_prefixes(env)
    for source, prefix in _candidates(env, explicit, cwd, roots):
        identity = _identity(prefix)
        if identity is None:
            log.debug("%s (%s) is no conda environment or can't be read", prefix, source)
        elif identity not in seen:
            seen.add(identity)
            found.append(Environment(prefix, name_of(prefix, roots), source))
    return found


def _candidates(
    env: Mapping[str, str],
    explicit: Iterable[Path | str],
    cwd: Path | None,
    roots: list[Path],
) -> Iterator[tuple[str, Path]]:
    yield from (("explicit", Path(prefix).absolute()) for prefix in explicit)
    yield from (("active", prefix) for prefix in _active(env))
    yield from (("pixi", prefix) for prefix in _pixi(env, cwd))
    yield from (("envs_dirs", prefix) for prefix in _envs_dirs(env, roots))
    yield from (("root", prefix) for prefix in _root_environments(roots))
    yield from (("environments.txt", prefix) for prefix in _registered(env))


def root_prefixes(env: Mapping[str, str]) -> list[Path]:
    """The prefixes that hold conda, mamba or micromamba themselves, likeliest first."""
    return [*_roots(env)]


def active_prefix(env: Mapping[str, str]) -> Path | None:
    """The prefix that is activated in `env`; None where none is."""
    value = env.get("CONDA_PREFIX", "")
    return Path(value) if value.startswith("/") else None


def name_of(prefix: Path, roots: Iterable[Path] = ()) -> str:
    """What people call an environment: `base`, its folder, or its pixi project's name."""
    # An environment may hold conda itself, and `condabin` with it, without being a root.
    if prefix in roots or (prefix.parent.name != "envs" and is_folder(prefix / "condabin")):
        return "base"
    if prefix.parent.name == "envs" and prefix.parent.parent.name == ".pixi":
        project = prefix.parent.parent.parent.name
        return project if prefix.name == "default" else f"{project}:{prefix.name}"
    return prefix.name


def _identity(prefix: Path) -> tuple[int, int] | None:
    """What two paths of the same environment share; None where it is none."""
    try:
        status = os.stat(f"{prefix}/conda-meta")  # noqa: PTH116 - a thousand of these count
    except (OSError, ValueError):
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None


def _active(env: Mapping[str, str]) -> Iterator[Path]:
    """CONDA_PREFIX, then what is stacked below it, the nearest first."""
    prefix = active_prefix(env)
    if prefix:
        yield prefix
    stacked = [name for name in env if re.fullmatch(r"CONDA_PREFIX_[0-9]{1,4}", name)]
    for name in sorted(stacked, key=lambda name: -int(name.rpartition("_")[2])):
        if env[name].startswith("/"):
            yield Path(env[name])


def _pixi(env: Mapping[str, str], cwd: Path | None) -> Iterator[Path]:
    project = env.get("PIXI_PROJECT_ROOT", "")
    projects = [Path(project)] if project.startswith("/") else []
    if cwd is not None:
        projects += [cwd, *cwd.parents]
    for folder in projects:
        yield from _folders_in(folder / ".pixi" / "envs")


def _envs_dirs(env: Mapping[str, str], roots: Iterable[Path]) -> Iterator[Path]:
    for name in ("CONDA_ENVS_DIRS", "CONDA_ENVS_PATH"):
        for named in filter(None, env.get(name, "").split(os.pathsep)):
            expanded = condarc.expand(named, env)
            if expanded:
                yield from _folders_in(expanded)
    for folder in condarc.envs_dirs(env, roots):
        yield from _folders_in(folder)
    default = condarc.expand("~/.conda/envs", env)
    if default:
        yield from _folders_in(default)


def _roots(env: Mapping[str, str]) -> Iterator[Path]:
    """Root prefixes: what the tools' own variables say, then the usual places."""
    for name in ("CONDA_EXE", "MAMBA_EXE"):
        if env.get(name, "").startswith("/"):
            root = Path(env[name]).parent.parent
            if is_folder(root / "conda-meta"):
                yield root
    for name in ("MAMBA_ROOT_PREFIX", "CONDA_ROOT"):
        if env.get(name, "").startswith("/"):
            yield Path(env[name])
    places = [f"{folder}/{name}" for folder in _USUAL_FOLDERS for name in _USUAL_NAMES]
    for place in [*places, *_USUAL_PLACES]:
        expanded = condarc.expand(place, env)
        if expanded and is_folder(expanded):
            yield expanded


def _root_environments(roots: list[Path]) -> Iterator[Path]:
    for root in roots:
        yield root
        yield from _folders_in(root / "envs")


def _registered(env: Mapping[str, str]) -> Iterator[Path]:
    """Every environment conda or mamba ever made for this user."""
    path = condarc.expand("~/.conda/environments.txt", env)
    try:
        # Only a regular file: to open a pipe would wait for whoever writes it.
        found = path is not None and is_file(path)
        text = path.read_text("utf-8", "surrogateescape") if path and found else ""
    except OSError:
        return
    for line in text.splitlines():
        if line.strip().startswith("/"):
            yield Path(line.strip())


def _folders_in(folder: Path) -> Iterator[Path]:
    """The folders of a folder, by name; none of one that can't be read."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries)
    except (OSError, ValueError) as error:
        if not isinstance(error, FileNotFoundError):
            log.debug("%s can't be listed: %s", folder, error)
        return
    yield from (folder / name for name in names)
