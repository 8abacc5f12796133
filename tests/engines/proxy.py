"""A module proxy in a folder, for imports that need no network."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from go_kernel.goerrors.table import escaped


@dataclass(frozen=True)
class Proxy:
    """What GOPROXY can name.  ref: https://go.dev/ref/mod#goproxy-protocol."""

    folder: Path

    @property
    def url(self) -> str:
        """The value for GOPROXY."""
        return f"file://{self.folder}"

    def publish(
        self, path: str, version: str, files: Mapping[str, str], *, go: str = "1.22", more: str = ""
    ) -> None:
        """Add a version of a module; `more` is what its go.mod says besides."""
        versions = self.folder / escaped(path) / "@v"
        versions.mkdir(parents=True, exist_ok=True)
        mod = f"module {path}\n\ngo {go}\n{more}"
        with (versions / "list").open("a") as known:
            known.write(f"{version}\n")
        (versions / f"{version}.info").write_text(json.dumps({"Version": version}))
        (versions / f"{version}.mod").write_text(mod)
        with zipfile.ZipFile(versions / f"{version}.zip", "w") as archive:
            for name, content in {**files, "go.mod": mod}.items():
                archive.writestr(f"{path}@{version}/{name}", content)


LIB = "example.test/lib"


def saying(text: str) -> dict[str, str]:
    """The files of a package `lib` whose constant `Text` is `text`."""
    return {
        "lib.go": f'package lib\n\nconst Text = "{text}"\n\nfunc Say() string {{ return Text }}\n'
    }
