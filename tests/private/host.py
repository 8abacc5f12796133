"""A site's private hosts on loopback: git over https, and a module proxy; both want a password.

One server with a certificate of the site's own speaks for all names.  The names exist
nowhere: who asks by name goes through the site's HTTP proxy (HTTPS_PROXY), which leads there.
"""

from __future__ import annotations

import base64
import select
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

GIT_HOST = "git.private.invalid"
MODULES_HOST = "modules.private.invalid"
USER, PASSWORD = "robot", "Zug4ng!nur-fuer=uns"
# As services give it out: alone, where a user's name stands.
TOKEN = "Gutschein-0815-4711-n1cht-weitersagen"


def secret_bytes() -> tuple[bytes, ...]:
    """Every spelling in which the site's credentials could stand in a file."""
    plain = (PASSWORD, quote(PASSWORD, safe=""), TOKEN)
    basic = (_basic(USER, PASSWORD), _basic(TOKEN, ""))
    return tuple(word.encode() for word in (*plain, *basic))


def _basic(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


@dataclass
class Site:
    """What is served, where, and who asked for what."""

    folder: Path
    certificate: Path
    address: str = ""
    way_out: str = ""
    asked: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def repositories(self) -> Path:
        """Bare repositories, by path."""
        return self.folder / "git"

    @property
    def modules(self) -> Path:
        """The proxy's files."""
        return self.folder / "modules"

    @property
    def userinfo(self) -> str:
        """User and password as a URL has them."""
        return f"{USER}:{quote(PASSWORD, safe='')}"

    @property
    def trust(self) -> dict[str, str]:
        """What lets Go and git trust the site's certificate."""
        return {"SSL_CERT_FILE": str(self.certificate), "GIT_SSL_CAINFO": str(self.certificate)}

    def proxy(self, userinfo: str = "") -> str:
        """The module proxy's address, as GOPROXY has it."""
        return f"https://{userinfo}{'@' if userinfo else ''}{self.address}/modules"

    def netrc(self, file: Path) -> Path:
        """A netrc file for all hosts of the site."""
        # Go looks for host and port, curl for the host alone.
        hosts = (GIT_HOST, MODULES_HOST, self.address, self.address.partition(":")[0])
        lines = [f"machine {host} login {USER} password {PASSWORD}\n" for host in hosts]
        file.write_text("".join(lines))
        file.chmod(0o600)
        return file

    def admitted(self, part: str) -> bool:
        """Whether somebody got in where an address has this in it."""
        return any(part in path and admitted for path, admitted in self.asked)

    def repository(self, path: str, module: str, files: dict[str, str], *tags: str) -> None:
        """A repository with one commit that holds a module, and these tags."""
        work = self.folder / "work" / path
        work.mkdir(parents=True)
        for name, content in {**files, "go.mod": f"module {module}\n\ngo 1.22\n"}.items():
            (work / name).write_text(content)
        bare = self.repositories / path
        _git(work, "init", "--quiet", "--initial-branch=main")
        _git(work, "add", ".")
        _git(work, "commit", "--quiet", "--message=All")
        for tag in tags:
            _git(work, "tag", tag)
        _git(work, "clone", "--quiet", "--bare", str(work), str(bare))


def _git(folder: Path, *words: str) -> None:
    who = {f"GIT_{role}_{what}": "a@b.invalid" for role in ("AUTHOR", "COMMITTER") for what in _WHO}
    env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), **who}
    subprocess.run(["git", *words], cwd=folder, env=env, check=True, capture_output=True)


_WHO = ("NAME", "EMAIL")


