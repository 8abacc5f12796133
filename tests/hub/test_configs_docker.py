"""jupyterhub_config/docker: the recipes, the composition, and what DockerSpawner creates."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from traitlets.config import Config

from go_kernel.cli.root import GoKernelApp
from tests.hub.strictly import nothing_unknown
from tools import hub_spawners

REPOSITORY = Path(__file__).parents[2]
CONFIGURATIONS = REPOSITORY / "jupyterhub_config"
DOCKER = CONFIGURATIONS / "docker"
DOCKERFILES = sorted(CONFIGURATIONS.glob("*/Dockerfile.*"))
SETTINGS = {
    "CONFIGPROXY_AUTH_TOKEN": "secret",
    "HUB_AUTHENTICATOR": "dummy",
    "HUB_TRY_OUT_PASSWORD": "try it out",
    "HUB_USERS_NETWORK": "jupyterhub-users",
    "SINGLEUSER_IMAGES": "go-singleuser",
    "USER_MEMORY": "2G",
    "USER_CPUS": "2",
}


def instructions(path: Path) -> Iterator[tuple[str, str]]:
    """Each instruction of a Dockerfile and its text, on one line."""
    lines = [line for line in path.read_text().splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word.upper(), " ".join(rest.split())


def copies(path: Path) -> Iterator[str]:
    """What a Dockerfile copies from the build's context."""
    for word, text in instructions(path):
        words = text.split()
        if word in ("COPY", "ADD") and not words[0].startswith("--from"):
            yield from words[:-1]


def ignored(source: str) -> bool:
    """Whether .dockerignore keeps a path of the repository out of the context: the last wins."""
    result = False
    for line in (REPOSITORY / ".dockerignore").read_text().splitlines():
        pattern = line.strip().lstrip("!")
        whole = "/".join(source.split("/")[: pattern.count("/") + 1])
        if pattern and not pattern.startswith("#") and fnmatch(whole, pattern):
            result = not line.startswith("!")
    return result


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_an_image_copies_is_in_the_repository_and_in_the_context(path: Path) -> None:
    """A path that was moved would be found when somebody builds, which no test does."""
    sources = [*copies(path)]

    assert sources
    assert [one for one in sources if not (REPOSITORY / one).exists()] == []
    assert [one for one in sources if ignored(one)] == []


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_stages_are_named_before_they_are_used_and_the_last_is_no_roots(path: Path) -> None:
    """And no image runs as root."""
    found = [*instructions(path)]
    named: set[str] = set()
    for word, text in found:
        if word == "FROM" and " AS " in text:
            named.add(text.rpartition(" AS ")[2])
        if used := re.search(r"--from=(\S+)", text):
            assert used[1] in named
    users = [text for word, text in found if word == "USER"]
    assert users[-1] in ("1000:100", "1000:1000", "jovyan")


def commands() -> Iterator[tuple[str, list[str]]]:
    """All `jupyter gokernel` command lines of images, jobs and guides."""
    texts = [*DOCKERFILES, *CONFIGURATIONS.glob("*/*.y*ml"), *CONFIGURATIONS.glob("*/README.md")]
    for path in [*texts, REPOSITORY / "docs" / "hub.md", REPOSITORY / "README.md"]:
        text = path.read_text().replace("\\\n", " ")
        text = text.replace('["jupyter", "gokernel", "doctor", "--kernel", "go-server"]', "")
        for line in re.findall(r"jupyter gokernel ([^\n`|#;]*)", text):
            words = re.split(r"\s+(?:\\|\|\||&&)|\s{2,}", line)[0]
            yield path.name, shlex.split(re.sub(r"\$\{?\w+\}?", "x", words.replace("'.", ".")))


@pytest.mark.parametrize(
    "words", sorted({" ".join(words) for _, words in commands()}), ids=lambda text: text[:60]
)
def test_every_command_line_is_one_that_our_commands_take(words: str) -> None:
    """Parsed by the commands themselves; nothing is run."""
    parsed = GoKernelApp()
    parsed.initialize(words.split())

    assert parsed.subapp is not None or words.split()[:1] in ([], ["launch"])


def composed() -> dict[str, Any]:
    plain: dict[str, Any] = YAML(typ="safe").load(DOCKER / "compose.yaml")
    return plain


