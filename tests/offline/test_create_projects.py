"""Bundles of projects: everything that is done with one then works without a network."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from go_kernel.offline import projects
from go_kernel.offline.create import Created
from go_kernel.offline.unmade import BadWish, IncompleteProject, NotGathered
from tests.engines.proxy import Proxy
from tests.offline.making import Maker, Offline, contents

A, B, C, TESTED, UNUSED = (f"example.test/{one}" for one in ("a", "b", "c", "tested", "unused"))


def says(package: str, *imports: str) -> str:
    """A Go file."""
    return "\n".join([f"package {package}", *(f'import _ "{one}"' for one in imports), ""])


@pytest.fixture
def proxy(tmp_path: Path) -> Proxy:
    """Modules a (needs b, and c in one of its packages), b, c, tested, unused."""
    made = Proxy(tmp_path / "proxy")
    for path in (B, C, TESTED, UNUSED):
        name = path.rpartition("/")[2]
        made.publish(path, "v0.1.0", {f"{name}.go": says(name)})
    files = {"a.go": says("a", B), "more/more.go": says("more", C)}
    made.publish(A, "v0.1.0", files, more="".join(f"\nrequire {p} v0.1.0\n" for p in (B, C)))
    made.publish(A, "v0.2.0", files, more="".join(f"\nrequire {p} v0.1.0\n" for p in (B, C)))
    return made


@pytest.fixture
def maker(proxy: Proxy, tmp_path: Path, goroot: Callable[[str], Path], dev_cache: Path) -> Maker:
    """Makes bundles from that proxy."""
    base = tmp_path / "maker"
    base.mkdir()
    return Maker(base, goroot("1.26"), dev_cache / "gocache", proxy.url)


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Files in a folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


PROJECT = {
    "go.mod": f"module example.test/project\n\ngo 1.22\n\nrequire (\n\t{A} v0.1.0\n)\n",
    "project.go": says("project", A),
    "project_windows.go": says("project", UNUSED),
    "project_test.go": says("project", "testing", TESTED),
    "cmd/run/main.go": f"{says('main', 'example.test/project')}\nfunc main() {{}}\n",
}


@pytest.fixture
def project(maker: Maker) -> Path:
    """A tidy project."""
    folder = write(maker.base / "project", PROJECT)
    done = maker.go("mod", "tidy", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def works(maker: Maker, made: Created, cwd: Path, *commands: str) -> None:
    """Each command ends well with nothing but the bundle."""
    offline = Offline(maker, made.path)
    for command in commands:
        done = offline.go(*command.split(), cwd=cwd)
        assert done.returncode == 0, f"go {command}: {done.stderr}{done.stdout}"


ALL = ("list -m all", "mod download all", "mod graph", "build ./...", "test ./...", "mod verify")


def test_all_that_is_done_with_a_project_works_offline(maker: Maker, project: Path) -> None:
    """Its files are as they were, and named in the manifest by their hash alone."""
    before = contents(project)
    made = maker.bundle(projects=[project])
    assert contents(project) == before
    works(maker, made, project, *ALL, "mod tidy", "mod vendor")
    assert [one.module for one in made.manifest.projects] == ["example.test/project"]


def test_a_notebook_in_the_projects_folder_imports_it_and_what_it_requires(
    maker: Maker, project: Path
) -> None:
    """Also a package that the project itself doesn't use, and a module that was asked for."""
    other = "example.test/other"
    Proxy(Path(maker.proxy.removeprefix("file://"))).publish(
        other, "v1.0.0", {"o.go": says("o", A)}, more=f"\nrequire {A} v0.2.0\n"
    )
    made = maker.bundle(other, projects=[project])
    offline = Offline(maker, made.path)
    held = f"\nrequire example.test/project v0.0.0\nreplace example.test/project => {project}\n"
    own = "example.test/project"
    took = offline.imported(own, f"{A}/more@v0.1.0".split("@")[0], text=held)
    assert {f"{B}@v0.1.0", f"{C}@v0.1.0"} <= {*took.split()}
    took = offline.imported(own, other, text=held)
    assert f"{A}@v0.2.0" in took.split()


