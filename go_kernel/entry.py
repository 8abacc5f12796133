"""How a module of ours is started by a Python, safely.

`python -m MODULE` looks for modules in the current folder first, and a kernel's current
folder is the notebook's: a file there named like a module of the standard library would
run, or break the launch.  `-P` would do, but is new in Python 3.11, and `-I` would leave
out what a person installed with `pip install --user`.
ref: https://docs.python.org/3/using/cmdline.html#cmdoption-P
"""

from __future__ import annotations

import sys

_CODE = (
    "import sys; sys.path[:] = [p for p in sys.path if p]; "
    "from go_kernel.{module} import main; sys.exit(main())"
)


def command(module: str, python: str = sys.executable) -> list[str]:
    """The argv that runs `main` of a module of this package, before its own arguments."""
    return [python, "-c", _CODE.format(module=module)]
