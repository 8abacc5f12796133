"""Go, asked in a module cache of its own: what it then asked for is what a bundle needs.

The cache is private and empty, and its first source is the person's own cache, for exact
versions only.  Nothing of a project runs: `go` only lists, tidies and downloads, with no
flags but ours, and is the Go that was chosen (GOTOOLCHAIN=local).
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote

from go_kernel import platforms, process
from go_kernel.goerrors import explain
from go_kernel.offline import mirror
from go_kernel.offline.progress import Progress
from go_kernel.offline.unmade import NotGathered
from go_kernel.process import Completed
from go_kernel.toolchain import Toolchain

# As good as no limit: a person who sits before it has Ctrl-C.
_SECONDS = 86_400.0
_TICK = 1.0
_NOTHING: Mapping[str, str] = MappingProxyType({})
# Ours, and a program that would be run for Go's build cache.
_NOT_HANDED_ON = ("GOKERNEL_SUMS", "GOKERNEL_OFFLINE", "GOCACHEPROG", "GOMODCACHE")

# Where engines run; what others need of a project, its `go mod tidy` finds.
_SYSTEMS, _MACHINES = ("linux", "darwin"), ("amd64", "arm64")


def _platforms() -> Iterator[Mapping[str, str]]:
    here = platforms.host()
    yield {"CGO_ENABLED": "0"}
    known = {(goos, goarch) for goos in _SYSTEMS for goarch in _MACHINES}
    for goos, goarch in sorted(known | {(here.goos, here.goarch)}):
        yield {"GOOS": goos, "GOARCH": goarch, "CGO_ENABLED": "1"}


# Variables by which Go chooses files, once for each platform that kernels run on.
PLATFORMS = tuple(_platforms())


class Package(NamedTuple):
    """A package as Go found it for one of PLATFORMS; where it is replaced, `version` is ""."""

    platform: int
    path: str
    module: str
    version: str


@dataclass
class Asking:
    """A `go` with a private module cache in the empty folder `place`.

    `given` are the variables of a kernel of the environment, `notes` what is told to the
    person in the end: sentences.  `seen` is what packages import, without the standard
    library's.
    """

    toolchain: Toolchain
    given: Mapping[str, str]
    place: Path
    progress: Progress
    notes: list[str] = field(default_factory=list)
    seen: dict[Package, Sequence[str]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        own = Path(self.given.get("GOMODCACHE") or "/dev/null")
        mirror.make(own, self._mirror)
        self.cache.mkdir()
        (self.place / "tmp").mkdir()
        mirror.share(own, self.cache)
        self._variables = {
            **{name: v for name, v in self.given.items() if name not in _NOT_HANDED_ON},
            "GOROOT": str(self.toolchain.goroot),
            "GOENV": "off",
            "GOTOOLCHAIN": "local",
            "GO111MODULE": "on",
            # The private cache has to go again.
            "GOFLAGS": "-modcacherw",
            "GOMODCACHE": str(self.cache),
            "GOTMPDIR": str(self.place / "tmp"),
            "GIT_TERMINAL_PROMPT": "0",
        }
        self._proxy = self.given.get("GOPROXY") or self._default("GOPROXY")

    @property
    def cache(self) -> Path:
        """The private module cache."""
        return self.place / "mod"

    @property
    def downloads(self) -> Path:
        """What Go fetched, laid out as a module proxy is."""
        return self.cache / "cache" / "download"

    @property
    def _mirror(self) -> Path:
        return self.place / "known"

    @property
    def sources(self) -> Mapping[str, str]:
        """Where modules come from besides the person's own cache, as variables."""
        return {"GOPROXY": self._proxy}

    def folder(self, name: str) -> Path:
        """A new empty folder."""
        made = self.place / f"{name}-{next(self._numbers)}"
        made.mkdir()
        return made

    def go(
        self,
        arguments: Sequence[str],
        cwd: Path,
        what: str,
        *,
        check: bool = True,
        exact: bool = True,
        more: Mapping[str, str] = _NOTHING,
    ) -> Completed:
        """Run `go`; `what` is what is said not to be had where it fails.

        Without `exact` the person's own cache isn't asked: for queries such as `latest`.
        `more` are further variables; GOWORK is off unless they say otherwise.  Raises
        NotGathered, with `check` for every exit code but 0.
        """
        sources = f"file://{quote(str(self._mirror))}|{self._proxy}" if exact else self._proxy
        env = {**self._variables, "GOPROXY": sources, "GOWORK": "off", "PWD": str(cwd), **more}
        argv = (str(self.toolchain.go), *arguments)
        try:
            with self._counting(what):
                return process.run(argv, env=env, timeout=_SECONDS, cwd=cwd, check=check)
        except process.CommandFailed as error:
            raise NotGathered(what, error.output, env=self.sources) from error
        except process.CommandError as error:
            raise NotGathered(what, error.output or str(error), env=self.sources) from error

    def json(self, arguments: Sequence[str], cwd: Path, what: str, **how: Any) -> Any:
        """The JSON object that `go` prints; raises NotGathered."""
        return json.loads(self.go(arguments, cwd, what, **how).stdout)

    def module(self, name: str, text: str, sums: str = "") -> Path:
        """A folder with a module of ours in it; `text` is its go.mod behind the go line."""
        folder = self.folder(name)
        go_mod = f"module gokernel.bundle/{name}\n\ngo {self.toolchain.go_line}\n{text}"
        (folder / "go.mod").write_text(go_mod)
        if sums:
            (folder / "go.sum").write_text(sums)
        return folder

    def _default(self, name: str) -> str:
        argv = (str(self.toolchain.go), "env", name)
        return process.run(argv, env=self._variables, timeout=60, cwd=self.place).stdout.strip()

    @contextmanager
    def _counting(self, what: str) -> Iterator[None]:
        """Say every second what has come, as long as `go` works."""
        over = threading.Event()

        def tell() -> None:
            while not over.wait(_TICK):
                number, size = self.got()
                self.progress(f"{what}: {number} module{'s' * (number != 1)}, {size / 1e6:.1f} MB")

        thread = threading.Thread(target=tell, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def got(self) -> tuple[int, int]:
        """How many modules have come so far, and their bytes."""
        sizes = [zip_file.stat().st_size for zip_file in self.downloads.rglob("*.zip")]
        return len(sizes), sum(sizes)


def third_party(imports: Iterable[str]) -> Sequence[str]:
    """Those that some module provides: what has no dot in its first part comes with Go."""
    return tuple(path for path in imports if "." in path.partition("/")[0])


_MODULE_AT = re.compile(r"\S@v[0-9]")


def serious(output: str) -> str:
    """The lines of what a tolerant `go` printed that are about modules it really needs.

    `go mod tidy -e` goes on where a package can't be found, as it also does where the
    network broke off; the one is how that module is, the other must not go unnoticed.
    """
    lines = [line for line in output.splitlines() if _MODULE_AT.search(line)]
    text = "\n".join(lines)
    cause = explain(text)
    harmless = cause.absent or cause.kind in ("unknown", "go-too-old")
    return "" if not lines or harmless else text
