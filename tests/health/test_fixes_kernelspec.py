"""Fixes of kernelspecs: ours alone, previewed, and harmless to do twice."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from go_kernel import installed
from go_kernel.findings import Finding, Fix, Risk, Status
from go_kernel.health import offers
from go_kernel.health.context import Context
from go_kernel.health.fix import NothingToFix, PlanChanged, UnknownFix
from go_kernel.health.fixes import registry
from go_kernel.health.fixes.kernelspec_install import user_kernels
from go_kernel.resolve import Target
from tests import prefixes
from tests.health.conftest import World


def do(fix: str, context: Context) -> str:
    """Apply a fix as who agreed to its preview does; give the preview back."""
    plan = offers.plan(fix, context)
    offers.apply(fix, context, plan.token)
    return plan.preview


def nothing(fix: str, context: Context) -> bool:
    """Whether there is nothing to do."""
    return registry.get(fix).plan(context) is None


def edit(folder: Path, **more: object) -> None:
    """Change keys of a kernel.json by hand."""
    path = folder / "kernel.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **more}))


def test_reinstall_leaves_out_variables_that_no_kernel_can_have(world: World) -> None:
    """The others that somebody wrote there stay."""
    prefix = world.prefix()
    kernel = world.install(prefix)
    for env in ({"A": 5, "B=": "x", "GOPRIVATE": "a.invalid"}, ["GOPRIVATE"], {"GOPROXY": ["x"]}):
        edit(kernel.folder, env=env)
        assert "env changes" in do("kernelspec.reinstall", world.context(prefix))
        kept = {"GOPRIVATE": "a.invalid"} if "B=" in env else {}
        assert json.loads((kernel.folder / "kernel.json").read_text())["env"] == kept
        assert nothing("kernelspec.reinstall", world.context(prefix))


def test_reinstall_names_what_a_link_leads_to(world: World) -> None:
    """That is where the change is made."""
    prefix = world.prefix()
    kernel = world.install(prefix)
    real = world.folder / "elsewhere"
    kernel.folder.rename(real)
    kernel.folder.symlink_to(real)
    edit(real, display_name="x", interrupt_mode="signal", language="other")
    assert f"(a link to {real})" in do("kernelspec.reinstall", world.context(prefix))


def test_remove_where_the_environment_is_gone(world: World) -> None:
    """The kernel of an environment that was removed goes; others stay."""
    gone, there = world.prefix("gone"), world.prefix("there")
    kernel, other = world.install(gone), world.install(there)
    context = world.context(gone)
    assert nothing("kernelspec.remove", context)
    shutil.rmtree(gone)
    assert str(kernel.folder) in do("kernelspec.remove", context)
    assert not kernel.folder.exists()
    assert other.folder.exists()
    with pytest.raises(NothingToFix):
        offers.plan("kernelspec.remove", world.context(gone))


def test_remove_what_nobody_understands(world: World) -> None:
    """A broken configuration is removed, by the machine's fix; somebody else's never is."""
    broken = world.install(world.prefix())
    content = json.loads((broken.folder / "kernel.json").read_text())
    content["metadata"]["gokernel"]["config"]["colour"] = "red"
    edit(broken.folder, metadata=content["metadata"])
    foreign = prefixes.write(world.kernels / "go-other" / "kernel.json", '{"argv": ["x"]}')
    preview = do("kernelspec.remove", world.context())
    assert "'colour' is not known" in preview
    assert str(foreign.parent) not in preview
    assert not broken.folder.exists()
    assert foreign.exists()


def test_remove_what_was_cut_off(world: World) -> None:
    """A kernel.json that is no JSON any more goes as well."""
    broken = world.install(world.prefix())
    (broken.folder / "kernel.json").write_text('{"broken')
    assert str(broken.folder) in do("kernelspec.remove", world.context())
    assert not broken.folder.exists()


def test_remove_leaves_what_was_mended_meanwhile(world: World) -> None:
    """Between looking and doing the environment came back: its kernel stays."""
    prefix = world.prefix()
    kernel = world.install(prefix)
    shutil.move(prefix, world.folder / "away")
    plan = offers.plan("kernelspec.remove", world.context(prefix))
    shutil.move(world.folder / "away", prefix)
    plan.apply()
    assert kernel.folder.exists()


def test_what_was_agreed_to_is_done_or_nothing(world: World) -> None:
    """A plan that changed since it was shown is not carried out."""
    one, two = world.prefix("one"), world.prefix("two")
    world.install(one), world.install(two)
    shutil.rmtree(one)
    token = offers.plan("kernelspec.remove", world.context()).token
    shutil.rmtree(two)
    with pytest.raises(PlanChanged):
        offers.apply("kernelspec.remove", world.context(), token)
    assert len(installed.find([world.kernels])) == 2


def test_reinstall_writes_what_install_would(world: World) -> None:
    """A Python that is gone and a hand-edited argv are mended; names and settings stay."""
    prefix = world.prefix()
    kernel = world.install(prefix, "go-mine", settings={"GOPRIVATE": "example.test"})
    edit(kernel.folder, display_name="My Go", env={"A": "b"})
    assert nothing("kernelspec.reinstall", world.context(prefix))
    edit(kernel.folder, argv=["/nonexistent/python", "-c", "pass"], interrupt_mode="signal")
    preview = do("kernelspec.reinstall", world.context(prefix))
    assert "argv" in preview
    now = installed.read(kernel.folder)
    assert now is not None
    assert now.config == kernel.config
    assert (now.name, now.display_name) == ("go-mine", "My Go")
    assert now.content["env"] == {"A": "b"}
    assert now.content["argv"] == kernel.content["argv"]
    assert now.content["argv"][0] == sys.executable
    assert nothing("kernelspec.reinstall", world.context(prefix))


def test_reinstall_brings_logos_and_keeps_portable(world: World) -> None:
    """A logo that somebody removed comes back; a portable kernel stays one."""
    prefix = world.prefix()
    kernel = world.install(prefix, portable=True)
    (kernel.folder / "logo-svg.svg").unlink()
    assert "logos" in do("kernelspec.reinstall", world.context(prefix))
    now = installed.read(kernel.folder)
    assert now is not None
    assert now.portable
    assert (kernel.folder / "logo-svg.svg").exists()


def test_reinstall_after_an_upgrade(world: World) -> None:
    """What another version of ours wrote is written by this one."""
    prefix = world.prefix()
    kernel = world.install(prefix)
    metadata = json.loads(json.dumps(kernel.content["metadata"]))
    metadata["gokernel"]["version"] = "0.0.1"
    edit(kernel.folder, metadata=metadata)
    assert "metadata" in do("kernelspec.reinstall", world.context(prefix))
    now = installed.read(kernel.folder)
    assert now is not None
    assert now.content == kernel.content


def test_reinstall_keeps_another_python_that_works(world: World) -> None:
    """A kernel that was installed from another Python is as good."""
    prefix = world.prefix()
    kernel = world.install(prefix)
    edit(kernel.folder, argv=["/bin/sh", *kernel.content["argv"][1:]])
    assert nothing("kernelspec.reinstall", world.context(prefix))


def test_install_for_an_environment_without_kernel(world: World) -> None:
    """The user gets a kernel, with its engine; once there is one there is nothing to do."""
    prefix = world.conda_prefix("go=1.26")
    world.env["GOKERNEL_STORE"] = str(world.env["GOMODCACHE"]).replace("gomodcache", "engines")
    world.env["JUPYTER_DATA_DIR"] = str(world.folder)
    preview = do("kernelspec.install", world.context(prefix))
    assert 'go-shared, shown as "Go (conda env: shared)"' in preview
    [kernel] = installed.find([world.kernels])
    assert kernel.is_for(prefix, "gophernotes")
    assert nothing("kernelspec.install", world.context(prefix))


def test_install_needs_a_go_that_may_run(world: World) -> None:
    """An offer whose plan fails is no offer."""
    finding = Finding("kernelspec.present", Status.INFO, "None.", fix=Fix("kernelspec.install"))
    assert offers.offered(finding, world.context(world.prefix())).fix is None  # not looked into
    world.env["JUPYTER_DATA_DIR"] = str(world.folder)
    offered = offers.offered(finding, world.context(world.prefix("other")))
    assert offered.fix is not None
    assert offered.fix.risk is Risk.NONE
    empty = prefixes.prefix(world.folder / "empty")
    assert offers.offered(finding, world.context(empty)).fix is None


@pytest.mark.parametrize(
    ("env", "system", "folder"),
    [
        ({"HOME": "/h"}, "linux", "/h/.local/share/jupyter/kernels"),
        ({"HOME": "/h", "XDG_DATA_HOME": "/d"}, "linux", "/d/jupyter/kernels"),
        ({"HOME": "/h", "JUPYTER_DATA_DIR": "/j"}, "linux", "/j/kernels"),
        ({"HOME": "/h"}, "darwin", "/h/Library/Jupyter/kernels"),
    ],
)
def test_the_users_folder(env: dict[str, str], system: str, folder: str) -> None:
    """As Jupyter has it."""
    assert str(user_kernels(env, system)) == folder


def test_repin_outside_conda(world: World) -> None:
    """A Go outside conda that was replaced on purpose is believed from now on."""
    goroot = prefixes.goroot(world.folder / "go")
    target = Target("1.26.6", goroot=goroot)
    kernel = world.install(target, go_sha256="0" * 64)
    preview = do("hash.repin", world.context(target))
    assert "instead of " + "0" * 64 in preview
    now = installed.read(kernel.folder)
    assert now is not None
    assert now.config is not None
    assert not now.config.go_sha256.startswith("0000")
    assert now.content["metadata"]["kernel_provisioner"]["config"] == now.config.to_dict()
    assert json.loads(now.content["argv"][-1]) == now.config.to_dict()
    assert nothing("hash.repin", world.context(target))
    # Replaced between looking and doing: that one nobody has agreed to.
    prefixes.program(goroot / "bin" / "go", b"\x7fELF another")
    plan = offers.plan("hash.repin", world.context(target))
    prefixes.program(goroot / "bin" / "go", b"\x7fELF a third")
    with pytest.raises(PlanChanged):
        plan.apply()


def test_repin_never_inside_conda(world: World) -> None:
    """There the package's record decides."""
    prefix = world.prefix()
    world.install(prefix, go_sha256="0" * 64)
    assert nothing("hash.repin", world.context(prefix))


def test_ids_are_one_list() -> None:
    """Each fix once, each known by its id, another is not known."""
    assert len({fix.id for fix in registry.FIXES}) == len(registry.FIXES) == 10
    with pytest.raises(UnknownFix, match="no fix called 'rm -rf'"):
        registry.get("rm -rf")


@pytest.mark.parametrize("fix", [one.id for one in registry.FIXES])
def test_nothing_on_a_fresh_machine(world: World, fix: str) -> None:
    """Each fix can be asked of the machine, and has nothing to do where nothing is."""
    assert nothing(fix, world.context())
