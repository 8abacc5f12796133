import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tools import labextension

REPOSITORY = labextension.REPOSITORY
HOST = re.compile(rb"registry[.](npm|yarn)")


@pytest.fixture
def checkout(tmp_path):
    """A clone as somebody has it who built nothing yet."""
    clone = tmp_path / "clone"
    leave = shutil.ignore_patterns("node_modules", "lib", "lib-test", "__pycache__", ".yarn")
    for name in ("go_kernel", "tools", "labextension", "jupyter-config"):
        shutil.copytree(REPOSITORY / name, clone / name, ignore=leave)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / name, clone)
    return clone


@pytest.fixture
def with_panel(checkout):
    """A clone in which the panel is built."""
    if not (labextension.is_current() or labextension.node_on_path(os.environ)):
        pytest.skip("there is no Node.js to build the panel with: make labextension")
    labextension.build(os.environ)
    shutil.copytree(labextension.built(), labextension.built(checkout))
    shutil.copy(REPOSITORY / "build" / "labextension.sha256", checkout / "build")
    return checkout


def packed(clone, env, target="wheel"):
    """Build a wheel or a source archive, without an environment of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", clone / "dist"],
        cwd=clone,
        env=env,
        capture_output=True,
        text=True,
    )
    return done, next((clone / "dist").glob("*"), None)


def panel_files(wheel):
    """What a wheel installs below share/jupyter, by name."""
    with zipfile.ZipFile(wheel) as archive:
        whole = {name: archive.read(name) for name in archive.namelist()}
    return {name.split("/share/jupyter/")[1]: whole[name] for name in whole if "/share/" in name}


def test_a_wheel_brings_the_panel(with_panel, clean_env):
    """JupyterLab finds it, knows how to uninstall it, and can load what its package.json names."""
    done, wheel = packed(with_panel, clean_env)
    assert done.returncode == 0, done.stdout + done.stderr

    files = panel_files(wheel)
    base = "labextensions/jupyter-gokernel"
    package = json.loads(files[f"{base}/package.json"])
    assert json.loads(files[f"{base}/install.json"])["packageName"] == "jupyter-gokernel"
    assert f"{base}/{package['jupyterlab']['_build']['load']}" in files
    assert f"{base}/schemas/jupyter-gokernel/plugin.json" in files
    assert not [name for name in files if name.endswith(".map")]
    assert not [name for name, content in files.items() if HOST.search(content)]


def test_without_node_a_wheel_says_what_to_do(checkout, clean_env, tmp_path):
    """One sentence that names the ways out, no traceback."""
    done, wheel = packed(checkout, clean_env | {"PATH": str(tmp_path)})
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert wheel is None
    assert "make labextension" in said
    assert "GOKERNEL_NO_LABEXTENSION=1" in said
    assert "Traceback" not in said


def test_a_wheel_can_go_without_the_panel(checkout, clean_env, tmp_path):
    """For those who need none and have no Node.js."""
    env = clean_env | {"PATH": str(tmp_path), "GOKERNEL_NO_LABEXTENSION": "1"}
    done, wheel = packed(checkout, env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert panel_files(wheel) == {}


def test_an_editable_install_needs_no_node(checkout, monkeypatch, tmp_path):
    """Who works on the Python part is not asked for Node.js."""
    from tools.hatch_labextension import LabextensionHook

    monkeypatch.setenv("PATH", str(tmp_path))
    hook = LabextensionHook(str(checkout), {}, None, None, str(tmp_path), "wheel")
    data = {"shared_data": {}}
    hook.initialize("editable", data)
    assert data == {"shared_data": {}}
    assert hook.dependencies() == []


def test_an_edit_makes_what_is_built_old(with_panel):
    """No wheel gets a panel of other sources; and what is current is not built again."""
    assert labextension.is_current(with_panel)
    labextension.build({"PATH": ""}, with_panel)  # starts nothing

    source = with_panel / "labextension" / "src" / "index.ts"
    source.write_text(source.read_text() + "\n")
    assert not labextension.is_current(with_panel)


def test_a_failed_build_leaves_nothing_that_looks_built(with_panel, monkeypatch, tmp_path):
    """The next run tries again, and says why it failed."""
    jlpm = tmp_path / "jlpm"
    jlpm.write_text("#!/bin/sh\necho the mirror is away\nexit 1\n")
    jlpm.chmod(0o755)
    (with_panel / "labextension" / "src" / "new.ts").write_text("")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(labextension.BuildError, match="the mirror is away"):
        labextension.build({"PATH": os.defpath}, with_panel)
    assert not labextension.is_current(with_panel)
    assert not labextension.built(with_panel).exists()


def test_the_lock_names_no_registry():
    """It can be installed from any mirror."""
    lock = (REPOSITORY / "labextension" / "yarn.lock").read_bytes()
    assert not HOST.search(lock)
    assert b"http" not in lock


def test_versions_agree():
    """Lab shows the version of package.json, pip that of the Python package."""
    from go_kernel._version import __version__

    package = json.loads(Path(REPOSITORY, "labextension", "package.json").read_text())
    assert package["version"] == __version__
