"""Checks of kernelspecs, of Jupyter's Python, and of passwords that lie about."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from go_kernel import kernelspec
from go_kernel.findings import Status
from go_kernel.health.context import Context
from go_kernel.installed import Kernel
from go_kernel.resolve import Policy, Target
from tests import prefixes, unprivileged
from tests.health.cases import Case, judge
from tests.health.conftest import World

SECRET = "s3cr3t"
PROXY = f"https://me:{SECRET}@proxy.invalid"


def with_kernel(world: World) -> Context:
    """As `install` leaves it."""
    prefix = world.prefix()
    world.install(prefix)
    return world.context(prefix)


def real(world: World) -> Context:
    """The same of an environment of conda's."""
    prefix = world.conda_prefix("go=1.26", "go-cgo_linux-64")
    world.install(prefix)
    return world.context(prefix)


def without_kernel(world: World) -> Context:
    """An environment with Go and nothing else."""
    return world.context(world.prefix())


def goroot_without_kernel(world: World) -> Context:
    """The same outside of conda."""
    return world.context(Target("go", goroot=prefixes.goroot(world.folder / "go")))


# kernelspec.current


def edit(kernel: Kernel, change: Callable[[dict[str, Any]], object]) -> None:
    """Edit a kernel.json."""
    path = kernel.folder / "kernel.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def edited(change: Callable[[dict[str, Any]], object], **more: Any) -> Callable[[World], Context]:
    """An environment whose kernel.json was edited by hand."""

    def make(world: World) -> Context:
        prefix = world.prefix()
        edit(world.install(prefix, **more), change)
        return world.context(prefix)

    return make


def python_gone(content: dict[str, Any]) -> None:
    """The virtual environment that Jupyter ran in was removed."""
    content["argv"][0] = "/gone/bin/python"


def relative_python(content: dict[str, Any]) -> None:
    """Whatever that is in the notebook's folder."""
    content["argv"][0] = "python"


def older(content: dict[str, Any]) -> None:
    """Written before an upgrade."""
    content["metadata"]["gokernel"]["version"] = "0.0.1"


def two_minds(content: dict[str, Any]) -> None:
    """The provisioner would start another Go than the argv."""
    content["metadata"]["kernel_provisioner"]["config"]["prefix"] = "/elsewhere"


def own_variables(content: dict[str, Any]) -> None:
    """That is how one sets variables by hand."""
    content["env"] = {"GOPRIVATE": "example.invalid"}


def number(content: dict[str, Any]) -> None:
    """A number without quotes, as one writes it in YAML."""
    content["env"] = {"GOMAXPROCS": 5}


def a_list(content: dict[str, Any]) -> None:
    """As compose files have it."""
    content["env"] = ["GOPRIVATE=example.invalid"]


def no_name(content: dict[str, Any]) -> None:
    """What no process can be given."""
    content["env"] = {"A=B": "x"}


def nul(content: dict[str, Any]) -> None:
    """JSON can hold more than a variable."""
    content["env"] = {"GOPRIVATE": "a\0b"}


def own_name(content: dict[str, Any]) -> None:
    """Somebody likes it better."""
    content["display_name"] = "My Go"


def without_argv(content: dict[str, Any]) -> None:
    """Nothing to start."""
    del content["argv"]


def without_logo(world: World) -> Context:
    """Somebody tidied up."""
    prefix = world.prefix()
    (world.install(prefix).folder / "logo-svg.svg").unlink()
    return world.context(prefix)


# kernelspec.readable


def all_kernels(world: World) -> Context:
    """Two that are fine, and one of somebody else's."""
    for name in ("one", "two"):
        world.install(world.prefix(name))
    prefixes.write(world.kernels / "python3" / "kernel.json", '{"argv": ["python"]}')
    return world.context()


def no_kernels(world: World) -> Context:
    """None at all."""
    return world.context()


def unreadable(world: World) -> Context:
    """A key that nobody knows."""
    kernel = world.install(world.prefix())
    edit(kernel, lambda content: content["metadata"]["gokernel"]["config"].update(colour="red"))
    return world.context()


def cut_off(world: World) -> Context:
    """The disk was full."""
    path = world.install(world.prefix()).folder / "kernel.json"
    path.write_bytes(path.read_bytes()[:100])
    return world.context()


def emptied(world: World) -> Context:
    """Nothing at all stands in it."""
    (world.install(world.prefix()).folder / "kernel.json").write_text("")
    return world.context()


def strangers_cut_off(world: World) -> Context:
    """Half a kernel.json of somebody else's."""
    prefixes.write(world.kernels / "python3" / "kernel.json", "{")
    return world.context()


def hidden(world: World, first: Callable[[Path], None]) -> Context:
    """A kernelspec of the same name in an earlier folder."""
    kernel = world.install(world.prefix())
    folder = world.folder / "earlier"
    folder.mkdir()
    first(folder / kernel.name)
    return world.context(kernel_dirs=(folder, world.kernels))


