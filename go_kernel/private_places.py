"""GOPATH, GOMODCACHE and GOCACHE where the site said where: the user's own, or no launch.

Such a place is never replaced by another one.  It is made where it is missing, for the
user alone, and nobody else may be able to change what is in it or to put something
else in its place: what lies there is compiled into what the user runs.
"""

from __future__ import annotations

import os

from go_kernel import private_folders
from go_kernel.environment import GoEnvironment, Layer, Variable
from go_kernel.findings import Finding, GoKernelError
from go_kernel.layers import JUPYTERHUB
from go_kernel.private_folders import Unfit
from go_kernel.taking_back import administrator

PLACES = ("GOPATH", "GOMODCACHE", "GOCACHE")


class UnfitPlace(GoKernelError):
    """A place that the site gave, and that can't be the user's own."""

    id = "places.unfit"

    def __init__(self, variable: Variable, why: Unfit):
        by = variable.origin.detail
        who = by if by == JUPYTERHUB else "the site's policy"
        super().__init__(
            f"{variable.name}={variable.value}, set by {who}, can't be used, because {why.reason}.",
            f"{why.wanted}."
            if why.by_you
            else f"Ask {administrator(variable.origin)} to {why.wanted}.",
        )
        self.name = variable.name
        self.path = folder_of(variable)


def is_sites(variable: Variable | None) -> bool:
    """Whether it is a place that the site gave."""
    return (
        variable is not None
        and variable.name in PLACES
        and bool(variable.value)
        and variable.origin.layer is Layer.SITE
    )


def folder_of(variable: Variable) -> str:
    """The folder; of GOPATH's list the first, into which Go downloads and builds."""
    value = variable.value or ""
    return value.split(os.pathsep)[0] if variable.name == "GOPATH" else value


def problem(variable: Variable, misnamed: str = "") -> Finding | None:
    """An error where `make` would fail, or for a reason that is known; makes nothing."""
    try:
        if misnamed:
            raise Unfit(misnamed, "name another folder")
        private_folders.look(folder_of(variable), may_be_roots=_may_be_roots(variable))
    except (Unfit, OSError) as error:
        return UnfitPlace(variable, _unfit(error)).finding()
    return None


def make(environment: GoEnvironment) -> None:
    """Make the places that the site gave, and close them to others; raises UnfitPlace.

    All are looked at before one is made.
    """
    given = [environment.variables[name] for name in PLACES if name in environment.variables]
    for act in (private_folders.look, private_folders.make):
        for variable in filter(is_sites, given):
            try:
                act(folder_of(variable), may_be_roots=_may_be_roots(variable))
            except (Unfit, OSError) as error:
                raise UnfitPlace(variable, _unfit(error)) from error


def _may_be_roots(variable: Variable) -> bool:
    """A complete module cache that can only be read serves well: a site may share one."""
    return variable.name == "GOMODCACHE"


def _unfit(error: Unfit | OSError) -> Unfit:
    if isinstance(error, Unfit):
        return error
    return Unfit(f"it can't be looked at ({error.strerror or error})", "find out why")
