"""Does the checksum database answer?

ref: https://go.dev/ref/mod#checksum-database
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from go_kernel.findings import Finding, Remedy
from go_kernel.goerrors import explain
from go_kernel.health.check import Check, Kind, info, ok, skipped, unknown, warn
from go_kernel.health.context import Context
from go_kernel.health.live import trial
from go_kernel.process import CommandTimedOut
from go_kernel.variables import mask_urls

_SECONDS = 60.0
_FOR_GO = 25.0


def reachable(context: Context) -> Finding:
    """Let Go download a small module and compare it, as the kernel would."""
    if trial.offline(context):
        return skipped(f"{trial.FETCHES_NOTHING}, so the checksum database is not asked.")
    env = trial.variables(context)
    told = ("env", "GOSUMDB", "GONOSUMDB", "GOPROXY")
    lines = trial.go(context, told, env, seconds=10).stdout.splitlines()
    sumdb, exempt, proxy = (line.strip() for line in lines[:3])
    if sumdb == "off":
        return trial.of_whom(context, "GOSUMDB", _switched_off())
    if proxy.split(",")[0].split("|")[0].strip() == "off":
        return unknown(
            "Downloads are switched off (GOPROXY=off), and so nothing is compared with the "
            "checksum database."
        )
    with trial.empty_caches(context) as caches:
        argv = ["mod", "download", "-json", trial.SAMPLE_AT]
        # The database is in question, not the way to modules that GOPRIVATE names.
        asking, cwd = {**env, **caches, "GONOPROXY": "none"}, caches["PWD"]
        try:
            done = trial.go(context, argv, asking, seconds=_FOR_GO, cwd=cwd, check=False)
        except CommandTimedOut as error:
            return unknown(
                f"Neither module proxy nor checksum database answered within {error.seconds:g} s.",
                Remedy("Look at proxy.reachable first."),
            )
        if done.returncode == 0:
            return _compared(sumdb, exempt, Path(caches["GOMODCACHE"]))
        return _failed(_error_in(done.stdout) or done.stderr)


def _compared(sumdb: str, exempt: str, modcache: Path) -> Finding:
    """Go keeps what it asked the database; where nothing is kept, it did not ask."""
    name = sumdb.split("+")[0].split()[0]
    if (modcache / "cache" / "download" / "sumdb").is_dir():
        return ok(f"The checksum database {name} answers.")
    return info(
        f"{trial.SAMPLE} is not compared with the checksum database, as GONOSUMDB or GOPRIVATE "
        "have it.",
        Remedy("Let them name your site's own modules only."),
        evidence=exempt,
    )


def _switched_off() -> Finding:
    return info(
        "The checksum database is switched off (GOSUMDB=off): nobody would notice a module that "
        "was changed on its way here.",
        Remedy("Unset GOSUMDB where it can be reached; a go.sum helps in any case."),
    )


def _failed(output: str) -> Finding:
    cause, evidence = explain(output), mask_urls(output)
    if cause.kind in ("sumdb-unreachable", "sumdb-unknown", "sumdb-bad", "checksum"):
        reason = cause.reason[0].upper() + cause.reason[1:]
        return warn(
            f"{reason}; imports that go.sum doesn't list fail.", cause.remedy, evidence=evidence
        )
    return unknown(
        f"The checksum database could not be asked, because no module came: {cause.reason}.",
        Remedy("Look at proxy.reachable first."),
        evidence=evidence,
    )


def _error_in(stdout: str) -> str:
    try:
        said: Any = json.loads(stdout)
        return str(said.get("Error", ""))
    except (ValueError, AttributeError):
        return ""


REACHABLE = Check(
    id="sumdb.reachable",
    title="The checksum database answers",
    run=reachable,
    broken_by="A firewall that lets the module proxy through and not the checksum database.",
    mended_by="A proxy that passes its answers on, GOSUMDB=off, or GONOSUMDB for some modules.",
    kind=Kind.LIVE,
    seconds=_SECONDS,
    needs=trial.NEEDS,
)
