"""`modcache.clear`: remove modules that are not what was downloaded.

Go unpacks a module again from the zip that it kept.  Where the zip is wrong as well, it
goes, too, and Go downloads it anew, checked against go.sum.
ref: https://go.dev/ref/mod#module-cache
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from go_kernel.files import is_file
from go_kernel.findings import Risk
from go_kernel.health.context import Context
from go_kernel.health.fix import FixKind, Plan
from go_kernel.health.fixes.doing import FixBusy, changing
from go_kernel.health.live.poison import Cached, is_intact, poisoned
from go_kernel.offline import gohash

# To see what a check has just found: it is among those that changed last.
_LOOK_SECONDS = 20.0
_LOCK_SECONDS = 30.0


def plan(context: Context) -> Plan | None:
    """The changed modules in this environment's module cache; raises as `resolve.resolve`."""
    if context.subject.target is None:
        return None
    modcache = Path(context.resolved.environment.get("GOMODCACHE"))
    if not modcache.is_absolute():
        return None
    found = poisoned(modcache, time.monotonic() + _LOOK_SECONDS)
    changed = [one for one in found.poisoned if _is_inside(one, modcache)]
    if not changed:
        return None
    return Plan([*map(_step, changed)], lambda: _clear(changed, modcache, context))


def _step(module: Cached) -> str:
    if _zip_is_right(module):
        return f"Remove {module.folder}; Go unpacks {module} again from what it downloaded."
    return f"Remove {module.folder} and its download; Go downloads {module} again."


def _clear(modules: list[Cached], modcache: Path, context: Context) -> None:
    with changing(context, modcache):
        for module in modules:
            context.progress(f"removing {module}")
            with _of_go(module):
                if _is_inside(module, modcache) and _is_changed(module):
                    _remove(module)


def _is_changed(module: Cached) -> bool:
    """Whether it still is: somebody may have mended it since."""
    return os.path.lexists(module.folder) and not is_intact(module)


def _remove(module: Cached) -> None:
    """Whatever happens meanwhile, Go takes it for half unpacked and begins anew."""
    partial = module.ziphash.with_suffix(".partial")
    if not _zip_is_right(module):
        for suffix in (".zip", ".info", ".ziphash"):
            _beside(module, suffix).unlink(missing_ok=True)
    partial.touch(0o600)
    for place, _, _ in os.walk(module.folder):  # Go makes these folders read-only
        mode = stat.S_IMODE(Path(place).lstat().st_mode)
        Path(place).chmod(mode | stat.S_IRWXU)
    _remove_folder(module.folder)
    partial.unlink(missing_ok=True)


def _remove_folder(folder: Path) -> None:
    """As shutil.rmtree, whose errors name a file without its folder."""
    if sys.version_info >= (3, 12):
        shutil.rmtree(folder, onexc=lambda _, path, error: _raise(path, error))
    else:
        shutil.rmtree(folder, onerror=lambda _, path, info: _raise(path, info[1]))


def _raise(path: str, error: BaseException) -> None:
    if isinstance(error, OSError):
        error.filename = path
    raise error


def _beside(module: Cached, suffix: str) -> Path:
    return module.ziphash.with_suffix(suffix)


@contextmanager
def _of_go(module: Cached) -> Iterator[None]:
    """Hold the lock that Go takes to unpack this module; raises FixBusy.

    ref: https://go.dev/src/cmd/go/internal/modfetch/cache.go (lockVersion)
    """
    descriptor = os.open(
        _beside(module, ".lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666
    )
    try:
        deadline = time.monotonic() + _LOCK_SECONDS
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise FixBusy(module.folder) from None
                time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)


def _is_inside(module: Cached, modcache: Path) -> bool:
    return _is_below(module.folder, modcache) and _is_below(module.ziphash.parent, modcache)


def _is_below(folder: Path, modcache: Path) -> bool:
    """Whether a folder is truly in the cache: no link on the way leads out of it."""
    below = folder.relative_to(modcache) if folder.is_relative_to(modcache) else None
    if below is None or not below.parts or ".." in below.parts:
        return False
    top = Path(os.path.realpath(modcache))
    return os.path.realpath(folder) == str(top / below) and not folder.is_symlink()


def _zip_is_right(module: Cached) -> bool:
    # Opening a named pipe would wait for ever.
    if not (is_file(module.ziphash) and is_file(_beside(module, ".zip"))):
        return False
    try:
        expected = module.ziphash.read_text(encoding="utf-8", errors="replace").strip()
        with _beside(module, ".zip").open("rb") as archive:
            return gohash.of_zip(archive) == expected
    except (OSError, ValueError):
        return False


FIX = FixKind(
    id="modcache.clear",
    title="Remove changed modules",
    risk=Risk.LOW,
    plan=plan,
    recheck=("modcache.intact",),
)
