"""Do our values suit a version of Zero to JupyterHub's chart?

python -m tools.check_chart CHART_DIR VALUES, where CHART_DIR is a checkout's `jupyterhub`.

Validates the values by the chart's own schema, runs the chart's own Hub configuration
with them merged over the chart's defaults, and makes the pod of each profile.  The
chart's code runs in this process: give it a checkout that you trust.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import jsonschema  # type: ignore[import-untyped]
from ruamel.yaml import YAML
from traitlets.config import Config

from tools import hub_spawners

# Where the chart mounts all of it in the Hub's pod.
_MOUNTED = "/usr/local/etc/jupyterhub"
_NAME = re.compile(r"""get_name(?:_env)?\(["']([\w-]+)["']""")
_SECRETS = ("hub.config.JupyterHub.cookie_secret", "hub.config.CryptKeeper.keys")
_SERVICES = {"PROXY_API_SERVICE_PORT": "8001", "HUB_SERVICE_PORT": "8081"}


def problems(chart: Path, values: Mapping[str, Any]) -> list[str]:
    """What the chart's schema says against the values, and what it can't hold."""
    # helm runs the schema on defaults and values together.
    together = merged(_yaml(chart / "values.yaml"), values)
    validator = jsonschema.Draft202012Validator(_yaml(chart / "values.schema.yaml"))
    found = sorted(validator.iter_errors(together), key=lambda one: [*map(str, one.path)])
    return [f"{'.'.join(map(str, one.path)) or 'values'}: {one.message}" for one in found]


def hub_config(chart: Path, values: Mapping[str, Any], folder: Path) -> Config:
    """What the chart's own configuration makes of the values; `folder` is for its files."""
    source = chart / "files" / "hub"
    for path in source.glob("*.py"):
        (folder / path.name).write_text(path.read_text().replace(_MOUNTED, str(folder)))
    for name in ("config", "secret"):
        (folder / name).mkdir()
    release = {"Chart": {"Name": "jupyterhub", "Version": "0"}, "Release": {"Name": "hub"}}
    everything = merged(merged(_yaml(chart / "values.yaml"), values), release)
    (folder / "secret" / "values.yaml").write_text(json.dumps(everything))
    for name in set(_NAME.findall((source / "jupyterhub_config.py").read_text())):
        (folder / "config" / name).write_text(name)
    for name in _SECRETS:
        (folder / "secret" / name).write_text("0" * 64)
    with (
        mock.patch.dict(os.environ, _SERVICES),
        mock.patch("tornado.httpclient.AsyncHTTPClient.configure"),  # to pycurl
        _imports_apart("z2jh"),
    ):
        return hub_spawners.loaded(folder / "jupyterhub_config.py")


def profiles(values: Mapping[str, Any]) -> list[str]:
    """The profiles' slugs; "" for none chosen."""
    return ["", *(one["slug"] for one in values["singleuser"].get("profileList", []))]


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two trees of values as helm merges them: what is null above is gone."""
    result = dict(below)
    for key, value in above.items():
        if isinstance(value, Mapping) and isinstance(result.get(key), Mapping):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


def _yaml(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path)


@contextmanager
def _imports_apart(name: str) -> Iterator[None]:
    before = list(sys.path)
    try:
        yield
    finally:
        sys.path[:] = before
        sys.modules.pop(name, None)


def main(argv: list[str]) -> int:
    """Print what is found; 1 where the values don't suit the chart."""
    if len(argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    chart, path = map(Path, argv)
    values = _yaml(path)
    found = problems(chart, values)
    for one in found:
        print(f"schema: {one}")
    with tempfile.TemporaryDirectory() as folder, hub_spawners.no_cluster(Path(folder)):
        config = hub_config(chart, values, Path(folder))
        for slug in profiles(values):
            made = hub_spawners.pod(config, {"profile": slug} if slug else {})
            print(f"--- the pod of profile {slug or '(none)'}")
            YAML().dump(made["spec"], sys.stdout)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
