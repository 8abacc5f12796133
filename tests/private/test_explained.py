"""`env --explain` shows how private modules are reached, and no credential of theirs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from go_kernel import git_rules
from tests import prefixes
from tests.private import host, leaks
from tests.private.conftest import git_variables

GIT = {"PATH": "/usr/bin:/bin"}
NEW, OLD = "https://git.invalid/mirror/", "https://elsewhere.invalid/"


@pytest.fixture
def explain(private_env: dict[str, str], tmp_path: Path, site: host.Site) -> Callable[..., str]:
    """`explain("--json")`: what `env` says where both person and site have set all there is."""
    prefix = prefixes.go_prefix(tmp_path / "envs" / "demo")
    home = tmp_path / "home"
    (home / ".gitconfig").write_text(
        f'[url "https://{site.userinfo}@git.corp.invalid/"]\n\tinsteadOf = {OLD}\n'
        "[include]\n\tpath = more\n"
    )
    (home / "more").write_text(f'[url "https://{host.TOKEN}@hub.invalid/"]\n\tinsteadOf = hub:\n')
    settings = [
        (f"url.https://{site.userinfo}@{site.address}/git/.insteadOf", "https://policy.invalid/"),
        (f"http.https://{site.address}/.extraHeader", f"Authorization: Basic {leaks.basic()}"),
    ]
    policy = {
        "GOPROXY": f"{site.proxy(host.TOKEN)},{site.proxy(site.userinfo)}|direct",
        "GOAUTH": f"/opt/site/credentials --password={host.PASSWORD}",
        "GOPRIVATE": "git.corp.invalid",
        "GONOSUMDB": "sums.corp.invalid",
        "GONOPROXY": "none",
        **git_variables(settings),
    }
    env = {
        **private_env,
        **policy,
        "GOKERNEL_POLICY": ",".join(policy),
        "NETRC": str(site.netrc(tmp_path / "credentials")),
        "PYTHONPATH": str(Path(git_rules.__file__).parents[1]),
    }

    def run(*words: str) -> str:
        argv = [sys.executable, "-m", "go_kernel.cli.main", "env", "--env", str(prefix), *words]
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=True)
        return done.stdout + done.stderr

    return run


def test_explain_shows_all_of_it_without_credentials(
    explain: Callable[..., str], site: host.Site, tmp_path: Path
) -> None:
    """Patterns, files and addresses as they are, in tables and in JSON; no password, no token."""
    text = explain("--explain")
    for shown in (
        f"GOPROXY  https://***@{site.address}/modules,https://***@{site.address}/modules|direct",
        "GOAUTH  ***",
        "GOPRIVATE  git.corp.invalid",
        "GONOSUMDB  sums.corp.invalid",
        "GONOPROXY  none",
        f"NETRC  {tmp_path}/credentials",
        "GIT_CONFIG_VALUE_1  ***",
        f"{OLD}  becomes https://***@git.corp.invalid/  ({tmp_path}/home/.gitconfig)",
        f"hub:  becomes https://***@hub.invalid/  ({tmp_path}/home/more)",
        f"https://policy.invalid/  becomes https://***@{site.address}/git/  (variables",
    ):
        assert shown in text
    answer = explain("--json")
    assert json.loads(answer)["git"][0] == {
        "instead_of": OLD,
        "uses": "https://***@git.corp.invalid/",
        "origin": f"{tmp_path}/home/.gitconfig",
    }
    assert not leaks.in_text(text, answer, explain())


def test_without_git_or_rules_there_are_none(tmp_path: Path) -> None:
    """No program, no home, no rule: nothing is said."""
    assert git_rules.rules({"PATH": str(tmp_path)}) == git_rules.Rules()
    assert git_rules.rules({**GIT, "HOME": str(tmp_path)}) == git_rules.Rules()


def test_settings_that_git_cannot_read_are_said(tmp_path: Path) -> None:
    """Git then fails for modules, too: its own words, on one line."""
    (tmp_path / ".gitconfig").write_text("[url\n")
    found = git_rules.rules({**GIT, "HOME": str(tmp_path)})
    assert not found.rules
    assert "git can't read its settings: bad config line 1" in found.problem


def test_a_git_that_prints_nonsense_harms_nothing(tmp_path: Path) -> None:
    """Whatever it is that PATH calls git."""
    prefixes.program(tmp_path / "git", "#!/bin/sh\nprintf 'a\\0url.x\\0\\033[31m\\0b\\nc'\n")
    assert git_rules.rules({"PATH": f"{tmp_path}{os.pathsep}/bin"}).rules == ()


def test_control_characters_of_a_setting_stay_out_of_the_terminal(tmp_path: Path) -> None:
    """A rule is text of somebody's."""
    variables = git_variables([(f"url.{NEW}.insteadOf", "https://a\033[31m\n.invalid/")])
    [rule] = git_rules.rules({**GIT, "HOME": str(tmp_path), **variables}).rules
    assert rule.instead_of.isprintable()
    assert rule.origin == "variables (GIT_CONFIG_COUNT)"
