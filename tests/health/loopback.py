"""Servers on this machine for checks of the network: module proxies good and bad, sums."""

from __future__ import annotations

import base64
import hashlib
import os
import select
import ssl
import subprocess
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from go_kernel.engines.fetch import Module, hash_of
from go_kernel.goerrors.table import escaped


class Serving(SimpleHTTPRequestHandler):
    """Serves a folder, or answers everything with one status."""

    def __init__(self, *args: Any, status: int, **kwargs: Any):
        self.status = status
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        # As an HTTP proxy it is asked with whole addresses.
        self.path = self.path.partition("://")[2].partition("/")[2] or self.path
        self.path = f"/{self.path.lstrip('/')}"
        if self.status == 200:
            super().do_GET()
        else:
            self.send_error(self.status)

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@contextmanager
def served(folder: Path, *, status: int = 200, certificate: Path | None = None) -> Iterator[str]:
    """The address (host and port) of a server of `folder`; with TLS where it has a certificate."""
    handler = partial(Serving, status=status, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
            server.socket = context.wrap_socket(server.socket, server_side=True)
            server.handle_error = lambda *args: None  # type: ignore[method-assign]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def make_certificate(goroot: Path, env: Mapping[str, str], folder: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody trusts but who is told to: cert.pem, key.pem."""
    program = goroot / "src/crypto/tls/generate_cert.go"
    argv = ["run", program, "--host", "127.0.0.1", "--ecdsa-curve", "P256", "--ca"]
    go(goroot, argv, env, folder)
    return folder


def go(goroot: Path, arguments: list[Any], env: Mapping[str, str], cwd: Path) -> None:
    """Run `go`; a failure fails the test."""
    subprocess.run(
        [goroot / "bin/go", *arguments], env=dict(env), cwd=cwd, check=True, capture_output=True
    )


_SUMS = """\
package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	secret, public, _ := note.GenerateKey(rand.Reader, "sums.invalid")
	sums := func(path, version string) ([]byte, error) { return []byte(os.Args[1]), nil }
	server := sumdb.NewServer(sumdb.NewTestServer(secret, sums))
	for _, path := range sumdb.ServerPaths {
		http.Handle(path, server)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s http://%s\\n", public, listener.Addr())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	http.Serve(listener, nil)
}
"""


def build_sums(goroot: Path, env: Mapping[str, str], folder: Path) -> Path:
    """A program that is a checksum database, of the modules that Go's own is made of."""
    (folder / "main.go").write_text(_SUMS)
    (folder / "go.mod").write_text("module sums\n\ngo 1.22\n\nrequire golang.org/x/mod v0.26.0\n")
    more = {"GOFLAGS": "-mod=mod", "GOSUMDB": "off", "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
    go(goroot, ["build", "-o", "sums", "."], {**env, **more}, folder)
    return folder / "sums"


@contextmanager
def sums_served(program: Path, lines: str) -> Iterator[str]:
    """The value for GOSUMDB of a database that knows these lines; it ends with the block."""
    process = subprocess.Popen(
        [program, lines], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        try:
            assert select.select([process.stdout], [], [], 60)[0]
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
            process.wait(60)


def sums_of(path: str, version: str, proxy: Path, work: Path) -> str:
    """The lines of go.sum for a module in a proxy's folder."""
    versions = proxy / escaped(path) / "@v"
    with zipfile.ZipFile(versions / f"{version}.zip") as archive:
        archive.extractall(work)
    content = hash_of(Module(path, version, work / f"{path}@{version}", ""))
    mod = hashlib.sha256((versions / f"{version}.mod").read_bytes()).hexdigest()
    summary = hashlib.sha256(f"{mod}  go.mod\n".encode()).digest()
    go_mod = f"h1:{base64.b64encode(summary).decode()}"
    return f"{path} {version} {content}\n{path} {version}/go.mod {go_mod}\n"


def verifier(name: str = "sums.invalid") -> str:
    """A key of a checksum database that is nowhere."""
    key = b"\x01" + os.urandom(32)
    digest = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]
    return f"{name}+{digest}+{base64.b64encode(key).decode()}"


def network() -> dict[str, str]:
    """What tells this machine's Go how to reach modules."""
    names = ("GOPROXY", "GOSUMDB", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "HTTP_PROXY")
    return {name: os.environ[name] for name in names if name in os.environ}