def test_a_vendored_project_and_a_replaced_module(maker: Maker, project: Path) -> None:
    """Notebooks don't see a vendor folder; a folder that stands for a module stays one."""
    write(
        project,
        {
            "local/go.mod": f"module {UNUSED}\n\ngo 1.22\n\nrequire {C} v0.1.0\n",
            "local/unused.go": says("unused", C),
        },
    )
    with (project / "go.mod").open("a") as file:
        file.write(f"\nreplace {UNUSED} => ./local\n")
    assert maker.go("mod", "tidy", cwd=project).returncode == 0
    assert maker.go("mod", "vendor", cwd=project).returncode == 0
    before = contents(project)
    made = maker.bundle(projects=[project])
    assert contents(project) == before
    works(maker, made, project, "build ./...", "test ./...", "mod tidy", "mod vendor")
    paths = {one.path for one in made.manifest.modules if one.sum}
    assert {A, B, C, TESTED} <= paths
    assert UNUSED not in paths


def test_a_workspace(maker: Maker) -> None:
    """Its modules know each other by go.work alone; any folder of it names it."""
    folder = write(
        maker.base / "work space",
        {
            "go.work": "go 1.22\n\nuse (\n\t./one\n\t./two\n)\n",
            "one/go.mod": f"module example.test/one\n\ngo 1.22\n\nrequire {B} v0.1.0\n",
            "one/one.go": says("one", B),
            "two/go.mod": f"module example.test/two\n\ngo 1.22\n\nrequire {C} v0.1.0\n",
            "two/two.go": says("two", "example.test/one", C),
        },
    )
    for command in (("work", "sync"), ("mod", "download"), ("build", "./one/...", "./two/...")):
        got = maker.go(*command, cwd=folder)
        assert got.returncode == 0, got.stderr
    before = contents(folder)
    made = maker.bundle(projects=[folder / "two"])
    assert contents(folder) == before
    works(maker, made, folder, "list -m all", "build ./one/... ./two/...", "mod download")
    assert {one.module for one in made.manifest.projects} == {
        "example.test/one",
        "example.test/two",
    }


def test_a_project_whose_sums_are_missing_says_what_to_do(maker: Maker, project: Path) -> None:
    """`go build` fails there with a network, too."""
    (project / "go.sum").unlink()
    with pytest.raises(IncompleteProject, match=r"missing go\.sum entry.*go mod tidy"):
        maker.bundle(projects=[project])


def test_a_project_that_does_not_compile_is_bundled(maker: Maker, project: Path) -> None:
    """No bundle could mend it."""
    (project / "broken.go").write_text("package project\n\nfunc {\n")
    assert maker.bundle(projects=[project]).manifest.modules


def test_a_module_of_the_graph_that_is_gone_is_told(
    maker: Maker, project: Path, proxy: Proxy
) -> None:
    """If no package needs it; one that is needed is an error."""
    maker.cache.rename(maker.base / "lost")  # with what was downloaded before
    (proxy.folder / C / "@v/v0.1.0.zip").unlink()
    made = maker.bundle(projects=[project])
    assert C in made.notes[0]
    works(maker, made, project, "build ./...", "test ./...", "mod tidy")
    (proxy.folder / B / "@v/v0.1.0.zip").unlink()
    with pytest.raises(NotGathered):
        maker.bundle(projects=[project], out="other/")


def test_nothing_of_a_project_runs(maker: Maker, project: Path) -> None:
    """Neither by GOFLAGS, nor as a tool, a generator, or the go that go.mod names."""
    trap, sprung = maker.base / "trap", maker.base / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch '{sprung}'\nexec \"$@\"\n")
    trap.chmod(0o755)
    write(project, {"generate.go": f"package project\n\n//go:generate {trap}\n"})
    maker.variables |= {"GOFLAGS": f"-toolexec={trap}", "CC": str(trap), "GOCACHEPROG": str(trap)}
    maker.bundle(projects=[project])
    assert not sprung.exists()


