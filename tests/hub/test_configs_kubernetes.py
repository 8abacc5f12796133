"""jupyterhub_config/kubernetes: the pods that our values make, and the manifests beside them.

The chart isn't here: what it does with these values is done by a few lines of our own.
`python -m tools.check_chart` does it with the chart itself.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kubernetes_asyncio import client
from kubernetes_asyncio.client import ApiClient, Configuration
from ruamel.yaml import YAML
from tornado.web import HTTPError
from traitlets.config import Config

from tests.hub.strictly import nothing_unknown
from tools import check_chart, hub_spawners

KUBERNETES = Path(__file__).parents[2] / "jupyterhub_config" / "kubernetes"

# Where the chart puts what stands below `singleuser`.
_TRAITS = {
    "profileList": "profile_list",
    "uid": "uid",
    "fsGid": "fs_gid",
    "allowPrivilegeEscalation": "allow_privilege_escalation",
    "startTimeout": "start_timeout",
}


def values() -> dict[str, Any]:
    plain: dict[str, Any] = YAML(typ="safe").load(KUBERNETES / "values.yaml")
    return plain


def as_the_chart_does(stated: dict[str, Any]) -> Config:
    """The Hub's configuration out of our values."""
    c = Config()
    user = stated["singleuser"]
    c.Spawner.cmd = "jupyterhub-singleuser"
    c.KubeSpawner.image = f"{user['image']['name']}:{user['image']['tag']}"
    for key, trait in _TRAITS.items():
        setattr(c.KubeSpawner, trait, user[key])
    for kind, short in (("memory", "mem"), ("cpu", "cpu")):
        for bound in ("guarantee", "limit"):
            setattr(c.KubeSpawner, f"{short}_{bound}", user[kind][bound])
    c.KubeSpawner.volumes = {
        "home": {"name": "home", "persistentVolumeClaim": {"claimName": "{pvc_name}"}}
    } | user["storage"]["extraVolumes"]
    c.KubeSpawner.volume_mounts = {"home": {"name": "home", "mountPath": "/home/jovyan"}} | user[
        "storage"
    ]["extraVolumeMounts"]
    for section, settings in stated["hub"]["config"].items():
        c[section].update(settings)
    for _, code in sorted(stated["hub"]["extraConfig"].items()):
        exec(code, {"c": c})
    return c


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Config]:
    with hub_spawners.no_cluster(tmp_path):
        yield as_the_chart_does(values())


SECURITY = {
    "runAsUser": 1000,
    "runAsGroup": 100,
    "runAsNonRoot": True,
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}


@pytest.mark.parametrize(
    ("profile", "id"), [("", "go-1.26"), ("go-1-26", "go-1.26"), ("go-1-27", "go-1.27")]
)
def test_the_pod_of_a_profile(config: Config, profile: str, id: str) -> None:
    """Image, variables, volumes, rights and limits, in the manifest that the cluster gets."""
    pod = hub_spawners.pod(config, {"profile": profile} if profile else {})["spec"]
    (server,) = pod["containers"]
    env = {one["name"]: one.get("value", "") for one in server["env"]}

    assert server["image"] == f"registry.example.org/go-singleuser:{id}"
    assert env["GOKERNEL_HUB_ENVIRONMENT"] == id
    assert env["GOPROXY"] == "file:///srv/go/modules,http://athens:3000"
    assert env["GOKERNEL_POLICY"] == "GOPROXY"
    assert {"PATH", "GOROOT", "GOKERNEL_HUB_PREFIX"} & env.keys() == set()
    assert server["args"] == ["jupyterhub-singleuser"]
    assert server["securityContext"] == SECURITY
    assert server["resources"] == {
        "requests": {"cpu": 0.2, "memory": 1024**3},
        "limits": {"cpu": 2.0, "memory": 3 * 1024**3},
    }
    mounts = {one["name"]: one for one in server["volumeMounts"]}
    assert mounts["go-modules"] == {
        "name": "go-modules",
        "mountPath": "/srv/go/modules",
        "readOnly": True,
    }
    volumes = {one["name"]: one["persistentVolumeClaim"] for one in pod["volumes"]}
    assert volumes["go-modules"] == {"claimName": "go-modules", "readOnly": True}
    assert volumes["home"]["claimName"] == "claim-ada"
    assert pod["securityContext"] == {"fsGroup": 100}
    assert pod["automountServiceAccountToken"] is False


