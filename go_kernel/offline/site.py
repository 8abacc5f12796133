"""Whether the site says that nothing is fetched here, where no client can miss it.

Jupyter's configuration reaches only the clients that load it and hand it on: no kernel without
a provisioner, and none that `jupyter execute` or papermill start.
ref: https://github.com/jupyter/nbclient/blob/v0.11.0/nbclient/cli.py
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

# Whoever is told by it can only lose something, so it counts wherever it comes from.
OFFLINE = "GOKERNEL_OFFLINE"
SITE_FILE = Path("/etc/jupyter-gokernel/offline")

_NO_WORD = ("", "0")


def says_offline(parent: Mapping[str, str]) -> str:
    """What says that a process with these variables fetches nothing; "" where nothing does.

    What the file holds doesn't count.  One that can't be looked at counts, since nobody
    knows then that the site doesn't say it.
    """
    try:
        SITE_FILE.lstat()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        return f"{SITE_FILE} can't be looked at: {error.strerror}"
    else:
        return str(SITE_FILE)
    return "" if parent.get(OFFLINE, "") in _NO_WORD else f"{OFFLINE} of the process that starts it"
