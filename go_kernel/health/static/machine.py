"""The machine's own: home, scratch folders, engine stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from go_kernel.engines.errors import StoreUntrusted, StoreUnwritable
from go_kernel.files import exists, foreign_writer, is_folder, is_noexec, nearest_existing, writable
from go_kernel.findings import Finding, Remedy
from go_kernel.folders import NOWHERE
from go_kernel.health.check import About, Answer, Check, error, ok, skipped, warn
from go_kernel.health.context import Context
from go_kernel.scratch import NoScratch

_HOMELESS = "Without a home there is no place for it; home.present says what to do."


def _scratch(context: Context) -> Finding:
    base = context.around.scratch
    if base.is_relative_to(NOWHERE):
        return skipped(_HOMELESS)
    folder = nearest_existing(base)
    if not _writable(folder):
        raise NoScratch(base, OSError(0, f"{folder} can't be written"))
    if is_noexec(folder):
        return error(
            f"Kernels' scratch folders in {base} are on a file system from which nothing may run "
            "(noexec): imports and GoNB's cells can't work.",
            Remedy("Set XDG_CACHE_HOME to a folder on another file system."),
        )
    return ok(f"Programs can be run from kernels' scratch folders in {base}.")


def _writable(folder: Path) -> bool:
    return is_folder(folder) and writable(folder)


SCRATCH = Check(
    "scratch.executable",
    "Programs run from scratch folders",
    _scratch,
    broken_by="The user's cache folder is mounted noexec, or can't be written.",
    mended_by="Set XDG_CACHE_HOME to a folder on another file system.",
    about=About.MACHINE,
    needs=(),
)


def _stores(context: Context) -> Answer:
    stores = context.around.stores
    homeless = stores.user.is_relative_to(NOWHERE)
    problems = [*(() if homeless else _store_problems(stores.user)), *_untrusted(context)]
    if homeless and not problems:
        return skipped(_HOMELESS)
    return problems or ok(f"Engines in {stores.user} can be used, and nobody else may write them.")


def _store_problems(store: Path) -> Iterator[Finding]:
    folder = nearest_existing(store)
    if not _writable(folder):
        yield StoreUnwritable(store, f"{folder} can't be written").finding()
    elif is_noexec(folder):
        yield error(
            f"The engine store {store} is on a file system from which nothing may run (noexec).",
            Remedy("Set GOKERNEL_STORE to a folder on another file system."),
        )


def _untrusted(context: Context) -> Iterator[Finding]:
    """The stores themselves, then what is in those that are fine."""
    stores = context.around.stores
    bad = [
        StoreUntrusted(store, reason).finding()
        for store in (*stores.site, stores.user)
        if exists(store) and (reason := foreign_writer(store))
    ]
    yield from bad or stores.findings()


STORES = Check(
    "store.private",
    "Engine stores can be used and are private",
    _stores,
    broken_by="A store of engines is writable by others, not writable by you, or mounted noexec.",
    mended_by="Take others' right to write away (`chmod -R go-w`), or set GOKERNEL_STORE.",
    about=About.MACHINE,
    needs=(),
)


def _home(context: Context) -> Finding:
    home = context.env.get("HOME", "")
    if not home.startswith("/"):
        said = f"HOME is {home!r}, no absolute path" if home else "HOME is not set"
        return error(
            f"{said}: nothing can be kept for you.", Remedy("Set HOME to a folder of yours.")
        )
    if not is_folder(home):
        return error(
            f"Your home {home} does not exist: nothing can be kept for you.",
            Remedy("Make it, or set HOME to a folder that is there."),
        )
    if not _writable(Path(home)):
        return warn(
            f"Your home {home} can't be written.",
            Remedy("Make it writable, or set XDG_CACHE_HOME and XDG_DATA_HOME to other folders."),
        )
    return ok(f"Your home is {home}.")


HOME = Check(
    "home.present",
    "There is a home to keep things in",
    _home,
    broken_by="HOME is not set, does not exist, or can't be written.",
    mended_by="Set HOME to a folder that you can write.",
    about=About.MACHINE,
    needs=(),
)
