"""docs/hooks.md, typed into a real shell: what it shows is what comes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import CondaPrefix
from tests.offline.transcript import steps, without_chance

_ROOT = Path(__file__).parents[2]
_PAGE = _ROOT / "docs" / "hooks.md"
_ACTIVATOR = Path(__file__).with_name("activator.py")
_HOME = "/home/ada"
# conda itself: which prefix a name means, and its shell function.
_CONDA = """
conda() {{
  case $1 in activate) set -- activate "$HOME/envs/$2" ;; esac
  eval "$('{python}' -I -S '{activator}' sh "$@")"
}}
"""
_MARK = "----------"


def test_the_page(conda_prefix: CondaPrefix, clean_env: dict[str, str], tmp_path: Path) -> None:
    """Each command of the page, in one shell from its first line to its last."""
    home = Path(clean_env["HOME"])
    (home / "envs").symlink_to(conda_prefix("go=1.26", name="demo").parent)
    typed = [one for name in ("install", "changed", "remove") for one in steps(_read(), name)]
    script = _CONDA.format(python=sys.executable, activator=_ACTIVATOR)
    script += "".join(f"{one.command}\nprintf '%s\\n' {_MARK}\n" for one in typed)
    env = {name: clean_env[name] for name in ("PATH", "HOME", "LANG")}
    env |= {
        "PATH": f"{Path(sys.executable).parent}:{env['PATH']}",
        "PYTHONPATH": str(_ROOT),
        "PYTHONUNBUFFERED": "1",  # as on a terminal, where nothing waits for the end
        "CONDA_ENVS_PATH": f"{home}/envs",
    }
    done = subprocess.run(
        ["bash", "--noprofile", "--norc"],
        input=script.replace(_HOME, str(home)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=env,
        cwd=home,
        text=True,
        timeout=120,
        check=True,
    )
    real = os.path.realpath(home / "envs")
    said = done.stdout.replace(real, f"{_HOME}/envs").replace(str(home), _HOME)
    printed = said.split(f"{_MARK}\n")[:-1]
    assert len(printed) == len(typed)
    for one, output in zip(typed, printed, strict=True):
        assert without_chance(output) == without_chance(one.printed), one.command


def _read() -> str:
    return _PAGE.read_text()
