"""The ways in which getting an engine fails, each one sentence and a remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from types import MappingProxyType

from go_kernel.findings import GoKernelError, Remedy
from go_kernel.goerrors import explain
from go_kernel.toolchain import Toolchain
from go_kernel.variables import mask_urls

# What is kept of a failed build's output: the end, where compilers say what went wrong.
_EVIDENCE_CHARACTERS = 8000
_PACKAGE = re.compile(r"[\w./+~-]+")


class EngineError(GoKernelError):
    """Base of the errors of engines."""

    id = "engine.error"


def command_for(toolchain: Toolchain, engine: str) -> str:
    """The command that builds `engine` with `toolchain`."""
    option, place = ("--env", toolchain.prefix) if toolchain.prefix else ("--go", toolchain.goroot)
    return f"jupyter gokernel engine build --engine {engine} {option} {quote(str(place))}"


def command_of_site(toolchain: Toolchain, engine: str, store: Path) -> str:
    """The command by which an administrator builds `engine` for everybody, into `store`."""
    place = quote(str(store))
    build = command_for(toolchain, engine)
    return f"GOKERNEL_STORE={place} {build} && chmod -R a+rX {place}"


class EngineMissing(EngineError):
    """The engine isn't built for this toolchain and may not be built now.

    `site_store` is where the site's administrator would build it, None where there is no site.
    """

    id = "engine.missing"

    def __init__(self, engine: str, toolchain: Toolchain, key: str, site_store: Path | None = None):
        remedy = Remedy(
            "Build it, or ask your administrator to:", (command_for(toolchain, engine),)
        )
        if site_store is not None:
            command = command_of_site(toolchain, engine, site_store)
            remedy = Remedy("Ask the administrator to run:", (command,))
        super().__init__(
            f"{engine} has not been built with {toolchain.name} yet, and building it at launch "
            "is switched off here.",
            remedy,
        )
        self.engine = engine
        self.toolchain = toolchain
        self.key = key


class GoTooOld(EngineError):
    """Go is older than the engine needs; `instead` is one that this Go builds."""

    id = "engine.go-too-old"

    def __init__(self, engine: str, version: str, minimum: tuple[int, ...], instead: str = ""):
        needed = ".".join(map(str, minimum))
        other = f", or install with --engine {instead}" if instead else ""
        super().__init__(
            f"{engine} needs Go {needed} or newer, and this is Go {version}.",
            f'Update Go in the environment, for example to "go>={needed}"{other}.',
        )
        self.engine = engine
        self.version = version
        self.minimum = minimum


class UnsupportedPlatform(EngineError):
    """Engines don't run on this system."""

    id = "engine.platform"

    def __init__(self, engine: str, goos: str):
        super().__init__(
            f"{engine} runs on Linux and macOS, not on {goos}: Go can load compiled packages "
            "only there.",
            "On Windows, install Jupyter and Go inside WSL (the Windows Subsystem for Linux).",
        )
        self.engine = engine
        self.goos = goos


class BuildFailed(EngineError):
    """Building the engine failed; `evidence` is what the tools printed, `kind` what it was.

    `env` are the variables that they ran with.
    """

    id = "engine.build-failed"

    def __init__(
        self,
        engine: str,
        toolchain: Toolchain,
        output: str,
        step: str,
        env: Mapping[str, str] = MappingProxyType({}),
    ):
        output = _without_packages(output)
        cause = explain(output, env, wanted=f"--engine {engine}")
        output = mask_urls(output)
        known = cause.kind != "unknown"
        super().__init__(
            f"{engine} could not be built with {toolchain.name}: "
            f"{cause.reason if known else _last_line(step, output)}.",
            cause.remedy,
            evidence=output[-_EVIDENCE_CHARACTERS:],
        )
        self.engine = engine
        self.toolchain = toolchain
        self.kind = cause.kind
        self.step = step


class BuildTimedOut(EngineError):
    """The time for building, or for waiting for another build, ran out."""

    id = "engine.build-timed-out"

    def __init__(self, engine: str, toolchain: Toolchain, seconds: float, doing: str):
        super().__init__(
            f"Building {engine} with {toolchain.name} took longer than {seconds:g} s "
            f"(while {doing}) and was ended.",
            Remedy("Build it without a time limit:", (command_for(toolchain, engine),)),
        )
        self.engine = engine
        self.toolchain = toolchain
        self.seconds = seconds
        self.doing = doing


class StoreUnwritable(EngineError):
    """The user's store can't be written."""

    id = "engine.store-unwritable"

    def __init__(self, store: Path, reason: str):
        super().__init__(
            f"The engine store {store} can't be written: {reason}.",
            "Make that folder writable for you, or set GOKERNEL_STORE to one that is.",
        )
        self.store = store
        self.reason = reason


class StoreUntrusted(EngineError):
    """Others could have changed what is in a store."""

    id = "engine.store-untrusted"

    def __init__(self, path: Path, reason: str):
        remedy = Remedy("Take that right away:", (f"chmod -R go-w {quote(str(path))}",))
        if not reason.startswith("is writable"):
            remedy = Remedy("Engines must belong to you or to root.")
        super().__init__(f"The engine in {path} is not used, because {path} {reason}.", remedy)
        self.path = path
        self.reason = reason


def _without_packages(output: str) -> str:
    """What `go build -v` printed without the names of the packages it went through."""
    return "\n".join(line for line in output.splitlines() if not _PACKAGE.fullmatch(line))


def _last_line(step: str, output: str) -> str:
    lines = [line.strip().rstrip(".") for line in output.splitlines() if line.strip()]
    return f"{step}: {lines[-1]}" if lines else step
