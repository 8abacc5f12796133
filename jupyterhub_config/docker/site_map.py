"""Prints the site map: which ids the Hub may send, and where their environments are.

site_map.py 1.26 1.27 > /etc/jupyter-gokernel/environments.json
"""

from __future__ import annotations

import json
import sys


def site_map(versions: list[str]) -> dict[str, dict[str, dict[str, str]]]:
    """The map for one environment each Go version, by the names that the images give them."""
    return {
        "environments": {
            f"go-{version}": {"prefix": f"/opt/conda/envs/go-{version}"} for version in versions
        }
    }


if __name__ == "__main__":
    print(json.dumps(site_map(sys.argv[1:]), indent=2))