def test_the_doctor_looks_in_a_container_like_the_servers(config: Config) -> None:
    """The same image, variables but the tokens, volumes and rights; its last words are kept."""
    pod = hub_spawners.pod(config, {"profile": "go-1-27"})["spec"]
    (server,) = pod["containers"]
    (doctor,) = pod["initContainers"]
    tokens = {"JPY_API_TOKEN", "JUPYTERHUB_API_TOKEN"}

    assert doctor["command"] == ["jupyter", "gokernel", "doctor", "--kernel", "go-server"]
    assert doctor["terminationMessagePolicy"] == "FallbackToLogsOnError"
    for same in ("image", "volumeMounts", "securityContext", "resources"):
        assert doctor[same] == server[same]
    assert doctor["env"] == [one for one in server["env"] if one["name"] not in tokens]


def test_a_mistake_in_the_settings_ends_the_hub(config: Config) -> None:
    """A pod of the Hub's that doesn't come up, with a sentence in its log."""
    stated = values()
    stated["hub"]["config"]["GoSpawnerMixin"]["go_environments"]["Go"] = {}

    with pytest.raises(SystemExit, match="'Go' is no id"):
        as_the_chart_does(stated)


def test_without_a_go_there_is_nothing_for_the_doctor(config: Config) -> None:
    """A server for Python alone starts as ever."""
    config.GoSpawnerMixin.go_environments = {}
    config.GoSpawnerMixin.go_default = ""

    assert "initContainers" not in hub_spawners.pod(config, {})["spec"]


def test_a_profile_decides_alone(config: Config) -> None:
    """An id beside the profile could name what the image lacks."""

    async def form() -> str:
        text: str = await hub_spawners.spawner(config).get_options_form()
        return text

    shown = asyncio.run(form())

    assert "Go 1.27" in shown
    assert "go_environment" not in shown


def waited(config: Config, *statuses: dict[str, Any]) -> list[float]:
    """Run the hook that waits for the doctor, on a pod with these statuses one after another."""
    hook = config.KubeSpawner.after_pod_created_hook
    left = list(statuses)
    naps = []

    class Pods:
        def get(self, key: str) -> dict[str, Any] | None:
            assert key == "hub/jupyter-ada"
            return {"status": left[0]} if left else None

    async def nap(seconds: float) -> None:
        naps.append(seconds)
        left.pop(0)

    spawner = SimpleNamespace(
        namespace="hub",
        pod_name="jupyter-ada",
        pod_reflector=SimpleNamespace(pods=Pods()),
        log=SimpleNamespace(error=lambda *_: None),
    )
    hook.__globals__["asyncio"] = SimpleNamespace(sleep=nap)
    asyncio.run(hook(spawner, None))
    return naps


def doctors(state: dict[str, Any], last: dict[str, Any] | None = None) -> dict[str, Any]:
    one = {"name": "gokernel-doctor", "state": state, "lastState": last or {}}
    return {"phase": "Pending", "initContainerStatuses": [one]}


WAITING: dict[str, Any] = {"phase": "Pending"}
RUNNING = doctors({"running": {"startedAt": "now"}})
FAILED = {"terminated": {"exitCode": 1, "message": "error toolchain: there is no go\n"}}


def test_a_server_starts_when_the_doctor_is_content(config: Config) -> None:
    """Nothing is said, and nothing is waited for any longer."""
    content = doctors({"terminated": {"exitCode": 0}})

    assert len(waited(config, WAITING, RUNNING, content)) == 2
    assert len(waited(config, WAITING, {"phase": "Running"})) == 1
    assert len(waited(config, WAITING)) == 1  # then stopped


@pytest.mark.parametrize(
    "failed", [doctors(FAILED), doctors({"waiting": {"reason": "CrashLoopBackOff"}}, FAILED)]
)
def test_the_doctors_last_words_reach_the_users_page(
    config: Config, failed: dict[str, Any]
) -> None:
    """KubeSpawner stops the pod on any exception, and the Hub shows this message."""
    with pytest.raises(HTTPError) as caught:
        waited(config, RUNNING, failed)

    message = caught.value.jupyterhub_message  # type: ignore[attr-defined]
    assert "broken, so it was not started" in message
    assert message.endswith("error toolchain: there is no go")


def test_no_one_gets_in_before_an_authenticator_is_chosen(config: Config) -> None:
    """The chart's own default lets everybody in."""
    assert config.JupyterHub.authenticator_class == "null"
    nothing_unknown(config)


KINDS = {
    "PersistentVolumeClaim": client.V1PersistentVolumeClaim,
    "Deployment": client.V1Deployment,
    "Service": client.V1Service,
    "ConfigMap": client.V1ConfigMap,
    "Job": client.V1Job,
}


def manifests(name: str) -> dict[str, dict[str, Any]]:
    documents = YAML(typ="safe").load_all(KUBERNETES / name)
    return {one["kind"]: one for one in documents}


