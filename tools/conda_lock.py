"""conda-lock itself, in an environment of Python of its own: what it reads is what we may write.

It isn't installed beside our package: it brings versions of its own of much that we use.
Installed by pip, once for each version, and kept in the dev cache.

    python -m tools.conda_lock
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

VERSION = "4.0.2"
_SECONDS = 900


class CondaLockError(GoKernelError):
    """conda-lock can't be installed."""

    id = "tools.conda-lock"


def python(env: Mapping[str, str] | None = None) -> Path:
    """The Python that can import `conda_lock`, made where it isn't there; raises CondaLockError."""
    environment = os.environ if env is None else env

    def fill(place: Path) -> None:
        pip = [f"{place}/bin/python", "-m", "pip", "install", "--quiet"]
        wanted = f"conda-lock=={VERSION}"
        try:
            run([sys.executable, "-m", "venv", str(place)], env=environment, timeout=_SECONDS)
            run([*pip, "--no-warn-script-location", wanted], env=environment, timeout=_SECONDS)
        except CommandError as error:
            raise CondaLockError(
                f"conda-lock {VERSION} could not be installed.",
                "Look at pip's own words, and at the network.",
                evidence=error.evidence,
            ) from error

    told = "\n".join([sys.version, sys.base_prefix, VERSION])
    digest = hashlib.sha256(told.encode()).hexdigest()[:12]
    folder = dev_cache(environment) / "conda-lock" / f"{VERSION}-{digest}"
    return filled_once(folder, fill) / "bin" / "python"


if __name__ == "__main__":
    print(python())
