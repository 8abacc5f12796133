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
class Program:
    """One executable of an engine: the import path of its main package, its file's name.

    Run with the arguments `trial` it tries itself and ends; without any it isn't tried.
    """

    package: str
    name: str
    trial: tuple[str, ...] = ()


@dataclass(frozen=True)
class Engine:
    """A Go program that is a kernel, and the programs that it needs beside it.

    `folder` holds its go.mod, go.sum and `mends/`; `programs` are what is built of it, the
    kernel first; `mended` are the modules that the mends edit, by the name the mends call
    them, and `licences` what those edits are published under; `minimum_go` is the oldest
    Go that builds it.
    """

    name: str
    display_name: str
    folder: Path
    programs: tuple[Program, ...]
    mended: Mapping[str, str]
    minimum_go: tuple[int, ...]
    licences: str = ""
    # The command line after the program's name; {connection_file} is filled in.
    arguments: tuple[str, ...] = ("{connection_file}",)
    # Further variables of the kernel's process.
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    # Whether all modules but the mended ones get import paths of their own, which a
    # notebook's imports can't collide with: for kernels that load what is imported.
    private_modules: bool = True
    # Whether it reads the standard library's declarations from prepared files.
    prepared_exports: bool = True
    # How a client interrupts it: by SIGINT, or by a message on the control channel.
    interrupt_mode: str = "signal"
    # Whether it takes over listening sockets (`go_kernel.sockets`).
    inherits_sockets: bool = True
    # What its kernels are called: `go-NAME`, and `Go (conda env: NAME)` or `Go (GoNB, ...)`.
    prefix: str = "go"
    label: str = ""
    # What a kernelspec and a notebook say about the language.
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

    @property
    def kernel(self) -> Program:
        """The program that is the kernel."""
        return self.programs[0]


_FOLDER = Path(__file__).parent

GOPHERNOTES = Engine(
    name="gophernotes",
    display_name="gophernotes",
    folder=_FOLDER / "gophernotes",
    programs=(Program("github.com/gopherdata/gophernotes", "gophernotes", ("-check",)),),
    mended=MappingProxyType(
        {
            "gophernotes": "github.com/gopherdata/gophernotes",
            "gomacro": "github.com/cosmos72/gomacro",
        }
    ),
    minimum_go=(1, 22),
    licences=(
        "Those for github.com/cosmos72/gomacro are published under the Mozilla Public License "
        "2.0, as gomacro is; those for github.com/gopherdata/gophernotes under its MIT licence."
    ),
)

GONB = Engine(
    name="gonb",
    display_name="GoNB",
    folder=_FOLDER / "gonb",
    programs=(
        Program("github.com/janpfeifer/gonb", "gonb", ("--version",)),
        # Every cell goes through goimports; gopls completes and inspects.
        Program("golang.org/x/tools/cmd/goimports", "goimports"),
        Program("golang.org/x/tools/gopls", "gopls", ("version",)),
    ),
    mended=MappingProxyType({"gonb": "github.com/janpfeifer/gonb"}),
    minimum_go=(1, 24, 4),
    licences="They are published under GoNB's MIT licence.",
    # As `gonb --install` writes it.
    arguments=("--kernel", "{connection_file}", "--logtostderr"),
    # Neither gopls nor go then starts its telemetry's sidecar, a process that makes itself
    # a session of its own and would outlive the kernel.
    # ref: https://pkg.go.dev/golang.org/x/telemetry#Start
    variables=MappingProxyType({"GO_TELEMETRY_CHILD": "2"}),
    # A cell is a program of its own, made by `go build`: nothing in it meets the kernel's.
    private_modules=False,
    prepared_exports=False,
    interrupt_mode="message",
    inherits_sockets=False,
    prefix="gonb",
    label="GoNB",
)

_ENGINES: Mapping[str, Engine] = MappingProxyType({one.name: one for one in (GOPHERNOTES, GONB)})


def names() -> tuple[str, ...]:
    """The names of all engines, the default first."""
    return tuple(_ENGINES)


def get(name: str) -> Engine:
    """The engine of this name; raises `UnknownEngine`."""
    try:
        return _ENGINES[name]
    except KeyError:
        raise UnknownEngine(name) from None
