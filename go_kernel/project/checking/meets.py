"""Is the environment the one that the project's files ask for?"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from go_kernel import platforms
from go_kernel.conda import lock_file, specs
from go_kernel.conda.environment_file import Dependency, EnvironmentFile
from go_kernel.conda.lock_file import Locked, LockFile
from go_kernel.conda.packages import Package
from go_kernel.findings import Remedy
from go_kernel.project import fingerprint
from go_kernel.project.checking.subject import Subject
from go_kernel.project.checking.violation import Violation, environment_of
from go_kernel.project.goversion import is_newer
from go_kernel.project.snapshot import model
from go_kernel.project.snapshot.model import Snapshot

# As many of a fingerprint's are shown.
_DIGITS = 12


def go_violations(subject: Subject, lines: Mapping[str, str]) -> Iterator[Violation]:
    """The environment's Go against the go lines of files, by their names."""
    for finding in subject.errors:
        yield environment_of("go", finding.summary, remedy=finding.remedy)
    if subject.own is None:
        return
    own = subject.own.version
    for name, asked in lines.items():
        if asked and is_newer(asked, own):
            said = f"{name} asks for Go {asked}, and {_place(subject)} has Go {own}."
            yield environment_of("go", said, name, remedy=_install(subject, f"go>={asked}"))


def no_environment(names: Sequence[str]) -> Violation:
    """Files ask for a conda environment, and none was named."""
    ask = "asks" if len(names) == 1 else "ask"
    return environment_of(
        "none",
        f"{' and '.join(names)} {ask} for a conda environment, and none is active or named.",
        names[0],
        remedy=Remedy("Activate it, or name it with --env."),
    )


def subdir_of(packages: Sequence[Package]) -> str:
    """Conda's platform of an environment: its packages'; the machine's where all are noarch."""
    counted = Counter(one.subdir for one in packages if one.subdir not in ("", "noarch"))
    if counted:
        return counted.most_common(1)[0][0]
    here = platforms.host()
    return platforms.to_subdir(here.goos, here.goarch, here.goarm) or ""


def platform_violations(
    subdir: str, environment: EnvironmentFile | None, lock: LockFile | None
) -> Iterator[Violation]:
    """The environment's platform against those that files are for."""
    named = [(environment.path.name, environment.platforms)] if environment else []
    named += [(lock_file.NAME, lock.platforms)] if lock else []
    for file, listed in named:
        if listed and subdir not in listed:
            said = f"{file} is for {', '.join(listed)}, and the environment is for {subdir}."
            yield environment_of("platform", said, file)


def package_violations(
    environment: EnvironmentFile,
    packages: Sequence[Package],
    subject: Subject,
    subdir: str,
    lock: LockFile | None,
) -> Iterator[Violation]:
    """The packages of the environment against what environment.yml asks for.

    What `lock` answers for is left to it: it names the one that is to be installed.
    """
    there = {one.name: one for one in packages}
    locked = {one.name: one for one in _locked(lock, subdir)}
    file = environment.path.name
    for asked in environment.specs(subdir):
        name = specs.name_of(asked.spec)
        if name.startswith("__"):  # a property of the machine, which is no package
            continue
        package = there.get(name)
        chosen = locked.get(name)
        if chosen and not _is_there(chosen, package) and specs.matches(asked.spec, _as(chosen)):
            continue
        if package is None:
            yield _unmet(file, asked, f"and {_place(subject)} has no {name}", subject)
        elif not specs.matches(asked.spec, package):
            but = f"and {_place(subject)} has {package}"
            if specs.is_of_another_channel(asked.spec, package):
                but += f" of another channel, {specs.channel_of(package)}"
            yield _unmet(file, asked, but, subject)


def locked_violations(
    lock: LockFile, packages: Sequence[Package], subject: Subject, subdir: str
) -> Iterator[Violation]:
    """The packages of the environment against those that conda-lock.yml has for its platform."""
    there = {one.name: one for one in packages}
    command = ("conda-lock", "install", "-p", str(subject.prefix), str(lock.yaml.path))
    remedy = Remedy("Install what is locked", (shlex.join(command),))
    for asked in _locked(lock, subdir):
        package = there.get(asked.name)
        if not _is_there(asked, package):
            has = str(package) if package else f"no {asked.name}"
            if package and (package.version, package.build) == (asked.version, asked.build):
                has = f"another {has}, by its hash"
            said = f"{lock_file.NAME} has {_spoken(asked)}, and {_place(subject)} has {has}."
            yield environment_of("locked", said, lock_file.NAME, remedy=remedy)


def fingerprint_violations(
    snapshot: Snapshot, packages: Sequence[Package], subject: Subject, folder: Path
) -> Iterator[Violation]:
    """The environment's fingerprint against that of the snapshot in `folder`."""
    if subject.own is None:  # which was told already
        return
    if snapshot.environment is None:
        packages = ()  # it is of a Go outside of conda
    own = fingerprint.of(packages, subject.go_sha256)
    if own != snapshot.fingerprint:
        said = (
            f"{model.NAME} has the fingerprint {snapshot.fingerprint[:_DIGITS]}..., and "
            f"{_place(subject)} has {own[:_DIGITS]}..., which is another environment."
        )
        command = ["jupyter", "gokernel", "snapshot", "verify", str(folder)]
        if subject.prefix is not None:
            command += ["--env", str(subject.prefix)]
        remedy = Remedy("See what differs", (shlex.join(command),))
        yield environment_of("fingerprint", said, model.NAME, remedy=remedy)


def _locked(lock: LockFile | None, subdir: str) -> Iterator[Locked]:
    """What has to be installed on a platform."""
    for one in lock.packages if lock else ():
        if one.manager == "conda" and one.platform == subdir and one.category == "main":
            yield one


def _as(locked: Locked) -> Package:
    """A locked package as one that is installed; the channel is its spec's matter."""
    return Package(
        locked.name,
        locked.version,
        locked.build,
        subdir=locked.platform,
        sha256=locked.sha256,
        md5=locked.md5,
    )


def _is_there(asked: Locked, package: Package | None) -> bool:
    """By the best hash that both have, else by version and build."""
    if package is None:
        return False
    if asked.sha256 and package.sha256:
        return asked.sha256 == package.sha256
    if asked.md5 and package.md5:
        return asked.md5 == package.md5
    return asked.version == package.version and asked.build in ("", package.build)


def _spoken(asked: Locked) -> str:
    return "-".join(part for part in (asked.name, asked.version, asked.build) if part)


def _unmet(file: str, asked: Dependency, but: str, subject: Subject) -> Violation:
    said = f"{file}, line {asked.line}, asks for {asked.spec}, {but}."
    return environment_of("package", said, file, asked.line, _install(subject, asked.spec))


def _install(subject: Subject, spec: str) -> Remedy | None:
    if subject.prefix is None:
        return None
    command = shlex.join(["conda", "install", "-p", str(subject.prefix), spec])
    return Remedy("Install it", (command,))


def _place(subject: Subject) -> str:
    """The environment as it is spoken of."""
    if subject.prefix is not None:
        return str(subject.prefix)
    return f"the Go in {subject.toolchain.goroot}" if subject.own else "the environment"
