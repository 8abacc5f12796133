"""make hub: a JupyterHub on this machine, whose users choose between two versions of Go.

What `jupyterhub_config/local` describes, with two environments that are made here, their
engines built, so that the first kernel of each user starts at once.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from go_kernel.files import write_json
from go_kernel.findings import GoKernelError
from go_kernel.hub import single
from go_kernel.process import run
from tools import labextension, toolchains
from tools.channel import Go, local_channel
from tools.demo import REPOSITORY, environment, now_and_then, say, step
from tools.dev_cache import dev_cache
from tools.recipes import Layout

FOLDER = REPOSITORY / ".demo"
HUB = FOLDER / "hub"
CONFIG = REPOSITORY / "jupyterhub_config" / "local" / "jupyterhub_config.py"
VERSIONS = ("1.26", "1.27")
_BUILD_SECONDS = 1800


def prefixes(env: Mapping[str, str]) -> dict[str, Path]:
    """The two environments by their ids, made where they are missing."""
    made = {}
    for version in VERSIONS:
        exact = toolchains.newest(version)
        channel = local_channel((Go(exact, Layout.B),), env=env)
        made[f"go-{version}"] = FOLDER / "envs" / f"go-{version}"
        environment(str(channel), f"go={exact}", env, made[f"go-{version}"])
    return made


def engines(made: Mapping[str, Path], env: Mapping[str, str]) -> None:
    """Build the program that is the kernel with each Go, into the person's own store."""
    argv = [str(Path(sys.executable).with_name("jupyter")), "gokernel", "engine", "build"]
    for prefix in made.values():
        argv += ["--env", str(prefix)]
    for line in run(
        argv, env=env, timeout=_BUILD_SECONDS, on_line=now_and_then()
    ).stdout.splitlines():
        say(line)


def panel(env: Mapping[str, str]) -> None:
    """Build the panel for JupyterLab, or say in a line that there will be none."""
    if labextension.is_current():
        return say("it is there already")
    say("a minute or two the first time")
    try:
        labextension.provide_node(env)
        labextension.build(env)
    except (labextension.BuildError, OSError, subprocess.SubprocessError) as error:
        first = str(error).splitlines()[0]
        say(f"The Hub is without it: {first} `make labextension` builds it, or says all.")


def variables(made: Mapping[str, Path], env: Mapping[str, str]) -> dict[str, str]:
    """What the configuration is told."""
    listed = {name: {"prefix": str(prefix)} for name, prefix in made.items()}
    write_json(FOLDER / "environments.json", {"environments": listed})
    panel = str(labextension.built().parent.parent)
    return {
        **env,
        "JUPYTER_PATH": os.pathsep.join(filter(None, [panel, env.get("JUPYTER_PATH", "")])),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", "")]),
        "GOKERNEL_LOCAL_ENVIRONMENTS": str(FOLDER / "environments.json"),
        "GOKERNEL_LOCAL_FOLDER": str(HUB),
        # In this folder, which other accounts may not be able to enter.
        "GOKERNEL_LOCAL_SPAWNER": "simple",
    }


def serve(env: Mapping[str, str]) -> int:
    """Run the Hub until Ctrl-C, which it gets from the terminal as we do; its exit code."""
    program = Path(sys.executable).with_name("jupyterhub")
    argv = [str(program), "-f", str(CONFIG), "--JupyterHub.log_level=WARN"]
    hub = subprocess.Popen(argv, env=dict(env), cwd=FOLDER)
    try:
        return hub.wait()
    except KeyboardInterrupt:
        return hub.wait()


def hub(env: Mapping[str, str]) -> int:
    """All steps; raises `GoKernelError` where one can't be done."""
    single.look_for_another(HUB / "private")
    FOLDER.mkdir(exist_ok=True)
    with step("Two conda environments"):
        made = prefixes(env)
    with step("Their engines"):
        engines(made, env)
    with step("The panel"):
        panel(env)
    print("==> JupyterHub", flush=True)
    return serve(variables(made, env))


def main() -> int:
    """Run it; 1 and one sentence on stderr where it fails."""
    try:
        return hub({"RATTLER_CACHE_DIR": str(dev_cache(os.environ) / "rattler"), **os.environ})
    except (GoKernelError, OSError) as error:
        print(f"\nmake hub: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
