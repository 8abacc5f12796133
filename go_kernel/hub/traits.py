"""The settings that the mixin has, as traits: what the administrator may say.

Any value is taken when it is set, and checked by `settings` where it is used: what
traitlets raises would show the value, which may hold a password, and would end in a
traceback at each request of each user.  `go_kernel.hub.check` checks a configuration
before the Hub starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from traitlets import Bool, Callable, Dict, Float, Unicode, Union, default
from traitlets.config import Configurable

from go_kernel.hub import kinds

if TYPE_CHECKING:
    from go_kernel.hub.spawner_type import SpawnerType as _Spawner
else:
    _Spawner = Configurable


class Setting(Union):  # type: ignore[misc, unused-ignore]
    """One of these types for documentation, defaults and command lines; takes anything."""

    def validate(self, obj: Any, value: Any) -> Any:
        """As it is."""
        return value


class GoTraits(_Spawner):
    """What `c.GoSpawnerMixin` sets."""

    go_environments = Setting(
        [Dict(), Callable()],
        help="""
        The Go environments that users may choose: a dict, or a callable that gets the
        spawner and gives one. Keys are ids (small letters, digits, `.`, `_`, `-`); values
        are dicts with `prefix` (the environment's path; needed where the Hub sees the
        server's files), `display_name`, `allowed_users` and `allowed_groups` (with neither
        list everybody may choose it, with both either is enough).
        """,
    ).tag(config=True)
    go_default = Setting(
        [Unicode(), Callable()],
        help="""
        The id of the environment of those who choose none; a callable gets the spawner.
        Empty, or where the user may not have it: the first that they may have.
        """,
    ).tag(config=True)
    allow_user_choice = Setting(
        [Bool(True)], help="Whether users may choose; if not, all get what `go_default` says."
    ).tag(config=True)
    gopath = Setting(
        [Unicode(), Callable()],
        help="""
        GOPATH, an absolute path, with {username} (escaped: letters, digits, dashes),
        {unescaped_username}, {servername}, {unescaped_servername} and {environment} (the
        id) in it. Where servers share the Hub's files, one of the first two has to be a
        folder's whole name. Empty: Go's own place below the user's home. A callable gets
        the spawner and gives such a text.
        """,
    ).tag(config=True)
    gomodcache = Setting([Unicode(), Callable()], help="GOMODCACHE, as `gopath`.").tag(config=True)
    gocache = Setting([Unicode(), Callable()], help="GOCACHE, as `gopath`.").tag(config=True)
    goproxy = Setting(
        [Unicode(), Callable()],
        help="GOPROXY, where modules come from; a callable gets the spawner.",
    ).tag(config=True)
    gosumdb = Setting(
        [Unicode(), Callable()], help="GOSUMDB, the checksum database; as `goproxy`."
    ).tag(config=True)
    goprivate = Setting(
        [Unicode(), Callable()], help="GOPRIVATE, patterns of private modules; as `goproxy`."
    ).tag(config=True)
    go_variables = Setting(
        [Dict()],
        help="""
        More variables that are policy: names to texts, or to callables that get the spawner
        (None: not set). The administrator alone may set those that run programs (GOFLAGS,
        CC). What `c.Spawner.environment` sets wins.
        """,
    ).tag(config=True)
    go_activation_timeout = Setting(
        [Float(20.0)],
        help="Seconds for looking at an environment's files and running its scripts.",
    ).tag(config=True)
    go_shares_files = Setting(
        [Bool()],
        help="""
        Whether the user's server sees the files that the Hub sees. By default: yes for
        local processes, systemd, sudo and batch systems, no for everything else.
        """,
    ).tag(config=True)

    @default("go_shares_files")
    def _default_go_shares_files(self) -> bool:
        return kinds.kind_of(type(self)).shares_files
