"""Do the variables that say where modules come from contradict each other?

ref: https://go.dev/ref/mod#environment-variables
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from go_kernel import goproxy
from go_kernel.findings import Finding, Remedy
from go_kernel.health.check import Answer, error, ok, skipped, warn
from go_kernel.health.project.looked import Looked
from go_kernel.health.project.said import Said
from go_kernel.process import CommandError
from go_kernel.variables import masked

_ASKED = ("GOPROXY", "GOSUMDB", "GOPRIVATE", "GONOPROXY", "GONOSUMDB")


def look(looked: Looked) -> Answer:
    """Go says which values count; what they mean together is its rule."""
    try:
        values = looked.go.as_given(looked.folder, _ASKED)
    except CommandError as problem:
        return skipped(f"Go can't say which values count: {problem.summary}")
    evidence = "\n".join(_evidence(looked, values))
    found = list(_conflicts(looked, values, evidence))
    return found or ok("Where modules come from contradicts nothing.", evidence)


def _conflicts(looked: Looked, values: dict[str, str], evidence: str) -> Iterator[Finding]:
    proxy, sums = values.get("GOPROXY", ""), values.get("GOSUMDB", "")
    entries = [url for url, _ in goproxy.entries(proxy)]
    said = looked.said.get("GOPROXY")
    back = said.taken_back(looked.context) if said else Remedy("Unset GOPROXY.")
    by = _by(said)
    if bad := next((url for url in entries if not _is_address(url)), ""):
        shown = masked("GOPROXY", bad)
        yield error(
            f"GOPROXY{by} names {shown}, which is no address: Go downloads nothing.",
            Remedy(
                f"Write it with its scheme, such as https://{shown}, or take it back", back.commands
            ),
            evidence=evidence,
        )
        return
    unreached = _unreached(proxy, entries)
    if unreached:
        yield warn(
            f"GOPROXY{by} names {masked('GOPROXY', unreached)} behind {entries[-1]}, where Go "
            "never asks.",
            Remedy(f"Put {entries[-1]} last, or take GOPROXY back", back.commands),
            evidence=evidence,
        )
    for name in ("GONOPROXY", "GONOSUMDB"):
        yield from _unlike_private(looked, values, name, evidence)
    if entries[:1] == ["off"] and values.get("GONOPROXY") not in ("", "none", None):
        yield warn(
            f"GOPROXY=off{by}, and Go asks the hosts of {values['GONOPROXY']} all the same.",
            Remedy("Have nobody asked", (looked.setting("GONOPROXY", "none"),)),
            evidence=evidence,
        )
    elif entries and all(map(goproxy.is_folder, entries)) and sums != "off":
        yield warn(
            f"GOPROXY{by} holds folders only, and GOSUMDB={sums} on a network is asked about "
            "what go.sum doesn't hold.",
            Remedy("Without a network switch it off", (looked.setting("GOSUMDB", "off"),)),
            evidence=evidence,
        )
    elif sums == "off" and any(not _stays_here(url) for url in entries):
        sumdb = looked.said.get("GOSUMDB")
        yield warn(
            f"GOSUMDB=off{_by(sumdb)}, and modules come from a network: nobody says whether what "
            "go.sum doesn't hold is what others get.",
            sumdb.taken_back(looked.context) if sumdb else None,
            evidence=evidence,
        )


def _unlike_private(
    looked: Looked, values: dict[str, str], name: str, evidence: str
) -> Iterator[Finding]:
    """GONOPROXY and GONOSUMDB take GOPRIVATE's place; they don't add to it."""
    private, said = values.get("GOPRIVATE", ""), looked.said.get(name)
    if not private or said is None:
        return
    missing = [one for one in private.split(",") if one and one not in said.value.split(",")]
    if missing:
        who = "proxies" if name == "GONOPROXY" else "the checksum database"
        yield warn(
            f"{said.shown}, set by {said.by}, takes the place of GOPRIVATE: {who} are told of "
            f"{', '.join(missing)}.".replace("database are", "database is"),
            said.taken_back(looked.context),
            evidence=evidence,
        )


def _is_address(url: str) -> bool:
    """As Go takes an entry; ref: https://go.dev/src/cmd/go/internal/modfetch/proxy.go."""
    return (
        url in ("off", "direct", "noproxy")
        or re.match(r"[A-Za-z][A-Za-z0-9+.-]*:/", url) is not None
    )


def _stays_here(url: str) -> bool:
    return url == "off" or goproxy.is_folder(url)


def _unreached(value: str, entries: list[str]) -> str:
    """The first entry behind `off` or `direct`."""
    every = [part.strip() for part in re.split(r"[,|]", value) if part.strip()]
    return every[len(entries)] if len(every) > len(entries) else ""


def _by(said: Said | None) -> str:
    return f" (set by {said.by})" if said else ""


def _evidence(looked: Looked, values: dict[str, str]) -> Iterator[str]:
    for name, value in values.items():
        said = looked.said.get(name)
        if said is not None:
            yield from said.lines()
        elif value:
            yield f"{name}={masked(name, value)} (Go's default)"
