"""What can be wrong with the Hub's settings and with a user's choice.

`status` is HTTP's, for the page and the REST reply that tell the user.  What only the
administrator can mend is told to the user in one general sentence, and to the Hub's log
in full: a setting may name what is none of a user's business.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from go_kernel.findings import GoKernelError, Remedy


class HubError(GoKernelError):
    """Base of them all."""

    status = 500


class BadSetting(HubError):
    """A setting of the administrator's that can't be used; `name` is the trait's."""

    id = "hub.bad-setting"

    def __init__(self, name: str, reason: str):
        super().__init__(
            f"c.GoSpawnerMixin.{name} can't be used: {reason}.",
            "Mend it in the Hub's configuration, and start the Hub again.",
        )
        self.name = name
        self.reason = reason


class BadOffer(BadSetting):
    """One environment of the administrator's map; `key` is the part that is meant."""

    id = "hub.bad-environment"

    def __init__(self, environment: str, key: str, reason: str):
        place = f"{key!r} of {environment!r}" if key else repr(environment)
        super().__init__("go_environments", f"{place} {reason}")
        self.environment = environment
        self.key = key


class SettingsUnusable(HubError):
    """What the user is told of a BadSetting, or of a callable that failed."""

    id = "hub.settings-unusable"

    def __init__(self) -> None:
        super().__init__(
            "The Hub's settings for Go can't be used, so the server was not started.",
            "Tell the Hub's administrator: the Hub's log says what is wrong.",
        )


class Malformed(HubError):
    """A user's choice that can be no id."""

    id, status = "hub.malformed-choice", 400

    def __init__(self) -> None:
        super().__init__(
            "What was chosen as the Go environment is no id of one.",
            "Choose one of those that the Hub offers where the server is started.",
        )


class Refused(HubError):
    """An id that this user may not choose; whether there is such a one isn't told."""

    id, status = "hub.refused-choice", 403

    def __init__(self, asked: str, offered: Iterable[str]):
        super().__init__(
            f"The Go environment {asked!r} is not offered to you.", _one_of(tuple(offered))
        )
        self.asked = asked


class Broken(HubError):
    """A chosen environment that no kernel could use."""

    # Below 500: a Hub with a `consecutive_failure_limit` ends itself for failures of its own.
    id, status = "hub.broken-environment", 409

    def __init__(self, environment: str, reason: str):
        super().__init__(
            f"The Go environment {environment!r} can't be used now: {reason}",
            "Choose another one, or tell the Hub's administrator.",
        )
        self.environment = environment
        self.reason = reason


class TookTooLong(Broken):
    """A prefix that didn't answer in time, as one on a network file system that hangs."""

    id = "hub.took-too-long"

    def __init__(self, environment: str, prefix: Path, seconds: float):
        super().__init__(environment, f"{prefix} didn't answer within {seconds:g} s.")
        self.seconds = seconds


class NoThread(HubError):
    """The Hub's machine lets it start no more threads, so nothing was looked at."""

    id, status = "hub.no-thread", 503

    def __init__(self) -> None:
        super().__init__(
            "The Hub can't look at a Go environment now: it can start no more threads.",
            "Try again in a minute; the Hub's administrator may raise its limit of processes.",
        )


class NoServerCommand(HubError):
    """The server's program is nowhere but, perhaps, in the user's Go environment."""

    id = "hub.no-server-command"

    def __init__(self, command: str, problem: str = "is not on the Hub's PATH"):
        super().__init__(
            f"The server's command {command!r} {problem}.",
            "The Hub's administrator sets c.Spawner.cmd to its whole path.",
        )
        self.command = command


class WrongClass(HubError):
    """A class that the mixin can do nothing for."""

    id = "hub.wrong-class"

    def __init__(self, name: str, reason: str, remedy: str):
        super().__init__(f"The spawner class {name} can't work: {reason}.", remedy)
        self.name = name


def _one_of(offered: tuple[str, ...]) -> Remedy:
    if not offered:
        return Remedy("Start the server without choosing one; the Hub offers you none.")
    return Remedy(f"Choose one of these: {', '.join(offered)}.")
