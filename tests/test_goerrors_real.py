"""Real failures of Go 1.22 to 1.27, read by Python and by the engines' Go alike."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from go_kernel import goerrors
from go_kernel.goerrors import table
from tests.gofaults import FAULTS, USER, Fault, Place
from tests.health.loopback import make_certificate
from tests.test_goerrors import WORDS

VERSIONS = ("1.22", "1.24", "1.25", "1.26", "1.27")
Asked = tuple[str, Mapping[str, str]]
Reader = Callable[[Sequence[Asked]], list[Any]]

MAIN = """\
package main

import (
	"encoding/json"
	"os"

	"reader/goerrors"
)

func main() {
	var asked []struct {
		Output string
		Env    map[string]string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		panic(err)
	}
	said := []any{}
	for _, one := range asked {
		cause := goerrors.Explain(one.Output, func(name string) string { return one.Env[name] })
		text := ""
		if cause != nil {
			text = cause.String()
		}
		masked := goerrors.Mask(one.Output)
		said = append(said, map[string]any{"Cause": cause, "Text": text, "Masked": masked})
	}
	json.NewEncoder(os.Stdout).Encode(said)
}
"""


@pytest.fixture(scope="module")
def go_env(dev_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables for `go`, with a build cache that is kept."""
    home = tmp_path_factory.mktemp("home")
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(home),
        "GOCACHE": str(dev_cache / "gocache"),
        "GOENV": "off",
        "GOTOOLCHAIN": "local",
        "GOSUMDB": "off",
        "GOFLAGS": "-modcacherw",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
    }


@pytest.fixture(scope="module")
def read_by_go(
    goroot: Callable[[str], Path], go_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Reader:
    """The engines' reader of the table, as a program."""
    work = tmp_path_factory.mktemp("reader")
    package = work / "goerrors"
    package.mkdir()
    for path in table.FILE.parent.iterdir():
        if path.suffix in (".go", ".json"):
            shutil.copy(path, package)
    (work / "main.go").write_text(MAIN)
    (work / "go.mod").write_text("module reader\n\ngo 1.18\n")
    go = goroot("1.22") / "bin/go"
    for argv in ([go, "vet", "./..."], [go, "build", "-o", "reader", "."]):
        subprocess.run(argv, cwd=work, env={**go_env, "CGO_ENABLED": "0"}, check=True)

    def read(asked: Sequence[Asked]) -> list[Any]:
        question = json.dumps([{"Output": output, "Env": dict(env)} for output, env in asked])
        done = subprocess.run(
            [work / "reader"], input=question, capture_output=True, check=True, text=True
        )
        answer: list[Any] = json.loads(done.stdout)
        return answer

    return read


@pytest.fixture(scope="module")
def certificate(
    goroot: Callable[[str], Path], go_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """One that nobody trusts."""
    return make_certificate(goroot("1.26"), go_env, tmp_path_factory.mktemp("certificate"))


def failures(
    fault: Fault, folder: Path, certificate: Path, goroots: Sequence[Path], env: dict[str, str]
) -> list[Asked]:
    """What each Go prints of a fault, and the variables that it ran with."""

    def run(goroot: Path) -> Asked:
        place = Place.made(folder / goroot.parent.name, certificate)
        place.module()
        with fault.situation(place) as variables:
            main = place.folder / "main"
            asking = {**env, "GOMODCACHE": str(place.folder / "mod"), "PWD": str(main), **variables}
            argv = [goroot / "bin/go", *fault.arguments]
            done = subprocess.run(argv, cwd=main, env=asking, capture_output=True, text=True)
        assert done.returncode != 0, done.stdout
        return done.stderr, asking

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, goroots))


@pytest.mark.parametrize("name", FAULTS)
def test_a_real_fault_is_recognised(
    name: str,
    goroot: Callable[[str], Path],
    go_env: dict[str, str],
    certificate: Path,
    read_by_go: Reader,
    tmp_path: Path,
) -> None:
    """By what each Go prints of it: one sentence, something to do, the same by both readers."""
    fault = FAULTS[name]
    goroots = [goroot(version) for version in VERSIONS]
    asked = failures(fault, tmp_path, certificate, goroots, go_env)
    for (output, env), by_go in zip(asked, read_by_go(asked), strict=True):
        cause = goerrors.explain(output, env)
        assert cause.kind == fault.kind, output
        assert fault.words in cause.reason
        assert cause.remedy is not None
        assert "{" not in cause.reason + cause.remedy.text
        assert by_go["Cause"] == {
            "Kind": cause.kind,
            "Reason": cause.reason,
            "Remedy": cause.remedy.text,
        }
        assert by_go["Text"].endswith(f"{cause.reason[1:]}. {cause.remedy.text}")
        assert USER not in by_go["Masked"] + by_go["Text"] + cause.reason


def test_both_readers_make_the_same_of_a_text(read_by_go: Reader) -> None:
    """Of those that tests of Python's reader know, and of odd ones."""
    texts = [output for output, _, _ in WORDS]
    texts += [f"{text}\n{other}" for text, other in itertools.pairwise(texts)]
    texts += [
        "verifying \x00: checksum mismatch",
        "x509:\u212a\u0130 \u2028",
        "404 Not Found\r\n",
        "{host} x509: {found}",
    ]
    texts += [
        "fatal: https://u:p/q@h.invalid/x?y,direct|https://a@b.invalid,off",
        "a" * 100_000 + ": EOF",
    ]
    asked: list[Asked] = [(text, {"GOPROXY": "https://proxy.invalid,direct"}) for text in texts]
    asked += [(text, {"GOKERNEL_OFFLINE": "1"}) for text in texts]
    for (output, env), by_go in zip(asked, read_by_go(asked), strict=True):
        cause = goerrors.explain(output, env)
        made = cause.kind, cause.reason, cause.remedy and cause.remedy.text
        if by_go["Cause"] is None:
            assert cause.kind == "unknown"
        else:
            assert tuple(by_go["Cause"].values()) == made
    masked = [by_go["Masked"] for by_go in read_by_go(asked)]
    assert masked == [goerrors.causes.mask_urls(output) for output, _ in asked]


def test_every_pattern_is_one_for_both() -> None:
    """Look-around and back references are Python's alone; each kind has a sentence to end."""
    content = json.loads(table.FILE.read_text())
    patterns = [*content["patterns"].values(), *(entry["pattern"] for entry in content["causes"])]
    for pattern in patterns:
        for unknown in ("(?=", "(?!", "(?<", "(?P=", "\\Z", "$"):
            assert unknown not in pattern
    for entry in [*content["causes"], *content["rules"].values()]:
        assert not entry["reason"].endswith(".")
        assert entry["remedy"].endswith((".", "FILE", "kernel"))


def test_only_who_runs_go_can_say_what_is_cached(tmp_path: Path) -> None:
    """Without its environment a failure is explained all the same, if less exactly."""
    output = "go: example.test/lib: module lookup disabled by GOPROXY=off"
    (tmp_path / "cache/download/example.test/lib/@v").mkdir(parents=True)
    assert goerrors.explain(output).kind == "proxy-off"
    env = {"GOMODCACHE": str(tmp_path)}
    assert goerrors.explain(output, env).kind == "proxy-off"  # only its go.mod is there
    (tmp_path / "cache/download/example.test/lib/@v/v0.1.0.zip").touch()
    cached = goerrors.explain(output, env)
    assert cached.kind == "proxy-off-cached"
    assert f"GOPROXY=file://{tmp_path}/cache/download" in str(cached.remedy)
