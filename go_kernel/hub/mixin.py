"""The mixin: between a JupyterHub spawner and what the other files here know.

It adds to what the spawner does, by `super()` alone.  All that looks at files happens in
`start`, off the event loop; `get_env` only puts together.
"""

from __future__ import annotations

import copy
import functools
import os
from collections.abc import Mapping
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from traitlets import Bool, Callable, Dict, Float, TraitError, Unicode, Union, default, validate
from traitlets.config import Configurable

from go_kernel.findings import GoKernelError
from go_kernel.hub import (
    activated,
    batch,
    choice,
    classes,
    command,
    form,
    injection,
    kinds,
    policy,
    settings,
    templates,
)
from go_kernel.hub import offers as offers_of
from go_kernel.hub.errors import Broken, HubError, Malformed, Refused, TookTooLong
from go_kernel.hub.looks import Looks
from go_kernel.hub.names import ID, OPTION
from go_kernel.hub.told import told

if TYPE_CHECKING:
    from go_kernel.hub.spawner_type import SpawnerType as _Spawner
else:
    _Spawner = Configurable

_LOOKS = Looks()
# Scripts get less than the whole look may take, so that it is they who are named.
_SCRIPTS_SHARE = 0.75


class GoSpawnerMixin(_Spawner):
    """Gives each server the Go that its user chose, of those that the administrator offers.

    To be written before a spawner's class: `class GoKube(GoSpawnerMixin, KubeSpawner)`.
    """

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

    _go_starting = False
    _go_id = ""
    _go_activated: activated.Activated | None = None
    _go_parsed: tuple[Any, bool, dict[str, offers_of.Offer]] = ({}, False, {})

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        classes.check(cls, GoSpawnerMixin)

    @default("go_shares_files")
    def _default_go_shares_files(self) -> bool:
        return kinds.kind_of(type(self)).shares_files

    @validate("go_environments")
    def _check_go_environments(self, proposal: Any) -> Any:
        return self._go_checked(proposal.value, self._go_parse)

    @validate("go_default")
    def _check_go_default(self, proposal: Any) -> Any:
        if proposal.value and not callable(proposal.value) and not ID.fullmatch(proposal.value):
            raise TraitError(f"c.GoSpawnerMixin.go_default can't be {proposal.value!r}: no id.")
        return proposal.value

    @validate("gopath", "gomodcache", "gocache")
    def _check_place(self, proposal: Any) -> Any:
        check = functools.partial(templates.check, proposal.trait.name, shared=self.go_shares_files)
        return self._go_checked(proposal.value, check) if proposal.value else ""

    @validate("goproxy", "gosumdb", "goprivate")
    def _check_text(self, proposal: Any) -> Any:
        check = functools.partial(policy.check_text, proposal.trait.name)
        return self._go_checked(proposal.value, check)

    @validate("go_variables")
    def _check_go_variables(self, proposal: Any) -> Any:
        return self._go_checked(proposal.value, policy.check_variables)

    @staticmethod
    def _go_checked(value: Any, check: Any) -> Any:
        try:
            if not callable(value):
                check(value)
        except HubError as error:
            raise TraitError(str(error)) from error
        return value

    # What users choose by: the page's form, a query, the REST API's JSON.

    async def get_options_form(self) -> str:
        """The spawner's own form, and below it the choice where there is one."""
        before = await super().get_options_form() or ""
        try:
            return before + self._go_select()
        except GoKernelError as error:
            raise told(error, self.log) from error

    def run_options_from_form(self, form_data: dict[str, Any]) -> Any:
        """The spawner's own options, and the id that was chosen; the rest is checked at start."""
        rest, chosen = self._go_taken_from(form_data)
        return _added(super().run_options_from_form(rest), chosen)

    def options_from_query(self, query_data: dict[str, Any]) -> Any:
        """As `run_options_from_form`."""
        rest, chosen = self._go_taken_from(query_data)
        return _added(super().options_from_query(rest), chosen)

    async def _run_apply_user_options(self, user_options: dict[str, Any]) -> None:
        # The spawner would log that nobody handles ours.
        rest = {name: value for name, value in user_options.items() if name != OPTION}
        await super()._run_apply_user_options(rest)

    def _go_taken_from(self, fields: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
        rest = {name: value for name, value in fields.items() if name != OPTION}
        if OPTION not in fields:
            return rest, None
        said = fields[OPTION]
        try:
            alone = isinstance(said, list) and len(said) == 1
            chosen = choice.well_formed(said[0] if alone else None)
            # What groups change is known when the server starts.
            if not getattr(self, "group_overrides", None):
                self._go_choice(chosen)
        except GoKernelError as error:
            raise told(error, self.log) from error
        return rest, chosen

    def _go_select(self) -> str:
        if not self.allow_user_choice:
            return ""
        offers = self._go_offers()
        offered = choice.offered(offers, self.user.name, self._go_groups)
        last = self.user_options.get(OPTION)
        ids = [offer.id for offer in offered]
        if last not in ids:
            usual = choice.default_of(offers, self._go_default(), self.user.name, self._go_groups)
            last = usual.id if usual else ""
        return form.select(offered, last)

    # Starting a server.

    async def start(self) -> Any:
        """Find out what the chosen environment sets, then start as the spawner does."""
        commands = self._go_commands()
        self._go_starting = True
        try:
            try:
                await self._go_prepare()
            except GoKernelError as error:
                raise told(error, self.log) from error
            result: Any = super().start()
            return await result if isawaitable(result) else result
        finally:
            self._go_starting = False
            for name, argv in commands.items():
                setattr(self, name, argv)

    def get_env(self) -> dict[str, Any]:
        """The spawner's variables and ours; opens no file and starts no process."""
        env = super().get_env()
        try:
            sent = self._go_sent()
        except GoKernelError as error:
            # Some spawners ask while a server runs, and that one is none the worse.
            if self._go_starting:
                raise told(error, self.log) from error
            return env
        kind = kinds.kind_of(type(self))
        injection.put(
            env,
            sent,
            administrators=self.environment.keys(),
            inherited=self.env_keep,
            as_sent=_doubled if kind.expands else str,
            usual_path=kind.path,
        )
        return env

    def get_state(self) -> dict[str, Any]:
        """The spawner's state, and the id of the environment."""
        state = super().get_state()
        return {**state, OPTION: self._go_id} if self._go_id else state

    def load_state(self, state: dict[str, Any]) -> None:
        """Take up the spawner's state, and the id."""
        super().load_state(state)
        said = state.get(OPTION)
        self._go_id = said if isinstance(said, str) and ID.fullmatch(said) else ""

    def clear_state(self) -> None:
        """Forget both."""
        super().clear_state()
        self._go_id, self._go_activated = "", None

    @property
    def chosen_go_environment(self) -> str:
        """The id of the environment that the running server was given; "" for none."""
        return self._go_id

    async def _go_prepare(self) -> None:
        try:
            chosen = self._go_choice()
        except (Refused, Malformed):
            self._go_forget()
            raise
        self._go_activated = None
        if chosen and chosen.offer.prefix and self.go_shares_files:
            self._go_activated = await self._go_look(chosen)
        sent = self._go_sent()
        if injection.sets_path(sent, self.environment):
            await self._go_find_commands()
        if self.has_trait("req_keepvars"):
            self.req_keepvars: str
            ours = injection.names(sent, self.environment)
            self.req_keepvars = batch.kept(self.req_keepvars, ours)

    async def _go_look(self, chosen: choice.Choice) -> activated.Activated | None:
        """What the environment sets; None where it is unusable, and nobody asked for it."""
        offer, limit = chosen.offer, self.go_activation_timeout
        assert offer.prefix is not None
        call = functools.partial(
            activated.look, offer.id, offer.prefix, dict(os.environ), limit * _SCRIPTS_SHARE
        )
        try:
            found: activated.Activated = await _LOOKS.look((offer.id, offer.prefix), call, limit)
        except TimeoutError:
            problem: Broken = TookTooLong(offer.id, offer.prefix, limit)
        except Broken as error:
            problem = error
        else:
            if found.untrusted:
                self.log.info(
                    "The activation of %s is left to the server: %s.",
                    found.prefix,
                    found.untrusted,
                )
            for note in found.notes:
                self.log.warning("%s", note)
            return found
        if chosen.explicit:
            raise problem
        self.log.warning("%s The server starts without it.", problem.summary)
        return None

    def _go_commands(self) -> dict[str, list[str]]:
        """The spawner's commands, as they are to be again when the server has started."""
        if not kinds.kind_of(type(self)).own_command:
            return {}
        names = ("cmd", "shell_cmd")
        return {name: getattr(self, name) for name in names if self.has_trait(name)}

    async def _go_find_commands(self) -> None:
        path = os.pathsep.join([*self._go_extra_paths(), os.environ.get("PATH", os.defpath)])
        for name, argv in self._go_commands().items():
            call = functools.partial(command.found, argv, path)
            limit = self.go_activation_timeout
            setattr(self, name, await _LOOKS.look((name, *argv, path), call, limit))

    def _go_extra_paths(self) -> list[str]:
        """Systemdspawner's folders before PATH, in which it looks first."""
        expanded: Any = getattr(self, "_expand_user_vars", str)
        return [expanded(folder) for folder in getattr(self, "extra_paths", ())]

    def _go_forget(self) -> None:
        """Let the next start, where nothing is chosen anew, not ask for the same again."""
        stored = self.orm_spawner.user_options if self.orm_spawner else None
        if isinstance(stored, dict) and OPTION in stored:
            rest = {name: value for name, value in stored.items() if name != OPTION}
            self.orm_spawner.user_options = rest

    # What is in force for this server.

    def _go_sent(self) -> injection.Sent:
        chosen = self._go_choice()
        id = chosen.offer.id if chosen else ""
        prefix = chosen.offer.prefix if chosen and self.go_shares_files else None
        if self._go_starting:
            self._go_id = id
        activation = self._go_activated
        return injection.Sent(
            id,
            str(prefix or ""),
            settings.policy_of(
                self,
                templates.fields(self.user.name, self.name, id),
                shared=self.go_shares_files,
            ),
            activation if activation and activation.prefix == prefix else None,
        )

    def _go_choice(self, asked: str | None = None) -> choice.Choice | None:
        return choice.choose(
            self._go_offers(),
            asked or choice.asked_for(self.user_options),
            self._go_default(),
            self.user.name,
            self._go_groups,
            free=self.allow_user_choice,
        )

    def _go_default(self) -> str:
        return settings.text("go_default", self)

    def _go_groups(self) -> frozenset[str]:
        return frozenset(group.name for group in self.user.groups)

    def _go_offers(self) -> dict[str, offers_of.Offer]:
        stated = settings.called("go_environments", self.go_environments, self)
        return self._go_parse(stated)

    def _go_parse(self, stated: Any) -> dict[str, offers_of.Offer]:
        """The map, parsed anew only where it has changed (in place, by group_overrides)."""
        known, shared, offers = self._go_parsed
        if stated != known or shared != self.go_shares_files:
            offers = offers_of.parse(stated, prefix_needed=self.go_shares_files)
            self._go_parsed = (copy.deepcopy(stated), self.go_shares_files, offers)
        return offers


def _added(options: Any, chosen: str | None) -> Any:
    """Options with the chosen id; an administrator's own function may be async."""
    if chosen is None:
        return options
    if isawaitable(options):
        return _added_later(options, chosen)
    return {**(options or {}), OPTION: chosen}


async def _added_later(options: Any, chosen: str) -> Any:
    return _added(await options, chosen)


def _doubled(value: str) -> str:
    """Kubernetes replaces `$(NAME)`, and takes `$$` for `$`.

    ref: https://kubernetes.io/docs/reference/kubernetes-api/ (env of a container)
    """
    return value.replace("$", "$$")
