"""What Go means when it fails to get a module, in a sentence and with a remedy.

Pure: the text that `go` printed goes in.  Hosts are named, credentials never are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from go_kernel.findings import Remedy
from go_kernel.variables import mask_urls


@dataclass(frozen=True)
class Cause:
    """Why a `go` command failed.

    `kind` is one of the words in the table below, or "unknown"; `reason` is a clause
    without a full stop, as in "example.invalid refuses connections".
    """

    kind: str
    reason: str
    remedy: Remedy | None = None

    @property
    def absent(self) -> bool:
        """Whether the one who was asked answered, and hasn't got it: Go then asks the next."""
        return self.kind in ("not-found", "gone", "no-file", "no-folder")

    @property
    def network(self) -> bool:
        """Whether it lies at the way to another machine, or at what that machine allows."""
        return self.kind in _NETWORK


# What the reason and the remedy may name: {host}, {found} (what the pattern's group matched).
_TABLE: tuple[tuple[str, str, str, str], ...] = (
    (
        "disk-full",
        r"no space left on device|disk quota exceeded",
        "there is no space left on the disk",
        "Free some space, or let GOMODCACHE, GOCACHE and GOTMPDIR name folders elsewhere.",
    ),
    (
        "checksum",
        r"checksum mismatch|SECURITY ERROR",
        "a module's content is not what it should be by its checksum",
        "Something between you and the module proxy, or in the module cache, changes files: "
        "remove the module from the cache, or choose another proxy with GOPROXY.",
    ),
    (
        "go-too-old",
        r"requires go >= ?([\w.]+)|module requires Go ([\w.]+)|requires go([\d.]+) or later",
        "it needs Go {found} or newer",
        "Update Go in the environment, or ask for an older version of the module.",
    ),
    (
        "sumdb-bad",
        r"(invalid|unknown|malformed) GOSUMDB|GOSUMDB[^\n]*malformed|missing GOSUMDB",
        "GOSUMDB names no checksum database that Go knows",
        "Unset GOSUMDB, or set it to what your site's administrator says.",
    ),
    (
        "proxy-off",
        r"module lookup disabled by GOPROXY=off",
        "downloads are switched off (GOPROXY=off)",
        "Set GOPROXY to a module proxy, or to a folder (GOPROXY=file:///path).",
    ),
    (
        "proxy-bad",
        r"invalid proxy URL|GOPROXY list is not the empty string|GOPROXY[^\n]*no entries",
        "GOPROXY holds something that is no address",
        "Set GOPROXY to URLs with a scheme (https://, file://), `direct` or `off`.",
    ),
    (
        "vcs-refused",
        r"GOVCS disallows",
        "GOVCS forbids the version control system that it needs",
        "Get the module through a proxy, or allow it in GOVCS.",
    ),
    (
        "git-missing",
        r'"(?:git|hg|svn|bzr|fossil)": executable file not found|(?:git|hg): command not found',
        "git is not there, which `direct` needs",
        "Install git, or set GOPROXY to a module proxy.",
    ),
    (
        "auth-prompt",
        r"terminal prompts disabled|could not read (?:Username|Password)|Authentication failed|"
        r"Permission denied \(publickey|Host key verification failed",
        "the repository asks for credentials, and nobody is there to type them",
        "Put them into git's credential store, an SSH agent, or the file that NETRC names.",
    ),
    (
        "insecure-credentials",
        r"refusing to pass credentials to insecure URL",
        "Go does not send a password over http://",
        "Use https:// in GOPROXY, or leave the user and password out.",
    ),
    (
        "http-proxy",
        r"proxyconnect[^\n]*connection refused",
        "the proxy that HTTPS_PROXY or HTTP_PROXY names refuses connections (connection refused)",
        "Check that the proxy runs, mend HTTPS_PROXY and HTTP_PROXY, or list the host in NO_PROXY.",
    ),
    (
        "http-proxy",
        r"proxyconnect|Proxy Authentication Required|Unsupported method \('CONNECT'\)|"
        r"Received HTTP code \d+ from proxy|CONNECT tunnel failed",
        "the proxy that HTTPS_PROXY or HTTP_PROXY names lets nothing through",
        "Mend HTTPS_PROXY and HTTP_PROXY, or list the host in NO_PROXY.",
    ),
    (
        "no-tls",
        r"first record does not look like a TLS handshake|server gave HTTP response to HTTPS",
        "{host} speaks http and not https",
        "Write http:// in its address, or mend the server.",
    ),
    (
        "tls",
        r"x509:|tls: |SSL certificate problem|server certificate verification failed",
        "the certificate of {host} is not trusted ({found})",
        "Let SSL_CERT_FILE or SSL_CERT_DIR name your site's certificates.",
    ),
    (
        "unauthorized",
        r"\b401 Unauthorized|error: 401",
        "{host} wants a user and password (401)",
        "Put them into the file that NETRC names (~/.netrc), or into GOAUTH.",
    ),
    (
        "forbidden",
        r"\b403 Forbidden|error: 403|: Forbidden\b",
        "{host} forbids it (403)",
        "Ask who runs that server, or choose another with GOPROXY.",
    ),
    (
        "not-found",
        r"\b404 Not Found|error: 404|[Rr]epository not found",
        "{host} has no such module (404)",
        "Check the module's name and version, or choose another proxy with GOPROXY.",
    ),
    (
        "gone",
        r"\b410 Gone",
        "{host} has no such module (410)",
        "Check the module's name and version, or choose another proxy with GOPROXY.",
    ),
    (
        "server-error",
        r"\b(429 Too Many Requests|5\d\d [A-Z][A-Za-z -]+)",
        "{host} answers with an error ({found})",
        "Try again later, or choose another proxy with GOPROXY.",
    ),
    (
        "no-file",
        r"file://[^\n]*: no such file or directory",
        "the folder in GOPROXY has no such module",
        "Check the folder that GOPROXY names, or add the module to it.",
    ),
    (
        "dns",
        r"no such host|Could not resolve|server misbehaving|Temporary failure in name resolution|"
        r"Name or service not known",
        "the name {host} is not known here (DNS)",
        "Check the network and the name; behind a firewall, HTTPS_PROXY or GOPROXY leads out.",
    ),
    (
        "refused",
        r"connection refused|Connection refused",
        "{host} refuses connections (connection refused)",
        "Check that the server runs and that its port is the right one.",
    ),
    (
        "unreachable",
        r"network is unreachable|no route to host|[Nn]etwork is down|Failed to connect",
        "there is no way to {host} from here",
        "Check the network; behind a firewall, HTTPS_PROXY or GOPROXY leads out.",
    ),
    (
        "timeout",
        r"i/o timeout|deadline exceeded|Client\.Timeout|TLS handshake timeout|[Tt]imed out|timeout",
        "{host} does not answer in time",
        "Check the network; behind a firewall, HTTPS_PROXY or GOPROXY leads out.",
    ),
    (
        "broken-off",
        r"connection reset|unexpected EOF|: EOF\b|broken pipe|malformed HTTP|stream error",
        "{host} breaks the connection off",
        "Check the address in GOPROXY: its scheme, its port, and proxies on the way.",
    ),
    (
        "cache-unwritable",
        r"could not create module cache|[Rr]ead-only file system|mkdir [^\n]*permission denied|"
        r"open [^\n]*permission denied|build cache is required|initialize build cache",
        "Go's caches can't be written",
        "Let GOMODCACHE and GOCACHE name folders that you can write.",
    ),
)