@pytest.mark.parametrize("name", ["athens.yaml", "modules.yaml"])
def test_the_manifests_are_what_kubernetes_models_hold(name: str) -> None:
    """Read into the API's models and back: a key that no model has would be lost."""

    async def back(kind: str, document: dict[str, Any]) -> Any:
        async with ApiClient(Configuration()) as api:
            response = SimpleNamespace(data=json.dumps(document))
            text, model = response.data, KINDS[kind]
            try:
                read = api.deserialize(text, model, "application/json")
            except TypeError:  # of the generations that take the response
                read = api.deserialize(response, model)
            return api.sanitize_for_serialization(read)

    for kind, document in manifests(name).items():
        assert asyncio.run(back(kind, document)) == document


def containers(document: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = document["spec"]["template"]["spec"]
    return spec


def test_athens_is_what_the_policy_names() -> None:
    """The service's name and port, the labels that the network policy lets through."""
    told = manifests("athens.yaml")
    stated = values()
    service = told["Service"]
    (port,) = service["spec"]["ports"]
    (rule,) = stated["singleuser"]["networkPolicy"]["egress"]
    labels = told["Deployment"]["spec"]["template"]["metadata"]["labels"]

    address = f"http://{service['metadata']['name']}:{port['port']}"
    assert stated["hub"]["config"]["GoSpawnerMixin"]["goproxy"].split(",")[1] == address
    assert service["spec"]["selector"] == labels
    assert rule["to"] == [{"podSelector": {"matchLabels": labels}}]
    assert rule["ports"] == [{"port": port["port"], "protocol": "TCP"}]


@pytest.mark.parametrize(("name", "kind"), [("athens.yaml", "Deployment"), ("modules.yaml", "Job")])
def test_what_runs_beside_the_hub_has_no_rights(name: str, kind: str) -> None:
    """As a cluster with restricted pods demands it; and every volume is declared."""
    spec = containers(manifests(name)[kind])
    (container,) = spec["containers"]

    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["automountServiceAccountToken"] is False
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert {one["name"] for one in container["volumeMounts"]} == {
        one["name"] for one in spec["volumes"]
    }


def test_the_volume_that_servers_mount_is_the_one_that_the_job_fills() -> None:
    """One claim, one path, and the image of a profile."""
    told, stated = manifests("modules.yaml"), values()
    spec = containers(told["Job"])
    (container,) = spec["containers"]
    claims = [v["persistentVolumeClaim"] for v in spec["volumes"] if "persistentVolumeClaim" in v]
    mounted = stated["singleuser"]["storage"]
    images = [one["kubespawner_override"]["image"] for one in stated["singleuser"]["profileList"]]

    assert claims == [{"claimName": told["PersistentVolumeClaim"]["metadata"]["name"]}]
    volume = mounted["extraVolumes"]["go-modules"]["persistentVolumeClaim"]
    assert volume == {**claims[0], "readOnly": True}
    assert mounted["extraVolumeMounts"]["go-modules"]["mountPath"] in container["command"][-1]
    assert container["image"] in images


def test_a_chart_is_checked_by_its_own_schema_and_code(tmp_path: Path) -> None:
    """A small chart stands for the real one: what the schema refuses is said, with its place."""
    chart = tmp_path / "chart"
    hub = chart / "files" / "hub"
    hub.mkdir(parents=True)
    (chart / "values.yaml").write_text("hub: {config: {}, size: 1}\n")
    (chart / "values.schema.yaml").write_text(
        "type: object\nproperties: {hub: {type: object, properties: {size: {type: integer}}}}\n"
    )
    (hub / "z2jh.py").write_text(
        "import json\n"
        "from pathlib import Path\n"
        "MOUNTED = Path('/usr/local/etc/jupyterhub')\n"
        "def values(): return json.loads((MOUNTED / 'secret' / 'values.yaml').read_text())\n"
        "def get_name(name): return (MOUNTED / 'config' / name).read_text()\n"
    )
    (hub / "jupyterhub_config.py").write_text(
        "import os, sys\n"
        "sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))\n"
        "from z2jh import get_name, values\n"
        "c = get_config()\n"
        "c.Test.size, c.Test.name = values()['hub']['size'], get_name(\"hub\")\n"
    )
    (tmp_path / "run").mkdir()

    assert check_chart.problems(chart, {"hub": {"size": 2}}) == []
    assert check_chart.problems(chart, {"hub": {"size": "big"}}) == [
        "hub.size: 'big' is not of type 'integer'"
    ]
    made = check_chart.hub_config(chart, {"hub": {"size": 2}}, tmp_path / "run")
    assert made.Test == {"size": 2, "name": "hub"}