def test_what_the_composition_asks_for_is_in_the_example_and_the_other_way_round() -> None:
    """Each variable that compose.yaml reads has its line in .env.example."""
    text = (DOCKER / "compose.yaml").read_text()
    example = (DOCKER / ".env.example").read_text()

    asked = set(re.findall(r"\$\{(\w+)", text))
    offered = set(re.findall(r"^(\w+)=", example, re.MULTILINE))

    assert asked - offered == {"HUB_IMAGE"}
    assert offered - asked == set()
    assert not re.search(r"^(CONFIGPROXY_AUTH_TOKEN|HUB_AUTHENTICATOR)=.+", example, re.MULTILINE)


def test_the_composition_hangs_together() -> None:
    """Networks, volumes, images and build files that are named are there."""
    told = composed()

    for service in told["services"].values():
        assert set(service.get("networks", [])) <= set(told["networks"])
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source[:1] not in "./":
                assert source in told["volumes"]
        build = service.get("build")
        if build:
            assert (DOCKER / build["context"]).resolve() == REPOSITORY
            assert (REPOSITORY / build["dockerfile"]).is_file()
            known = {
                text.partition("=")[0]
                for word, text in instructions(REPOSITORY / build["dockerfile"])
                if word == "ARG"
            }
            assert set(build.get("args", {})) <= known
    hub = told["services"]["hub"]
    assert set(SETTINGS) == set(hub["environment"])
    assert told["services"]["athens"]["image"] == "gomods/athens:v0.18.0"
    assert told["networks"]["users"]["name"] == hub["environment"]["HUB_USERS_NETWORK"]
    with_socket = [n for n, s in told["services"].items() if "docker.sock" in str(s)]
    assert with_socket == ["hub"]


def configured(monkeypatch: pytest.MonkeyPatch, **changed: str) -> Config:
    for name, value in (SETTINGS | changed).items():
        monkeypatch.setenv(name, value)
    return hub_spawners.loaded(DOCKER / "jupyterhub_config.py")


def created(config: Config, name: str, **options: str) -> dict[str, Any]:
    """What DockerSpawner would ask the Docker daemon to create."""
    spawner = hub_spawners.spawner(config, name)
    spawner.user_options = dict(options)
    asked: dict[str, Any] = {}

    async def docker(method: str, *arguments: Any, **settings: Any) -> dict[str, Any]:
        asked[method] = settings
        return {"Id": "0", "Config": {"Cmd": ["jupyterhub-singleuser"]}}

    class Client:
        def create_host_config(self, **settings: Any) -> dict[str, Any]:
            return settings

    spawner.docker = docker
    type(spawner).client = Client()
    asyncio.run(spawner.create_object())
    plain: dict[str, Any] = asked["create_container"]
    return plain


@pytest.fixture
def docker_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """No daemon is asked; the class attribute comes back afterwards."""
    from go_kernel.hub.spawners.docker import GoDockerSpawner

    monkeypatch.setattr(GoDockerSpawner, "client", None, raising=False)


@pytest.mark.usefixtures("docker_client")
def test_a_container_gets_the_id_the_policy_and_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole request to the daemon, as this very configuration makes it."""
    asked = created(configured(monkeypatch), "ada")
    env, host = asked["environment"], asked["host_config"]

    assert asked["image"] == "go-singleuser"
    assert env["GOKERNEL_HUB_ENVIRONMENT"] == "go-1.26"
    assert env["GOPROXY"] == "http://athens:3000"
    assert env["GOKERNEL_POLICY"].split(",") == ["GOPROXY"]
    # Those of an activation, and a PATH, would replace the image's own.
    assert {"PATH", "GOROOT", "GOKERNEL_HUB_PREFIX"} & env.keys() == set()
    assert host["binds"] == {"jupyterhub-user-ada": {"bind": "/home/jovyan", "mode": "rw"}}
    assert host["mem_limit"] == 2 * 1024**3
    assert host["cpu_quota"] == 2 * host["cpu_period"]
    assert host["cap_drop"] == ["ALL"]
    assert host["security_opt"] == ["no-new-privileges"]
    assert host["network_mode"] == "jupyterhub-users"
    assert host["auto_remove"] is True


@pytest.mark.usefixtures("docker_client")
def test_another_user_has_another_volume_and_may_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that differ only in what a volume's name can't hold stay apart."""
    config = configured(monkeypatch)

    first = created(config, "a.b", go_environment="go-1.27")
    second = created(config, "a-b", go_environment="go-1.27")

    assert first["environment"]["GOKERNEL_HUB_ENVIRONMENT"] == "go-1.27"
    assert first["host_config"]["binds"].keys() != second["host_config"]["binds"].keys()


