"""Which addresses git replaces for a kernel: `url.NEW.insteadOf = OLD` in its settings.

Private modules are often reached that way, and nothing that Go prints tells of it.
git is asked, since its settings are in many files that include each other.

ref: https://git-scm.com/docs/git-config#Documentation/git-config.txt-urlltbasegtinsteadOf
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from go_kernel import process
from go_kernel.printable import printable
from go_kernel.variables import mask_urls

_ASKED = ("config", "--null", "--show-origin", "--get-regexp", r"^url\..*\.insteadof$")
_KEY = re.compile(r"url\.(.*)\.insteadof", re.DOTALL)
_NONE_FOUND = 1  # git's exit code
_SECONDS = 10.0


@dataclass(frozen=True)
class Rule:
    """git asks for `uses` where an address begins with `instead_of`; both without credentials.

    `origin` is the file that says so, or the variables that do.
    """

    instead_of: str
    uses: str
    origin: str

    def to_dict(self) -> dict[str, str]:
        """Plain data for JSON."""
        return {"instead_of": self.instead_of, "uses": self.uses, "origin": self.origin}


@dataclass(frozen=True)
class Rules:
    """All rules, those that git reads first in front; `problem` is why there may be more."""

    rules: tuple[Rule, ...] = ()
    problem: str = ""


def rules(variables: Mapping[str, str]) -> Rules:
    """The rules that hold for a git that runs with these variables; none without git."""
    git = shutil.which("git", path=variables.get("PATH", ""))
    if git is None:
        return Rules()
    try:
        # In no repository: those of the module cache are Go's own.
        done = process.run([git, *_ASKED], env=variables, timeout=_SECONDS, cwd="/", check=False)
    except process.CommandError as error:
        return Rules(problem=mask_urls(str(error)))
    if done.returncode not in (0, _NONE_FOUND):
        said = done.stderr.strip().removeprefix("fatal: ") or f"exit code {done.returncode}"
        return Rules(problem=mask_urls(f"git can't read its settings: {printable(said)}"))
    return Rules(tuple(_read(done.stdout)))


def _read(printed: str) -> Iterator[Rule]:
    fields = printed.split("\0")
    for origin, entry in zip(fields[::2], fields[1::2], strict=False):
        key, _, old = entry.partition("\n")
        match = _KEY.fullmatch(key)
        if match:
            yield Rule(*(printable(mask_urls(one)) for one in (old, match[1], _spoken(origin))))


def _spoken(origin: str) -> str:
    if origin.startswith("command line:"):
        return "variables (GIT_CONFIG_COUNT)"
    return origin.removeprefix("file:")
