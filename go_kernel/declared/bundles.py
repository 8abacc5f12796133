"""Declared bundles: known by the SHA-256 that the file states, which proves them, too."""

from __future__ import annotations

from shlex import join

from go_kernel.declared.errors import Changed
from go_kernel.declared.model import Bundle
from go_kernel.declared.record import Made
from go_kernel.declared.steps import Action, Kind, Step, Tell, World
from go_kernel.offline import fitting, remove, store, use
from go_kernel.offline.proof import Proof
from go_kernel.offline.store import BundleStores


def step(wish: Bundle, world: World) -> Step:
    """What is to be done about a bundle; its file is looked at only where it is missing."""
    place, name = _place(wish), wish.name or wish.file.name
    known = world.record.get(Kind.BUNDLE.value, place)
    found = _found(wish.sha256, wish.site, world)
    if found is not None and wish.name in ("", found.name):
        made = known and Made(known.kind, place, name, found.id)
        return Step(Kind.BUNDLE, name, place, Action.NONE, (str(found.folder),), made)
    # To be called something else it is used again; whose it is stays as it was.
    ours = known is not None or found is None

    def take_in(tell: Tell) -> Made:
        return _use(wish, world, tell)

    begun = Made(Kind.BUNDLE.value, place, name) if ours else None
    action = Action.MAKE if found is None else Action.CHANGE
    details: tuple[str, ...] = (f"from {wish.file}",)
    if found is not None:
        details = (f"its name from {found.name or 'none'} to {wish.name}",)
    return Step(Kind.BUNDLE, name, place, action, details, begun, take_in)


def removal(made: Made, world: World) -> Step | None:
    """How to take one away; None where it is gone already."""
    digest, _, whose = made.place.partition(" ")
    site = whose == "site"
    found = _found(digest, site, world)
    if found is None:
        return None
    if made.key in world.record.of_others():
        command = join(["jupyter", "gokernel", "bundle", "remove", found.id])
        raise Changed(f"The bundle {made.name}", "another file uses it, too", command)

    def take_away(tell: Tell) -> Made:
        remove.remove(BundleStores.from_environment(world.env), [found.id], site=site)
        return made

    details = (str(found.folder),)
    return Step(Kind.BUNDLE, made.name, made.place, Action.REMOVE, details, made, take_away)


def _use(wish: Bundle, world: World, tell: Tell) -> Made:
    used = use.use(
        wish.file,
        BundleStores.from_environment(world.env),
        world.env,
        site=wish.site,
        proof=Proof(wish.sha256),
        name=wish.name,
        progress=tell,
    )
    for finding in fitting.misfits(used.bundle):
        world.warn(finding)
    return Made(Kind.BUNDLE.value, _place(wish), wish.name or wish.file.name, used.bundle.id)


def _place(wish: Bundle) -> str:
    return f"{wish.sha256} {'site' if wish.site else 'user'}"


def _found(digest: str, site: bool, world: World) -> store.Bundle | None:
    """The bundle in the user's or the site's store; None where it isn't there, or not usable."""
    stores = BundleStores.from_environment(world.env)
    for bundle in store.bundles(stores).bundles:
        # Of a folder the hash is its manifest's, with which the id begins.
        same = digest in (bundle.summary.sha256, "") or digest.startswith(bundle.id)
        if bundle.site == site and same:
            return bundle
    return None
