"""Situations in which Go gets no module, made for real on this machine, and what it prints.

Each is a context that yields the variables which lead `go` into it.
"""

from __future__ import annotations

import shutil
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.engines.proxy import LIB, Proxy, saying
from tests.health.loopback import verifier

VERSION = "v0.1.0"
USER = "somebody:hunter2"
Variables = Mapping[str, str]
Situation = AbstractContextManager[Variables]


_PAGE = b"<!DOCTYPE html>\n<html><body>Sign in</body></html>\n"


class Answering(SimpleHTTPRequestHandler):
    """Serves a folder; paths in which `mark` occurs get `status`, or are cut short (0).

    200 stands for a page that isn't what was asked for.
    """

    def __init__(self, *args: Any, status: int, mark: str, **kwargs: Any):
        self.status, self.mark = status, mark
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        if self.mark not in self.path:
            super().do_GET()
        elif self.status == 200:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(_PAGE)
        elif self.status:
            self.send_error(self.status)
        elif self.mark:
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            self.wfile.write(b"PK")
        else:
            self.close_connection = True

    def do_CONNECT(self) -> None:
        self.send_error(self.status or 407)

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@contextmanager
def answering(
    folder: Path, status: int, *, mark: str = "", certificate: Path | None = None
) -> Iterator[str]:
    """The address (host and port) of such a server."""
    handler = partial(Answering, status=status, mark=mark, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.handle_error = lambda *args: None  # type: ignore[method-assign]
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def closed() -> Iterator[str]:
    """An address on which nothing listens, and nothing will."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{bound.getsockname()[1]}"


@dataclass(frozen=True)
class Place:
    """A folder with what situations are made of: a proxy with a module, a certificate."""

    folder: Path
    proxy: Proxy
    certificate: Path

    @classmethod
    def made(cls, folder: Path, certificate: Path) -> Place:
        """Fill an empty folder."""
        proxy = Proxy(folder / "proxy")
        proxy.publish(LIB, VERSION, saying("one"))
        proxy.publish("example.test/new", VERSION, saying("new"), go="1.99")
        return cls(folder, proxy, certificate)

    def module(self, sums: str = "") -> Path:
        """A new main module that requires the module, with this go.sum."""
        main = self.folder / "main"
        main.mkdir(exist_ok=True)
        (main / "go.mod").write_text(f"module main\n\ngo 1.22\n\nrequire {LIB} {VERSION}\n")
        (main / "main.go").write_text(f'package main\n\nimport _ "{LIB}"\n\nfunc main() {{}}\n')
        if sums:
            (main / "go.sum").write_text(sums)
        return main


def _served(status: int, **more: Any) -> Callable[[Place], Situation]:
    @contextmanager
    def situation(place: Place) -> Iterator[Variables]:
        with answering(place.proxy.folder, status, **more) as address:
            yield {"GOPROXY": f"http://{address}"}

    return situation


def _told(**variables: str) -> Callable[[Place], Situation]:
    @contextmanager
    def situation(place: Place) -> Iterator[Variables]:
        yield {
            name: value.format(proxy=place.proxy.url, folder=place.folder)
            for name, value in variables.items()
        }

    return situation


@contextmanager
def _refused(place: Place) -> Iterator[Variables]:
    with closed() as address:
        yield {"GOPROXY": f"http://{address}"}


@contextmanager
def _refused_then(place: Place) -> Iterator[Variables]:
    with closed() as address:
        yield {"GOPROXY": f"http://{address},{place.proxy.url}"}


@contextmanager
def _forbidden_then(place: Place) -> Iterator[Variables]:
    with answering(place.proxy.folder, 403) as address:
        yield {"GOPROXY": f"http://{address},{place.proxy.url}"}


@contextmanager
def _untrusted(place: Place) -> Iterator[Variables]:
    with answering(place.proxy.folder, 200, mark="none", certificate=place.certificate) as address:
        yield {"GOPROXY": f"https://{address}"}


@contextmanager
def _other_name(place: Place) -> Iterator[Variables]:
    with answering(place.proxy.folder, 200, mark="none", certificate=place.certificate) as address:
        port = address.rpartition(":")[2]
        yield {
            "GOPROXY": f"https://localhost:{port}",
            "SSL_CERT_FILE": str(place.certificate / "cert.pem"),
        }


@contextmanager
def _no_tls(place: Place) -> Iterator[Variables]:
    with answering(place.proxy.folder, 200, mark="none") as address:
        yield {"GOPROXY": f"https://{address}"}


@contextmanager
def _way_out_refuses(place: Place) -> Iterator[Variables]:
    with closed() as address:
        yield {"GOPROXY": "https://proxy.invalid", "HTTPS_PROXY": f"http://{USER}@{address}"}


@contextmanager
def _way_out_wants_password(place: Place) -> Iterator[Variables]:
    with answering(place.proxy.folder, 407) as address:
        yield {"GOPROXY": "https://proxy.invalid", "HTTPS_PROXY": f"http://{address}"}


@contextmanager
def _sums_closed(place: Place) -> Iterator[Variables]:
    with closed() as address:
        yield {"GOPROXY": place.proxy.url, "GOSUMDB": f"{verifier()} http://{address}"}


def _sums_answer(status: int) -> Callable[[Place], Situation]:
    @contextmanager
    def situation(place: Place) -> Iterator[Variables]:
        with answering(place.folder, status) as address:
            yield {"GOPROXY": place.proxy.url, "GOSUMDB": f"{verifier()} http://{address}"}

    return situation


@contextmanager
def _proxy_cuts_sums(place: Place) -> Iterator[Variables]:
    """The proxy passes the database's answers on, and is cut there."""
    with answering(place.proxy.folder, 502, mark="/sumdb/") as address:
        yield {"GOPROXY": f"http://{address}", "GOSUMDB": verifier()}


@contextmanager
def _corrupt(place: Place) -> Iterator[Variables]:
    folder = shutil.copytree(place.proxy.folder, place.folder / "corrupt", dirs_exist_ok=True)
    (folder / LIB / "@v" / f"{VERSION}.zip").write_bytes(b"PK and nothing more")
    yield {"GOPROXY": f"file://{folder}"}


@contextmanager
def _wrong_hash(place: Place) -> Iterator[Variables]:
    """go.sum says what another module of that version would be."""
    none = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    place.module(f"{LIB} {VERSION} {none}\n{LIB} {VERSION}/go.mod {none}\n")
    yield {"GOPROXY": place.proxy.url}


@contextmanager
def _hash_of_a_bundle(place: Place) -> Iterator[Variables]:
    """As above, and it was a bundle's line."""
    with _wrong_hash(place) as variables:
        bundle = place.folder / "a:b%41" / "0123456789abcdef"
        bundle.mkdir(parents=True, exist_ok=True)
        shutil.copy(place.folder / "main" / "go.sum", bundle)
        (bundle / "bundle.json").write_text('{"name": "course"}')
        listed = str(bundle / "go.sum").replace("%", "%25").replace(":", "%3A")
        yield {**variables, "GOKERNEL_SUMS": f"/nowhere/go.sum:{listed}"}


@contextmanager
def _needs_what_is_missing(place: Place) -> Iterator[Variables]:
    """A bundle holds a module, and not one that it needs."""
    more = "\nrequire example.test/gone v0.3.0\n"
    files = {"top.go": 'package top\n\nimport _ "example.test/gone/sub"\n'}
    place.proxy.publish("example.test/top", VERSION, files, more=more)
    yield {"GOPROXY": f"file:///nowhere,{place.proxy.url}", "GOKERNEL_OFFLINE": "1"}


@contextmanager
def _cached_and_off(place: Place) -> Iterator[Variables]:
    """The proxy's own layout is the cache's."""
    cache = place.folder / "cached"
    shutil.copytree(place.proxy.folder, cache / "cache" / "download", dirs_exist_ok=True)
    yield {"GOPROXY": "off", "GOMODCACHE": str(cache)}


def _git(status: int, *, tls: bool = False) -> Callable[[Place], Situation]:
    """`direct`, and a git server that answers so; -1 for nobody there."""

    @contextmanager
    def situation(place: Place) -> Iterator[Variables]:
        certificate = place.certificate if tls else None
        with (
            closed()
            if status < 0
            else answering(place.folder, status, certificate=certificate) as address
        ):
            yield {
                "GOPROXY": "direct",
                "GIT_CONFIG_COUNT": "1",
                "GIT_CONFIG_KEY_0": f"url.http{'s' if tls else ''}://{address}/.insteadOf",
                "GIT_CONFIG_VALUE_0": "https://github.com/",
            }

    return situation


@contextmanager
def _way_out_wants_password_http(place: Place) -> Iterator[Variables]:
    with answering(place.proxy.folder, 407) as address:
        yield {"GOPROXY": "http://proxy.invalid", "HTTP_PROXY": f"http://{address}"}


@dataclass(frozen=True)
class Fault:
    """A situation, what `go` is asked for in it, and what is to be made of its answer."""

    kind: str
    words: str
    situation: Callable[[Place], Situation]
    arguments: tuple[str, ...] = ("get", LIB)


_OFF = {"GOPROXY": "off", "GOKERNEL_OFFLINE": "1"}
_OTHER = "github.com/nobody/nothing@v0.1.0"
_DOWNLOAD = ("mod", "download", _OTHER)
_ANYTHING = {"GOPROXY": "{proxy}"}

FAULTS: Mapping[str, Fault] = {
    "refused": Fault("refused", "127.0.0.1 refuses connections", _refused),
    "refused,": Fault("refused", "so not to file:///", _refused_then),
    "cut": Fault("broken-off", "127.0.0.1 breaks the connection off", _served(0)),
    "cut zip": Fault("broken-off", "breaks the connection off", _served(0, mark=".zip")),
    "401": Fault("unauthorized", "user and password (401)", _served(401)),
    "403": Fault("forbidden", "(403)", _served(403)),
    "403,": Fault("forbidden", "(403), and after a `,` in GOPROXY Go goes on", _forbidden_then),
    "404": Fault("not-found", "has no such module (404)", _served(404)),
    "404 zip": Fault("not-found", "has no such module (404)", _served(404, mark=".zip")),
    "410": Fault("gone", "has no such module (410)", _served(410)),
    "429": Fault("server-error", "(429 Too Many Requests)", _served(429)),
    "500": Fault("server-error", "(500 Internal Server Error)", _served(500)),
    "502": Fault("server-error", "(502 Bad Gateway)", _served(502)),
    "untrusted": Fault("tls", "not trusted (signed by unknown authority)", _untrusted),
    "another's": Fault("tls", "certificate of localhost", _other_name),
    "no tls": Fault("no-tls", "127.0.0.1 speaks http and not https", _no_tls),
    "no dns": Fault("dns", "proxy.invalid", _told(GOPROXY="https://proxy.invalid")),
    "way out refuses": Fault("http-proxy", "refuses connections", _way_out_refuses),
    "way out asks": Fault("http-proxy-auth", "user and password (407)", _way_out_wants_password),
    "sums refused": Fault(
        "sumdb-unreachable", "can't be asked: 127.0.0.1 refuses connections", _sums_closed
    ),
    "sums 403": Fault("sumdb-unreachable", "forbids it (403)", _sums_answer(403)),
    "sums 404": Fault("sumdb-unknown", "as if it were private", _sums_answer(404)),
    "sums 502": Fault("sumdb-unreachable", "(502 Bad Gateway)", _proxy_cuts_sums),
    "sums unknown": Fault("sumdb-bad", "GOSUMDB", _told(GOPROXY="{proxy}", GOSUMDB="nonsense")),
    "hash": Fault("checksum", f"{LIB}@{VERSION} is not what it should be", _wrong_hash),
    "hash, bundle": Fault(
        "checksum-bundle",
        f"{LIB}@{VERSION} is not what the go.sum of the bundle course says",
        _hash_of_a_bundle,
    ),
    "broken zip": Fault("corrupt", "arrived broken", _corrupt),
    "off": Fault("proxy-off", "switched off (GOPROXY=off)", _told(GOPROXY="off")),
    "off, cached": Fault("proxy-off-cached", f"has {LIB}", _cached_and_off),
    "no folder": Fault("no-file", "folder in GOPROXY", _told(GOPROXY="file:///nowhere")),
    "no address": Fault("proxy-bad", "no address", _told(GOPROXY="ht!tp://x")),
    "no git": Fault("git-missing", "git", _told(GOPROXY="direct", PATH="/nowhere"), _DOWNLOAD),
    "govcs": Fault("vcs-refused", "GOVCS", _told(GOPROXY="direct", GOVCS="*:off"), _DOWNLOAD),
    "git refused": Fault("unreachable", "no way to 127.0.0.1", _git(-1), _DOWNLOAD),
    "git cut": Fault("broken-off", "127.0.0.1", _git(0), _DOWNLOAD),
    "git 403": Fault("forbidden", "127.0.0.1 forbids it", _git(403), _DOWNLOAD),
    "git 404": Fault("not-found", "127.0.0.1 has no such", _git(404), _DOWNLOAD),
    "git 500": Fault("server-error", "127.0.0.1", _git(500), _DOWNLOAD),
    "git tls": Fault("tls", "certificate of 127.0.0.1", _git(403, tls=True), _DOWNLOAD),
    "a page": Fault("no-proxy", "answers with something", _served(200)),
    "302": Fault("server-error", "(302 Found)", _served(302)),
    "two slashes": Fault("proxy-bad", "no address", _told(GOPROXY="file://nowhere/x")),
    "way out asks, http": Fault(
        "http-proxy-auth", "user and password (407)", _way_out_wants_password_http
    ),
    "git asks": Fault("auth-prompt", "asks for credentials", _git(401), _DOWNLOAD),
    "password": Fault(
        "insecure-credentials", "http://", _told(GOPROXY=f"http://{USER}@127.0.0.1:9")
    ),
    "read-only": Fault(
        "cache-unwritable", "can't be written", _told(GOPROXY="{proxy}", GOMODCACHE="/proc/no")
    ),
    "too new": Fault(
        "go-too-old", "it needs Go 1.99", _told(**_ANYTHING), ("get", "example.test/new")
    ),
    "no version": Fault("no-version", "no version v7", _told(**_ANYTHING), ("get", f"{LIB}@v7")),
    "no package": Fault(
        "no-package", f"the module {LIB}", _told(**_ANYTHING), ("get", f"{LIB}/nosub")
    ),
    "not std": Fault("not-std", "no package foo/bar", _told(**_ANYTHING), ("get", "foo/bar")),
    "no sum": Fault("no-sum", "go.sum has no line", _told(**_ANYTHING), ("build", ".")),
    "offline, off": Fault(
        "offline",
        f"{LIB}@{VERSION} is in none of this machine's bundles",
        _told(**_OFF),
    ),
    "offline, version": Fault(
        "offline",
        f"{LIB}@v0.9.0 is in none",
        _told(GOPROXY="{proxy}", GOKERNEL_OFFLINE="1"),
        ("get", f"{LIB}@v0.9.0"),
    ),
    "offline, gone": Fault(
        "offline",
        f"{LIB}@{VERSION} can't be had: a bundle that this kernel began with was removed (/no/b 1)",
        _told(GOPROXY="file:///no/b%201/proxy", GOKERNEL_OFFLINE="1"),
    ),
    "offline, git": Fault(
        "offline",
        f"{_OTHER} is in none",
        _told(GOPROXY="direct", GOVCS="*:off", GOKERNEL_OFFLINE="1"),
        _DOWNLOAD,
    ),
    "offline, needed": Fault(
        "offline",
        "example.test/gone@v0.3.0, which example.test/top needs, is in none",
        _needs_what_is_missing,
        ("get", "example.test/top"),
    ),
}
