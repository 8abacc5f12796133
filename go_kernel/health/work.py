"""What a worker does for each request: look, preview, mend, and look again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from go_kernel import installed, resolve
from go_kernel.findings import Finding, GoKernelError
from go_kernel.health import catalogue, decided, offers, pasted, runner, subject
from go_kernel.health.answers import Answers
from go_kernel.health.check import Check
from go_kernel.health.context import Context, Surroundings
from go_kernel.health.fixes import registry
from go_kernel.health.report import Report
from go_kernel.health.request import Request
from go_kernel.health.subject import MACHINE, Subject


@dataclass(frozen=True)
class Hear:
    """Whom to tell: of findings and progress from several threads, of answers in between."""

    finding: Callable[[Finding], None]
    progress: Callable[[str], None]
    answer: Callable[[Mapping[str, object]], None]


def do(request: Request, env: Mapping[str, str], hear: Hear) -> None:
    """Answer a request; raises GoKernelError."""
    _DO[request.action](_Job(request, env, hear))


class _Job:
    """A request with what all of its parts need."""

    def __init__(self, request: Request, env: Mapping[str, str], hear: Hear):
        self.request, self.hear = request, hear
        self.around = Surroundings(
            env,
            kernel_dirs=request.kernel_dirs,
            policy=request.policy,
            limits=request.limits,
            cwd=request.cwd,
        )
        self.answers = Answers(self.around.cache, env)
        kernels = installed.find(request.kernel_dirs)
        self.everything = subject.everything(env, kernels, request.cwd)

    @property
    def asked(self) -> list[Subject]:
        """The subjects asked for; raises UnknownSubject."""
        ids = self.request.subjects
        return [subject.by_id(one, self.everything) for one in ids] or self.everything

    def context(self, about: Subject) -> Context:
        """A subject, to be looked at."""
        return Context(about, self.around, self.hear.progress)

    def run(self, checks: Iterable[Check], subjects: Iterable[Subject]) -> None:
        """Run checks, each finding told as it comes, with what its fix would do.

        What is known of a subject is kept as soon as its checks have ended: whatever
        another one's do, this process may be ended for it.
        """
        checks, contexts = list(checks), [self.context(one) for one in subjects]
        places = {context.subject.place: context for context in contexts}
        told: dict[str, list[Finding]] = {place: [] for place in places}

        def found(finding: Finding) -> None:
            whole = offers.offered(finding, places[finding.environment])
            told[finding.environment].append(whole)
            self.hear.finding(self.answers.with_last(whole))

        def ended(context: Context, findings: object) -> None:
            place = context.subject.place
            self.answers.keep(told[place])
            # A check that found several things may find fewer the next time.
            self.hear.answer({"ran": [check.id for check in checks], "places": [place]})

        runner.run(checks, contexts, found=found, ended=ended)


def _check(job: _Job) -> None:
    checks = catalogue.chosen(job.request.checks, deep=job.request.deep)
    subjects = job.asked
    _environments(job)
    job.run(checks, subjects)


def _fix(job: _Job) -> None:
    (about,) = job.asked
    kind = registry.get(job.request.fix)
    offers.apply(kind.id, job.context(about), job.request.token)
    # What is there now may be other kernels and another Go: looked at afresh.
    after = _Job(job.request, job.around.env, job.hear)
    _environments(after)
    again = [one for one in after.everything if one.id == about.id]
    if again:
        job.hear.progress("checking again")
        after.run(catalogue.chosen(kind.recheck), again)
    else:
        job.hear.progress(f"no kernel is for {about.name} any more")


def _preview(job: _Job) -> None:
    (about,) = job.asked
    kind = registry.get(job.request.fix)
    plan = offers.plan(kind.id, job.context(about))
    told = {"id": kind.id, "title": kind.title, "risk": kind.risk.value}
    job.hear.answer({"preview": {**told, "preview": plan.preview, "token": plan.token}})


def _environments(job: _Job) -> None:
    job.hear.answer(
        {
            "environments": [_described(one) for one in job.everything],
            "checks": [check.id for check in catalogue.CHECKS],
            "fixes": [fix.id for fix in registry.FIXES],
            "hub": decided.by_jupyterhub(job.around),
        }
    )


def _kept(job: _Job) -> None:
    _environments(job)
    for one in job.answers.report(about.place for about in job.everything).findings:
        job.hear.finding(one)


def _report(job: _Job) -> None:
    subjects = job.asked
    kept = job.answers.report(about.place for about in subjects).findings
    order = {check.id: number for number, check in enumerate(catalogue.CHECKS)}
    found = Report(tuple(sorted(kept, key=lambda one: order.get(one.id, len(order)))))
    contexts = [job.context(about) for about in subjects]
    job.hear.answer({"report": pasted.report(found, contexts, job.around)})


def _described(about: Subject) -> dict[str, Any]:
    version, problem = _go_of(about)
    return {
        "id": about.id,
        "name": about.name,
        "place": about.place,
        "kind": _kind(about),
        "go_version": version,
        "problem": problem,
        "kernels": []
        if about.id == MACHINE
        else [
            {"name": one.name, "display_name": one.display_name, "engine": one.engine}
            for one in about.kernels
        ],
    }


def _kind(about: Subject) -> str:
    if about.target is None:
        return MACHINE
    return "conda" if about.target.prefix is not None else "goroot"


def _go_of(about: Subject) -> tuple[str, str]:
    """The Go's version, or why it can't be used."""
    if about.target is None:
        return "", ""
    try:
        return resolve.find_toolchain(about.target).version, ""
    except (GoKernelError, OSError) as error:
        return "", str(error)


_DO: Mapping[str, Callable[[_Job], None]] = {
    "check": _check,
    "fix": _fix,
    "preview": _preview,
    "environments": _environments,
    "kept": _kept,
    "report": _report,
}
