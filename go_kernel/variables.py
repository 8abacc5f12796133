"""The one table of Go's, cgo's and the compilers' variables, and all lists made from it.

Each row answers three questions: may a kernel inherit it from the process that starts
it; can its value hold a secret; can its value make Go run somebody's program.  A
variable that runs code is never inherited: it comes from the environment's own
activation, from the site's administrator, or from a person's explicit `--set`.

ref: https://pkg.go.dev/cmd/go#hdr-Environment_variables
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

MASK = "***"


@dataclass(frozen=True)
class GoVariable:
    """One row of the table; `why` says what the variable is, where its name doesn't."""

    name: str
    inherited: bool = False
    secret: bool = False
    runs_code: bool = False
    ours: bool = False
    why: str = ""


def _rows(
    names: str,
    *,
    inherited: bool = False,
    secret: bool = False,
    runs_code: bool = False,
    ours: bool = False,
) -> Iterable[GoVariable]:
    for name in names.split():
        yield GoVariable(name, inherited, secret, runs_code, ours)


_TABLE: tuple[GoVariable, ...] = (
    # What follows from the toolchain: nobody else sets these.
    *_rows("GOROOT GOTOOLCHAIN GOENV", runs_code=True, ours=True),
    *_rows("GOROOT_FINAL GOTOOLDIR GOHOSTOS GOHOSTARCH GOEXE GOVERSION GOGCCFLAGS GOMOD"),
    # Places and where modules come from.
    *_rows("GOPATH GOMODCACHE GOCACHE GOTMPDIR", inherited=True),
    *_rows("GOPROXY", inherited=True, secret=True),
    *_rows("GOSUMDB GONOSUMDB GOPRIVATE GONOPROXY GOINSECURE", inherited=True),
    GoVariable("NETRC", inherited=True, why="a file's path; Go reads credentials from it"),
    GoVariable("GONOSUMCHECK", why="read by nothing since Go 1.13"),
    GoVariable("GOBIN"),
    # What Go runs on somebody's word.
    *_rows("GOFLAGS GOVCS GOCACHEPROG GOPACKAGESDRIVER", runs_code=True),
    GoVariable("GOAUTH", runs_code=True, secret=True),
    GoVariable("GIT_ALLOW_PROTOCOL", runs_code=True),
    GoVariable("GIT_CONFIG_PARAMETERS", runs_code=True, secret=True, why="git's settings, quoted"),
    *_rows("LD_PRELOAD LD_AUDIT DYLD_INSERT_LIBRARIES", runs_code=True),
    # What git and shells run on somebody's word; Go starts git for modules.
    *_rows("BASH_ENV ENV GIT_SSH GIT_SSH_COMMAND GIT_PROXY_COMMAND GIT_EXEC_PATH", runs_code=True),
    *_rows("GIT_EXTERNAL_DIFF GIT_EDITOR GIT_CONFIG_COUNT", runs_code=True),
    GoVariable("CCC_OVERRIDE_OPTIONS", runs_code=True, why="clang's, edits its own command line"),
    # What is built, and for what.
    *_rows("GOOS GOARCH GOARM GOEXPERIMENT GO111MODULE GOWORK GOFIPS140 GODEBUG GOCOVERDIR"),
    *_rows("GO386 GOAMD64 GOARM64 GOMIPS GOMIPS64 GOPPC64 GORISCV64 GOWASM"),
    *_rows("GO_EXTLINK_ENABLED GO_LDSO GCCGO GCCGOTOOLDIR", runs_code=True),
    *_rows("GOTELEMETRY GOTELEMETRYDIR"),
    # The running program: limits that the machine or the Hub gives.
    *_rows("GOMAXPROCS GOMEMLIMIT GOGC GOTRACEBACK", inherited=True),
    GoVariable("GORACE"),
    # cgo and the compilers it calls.
    GoVariable("CGO_ENABLED"),
    *_rows("CGO_CFLAGS CGO_CPPFLAGS CGO_CXXFLAGS CGO_FFLAGS CGO_LDFLAGS", runs_code=True),
    *_rows(
        "CGO_CFLAGS_ALLOW CGO_CFLAGS_DISALLOW CGO_CPPFLAGS_ALLOW CGO_CPPFLAGS_DISALLOW "
        "CGO_CXXFLAGS_ALLOW CGO_CXXFLAGS_DISALLOW CGO_FFLAGS_ALLOW CGO_FFLAGS_DISALLOW "
        "CGO_LDFLAGS_ALLOW CGO_LDFLAGS_DISALLOW",
        runs_code=True,
    ),
    *_rows("CC CXX FC CPP AR AS LD NM RANLIB STRIP OBJCOPY GCC GXX PKG_CONFIG", runs_code=True),
    *_rows("PKG_CONFIG_PATH PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR", runs_code=True),
    *_rows("CFLAGS CPPFLAGS CXXFLAGS FFLAGS LDFLAGS CPATH LIBRARY_PATH", runs_code=True),
    *_rows("GCC_EXEC_PREFIX COMPILER_PATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH", runs_code=True),
)

TABLE: Mapping[str, GoVariable] = MappingProxyType({row.name: row for row in _TABLE})

INHERITED = frozenset(row.name for row in _TABLE if row.inherited)
RUNS_CODE = frozenset(row.name for row in _TABLE if row.runs_code)
OURS = frozenset(row.name for row in _TABLE if row.ours)
SECRET = frozenset(row.name for row in _TABLE if row.secret)

