"""Projects to repair, and a module proxy in a folder that they get their modules from."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from go_kernel.project.go import ProjectGo
from go_kernel.project.repair import repair
from go_kernel.project.repair.repair import Repair
from tests.engines.proxy import LIB, Proxy, saying

MOD = "module example.test/app\n\ngo 1.22\n"
MAIN = 'package main\n\nimport "example.test/lib"\n\nfunc main() { println(lib.Text) }\n'


@dataclass
class Bench:
    """A proxy with two versions of a module, a module cache, and projects in `base`."""

    base: Path
    goroot: Path
    go_cache: Path
    said: list[str] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        proxy = Proxy(self.base / "proxy")
        proxy.publish(LIB, "v0.1.0", saying("one"))
        proxy.publish(LIB, "v0.2.0", saying("two"))
        # What the newer one no longer has, somebody misses.
        proxy.publish("example.test/old", "v0.1.0", {"old.go": "package old\n\nconst Text = 1\n"})
        self.variables = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.base / "home"),
            "GOPROXY": proxy.url,
            "GOSUMDB": "off",
            "GOMODCACHE": str(self.base / "modcache"),
            "GOCACHE": str(self.go_cache),
            "GOFLAGS": "-modcacherw",
            "GOTELEMETRY": "off",
        }

    @property
    def go_program(self) -> Path:
        """The `go` that repairs."""
        return self.goroot / "bin" / "go"

    def go(self, root: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A person's own `go` in a project."""
        env = {**self.variables, "GOTOOLCHAIN": "local", "GOENV": "off", **more}
        argv = [str(self.go_program), *arguments]
        return subprocess.run(argv, cwd=root, env=env, capture_output=True, text=True, check=False)

    def builds(self, root: Path) -> bool:
        """Whether `go build ./...` succeeds there."""
        return self.go(root, "build", "-o", "/dev/null", "./...").returncode == 0

    def project(self, files: dict[str, str] | None = None) -> Path:
        """A new project that imports a module; `files` besides or instead."""
        root = self.base / f"project-{next(self._numbers)}"
        for name, content in {"go.mod": MOD, "main.go": MAIN, **(files or {})}.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        return root

    def vendored(self) -> Path:
        """A project that is well, with a vendor folder."""
        made = self.base / "vendored"
        if not made.exists():
            self.project().rename(made)
            assert self.go(made, "mod", "tidy").returncode == 0
            assert self.go(made, "mod", "vendor").returncode == 0
        root = self.base / f"project-{next(self._numbers)}"
        shutil.copytree(made, root, symlinks=True)
        return root

    def plan(self, root: Path, **more: str) -> Repair | None:
        """What would be done there; `more` are further variables."""
        place = self.base / f"place-{next(self._numbers)}"
        place.mkdir()
        go = ProjectGo(self.go_program, {**self.variables, **more}, network=True)
        return repair.plan(go, root, place, self.said.append)

    def planned(self, root: Path, **more: str) -> Repair:
        """As `plan`, where there is something to do."""
        found = self.plan(root, **more)
        assert found is not None
        return found


Tree = dict[str, tuple[int, int, bytes]]


def tree(root: Path) -> Tree:
    """All that is below a folder: modes, times in nanoseconds, contents; not the root's own."""
    found: Tree = {}
    for above, folders, names in os.walk(root):
        for name in (*folders, *names):
            path = Path(above, name)
            status = path.lstat()
            content = b""
            if stat.S_ISREG(status.st_mode):
                content = path.read_bytes()
            elif stat.S_ISLNK(status.st_mode):
                content = os.fsencode(os.readlink(path))  # noqa: PTH115
            found[str(path.relative_to(root))] = (status.st_mode, status.st_mtime_ns, content)
    return found
