"""Runs a command in a conda environment, as nb_conda_kernels' runner does: the first Python.

It becomes a bash that sources the environment's activation, which asks a second Python
what to set, and then becomes the command.  Both Pythons do less here than there: that
runner's package imports jupyter_client on its way, and that activation imports conda.
So the peer's figure is a lower bound.
ref: https://github.com/anaconda/nb_conda_kernels/blob/master/nb_conda_kernels/runner.py
"""

import os
import shlex
import sys


def main(activate: str, prefix: str, *command: str) -> None:
    """Become the command, in the activated prefix."""
    script = f". {shlex.quote(activate)} {shlex.quote(prefix)} && exec {shlex.join(command)}"
    os.execvp("bash", ["bash", "-c", script])


if __name__ == "__main__":
    main(*sys.argv[1:])
