"""Puts the built panel into wheels and source archives; hatchling runs this.

An editable install leaves it out, so that nobody needs Node.js to work on the Python
part: a server started with `JUPYTER_PATH=build` shows what `make labextension` built.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools import labextension

_SKIP = "GOKERNEL_NO_LABEXTENSION"
_TARGET = f"share/jupyter/labextensions/{labextension.NAME}"


class LabextensionHook(BuildHookInterface[Any]):
    """Builds the panel where need be, or says in a sentence what to do."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What building it takes of Python, where it will be built."""
        wanted = not os.environ.get(_SKIP) and not labextension.is_current(self._repository)
        return ["jupyter-builder>=1.0.2"] if wanted and self._has_node else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the built files to what is packed."""
        if version == "editable" or os.environ.get(_SKIP):
            return
        self._build()
        built = str(labextension.built(self._repository))
        if self.target_name == "sdist":
            build_data["force_include"][built] = f"build/labextensions/{labextension.NAME}"
            digest = self._repository / "build" / "labextension.sha256"
            build_data["force_include"][str(digest)] = "build/labextension.sha256"
        else:
            install = str(self._repository / "labextension" / "install.json")
            build_data["shared_data"][built] = _TARGET
            build_data["shared_data"][install] = f"{_TARGET}/install.json"

    @property
    def _repository(self) -> Path:
        return Path(self.root)

    @property
    def _has_node(self) -> bool:
        return labextension.node_on_path(os.environ)

    def _build(self) -> None:
        if labextension.is_current(self._repository):
            return
        if not self._has_node:
            self.app.abort(
                "The panel for JupyterLab is not built, and there is no Node.js 20.19 or newer: "
                f"run `make labextension` first, or set {_SKIP}=1 to go without the panel."
            )
        try:
            labextension.build(os.environ, self._repository)
        except labextension.BuildError as error:
            self.app.abort(f"{error}\nSet {_SKIP}=1 to go without the panel.")
