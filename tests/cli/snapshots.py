"""A small project that is built of one module, and a proxy that has the module."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.engines.proxy import LIB, Proxy, saying

MAIN = f"""\
package main

import "{LIB}"

func main() {{ println(lib.Say()) }}
"""


@dataclass(frozen=True)
class Project:
    """A project's folder, and the module cache that holds what it needs."""

    folder: Path
    modules: Path

    def write(self, name: str, text: str) -> Path:
        """Write one of its files."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


def make(base: Path, go: Path, *, version: str = "v1.0.0") -> Project:
    """The project in `base`/greet, its module in the cache, go.sum complete."""
    proxy = Proxy(base / "proxy")
    for one in ("v1.0.0", "v1.1.0"):
        proxy.publish(LIB, one, saying(f"hello {one}"))
    project = Project(base / "greet", base / "gomodcache")
    project.write("go.mod", f"module example.test/greet\n\ngo 1.22\n\nrequire {LIB} {version}\n")
    project.write("cmd/greet/main.go", MAIN)
    env = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(base),
        "GOMODCACHE": str(project.modules),
        "GOPROXY": proxy.url,
        "GOSUMDB": "off",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-modcacherw",
    }
    for words in (("mod", "download", LIB), ("mod", "tidy")):
        subprocess.run([go, *words], cwd=project.folder, env=env, check=True, capture_output=True)
    return project
