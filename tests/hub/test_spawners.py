"""The mixin over the spawners that people run: what each of them hands on, in full."""

from __future__ import annotations

import asyncio
import json
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from jupyterhub.spawner import LocalProcessSpawner
from tornado.web import HTTPError

from go_kernel.hub import GoSpawnerMixin
from go_kernel.hub.errors import WrongClass
from tests import prefixes
from tests.hub.spawners import spawner

# Some of the spawners' own libraries warn of themselves when they are imported.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from batchspawner import SlurmSpawner, TorqueSpawner
    from dockerspawner import DockerSpawner
    from kubernetes_asyncio.config import kube_config
    from kubespawner import KubeSpawner
    from systemdspawner import SystemdSpawner, systemd
    from wrapspawner import ProfilesSpawner, WrapSpawner

    from go_kernel.hub.spawners.batch import GoSlurmSpawner
    from go_kernel.hub.spawners.docker import GoDockerSpawner
    from go_kernel.hub.spawners.kube import GoKubeSpawner
    from go_kernel.hub.spawners.simple import GoSimpleSpawner
    from go_kernel.hub.spawners.systemd import GoSystemdSpawner

TWO = {"go-1.26": {"display_name": "Go 1.26"}, "go-1.27": {"display_name": "Go 1.27"}}
POLICY: dict[str, Any] = {
    "gopath": "/scratch/{username}/go",
    "goproxy": "https://athens.invalid,off",
    "go_variables": {"GOMAXPROCS": "4"},
}
OURS = ("GO", "PATH", "CONDA", "CC")


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment that looks whole, with an activation script."""
    made = prefixes.go_prefix(tmp_path / "envs" / "demo")
    prefixes.script(made, "cc.sh", """export CC="$CONDA_PREFIX/bin/cc" ODD=$'a,b\\nc'""")
    return made


def ours(env: dict[str, Any]) -> dict[str, Any]:
    """Those of a server's variables that could be ours."""
    return {name: value for name, value in env.items() if name.startswith(OURS)}


class Client:
    """A Docker that notes what it is asked for."""

    def __init__(self) -> None:
        self.created: dict[str, Any] = {}

    def create_host_config(self, **config: Any) -> dict[str, Any]:
        """As docker-py's."""
        return config

    def create_container(self, **arguments: Any) -> dict[str, str]:
        """As docker-py's."""
        self.created = arguments
        return {"Id": "1"}


def created(one: Any) -> dict[str, Any]:
    """The whole call by which DockerSpawner makes a container."""
    client = Client()
    type(one).client = client
    one.cmd = ["jupyterhub-singleuser"]
    asyncio.run(one.create_object())
    return client.created


def test_docker_gets_id_and_policy_and_no_path() -> None:
    """A container has a file system of its own: neither prefix nor PATH is sent."""

    class Docker(GoDockerSpawner):
        pass

    one = spawner(Docker, go_environments=TWO, options={"go_environment": "go-1.27"}, **POLICY)
    call = created(one)
    assert ours(call["environment"]) == {
        "GOKERNEL_HUB_ENVIRONMENT": "go-1.27",
        "GOKERNEL_POLICY": "GOMAXPROCS,GOPATH,GOPROXY",
        "GOPATH": "/scratch/alice/go",
        "GOPROXY": "https://athens.invalid,off",
        "GOMAXPROCS": "4",
    }
    assert call["environment"]["JUPYTERHUB_USER"] == "alice"
    assert "scratch" not in json.dumps({**call, "environment": {}}, default=str)


def test_docker_takes_values_as_they_are() -> None:
    """Nothing in them is expanded, so nothing is escaped."""

    class Docker(GoDockerSpawner):
        pass

    one = spawner(Docker, go_variables={"GOFLAGS": "-ldflags=$(X) $$ {y}"})
    assert created(one)["environment"]["GOFLAGS"] == "-ldflags=$(X) $$ {y}"


