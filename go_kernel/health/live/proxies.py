"""Does each entry of GOPROXY answer, and would Go come to one that does?

Go itself is asked, with one entry at a time: it knows proxies, certificates, netrc and
git as no other program does.
ref: https://go.dev/ref/mod#environment-variables
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from go_kernel import goproxy
from go_kernel.files import is_folder
from go_kernel.findings import Finding, Remedy, Status
from go_kernel.goerrors import Cause, explain
from go_kernel.health.check import Check, Kind, info, ok, skipped, warn
from go_kernel.health.context import Context
from go_kernel.health.live import trial
from go_kernel.offline import applied
from go_kernel.process import CommandTimedOut
from go_kernel.variables import masked

_SECONDS = 60.0
_FOR_ONE = 25.0
# All at once, so that silent ones cost no more than one; a longer list is a mistake.
_AT_MOST = 12


@dataclass(frozen=True)
class Entry:
    """One entry of GOPROXY; `insists` says that Go goes on only where a module is absent."""

    url: str
    insists: bool = True

    @property
    def shown(self) -> str:
        """Without credentials."""
        return masked("GOPROXY", self.url)


@dataclass(frozen=True)
class Answer:
    """What one entry said; `cause` is None where it served the module."""

    entry: Entry
    cause: Cause | None = None

    def __str__(self) -> str:
        """A line of evidence."""
        return f"{self.entry.shown}: {self.cause.reason if self.cause else 'answers'}"


def entries(value: str) -> list[Entry]:
    """GOPROXY's entries: after `,` Go goes on where a module is absent, after `|` always.

    Nothing is asked after `off` and `direct`.
    """
    found = [Entry(url, insists=separator != "|") for url, separator in goproxy.entries(value)]
    return found[:_AT_MOST]


def reachable(context: Context) -> Finding:
    """Ask every entry for a small module."""
    if trial.offline(context):
        return skipped(f"{trial.FETCHES_NOTHING}, so no proxy is asked.")
    value = go_proxy(context)
    asked = entries(value)
    if not asked:
        return warn("GOPROXY is empty.", Remedy("Unset it, or name a module proxy."))
    if asked[0].url == "off":
        modcache = trial.variables(context).get("GOMODCACHE", "$GOMODCACHE")
        off = info(
            "Downloads are switched off (GOPROXY=off): imports find only what is in the module "
            "cache, and that only in versions that a go.mod names.",
            Remedy(
                "Set GOPROXY to a module proxy if notebooks should import more, or to "
                f"file://{modcache}/cache/download, with GOSUMDB=off, for all that the cache has."
            ),
        )
        return trial.of_whom(context, "GOPROXY", off)
    context.progress(f"asking {', '.join(entry.shown for entry in asked)} for {trial.SAMPLE_AT}")
    env = trial.variables(context)
    with ThreadPoolExecutor(_AT_MOST) as pool:
        answers = list(pool.map(lambda entry: _asked(context, env, entry), asked))
    found = judged(answers)
    return trial.of_whom(context, "GOPROXY", found) if found.status is Status.WARN else found


def go_proxy(context: Context) -> str:
    """GOPROXY as Go takes it, without bundles before it: where nobody set it, Go's own."""
    env = trial.variables(context)
    said, _ = applied.without(trial.environment(context).variables.get("GOPROXY"))
    return said or trial.go(context, ["env", "GOPROXY"], env, seconds=10).stdout.strip()


def judged(answers: Sequence[Answer]) -> Finding:
    """What the entries' answers mean together, in the order in which Go asks them."""
    evidence = "\n".join(map(str, answers))
    for answer in answers:
        if answer.cause is None:
            return ok(f"Modules come from {answer.entry.shown}.", evidence)
        if answer.entry.insists and not answer.cause.absent:
            return _stops_at(answer, answers, evidence)
    last = answers[-1]
    for answer in answers:
        if answer.cause and answer.cause.kind == "no-folder":
            return _unserved(answer, evidence)
    if all(answer.cause and answer.cause.absent for answer in answers):
        return info(
            f"GOPROXY answers, and doesn't have {trial.SAMPLE_AT}, which any proxy of public "
            "modules has.",
            Remedy("Nothing is to be done if only chosen modules are served here."),
            evidence=evidence,
        )
    return _unserved(last, evidence)


def _stops_at(answer: Answer, answers: Sequence[Answer], evidence: str) -> Finding:
    assert answer.cause is not None
    later = answers[answers.index(answer) + 1 :]
    served = next((one.entry.shown for one in later if one.cause is None), "")
    if not served:
        return _unserved(answer, evidence)
    return warn(
        f"Modules can't be fetched: {answer.cause.reason}, and Go then doesn't go on to {served}.",
        Remedy(
            f"Take {answer.entry.shown} out of GOPROXY, or write `|` behind it in place of `,`: "
            "Go then goes on after any failure."
        ),
        evidence=evidence,
    )


def _unserved(answer: Answer, evidence: str) -> Finding:
    assert answer.cause is not None
    return warn(
        f"Modules can't be fetched from {answer.entry.shown}: {answer.cause.reason}.",
        answer.cause.remedy,
        evidence=evidence,
    )


def _asked(context: Context, env: Mapping[str, str], entry: Entry) -> Answer:
    if entry.url == "off":
        return Answer(entry, Cause("not-found", "downloads end here"))
    folder = _folder(entry.url)
    if folder and not is_folder(folder):
        # To Go that is as good as a module that isn't there: it says nothing of the folder.
        remedy = Remedy("Mount or make that folder, or name another one in GOPROXY.")
        return Answer(entry, Cause("no-folder", "there is no such folder", remedy))
    with trial.empty_caches(context) as caches:
        asking = {
            **env,
            **caches,
            "GOPROXY": entry.url,
            # The proxy is in question, whatever is kept from it, and the sums are not.
            "GOPRIVATE": "",
            "GONOPROXY": "none",
            "GONOSUMDB": "",
            "GOSUMDB": "off",
        }
        argv = ["list", "-m", "-json", trial.SAMPLE_AT]
        try:
            cwd = caches["PWD"]
            done = trial.go(context, argv, asking, seconds=_FOR_ONE, cwd=cwd, check=False)
        except CommandTimedOut as error:
            return Answer(entry, _slow(entry, error))
    return Answer(entry, None if done.returncode == 0 else explain(done.stderr or done.stdout))


def _folder(url: str) -> str:
    """The path of a `file://` entry, "" for another."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return unquote(parts.path) if parts.scheme == "file" else ""


def _slow(entry: Entry, error: CommandTimedOut) -> Cause:
    reason = f"{entry.shown} gives no answer in {error.seconds:g} s"
    return Cause("timeout", reason, explain("i/o timeout").remedy)


REACHABLE = Check(
    id="proxy.reachable",
    title="Module proxies answer",
    run=reachable,
    broken_by="No network, a firewall, a wrong GOPROXY, missing certificates or credentials.",
    mended_by="Setting GOPROXY, HTTPS_PROXY, SSL_CERT_FILE or NETRC, as the finding says.",
    kind=Kind.LIVE,
    seconds=_SECONDS,
    needs=trial.NEEDS,
)