def test_a_folder_without_a_project_is_refused(maker: Maker) -> None:
    """One that isn't there as well, and one whose go.mod Go can't read."""
    empty = maker.base / "empty"
    empty.mkdir()
    with pytest.raises(BadWish, match=r"no go\.mod in it"):
        maker.bundle(projects=[empty])
    with pytest.raises(BadWish, match="is not there"):
        maker.bundle(projects=[empty / "none"])
    (empty / "go.mod").write_text("modul x\n")
    with pytest.raises(NotGathered, match=str(empty)):
        maker.bundle(projects=[empty])


def test_a_project_is_found_by_a_link(maker: Maker, project: Path) -> None:
    """And gives the same bundle."""
    link = maker.base / "link"
    link.symlink_to(project)
    first = maker.bundle(projects=[project], out="first/").manifest
    assert maker.bundle(projects=[link], out="second/").manifest.id == first.id


@pytest.mark.parametrize(
    ("path", "major"),
    [
        ("example.test/p", "v0"),
        ("example.test/p/v2", "v2"),
        ("example.test/p/v1", "v0"),
        ("gopkg.in/yaml.v3", "v3"),
        ("main", "v0"),
    ],
)
def test_placeholders_fit_their_major_version(path: str, major: str) -> None:
    """Go refuses another one."""
    assert projects.placeholder(path) == f"{major}.0.0-00010101000000-000000000000"


def test_a_project_in_an_unreadable_place_is_a_sentence(maker: Maker) -> None:
    """Without a traceback, whatever is in the way."""
    file = maker.base / "file"
    file.touch()
    with pytest.raises(BadWish, match="is no folder"):
        maker.bundle(projects=[Path(os.fspath(file))])


NOTEBOOK = {
    "metadata": {"kernelspec": {"language": "go"}},
    "cells": [
        {"cell_type": "markdown", "source": 'import "example.test/text"'},
        {"cell_type": "code", "source": ["import (\n", '\t"fmt"\n', f'\tx "{A}/more"\n', ")\n"]},
        {"cell_type": "code", "source": f'// import "example.test/not"\nimport _ "{TESTED}"'},
        {"cell_type": "code", "source": 'import "example.test/gone"\nimport "../../../x.y/z"'},
    ],
}


def test_what_notebooks_in_the_folder_import_is_bundled(maker: Maker, project: Path) -> None:
    """Also what the project doesn't require; what there is not is told."""
    proxy = Proxy(Path(maker.proxy.removeprefix("file://")))
    proxy.publish("example.test/nb", "v1.0.0", {"nb.go": says("nb", "example.test/far")})
    proxy.publish("example.test/far", "v1.0.0", {"far.go": says("far")})
    cells = [*NOTEBOOK["cells"], {"cell_type": "code", "source": 'import "example.test/nb"'}]
    write(
        project,
        {
            "notebooks/a.ipynb": json.dumps({**NOTEBOOK, "cells": cells}),
            "broken.ipynb": '{"cells": [',
            "list.ipynb": "[[1]]",
            "python.ipynb": json.dumps(
                {
                    "metadata": {"language_info": {"name": "python"}},
                    "cells": [{"cell_type": "code", "source": 'import "example.test/python"'}],
                }
            ),
        },
    )
    made = maker.bundle(projects=[project])
    assert "example.test/gone" in " ".join(made.notes)
    assert "python" not in " ".join(made.notes)
    held = f"\nrequire example.test/project v0.0.0\nreplace example.test/project => {project}\n"
    took = Offline(maker, made.path).imported(
        "example.test/project", "example.test/nb", f"{A}/more", text=held
    )
    assert {f"{A}@v0.1.0", "example.test/nb@v1.0.0", "example.test/far@v1.0.0"} <= {*took.split()}