def test_dockers_own_form_stays() -> None:
    """The choice of an image and ours stand in one form, and both arrive."""
    images = {"a": "image-a", "b": "image-b"}
    one = spawner(
        GoDockerSpawner, go_environments=TWO, config={"DockerSpawner": {"allowed_images": images}}
    )
    form = asyncio.run(one.get_options_form())
    assert 'name="image"' in form
    assert form.index('name="image"') < form.index('name="go_environment"')
    options = one.run_options_from_form({"image": ["b"], "go_environment": ["go-1.27"]})
    assert options == {"image": "b", "go_environment": "go-1.27"}


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Kubernetes configuration that can be read; nobody is at its address."""
    config = tmp_path / "kubeconfig"
    config.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "c",
                "clusters": [{"name": "k", "cluster": {"server": "https://kube.invalid"}}],
                "users": [{"name": "u", "user": {"token": "t"}}],
                "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
            }
        )
    )
    monkeypatch.setattr(kube_config, "KUBE_CONFIG_DEFAULT_LOCATION", str(config))


def kube(**settings: Any) -> Any:
    """What a KubeSpawner puts into its pod's manifest: name to value."""

    async def made() -> Any:
        one = spawner(GoKubeSpawner, **settings)
        one.hub.port = 8081
        await one.load_user_options()
        return await one.get_pod_manifest()

    manifest = asyncio.run(made())
    return {one["name"]: one.get("value", one.get("value_from")) for one in _env_of(manifest)}


def _env_of(manifest: Any) -> list[dict[str, Any]]:
    env = manifest.to_dict()["spec"]["containers"][0]["env"]
    assert len({one["name"] for one in env}) == len(env)
    return list(env)


@pytest.mark.usefixtures("cluster")
def test_kube_gets_id_and_policy_and_no_path() -> None:
    """As Docker, in a pod's manifest."""
    assert ours(kube(go_environments=TWO, **POLICY)) == {
        "GOKERNEL_HUB_ENVIRONMENT": "go-1.26",
        "GOKERNEL_POLICY": "GOMAXPROCS,GOPATH,GOPROXY",
        "GOPATH": "/scratch/alice/go",
        "GOPROXY": "https://athens.invalid,off",
        "GOMAXPROCS": "4",
    }


@pytest.mark.usefixtures("cluster")
def test_a_profile_chooses_the_go() -> None:
    """What kubespawner_override sets after the start has begun is in the pod."""
    profiles = [
        {"display_name": "Old", "slug": "old", "kubespawner_override": {}},
        {
            "display_name": "New",
            "slug": "new",
            "kubespawner_override": {
                "go_default": "go-1.27",
                "goproxy": "https://new.invalid",
                "go_variables": {"GOGC": "50"},
            },
        },
    ]
    env = kube(
        go_environments=TWO,
        options={"profile": "new"},
        config={"KubeSpawner": {"profile_list": profiles}},
        **POLICY,
    )
    assert env["GOKERNEL_HUB_ENVIRONMENT"] == "go-1.27"
    assert env["GOPROXY"] == "https://new.invalid"
    assert (env["GOMAXPROCS"], env["GOGC"]) == ("4", "50")
    assert env["GOKERNEL_POLICY"] == "GOGC,GOMAXPROCS,GOPATH,GOPROXY"


def kube_starts(option: str) -> tuple[Any, int]:
    """A spawner that makes its pod's variables, of a profile that adds an environment.

    With it comes the status of the HTTP error that it ended with.
    """
    extra = {"go_environments": {"extra": {}}}
    profiles = [{"display_name": "New", "slug": "new", "kubespawner_override": extra}]

    async def run() -> tuple[Any, int]:
        one = spawner(
            GoKubeSpawner,
            go_environments=TWO,
            options={"profile": "new", "go_environment": option},
            config={"KubeSpawner": {"profile_list": profiles}},
        )

        async def start() -> None:
            await one.load_user_options()
            one.get_env()

        one._start = start
        status = 0
        try:
            await one.start()
        except HTTPError as error:
            status = error.status_code
        return one, status

    return asyncio.run(run())


@pytest.mark.usefixtures("cluster")
def test_a_profile_may_add_an_environment() -> None:
    """What it adds can be chosen; what nobody added is refused, and forgotten."""
    added, status = kube_starts("extra")
    assert (added.get_state()["go_environment"], status) == ("extra", 0)
    refused, status = kube_starts("gone")
    assert status == 403
    assert "go_environment" not in refused.get_state()
    assert refused.orm_spawner.user_options == {"profile": "new"}


