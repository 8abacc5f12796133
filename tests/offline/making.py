"""Bundles made from a module proxy in a folder, and Go that has nothing but a bundle."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from go_kernel import toolchain
from go_kernel.offline import create, wanted
from go_kernel.offline.create import Created, Output
from go_kernel.offline.wanted import Wanted
from go_kernel.toolchain import Toolchain


@dataclass
class Maker:
    """Makes bundles below `base`, with a module cache of its own there."""

    base: Path
    goroot: Path
    go_cache: Path
    proxy: str
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def chain(self) -> Toolchain:
        """The Go that resolves."""
        return toolchain.at_goroot(self.goroot)

    @property
    def cache(self) -> Path:
        """The person's own module cache."""
        return self.base / "gomodcache"

    def env(self, **more: str) -> dict[str, str]:
        """A kernel's variables, as far as Go is concerned."""
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.base / "home"),
            "GOPATH": str(self.base / "gopath"),
            "GOMODCACHE": str(self.cache),
            "GOCACHE": str(self.go_cache),
            "GOPROXY": self.proxy,
            "GOSUMDB": "off",
            "GOTELEMETRY": "off",
            **self.variables,
            **more,
        }

    def go(self, *arguments: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
        """A person's own `go`."""
        env = self.env(GOTOOLCHAIN="local", GOENV="off", GOFLAGS="-modcacherw", **more)
        argv = [str(self.goroot / "bin" / "go"), *arguments]
        return subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, check=False)

    def bundle(
        self,
        *modules: str,
        projects: Sequence[Path] = (),
        out: str = "out/",
        force: bool = False,
    ) -> Created:
        """A bundle without an engine, as a folder where nothing else is said."""
        want = Wanted((), tuple(projects), tuple(map(wanted.query, modules)))
        env = self.env()
        with create.workplace(env) as place:
            asking = create.asking_in(place, self.chain, env)
            output = Output(self.base / out.rstrip("/"), out.endswith("/"), force)
            return create.create(want, [], output, asking)


@dataclass
class Offline:
    """Go with a bundle, and without a network, the checksum database or a module cache."""

    maker: Maker
    bundle: Path
    numbers: int = 0

    def go(self, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run `go` in a folder, with an empty module cache."""
        self.numbers += 1
        more = {
            "GOPROXY": f"file://{self.bundle}/proxy",
            "GOMODCACHE": str(self.maker.base / f"offline-{self.numbers}"),
            "GONOPROXY": "none",
            "GOVCS": "*:off",
            # Nothing listens there: whoever asks the network fails.
            "HTTPS_PROXY": "http://127.0.0.1:9",
        }
        return self.maker.go(*arguments, cwd=cwd, **more)

    def imported(self, *packages: str, text: str = "") -> str:
        """Import packages as a kernel does, one after the other; gives the modules they took."""
        folder = self.maker.base / f"scratch-{self.numbers}"
        folder.mkdir()
        (folder / "go.mod").write_text(f"module gomacro.imports/plugin\n\ngo 1.22\n{text}")
        for package in packages:
            got = self.go("get", package, cwd=folder)
            assert got.returncode == 0, got.stderr
        listed = self.go("list", "-mod=mod", "-deps", "-f", _MODULE, *packages, cwd=folder)
        assert listed.returncode == 0, listed.stderr
        modules = sorted({*listed.stdout.split("\n")} - {""})
        if not text:
            self._held(modules)
        return " ".join(modules)

    def _held(self, modules: list[str]) -> None:
        """What a kernel that holds these asks before its next import."""
        folder = self.maker.base / f"scratch-{self.numbers}"
        folder.mkdir()
        held = "".join(f"\nrequire {one.replace('@', ' ')} // indirect\n" for one in modules)
        (folder / "go.mod").write_text(f"module gomacro.imports/plugin\n\ngo 1.22\n{held}")
        asked = ("list", "-mod=mod", "-m", "-json=Path,Version,Main,Replace", "all")
        got = self.go(*asked, cwd=folder)
        assert got.returncode == 0, got.stderr


_MODULE = "{{with .Module}}{{.Path}}@{{.Version}}{{end}}"


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {
        os.path.relpath(path, folder): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
