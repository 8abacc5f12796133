"""What is ours, put into the variables that a spawner has made for a server."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from go_kernel.hub import policy
from go_kernel.hub.activated import Activated
from go_kernel.hub.names import ENVIRONMENT, PREFIX

# The server has a Python of its own, its configuration, its certificates and its user; what
# would replace these, or run code before it does, is for kernels and terminals, which
# activate the environment again.
_SERVERS_OWN = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|XDG_\w*|GOKERNEL_\w*"
    r"|PYTHON\w*|IPYTHON\w*|JUPYTER\w*|JPY\w*|NODE_\w*|CONFIGPROXY_\w*|GIT_\w*"
    r"|LD_\w*|DYLD_\w*|BASH_ENV|ENV|SHELLOPTS|BASHOPTS|BASH_FUNC_.*|IFS"
    r"|SSL_CERT_\w*|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE",
    re.DOTALL,
)


@dataclass(frozen=True)
class Sent:
    """What the Hub has to say to one server; `activated` None: nothing of the prefix."""

    id: str = ""
    prefix: str = ""
    policy: Mapping[str, str] = field(default_factory=dict)
    activated: Activated | None = None


def put(
    env: dict[str, str],
    sent: Sent,
    *,
    administrators: Collection[str],
    inherited: Collection[str],
    as_sent: Callable[[str], str] = str,
    usual_path: str = "",
) -> None:
    """Put what is sent into `env`.

    The names `administrators` (of the Hub's `environment`) stay as they are; `inherited`
    are those that come from the Hub's own process and may be replaced.  `as_sent` says
    how a value has to be written to arrive as it is.  `usual_path` is the PATH of a server
    that is given none; without it PATH is only added to where there is one.
    """

    def say(name: str, value: str) -> None:
        if name not in administrators:
            env[name] = as_sent(value)

    for name in (ENVIRONMENT, PREFIX):
        if name in inherited and name not in administrators:
            env.pop(name, None)
    # Who sets one of the two has chosen another environment.
    if sent.id and not {ENVIRONMENT, PREFIX} & {*administrators}:
        say(ENVIRONMENT, sent.id)
        if sent.prefix:
            say(PREFIX, sent.prefix)
        if sent.activated:
            _activate(env, sent.activated, administrators, inherited, as_sent)
            if "PATH" not in administrators and env.get("PATH", usual_path):
                env["PATH"] = _with_folders(env.get("PATH", usual_path), sent.activated)
    for name, value in sent.policy.items():
        say(name, value)
    marked = [*sent.policy, *policy.of_administrator(administrators)]
    if marked:
        stated = str(env.get(policy.MARKER, "")) if policy.MARKER in administrators else ""
        env[policy.MARKER] = policy.marker(marked, stated)


def names(sent: Sent, administrators: Collection[str]) -> list[str]:
    """The names of all that is put into a server's variables, or stands there in its place."""
    everything: dict[str, str] = {}
    put(everything, sent, administrators=administrators, inherited=())
    return [*everything]


def sets_path(sent: Sent, administrators: Collection[str]) -> bool:
    """Whether the environment's folders may come first on the server's PATH."""
    return bool(sent.activated and sent.activated.front) and "PATH" not in administrators


def _activate(
    env: dict[str, str],
    activated: Activated,
    administrators: Collection[str],
    inherited: Collection[str],
    as_sent: Callable[[str], str],
) -> None:
    for name, value in activated.variables.items():
        spawners = name in env and name not in inherited
        if name in administrators or spawners or _SERVERS_OWN.fullmatch(name):
            continue
        if value is None:
            env.pop(name, None)
        else:
            env[name] = as_sent(value)


def _with_folders(path: str, activated: Activated) -> str:
    own = (*activated.front, *activated.back)
    middle = [entry for entry in path.split(os.pathsep) if entry not in own]
    return os.pathsep.join((*activated.front, *middle, *activated.back))
