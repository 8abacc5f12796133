"""One version in two spellings: a Go module's and a conda package's.

| Go | conda |
|---|---|
| v1.2.3 | 1.2.3 |
| v2.0.0+incompatible | 2.0.0 |
| v1.2.3-rc.1 | 1.2.3rc.1 |
| v0.0.0-20240102030405-abcdef123456 | 0.0.0dev20240102030405+abcdef123456 |
| v1.2.4-0.20240102030405-abcdef123456 | 1.2.4dev20240102030405+abcdef123456 |
| v1.2.3-rc.1.0.20240102030405-abcdef123456 | 1.2.3rc.1.post20240102030405+abcdef123456 |

Each of these has a way back, for a module path says whether a major version is
+incompatible.  conda sorts them as Go does: `dev` before all else, `post` behind.
What has no way back is refused: a wrong guess would change a version silently.

ref: https://go.dev/ref/mod#versions, https://go.dev/ref/mod#pseudo-versions
ref: https://docs.conda.io/projects/conda/en/stable/user-guide/concepts/pkg-specs.html
"""

from __future__ import annotations

import re

from go_kernel.findings import GoKernelError
from go_kernel.printable import printable

_NUMBER = r"(?:0|[1-9][0-9]*)"
_GO = re.compile(
    rf"v(?P<release>{_NUMBER}\.{_NUMBER}\.{_NUMBER})"
    r"(?:-(?P<pre>[0-9A-Za-z.-]+))?(?P<incompatible>\+incompatible)?"
)
_PSEUDO = re.compile(
    r"(?:(?P<pre>(?!0\.[0-9]{14}-)[0-9A-Za-z.-]+?)\.)?(?P<zero>0\.)?"
    r"(?P<time>[0-9]{14})-(?P<rev>.+)"
)
_REVISION = re.compile(r"[0-9a-z]+")
# As both have it: no capitals, which conda doesn't tell apart, and no dashes, which it has none of.
_PRE = re.compile(r"[a-z][0-9a-z]*(?:\.[0-9a-z]+)*")
_CONDA = re.compile(
    rf"(?P<release>{_NUMBER}(?:\.{_NUMBER}){{0,2}})"
    r"(?P<pre>[a-z][0-9a-z]*(?:\.[0-9a-z]+)*?)??"
    r"(?:(?:dev|(?P<post>\.post))(?P<time>[0-9]{14})\+(?P<rev>[0-9a-z]+))?"
)
_BUILD = re.compile(r"(?P<version>[^\s=]+)(?:\s*=\s*|\s+)\S+")
_SUFFIX = re.compile(r"/v(?P<major>[2-9]|[1-9][0-9]+)")
_GOPKG = re.compile(r"gopkg\.in/.*\.v(?P<major>0|[1-9][0-9]*)(?:-unstable)?")


class Inexpressible(GoKernelError):
    """A version that the other side has no word for; `reason` is half a sentence."""

    id = "lock.inexpressible"

    def __init__(self, version: str, side: str, reason: str):
        super().__init__(
            f"The version {printable(version)} can't be said in {side}'s words: "
            f"{printable(reason)}.",
            "Name its counterpart under `versions` in gokernel-lock.yml.",
        )
        self.version = version
        self.side = side
        self.reason = reason


def to_conda(version: str) -> str:
    """A module's version as conda's; raises Inexpressible."""
    match = _GO.fullmatch(version)
    if match is None:
        raise Inexpressible(version, "conda", "it is no version of a module")
    release, pre = match["release"], match["pre"]
    if pre is None:
        return release
    pseudo = _PSEUDO.fullmatch(pre)
    if pseudo is not None:
        return release + _pseudo_to_conda(version, release, pseudo)
    return release + _checked_pre(version, pre)


def _pseudo_to_conda(version: str, release: str, pseudo: re.Match[str]) -> str:
    if not _REVISION.fullmatch(pseudo["rev"]):
        raise Inexpressible(version, "conda", "its revision holds capitals or dashes")
    end = f"{pseudo['time']}+{pseudo['rev']}"
    if pseudo["pre"] is not None and pseudo["zero"]:
        return f"{_checked_pre(version, pseudo['pre'])}.post{end}"
    # Go counts on from a release, if there is one: then `0.` is there, and the last number isn't 0.
    if pseudo["pre"] is not None or bool(pseudo["zero"]) == release.endswith(".0.0"):
        raise Inexpressible(version, "conda", "it is no pseudo-version as Go makes them")
    return f"dev{end}"


def _checked_pre(version: str, pre: str) -> str:
    if not _PRE.fullmatch(pre):
        raise Inexpressible(
            version,
            "conda",
            f"the pre-release {pre} has capitals or dashes, or begins with a digit",
        )
    if pre.startswith("post"):
        raise Inexpressible(version, "conda", "to conda, post comes after the release")
    if any(part.isdigit() and part != str(int(part)) for part in pre.split(".")):
        raise Inexpressible(version, "conda", "a number begins with 0")
    return pre


def to_go(version: str, module: str) -> str:
    """A conda package's version, also with its build, as that of `module`; raises Inexpressible."""
    bare = without_build(version)
    match = _CONDA.fullmatch(bare)
    if match is None:
        raise Inexpressible(version, "Go", "it isn't three numbers, perhaps with a pre-release")
    release, pre = match["release"], match["pre"] or ""
    if pre:
        _as_go_reads(version, pre)
    if (pre or match["time"]) and release.count(".") < 2:
        raise Inexpressible(version, "Go", "a pre-release follows three numbers")
    release += ".0" * (2 - release.count("."))
    if bool(match["post"]) != bool(pre and match["time"]):
        raise Inexpressible(version, "Go", "it is no pseudo-version as Go makes them")
    return f"v{release}{_pre_to_go(release, pre, match)}{_incompatible(version, release, module)}"


def _as_go_reads(version: str, pre: str) -> None:
    try:
        _checked_pre(version, pre)
    except Inexpressible as error:
        raise Inexpressible(version, "Go", error.reason) from error


def _pre_to_go(release: str, pre: str, match: re.Match[str]) -> str:
    if match["time"] is None:
        return f"-{pre}" if pre else ""
    end = f"{match['time']}-{match['rev']}"
    if pre:
        return f"-{pre}.0.{end}"
    return f"-{end}" if release.endswith(".0.0") else f"-0.{end}"


def _incompatible(version: str, release: str, module: str) -> str:
    """What follows from the module's path; raises Inexpressible where it is of another major."""
    major = int(release.partition(".")[0])
    gopkg = _GOPKG.fullmatch(module)
    suffix = gopkg or _SUFFIX.search(module[module.rfind("/") :] if "/" in module else "")
    if suffix is not None and (gopkg or suffix.end() == len(module) - module.rfind("/")):
        if int(suffix["major"]) != major:
            raise Inexpressible(version, "Go", f"{module} has major version {suffix['major']} only")
        return ""
    return "+incompatible" if major > 1 else ""


def without_build(version: str) -> str:
    """The version where conda's build follows it: `1.2.3=h123_0`, `1.2.3 h123_0`."""
    said = version.strip()
    match = _BUILD.fullmatch(said)
    return match["version"] if match else said
