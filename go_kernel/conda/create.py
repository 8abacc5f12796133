"""Makes a conda environment: solves, installs, and leaves what conda would leave.

No conda is needed.  py-rattler does the work in a process of its own
(`rattler_child.py` says why); this module decides where, tidies up after a
failure, and gives each failure its sentence.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from go_kernel.conda.registration import InstalledPackage, register, without_secrets, write_history
from go_kernel.files import is_folder
from go_kernel.findings import Findings, GoKernelError
from go_kernel.process import CommandError, run

# Downloading a compiler over a slow line takes its time; hanging forever helps nobody.
_SECONDS = 3600
# Of the versions that there are, this many are named.
_MOST_VERSIONS = 8

# Stands in an environment from its first file to its last one.  conda-meta/history tells
# nothing: rattler begins one of its own before it unpacks packages.
_UNFINISHED = Path("conda-meta", "gokernel-unfinished")

# What `install` of the missing part is; also said by the command line's help.
INSTALL_COMMAND = "pip install 'jupyter-gokernel[conda]'"


class CreateError(GoKernelError):
    """An environment can't be made; `prefix` is where it would have been."""

    id = "create.failed"

    def __init__(self, prefix: Path, summary: str, remedy: str, *, evidence: str = ""):
        super().__init__(summary, remedy, evidence=evidence)
        self.prefix = prefix


class InvalidRequest(CreateError):
    """A path, package or channel that no environment can be made of."""

    id = "create.invalid"


class EnvironmentExists(CreateError):
    """Something is there already."""

    id = "create.exists"

    def __init__(self, prefix: Path):
        super().__init__(
            prefix,
            f"{prefix} exists already.",
            f"`jupyter gokernel install --env {shlex.quote(str(prefix))}` gives it a kernel."
            if os.path.lexists(prefix / "bin" / "go")
            else "Choose another name, or remove it first.",
        )


class PlaceUnwritable(CreateError):
    """The folder can't be made."""

    id = "create.unwritable"

    def __init__(self, prefix: Path, error: OSError):
        super().__init__(
            prefix,
            f"{prefix} cannot be made: {error.strerror}.",
            "Choose a place that you may write to.",
        )


class RattlerMissing(CreateError):
    """The optional part isn't installed."""

    id = "create.rattler-missing"

    def __init__(self, prefix: Path, evidence: str):
        super().__init__(
            prefix,
            "py-rattler, which makes conda environments, is not installed.",
            f"Run: {INSTALL_COMMAND}",
            evidence=evidence,
        )


class NoSolution(CreateError):
    """No set of packages fulfils the request; `evidence` is the solver's reason."""

    id = "create.unsolvable"


class ChannelUnreachable(CreateError):
    """A channel's index can't be read; `evidence` is why."""

    id = "create.channel"


def create_environment(
    prefix: Path,
    specs: Sequence[str],
    channels: Sequence[str],
    *,
    env: Mapping[str, str],
    progress: Callable[[str], None] | None = None,
    findings: Findings | None = None,
    command: Sequence[str] = (),
) -> list[InstalledPackage]:
    """Make the conda environment `prefix` holding `specs` from `channels`, and say what it holds.

    Channels are names, URLs, or paths of folders, the first ones preferred strictly.
    `env` decides about proxies, certificates and caches (CONDA_PKGS_DIRS, else
    rattler's own), and its HOME about where the environment is made known;
    `progress` gets one short line at a time, from another thread; `findings` gets
    what went wrong without being a failure; `command` is what the environment's
    history shall say was run.  Packages' post-link scripts are not run.

    Raises a subclass of `CreateError`; then, and on Ctrl-C, nothing is left at `prefix`.
    What a kill leaves is told by `is_unfinished`.
    """
    place = Path(os.path.normpath(prefix.absolute()))
    _refuse_control_characters(place, [str(place), *specs, *channels])
    _refuse_missing_folders(place, channels)
    with _claimed(place):
        request = {
            "prefix": str(place),
            "specs": list(specs),
            "channels": [_channel(channel) for channel in channels],
            "package_cache": _package_cache(env),
        }
        answer = _ask_rattler(place, request, env, progress)
        packages = [InstalledPackage(**package) for package in answer["packages"]]
        mode = 0o666 & ~int(answer["umask"])
        spoken = shlex.join(command or ("jupyter-gokernel", "create", str(place)))
        write_history(place, without_secrets(spoken), specs, packages, mode)
    finding = register(place, env)
    if finding and findings is not None:
        findings.add(finding)
    return packages


def is_unfinished(prefix: Path) -> bool:
    """Whether `create_environment` was killed while it made what is there."""
    meta = prefix / _UNFINISHED.parent
    if os.path.lexists(prefix / _UNFINISHED):
        return True
    try:  # killed between its first folder and the mark in it
        return [*prefix.iterdir()] == [meta] and not any(meta.iterdir())
    except OSError:
        return False


def _refuse_control_characters(prefix: Path, texts: Sequence[str]) -> None:
    for text in texts:
        # Whatever Python takes for a line's end would forge lines of environments.txt and
        # history; NUL ends a path.
        if not text or re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029]", text):
            raise InvalidRequest(
                prefix,
                f"{text!r} is empty or holds a control character.",
                "Choose a name without newlines, tabs and the like.",
            )


