"""The specs in environment.yml that name one version, and what such a spec says of another.

`foo=1.2` and `foo==1.2.3` are read here; whatever else conda understands is asked of rattler.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import zip_longest

from go_kernel.conda import lock_file, specs
from go_kernel.conda.packages import Package
from go_kernel.project.goversion import order

_NAME = re.compile(r"(?P<channel>[^\s\[\]]*::)?(?P<name>[A-Za-z0-9_.-]+)")
_PIN = re.compile(
    r"\s*(?P<operator>==|=|\s)\s*(?P<version>[A-Za-z0-9_.!+]+?)(?P<star>\.?\*)?"
    r"(?:(?:\s*=\s*|\s+)(?P<build>[^\s=,<>]+))?"
)
_SOME_BUILD = "0"
# How many further series of Go are tried, to learn whether an odd range goes as far.
_SERIES = 30


@dataclass(frozen=True)
class Pin:
    """One spec.

    `head` is the package with its channel, `before` all that precedes the version, and
    `operator` is `=` for what begins with `version`, `==` for that one, "" where any will
    do, None for what only conda reads.
    """

    text: str
    head: str
    name: str
    operator: str | None
    version: str = ""
    build: str = ""
    before: str = ""

    @property
    def shown(self) -> str:
        """The spec as it may be shown: a channel may be a URL that holds a password."""
        return lock_file.redacted(self.text)

    def allows(self, version: str) -> bool:
        """Whether a version of the package fulfils it; raises as `specs.matches`."""
        if self.operator == "":
            return True
        if self.operator is None:
            # Some build is to be there, and which one is conda's to choose.
            return specs.matches(self.text, Package(self.name, version, _SOME_BUILD))
        begins = version.startswith((f"{self.version}.", f"{self.version}+"))
        return same(version, self.version) or (self.operator == "=" and begins)

    def reaches(self, go: str) -> bool:
        """Whether a Go that is at least `go` fulfils it; raises as `specs.matches`."""
        if self.operator in ("=", "=="):
            parts = self.version.count(".") + 1 if self.operator == "=" else 3
            return order(self.version) >= order(".".join(go.split(".")[:parts]))
        major, minor, *_ = (*go.split("."), "0")
        later = (
            (f"{major}.{int(minor) + n}.0" for n in range(1, _SERIES)) if minor.isdigit() else ()
        )
        return any(self.allows(one) for one in (go, f"{major}.{minor}.99", *later))

    def at(self, version: str) -> str:
        """The same spec, naming this one version: a build belongs to the old one, and goes."""
        return f"{self.before or f'{self.head}='}{version}"


def pin(spec: str) -> Pin:
    """A spec as it stands in environment.yml."""
    match = _NAME.match(spec)
    if match is None:
        return Pin(spec, spec, "", None)
    plain = Pin(spec, match[0], match["name"].lower(), "")
    rest = spec[match.end() :]
    if not rest.strip() or rest.strip() == "*":
        return plain
    found = _PIN.fullmatch(rest)
    if found is None:
        return replace(plain, operator=None)
    exact = found["operator"] != "=" or found["build"]
    if found["star"] and exact:
        return replace(plain, operator=None)
    return replace(
        plain,
        operator="==" if exact else "=",
        version=found["version"],
        build=found["build"] or "",
        before=spec[: match.end() + found.start("version")],
    )


def same(one: str, other: str) -> bool:
    """Whether conda takes two versions for one: 1.2 and 1.2.0."""
    if one == other:
        return True
    pairs = zip_longest(one.split("."), other.split("."), fillvalue="0")
    return all(a == b or (a.isdigit() and b.isdigit() and int(a) == int(b)) for a, b in pairs)


def go_spec(head: str, go: str) -> str:
    """A spec for a Go that go.mod's go line asks for: its series, from its patch release on."""
    major, minor, *patch = go.split(".")
    if not minor.isdigit():  # a candidate: 1.27rc1
        return f"{head}>={go}"
    if not patch or patch[0] == "0":
        return f"{head}={major}.{minor}"
    return f"{head}>={go},<{major}.{int(minor) + 1}"
