"""Which Go the JupyterHub chose that started this server.

The Hub says an id, in a variable of the server's process.  Where it shares the server's
file system it says the prefix, too; in a container the id is looked up in a map that
only root can have written, so that no user's file can lead a kernel elsewhere.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from go_kernel.config import KernelConfig
from go_kernel.files import is_folder
from go_kernel.findings import GoKernelError
from go_kernel.layers import by_hub
from go_kernel.printable import printable
from go_kernel.resolve import Target
from go_kernel.variables import HUB_ENVIRONMENT
from go_kernel.ways import way_to

ENVIRONMENT = HUB_ENVIRONMENT
PREFIX = "GOKERNEL_HUB_PREFIX"
ID = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?")
SITE_MAP = Path("/etc/jupyter-gokernel/environments.json")

_KEYS = frozenset({"prefix", "name"})
_LONGEST_SHOWN = 80


class NotChosen(GoKernelError):
    """No Hub chose a Go for this server."""

    id = "hub.not-chosen"

    def __init__(self, *, on_hub: bool):
        self.on_hub = on_hub
        if on_hub:
            super().__init__(
                "This server's JupyterHub chose no Go environment for it.",
                "Stop the server and choose one where it is started; where none is offered, the "
                "Hub's administrator sets c.GoSpawnerMixin.go_environments.",
            )
        else:
            super().__init__(
                "This server was not started by a JupyterHub, so nobody chose its Go.",
                "Use a kernel of an environment: `jupyter gokernel install --env NAME`",
            )


class BadChoice(GoKernelError):
    """What stands for an environment's id can be none."""

    id = "hub.bad-id"

    def __init__(self, said: str):
        super().__init__(
            f"{_shown(said)} in {ENVIRONMENT} can't be the id of a Go environment.",
            "Start the server from the Hub again, and choose one of those that it offers.",
        )
        self.said = said


class UnknownChoice(GoKernelError):
    """The Hub's id isn't in the site's map."""

    id = "hub.unknown-id"

    def __init__(self, said: str, site_map: Path):
        super().__init__(
            f"The Hub chose the Go environment {said!r}, and {site_map} names none of this id.",
            "Choose another one, or ask the administrator to add it there.",
        )
        self.said = said
        self.site_map = site_map


class BadSiteMap(GoKernelError):
    """The site's map of environments is not there, not root's alone, or not understood."""

    id = "hub.site-map"

    def __init__(self, site_map: Path, reason: str, remedy: str = ""):
        super().__init__(
            f"The map of this site's Go environments can't be used: {reason}.",
            remedy or "Ask the administrator to mend it.",
        )
        self.site_map = site_map


class BadPlace(GoKernelError):
    """The chosen environment's prefix is no folder."""

    id = "hub.prefix"

    def __init__(self, said: str, prefix: str, reason: str):
        super().__init__(
            f"The Go environment {said!r}, which the Hub chose, can't be used: its prefix "
            f"{printable(prefix)} {reason}.",
            "Choose another one, or ask the Hub's administrator to mend it.",
        )
        self.said = said
        self.prefix = prefix


def given(parent: Mapping[str, str]) -> bool:
    """Whether a Hub chose a Go for the server that has these variables."""
    return bool(parent.get(ENVIRONMENT))


def target(parent: Mapping[str, str], site_map: Path = SITE_MAP) -> Target:
    """The environment that the Hub chose for the server that has these variables.

    Raises NotChosen, BadChoice, UnknownChoice, BadSiteMap and BadPlace.
    """
    said = parent.get(ENVIRONMENT, "")
    if not said:
        raise NotChosen(on_hub=by_hub(parent))
    if not ID.fullmatch(said):
        raise BadChoice(said)
    prefix, name = parent.get(PREFIX, ""), ""
    if not prefix:
        prefix, name = _looked_up(said, site_map)
    if not prefix.startswith("/"):
        raise BadPlace(said, prefix, "is no absolute path")
    if not is_folder(prefix):
        raise BadPlace(said, prefix, "is no folder")
    return Target(name or _called_by_conda(Path(prefix), parent), prefix=Path(prefix))


def settled(
    config: KernelConfig, parent: Mapping[str, str], site_map: Path = SITE_MAP
) -> KernelConfig:
    """The configuration with its environment's name and prefix, where the Hub is to say them.

    Any other, and one that is settled already, comes back as it is.  Raises as `target`.
    """
    if not config.from_hub or config.place is not None:
        return config
    chosen = target(parent, site_map)
    return replace(config, environment=chosen.name, prefix=str(chosen.place))


def _called_by_conda(prefix: Path, parent: Mapping[str, str]) -> str:
    # Imported here: no other kernel's launch needs it.
    from go_kernel.conda.discovery import name_of, root_prefixes

    return name_of(prefix, root_prefixes(parent))


def _looked_up(said: str, site_map: Path) -> tuple[str, str]:
    """Prefix and name of an id, as the site's map says them; the name is "" where it doesn't."""
    environments = _environments(site_map)
    if said not in environments:
        raise UnknownChoice(said, site_map)
    entry = environments[said]
    if not isinstance(entry, dict):
        raise BadSiteMap(site_map, f"what {site_map} says of {said!r} is no JSON object")
    unknown = sorted(entry.keys() - _KEYS)
    if unknown:
        raise BadSiteMap(site_map, f"{site_map} says {_shown(unknown[0])} of {said!r}")
    prefix, name = entry.get("prefix"), entry.get("name", "")
    if not isinstance(prefix, str) or not prefix:
        raise BadSiteMap(site_map, f"{site_map} names no prefix of {said!r}")
    if not isinstance(name, str) or not name.isprintable():
        raise BadSiteMap(site_map, f"the name of {said!r} in {site_map} is no printable text")
    return prefix, name


def _environments(site_map: Path) -> dict[str, Any]:
    """What the map holds; raises BadSiteMap where others than root could have written it."""
    try:
        _check_roots_alone(site_map)
        content = json.loads(site_map.read_bytes())
    except FileNotFoundError as error:
        raise BadSiteMap(
            site_map,
            f"there is no {site_map}",
            "Ask the administrator to write it into the image, or to let the Hub name the prefix.",
        ) from error
    except OSError as error:
        raise BadSiteMap(site_map, f"{site_map} can't be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise BadSiteMap(site_map, f"{site_map} is no JSON") from error
    environments = content.get("environments") if isinstance(content, dict) else None
    if not isinstance(environments, dict):
        raise BadSiteMap(site_map, f'{site_map} is no JSON object with "environments"')
    return environments


def _check_roots_alone(site_map: Path) -> None:
    """Raise BadSiteMap unless root alone can change the file, or what leads to it."""
    status = None
    for step, status in way_to(site_map):
        problem = _foreign(status)
        if problem:
            raise BadSiteMap(
                site_map,
                f"{step} {problem}, and only root may be able to write the map, its folders and "
                "links",
                f"Let root own {step}, and nobody else write it.",
            )
    if status is None or not stat.S_ISREG(status.st_mode):
        raise BadSiteMap(site_map, f"{site_map} is no file")


def _foreign(status: os.stat_result) -> str:
    """Who else than root could change this; "" for nobody."""
    if status.st_uid != 0:
        return f"belongs to user {status.st_uid}"
    # Anybody's mode on a link says nothing: its folder decides who may replace it.
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not stat.S_ISLNK(status.st_mode):
        return "is writable by others"
    return ""


def _shown(text: str) -> str:
    """Text from anywhere, short, on one line."""
    return ascii(text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "...")