def _refuse_missing_folders(prefix: Path, channels: Sequence[str]) -> None:
    for channel in channels:
        spoken = urlsplit(_channel(channel))
        folder = Path(unquote(spoken.path))
        if spoken.scheme == "file" and not is_folder(folder):
            raise ChannelUnreachable(
                prefix,
                f"The channel folder {folder} does not exist.",
                "Give -c a channel's name, its URL or the path of a folder that is there.",
            )


@contextmanager
def _claimed(prefix: Path) -> Iterator[None]:
    """Make `prefix` ours; on failure take away all that has come into it since."""
    missing = [path for path in (prefix, *prefix.parents) if not path.exists()]
    try:
        prefix.mkdir(parents=True, exist_ok=True)
        if any(prefix.iterdir()):
            raise EnvironmentExists(prefix)
        # Of two that got this far, one succeeds.
        (prefix / _UNFINISHED.parent).mkdir()
    except (FileExistsError, NotADirectoryError) as error:
        raise EnvironmentExists(prefix) from error
    except OSError as error:
        raise PlaceUnwritable(prefix, error) from error
    try:
        _begin(prefix)
        yield
        (prefix / _UNFINISHED).unlink()
    except BaseException:  # Ctrl-C too: half an environment looks like a whole one
        _empty(prefix)
        for path in missing:
            with suppress(OSError):  # somebody else's work is in it by now
                path.rmdir()
        raise


def _begin(prefix: Path) -> None:
    try:
        (prefix / _UNFINISHED).touch()
    except OSError as error:
        raise PlaceUnwritable(prefix, error) from error


def _empty(prefix: Path) -> None:
    for path in prefix.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _channel(channel: str) -> str:
    path = Path(channel)
    return path.absolute().as_uri() if path.is_absolute() or channel.startswith(".") else channel


def _package_cache(env: Mapping[str, str]) -> str | None:
    """The first of conda's package caches that takes a file; None: rattler's own choice."""
    for entry in env.get("CONDA_PKGS_DIRS", "").split(os.pathsep):
        if Path(entry).is_absolute():
            # Modes don't tell (root, read-only and network file systems): trying does.
            with suppress(OSError):
                Path(entry).mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryFile(dir=entry):
                    return entry
    return None


# What the child is started with: our own module path, and nothing of the caller's folder.
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); " + (
    "from go_kernel.conda.rattler_child import main; main(sys.argv[2])"
)


def _ask_rattler(
    prefix: Path,
    request: Mapping[str, Any],
    env: Mapping[str, str],
    progress: Callable[[str], None] | None,
) -> dict[str, Any]:
    argv = [sys.executable, "-I", "-c", _START, json.dumps(sys.path), json.dumps(request)]
    try:
        done = run(argv, env=env, timeout=_SECONDS, check=False, on_line=progress)
    except CommandError as error:
        raise CreateError(
            prefix,
            f"{prefix} could not be made: {error.summary}",
            "Try again.",
            evidence=error.output,
        ) from error
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        last = done.stderr.strip().rpartition("\n")[2]
        answer = {"error": "Crash", "message": f"py-rattler ended ({done.returncode}): {last}"}
    if "error" in answer:
        raise _failure(prefix, request, answer)
    return answer


def _other_versions(versions: Sequence[str]) -> str:
    """What to do where no version fits: the newest of those that there are, `versions`."""
    if not versions:
        return "Ask for another version, or add a channel that has it."
    shown = ", ".join(versions[:_MOST_VERSIONS])
    more = ", …" if len(versions) > _MOST_VERSIONS else ""
    return f"Ask for a version that is there ({shown}{more}), or add a channel that has it."


def _failure(prefix: Path, request: Mapping[str, Any], answer: Mapping[str, Any]) -> CreateError:
    """The child's exception, as a sentence of ours with rattler's own words as evidence."""
    kind, message = answer["error"], without_secrets(answer["message"].strip())
    specs = ", ".join(request["specs"])
    channels = without_secrets(", ".join(request["channels"]))
    reason = message.removeprefix("Cannot solve the request because of: ")
    first = reason.partition("\n")[0].rstrip(".")
    if kind in {"ImportError", "ModuleNotFoundError"}:
        return RattlerMissing(prefix, message)
    if kind == "SolverError":
        return NoSolution(
            prefix,
            f"No environment with {specs} can be made from {channels}: {first}.",
            _other_versions(answer.get("versions", ())),
            evidence=message,
        )
    if kind in {"GatewayError", "FetchRepoDataError"}:
        return ChannelUnreachable(
            prefix,
            f"The packages of {channels} cannot be listed: {first}.",
            "Check the channel's name, the network and the proxy settings.",
            evidence=message,
        )
    if kind.startswith("Invalid"):
        return InvalidRequest(
            prefix,
            f"{specs} from {channels} cannot be understood: {first}.",
            "Write packages as NAME or NAME=VERSION, channels as a name, a URL or a path.",
            evidence=message,
        )
    return CreateError(
        prefix,
        f"{prefix} could not be made: {first}.",
        "Check the disk's free space and the network, and try again.",
        evidence=message,
    )
