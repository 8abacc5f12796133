"""Real spawners as a Hub's configuration makes them: JupyterHub's own classes, no Hub around."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

# KubeSpawner wants to know a cluster when it is made; nobody calls this one.
_KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: nowhere
contexts: [{name: nowhere, context: {cluster: nowhere, user: nobody}}]
clusters: [{name: nowhere, cluster: {server: "https://cluster.invalid"}}]
users: [{name: nobody, user: {token: none}}]
"""


def loaded(path: Path) -> Config:
    """What a `jupyterhub_config.py` says, executed as JupyterHub executes it."""
    return PyFileConfigLoader(path.name, path=str(path.parent)).load_config()


def spawner(config: Config, name: str = "ada", server_name: str = "") -> Any:
    """The spawner of a user's server, of the class that the configuration names."""
    from jupyterhub import orm
    from jupyterhub.app import JupyterHub
    from jupyterhub.auth import Authenticator
    from jupyterhub.objects import Hub
    from jupyterhub.user import User

    spawner_class = JupyterHub(config=config).spawner_class  # by the entry point's name
    session = orm.new_session_factory("sqlite:///:memory:")()
    row = orm.User(name=name)
    session.add(row)
    session.commit()
    settings = {
        "config": config,
        "spawner_class": spawner_class,
        "authenticator": Authenticator(config=config),
        "hub": Hub(ip="127.0.0.1", port=8081, base_url="/hub/"),
        "base_url": "/",
    }
    made = User(row, settings).get_spawner(server_name, replace_failed=True)
    made.user_options = {}
    return made


@contextmanager
def no_cluster(folder: Path) -> Iterator[None]:
    """Within, KubeSpawner can be made: it finds a cluster's address, in a file in `folder`."""
    path = folder / "kubeconfig"
    path.write_text(_KUBECONFIG)
    # Its own default comes from KUBECONFIG, once, when it is imported.
    place = "kubernetes_asyncio.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION"
    with mock.patch(place, str(path)):
        yield


def pod(config: Config, options: Mapping[str, str], name: str = "ada") -> dict[str, Any]:
    """The pod that KubeSpawner would create, hooks included, as Kubernetes' API gets it.

    To be called within `no_cluster`.
    """
    from kubernetes_asyncio.client import ApiClient, Configuration

    async def made() -> dict[str, Any]:
        one = spawner(config, name)
        one.user_options = dict(options)
        await one.load_user_options()
        manifest = await one.get_pod_manifest()
        if one.modify_pod_hook:
            manifest = one.modify_pod_hook(one, manifest)
        async with ApiClient(Configuration()) as client:
            plain: dict[str, Any] = client.sanitize_for_serialization(manifest)
        return plain

    return asyncio.run(made())
