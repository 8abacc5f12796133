"""Names and kernel.json: what Jupyter is told, and that nothing of others is touched."""

from __future__ import annotations

import json
import os
import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_client.kernelspec import KernelSpecManager

from go_kernel import installed, kernelspec, naming
from go_kernel.config import KernelConfig
from go_kernel.installed import Kernel
from go_kernel.kernelspec import AlreadyInstalled, Change, NotOurs, Spec
from go_kernel.resolve import Target
from tests import unprivileged

# What Jupyter itself accepts.
JUPYTERS = re.compile(r"[a-z0-9._-]+", re.IGNORECASE)

CONFIG = KernelConfig("demo", prefix="/opt/envs/demo")
SPEC = kernelspec.spec_for(CONFIG)


@given(st.text(min_size=1, max_size=300))
def test_any_environment_has_a_kernel_name(name: str) -> None:
    """Whatever the environment is called: a name Jupyter takes, short, and no path."""
    kernel = kernelspec.kernel_name(name)
    assert JUPYTERS.fullmatch(kernel)
    assert kernel.startswith("go-")
    assert len(kernel) <= 100
    assert kernelspec.check_name(kernel) == kernel
    assert kernelspec.kernel_name(name) == kernel


@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_different_environments_have_different_names(one: str, other: str) -> None:
    """Two names that differ in more than case give two kernels."""
    if one.lower() != other.lower():
        assert kernelspec.kernel_name(one) != kernelspec.kernel_name(other)


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ("demo", "go-demo"),
        ("My-Env_2.0", "go-my-env_2.0"),
        ("1.26.8", "go-1.26.8"),
        ("x" * 240, "go-" + "x" * 80 + "-718df6"),
    ],
)
def test_usual_names_stay_readable(environment: str, name: str) -> None:
    """A name of letters and digits is the kernel's."""
    assert kernelspec.kernel_name(environment) == name


@pytest.mark.parametrize("name", ["", "a/b", "..", ".a", "A", "a b", "a\n", "é", "x" * 201])
def test_names_that_cannot_be(name: str) -> None:
    """A name that is a path, or that Jupyter wouldn't list, is refused."""
    with pytest.raises(kernelspec.BadName):
        kernelspec.check_name(name)


def test_what_jupyter_reads(tmp_path: Path) -> None:
    """Jupyter finds the spec with its names, logos, provisioner and language."""
    kernelspec.write(SPEC, tmp_path / "kernels")
    manager = KernelSpecManager(kernel_dirs=[str(tmp_path / "kernels")])
    found = manager.get_all_specs()["go-demo"]
    assert found["spec"]["display_name"] == "Go (conda env: demo)"
    assert found["spec"]["language"] == "go"
    assert found["spec"]["interrupt_mode"] == "signal"
    provisioner = found["spec"]["metadata"]["kernel_provisioner"]
    assert provisioner["provisioner_name"] == "gokernel-provisioner"
    assert provisioner["config"] == {
        "environment": "demo",
        "prefix": "/opt/envs/demo",
        "engine": "gophernotes",
    }
    for logo in kernelspec.LOGOS:
        assert (Path(found["resource_dir"]) / logo).stat().st_size > 300


def test_logos_are_pictures_of_their_size() -> None:
    """The PNGs are what their names say, and the SVG scales."""
    folder = Path(kernelspec.__file__).parent / "logos"
    for size in (32, 64):
        head = (folder / f"logo-{size}x{size}.png").read_bytes()[:24]
        assert head[:8] == b"\x89PNG\r\n\x1a\n"
        assert (int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")) == (
            size,
            size,
        )
    assert 'viewBox="0 0 64 64"' in (folder / "logo-svg.svg").read_text()


def test_config_survives_the_file(tmp_path: Path) -> None:
    """What is written is read back as it was: unusual paths and settings, too."""
    config = replace(CONFIG, prefix="/opt/ü $x '\"\udcff", settings={"GOPRIVATE": "a,b=c"})
    folder = kernelspec.write(kernelspec.spec_for(config), tmp_path / "kernels")
    kernel = installed.read(folder)
    assert kernel is not None
    assert kernel.config == config
    assert json.loads(kernel.content["argv"][-1]) == config.to_dict()


