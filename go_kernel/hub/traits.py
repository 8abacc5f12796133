"""The settings that the mixin has, as traits: what the administrator may say, checked.

They are checked when the Hub reads them, as far as that can be; what callables give, and
what `group_overrides` and profiles change, when a server starts.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from traitlets import Bool, Callable, Dict, Float, TraitError, Unicode, Union, default, validate
from traitlets.config import Configurable

from go_kernel.hub import choice, kinds, offers, policy, templates
from go_kernel.hub.errors import HubError

if TYPE_CHECKING:
    from go_kernel.hub.spawner_type import SpawnerType as _Spawner
else:
    _Spawner = Configurable


class GoTraits(_Spawner):
    """What `c.GoSpawnerMixin` sets."""

    go_environments = Union(
        [Dict(), Callable()],
        help="""
        The Go environments that users may choose: a dict, or a callable that gets the
        spawner and gives one. Keys are ids (small letters, digits, `.`, `_`, `-`); values
        are dicts with `prefix` (the environment's path; needed where the Hub sees the
        server's files), `display_name`, `allowed_users` and `allowed_groups` (with neither
        list everybody may choose it, with both either is enough).
        """,
    ).tag(config=True)
    go_default = Union(
        [Unicode(), Callable()],
        help="""
        The id of the environment of those who choose none; a callable gets the spawner.
        Empty, or where the user may not have it: the first that they may have.
        """,
    ).tag(config=True)
    allow_user_choice = Bool(
        True, help="Whether users may choose; if not, all get what `go_default` says."
    ).tag(config=True)
    gopath = Union(
        [Unicode(), Callable()],
        help="""
        GOPATH, an absolute path, with {username} (escaped: letters, digits, dashes),
        {unescaped_username}, {servername}, {unescaped_servername} and {environment} (the
        id) in it. Empty: Go's own place below the user's home. A callable gets the spawner
        and gives such a text.
        """,
    ).tag(config=True)
    gomodcache = Union([Unicode(), Callable()], help="GOMODCACHE, as `gopath`.").tag(config=True)
    gocache = Union([Unicode(), Callable()], help="GOCACHE, as `gopath`.").tag(config=True)
    goproxy = Union(
        [Unicode(), Callable()],
        help="GOPROXY, where modules come from; a callable gets the spawner.",
    ).tag(config=True)
    gosumdb = Union(
        [Unicode(), Callable()], help="GOSUMDB, the checksum database; as `goproxy`."
    ).tag(config=True)
    goprivate = Union(
        [Unicode(), Callable()], help="GOPRIVATE, patterns of private modules; as `goproxy`."
    ).tag(config=True)
    go_variables = Dict(
        help="""
        More variables that are policy: names to texts, or to callables that get the spawner
        (None: not set). The administrator alone may set those that run programs (GOFLAGS,
        CC). What `c.Spawner.environment` sets wins.
        """,
    ).tag(config=True)
    go_activation_timeout = Float(
        20.0,
        min=0.1,
        max=3600.0,
        help="Seconds for looking at an environment's files and running its scripts.",
    ).tag(config=True)
    go_shares_files = Bool(
        help="""
        Whether the user's server sees the files that the Hub sees. By default: yes for
        local processes, systemd, sudo and batch systems, no for everything else.
        """,
    ).tag(config=True)

    @default("go_shares_files")
    def _default_go_shares_files(self) -> bool:
        return kinds.kind_of(type(self)).shares_files

    @validate("go_environments")
    def _check_go_environments(self, proposal: Any) -> Any:
        check = functools.partial(offers.parse, prefix_needed=self.go_shares_files)
        return _checked(proposal.value, check)

    @validate("go_default")
    def _check_go_default(self, proposal: Any) -> Any:
        return _checked(proposal.value, choice.check_default)

    @validate("gopath", "gomodcache", "gocache")
    def _check_place(self, proposal: Any) -> Any:
        check = functools.partial(templates.check, proposal.trait.name, shared=self.go_shares_files)
        return _checked(proposal.value, check) if proposal.value else ""

    @validate("goproxy", "gosumdb", "goprivate")
    def _check_text(self, proposal: Any) -> Any:
        check = functools.partial(policy.check_text, proposal.trait.name)
        return _checked(proposal.value, check)

    @validate("go_variables")
    def _check_go_variables(self, proposal: Any) -> Any:
        return _checked(proposal.value, policy.check_variables)


def _checked(value: Any, check: Any) -> Any:
    """A setting that `check` has nothing against; raises TraitError, as traitlets wants it."""
    try:
        if not callable(value):
            check(value)
    except HubError as error:
        raise TraitError(str(error)) from error
    return value
