"""scan: trees with one risk each are found out, and Go itself agrees about each."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from go_kernel import toolchain
from go_kernel.findings import Status
from go_kernel.project.go import ProjectGo
from go_kernel.project.scan import folders, program, scanning
from go_kernel.project.scan.findings import KINDS
from go_kernel.project.scan.model import Declared, Place, Replace, Root
from go_kernel.project.scan.scanning import Scan
from go_kernel.project.scan.targets import Target
from go_kernel.toolchain import Toolchain
from tests import prefixes, unprivileged
from tests.project.scan_cases import CASES, Case, mod, module, tree, write

_NEEDS, _BY = "require example.org/b v1.0.0", "replace example.org/b => ../b"


@pytest.fixture(scope="module")
def chain(goroot: Callable[[str], Path]) -> Toolchain:
    return toolchain.at_goroot(goroot("1.26"))


@pytest.fixture(scope="module")
def env(dev_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An empty home, and a build cache in which the standard library is."""
    home = tmp_path_factory.mktemp("home")
    return {"HOME": str(home), "PATH": "/usr/bin:/bin", "GOCACHE": str(dev_cache / "gocache")}


@pytest.fixture(scope="module")
def built(chain: Toolchain, env: dict[str, str]) -> dict[str, str]:
    """The same home, and in it the program that reads many files."""
    go = ProjectGo(chain.go, {**env, "GOROOT": str(chain.goroot)})
    assert program.build(go, chain, env) is not None
    return env


def look(folder: Path, chain: Toolchain, env: Mapping[str, str]) -> Scan:
    return scanning.scan([scanning.folder(folder, chain.version)], chain, env)


def said(found: Scan, base: Path) -> list[str]:
    """Each risk as `id file`."""
    return sorted({f"{one.finding.id} {one.file.relative_to(base)}" for one in found.risks})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_risk_is_found(
    case: Case, chain: Toolchain, built: dict[str, str], tmp_path: Path
) -> None:
    """Exactly the risks of the case are found, and nothing is written."""
    write(case.files, tmp_path)
    before = sorted(tmp_path.rglob("*"))
    found = look(tmp_path, chain, built)
    assert said(found, tmp_path) == sorted(case.risks)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_go_agrees(case: Case, chain: Toolchain, env: dict[str, str], tmp_path: Path) -> None:
    """What a scan calls an error stops Go, what it doesn't works."""
    write(case.files, tmp_path)
    variables = {**env, "GOROOT": str(chain.goroot), "GOPATH": str(tmp_path / "nowhere")}
    go = ProjectGo(chain.go, variables)
    for places, works in ((case.works, True), (case.fails, False)):
        for folder in places:
            done = go.run(tmp_path / folder, "list", "-deps", ".", check=False)
            assert (done.returncode == 0) is works, f"{folder}: {done.stderr}"


def test_one_by_one_and_at_once_are_the_same(
    chain: Toolchain, built: dict[str, str], tmp_path: Path
) -> None:
    """Without the program `go mod edit` reads the files, with the same outcome."""
    for number, case in enumerate(CASES):
        write(case.files, tmp_path / str(number))
    without = {**built, "HOME": str(tmp_path / "no-home")}
    assert program.built(chain, built) is not None
    assert program.built(chain, without) is None
    alone, at_once = look(tmp_path, chain, without), look(tmp_path, chain, built)
    assert said(alone, tmp_path) == said(at_once, tmp_path)
    assert len(alone.files) > len(CASES)


def test_words_of_a_risk(chain: Toolchain, built: dict[str, str], tmp_path: Path) -> None:
    """A risk names file, module and both paths, and the command that takes it away works."""
    replaces = 'replace example.org/b v1.0.0 => "../no where"'
    write(tree(a=module("example.org/a", replaces)), tmp_path)
    [missing] = [
        one for one in look(tmp_path, chain, built).risks if one.finding.id == "replace.missing"
    ]
    file = tmp_path / "a" / "go.mod"
    assert missing.finding.summary == (
        f"{file} replaces example.org/b@v1.0.0 by ../no where, and {tmp_path}/no where is not "
        "there: Go builds nothing that needs it."
    )
    assert missing.finding.remedy is not None
    [command] = missing.finding.remedy.commands
    subprocess.run(
        command.replace("go ", f"{chain.go} ", 1).split(),
        env={**built, "GOTOOLCHAIN": "local"},
        check=True,
    )
    assert "replace" not in file.read_text()


