"""What Go means when it fails to get a module, in a sentence and with a remedy.

The text that `go` printed goes in, and the environment it ran in: some causes show only
there.  Hosts are named, credentials never are.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

from go_kernel.findings import Remedy
from go_kernel.goerrors import bundles
from go_kernel.goerrors.table import Table, escaped, load
from go_kernel.variables import mask_urls

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Cause:
    """Why a `go` command failed.

    `kind` is one of the words in the table, or "unknown"; `reason` is a clause without a
    full stop, as in "example.invalid refuses connections".
    """

    kind: str
    reason: str
    remedy: Remedy | None = None

    @property
    def absent(self) -> bool:
        """Whether the one who was asked answered, and hasn't got it: Go then asks the next."""
        return self.kind in load().absent

    @property
    def network(self) -> bool:
        """Whether it lies at the way to another machine, or at what that machine allows."""
        return self.kind in load().network


def explain(output: str, env: Mapping[str, str] = _NOTHING, *, wanted: str = "") -> Cause:
    """The cause in what `go` printed, whatever it printed.

    Where Go names several, the one that the others follow from.  With the `env` that it ran
    in: what GOPROXY, GOMODCACHE and GOKERNEL_SUMS (a folder and files that are looked into)
    and GOKERNEL_OFFLINE add to it.
    `wanted` are the arguments of `bundle create` for a machine without a network, where it
    isn't the module that is missing.
    """
    table = load()
    text = table.patterns["scratch"].sub("", mask_urls(output))
    cause = _about_sums(table, text, _of(table, text))
    if cause.network and env.get("GOKERNEL_OFFLINE") == "1":
        return _offline(table, text, wanted, env.get("GOPROXY", "")) or cause
    if cause.kind == "checksum":
        return _by_a_bundle(table, text, env.get("GOKERNEL_SUMS", "")) or cause
    if cause.kind == "proxy-off":
        return _cached(table, text, env.get("GOMODCACHE", "")) or cause
    if cause.network and not cause.absent:
        return _stopped(table, output, cause, env.get("GOPROXY", ""))
    return cause


def _of(table: Table, text: str) -> Cause:
    for pattern, entry in table.causes:
        match = pattern.search(text)
        if match:
            words = {
                "host": _host(table, entry["kind"], text),
                "found": _found(table, match, entry, text),
            }
            return _filled(entry, words)
    return Cause("unknown", _last_line(text))


def _about_sums(table: Table, text: str, cause: Cause) -> Cause:
    """The same, where it was the checksum database that Go asked."""
    about = table.patterns["about_sums"].search(text)
    if not about or not cause.network or cause.kind == "sumdb-bad":
        return cause
    inner = _of(table, about[0])
    if not inner.network or inner.kind == "sumdb-bad":
        return cause
    rule = "sumdb-unknown" if inner.kind in ("not-found", "gone") else "sumdb"
    return _filled(table.rules[rule], {"reason": inner.reason})


def _offline(table: Table, text: str, wanted: str, proxies: str) -> Cause | None:
    """Nothing is fetched here: what is missing, and how it would come here."""
    missing = table.patterns["missing"].search(text) or table.patterns["provides"].search(text)
    if not missing and not wanted:
        return None
    module = missing[1] if missing else "what is needed"
    chain = table.patterns["chain"].search(text)
    asked = chain[1] if chain else module
    words = {
        "module": module,
        "asked": asked,
        "wanted": wanted or f"--module {asked if '@' in asked else asked + '@latest'}",
    }
    if gone := _gone(proxies):
        return _filled(table.rules["offline-gone"], {**words, "folder": gone})
    needed = asked.partition("@")[0] != module.partition("@")[0]
    return _filled(table.rules["offline-needed" if needed else "offline"], words)


def _gone(proxies: str) -> str:
    """The folder of a bundle that GOPROXY names and that isn't there any more; "" for none."""
    for entry in re.split(r"[,|]", proxies):
        if entry.startswith("file:///") and entry.endswith("/proxy"):
            folder = unquote(entry.removeprefix("file://")).removesuffix("/proxy")
            if not os.path.lexists(folder):
                return folder
    return ""


def _cached(table: Table, text: str, modcache: str) -> Cause | None:
    """GOPROXY=off: whether the module cache has the module all the same."""
    missing = table.patterns["missing"].search(text)
    if not missing or not modcache.startswith("/"):
        return None
    path = missing[1].partition("@")[0]
    while path:
        try:
            found = next(Path(modcache, "cache/download", escaped(path), "@v").glob("*.zip"), None)
        except OSError:
            return None
        if found:
            return _filled(table.rules["cached"], {"module": path, "modcache": modcache})
        path = path.rpartition("/")[0]
    return None


def _by_a_bundle(table: Table, text: str, sums: str) -> Cause | None:
    """Whether it is a bundle's go.sum that what came is compared with."""
    differing = table.patterns["differing"].search(text)
    bundle = bundles.saying(sums, " ".join(differing.groups())) if differing else ""
    if not differing or not bundle:
        return None
    module = f"{differing[1]}@{differing[2].removesuffix('/go.mod')}"
    return _filled(table.rules["checksum-bundle"], {"module": module, "bundle": bundle})


def _stopped(table: Table, output: str, cause: Cause, proxies: str) -> Cause:
    """Whether Go would have gone on to another entry of GOPROXY after a `|`."""
    entries = re.split(r"([,|])", proxies)
    for at in range(0, len(entries) - 2, 2):
        host = entries[at].strip().partition("://")[2].rpartition("@")[2].rstrip("/")
        if entries[at + 1] == "," and host and f"//{host}/" in _without_users(output):
            after = mask_urls(entries[at + 2].strip())
            if after == "off" or not cause.remedy:
                return cause
            rule = table.rules["stopped"]
            words = {"reason": cause.reason, "remedy": cause.remedy.text, "next": after}
            return _filled({**rule, "kind": cause.kind}, words)
    return cause


def _without_users(text: str) -> str:
    return re.sub(r"//[^\s/@]*@", "//", text)


def _found(table: Table, match: re.Match[str], entry: Mapping[str, Any], text: str) -> str:
    for group in match.groups():
        if group:
            return str(group)
    phrase = table.patterns["phrase"].search(text)
    return str(entry.get("otherwise") or (phrase[0] if phrase else match[0]))


def _host(table: Table, kind: str, text: str) -> str:
    looked_up = table.patterns["looked_up"].search(text) if kind == "dns" else None
    if looked_up:
        return str(looked_up[1] or looked_up[2])
    # git says whom it asked, which an `insteadOf` may have changed.
    named = table.patterns["git_host"].search(text) or table.patterns["host"].search(text)
    return str(named[1]) if named else "the server"


def _filled(entry: Mapping[str, Any], words: Mapping[str, str]) -> Cause:
    """An entry's cause; a word that is filled in is not looked through again."""

    def fill(text: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda match: words.get(match[1], match[0]), text)

    return Cause(entry["kind"], fill(entry["reason"]), Remedy(fill(entry["remedy"])))


def _last_line(text: str) -> str:
    lines = [line.strip().rstrip(".") for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it printed nothing"