def test_only_the_sites_images_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """An image of one's own choice would be somebody else's program."""
    config = configured(monkeypatch, SINGLEUSER_IMAGES="go-singleuser go-singleuser:gonb")
    spawner = hub_spawners.spawner(config)

    assert asyncio.run(spawner.check_allowed("go-singleuser:gonb")) == "go-singleuser:gonb"
    with pytest.raises(Exception, match="not in allowed list"):
        asyncio.run(spawner.check_allowed("evil.invalid/image"))


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("HUB_AUTHENTICATOR", "", "HUB_AUTHENTICATOR is not set"),
        ("HUB_TRY_OUT_PASSWORD", "", "which lets everybody in under any name"),
        ("HUB_TRY_OUT_PASSWORD", "short", "which lets everybody in under any name"),
    ],
)
def test_no_hub_without_somebody_who_decides_who_may_in(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    """Dummy is for whoever asked for it; and nothing is the default."""
    with pytest.raises(SystemExit, match=sentence):
        configured(monkeypatch, **{name: value})


def test_trying_out_has_the_password_that_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the class that JupyterHub 5.3 and later have for it."""
    config = configured(monkeypatch, HUB_AUTHENTICATOR="shared-password")

    assert config.SharedPasswordAuthenticator.user_password == "try it out"
    assert "DummyAuthenticator" not in config
    nothing_unknown(config)
    with pytest.raises(SystemExit, match="which lets everybody in under any name"):
        configured(monkeypatch, HUB_AUTHENTICATOR="shared-password", HUB_TRY_OUT_PASSWORD="")


def test_with_another_authenticator_nobody_is_let_in_by_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`allow_all` belongs to trying out."""
    config = configured(monkeypatch, HUB_AUTHENTICATOR="pam", HUB_TRY_OUT_PASSWORD="")

    assert "allow_all" not in config.Authenticator
    assert "DummyAuthenticator" not in config


def test_a_sites_own_files_come_last(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`site.d` overrides what is in the image."""
    site = tmp_path / "site.d"
    site.mkdir()
    (site / "10-ours.py").write_text("c.GoSpawnerMixin.go_default = 'go-1.27'\n")
    text = (
        (DOCKER / "jupyterhub_config.py").read_text().replace("/etc/jupyterhub/site.d", str(site))
    )
    (tmp_path / "jupyterhub_config.py").write_text(text)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)

    assert hub_spawners.loaded(tmp_path / "jupyterhub_config.py").GoSpawnerMixin.go_default == (
        "go-1.27"
    )
    (site / "20-wrong.py").write_text("c.GoSpawnerMixin.go_default = 'go-1.28'\n")
    with pytest.raises(SystemExit, match=r"'go-1\.28' is not in go_environments"):
        hub_spawners.loaded(tmp_path / "jupyterhub_config.py")


def test_every_setting_is_one_that_somebody_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """traitlets takes a misspelled name without a word."""
    nothing_unknown(configured(monkeypatch))


def test_the_site_map_holds_the_ids_that_the_hub_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The image's default versions and the Hub's ids."""
    args = [text for word, text in instructions(DOCKER / "Dockerfile.singleuser") if word == "ARG"]
    versions = next(text for text in args if text.startswith("GO_VERSIONS")).split('"')[1].split()
    argv = [sys.executable, str(DOCKER / "site_map.py"), *versions]

    printed = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    told = json.loads(printed)["environments"]

    assert told.keys() == configured(monkeypatch).GoSpawnerMixin.go_environments.keys()
    assert told["go-1.26"] == {"prefix": "/opt/conda/envs/go-1.26"}
    assert composed()["services"]["singleuser"]["build"]["args"]["GO_VERSIONS"] == (
        "${GO_VERSIONS:-" + " ".join(versions) + "}"
    )


def test_no_launch_in_a_container_builds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The image's jupyter_config.py is what a server and the commands read."""
    config = hub_spawners.loaded(DOCKER / "jupyter_config.py")

    assert config.GoKernelProvisioner.build_at_launch is False
