"""make hub: a JupyterHub on this machine, whose users choose between two versions of Go.

What `jupyterhub_config/local` describes, with two environments that are made here, their
engines built, so that the first kernel of each user starts at once.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from go_kernel.files import write_json
from go_kernel.findings import GoKernelError
from go_kernel.process import run
from tools import labextension, toolchains
from tools.channel import Go, local_channel
from tools.demo import REPOSITORY, environment, say, step
from tools.dev_cache import dev_cache
from tools.recipes import Layout

FOLDER = REPOSITORY / ".demo"
CONFIG = REPOSITORY / "jupyterhub_config" / "local" / "jupyterhub_config.py"
VERSIONS = ("1.26", "1.27")
USER = "ada"
_BUILD_SECONDS = 1800
_START_SECONDS = 60


class HubDidNotStart(GoKernelError):
    """The Hub ended, or never answered."""

    id = "tools.hub"


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
    for line in run(argv, env=env, timeout=_BUILD_SECONDS, on_line=say).stdout.splitlines():
        say(line)


def free_port() -> int:
    """8000 where that is free, else any."""
    for wanted in (8000, 0):
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            return int(one.getsockname()[1])
    raise HubDidNotStart("No port is free on 127.0.0.1.", "End some of the programs that listen.")


def variables(made: Mapping[str, Path], env: Mapping[str, str]) -> dict[str, str]:
    """What the configuration is told; the Hub's own two ports follow the public one."""
    listed = {name: {"prefix": str(prefix)} for name, prefix in made.items()}
    write_json(FOLDER / "environments.json", {"environments": listed})
    panel = str(labextension.built().parent.parent)
    return {
        **env,
        "JUPYTER_PATH": os.pathsep.join(filter(None, [panel, env.get("JUPYTER_PATH", "")])),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", "")]),
        "GOKERNEL_LOCAL_ENVIRONMENTS": str(FOLDER / "environments.json"),
        "GOKERNEL_LOCAL_FOLDER": str(FOLDER / "hub"),
        "GOKERNEL_LOCAL_PASSWORD": env.get("GOKERNEL_LOCAL_PASSWORD") or secrets.token_urlsafe(9),
        "GOKERNEL_LOCAL_PORT": env.get("GOKERNEL_LOCAL_PORT") or str(free_port()),
        # In this folder, which other accounts may not be able to enter.
        "GOKERNEL_LOCAL_SPAWNER": "simple",
    }


def answers(url: str) -> bool:
    """Whether a Hub is there."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{url}/hub/api/", timeout=5) as reply:
            return "version" in json.load(reply)
    except (OSError, ValueError):
        return False


def serve(env: Mapping[str, str]) -> int:
    """Run the Hub until Ctrl-C, which it gets from the terminal as we do; its exit code."""
    program = Path(sys.executable).with_name("jupyterhub")
    argv = [str(program), "-f", str(CONFIG), "--JupyterHub.log_level=WARN"]
    hub = subprocess.Popen(argv, env=dict(env), cwd=FOLDER)
    port = int(env["GOKERNEL_LOCAL_PORT"])
    # The Hub's own: its proxy answers earlier, and logs that nobody is there.
    inner = f"http://127.0.0.1:{port + 81}"
    end = time.monotonic() + _START_SECONDS
    try:
        while hub.poll() is None and not answers(inner) and time.monotonic() < end:
            time.sleep(0.1)
        if hub.poll() is not None or not answers(inner):
            hub.terminate()
            raise HubDidNotStart("The Hub did not start.", "What it wrote above says why.")
        print(f"\nJupyterHub: http://127.0.0.1:{port}")
        print(f"    user {USER} (or any other name), password {env['GOKERNEL_LOCAL_PASSWORD']}")
        print("    Ctrl-C ends the Hub and all servers.\n", flush=True)
        return hub.wait()
    except KeyboardInterrupt:
        return hub.wait()


def hub(env: Mapping[str, str]) -> int:
    """All steps; raises `GoKernelError` where one can't be done."""
    FOLDER.mkdir(exist_ok=True)
    with step("Two conda environments"):
        made = prefixes(env)
    with step("Their engines"):
        engines(made, env)
    with step("JupyterHub"):
        told = variables(made, env)
    return serve(told)


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