_NETWORK = frozenset(
    "proxy-off proxy-bad vcs-refused git-missing auth-prompt insecure-credentials http-proxy tls "
    "no-tls unauthorized forbidden not-found gone server-error no-file dns refused unreachable "
    "timeout broken-off sumdb-bad sumdb-unreachable".split()
)

_SUMDB = re.compile(r"verifying [^\n]*|[^\n]*/(?:lookup|tile|sumdb)/[^\n]*")
_SUMDB_REMEDY = Remedy(
    "Where it can't be reached, GOSUMDB=off goes without it, GONOSUMDB for some modules; "
    "many module proxies pass its answers on."
)
_HOST = re.compile(r"\b(?:https?|ssh|git)://(?:[^\s/\"'@]*@)?(\[[0-9a-fA-F:.]+\]|[^\s/:\"'?]+)")
_LOOKED_UP = re.compile(r"lookup (\S+?)(?: on |:)|(?:resolve (?:host|proxy)): (\S+)")
_PHRASE = re.compile(
    r"signed by unknown authority|has expired or is not yet valid|not valid for any names|"
    r"is valid for [^\n\"]+, not [^\s\"]+|self-signed certificate|unable to get local issuer"
)


def explain(output: str) -> Cause:
    """The cause in what `go` printed, whatever it printed.

    Where Go names several, the one that the others follow from.
    """
    text = mask_urls(output)
    cause = _of(text)
    about_sums = _SUMDB.search(text)
    if about_sums and cause.network and cause.kind != "sumdb-bad":
        inner = _of(about_sums[0])
        if inner.network:
            reason = f"the checksum database can't be asked: {inner.reason}"
            return Cause("sumdb-unreachable", reason, _SUMDB_REMEDY)
    return cause


def _of(text: str) -> Cause:
    for kind, pattern, reason, remedy in _TABLE:
        match = re.search(pattern, text)
        if match:
            words = {"host": _host(kind, text), "found": _found(match, text)}
            return Cause(kind, reason.format(**words), Remedy(remedy))
    return Cause("unknown", _last_line(text))


def _found(match: re.Match[str], text: str) -> str:
    phrase = _PHRASE.search(text)
    return next((group for group in match.groups() if group), phrase[0] if phrase else match[0])


def _host(kind: str, text: str) -> str:
    looked_up = _LOOKED_UP.search(text) if kind == "dns" else None
    if looked_up:
        return str(looked_up[1] or looked_up[2])
    named = _HOST.search(text)
    return named[1] if named else "the server"


def _last_line(text: str) -> str:
    lines = [line.strip().rstrip(".") for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it printed nothing"
