"""Prints the bash that activates a conda prefix: the second Python.

What conda's own prints, with nothing imported but the standard library.
"""

import json
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path


def commands(prefix: Path, path: str) -> Iterator[str]:
    """One line a variable, then one a script."""
    variables = {
        "PATH": f"{prefix}/bin:{path}",
        "CONDA_PREFIX": str(prefix),
        "CONDA_SHLVL": "1",
        "CONDA_DEFAULT_ENV": prefix.name,
    }
    for file in sorted((prefix / "etc/conda/env_vars.d").glob("*.json")):
        variables.update(json.loads(file.read_bytes()))
    for name, value in variables.items():
        yield f"export {name}={shlex.quote(value)}"
    for script in sorted((prefix / "etc/conda/activate.d").glob("*.sh")):
        yield f". {shlex.quote(str(script))}"


if __name__ == "__main__":
    print("\n".join(commands(Path(sys.argv[1]), os.environ["PATH"])))