def test_hostile_trees(chain: Toolchain, built: dict[str, str], tmp_path: Path) -> None:
    """Pipes, circles of links, folders and huge files named go.mod: a sentence each, no wait."""
    for name in ("pipe", "loop", "huge", "binary", "folder", "broken", "socket"):
        (tmp_path / name).mkdir()
    os.mkfifo(tmp_path / "pipe" / "go.mod")
    (tmp_path / "loop" / "go.mod").symlink_to("go.mod")
    (tmp_path / "loop" / "round").symlink_to("..")
    with (tmp_path / "huge" / "go.mod").open("wb") as stream:
        stream.truncate(100 * 2**20)
    (tmp_path / "binary" / "go.mod").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "folder" / "go.mod").mkdir()
    (tmp_path / "broken" / "go.mod").symlink_to("nothing")
    (tmp_path / "socket" / "go.mod").symlink_to("/dev/zero")
    write({"ok/go.mod": 'module example.org/a\nreplace example.org/x => "./\\x00"\n'}, tmp_path)
    found = look(tmp_path, chain, built)
    reasons = {
        one.file.parent.name: one.finding.summary.partition(": ")[2]
        for one in found.risks
        if one.finding.id == "module.unreadable"
    }
    assert reasons.pop("binary").startswith("line 1: ")
    assert reasons.pop("loop").startswith("too many levels of symbolic links")
    assert reasons == {
        "pipe": "it is no plain file.",
        "huge": "it has 100 MB, and 4 MB is the most.",
        "broken": "it is a link to nothing.",
        "socket": "it is no plain file.",
    }
    assert "replace.missing ok/go.mod" in said(found, tmp_path)


def test_a_link_to_a_secret(chain: Toolchain, built: dict[str, str], tmp_path: Path) -> None:
    """What a link leads out of the scanned folders to isn't quoted; what is inside is."""
    write({"secret": "TOKEN=hunter2\n", "in/notes": "inner words\n"}, tmp_path)
    for name, to in (("a", "../../secret"), ("b", "../notes")):
        (tmp_path / "in" / name).mkdir()
        (tmp_path / "in" / name / "go.mod").symlink_to(to)
    found = look(tmp_path / "in", chain, built)
    outer, inner = (json.dumps(one.to_dict()) for one in found.risks)
    assert "hunter2" not in outer
    assert "it is a link to a file outside of what is scanned" in outer
    assert "inner" in inner


def test_no_permission() -> None:
    """A folder and a file without permission are named, and the rest is scanned."""
    code = """
from pathlib import Path
from go_kernel.project.scan import walking, plainly
from go_kernel.project.scan.model import Root
drop()
walked = walking.walk([Root(Path(sys.argv[1]))], lambda prefix: "")
print(json.dumps([
    [str(one.file) for one in walked.places],
    [[str(path), why] for path, why in walked.closed],
    [getattr(plainly.content(one.file), "reason", "") for one in walked.places],
]))
"""
    with unprivileged.open_folder() as base:
        write({"a/go.mod": "", "b/go.mod": "", "c/go.mod": ""}, base)
        for name in ("a", "b", "c"):
            (base / name).chmod(0o755)
        (base / "a").chmod(0)
        (base / "b" / "go.mod").chmod(0)
        (base / "c" / "go.mod").chmod(0o644)
        places, closed, reasons = unprivileged.run(code, base)
        assert places == [f"{base}/b/go.mod", f"{base}/c/go.mod"]
        assert closed == [[f"{base}/a", "Permission denied"]]
        assert reasons == ["you may not read it", ""]


def test_environments(chain: Toolchain, built: dict[str, str], tmp_path: Path) -> None:
    """In an environment what packages brought is left out; what leads out of it is a risk."""
    prefix = prefixes.go_prefix(tmp_path / "envs" / "old", "1.22.1")
    write(
        {
            "lib/x/go.mod": "broken",
            "go/src/go.mod": "broken",
            "pkgs/y/go.mod": "broken",
            "src/a/go.mod": mod(
                "example.org/a",
                "require example.org/b v1.0.0",
                "replace example.org/b => {base}/..",
            ),
            "gopath/src/c/go.mod": mod("example.org/c", go="go 1.25"),
        },
        prefix,
    )
    write(
        {
            "src/a/go.mod": mod(
                "example.org/a",
                "require example.org/b v1.0.0",
                "replace example.org/b => ../../../b",
            )
        },
        prefix,
    )
    write({"envs/b/go.mod": mod("example.org/b")}, tmp_path)
    env = {**built, "CONDA_ENVS_DIRS": str(tmp_path / "envs")}
    roots = [*scanning.environments(env, tmp_path, chain.version)]
    found = scanning.scan(roots, chain, env)
    assert said(found, tmp_path) == [
        "module.newer-go envs/old/gopath/src/c/go.mod",
        "replace.outside-environment envs/old/src/a/go.mod",
    ]
    assert {one.finding.environment for one in found.risks} == {str(prefix)}
    inside = look(tmp_path, chain, built)
    assert {*said(found, tmp_path)} <= {*said(inside, tmp_path)}


def test_links_and_others_rights(chain: Toolchain, built: dict[str, str], tmp_path: Path) -> None:
    """A link on the way, and a folder that everybody may write to, are risks."""
    write(
        tree(
            a=module(
                "example.org/a",
                "require example.org/b v1.0.0",
                "require example.org/c v1.0.0",
                "replace example.org/b => ../linked",
                "replace example.org/c => ../c",
            ),
            b=module("example.org/b"),
            c=module("example.org/c"),
        ),
        tmp_path,
    )
    (tmp_path / "linked").symlink_to("b")
    (tmp_path / "c").chmod(0o777)
    found = look(tmp_path, chain, built)
    assert said(found, tmp_path) == [
        "replace.open-to-others a/go.mod",
        "replace.through-link a/go.mod",
    ]
    evidence = {one.finding.id: one.finding.evidence for one in found.risks}
    assert evidence["replace.through-link"] == f"{tmp_path}/linked -> b"


