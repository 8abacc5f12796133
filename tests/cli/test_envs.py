"""`envs`: which conda environments have Go."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests import prefixes
from tests.cli.conftest import CommandLine
from tests.conftest import CondaPrefix


def test_json_of_a_real_environment(cli: CommandLine, conda_prefix: CondaPrefix) -> None:
    """A real environment is listed with version, GOROOT and the kernels installed for it."""
    prefix = conda_prefix("go=1.27")
    cli.env["CONDA_ENVS_DIRS"] = str(prefix.parent)
    assert cli("install", "--env", prefix, "--no-build").code == 0
    assert cli("envs", "--json").json == {
        "environments": [
            {
                "name": "shared",
                "prefix": str(prefix),
                "go_version": "1.27.3",
                "goroot": str(prefix / "go"),
                "kernels": ["go-shared"],
                "problem": "",
            }
        ]
    }


def test_broken_go_is_listed_with_its_sentence(cli: CommandLine, envs_dir: Path) -> None:
    """A Go that can't be used is shown, with the reason; one without any Go is not."""
    broken = prefixes.go_prefix(envs_dir / "broken")
    shutil.rmtree(broken / "go")
    prefixes.prefix(envs_dir / "python-only")
    result = cli("envs", "--json")
    [found] = result.json["environments"]
    assert found["name"] == "broken"
    assert found["goroot"] is None
    assert "is a link to ../go/bin/go, which does not exist" in found["problem"]
    text = cli("envs")
    assert "? (broken)" in text.out
    assert found["problem"] in text.err


def test_activation_scripts_are_not_run(cli: CommandLine, envs_dir: Path) -> None:
    """Listing is a poll: no environment's code runs."""
    prefix = prefixes.go_prefix(envs_dir / "demo")
    witness = cli.cwd / "ran"
    prefixes.script(prefix, "spy.sh", f"touch {witness}\n")
    assert cli("envs").code == 0
    assert cli("list").code == 0
    assert not witness.exists()


def test_environment_only_a_kernel_knows_of(cli: CommandLine, tmp_path: Path) -> None:
    """An environment outside of conda's folders is listed once it has a kernel."""
    prefix = prefixes.go_prefix(tmp_path / "elsewhere" / "demo")
    assert cli("envs", "--json").json == {"environments": []}
    assert cli("install", "--env", prefix, "--no-build").code == 0
    [found] = cli("envs", "--json").json["environments"]
    assert found["prefix"] == str(prefix)
    assert found["kernels"] == ["go-demo"]


def test_nothing_found_says_what_to_do(cli: CommandLine) -> None:
    """Without any Go the remedy is named."""
    result = cli("envs")
    assert (result.code, result.out) == (0, "")
    assert "jupyter gokernel create" in result.err


def test_every_name_listed_can_be_said(cli: CommandLine, tmp_path: Path) -> None:
    """An environment that only an installed kernel knows of answers to its name, too."""
    prefix = prefixes.go_prefix(tmp_path / "elsewhere" / "lonely")
    assert cli("install", "--env", prefix, "--no-build").code == 0
    [listed] = cli("envs", "--json").json["environments"]
    assert listed["name"] == "lonely"
    assert cli("env", "--env", "lonely", "--json").json["variables"]["CONDA_PREFIX"][
        "value"
    ] == str(prefix)
    again = cli("install", "--env", "lonely", "--no-build", "--json").json["kernels"][0]
    assert (again["prefix"], again["status"]) == (str(prefix), "unchanged")