def hidden_by_a_stranger(world: World) -> Context:
    """Not of our making."""
    return hidden(world, lambda folder: _write(folder / "kernel.json"))


def _write(path: Path) -> None:
    prefixes.write(path, '{"argv": ["x"]}')


def hidden_by_the_same(world: World) -> Context:
    """Installed for the user and into the environment: no harm is done."""
    return hidden(world, lambda folder: _copy(world.kernels / folder.name, folder))


def _copy(source: Path, folder: Path) -> None:
    prefixes.write(folder / "kernel.json", (source / "kernel.json").read_bytes())


# server.provisioner


def this_jupyter(world: World) -> Context:
    """The Python of the tests, in which we are installed."""
    return world.context()


def other_jupyter(world: World) -> Context:
    """Another `jupyter-lab` on PATH."""
    prefixes.program(world.folder / "other/bin/python")
    prefixes.program(world.folder / "other/bin/jupyter-lab", f"#!{world.folder}/other/bin/python\n")
    world.env["PATH"] = f"{world.folder}/other/bin:/usr/bin:/bin"
    return world.context()


def python_without_us(world: World) -> Context:
    """Jupyter itself runs on such a Python."""
    return world.context(python=prefixes.program(world.folder / "other/bin/python"))


# proxy.secrets


def plain_proxies(world: World) -> Context:
    """No password in them."""
    world.env.update(
        GOPROXY="https://proxy.invalid,direct", https_proxy="http://proxy.invalid:3128"
    )
    return world.context(world.prefix())


def in_memory(world: World) -> Context:
    """Only who runs it, and root, can see a process's variables."""
    world.env["GOPROXY"] = f"{PROXY},direct"
    return world.context(world.prefix())


def without_scheme(world: World) -> Context:
    """As curl takes it."""
    world.env["HTTPS_PROXY"] = f"me:{SECRET}@proxy.invalid:3128"
    return world.context(world.prefix())


def by_configuration(world: World) -> Context:
    """A private jupyter_config.py."""
    policy = Policy(user={"GOPROXY": PROXY})
    return world.context(world.prefix(), policy=policy)


WELL = [
    Case("kernelspec.present", real, words="Its kernels: go-shared."),
    Case("kernelspec.present", with_kernel, words="Its kernels: go-demo."),
    Case("kernelspec.current", real),
    Case("kernelspec.current", with_kernel, words="is up to date."),
    Case("kernelspec.current", edited(own_variables)),
    Case("kernelspec.current", edited(own_name)),
    Case("kernelspec.current", edited(lambda content: None, portable=True)),
    Case("kernelspec.current", without_kernel, Status.SKIPPED),
    Case("kernelspec.readable", all_kernels, words="one, go-two"),
    Case("kernelspec.readable", no_kernels, words="There are none."),
    Case("server.provisioner", this_jupyter),
    Case("proxy.secrets", real),
    Case("proxy.secrets", plain_proxies),
]
INSTALL, REINSTALL, REMOVE = "kernelspec.install", "kernelspec.reinstall", "kernelspec.remove"
BROKEN = [
    Case("kernelspec.present", without_kernel, Status.INFO, "install --env /", INSTALL),
    Case("kernelspec.present", goroot_without_kernel, Status.INFO, "install --go /", INSTALL),
    Case("kernelspec.current", edited(python_gone), Status.WARN, "that is not there", REINSTALL),
    Case(
        "kernelspec.current",
        edited(python_gone, portable=True),
        Status.ERROR,
        "its kernel can't start",
        REINSTALL,
    ),
    Case("kernelspec.current", edited(relative_python), Status.WARN, "(python)", REINSTALL),
    Case("kernelspec.current", edited(without_argv), Status.WARN, "not there ()", REINSTALL),
    Case("kernelspec.current", edited(older), Status.INFO, "jupyter-gokernel 0.0.1", REINSTALL),
    Case("kernelspec.current", edited(two_minds), Status.WARN, "by hand", REINSTALL),
    Case("kernelspec.current", edited(number), Status.ERROR, "variable 'GOMAXPROCS'", REINSTALL),
    Case("kernelspec.current", edited(a_list), Status.ERROR, "'env' in its kernel", REINSTALL),
    Case("kernelspec.current", edited(no_name), Status.ERROR, "'A=B'", REINSTALL),
    Case("kernelspec.current", edited(nul), Status.ERROR, "'GOPRIVATE'", REINSTALL),
    Case("kernelspec.current", without_logo, Status.INFO, "lacks its logos", REINSTALL),
    Case("kernelspec.readable", unreadable, Status.ERROR, "'colour' is not known", REMOVE),
    Case("kernelspec.readable", cut_off, Status.ERROR, "uninstall go-demo", REMOVE),
    Case("kernelspec.readable", emptied, Status.ERROR, "is no JSON", REMOVE),
    Case("kernelspec.readable", strangers_cut_off, Status.WARN, "did not make it"),
    Case("kernelspec.readable", hidden_by_a_stranger, Status.WARN, "comes first", REMOVE),
    Case("kernelspec.readable", hidden_by_the_same, Status.INFO, "for the same Go", REMOVE),
    Case("server.provisioner", other_jupyter, Status.WARN, "other/bin/jupyter-lab runs on"),
    Case("server.provisioner", python_without_us, Status.WARN, "Jupyter runs on"),
    Case("proxy.secrets", in_memory, Status.INFO, "GOPROXY holds a password"),
    Case("proxy.secrets", without_scheme, Status.INFO, "asks for no password"),
    Case("proxy.secrets", by_configuration, Status.INFO, "kernel settings: configuration"),
]


