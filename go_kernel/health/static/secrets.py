"""Do credentials of proxies, or in kernels' settings, lie where others may read them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from go_kernel import taking_back, variables
from go_kernel.environment import Origin
from go_kernel.files import is_folder, others_may_read
from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import Answer, Check, info, ok, warn
from go_kernel.health.context import Context
from go_kernel.health.static.looks import of_variables
from go_kernel.health.static.origins import file_of
from go_kernel.offline import applied


@dataclass(frozen=True)
class _Secret:
    """A variable that holds one, and where it stands; `file` None for a process's memory."""

    name: str
    shown: str
    place: str
    file: Path | None
    origin: Origin | None = None


@of_variables
def _secrets(context: Context) -> Answer:
    found = {(one.name, one.file): one for one in (*_of_proxies(context), *_in_specs(context))}
    return [_said(one) for one in found.values()] or ok("No proxy's address holds a password.")


def _of_proxies(context: Context) -> Iterator[_Secret]:
    for name, variable in context.resolved.environment.variables.items():
        value = variable.value or ""
        shown = variables.masked(name, value)
        if variables.is_proxy(name) and shown != value:
            origin = applied.without(variable)[1] or variable.origin
            yield _Secret(name, shown, str(origin), file_of(context, origin), origin)


def _in_specs(context: Context) -> Iterator[_Secret]:
    for kernel in context.subject.kernels:
        file = kernel.folder / "kernel.json"
        env = kernel.content.get("env")
        written = {
            **(env if isinstance(env, Mapping) else {}),
            **(kernel.config.settings if kernel.config else {}),
        }
        for name, value in written.items():
            shown = variables.masked(str(name), str(value))
            if shown != str(value):
                yield _Secret(str(name), shown, str(file), file)


# Go looks into netrc for the hosts of GOPROXY and of modules, and never for a proxy's.
# ref: https://go.dev/src/cmd/go/internal/auth/netrc.go
_FOR_MODULES = Remedy("Put it into a netrc file that only you can read, and set NETRC to its path.")
_FOR_PROXIES = Remedy(
    "Use a proxy that asks for no password, or set it only in a file that only you can read."
)


def _is_way_out(name: str) -> bool:
    """Whether a variable names what requests go through, and not where they go to."""
    return name.upper() in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "FTP_PROXY")


def _said(secret: _Secret) -> Finding:
    keep_apart = _FOR_PROXIES if _is_way_out(secret.name) else _FOR_MODULES
    if secret.origin is not None:
        keep_apart = taking_back.by_asking(keep_apart, secret.name, secret.origin)
    public = secret.file and [*_readable(secret.file)]
    if public:
        text = f"{secret.name} holds a password or token, and others may read {public[0]}."
        return warn(text, keep_apart, evidence=f"{secret.name}={secret.shown}")
    text = f"{secret.name} holds a password or token ({secret.place}); only you can read it."
    return info(text, keep_apart, evidence=f"{secret.name}={secret.shown}")


def _readable(path: Path) -> Iterator[Path]:
    """The files at `path` that others may read: itself, or those in the folder it is."""
    for file in sorted(path.iterdir()) if is_folder(path) else [path]:
        if others_may_read(file):
            yield file


SECRETS = Check(
    "proxy.secrets",
    "No passwords lie about",
    _secrets,
    broken_by="GOPROXY, HTTPS_PROXY or a kernel's setting holds a password, in a readable file.",
    mended_by="For GOPROXY a netrc file that only you can read; else a proxy without password.",
)
