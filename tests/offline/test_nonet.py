"""The place without network in which other tests run: is there really none?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.health.loopback import served
from tests.hub.passable import NOBODY
from tests.offline import nonet

# A page at an address that the test serves from outside; and one served from within.
_TRIES = """
import http.server, json, os, socket, sys, threading, urllib.request

def fetched(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as page:
            return page.read().decode()
    except OSError as error:
        return type(error.reason).__name__ if hasattr(error, "reason") else str(error)

class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"inside")
    def log_message(self, *words): pass

with http.server.HTTPServer(("127.0.0.1", 0), Page) as own:
    threading.Thread(target=own.serve_forever, daemon=True).start()
    inside = fetched(f"http://127.0.0.1:{own.server_port}")
    own.shutdown()
try:
    named = socket.getaddrinfo("proxy.example.org", 443)
except OSError as error:
    named = type(error).__name__
print(json.dumps({
    "outside": fetched(sys.argv[1]), "inside": inside, "named": named,
    "interfaces": [name for _, name in socket.if_nameindex()], "user": os.geteuid(),
    "own file": os.stat(sys.argv[2]).st_uid,
}))
"""


def tried(url: str, mine: Path, uid: int | None) -> dict[str, Any]:
    """What a program in there can reach."""
    argv = [sys.executable, "-c", _TRIES, url, str(mine)]
    command = nonet.command(argv, uid=uid, needs=[mine])
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("uid", [None, NOBODY], ids=["as we are", "nobody"])
def test_nothing_can_be_reached_but_loopback(uid: int | None, tmp_path: Path) -> None:
    """Not even what listens on this machine; what the program itself serves can be."""
    if reason := nonet.cannot(uid):
        pytest.skip(reason)
    mine = tmp_path / "mine"
    mine.touch()
    if uid is not None:
        os.chown(mine, uid, uid)
    (tmp_path / "page").write_text("outside")
    with served(tmp_path) as address:
        page = f"http://{address}/page"
        with urllib.request.urlopen(page, timeout=5) as answer:
            assert answer.read() == b"outside"
        found = tried(page, mine, uid)

    assert found["outside"] == "ConnectionRefusedError"
    assert found["inside"] == "inside"
    assert found["named"] == "gaierror"
    assert "lo" in found["interfaces"]
    # The same user as outside, with what they own.
    assert found["user"] == found["own file"] == (os.geteuid() if uid is None else uid)


def test_a_network_is_noticed() -> None:
    """The proof is one: on a machine that has a network it finds it."""
    lines = Path("/proc/self/net/route").read_text().splitlines()[1:]
    if not lines:
        pytest.skip("this machine has no network itself")

    assert nonet.network()


def test_the_program_takes_its_place(tmp_path: Path) -> None:
    """Exit code and arguments are the program's own, so that tests see what a user would."""
    if reason := nonet.cannot():
        pytest.skip(reason)
    argv = nonet.command(["/bin/sh", "-c", 'printf "%s|" "$@"; exit 7', "sh", "a b", "--", "c"])
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stdout) == (7, "a b|--|c|")
