"""Bundles in stores, put there by hand: real modules in Go's layout, small enough to make anew."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from go_kernel import platforms
from go_kernel.offline import paths
from go_kernel.offline.summary import Summary
from tests.engines.proxy import Proxy
from tests.offline.test_store import ABOUT

HERE = "-".join((platforms.host().goos, platforms.host().goarch))


@dataclass
class Shelf:
    """A store; `env` names it, and no other."""

    store: Path
    made: list[Path] = field(default_factory=list)

    @property
    def env(self) -> dict[str, str]:
        """The variables of a process that has this store and none of the site's."""
        return {"GOKERNEL_BUNDLES": str(self.store), "GOKERNEL_SITE_BUNDLES": ""}

    def put(
        self,
        name: str = "",
        *,
        modules: Mapping[str, Mapping[str, str]] | None = None,
        kept: Mapping[str, str] | None = None,
        modcache: Path = Path(),
        goroot: Path | None = None,
        **more: object,
    ) -> Path:
        """A bundle; its folder.

        `modules` are made (`path@version`: files), `kept` are real ones (path: version) out
        of `modcache`, `goroot` is linked to as its toolchain, `more` are fields of its summary.
        """
        folder = self.store / f"{len(self.made) + 1:016x}"
        proxy = Proxy(folder / paths.PROXY)
        for at, files in (modules or {}).items():
            proxy.publish(*at.split("@"), files)
        for path, version in (kept or {}).items():
            self._copy(modcache / "cache" / "download", folder, path, version)
        if goroot is not None:
            place = folder / paths.goroot_of(HERE)
            place.parent.mkdir(parents=True)
            place.symlink_to(goroot)
            version = (goroot / "VERSION").read_text().split()[0].removeprefix("go")
            more["toolchains"] = ((HERE, version),)
        about = replace(ABOUT, id=folder.name, name=name, used_at=float(len(self.made)))
        about = replace(about, **{"extras": (), "toolchains": (), **more})  # type: ignore[arg-type]
        self._close(folder, about)
        self.made.append(folder)
        return folder

    def _copy(self, downloads: Path, folder: Path, path: str, version: str) -> None:
        for kind in ("info", "mod", "zip"):
            name = paths.file_of(path, version, kind)
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(downloads / name.removeprefix(f"{paths.PROXY}/"), folder / name)
        with (folder / paths.list_of(path)).open("a") as known:
            known.write(f"{version}\n")

    def _close(self, folder: Path, about: Summary) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        about.write(folder)
        (folder / paths.SUMS).write_text("")
        for path in (self.store, folder, folder / paths.PROXY):
            if path.exists():
                path.chmod(0o755)