class _Handler(SimpleHTTPRequestHandler):
    """Basic auth, then go-import pages, git's own server, or a folder's files."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: Any, site: Site, **kwargs: Any):
        self.site = site
        super().__init__(*args, directory=str(site.folder), **kwargs)

    def do_GET(self) -> None:
        if not self._let_in():
            return
        url = urlsplit(self.path)
        if "/broken/" in url.path:
            self._answer(500, {}, b"this one is broken\n")
        elif url.path.startswith("/git/"):
            self._git(url.path.removeprefix("/git"), url.query)
        elif url.query == "go-get=1":
            self._go_import(url.path)
        else:
            super().do_GET()

    def do_POST(self) -> None:
        url = urlsplit(self.path)
        if self._let_in():
            self._git(url.path.removeprefix("/git"), url.query)

    def _let_in(self) -> bool:
        said = self.headers.get("Authorization", "")
        good = said in {f"Basic {_basic(USER, PASSWORD)}", f"Basic {_basic(TOKEN, '')}"}
        self.site.asked.append((f"{self.headers.get('Host', '')}{self.path}", good))
        if not good:
            self._read()
            self._answer(401, {"WWW-Authenticate": 'Basic realm="private"'}, b"who are you?\n")
        return good

    def _go_import(self, path: str) -> None:
        """ref: https://go.dev/ref/mod#vcs-find"""
        root = "/".join(path.split("/")[:3])
        if not (self.site.repositories / root[1:] / "HEAD").is_file():
            self._answer(404, {}, b"no such repository\n")
            return
        content = f"{GIT_HOST}{root} git https://{GIT_HOST}/git{root}"
        page = f'<html><head><meta name="go-import" content="{content}"></head></html>'
        self._answer(200, {"Content-Type": "text/html"}, page.encode())

    def _git(self, path: str, query: str) -> None:
        """ref: https://git-scm.com/docs/git-http-backend"""
        body = self._read()
        env = {
            "PATH": "/usr/bin:/bin",
            "GIT_PROJECT_ROOT": str(self.site.repositories),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_USER": USER,
        }
        done = subprocess.run(
            ["git", "http-backend"], input=body, env=env, capture_output=True, check=False
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines() if line)
        status = int(headers.pop("Status", "200").split()[0])
        self._answer(status, headers, content)

    def _read(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "") == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None:
        """Nothing."""


class _Server(ThreadingHTTPServer):
    """One whose clients may go away when they like."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: git and Go break off what they don't need."""


@contextmanager
def served(folder: Path, certificate: Path) -> Iterator[Site]:
    """A site with nothing in it yet; `certificate` is a folder with cert.pem and key.pem."""
    site = Site(folder, certificate / "cert.pem")
    for place in (site.repositories, site.modules):
        place.mkdir(parents=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with ExitStack() as stack:
        server = stack.enter_context(_Server(("127.0.0.1", 0), partial(_Handler, site=site)))
        # The handshake belongs to the connection's own thread: one silent client stops no other.
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        site.address = f"127.0.0.1:{server.server_address[1]}"
        way_out = stack.enter_context(_Server(("127.0.0.1", 0), partial(_WayOut, site=site)))
        site.way_out = f"http://127.0.0.1:{way_out.server_address[1]}"
        for one in (server, way_out):
            thread = threading.Thread(target=one.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(one.shutdown)
        yield site


class _WayOut(SimpleHTTPRequestHandler):
    """The site's HTTP proxy: whatever name is asked for, it leads to the site's server."""

    def __init__(self, *args: Any, site: Site, **kwargs: Any):
        self.site = site
        super().__init__(*args, **kwargs)

    def do_CONNECT(self) -> None:
        if not self.path.endswith(".private.invalid:443"):
            self.send_error(403)
            return
        host, _, port = self.site.address.partition(":")
        with socket.create_connection((host, int(port))) as there:
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                _carry(self.connection, there)
        self.close_connection = True

    def log_message(self, *args: Any) -> None:
        """Nothing."""


def _carry(one: socket.socket, other: socket.socket) -> None:
    """Bytes in both directions, until one side has ended."""
    while True:
        for ready in select.select([one, other], [], [])[0]:
            data = ready.recv(65536)
            if not data:
                return
            (other if ready is one else one).sendall(data)
