"""The engines there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from go_kernel.findings import GoKernelError


class UnknownEngine(GoKernelError):
    """No engine has this name."""

    id = "engine.unknown"

    def __init__(self, name: str):
        super().__init__(
            f"There is no engine named {name!r}.",
            f"The engines are: {', '.join(names())}.",
        )
        self.name = name


@dataclass(frozen=True)
class Engine:
    """A Go program that is a kernel.

    `folder` holds its go.mod, go.sum and `mends/`; `package` is the import path of its
    main package; `mended` are the modules that the mends edit, by the name the mends
    call them; `minimum_go` is the oldest Go that builds it; `language_info` is what a
    kernelspec and a notebook say about the language.
    """

    name: str
    display_name: str
    folder: Path
    package: str
    mended: Mapping[str, str]
    minimum_go: tuple[int, int]
    # How a client interrupts it: by SIGINT, or by a message on the control channel.
    interrupt_mode: str = "signal"
    # Whether it takes over listening sockets (`go_kernel.sockets`).
    inherits_sockets: bool = True
    language_info: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType(
            {
                "name": "go",
                "mimetype": "text/x-go",
                "file_extension": ".go",
                "pygments_lexer": "go",
                "codemirror_mode": "go",
                "nbconvert_exporter": "script",
            }
        )
    )


_FOLDER = Path(__file__).parent

GOPHERNOTES = Engine(
    name="gophernotes",
    display_name="gophernotes",
    folder=_FOLDER / "gophernotes",
    package="github.com/gopherdata/gophernotes",
    mended=MappingProxyType(
        {
            "gophernotes": "github.com/gopherdata/gophernotes",
            "gomacro": "github.com/cosmos72/gomacro",
        }
    ),
    minimum_go=(1, 22),
)

_ENGINES: Mapping[str, Engine] = MappingProxyType({GOPHERNOTES.name: GOPHERNOTES})


def names() -> tuple[str, ...]:
    """The names of all engines, the default first."""
    return tuple(_ENGINES)


def get(name: str) -> Engine:
    """The engine of this name; raises `UnknownEngine`."""
    try:
        return _ENGINES[name]
    except KeyError:
        raise UnknownEngine(name) from None
