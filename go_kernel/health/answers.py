"""What checks last answered, remembered for the user.

A check that can't find out today (a hanging file system, no network) shows what it
found the last time, with its age; and a server that was started anew has something
to show at once.  Answers that were found with other settings of the user's (another
GOPROXY, another TMPDIR) are kept apart: they needn't be true here.  There is one entry
for each place, in a folder of its own: the other remembered values come and go by the
thousand.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from filelock import FileLock, Timeout

from go_kernel.cache import Cache
from go_kernel.files import private_folder
from go_kernel.findings import Finding, Status, from_dict, worst
from go_kernel.health.report import Report
from go_kernel.variables import INHERITED, is_proxy

_GOOD = frozenset({Status.OK, Status.INFO, Status.WARN, Status.ERROR})
_LOCK_SECONDS = 2.0
_COUNTS = INHERITED | {"HOME", "TMPDIR", "XDG_CONFIG_HOME", "SSL_CERT_FILE", "SSL_CERT_DIR"}
_COUNTS |= {"GOENV", "GOTOOLCHAIN", "GOKERNEL_STORE"}

# Of one check: what it answered last, and what when it last could tell.
_Entry = dict[str, tuple[Finding, ...]]


class Answers:
    """The answers remembered in a user's cache.  Nothing here raises."""

    def __init__(self, cache: Cache, env: Mapping[str, str]):
        self._cache = Cache(cache.folder / "health")
        self._key = ("answers-2", _surroundings(env))

    def keep(self, findings: Iterable[Finding]) -> None:
        """Remember these: all that a check said about a place, so that what it said before goes."""
        by_place: dict[str, dict[str, list[Finding]]] = {}
        for one in findings:
            by_place.setdefault(one.environment, {}).setdefault(one.id, []).append(one)
        for place, answers in by_place.items():
            with self._locked():
                entries = self._read(place)
                for check, said in answers.items():
                    entries[check] = _entry(said, entries.get(check, {}))
                self._write(place, entries)

    def with_last(self, finding: Finding) -> Finding:
        """The finding; with what was found the last time, where it is `unknown`."""
        if finding.status is not Status.UNKNOWN:
            return finding
        good = self._read(finding.environment).get(finding.id, {}).get("good", ())
        return replace(finding, last=_of_these(good, finding.kernel))

    def report(self, places: Iterable[str]) -> Report:
        """What the checks of these places answered last, "" being the machine."""
        return Report(
            tuple(
                replace(one, last=_of_these(entry.get("good", ()), one.kernel))
                if one.status is Status.UNKNOWN
                else one
                for place in places
                for entry in self._read(place).values()
                for one in entry.get("now", ())
            )
        )

    def _read(self, place: str) -> dict[str, _Entry]:
        try:
            content = json.loads(self._cache.get(*self._key, place) or b"{}")
        except (ValueError, RecursionError):
            return {}
        if not isinstance(content, dict):
            return {}
        return {check: _understood(entry, check, place) for check, entry in content.items()}

    def _write(self, place: str, entries: Mapping[str, _Entry]) -> None:
        plain = {
            check: {kind: [one.to_dict() for one in said] for kind, said in entry.items()}
            for check, entry in entries.items()
        }
        self._cache.put(json.dumps(plain).encode(), *self._key, place)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time; whoever can't have the lock goes on without it."""
        lock = FileLock(self._cache.folder / ".lock", timeout=_LOCK_SECONDS, mode=0o600)
        with suppress(OSError, Timeout):
            private_folder(self._cache.folder)
            lock.acquire()
        try:
            yield
        finally:
            lock.release()


def _surroundings(env: Mapping[str, str]) -> str:
    """What changes whenever a variable does that answers depend on, wherever checks run.

    Without PATH, which is another one in each terminal: what counts of it is an
    environment's own.  A digest, since the values hold passwords.
    """
    relevant = {name: value for name, value in env.items() if name in _COUNTS or is_proxy(name)}
    return hashlib.sha256(repr(sorted(relevant.items())).encode()).hexdigest()


def _entry(said: list[Finding], before: _Entry) -> _Entry:
    plain = tuple(replace(one, last=None) for one in said)
    good = tuple(one for one in plain if one.status in _GOOD)
    return {"now": plain, "good": good or before.get("good", ())}


def _of_these(good: Iterable[Finding], kernel: str) -> Finding | None:
    """Of several answers the one about the same kernel, else the worst."""
    every = list(good)
    mine = [one for one in every if one.kernel == kernel] or every
    return next((one for one in mine if one.status is worst(mine)), None)


def _understood(entry: Any, check: str, place: str) -> _Entry:
    """What can be read of an entry: nothing of one that was tampered with or is another's."""
    found = {}
    for kind in ("now", "good"):
        with suppress(KeyError, ValueError, TypeError, AttributeError, OverflowError):
            said = tuple(from_dict(one) for one in entry[kind])
            if all(_is_sound(one) and (one.id, one.environment) == (check, place) for one in said):
                found[kind] = said
    return found


def _is_sound(one: Finding) -> bool:
    words = [one.summary, one.evidence, one.kernel]
    words += [one.remedy.text, *one.remedy.commands] if one.remedy else []
    words += [one.fix.id, one.fix.preview] if one.fix else []
    return all(isinstance(word, str) for word in words) and isinstance(one.duration_ms, int | float)
