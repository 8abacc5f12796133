"""Versions: by the go.mod of the notebook's folder, or by %get where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engines.conftest import StartKernel
from tests.engines.proxy import LIB, Proxy, saying
from tests.kernels import CellFailed, Kernel

IMPORT = f'import "{LIB}"'
BOTH = ("1.22", "1.27")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty folder that a notebook could lie in."""
    folder = tmp_path / "my project"
    folder.mkdir()
    return folder


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files below a folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def snapshot(folder: Path) -> dict[Path, tuple[int, bytes]]:
    """All that is in a folder, and when it was written."""
    return {
        path: (path.stat().st_mtime_ns, path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }


def said(kernel: Kernel, folder: Path) -> str:
    """What the library says to a kernel that works in that folder."""
    kernel.run(f"%cd {folder}")
    kernel.run(IMPORT)
    return kernel.run("lib.Say()")


@pytest.mark.parametrize("version", BOTH)
def test_the_folder_decides(
    start: StartKernel, proxied: dict[str, str], project: Path, version: str
) -> None:
    """The nearest go.mod upwards names the version; nothing there is written."""
    write(project, {"go.mod": f"module me\n\ngo 1.22\n\nrequire {LIB} v0.1.0\n", "a/b/x.txt": ""})
    before = snapshot(project)
    for _ in range(2):  # compiled, and from the store
        with start(version, **proxied) as kernel:
            assert said(kernel, project / "a" / "b") == "one"
            assert f"versions     those of {project}/go.mod" in kernel.run("%gokernel")
    with start(version, **proxied) as kernel:
        assert said(kernel, project.parent) == "two"
    assert snapshot(project) == before


def test_a_change_of_the_file_counts(
    start: StartKernel, proxied: dict[str, str], project: Path
) -> None:
    """For the next kernel at once."""
    for number, text in ((1, "one"), (2, "two"), (1, "one")):
        write(project, {"go.mod": f"module me\n\ngo 1.22\n\nrequire {LIB} v0.{number}.0\n"})
        with start("1.26", **proxied) as kernel:
            assert said(kernel, project) == text


@pytest.mark.parametrize("version", BOTH)
def test_replace_and_exclude(
    start: StartKernel, proxy: Proxy, proxied: dict[str, str], project: Path, version: str
) -> None:
    """As in a build of that module: by a folder, by another module, or not that version."""
    mod = f"module me\n\ngo 1.22\n\nrequire {LIB} v0.1.0\n"
    proxy.publish("example.test/fork", "v1.0.0", saying("forked"))
    write(project / "changed lib", {"go.mod": f"module {LIB}\n", **saying("changed")})
    proxy.publish(LIB, "v0.0.1", saying("zero"))
    for line, text in (
        (f'replace {LIB} => "./changed lib"', "changed"),
        (f"replace {LIB} v0.1.0 => example.test/fork v1.0.0", "forked"),
        (f"exclude {LIB} v0.1.0", "two"),
    ):
        write(project, {"go.mod": f"{mod}\n{line}\n"})
        with start(version, **proxied) as kernel:
            assert said(kernel, project) == text


@pytest.mark.parametrize("version", BOTH)
def test_packages_of_the_folder_itself(
    start: StartKernel, proxied: dict[str, str], project: Path, version: str
) -> None:
    """They import by their path, what they need in the versions of their go.mod."""
    package = (
        'package mine\n\nimport "example.test/lib"\n\n'
        'func Said() string {{ return "{}" + lib.Text }}\n'
    )
    mod = f"module example.test/me/v2\n\ngo 1.22\n\nrequire {LIB} v0.1.0\n"
    before = {"go.mod": mod, "mine/mine.go": package.format("first ")}
    write(project, before)
    with start(version, **proxied) as kernel:
        kernel.run(f"%cd {project}/mine")
        kernel.run('import "example.test/me/v2/mine"')
        assert kernel.run("mine.Said()") == "first one"
    write(project, {"mine/mine.go": package.format("second ")})
    with start(version, **proxied) as kernel:
        kernel.run(f"%cd {project}/mine")
        kernel.run('import "example.test/me/v2/mine"')
        assert kernel.run("mine.Said()") == "second one"
    assert sorted(path.name for path in project.rglob("*")) == ["go.mod", "mine", "mine.go"]


def test_a_changed_package_that_is_in_use(
    start: StartKernel, proxied: dict[str, str], project: Path
) -> None:
    """A process holds each package once: the sentence says what to do."""
    files = {
        "go.mod": "module example.test/me\n\ngo 1.22\n",
        "base/x.go": 'package base\n\nconst X = "old"\n\nfunc F() string { return X }\n',
    }
    for name in ("a", "b"):
        files[f"{name}/x.go"] = (
            f'package {name}\n\nimport "example.test/me/base"\n\n'
            "func F() string { return base.F() }\n"
        )
    write(project, files)
    with start("1.26", **proxied) as kernel:
        kernel.run(f"%cd {project}")
        kernel.run('import "example.test/me/a"')
        write(project, {"base/x.go": files["base/x.go"].replace("old", "new")})
        with pytest.raises(CellFailed, match="changed since this kernel imported it: restart"):
            kernel.run('import "example.test/me/b"')
        assert kernel.run("a.F()") == "old"


@pytest.mark.parametrize("version", BOTH)
def test_workspaces(
    start: StartKernel, proxied: dict[str, str], project: Path, version: str
) -> None:
    """A go.work above: its modules by their folders, its replacements before theirs."""
    b = 'package b\n\nimport "example.test/lib"\n\nconst B = "b and " + lib.Text\n'
    write(
        project,
        {
            "go.work": f"go 1.22\n\nuse ./a\nuse ./b\n\nreplace {LIB} => ./fork\n",
            "a/go.mod": f"module example.test/a\n\ngo 1.22\n\nreplace {LIB} => ../nowhere\n",
            "b/go.mod": f"module example.test/b\n\ngo 1.22\n\nrequire {LIB} v0.1.0\n",
            "b/b.go": b,
            "fork/go.mod": f"module {LIB}\n",
            **{f"fork/{name}": text for name, text in saying("the fork").items()},
            "c/go.mod": f"module example.test/c\n\ngo 1.22\n\nrequire {LIB} v0.1.0\n",
        },
    )
    before = snapshot(project)
    for folder in ("", "a"):
        with start(version, **proxied) as kernel:
            kernel.run(f"%cd {project / folder}")
            kernel.run('import "example.test/b"')
            assert kernel.run("b.B") == "b and the fork"
    with start(version, **proxied, GOWORK="off") as kernel, pytest.raises(CellFailed):
        said(kernel, project / "a")
    # The workspace says nothing about a module that it doesn't use.
    with start(version, **proxied) as kernel:
        assert said(kernel, project / "c") == "one"
    assert snapshot(project) == before


def test_sums_of_the_folder_count(
    start: StartKernel, proxied: dict[str, str], project: Path
) -> None:
    """What is downloaded must be what go.sum says."""
    write(
        project,
        {
            "go.mod": f"module me\n\ngo 1.22\n\nrequire {LIB} v0.1.0\n",
            "go.sum": f"{LIB} v0.1.0 h1:{'A' * 43}=\n",
        },
    )
    with start("1.26", **proxied) as kernel, pytest.raises(CellFailed, match="SECURITY ERROR"):
        said(kernel, project)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("module me\n\nnonsense\n", "unknown directive: nonsense"),
        ("module me\n\ngo 1.99\n", "requires go >= 1.99"),
        ("go 1.22\n", "names no module"),
        (f"module me\n\ngo 1.22\n\nrequire {LIB} v0.9.0\n", "v0.9.0"),
    ],
)
def test_a_file_that_is_of_no_use(
    start: StartKernel, proxied: dict[str, str], project: Path, text: str, reason: str
) -> None:
    """The error says what is wrong with it, and where it is; the kernel lives."""
    write(project, {"go.mod": text})
    with start("1.26", **proxied) as kernel:
        with pytest.raises(CellFailed) as caught:
            said(kernel, project)
        assert reason in str(caught.value)
        assert f"{project}/go.mod" in str(caught.value)
        kernel.run('import "log/slog"')  # the standard library's versions are Go's


