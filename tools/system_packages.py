"""What tests need of the system, beside Python: installed where we may, else named.

As root on Debian and its like, apt-get installs what is missing; anywhere else one
sentence names it, before anything else has taken its time.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from go_kernel.findings import GoKernelError
from go_kernel.process import CommandError, run

_INSTALL_SECONDS = 1800
_PROGRAM = "#include <stdlib.h>\nint main(void) { return EXIT_SUCCESS; }\n"


class SystemPackagesMissing(GoKernelError):
    """Something is missing that we may not install."""

    id = "tools.system-packages"


@dataclass(frozen=True)
class Need:
    """A thing, how to find out whether it is there, and Debian's packages that bring it."""

    name: str
    is_there: Callable[[Mapping[str, str]], bool]
    debian: tuple[str, ...]


def _on_path(program: str, env: Mapping[str, str]) -> bool:
    return shutil.which(program, path=env.get("PATH", "")) is not None


def _compiles(env: Mapping[str, str]) -> bool:
    """Whether cc links a program: Debian's compiler comes without the C library's headers."""
    if not _on_path("cc", env):
        return False
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "test.c"
        source.write_text(_PROGRAM)
        argv = ["cc", str(source), "-o", str(source.with_suffix(""))]
        return run(argv, env=env, timeout=60, check=False).returncode == 0


def browser(env: Mapping[str, str]) -> str:
    """The Chromium on PATH, under whichever of its names; "" where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = (shutil.which(name, path=env.get("PATH", "")) for name in names)
    return next(filter(None, found), "")


def _raises_loopback(env: Mapping[str, str]) -> bool:
    """Whether there is `ip`; only Linux has namespaces in which it is wanted."""
    return os.uname().sysname != "Linux" or _on_path("ip", env)


def _has_browser(env: Mapping[str, str]) -> bool:
    return bool(browser(env))


NEEDS = (
    Need("a C compiler", _compiles, ("gcc", "libc6-dev")),
    Need("bash", partial(_on_path, "bash"), ("bash",)),
    # `env --shell` is tried in each of them.
    *(Need(name, partial(_on_path, name), (name,)) for name in ("dash", "zsh", "fish", "tcsh")),
    # Private modules come by git, signatures of bundles by ssh-keygen.
    Need("git", partial(_on_path, "git"), ("git",)),
    Need("ssh-keygen", partial(_on_path, "ssh-keygen"), ("openssh-client",)),
    # What runs without network runs in a namespace.
    Need("ip", _raises_loopback, ("iproute2",)),
    # The docs' commands are typed as they stand there.
    Need("jq", partial(_on_path, "jq"), ("jq",)),
    # The panel is tried in it: Playwright's own browsers can't be had everywhere.
    Need("chromium", _has_browser, ("chromium",)),
)


def provide(env: Mapping[str, str], *, root: bool) -> None:
    """Install what is missing, or raise `SystemPackagesMissing` with one sentence about it."""
    missing = [need for need in NEEDS if not need.is_there(env)]
    if not missing:
        return
    packages = [package for need in missing for package in need.debian]
    names = ", ".join(need.name for need in missing)
    if not (root and _on_path("apt-get", env)):
        raise SystemPackagesMissing(
            f"The tests need {names}, which this machine lacks.",
            f"Install it (Debian: apt-get install {' '.join(packages)}) and run again.",
        )
    print(f"Installing {' '.join(packages)} ...", flush=True)
    quiet = dict(env) | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        run(["apt-get", "update"], env=quiet, timeout=_INSTALL_SECONDS)
        install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
        run(install, env=quiet, timeout=_INSTALL_SECONDS)
    except CommandError as error:
        raise SystemPackagesMissing(
            f"The tests need {names}, and apt-get could not install it.",
            f"Run: apt-get install {' '.join(packages)}",
            evidence=error.output,
        ) from error


def main() -> int:
    """Provide for this machine; 1 and a sentence where that can't be."""
    try:
        provide(os.environ, root=os.geteuid() == 0)
    except GoKernelError as error:
        print(error, error.evidence, sep="\n", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
