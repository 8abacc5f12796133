"""Would the Jupyter that people start find our provisioner?

A kernelspec names its provisioner by an entry point; in a server whose Python doesn't
have it, the kernel silently vanishes from every list.  The server's Python is that of
the `jupyter-lab`, `jupyter-server` or `jupyter-notebook` on PATH, read from the
script's first line; nothing is run.
"""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from go_kernel.files import is_file
from go_kernel.findings import Finding, Remedy, Status
from go_kernel.kernelspec import PROVISIONER

_PROGRAMS = ("jupyter-lab", "jupyter-server", "jupyter-notebook", "jupyter")
_SITES = (
    *("lib/python3.*/site-packages", "lib64/python3.*/site-packages"),
    # Debian's own Python
    *("lib/python3/dist-packages", "local/lib/python3.*/dist-packages"),
)
_INFO = "jupyter_gokernel-*.dist-info/entry_points.txt"
_GROUP = "jupyter_client.kernel_provisioners"


def findings(env: Mapping[str, str], own: Path | None = None) -> Iterator[Finding]:
    """One warning for each server's Python that lacks our entry point.

    `own` is the Python that runs us.
    """
    seen = set()
    for program in _PROGRAMS:
        script = shutil.which(program, path=env.get("PATH", ""))
        python = _python_of(Path(script)) if script else None
        prefix = python and _prefix_of(python)
        if script and python and prefix and prefix not in seen:
            seen.add(prefix)
            ours = prefix == _prefix_of(own or Path(sys.executable))
            if not ours and not _has_entry_point(prefix, env):
                yield missing(python, Path(script))


def knows_us(python: Path, env: Mapping[str, str]) -> bool:
    """Whether the packages of a Python have our entry point, as its Jupyter would look for it."""
    return _has_entry_point(_prefix_of(python), env)


def _python_of(script: Path) -> Path | None:
    """The interpreter in a script's first line, or, in pip's form for long paths, its second."""
    try:
        with script.open("rb") as stream:
            first, second = (stream.readline(4096).decode("utf-8", "replace") for _ in range(2))
    except OSError:
        return None
    found = re.fullmatch(r"#!\s*(/\S*python[0-9.]*)\b.*", first.strip())
    if first.startswith("#!/bin/sh"):
        found = re.match(r"""'''exec' ["']?(/.*?python[0-9.]*)["']? """, second)
    return Path(found[1]) if found else None


def _prefix_of(python: Path) -> Path:
    """Where a Python's packages are: the folder above its `bin`, links in it resolved.

    A link `bin/python` itself is not followed: a virtual environment's leads out of it.
    """
    folder = Path(os.path.realpath(python.parent))
    return folder.parent


def _has_entry_point(prefix: Path, env: Mapping[str, str]) -> bool:
    return any(_names_provisioner(file) for file in _entry_points(prefix, env))


def _entry_points(prefix: Path, env: Mapping[str, str]) -> Iterator[Path]:
    for root in (prefix, *_bases(prefix)):
        for site in _SITES:
            yield from root.glob(f"{site}/{_INFO}")
        home = env.get("HOME", "")
        if home.startswith("/"):
            # A user's packages are kept by version: only this Python's count.
            for version in {path.name for path in root.glob("lib/python3.*")}:
                yield from Path(home).glob(f".local/lib/{version}/site-packages/{_INFO}")


def _bases(prefix: Path) -> Iterator[Path]:
    """The Python below a virtual environment that sees its packages."""
    settings = prefix / "pyvenv.cfg"
    if not is_file(settings):
        return
    text = settings.read_text("utf-8", "replace")
    values = dict(re.findall(r"^\s*([\w-]+)\s*=\s*(.*?)\s*$", text, re.MULTILINE))
    home = values.get("home", "")
    if values.get("include-system-site-packages", "").lower() == "true" and home:
        yield Path(home).parent


def _names_provisioner(file: Path) -> bool:
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None)
    try:
        parser.read_string(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return False
    return parser.has_option(_GROUP, PROVISIONER)


def missing(python: Path, script: Path | None = None) -> Finding:
    """A Python that Jupyter (or the program `script`) runs on lacks our entry point."""
    return Finding(
        id="server.no-provisioner",
        status=Status.WARN,
        summary=(
            f"{script or 'Jupyter'} runs on {python}, where jupyter-gokernel is not installed: "
            "that Jupyter will not show this kernel."
        ),
        evidence=str(python),
        remedy=Remedy(
            "Install it there, or install the kernel with --portable; there:",
            (f"{shlex.quote(str(python))} -m pip install jupyter-gokernel",),
        ),
    )
