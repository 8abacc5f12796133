"""Environments of Python with one JupyterHub each, and what the Hub's own tests need.

The versions that people run, side by side: Zero to JupyterHub's, and the newest.  The
packages are installed by pip, once for each content of this list, and kept in the dev
cache; our own package is not among them (PYTHONPATH brings it as it is now).

    python -m tools.hub_venvs [6.1.1]
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from go_kernel.findings import GoKernelError
from go_kernel.process import CommandError, run
from tools.dev_cache import dev_cache, filled_once

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# ref: https://hub.jupyter.org/helm-chart/ (its appVersion), and the newest release
VERSIONS = ("5.5.4", "6.1.1")
_PROJECT = Path(__file__).parents[1] / "pyproject.toml"
# The Hub's extra `test` without what only browsers and JupyterLab's pages need.
_TESTS = (
    *("beautifulsoup4[html5lib]", "cryptography", "jsonschema", "mock", "pytest>=8,<9"),
    *("pytest-asyncio>=1.1,<2", "pytest-rerunfailures", "requests-mock", "virtualenv"),
    *("configurable-http-proxy>=0.4", "jupyter_server>=2.14", "pytest-timeout>=2.3"),
)
_SECONDS = 900


class VenvError(GoKernelError):
    """An environment with a JupyterHub can't be made."""

    id = "tools.hub-venv"


def requirements(version: str) -> tuple[str, ...]:
    """What pip is asked for: that JupyterHub, its tests' needs, and our package's."""
    ours = tomllib.loads(_PROJECT.read_text())["project"]["dependencies"]
    return (f"jupyterhub=={version}", *_TESTS, *ours)


def python(version: str, env: Mapping[str, str] | None = None) -> Path:
    """The Python of the environment with that JupyterHub, made where it isn't there.

    Raises `VenvError`.
    """
    environment = os.environ if env is None else env
    wanted = requirements(version)

    def fill(place: Path) -> None:
        pip = [f"{place}/bin/python", "-m", "pip", "install", "--quiet"]
        try:
            run([sys.executable, "-m", "venv", str(place)], env=environment, timeout=_SECONDS)
            run([*pip, "--no-warn-script-location", *wanted], env=environment, timeout=_SECONDS)
        except CommandError as error:
            raise VenvError(
                f"An environment with JupyterHub {version} could not be made.",
                "Look at pip's own words, and at the network.",
                evidence=error.evidence,
            ) from error

    folder = dev_cache(environment) / "hubs" / f"{version}-{_digest(wanted)}"
    return filled_once(folder, fill) / "bin" / "python"


def _digest(wanted: tuple[str, ...]) -> str:
    told = "\n".join([sys.version, sys.base_prefix, *wanted])
    return hashlib.sha256(told.encode()).hexdigest()[:12]


if __name__ == "__main__":
    for chosen in sys.argv[1:] or VERSIONS:
        print(python(chosen))
