"""A house: this machine with real accounts in it, without a change to the machine.

In mount and process namespaces of its own there are the users that a test wants, with homes
that are theirs alone; the interpreter, the repository and what else is needed can be entered
by everybody, wherever it is; site-wide files are where they belong.  When the house ends, all
of it ends, and every process that was started in it.  Making one takes root.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
# Of the password `PASSWORD`, by `openssl passwd -6`: the accounts can log in by PAM.
PASSWORD = "seven-gophers"
_CRYPTED = (
    "$6$gokernel$XMa/cKLsLZVvfByU2eG9tXeEqTfJQOj1hyUJgSq97rmajdUW"
    "BRA5cFCXtoKthCQI6e3EDu7aamfu5HPV8Cvkp."
)
_FIRST_UID = 2001


@dataclass(frozen=True)
class User:
    """An account of a house."""

    name: str
    uid: int
    home: Path


@dataclass(frozen=True)
class Plan:
    """What a house is to have.

    `places` are folders that are somewhere else in it (target to source), `files` texts of
    files by their path, `needed` what must be reachable for its users; `own` folders of the
    machine in which there will be more than the machine has.
    """

    folder: Path
    users: Sequence[str]
    needed: Sequence[Path] = ()
    places: Mapping[Path, Path] = field(default_factory=dict)
    read_only: Sequence[Path] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    own: Sequence[str] = ()

    def accounts(self) -> dict[str, User]:
        """The users by name."""
        homes = self.folder / "homes"
        return {
            name: User(name, _FIRST_UID + number, homes / name)
            for number, name in enumerate(self.users)
        }

    def as_json(self) -> str:
        """For the program inside."""
        python = {Path(sys.prefix), Path(sys.base_prefix), ROOT, *_editable()}
        content: dict[str, Any] = {
            "needed": sorted(map(str, {self.folder, *python, *self.needed})),
            "users": [
                {"name": one.name, "uid": one.uid, "home": str(one.home), "password": _CRYPTED}
                for one in self.accounts().values()
            ],
            "places": {str(target): str(source) for target, source in self.places.items()},
            "read_only": list(map(str, self.read_only)),
            "files": dict(self.files),
            "own": list(self.own),
        }
        return json.dumps(content)


def _editable() -> set[Path]:
    """Where an editable install of this package has its files: maybe another checkout."""
    import go_kernel

    return {Path(go_kernel.__file__).parents[1]}


class House:
    """A house that stands."""

    def __init__(self, first: int, users: Mapping[str, User]):
        self._first, self.users = first, users

    def command(self, argv: Sequence[str | Path], user: str = "") -> list[str]:
        """The argv that runs `argv` in here, as root or as one of the users."""
        enter = ["nsenter", f"--target={self._first}", "--mount", "--pid"]
        if user:
            uid = self.users[user].uid
            enter += [f"--setuid={uid}", f"--setgid={uid}"]
        return [*enter, "--", *map(str, argv)]

    def run(
        self, argv: Sequence[str | Path], user: str = "", env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end; its output, whatever its exit code."""
        own = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
        if user:
            own |= {"HOME": str(self.users[user].home), "USER": user}
        return subprocess.run(
            self.command(argv, user),
            env={**own, **(env or {})},
            cwd="/",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def python(self, code: str, user: str, *arguments: object) -> Any:
        """Run Python code as a user; the JSON that it prints."""
        done = self.run([sys.executable, "-c", code, *map(str, arguments)], user)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def cannot() -> str:
    """Why no house can be made here; "" where it can."""
    if os.geteuid() != 0:
        return "real accounts take root, and this isn't root"
    tried = subprocess.run(
        [*_UNSHARE, "true"], capture_output=True, text=True, timeout=60, check=False
    )
    return f"no namespaces here: {tried.stderr.strip()}" if tried.returncode else ""


_UNSHARE = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")


@contextmanager
def standing(plan: Plan) -> Iterator[House]:
    """The house of a plan, until the end of the block."""
    plan.folder.chmod(0o755)
    program = [
        *_UNSHARE,
        "--",
        *(sys.executable, "-m", "tests.hub.house_inside"),
    ]
    keeper = subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    try:
        keeper.stdin.write(plan.as_json() + "\n")
        keeper.stdin.flush()
        if keeper.stdout.readline() != "ready\n":
            raise RuntimeError("the house could not be made: see what it wrote above")
        [first] = psutil.Process(keeper.pid).children()
        yield House(first.pid, plan.accounts())
    finally:
        keeper.stdin.close()
        keeper.stdout.close()
        try:
            keeper.wait(30)
        except subprocess.TimeoutExpired:
            keeper.kill()
            keeper.wait()
            raise
