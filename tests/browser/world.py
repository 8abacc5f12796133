"""A person's account with three environments, and Jupyter servers over it.

`weather` is whole and has a kernel, `genome` has one and is broken, `sandbox` has Go
and no kernel.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from go_kernel import entry
from go_kernel.cache import Cache
from go_kernel.conda.create import create_environment
from go_kernel.findings import Finding, Status
from go_kernel.folders import cache_folder
from go_kernel.health.answers import Answers
from tests import prefixes
from tests.servers import Server, serving
from tools import labextension

ROOT = Path(__file__).parents[2]
WHOLE, BROKEN, EMPTY = "weather", "genome", "sandbox"
_SPECS = {
    WHOLE: ("go=1.27", "go-cgo_linux-64"),
    BROKEN: ("go=1.26", "go-cgo_linux-64"),
    EMPTY: ("go=1.26", "go-nocgo_linux-64"),
}
# A notebook of WHOLE whose title takes half of a narrow page.
LONG = "measurements-of-the-summer-by-station"
# What a deep check found long ago.
OLD_CHECK = "proxy.reachable"
WRONG_GOROOT = "/usr/local/go"


@dataclass
class World:
    """The account: `home`, Jupyter's own folder, and the notebooks."""

    folder: Path
    env: dict[str, str]

    @property
    def home(self) -> Path:
        """Where the environments are, too."""
        return self.folder / "home"

    @property
    def jupyter(self) -> Path:
        """Kernels, extensions, configuration."""
        return self.folder / "jupyter"

    @property
    def notebooks(self) -> Path:
        """What the server shows."""
        return self.folder / "notebooks"

    def prefix(self, name: str) -> Path:
        """An environment's place."""
        return self.home / "envs" / name

    def break_goroot(self, goroot: str = WRONG_GOROOT) -> None:
        """What `conda env config vars set GOROOT=…` does."""
        prefixes.state(self.prefix(BROKEN), {"GOROOT": goroot})

    def is_broken(self, goroot: str = WRONG_GOROOT) -> bool:
        """Whether that is still so."""
        state = self.prefix(BROKEN) / "conda-meta" / "state"
        return goroot in state.read_text()

    def activate(self, *names: str) -> None:
        """Have the activation scripts run, as the start of a kernel does."""
        for name in names:
            cli(self, "env", "--env", str(self.prefix(name)))

    def remember_deep(self) -> None:
        """What a deep check of EMPTY found three hours ago, and one of WHOLE two days ago."""
        answers = Answers(Cache(cache_folder(self.env)), self.env)
        for name, hours in ((EMPTY, 3.5), (WHOLE, 50)):
            at = time.time() - hours * 3600
            place = str(self.prefix(name))
            error = Finding(OLD_CHECK, Status.ERROR, "No proxy answers.", environment=place)
            answers.keep([replace(error, checked_at=at)])

    def without_kernel(self) -> None:
        """Take the kernel of EMPTY away again."""
        for found in (self.jupyter / "data" / "kernels").glob(f"*{EMPTY}*"):
            shutil.rmtree(found)

    def serving(self, program: str, *config: str, **more: str) -> Iterator[Server]:
        """A server of this account; `more` are variables of its process."""
        env = {**self.env, **more}
        return serving(self.jupyter, env, *config, program=program, root=self.notebooks)

    @property
    def of_hub(self) -> dict[str, str]:
        """What a JupyterHub's server has that chose WHOLE and sets variables for kernels."""
        policy = {
            "GOPROXY": "https://ada:hunter2hunter2@athens.invalid",
            "GOPRIVATE": "git.invalid/team/*",
            "GOCACHE": str(self.folder / "scratch" / "ada" / "go-build"),
        }
        chosen = {
            "JUPYTERHUB_SERVICE_PREFIX": "/user/ada/",
            "GOKERNEL_HUB_ENVIRONMENT": "go-1.27",
            "GOKERNEL_HUB_PREFIX": str(self.prefix(WHOLE)),
        }
        return {**policy, **chosen, "GOKERNEL_POLICY": ",".join(policy)}


