"""A command line of one's own: an empty home, Jupyter's folders, the shared engine store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupyter_core.paths
import pytest

from go_kernel.cli.main import main


@dataclass
class Result:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """stdout, which must be JSON and nothing else."""
        return json.loads(self.out)


class CommandLine:
    """Runs `jupyter gokernel ...`, in this process or in one of its own."""

    def __init__(
        self,
        env: dict[str, str],
        cwd: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ):
        self.env = env
        self.cwd = cwd
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    @property
    def home(self) -> Path:
        """The user's home."""
        return Path(self.env["HOME"])

    @property
    def kernels(self) -> Path:
        """Where `--user` installs to."""
        return Path(self.env["JUPYTER_DATA_DIR"]) / "kernels"

    def __call__(self, *words: str | Path) -> Result:
        """Run in this process."""
        self._capsys.readouterr()
        with self._monkeypatch.context() as patch:
            for name in list(os.environ):
                patch.delenv(name)
            for name, value in self.env.items():
                patch.setenv(name, value)
            # Of this Python's own folders nothing counts: `make demo` installs there.
            for name in ("ENV_JUPYTER_PATH", "ENV_CONFIG_PATH", "SYSTEM_JUPYTER_PATH"):
                patch.setattr(jupyter_core.paths, name, [])
            patch.chdir(self.cwd)
            code = main([str(word) for word in words])
        captured = self._capsys.readouterr()
        return Result(code, captured.out, captured.err)

    def argv(self, *words: str | Path) -> list[str]:
        """The command line of a process."""
        return [sys.executable, "-m", "go_kernel.cli.main", *map(str, words)]

    def process(self, *words: str | Path) -> Result:
        """Run in a process of its own."""
        done = subprocess.run(
            self.argv(*words), env=self.env, cwd=self.cwd, capture_output=True, timeout=300
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def kernel(self, name: str) -> dict[str, Any]:
        """An installed kernel.json."""
        content: dict[str, Any] = json.loads((self.kernels / name / "kernel.json").read_bytes())
        return content


@pytest.fixture
def cli(
    clean_env: dict[str, str],
    dev_cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    """A command line in an empty home; engines come from the store that all tests share."""
    cwd = tmp_path / "work"
    cwd.mkdir()
    jupyter = {
        "JUPYTER_DATA_DIR": str(tmp_path / "jupyter"),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "GOKERNEL_STORE": str(dev_cache / "engines"),
        "GOKERNEL_SITE_STORES": "",
    }
    return CommandLine({**clean_env, **jupyter}, cwd, monkeypatch, capsys)


@pytest.fixture
def envs_dir(cli: CommandLine) -> Path:
    """The folder of the user's environments; made-up ones come from `tests.prefixes`."""
    folder = cli.home / ".conda" / "envs"
    folder.mkdir(parents=True)
    return folder
