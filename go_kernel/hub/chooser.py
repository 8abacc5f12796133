"""The part of the mixin that users choose by: the page's form, a query, the REST API's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import isawaitable
from typing import Any

from go_kernel.findings import GoKernelError
from go_kernel.hub import choice, form, overrides, settings
from go_kernel.hub import offers as offers_of
from go_kernel.hub.errors import BadSetting
from go_kernel.hub.names import OPTION
from go_kernel.hub.stated import NAMES, errors
from go_kernel.hub.told import told
from go_kernel.hub.traits import GoTraits

_MAPS = offers_of.Maps()
_CHOOSING = ("go_environments", "go_default", "allow_user_choice")
# Defaults that a callable's map lacked, as they were logged.
_lacking: set[str] = set()
_MOST_LACKING = 100


class GoChooser(GoTraits):
    """Offers environments, and takes the id of one out of what users send."""

    _go_known: offers_of.Known | None = None
    # What callables gave for the server that is being started.
    _go_answers: dict[str, tuple[Any, Any]] | None = None

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
            chosen = choice.asked_for({OPTION: said[0] if alone else None})
            if chosen is None:
                return rest, None
            if not self._go_overridden("group_overrides", "profile_list"):
                self._go_choice(chosen)
        except GoKernelError as error:
            raise told(error, self.log) from error
        return rest, chosen

    def _go_overridden(self, *names: str) -> bool:
        """Whether one of these may still change our settings: groups, or kubespawner's profiles."""
        return any(bool(getattr(self, name, None)) for name in names)

    def _go_select(self) -> str:
        stated = overrides.settled(self, NAMES, self._go_groups)
        # At the start it would be the same, and a traceback of the Hub's.
        for error in errors({**stated, "go_environments": {}, "go_default": ""}, self._go_shared()):
            raise error
        if not settings.flag("allow_user_choice", stated["allow_user_choice"]):
            return ""
        offers = self._go_offers(stated)
        default = self._go_default(stated, offers)
        user, groups = self.user.name, self._go_groups
        offered = choice.offered(offers, user, groups)
        usual = choice.default_of(offers, default, user, groups)
        return form.select(offered, usual, self.user_options.get(OPTION))

    def _go_choice(self, asked: str | None = None) -> choice.Choice | None:
        stated = {name: getattr(self, name) for name in _CHOOSING}
        offers = self._go_offers(stated)
        return choice.choose(
            offers,
            asked or choice.asked_for(self.user_options),
            self._go_default(stated, offers),
            self.user.name,
            self._go_groups,
            free=settings.flag("allow_user_choice", stated["allow_user_choice"]),
        )

    def _go_default(self, stated: Mapping[str, Any], offers: Mapping[str, offers_of.Offer]) -> str:
        """The default's id, which is in the map; a map of somebody's own may lack it."""
        default = settings.default(stated["go_default"], self)
        if not default or default in offers:
            return default
        if not callable(stated["go_environments"]):
            raise BadSetting("go_default", f"{default!r} is not in go_environments")
        if default not in _lacking and len(_lacking) < _MOST_LACKING:
            _lacking.add(default)
            self.log.warning(
                "c.GoSpawnerMixin.go_environments gave a map without go_default, %r, for %s, "
                "who gets the first of their own. It is not said again for others.",
                default,
                self.user.name,
            )
        return ""

    def _go_groups(self) -> frozenset[str]:
        return frozenset(group.name for group in self.user.groups)

    def _go_shared(self) -> bool:
        return settings.flag("go_shares_files", self.go_shares_files)

    def _go_offers(self, settled: Mapping[str, Any]) -> Mapping[str, offers_of.Offer]:
        """The map, parsed anew only where it has changed (in place, by group_overrides)."""
        stated = settings.called("go_environments", settled["go_environments"], self)
        known, shared = self._go_known, self._go_shared()
        if known is None or not known.is_of(stated, shared):
            known = self._go_known = _MAPS.parsed(stated, prefix_needed=shared)
        return known.offers


def _added(options: Any, chosen: str | None) -> Any:
    """Options with the chosen id; an administrator's own function may be async."""
    if chosen is None:
        return options
    if isawaitable(options):
        return _added_later(options, chosen)
    return {**(options or {}), OPTION: chosen}


async def _added_later(options: Any, chosen: str) -> Any:
    return _added(await options, chosen)
