"""Whether a class with the mixin can work at all, told when the class is made."""

from __future__ import annotations

from go_kernel.hub import kinds
from go_kernel.hub.errors import WrongClass


def check(cls: type, mixin: type) -> None:
    """Raise WrongClass for a class in which the mixin would do nothing, or harm."""
    if kinds.comes_from(cls, "wrapspawner.WrapSpawner"):
        raise WrongClass(
            cls.__name__,
            "a spawner that wraps another one makes no variables of its own",
            "Mix GoSpawnerMixin into the wrapped class, that of `child_class` or of each profile.",
        )
    spawner = kinds.position(cls, "jupyterhub.Spawner")
    if 0 <= spawner < cls.__mro__.index(mixin):
        raise WrongClass(
            cls.__name__,
            "GoSpawnerMixin comes behind the spawner, which then never calls it",
            f"Write it first: `class {cls.__name__}(GoSpawnerMixin, ...)`.",
        )