def test_writing_again_changes_nothing(tmp_path: Path) -> None:
    """The same spec is left as it is, file by file."""
    folder = kernelspec.write(SPEC, tmp_path / "kernels")
    before = {path.name: path.stat().st_ino for path in folder.iterdir()}
    assert kernelspec.change(SPEC, tmp_path / "kernels") is Change.NONE
    kernelspec.write(SPEC, tmp_path / "kernels")
    assert {path.name: path.stat().st_ino for path in folder.iterdir()} == before


def test_another_version_or_python_refreshes(tmp_path: Path) -> None:
    """A spec of an older version of ours, or of a Python that is gone, is brought up to date."""
    kernels = tmp_path / "kernels"
    old: dict[str, Any] = json.loads(json.dumps(SPEC.content))
    old["metadata"]["gokernel"]["version"] = "0.0.1"
    old["argv"][0] = "/gone/python"
    kernelspec.write(Spec("go-demo", old), kernels)
    assert kernelspec.change(SPEC, kernels) is Change.REFRESHED
    folder = kernelspec.write(SPEC, kernels)
    assert json.loads((folder / "kernel.json").read_bytes()) == SPEC.content


def test_edited_by_hand_is_not_overwritten(tmp_path: Path) -> None:
    """What somebody wrote into our kernel.json stays, unless they say --replace."""
    kernels = tmp_path / "kernels"
    folder = kernelspec.write(SPEC, kernels)
    edited = {**SPEC.content, "env": {"MY": "own"}}
    (folder / "kernel.json").write_text(json.dumps(edited))
    with pytest.raises(AlreadyInstalled):
        kernelspec.write(SPEC, kernels)
    assert json.loads((folder / "kernel.json").read_bytes()) == edited
    kernelspec.write(SPEC, kernels, replace=True)
    assert json.loads((folder / "kernel.json").read_bytes()) == SPEC.content


@pytest.mark.parametrize("content", ["{}", "[]", "null", "{", '{"metadata": {"gokernel": 1}}', ""])
def test_not_ours_is_never_written_or_removed(tmp_path: Path, content: str) -> None:
    """Whatever isn't clearly ours is left alone."""
    folder = tmp_path / "kernels" / "go-demo"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(content)
    with pytest.raises(NotOurs):
        kernelspec.write(SPEC, tmp_path / "kernels", replace=True)
    with pytest.raises(NotOurs):
        kernelspec.remove(folder)
    assert (folder / "kernel.json").read_text() == content
    assert [*folder.iterdir()] == [folder / "kernel.json"]


@pytest.mark.parametrize("left", [0, 8, 500])
def test_one_of_ours_that_was_cut_off(tmp_path: Path, left: int) -> None:
    """It is known by its text or its logos; it is written over, and can be removed."""
    kernels = tmp_path / "kernels"
    folder = kernelspec.write(SPEC, kernels)
    file = folder / "kernel.json"
    file.write_bytes(file.read_bytes()[:left])
    [found] = installed.find([kernels])
    assert (found.name, found.config, found.portable) == (SPEC.name, None, True)
    assert "no JSON" in found.problem
    assert installed.strangers([kernels]) == []
    kernelspec.write(SPEC, kernels)
    assert json.loads(file.read_bytes()) == SPEC.content
    file.write_bytes(file.read_bytes()[:left])
    kernelspec.remove(folder)
    assert not folder.exists()


@pytest.mark.parametrize("made", ["name", "file", "logo"])
def test_a_strangers_that_was_cut_off(tmp_path: Path, made: str) -> None:
    """Another name, a file or a picture that isn't ours: it is left alone."""
    kernels = tmp_path / "kernels"
    folder = kernelspec.write(SPEC, kernels)
    (folder / "kernel.json").write_text("")
    if made == "name":
        folder = folder.rename(kernels / "gophernotes")
    elif made == "file":
        (folder / "kernel.js").touch()
    else:
        for logo in kernelspec.LOGOS:
            (folder / logo).write_text("another")
    assert installed.find([kernels]) == []
    assert installed.strangers([kernels]) == [folder]
    with pytest.raises(NotOurs):
        kernelspec.remove(folder)


