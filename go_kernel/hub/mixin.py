"""The mixin: between a JupyterHub spawner and what the other files here know.

It adds to what the spawner does, by `super()` alone.  All that looks at files happens in
`start`, off the event loop; `get_env` only puts together.
"""

from __future__ import annotations

import functools
import os
from inspect import isawaitable
from typing import Any

from go_kernel.findings import GoKernelError
from go_kernel.hub import (
    activated,
    batch,
    choice,
    classes,
    command,
    injection,
    kinds,
    policy,
    settings,
    templates,
)
from go_kernel.hub.chooser import GoChooser
from go_kernel.hub.errors import (
    Broken,
    Malformed,
    NoServerCommand,
    NoThread,
    Refused,
    TookTooLong,
)
from go_kernel.hub.looks import Looks
from go_kernel.hub.names import ID, OPTION
from go_kernel.hub.told import told

_LOOKS = Looks()
# Scripts, and the look at the prefix before them, get less than the whole look may take,
# so that it is they who are named.
_SCRIPTS_SHARE = 0.6


class GoSpawnerMixin(GoChooser):
    """Gives each server the Go that its user chose, of those that the administrator offers.

    To be written before a spawner's class: `class GoKube(GoSpawnerMixin, KubeSpawner)`.
    """

    _go_starting = False
    _go_id = ""
    _go_activated: activated.Activated | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        classes.check(cls, GoSpawnerMixin)

    # Starting a server.

    async def start(self) -> Any:
        """Find out what the chosen environment sets, then start as the spawner does."""
        before = self._go_changed()
        self._go_starting, self._go_answers = True, {}
        try:
            try:
                if choice.asked_for(self.user_options) is None:
                    self._go_forget()
                await self._go_prepare()
            except GoKernelError as error:
                raise self._go_told(error) from error
            result: Any = super().start()
            return await result if isawaitable(result) else result
        finally:
            self._go_starting, self._go_answers = False, None
            for name, value in before.items():
                setattr(self, name, value)

    def get_env(self) -> dict[str, Any]:
        """The spawner's variables and ours; opens no file and starts no process."""
        env = super().get_env()
        try:
            sent = self._go_sent()
        except GoKernelError as error:
            # Some spawners ask while a server runs, and that one is none the worse.
            if self._go_starting:
                raise self._go_told(error) from error
            return env
        kind = kinds.kind_of(type(self))
        policy.clear(env, self.environment, self.env_keep)
        injection.put(
            env,
            sent,
            administrators=self.environment.keys(),
            inherited=self.env_keep,
            as_sent=_doubled if kind.expands else str,
            usual_path=kind.path,
        )
        policy.settle(env, self.environment)
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
        self._go_activated = None
        shared = self._go_shared()
        if not shared and self._go_overridden("profile_list"):
            return  # all is settled in `get_env`
        chosen = self._go_choice()
        # What a submission runs with is root's or the Hub's: nothing of an environment.
        activates = shared and not kinds.kind_of(type(self)).submits
        if chosen and chosen.offer.prefix and activates:
            self._go_activated = await self._go_look(chosen)
        sent = self._go_sent()
        if injection.sets_path(sent, self.environment):
            await self._go_find_commands()
        if self.has_trait("req_keepvars"):
            self.req_keepvars: str  # batchspawner's
            ours = injection.names(sent, self.environment)
            self.req_keepvars = batch.kept(self.req_keepvars, ours)

    async def _go_look(self, chosen: choice.Choice) -> activated.Activated | None:
        """What the environment sets; None where it is unusable, and nobody asked for it."""
        offer, limit = chosen.offer, self._go_seconds()
        assert offer.prefix is not None
        call = functools.partial(
            activated.look, offer.id, offer.prefix, dict(os.environ), limit * _SCRIPTS_SHARE
        )
        try:
            found: activated.Activated = await _LOOKS.look((offer.id, offer.prefix), call, limit)
        except TimeoutError:
            problem: Broken | NoThread = TookTooLong(offer.id, offer.prefix, limit)
        except (Broken, NoThread) as error:
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

    def _go_changed(self) -> dict[str, Any]:
        """What a start changes of the spawner's settings, as it is to be again after it."""
        listed = ("req_keepvars",) if self.has_trait("req_keepvars") else ()
        own = {name: getattr(self, name) for name in listed}
        return {**self._go_commands(), **self._go_callables(), **own}

    def _go_commands(self) -> dict[str, list[str]]:
        """The spawner's commands, where the Hub looks them up."""
        if not kinds.kind_of(type(self)).own_command:
            return {}
        names = ("cmd", "shell_cmd")
        return {name: getattr(self, name) for name in names if self.has_trait(name)}

    def _go_callables(self) -> dict[str, Any]:
        """The administrator's `environment`, where asking for PATH would call it once more."""
        stated = self.environment
        again = kinds.kind_of(type(self)).own_command and any(map(callable, stated.values()))
        return {"environment": stated} if again else {}

    def _go_seconds(self) -> float:
        return settings.seconds("go_activation_timeout", self.go_activation_timeout)

    async def _go_find_commands(self) -> None:
        if self._go_callables():
            self.environment = settings.remembered(self.environment)
        own = super().get_env().get("PATH") or os.environ.get("PATH", os.defpath)
        path = os.pathsep.join([*self._go_extra_paths(), own])
        for name, argv in self._go_commands().items():
            call = functools.partial(command.found, argv, path)
            try:
                found = await _LOOKS.look((*argv, path), call, self._go_seconds())
            except TimeoutError as error:
                raise NoServerCommand(argv[0], "was not found in time") from error
            setattr(self, name, found)

    def _go_extra_paths(self) -> list[str]:
        """Systemdspawner's folders before PATH, in which it looks first."""
        expanded: Any = getattr(self, "_expand_user_vars", str)
        return [expanded(folder) for folder in getattr(self, "extra_paths", ())]

    def _go_told(self, error: GoKernelError) -> Exception:
        """What `start` raises; a refused choice is not asked for again by the next one."""
        if isinstance(error, Refused | Malformed):
            self._go_forget()
        return told(error, self.log)

    def _go_forget(self) -> None:
        """Store no choice, for later starts; `""` is none, either."""
        stored = self.orm_spawner.user_options if self.orm_spawner else None
        if isinstance(stored, dict) and OPTION in stored:
            rest = {name: value for name, value in stored.items() if name != OPTION}
            self.orm_spawner.user_options = rest

    # What is in force for this server.

    def _go_sent(self) -> injection.Sent:
        chosen, shared = self._go_choice(), self._go_shared()
        id = chosen.offer.id if chosen else ""
        prefix = chosen.offer.prefix if chosen and shared else None
        if self._go_starting:
            self._go_id = id
        activation = self._go_activated
        return injection.Sent(
            id,
            str(prefix or ""),
            settings.policy_of(
                self,
                templates.fields(self.user.name, self.name, id),
                shared=shared,
            ),
            activation if activation and activation.prefix == prefix else None,
        )


def _doubled(value: str) -> str:
    """Kubernetes replaces `$(NAME)`, and takes `$$` for `$`.

    ref: https://kubernetes.io/docs/reference/kubernetes-api/ (env of a container)
    """
    return value.replace("$", "$$")