def expanded(value: str) -> str:
    """What Kubernetes makes of a value where no other variable is known.

    ref: https://github.com/kubernetes/kubernetes/blob/master/third_party/forked/golang/expansion/expand.go
    """
    out, at = "", 0
    while at < len(value):
        if value[at] == "$" and value[at + 1 : at + 2] == "$":
            out, at = out + "$", at + 2
        elif value[at] == "$" and value[at + 1 : at + 2] == "(" and ")" in value[at:]:
            end = value.index(")", at)
            out, at = out + "EXPANDED", end + 1
        else:
            out, at = out + value[at], at + 1
    return out


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("value", ["$(HOME)", "$$(HOME)", "a$", "$$", "${PATH}", "{username}"])
def test_kubernetes_expands_nothing_of_ours(value: str) -> None:
    """A value arrives as the administrator wrote it, dollars and braces included."""
    assert expanded(kube(go_variables={"GOFLAGS": value})["GOFLAGS"]) == value


@pytest.mark.usefixtures("cluster")
def test_pods_that_see_the_hubs_files(prefix: Path) -> None:
    """Where the administrator says so, they get an activation, but no PATH: the image has one."""
    prefixes.script(prefix, "odd.sh", "export DOLLARS='$(HOME)'")

    async def run() -> Any:
        one = spawner(
            GoKubeSpawner, go_environments={"demo": {"prefix": str(prefix)}}, go_shares_files=True
        )
        found: dict[str, str] = {}

        async def start() -> None:
            found.update(one.get_env())

        one._start = start
        await one.start()
        return found

    env = asyncio.run(run())
    assert env["GOROOT"] == f"{prefix}/go"
    assert expanded(env["DOLLARS"]) == "$(HOME)"
    assert "PATH" not in env


@pytest.mark.usefixtures("cluster")
def test_kubes_environment_wins() -> None:
    """A value and a reference to a secret of the administrator's stay; both count as policy."""
    secret = {"valueFrom": {"secretKeyRef": {"name": "n", "key": "k"}}}
    env = kube(
        go_environments=TWO,
        config={"KubeSpawner": {"environment": {"GOPROXY": secret, "GOSUMDB": "off"}}},
        goproxy="https://athens.invalid",
        gosumdb="sum.invalid",
    )
    assert env["GOSUMDB"] == "off"
    assert "athens" not in str(env["GOPROXY"])
    assert env["GOKERNEL_POLICY"] == "GOPROXY,GOSUMDB"


@pytest.mark.usefixtures("cluster")
def test_kubes_progress_ends_with_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's progress waits for a start that is ours around kubespawner's."""

    async def run() -> list[Any]:
        one = spawner(GoKubeSpawner, go_environments=TWO)
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def start() -> str:
            begun.set()
            await go_on.wait()
            return "http://pod.invalid"

        async def nothing() -> None:
            return None

        one._start, one._start_watching_events = start, nothing
        monkeypatch.setattr(
            type(one), "events", [{"lastTimestamp": "t", "type": "T", "message": "m"}]
        )
        starting = asyncio.ensure_future(one.start())
        progress = one.progress()
        first = await anext(progress)
        await begun.wait()
        go_on.set()
        rest = [event async for event in progress]
        assert await starting == "http://pod.invalid"
        return [first, *rest]

    assert [event["message"] for event in asyncio.run(run())] == ["t [T] m"]


@pytest.mark.usefixtures("cluster")
def test_kubes_profile_form_stays() -> None:
    """The list of profiles and our choice stand in one form, and both arrive."""
    profiles = [{"display_name": "One"}, {"display_name": "Two"}]

    async def run() -> tuple[str, Any]:
        one = spawner(
            GoKubeSpawner,
            go_environments=TWO,
            config={"KubeSpawner": {"profile_list": profiles}},
        )
        options = one.run_options_from_form({"profile": ["two"], "go_environment": ["go-1.27"]})
        return await one.get_options_form(), options

    form, options = asyncio.run(run())
    assert "Two" in form
    assert 'name="go_environment"' in form
    assert options == {"profile": "two", "go_environment": "go-1.27"}


# Takes the place of sbatch: notes the script and the variables, names a job.
_SBATCH = """#!/bin/sh
cat > {folder}/script
env -0 > {folder}/env
echo 7
"""


class Slurm(GoSlurmSpawner):
    """A Slurm whose commands are ours, run without sudo."""

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Alice has no account on this machine."""
        return env


def submitted(one: Any, folder: Path) -> tuple[str, dict[str, str]]:
    """The script and the variables that sbatch gets."""
    prefixes.program(folder / "sbatch", _SBATCH.format(folder=folder))
    one.port, one.mock_port = 0, 8888
    asyncio.run(one.start())
    pairs = (folder / "env").read_text().split("\0")[:-1]
    return (folder / "script").read_text(), dict(pair.split("=", 1) for pair in pairs)