def make(folder: Path, env: Mapping[str, str], channel: Path, dev_cache: Path) -> World:
    """The account with all that belongs to it; engines are built where they aren't kept yet."""
    world = World(folder, {**env, "HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)})
    world.env |= {"GOKERNEL_STORE": str(dev_cache / "engines"), "TERM": "dumb"}
    for one in (world.home / "go", world.jupyter, world.notebooks):
        one.mkdir(parents=True)
    _extensions(world)
    names = {**world.env, "RATTLER_CACHE_DIR": str(dev_cache / "rattler")}
    for name, specs in _SPECS.items():
        create_environment(world.prefix(name), specs, [str(channel)], env=names)
    known = "\n".join(str(world.prefix(name)) for name in _SPECS)
    prefixes.write(world.home / ".conda" / "environments.txt", known + "\n")
    with ThreadPoolExecutor() as pool:
        chosen = [str(world.prefix(name)) for name in (WHOLE, BROKEN)]
        list(pool.map(lambda prefix: cli(world, "install", "--user", "--env", prefix), chosen))
    _notebooks(world)
    return world


def _extensions(world: World) -> None:
    """The server part switched on by the file that a wheel brings, and the panel as it is built."""
    shipped = ROOT / "jupyter-config" / "server-config" / "go_kernel.json"
    folder = world.jupyter / "config" / "jupyter_server_config.d"
    prefixes.write(folder / shipped.name, shipped.read_bytes())
    labextension.build(os.environ)
    (world.jupyter / "labextensions").symlink_to(labextension.built().parent)
    # Nothing of Jupyter's own comes between: no news, no question about it.
    settings = world.jupyter / "config" / "lab" / "user-settings"
    news = {"fetchNews": "false", "checkForUpdates": False}
    file = settings / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    prefixes.write(file, json.dumps(news))
    # Else it is hidden from narrow pages, or not, as it happens.
    top = settings / "@jupyter-notebook" / "application-extension" / "top.jupyterlab-settings"
    prefixes.write(top, json.dumps({"visible": "yes"}))


def cli(world: World, *words: str) -> None:
    """Run a command of ours."""
    done = subprocess.run(
        [*entry.command("cli.main"), *words],
        env={**world.env, "JUPYTER_DATA_DIR": str(world.jupyter / "data")},
        cwd=world.folder,
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stderr


def _notebooks(world: World) -> None:
    cells = ['import "fmt"', 'fmt.Println("Hello from", "Go")']
    for name in (WHOLE, BROKEN):
        _notebook(world, name, f"go-{name}", "go", cells)
    _notebook(world, LONG, f"go-{WHOLE}", "go", cells)
    _notebook(world, "python", "python3", "python", ["print(6 * 7)"])


def _notebook(world: World, name: str, kernel: str, language: str, cells: list[str]) -> None:
    prefixes.write(world.notebooks / f"{name}.ipynb", notebook(kernel, language, cells))


def notebook(kernel: str, language: str, cells: list[str]) -> str:
    """A notebook of these cells, as a file holds it."""
    content = {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": None,
                "id": f"cell-{number}",
                "metadata": {},
                "outputs": [],
                "source": text,
            }
            for number, text in enumerate(cells)
        ],
        "metadata": {
            "kernelspec": {"display_name": kernel, "language": language, "name": kernel},
            "language_info": {"name": language},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content)


@contextmanager
def servers(world: World) -> Iterator[dict[str, Server]]:
    """JupyterLab, Notebook 7, a Lab without our server part, one of a Hub; started together."""
    off = "--ServerApp.jpserver_extensions={'go_kernel.server': False}"
    wanted = {"lab": ("jupyterlab",), "notebook": ("notebook",), "bare": ("jupyterlab", off)}
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        made = {name: world.serving(*how) for name, how in wanted.items()}
        made["hub"] = world.serving("jupyterlab", **world.of_hub)
        started = {
            name: pool.submit(stack.enter_context, one)  # type: ignore[arg-type]
            for name, one in made.items()
        }
        yield {name: one.result() for name, one in started.items()}
