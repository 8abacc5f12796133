"""The part of the mixin that users choose by: the page's form, a query, the REST API's JSON."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from inspect import isawaitable
from typing import Any

from go_kernel.findings import GoKernelError
from go_kernel.hub import choice, form, settings
from go_kernel.hub import offers as offers_of
from go_kernel.hub.names import OPTION
from go_kernel.hub.told import told
from go_kernel.hub.traits import GoTraits


class GoChooser(GoTraits):
    """Offers environments, and takes the id of one out of what users send."""

    _go_parsed: tuple[Any, bool, dict[str, offers_of.Offer]] = ({}, False, {})

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
            if not self._go_overridden("group_overrides", "profile_list"):
                self._go_choice(chosen)
        except GoKernelError as error:
            raise told(error, self.log) from error
        return rest, chosen

    def _go_overridden(self, *names: str) -> bool:
        """Whether one of these may still change our settings: groups, or kubespawner's profiles."""
        return any(bool(getattr(self, name, None)) for name in names)

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