@pytest.mark.parametrize("case", [*WELL, *BROKEN], ids=str)
def test_the_answer(case: Case, world: World) -> None:
    """What people are told, and the fix that is offered; never a password."""
    found = judge(case, world)
    assert SECRET not in json.dumps([one.to_dict() for one in found])


@pytest.mark.parametrize(
    ("version", "content"),
    [
        ("state", "warn"),
        ("go env -w", "warn"),
        ("kernel.json", "warn"),
        ("kernel.json's env", "warn"),
        ("script", "warn"),
        ("closed home", "info"),
        ("closed file", "info"),
    ],
)
def test_a_password_in_a_file_that_others_may_read(
    version: str, content: str, world: World
) -> None:
    """Named with the file; a file that others can't get at is a hint only."""
    with unprivileged.open_folder() as folder:
        open_world = World(folder, world.env, world.conda_prefix, world.goroot)
        open_world.kernels.mkdir()
        prefix = open_world.prefix()
        spec = world.env["HOME"] = str(folder / "home")
        goenv = prefixes.write(folder / "home/.config/go/env", "")
        for made in (folder / "home").rglob("*"):
            made.chmod(0o755)
        kernel = open_world.install(
            prefix, settings={"GOPROXY": PROXY} if version == "kernel.json" else {}
        )
        if version == "state":
            prefixes.state(prefix, {"HTTPS_PROXY": PROXY})
        elif version == "kernel.json's env":
            edit(kernel, lambda content: content.update(env={"NPM_TOKEN": SECRET}))
        elif version == "script":
            prefixes.script(prefix, "a.sh", f"export GOPROXY={PROXY}\n")
            open_world.context(prefix).activated  # noqa: B018 (remembered from here on)
        elif version != "kernel.json":
            goenv.write_text(f"GOPROXY={PROXY}\n")
        if version == "closed home":
            Path(spec).chmod(0o700)
        if version == "closed file":
            goenv.chmod(0o600)

        case = Case(
            "proxy.secrets",
            lambda world: open_world.context(prefix),
            Status(content),
            "asks for no password" if version == "state" else "",
        )
        [found] = judge(case, world)

    assert SECRET not in json.dumps(found.to_dict())
    if content == "warn":
        place = {
            "state": "conda-meta/state",
            "go env -w": "home/.config/go/env",
            "script": "activate.d/a.sh",
        }.get(version, "go-demo/kernel.json")
        assert f"others may read {folder}/" in found.summary
        assert found.summary.endswith(f"{place}.")
    else:
        assert "only you can read it" in found.summary


def test_every_kernel_that_others_hide_is_named(world: World) -> None:
    """One finding for each."""
    for name in ("one", "two", "three"):
        world.install(world.prefix(name))
    earlier = world.folder / "earlier"
    for name in ("go-one", "go-three"):
        _write(earlier / name / "kernel.json")
    case = Case(
        "kernelspec.readable",
        lambda world: world.context(kernel_dirs=(earlier, world.kernels)),
        Status.WARN,
        fix="kernelspec.remove",
    )
    assert [one.kernel for one in judge(case, world)] == ["go-one", "go-three"]


def test_what_install_writes_is_what_is_held_against_it(world: World) -> None:
    """Also with odd names, for another engine, and outside of conda."""
    targets = [
        Target("Zürich déjà", prefix=world.prefix()),
        Target("x" * 200, prefix=world.prefix("y")),
    ]
    targets.append(Target("go", goroot=prefixes.goroot(world.folder / "go")))
    for engine in ("gophernotes", "gonb"):
        for target in targets:
            world.install(target, engine=engine)
            judge(Case("kernelspec.current", lambda world: world.context(target)), world)  # noqa: B023
    assert len([*world.kernels.glob("*/kernel.json")]) == 6
    assert kernelspec.LOGOS