@pytest.mark.parametrize("kind", ["empty folder", "file", "broken link"])
def test_something_else_in_the_place(tmp_path: Path, kind: str) -> None:
    """An empty folder, a file or a broken link of that name is not ours either."""
    place = tmp_path / "kernels" / "go-demo"
    place.parent.mkdir()
    if kind == "empty folder":
        place.mkdir()
    elif kind == "file":
        place.touch()
    else:
        place.symlink_to("/nowhere")
    with pytest.raises(NotOurs):
        kernelspec.write(SPEC, tmp_path / "kernels", replace=True)
    assert os.path.lexists(place)


def test_folder_on_another_file_system(tmp_path: Path) -> None:
    """A `kernels` that is a link to another file system is written, and left clean."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        kernels = tmp_path / "kernels"
        kernels.symlink_to(elsewhere)
        folder = kernelspec.write(SPEC, kernels)
        assert [path.name for path in kernels.iterdir()] == ["go-demo"]
        assert folder.stat().st_mode & 0o777 == 0o755
        kernelspec.remove(folder)
        assert [*kernels.iterdir()] == []
    assert [*tmp_path.iterdir()] == [kernels]


def test_folder_that_may_not_be_removed() -> None:
    """Another user's kernelspec: one sentence says whose it is, and it stays whole."""
    with unprivileged.open_folder() as place:
        folder = kernelspec.write(SPEC, place / "kernels")
        (place / "kernels").chmod(0o555)
        said = unprivileged.run(
            """
from pathlib import Path
from go_kernel import kernelspec
drop()
try:
    kernelspec.remove(Path(sys.argv[1]))
except kernelspec.NotRemovable as error:
    print(json.dumps([str(error), error.owner]))
""",
            folder,
        )
        assert said[0].startswith(f"The kernelspec {folder} can't be removed: Permission denied")
        if os.geteuid() == 0:
            assert "(it belongs to user root)" in said[0]
        assert "jupyter gokernel uninstall go-demo" in said[0]
        assert (folder / "kernel.json").exists()


def _kernel(environment: str, prefix: str, *, name: str = "") -> Kernel:
    config = KernelConfig(environment, prefix=prefix)
    spec = kernelspec.spec_for(config, name=name)
    return Kernel(spec.name, Path("/kernels", spec.name), spec.content, config)


def test_names_of_namesakes(tmp_path: Path) -> None:
    """Of environments of one name each gets a name of its own, in any order, for good."""
    places = [tmp_path / part / "envs" / "demo" for part in ("one", "two", "a/two", "b/two")]
    present: list[Kernel] = []
    names = []
    for place in places:
        place.mkdir(parents=True)
        name = naming.choose(Target("demo", prefix=place), "gophernotes", present)
        names.append(name)
        present.append(_kernel("demo", str(place), name=name.name))
    assert [name.name for name in names[:2]] == ["go-demo", "go-demo-two"]
    assert len({name.name for name in names}) == len({name.shown for name in names}) == 4
    for place, name in zip(places, names, strict=True):
        for others in (present, present[::-1]):
            assert naming.choose(Target("demo", prefix=place), "gophernotes", others) == name


def test_name_of_an_environment_that_is_gone_is_free(tmp_path: Path) -> None:
    """An environment that was made again elsewhere doesn't get a second name."""
    present = [_kernel("demo", str(tmp_path / "gone"))]
    (tmp_path / "new").mkdir()
    name = naming.choose(Target("demo", prefix=tmp_path / "new"), "gophernotes", present)
    assert name.name == "go-demo"


def test_namesakes_outside_of_conda(tmp_path: Path) -> None:
    """Two Gos of one version are told apart by the folder they are in."""
    for part in ("sdk-a", "sdk-b"):
        (tmp_path / part / "go").mkdir(parents=True)
    config = KernelConfig("1.26.8", goroot=str(tmp_path / "sdk-a" / "go"))
    spec = kernelspec.spec_for(config)
    assert (spec.name, spec.content["display_name"]) == ("go-1.26.8", "Go (1.26.8)")
    present = [Kernel(spec.name, Path("/k"), spec.content, config)]
    other = Target("1.26.8", goroot=tmp_path / "sdk-b" / "go")
    name = naming.choose(other, "gophernotes", present)
    assert name == naming.Name("go-1.26.8-sdk-b", "Go (1.26.8 in sdk-b)")
