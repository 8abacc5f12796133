"""What a JupyterHub decided for its server, as data: for the panel's head."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from go_kernel import hub_choice
from go_kernel.findings import GoKernelError
from go_kernel.health.context import Surroundings
from go_kernel.health.subject import id_of
from go_kernel.layers import JUPYTERHUB, by_hub, named
from go_kernel.printable import printable
from go_kernel.variables import masked


def by_jupyterhub(around: Surroundings) -> dict[str, Any] | None:
    """The Go that it chose and the variables that it sets, secrets masked; None for neither.

    `environment` is the id of a subject, `name` what it is called, both "" where none was
    chosen; `problem` says why the chosen one can't be used.
    """
    policy = _policy(around.env)
    if not by_hub(around.env) or not (policy or hub_choice.given(around.env)):
        return None
    return {**_choice(around), "policy": policy}


def _choice(around: Surroundings) -> dict[str, str]:
    if not hub_choice.given(around.env):
        return {"environment": "", "name": "", "problem": ""}
    try:
        target = hub_choice.target(around.env, around.site_map)
    except (GoKernelError, OSError) as error:
        said = around.env[hub_choice.ENVIRONMENT]
        name = said if hub_choice.ID.fullmatch(said) else ""
        return {"environment": "", "name": name, "problem": printable(str(error))}
    return {"environment": id_of(target.place), "name": printable(target.name), "problem": ""}


def _policy(env: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {"name": name, "value": printable(masked(name, value)), "origin": JUPYTERHUB}
        for name, value in named(env).items()
    ]