def test_a_root_below_another_is_looked_through_once(
    chain: Toolchain, built: dict[str, str], tmp_path: Path
) -> None:
    """Folders that overlap, or are named twice or by a link, give each file once."""
    write(tree(a=module("example.org/a")), tmp_path)
    (tmp_path / "link").symlink_to("a")
    names = (tmp_path, tmp_path / "a", tmp_path / "link", tmp_path)
    roots = [scanning.folder(one, chain.version) for one in names]
    assert scanning.scan(roots, chain, built).files == (tmp_path / "a" / "go.mod",)


def test_many_files_build_the_program(
    chain: Toolchain, env: dict[str, str], tmp_path: Path
) -> None:
    """From 150 files on the program is made, once; others' hands on it and it isn't used."""
    home = {**env, "HOME": str(tmp_path / "home")}
    write({f"w/{n}/go.mod": mod(f"example.org/m{n}") for n in range(150)}, tmp_path)
    lines: list[str] = []
    root = scanning.folder(tmp_path / "w", chain.version)
    first = scanning.scan([root], chain, home, lines.append)
    assert len(first.files) == 150
    assert not first.risks
    assert "building a reader of go.mod files, once for this Go" in lines
    made = program.built(chain, home)
    assert made is not None
    assert made.stat().st_mode & 0o777 == 0o700
    lines.clear()
    scanning.scan([root], chain, home, lines.append)
    assert not [line for line in lines if "building" in line]
    made.chmod(0o777)
    assert program.built(chain, home) is None


def test_the_table_of_risks_is_on_the_page() -> None:
    """The page of the docs names each risk, with its status and words."""
    page = (Path(__file__).parents[2] / "docs" / "scan.md").read_text()
    for kind, (status, words) in KINDS.items():
        assert f"| `{kind}` | {status.value} | {words} |" in page


def test_an_error_of_a_case_stops_go() -> None:
    """Where a case has an error by the table, and the replace counts, Go fails in it."""
    for case in CASES:
        errors = [one for one in case.risks if KINDS[one.split()[0]][0] is Status.ERROR]
        if errors and "not required" not in case.name:
            assert case.fails, case.name


def test_what_has_no_effect_is_no_error(
    chain: Toolchain, built: dict[str, str], tmp_path: Path
) -> None:
    """A missing folder of a module that nothing requires is a warning: Go builds without it."""
    write(tree(a=module("example.org/a", "replace example.org/b => ../b")), tmp_path)
    found = look(tmp_path, chain, built)
    assert {one.finding.id: one.finding.status for one in found.risks} == {
        "replace.missing": Status.WARN,
        "replace.not-required": Status.INFO,
    }


def test_a_folder_that_is_emptied_by_itself() -> None:
    """A project elsewhere that takes a module from /tmp loses it one day."""
    place = Place(Path("/home/ada/a/go.mod"), Root(Path("/home/ada")))
    file = Declared(place, {})
    replace = Replace("example.org/b", "", "/tmp/b", "")
    target = Target(Path("/tmp/b"), "", None)
    found = [one.finding.id for one in folders.risks(file, replace, target, file.folder)]
    assert found == ["replace.no-go-mod", "replace.temporary", "replace.absolute"]


def test_what_the_owner_of_a_project_may_write(
    chain: Toolchain, built: dict[str, str], tmp_path: Path
) -> None:
    """Whose the project is may change what it replaces; a third person may not."""
    if os.geteuid():
        pytest.skip("Only root may give files away.")
    write(tree(a=module("example.org/a", _NEEDS, _BY), b=module("example.org/b")), tmp_path)
    ada, bob = 12345, 23456
    for path in (tmp_path / "a", tmp_path / "a/go.mod", tmp_path / "b", tmp_path / "b/go.mod"):
        os.chown(path, ada, ada)
    assert said(look(tmp_path, chain, built), tmp_path) == []
    os.chown(tmp_path / "b", bob, bob)
    found = look(tmp_path, chain, built)
    assert said(found, tmp_path) == ["replace.open-to-others a/go.mod"]
    assert f"{tmp_path}/b belongs to user {bob}" in found.risks[0].finding.summary


def test_a_word_without_end_is_not_repeated(
    chain: Toolchain, built: dict[str, str], tmp_path: Path
) -> None:
    """Go names the word that it doesn't know; of a megabyte we tell the beginning."""
    write({"go.mod": "x" * 2**20}, tmp_path)
    [risk] = look(tmp_path, chain, built).risks
    assert risk.finding.id == "module.unreadable"
    assert len(risk.finding.summary) < 1000
    assert len(risk.finding.evidence) < 1000