def slurm(folder: Path, env_keep: Sequence[str] = (), **settings: Any) -> Any:
    """A spawner that submits to a script of ours."""
    commands = {
        "env_keep": list(env_keep),
        "exec_prefix": "",
        "batch_submit_cmd": f"{folder}/sbatch",
        "batch_query_cmd": "echo RUNNING node-1",
    }
    one = spawner(Slurm, config={"SlurmSpawner": commands}, **settings)
    one.req_homedir = "/home/alice"
    return one


def exported(script: str) -> list[str]:
    """The names that a job's script exports."""
    line = next(line for line in script.splitlines() if line.startswith("#SBATCH --export="))
    return line.partition("=")[2].split(",")


def test_a_job_gets_id_prefix_and_policy(tmp_path: Path, prefix: Path) -> None:
    """sbatch has them in its variables, and the script exports each of their names."""
    one = slurm(tmp_path, go_environments={"demo": {"prefix": str(prefix)}}, **POLICY)
    script, env = submitted(one, tmp_path)
    assert env["GOKERNEL_HUB_PREFIX"] == str(prefix)
    assert env["GOPATH"] == "/scratch/alice/go"
    names = exported(script)
    assert {"GOPATH", "GOKERNEL_HUB_PREFIX", "GOKERNEL_HUB_ENVIRONMENT"} <= {*names}
    assert {"GOKERNEL_POLICY", "JUPYTERHUB_API_TOKEN"} <= {*names}
    assert len({*names}) == len(names)


@pytest.mark.parametrize("keep", [[], ["PATH"]])
def test_a_submission_runs_with_nothing_of_an_environment(
    tmp_path: Path, prefix: Path, keep: list[str]
) -> None:
    """`sudo` and `sbatch` are the Hub's own programs, run with its rights."""
    preload = tmp_path / "evil.so"
    ran = tmp_path / "ran"
    prefixes.script(prefix, "evil.sh", f"touch {ran}; export LD_PRELOAD={preload} BASH_ENV=/x")
    prefixes.program(prefix / "bin" / "sbatch", f"#!/bin/sh\ntouch {tmp_path}/taken\necho 7\n")
    one = slurm(tmp_path, keep, go_environments={"demo": {"prefix": str(prefix)}})
    script, env = submitted(one, tmp_path)
    assert not ran.exists()
    assert env.get("PATH") == (os.environ["PATH"] if keep else env.get("PATH"))
    assert str(prefix) not in env.get("PATH", "")
    assert ("PATH" in exported(script)) is bool(keep)
    assert {"CC", "ODD", "GOROOT", "CONDA_PREFIX", "LD_PRELOAD", "BASH_ENV"}.isdisjoint(env)


def test_a_job_exports_what_is_new(tmp_path: Path, prefix: Path) -> None:
    """A list that was made before the start, as a poll does it, gets our names too."""
    one = slurm(tmp_path)
    assert "GOKERNEL_HUB_PREFIX" not in one.req_keepvars.split(",")
    one.go_environments = {"demo": {"prefix": str(prefix)}}
    script, _ = submitted(one, tmp_path)
    assert "GOKERNEL_HUB_PREFIX" in exported(script)


def test_an_administrators_list_of_names_gets_ours_only(tmp_path: Path, prefix: Path) -> None:
    """What somebody left out of the list stays out, and the list is as it was, afterwards."""
    one = slurm(tmp_path, go_environments={"demo": {"prefix": str(prefix)}}, **POLICY)
    one.req_keepvars = "HOME"
    script, _ = submitted(one, tmp_path)
    assert {"HOME", "GOKERNEL_HUB_PREFIX", "GOPROXY"} <= {*exported(script)}
    assert "JUPYTERHUB_API_TOKEN" not in exported(script)
    assert one.req_keepvars == "HOME"
    one.goproxy = ""
    script, _ = submitted(one, tmp_path)
    assert "GOPROXY" not in exported(script)


def test_a_running_job_is_polled_whatever_the_settings_say(tmp_path: Path, prefix: Path) -> None:
    """A choice that is gone by now, as after a Hub's restart, ends no server."""
    one = slurm(
        tmp_path,
        go_environments={"demo": {"prefix": str(prefix)}},
        options={"go_environment": "gone"},
    )
    one.load_state({"job_id": "7", "go_environment": "gone"})
    assert asyncio.run(one.poll()) is None
    assert one.chosen_go_environment == "gone"


