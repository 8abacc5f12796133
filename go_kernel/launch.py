"""What a kernelspec's argv calls where a client knows no provisioners.

It does what the provisioner does before a start, and then becomes the kernel: same
process, same process group, so that signals and limits meet the kernel itself.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from go_kernel import config as configs
from go_kernel.config import BadConfig, KernelConfig
from go_kernel.findings import GoKernelError
from go_kernel.prepare import Limits, prepare

# No client that starts kernels this way waits for minutes, so a missing engine is built
# only within what such clients are known to wait (a minute).
_BUILD_SECONDS = 50.0


def main(argv: Sequence[str] | None = None) -> int:
    """Become the kernel of a connection file, or one that says why there is none."""
    parser = argparse.ArgumentParser(prog="go_kernel.launch")
    parser.add_argument("-f", dest="connection_file", required=True, help="the connection file")
    parser.add_argument("--config", required=True, help="the kernel's configuration, as JSON")
    arguments = parser.parse_args(argv)
    connection_file = str(Path(arguments.connection_file).absolute())
    try:
        become(_parsed(arguments.config), connection_file, os.environ)
    except GoKernelError as error:
        print(error, file=sys.stderr, flush=True)
        # Imported here: it takes longer to import than all the rest of a launch.
        from go_kernel import standin

        return standin.main(["-f", connection_file, "--sentence", str(error)])
    except KeyboardInterrupt:
        return 130


def become(config: KernelConfig, connection_file: str, parent: Mapping[str, str]) -> NoReturn:
    """Replace this process by the kernel; raises GoKernelError where that can't be."""
    ready = prepare(
        config,
        parent,
        limits=Limits(build=_BUILD_SECONDS),
        progress=lambda line: print(line, file=sys.stderr, flush=True),
        inherit_lock=True,
    )
    command = ready.argv(connection_file)
    os.execve(command[0], command, dict(ready.variables))  # noqa: S606


def _parsed(text: str) -> KernelConfig:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise BadConfig("the argument of --config", f"is no JSON ({error})") from error
    return configs.parse(content)


if __name__ == "__main__":
    sys.exit(main())
