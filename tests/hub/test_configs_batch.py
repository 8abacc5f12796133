"""jupyterhub_config/batch: the job that would be submitted; a recorder stands for sbatch."""

from __future__ import annotations

import asyncio
import getpass
import json
import logging
import sys
from pathlib import Path
from typing import Any

import pytest
from tornado.web import HTTPError
from traitlets.config import Config

from tests.hub.strictly import nothing_unknown
from tools import hub_spawners

SAMPLE = Path(__file__).parents[2] / "jupyterhub_config" / "batch" / "jupyterhub_config.py"

# In place of sbatch: keeps the script and the variables, and gives a job's number.
_SUBMIT = """\
import json, os, sys
with open(sys.argv[1], "w") as out:
    json.dump({"script": sys.stdin.read(), "env": dict(os.environ)}, out)
print("4711")
"""


def submitted(config: Config, folder: Path) -> dict[str, Any]:
    """What a submit command is started with; the queue says at once that the job runs."""
    (folder / "submit.py").write_text(_SUBMIT)
    python, out = sys.executable, folder / "job.json"
    config.SlurmSpawner.exec_prefix = ""  # no sudo here
    config.SlurmSpawner.batch_submit_cmd = f"{python} {folder / 'submit.py'} {out}"
    config.SlurmSpawner.batch_query_cmd = "echo RUNNING node1"
    spawner = hub_spawners.spawner(config, getpass.getuser())
    spawner.mock_port = 8888  # what the job itself would say
    host, port = asyncio.run(spawner.start())
    assert (host, port) == ("node1", 8888)
    plain: dict[str, Any] = json.loads(out.read_text())
    return plain


@pytest.fixture
def config() -> Config:
    return hub_spawners.loaded(SAMPLE)


def test_a_job_keeps_the_id_the_prefix_and_the_policy(config: Config, tmp_path: Path) -> None:
    """What sbatch inherits, and which of it the job keeps."""
    job = submitted(config, tmp_path)
    env, lines = job["env"], job["script"].splitlines()
    export = next(line for line in lines if line.startswith("#SBATCH --export="))
    kept = export.partition("=")[2].split(",")

    sent = {
        "GOKERNEL_HUB_ENVIRONMENT": "go-1.26",
        "GOKERNEL_HUB_PREFIX": "/shared/conda/envs/go-1.26",
        "GOCACHE": f"/scratch/{getpass.getuser()}/go-build",
        "GOPROXY": "file:///shared/go/modules,off",
        "GOSUMDB": "off",
        "GOKERNEL_SITE_STORES": "/shared/go/engines",
    }
    assert {name: env[name] for name in sent} == sent
    assert sorted(env["GOKERNEL_POLICY"].split(",")) == ["GOCACHE", "GOPROXY", "GOSUMDB"]
    assert {*sent, "GOKERNEL_POLICY", "JUPYTERHUB_API_TOKEN", "LANG"} <= set(kept)
    # What the submission itself would run with is none of an environment's.
    assert not {"GOROOT", "CONDA_PREFIX", "CC"} & {*env, *kept}
    # Names only: a value with a comma would end the list.
    assert "=" not in export.partition("=")[2]


def test_a_job_has_its_resources_and_programs_by_their_paths(
    config: Config, tmp_path: Path
) -> None:
    """Whatever is first on PATH there."""
    lines = submitted(config, tmp_path)["script"].splitlines()

    assert "#SBATCH --partition=jupyter" in lines
    assert "#SBATCH --time=8:00:00" in lines
    assert "#SBATCH --mem=4G" in lines
    assert "#SBATCH --cpus-per-task=2" in lines
    assert (
        "srun /opt/jupyter/bin/batchspawner-singleuser /opt/jupyter/bin/jupyterhub-singleuser"
        in lines
    )


@pytest.mark.parametrize("name", ["cmd", "runtime", "prologue", "keepvars", "Go_environment"])
def test_no_option_of_a_users_gets_into_the_script(config: Config, name: str) -> None:
    """batchspawner would take any from the REST API, in place of the administrator's settings."""
    spawner = hub_spawners.spawner(config, getpass.getuser())
    spawner.user_options = {"go_environment": "go-1.27"}
    hook = config.Spawner.pre_spawn_hook
    hook(spawner)

    spawner.user_options = {"go_environment": "go-1.27", name: "30-0"}
    with pytest.raises(HTTPError) as caught:
        hook(spawner)

    assert caught.value.jupyterhub_message == (  # type: ignore[attr-defined]
        f"This Hub takes no option {name!r}."
    )


def test_the_log_has_no_token(
    config: Config, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """batchspawner logs the environment at DEBUG; the sample stays above."""
    level = getattr(logging, config.JupyterHub.log_level)
    caplog.set_level(level)

    submitted(config, tmp_path)

    assert level > logging.DEBUG
    assert "JUPYTERHUB_API_TOKEN'" not in caplog.text.replace("keepvars", "")


def test_names_that_a_shell_would_read_have_no_account(config: Config) -> None:
    """The user's name is put into `sudo -E -u NAME`, which a shell reads."""
    authenticator = hub_spawners.spawner(config, getpass.getuser()).authenticator

    for name in ("a;b", "$(id)", "a b", "-a", "..", "a/b", "a\n"):
        assert not authenticator.validate_username(name)
    assert authenticator.validate_username("ada-2")


def test_every_setting_is_one_that_somebody_has(config: Config) -> None:
    """traitlets takes a misspelled name without a word."""
    nothing_unknown(config)