# Per kernel and of our own making; a kernelspec can't set them either.
SCRATCH = "GOKERNEL_SCRATCH"
# What a JupyterHub says to the server that it starts: `hub_choice` understands it.
HUB_ENVIRONMENT = "GOKERNEL_HUB_ENVIRONMENT"
_OUR_NAMES = re.compile(r"GOKERNEL_\w*")

_SECRET_NAME = re.compile(
    r"TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|API_?KEY|PRIVATE_KEY|ACCESS_KEY|CREDENTIAL|COOKIE"
    r"|(?:^|_)(?:KEY|PAT|PASS|AUTH)$|.(?<!OLD)_?PWD$",
    re.IGNORECASE,
)
_PROXY_NAME = re.compile(r"(?:\w+_)?PROXY", re.IGNORECASE)
# No scheme is that long; without a limit a long value takes seconds to look through.
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[^\s]*")
# A user and password where there is no scheme: `user:password@host`.
_BARE_USER = re.compile(r"(^|[\s,|;])[^\s/@:]*:(?!//)[^\s@]*@")

# GOFLAGS' fields, and in one of them the value of a variable that the linker sets.
_FIELD = re.compile(r"'[^']*'|\"[^\"]*\"|\S+")
_LINKED = re.compile(r"(.*?-X[=\s]\s*['\"]?[^\s=]+=).+", re.DOTALL)

# Functions that bash takes over, and git's configuration, which can name programs.
_CODE = re.compile(r"BASH_FUNC_.*|GIT_CONFIG_(?:KEY|VALUE)_\d+", re.DOTALL)
# A setting of git's may be a header with a password, or a helper that prints one; its key
# stands in another variable.  These say nothing: addresses, paths, numbers, yes and no.
_GIT_VALUE = re.compile(r"GIT_CONFIG_VALUE_\d+")
_GIT_SHOWN = re.compile(
    r"true|false|\d{1,9}|[A-Za-z][A-Za-z0-9+.-]{0,30}://\S*|/\S*|[\w.-]+@[\w.-]+:"
)


def is_code(name: str) -> bool:
    """Whether a variable's value can make a program run another one, by its name."""
    return name in RUNS_CODE or _CODE.fullmatch(name) is not None


def settable(name: str) -> bool:
    """Whether a kernelspec may set it: a well-formed name that we don't set ourselves."""
    return (
        re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) is not None
        and name not in OURS
        and not _OUR_NAMES.fullmatch(name)
    )


def is_secret(name: str) -> bool:
    """Whether the whole value of a variable of this name is a secret."""
    return name in ("GOAUTH", "GIT_CONFIG_PARAMETERS") or _SECRET_NAME.search(name) is not None


def is_proxy(name: str) -> bool:
    """Whether a variable of this name holds proxies' addresses (GOPROXY, HTTPS_PROXY, ...)."""
    return name == "GOPROXY" or _PROXY_NAME.fullmatch(name) is not None


def masked(name: str, value: str) -> str:
    """`value` as it may be shown: secrets gone, everything else as it is.

    A variable that is named like a secret loses its whole value; elsewhere the user
    and password of each URL in it go.
    """
    if not value:
        return value
    if is_secret(name) or (_GIT_VALUE.fullmatch(name) and not _GIT_SHOWN.fullmatch(value)):
        return MASK
    if is_proxy(name):  # these may do without a scheme
        value = _BARE_USER.sub(rf"\1{MASK}@", value)
    if name == "GOFLAGS":
        value = _FIELD.sub(_without_linked, value)
    return mask_urls(value)


def _without_linked(match: re.Match[str]) -> str:
    """A flag of GOFLAGS without what it puts into programs (`-ldflags=-X main.token=...`)."""
    field = match[0]
    linked = _LINKED.match(field)
    if linked is None:
        return field
    end = field[0] if field[0] in "'\"" and field[-1] == field[0] else ""
    return f"{linked[1]}{MASK}{end}"


def mask_urls(text: str) -> str:
    """`text` with the user, password, query and fragment of every URL in it masked."""
    return _URL.sub(lambda match: "".join(map(_masked_url, _urls(match[0]))), text)


def _urls(text: str) -> list[str]:
    """The URLs of a word such as GOPROXY's value, separators kept.

    A password may hold a separator: only one that is followed by another entry counts.
    """
    return re.split(r"([,|;])(?=[A-Za-z][A-Za-z0-9+.-]*://|direct\b|off\b)", text)


def _masked_url(url: str) -> str:
    scheme, mark, rest = url.partition("://")
    if not mark:
        return url
    host, slash, path = rest.partition("/")
    # A password with an unescaped `/` in it: what looks like a port is no number.
    if "@" not in host and "@" in path and not re.fullmatch(r"[^:]*(?::[0-9]*)?", host):
        host, slash, path = rest.rpartition("@")[0] + "@", "", rest.rpartition("@")[2]
    if "@" in host:
        host = f"{MASK}@{host.rpartition('@')[2]}"
    before, fragment, _ = f"{host}{slash}{path}".partition("#")
    before, query, _ = before.partition("?")
    return f"{scheme}://{before}{'?' + MASK if query else ''}{'#' + MASK if fragment else ''}"