def test_systemd_gets_the_whole_environment(
    tmp_path: Path, prefix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unit has the variables, and the Hub's own server program, not the environment's."""
    prefixes.program(prefix / "bin" / "jupyterhub-singleuser", "#!/bin/sh\n")
    own = prefixes.program(tmp_path / "own" / "jupyterhub-singleuser", "#!/bin/sh\n")
    monkeypatch.setenv("PATH", f"{own.parent}:{os.environ['PATH']}")
    calls: list[dict[str, Any]] = []
    up: list[str] = []

    async def start(unit: str, **call: Any) -> None:
        up.append(unit)
        calls.append(call)

    async def running(unit: str) -> bool:
        return unit in up

    async def failed(unit: str) -> bool:
        return False

    monkeypatch.setattr(systemd, "start_transient_service", start)
    monkeypatch.setattr(systemd, "service_running", running)
    monkeypatch.setattr(systemd, "service_failed", failed)
    monkeypatch.setattr(systemd, "get_systemd_version", lambda: 255)
    one = spawner(
        GoSystemdSpawner,
        go_environments={"demo": {"prefix": str(prefix)}},
        config={"SystemdSpawner": {"username_template": "root", "extra_paths": ["/extra/bin"]}},
    )
    asyncio.run(one.start())
    (call,) = calls
    env = call["environment_variables"]
    assert env["PATH"].startswith(f"/extra/bin:{prefix}/bin:/usr/local/sbin:")
    assert env["GOROOT"] == f"{prefix}/go"
    assert call["cmd"] == [str(own)]
    assert one.cmd == ["jupyterhub-singleuser"]
    assert one.get_state()["go_environment"] == "demo"


@pytest.mark.parametrize("wrapper", [WrapSpawner, ProfilesSpawner])
def test_the_mixin_belongs_into_the_wrapped_class(wrapper: type) -> None:
    """Over a wrapper it would do nothing: the class can't be made, and says so."""
    with pytest.raises(WrongClass, match="wrapped class"):
        type("Mixed", (GoSpawnerMixin, wrapper), {})


def test_behind_the_spawner_it_is_refused() -> None:
    """There it would never be called."""
    with pytest.raises(WrongClass, match="Write it first"):
        type("Mixed", (LocalProcessSpawner, GoSpawnerMixin), {})


# wrapspawner hands its child an argument that traitlets doesn't know.
@pytest.mark.filterwarnings("ignore:Passing unrecognized arguments:DeprecationWarning")
def test_a_profiles_child_has_its_go(tmp_path: Path, prefix: Path) -> None:
    """Inside ProfilesSpawner the child's variables count, and state comes back."""
    profile = {"cmd": ["sleep", "60"], "home_dir_template": str(tmp_path / "{username}")}
    wrapped = {
        "profiles": [
            ("Plain", "plain", LocalProcessSpawner, {}),
            ("Go", "go", GoSimpleSpawner, profile),
        ]
    }
    one = spawner(
        ProfilesSpawner,
        options={"profile": "go"},
        config={
            "ProfilesSpawner": wrapped,
            "GoSpawnerMixin": {"go_environments": {"demo": {"prefix": str(prefix)}}},
        },
    )

    async def run() -> tuple[dict[str, str], dict[str, Any]]:
        await one.start()
        try:
            return one.child_spawner.get_env(), json.loads(json.dumps(one.get_state()))
        finally:
            await one.stop(now=True)

    env, state = asyncio.run(run())
    assert env["CC"] == f"{prefix}/bin/cc"
    assert state["child_state"]["go_environment"] == "demo"
    again = spawner(ProfilesSpawner, config={"ProfilesSpawner": wrapped})
    again.load_state(state)
    assert again.child_spawner.chosen_go_environment == "demo"


@pytest.mark.parametrize(
    ("base", "shared"),
    [
        (DockerSpawner, False),
        (KubeSpawner, False),
        (SystemdSpawner, True),
        (SlurmSpawner, True),
        (TorqueSpawner, True),
        (LocalProcessSpawner, True),
    ],
)
@pytest.mark.usefixtures("cluster")
def test_who_shares_files_with_the_hub(base: type, shared: bool) -> None:
    """Known by what a class is made of, also one that an administrator mixes."""
    between = type("Between", (base,), {})
    mixed = type("Mixed", (GoSpawnerMixin, between), {})

    async def made() -> bool:
        return bool(spawner(mixed).go_shares_files)

    assert asyncio.run(made()) is shared