def test_files_that_pin_nothing(
    start: StartKernel, proxied: dict[str, str], tmp_path: Path, project: Path
) -> None:
    """Anybody's in a public folder, and those of downloaded modules."""
    public = tmp_path / "public"
    below = public / "mine"
    below.mkdir(parents=True)
    public.chmod(0o1777)
    write(public, {"go.mod": f"module them\n\ngo 1.22\n\nrequire {LIB} v0.1.0\n"})
    downloaded = Path(proxied["GOMODCACHE"]) / "some@v1"
    write(downloaded, {"go.mod": f"module some\n\ngo 1.22\n\nrequire {LIB} v0.1.0\n"})
    for folder in (below, downloaded):
        with start("1.26", **proxied) as kernel:
            assert said(kernel, folder) == "two"


@pytest.mark.parametrize("version", BOTH)
def test_get(start: StartKernel, proxied: dict[str, str], version: str) -> None:
    """%get pins for this kernel only, and takes whatever `go get` takes."""
    with start(version, **proxied) as kernel:
        assert (
            kernel.run(f"%get {LIB}@v0.1")
            == f"{LIB} v0.1.0 is what this kernel imports from now on\n"
        )
        assert f"pinned       {LIB} v0.1.0\n" in kernel.run("%gokernel")
        kernel.run(IMPORT)
        assert kernel.run("lib.Say()") == "one"
        assert f"modules      {LIB} v0.1.0\n" in kernel.run("%gokernel")
        with pytest.raises(CellFailed, match=r"holds example.test/lib v0.1.0 already"):
            kernel.run(f"%get {LIB}@latest")
    with start(version, **proxied) as kernel:
        kernel.run(f"%get {LIB}@v0.1.0")
        assert "not pinned any more" in kernel.run(f"%get {LIB}@none")
        kernel.run(IMPORT)
        assert kernel.run("lib.Say()") == "two"


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "%get is used as: %get MODULE@VERSION"),
        ("@v1", "is no module and version"),
        ("-x@v1", "is no module and version"),
        (f"{LIB}@v7.7.7", f"there is no {LIB}@v7.7.7"),
        ("example.test/none", "there is no example.test/none@latest"),
        (f"{LIB}@none", "is not pinned"),
    ],
)
def test_what_a_failed_get_says(
    start: StartKernel, proxied: dict[str, str], query: str, reason: str
) -> None:
    """One sentence about the module."""
    with start("1.26", **proxied) as kernel:
        with pytest.raises(CellFailed) as caught:
            kernel.run(f"%get {query}")
        assert reason in str(caught.value)


