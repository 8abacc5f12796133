"""What is left of a kernelspec of ours whose kernel.json is no JSON any more.

An editor that crashed or a full disk leaves an empty file, or half of one.  It doesn't
say any more who wrote it, and Jupyter leaves it out.  Where it is ours beyond doubt it
may be written over and removed as any other of ours.
"""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

from go_kernel.engines import catalogue
from go_kernel.files import is_file

LOGOS = ("logo-32x32.png", "logo-64x64.png", "logo-svg.svg")

# What stands in each of ours, in the order in which it is written.
_MARKS = (b"from go_kernel.", b'"gokernel"', b"gokernel-provisioner")
# A kernel.json is some kilobytes; one without end would fill the memory.
_MOST_BYTES = 1_000_000


def is_broken(folder: Path) -> bool:
    """Whether a kernelspec's kernel.json can be read, and is no JSON: whoever made it."""
    return _text(folder) is not None


def is_ours(folder: Path) -> bool:
    """Whether a folder holds a kernel.json of ours that is no JSON any more.

    Either its text names us, as far as it goes; or the folder is called as ours are, and
    all that is in it besides are our logos.
    """
    text = _text(folder)
    if text is None:
        return False
    return any(mark in text for mark in _MARKS) or (_is_named(folder) and _has_our_logos(folder))


def _text(folder: Path) -> bytes | None:
    """What stands in a kernel.json that is no JSON; None where it is, or can't be read."""
    path = folder / "kernel.json"
    try:
        if not is_file(path) or path.stat().st_size > _MOST_BYTES:
            return None
        text = path.read_bytes()
        json.loads(text)
    except OSError:
        return None
    except (ValueError, RecursionError):
        return text
    return None


def _is_named(folder: Path) -> bool:
    prefixes = tuple(f"{catalogue.get(name).prefix}-" for name in catalogue.names())
    return folder.name.startswith(prefixes)


def _has_our_logos(folder: Path) -> bool:
    """All files are logos by their names, and one at least is ours by its content."""
    try:
        logos = [path for path in folder.iterdir() if path.name != "kernel.json"]
        known = all(path.name in LOGOS and is_file(path) for path in logos)
        return known and any(path.read_bytes() == logo(path.name) for path in logos)
    except OSError:
        return False


def logo(name: str) -> bytes:
    """The picture of this name."""
    return resources.files("go_kernel").joinpath("logos", name).read_bytes()