def test_get_of_a_package_pins_its_module(
    start: StartKernel, proxy: Proxy, proxied: dict[str, str]
) -> None:
    """The longest path that is a module is meant."""
    proxy.publish(f"{LIB}/nested", "v1.0.0", {"n.go": "package nested\n\nconst N = 1\n"})
    with start("1.26", **proxied) as kernel:
        assert kernel.run(f"%get {LIB}/some/where@v0.1.0").startswith(f"{LIB} v0.1.0 ")
        assert kernel.run(f"%get {LIB}/nested").startswith(f"{LIB}/nested v1.0.0 ")
        # Held and pinned together: the nested module is no package of the other one.
        kernel.run(IMPORT)
        kernel.run(f'import "{LIB}/nested"')
        assert kernel.run("nested.N") == "1"


def test_get_where_a_file_decides(
    start: StartKernel, proxied: dict[str, str], project: Path
) -> None:
    """There it says which file to change."""
    write(project, {"go.mod": "module me\n\ngo 1.22\n"})
    with start("1.26", **proxied) as kernel:
        kernel.run(f"%cd {project}")
        with pytest.raises(CellFailed, match=r"stand in .*my project/go.mod: change them there"):
            kernel.run(f"%get {LIB}@v0.1.0")


def test_pins_that_exclude_each_other(
    start: StartKernel, proxy: Proxy, proxied: dict[str, str]
) -> None:
    """The sentence names both versions."""
    user = 'package user\n\nimport "example.test/lib"\n\nconst Said = lib.Text\n'
    needs = "\nrequire example.test/lib v0.2.0\n"
    proxy.publish("example.test/user", "v1.0.0", {"user.go": user}, more=needs)
    with start("1.26", **proxied) as kernel:
        kernel.run(f"%get {LIB}@v0.1.0")
        with pytest.raises(CellFailed) as caught:
            kernel.run('import "example.test/user"')
        assert f"{LIB} is pinned to v0.1.0, but another module needs v0.2.0" in str(caught.value)


def test_an_unpinned_module_beside_pinned_ones(
    start: StartKernel, proxy: Proxy, proxied: dict[str, str], project: Path
) -> None:
    """What go.mod doesn't name comes in its newest version; what it names stays."""
    proxy.publish("example.test/fresh", "v1.0.0", {"x.go": "package fresh\n\nconst X = 1\n"})
    proxy.publish("example.test/fresh", "v1.1.0", {"x.go": "package fresh\n\nconst X = 2\n"})
    write(project, {"go.mod": f"module me\n\ngo 1.22\n\nrequire {LIB} v0.1.0\n"})
    with start("1.26", **proxied) as kernel:
        kernel.run(f"%cd {project}")
        kernel.run(f'import (\n"{LIB}"\n"example.test/fresh"\n)')
        assert kernel.run("lib.Say()") == "one"
        assert kernel.run("fresh.X") == "2"
