"""`check`: 0, 101, 201, and what is said of each file and package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from go_kernel.project import fingerprint
from tests import unprivileged
from tests.cli.conftest import CommandLine, Result
from tests.conftest import CondaPrefix
from tests.prefixes import program, write
from tools.gofumpt import GOFUMPT

GO_MOD = "module example.org/demo\n\ngo 1.22\n"
FORMATTED = "package demo\n\nfunc Sum(a, b int) int { return a + b }\n"
ASKS = "name: demo\nchannels: [conda-forge]\ndependencies:\n  - go=1.26\n"


@pytest.fixture
def prefix(conda_prefix: CondaPrefix) -> Path:
    """An environment with Go 1.26, to look at."""
    return conda_prefix("go=1.26")


@pytest.fixture
def project(cli: CommandLine) -> Path:
    """A project in order, which asks for Go 1.26."""
    folder = cli.cwd / "demo"
    write(folder / "go.mod", GO_MOD)
    write(folder / "demo.go", FORMATTED)
    write(folder / "environment.yml", ASKS)
    return folder


@pytest.fixture
def check(cli: CommandLine, prefix: Path, project: Path) -> Callable[..., Result]:
    """`check` of that project with that environment."""
    return lambda *words: cli("check", project, "--env", prefix, *words)


def violations(result: Result) -> list[tuple[int, str, str | None]]:
    """Code, id and file of each."""
    return [(one["code"], one["id"], one["file"]) for one in result.json["violations"]]


def test_in_order(check: Callable[..., Result], prefix: Path, project: Path) -> None:
    """One sentence says what was looked at, and the exit code is 0."""
    result = check()
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        f"{project} is in order (1 Go file by gofmt, go.mod, environment.yml), and {prefix} is "
        "what it asks for.\n"
    )


def test_a_folder_without_go(cli: CommandLine) -> None:
    """Sources without a go.mod may be in order, what wasn't compared is said; nothing may not."""
    write(cli.cwd / "loose" / "demo.go", FORMATTED)
    result = cli("check", "loose")
    assert (result.code, "(1 Go file by gofmt)" in result.out) == (0, True)
    assert "Note: No go.mod or go.work says which Go it is for" in result.err
    (cli.cwd / "empty").mkdir()
    result = cli("check", "empty")
    assert (result.code, result.out) == (2, "")
    assert f"There is nothing to check: {cli.cwd / 'empty'} holds no Go file" in result.err


def test_the_active_environment_is_named(cli: CommandLine, prefix: Path, project: Path) -> None:
    """Whose packages are compared is said; one that is gone is a mistake, as one that is named."""
    cli.env["CONDA_PREFIX"] = str(prefix)
    result = cli("check", project)
    assert (result.code, result.err) == (0, f"The active environment {prefix.name} is used.\n")
    cli.env["CONDA_PREFIX"] = "/nowhere"
    result = cli("check", project)
    assert (result.code, result.out) == (2, "")
    assert "'/nowhere' is what CONDA_PREFIX names, and it is no folder." in result.err


def test_several_modules(check: Callable[..., Result], project: Path) -> None:
    """They are counted, and --json has their names."""
    write(project / "tools" / "go.mod", "module tools\n\ngo 1.22\n")
    assert "(1 Go file by gofmt, 2 go.mod, environment.yml)" in check().out
    assert check("--json").json["files"] == ["go.mod", "tools/go.mod", "environment.yml"]


def test_as_json(check: Callable[..., Result], prefix: Path, project: Path) -> None:
    """What was compared with what, and that nothing is violated."""
    answer = check("--json").json
    assert (answer["project"], answer["environment"]) == (str(project), str(prefix))
    assert answer["go"].startswith("1.26.")
    assert answer["formatter"] == str(prefix / "go" / "bin" / "gofmt")
    assert (answer["code"], answer["violations"], answer["notes"]) == (0, [], [])
    assert (answer["sources"], answer["files"]) == (1, ["go.mod", "environment.yml"])


@pytest.mark.parametrize("name", [b"a b.go", b"\xff'\\.go", b"-w.go"])
def test_a_source_that_is_not_formatted(
    check: Callable[..., Result], prefix: Path, project: Path, name: bytes
) -> None:
    """It is named with the command that mends it, from wherever it is typed."""
    path = Path(os.fsdecode(os.fsencode(project) + b"/" + name))
    write(path, "package demo\nfunc  F( ) {}\n")
    result = check()
    assert result.code == 101
    command = result.out.partition("Run: `")[2].removesuffix("`.\n")
    assert command.startswith(f"{prefix / 'go' / 'bin' / 'gofmt'} -w ")
    subprocess.run(["bash", "-c", command], check=True, cwd="/", env={})
    assert check().code == 0


def test_gofumpt_where_the_environment_has_it(
    cli: CommandLine, conda_prefix: CondaPrefix, project: Path
) -> None:
    """It is stricter than gofmt, knows the module's Go, and mends what it names."""
    prefix = conda_prefix("go=1.26", name="strict")
    shutil.copy(GOFUMPT.built(), prefix / "bin" / "gofumpt")
    loose = "package demo\n\nfunc F() {\n\n\tprintln()\n}\n"
    write(project / "loose.go", loose)
    result = cli("check", project, "--env", prefix)
    assert result.code == 101
    assert result.out == (
        "101 loose.go isn't formatted as gofumpt does it. Run: "
        f"`{prefix}/bin/gofumpt -w {project}/loose.go`.\n"
    )
    write(project / "loose.go", loose.replace("{\n\n", "{\n"))
    result = cli("check", project, "--env", prefix)
    assert (result.code, "2 Go files by gofumpt" in result.out) == (0, True)


def test_no_go_at_all(check: Callable[..., Result], project: Path) -> None:
    """A source that is no Go is named with its line; a name like an option is a name."""
    write(project / "-w.go", "package demo\n\nfunc F( {}\n")
    result = check()
    assert result.code == 101
    assert result.out.startswith("101 -w.go, line 3, isn't Go: ")
    assert (project / "-w.go").read_text() == "package demo\n\nfunc F( {}\n"


@pytest.mark.parametrize("name", [b"a\nb.go", b"\xff.go", b" .go", "\u202ego.go".encode()])
def test_names_from_anywhere(check: Callable[..., Result], project: Path, name: bytes) -> None:
    """Whatever a file is called, it is looked at, and it is named on one line."""
    path = Path(os.fsdecode(os.fsencode(project) + b"/" + name))
    path.write_text(FORMATTED)
    assert check().code == 0
    path.write_text(UGLY)
    result = check()
    assert result.code == 101
    assert len(result.out.splitlines()) == 1
    assert violations(check("--json")) == [(101, "format.gofmt", path.name)]


# Two thousand of these are more than Linux takes on one command line.
LONG = "/".join(["long" * 50] * 6)


def test_many_sources(check: Callable[..., Result], project: Path) -> None:
    """More than one command line would take; those that are wrong are named and no others."""
    for number in range(2000):
        folder = project / f"package{number % 40}" / LONG
        write(folder / f"{number}.go", UGLY if number == 1234 else FORMATTED)
    assert [file for _, _, file in violations(check("--json"))] == [f"package34/{LONG}/1234.go"]


def test_without_rattler(
    check: Callable[..., Result], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can say what environment.yml asks for: 1, with pip's command."""
    monkeypatch.setitem(sys.modules, "rattler", None)
    write(project / "environment.yml", ASKS.replace("go=1.26", "go >=1.20,!=1.21.99"))
    result = check()
    assert (result.code, result.out) == (1, "")
    assert "Run: pip install 'jupyter-gokernel[conda]'" in result.err


UGLY = "package demo\nfunc  F( ) {}\n"


@pytest.mark.parametrize(
    "name", ["vendor/x/x.go", "testdata/x.go", ".git/x.go", "_old/x.go", ".x.go", "_x.go"]
)
def test_what_nobody_formats(check: Callable[..., Result], project: Path, name: str) -> None:
    """Vendored files, test data and hidden ones are others' or meant to be so."""
    write(project / name, UGLY)
    assert check().code == 0


def test_generated_and_installed_files_are_left_out(
    check: Callable[..., Result], project: Path
) -> None:
    """By Go's own rule for generated files: the line stands before the package clause."""
    write(project / "made.go", "// Code generated by x. DO NOT EDIT.\n" + UGLY)
    write(project / "env" / "conda-meta" / "history", "")
    write(project / "env" / "x.go", UGLY)
    write(project / "cache" / "cache" / "download" / "x", "")
    write(project / "cache" / "x.go", UGLY)
    assert check().code == 0
    write(project / "late.go", UGLY + "\n// Code generated by x. DO NOT EDIT.\n")
    write(project / "told.go", "// It makes // Code generated by x. DO NOT EDIT.\n" + UGLY)
    assert violations(check("--json")) == [
        (101, "format.gofmt", "late.go"),
        (101, "format.gofmt", "told.go"),
    ]


def test_modules_further_down_count(check: Callable[..., Result], project: Path) -> None:
    """Their sources and their go.mod."""
    write(project / "tools" / "go.mod", "module x\nfoo\n")
    write(project / "tools" / "x.go", UGLY)
    assert violations(check("--json")) == [
        (101, "format.gofmt", "tools/x.go"),
        (101, "format.go-mod", "tools/go.mod"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "id", "said"),
    [
        ("go.mod", "module x\nfoo\n", "go-mod", "Go can't read go.mod: line 2: unknown dir"),
        ("go.sum", "<<<<<<< HEAD\n", "go-sum", "Go can't read go.sum, line 1: wrong number of"),
        ("go.work", "go 1.22\nuse (\n", "go-work", "Go can't read go.work: line "),
        ("go.work.sum", "x\n", "go-sum", "Go can't read go.work.sum, line 1: wrong number"),
        ("environment.yml", "name: [x\n", "environment", "environment.yml, line 1, can't be read"),
        ("environment.yml", "dependencies: {}\n", "environment", "dependencies is no list"),
        (
            "environment.yml",
            "dependencies:\n- go=\n",
            "environment",
            "environment.yml, line 2: 'go=' names no package as conda does: ",
        ),
        ("conda-lock.yml", "version: 1\n", "conda-lock", "conda-lock.yml can't be read: "),
        ("gokernel-lock.yml", "version: 1\nmodule: {}\n", "gokernel-lock", "line 2, can't be re"),
        ("gokernel-snapshot.json", "{", "gokernel-snapshot", "can't be read: it is no JSON"),
        ("gokernel-snapshot.json", "{}", "gokernel-snapshot", "can't be read: it is something"),
        ("conda-lock.yml", "version: 1\n<<<<<\n", "conda-lock", "can't be read: "),
    ],
)
def test_files_that_are_not_well_formed(
    check: Callable[..., Result], project: Path, name: str, content: str, id: str, said: str
) -> None:
    """Each is named, with the line where there is one, in one sentence; 101."""
    if name == "go.work.sum":  # which nobody reads where no go.work is
        write(project / name, content)
        assert check().code == 0
        write(project / "go.work", "go 1.22\n\nuse .\n")
    write(project / name, content)
    found = [one for one in check("--json").json["violations"] if one["file"] == name]
    assert [(one["code"], one["id"]) for one in found] == [(101, f"format.{id}")]
    assert said in found[0]["summary"]
    assert "\n" not in found[0]["summary"]
    assert check().code == 101


@pytest.mark.parametrize(
    "name", ["go.mod", "go.sum", "environment.yml", "conda-lock.yml", "gokernel-snapshot.json"]
)
def test_a_pipe_in_place_of_a_file(check: Callable[..., Result], project: Path, name: str) -> None:
    """Nobody waits for whoever would write into it."""
    (project / name).unlink(missing_ok=True)
    os.mkfifo(project / name)
    result = check("--json")
    assert result.code == 101
    assert name in [file for _, _, file in violations(result)]


USES = 'package demo\n\nimport _ "example.org/q"\n'


@pytest.mark.parametrize(
    ("directives", "files", "found", "said"),
    [
        (
            "require example.org/q v1.0.0",
            {"q.go": USES},
            ("format.go-sum", "go.sum"),
            "There is no go.sum, which needs a line for example.org/q, which is imported.",
        ),
        (
            "require example.org/q v1.0.0",
            {"q.go": USES, "go.sum": "example.org/r v1.0.0 h1:aaaa=\n"},
            ("format.go-sum", "go.sum"),
            "go.sum has no line for example.org/q, which is imported.",
        ),
        (
            "require example.org/q v1.0.0\n\nreplace example.org/q => ../q",
            {"q.go": USES},
            ("format.replace", "go.mod"),
            "go.mod puts ../q in the place of a module that is imported, and no module is",
        ),
        (
            "require example.org/q v1.0.0\n\nreplace example.org/q => ./q",
            {"q.go": USES, "q/q.go": "package q\n"},
            ("format.replace", "go.mod"),
            "go.mod puts ./q in the place of a module that is imported, and no module is",
        ),
        (
            "require example.org/q v1.0.0",
            {"vendor/modules.txt": "# example.org/q v1.1.0\n## explicit\n"},
            ("format.vendor", "vendor/modules.txt"),
            "vendor/modules.txt isn't what go.mod says: example.org/q@v1.0.0: is explicitly req",
        ),
        (
            "godebug default=go1.99",
            {},
            ("format.go-mod", "go.mod"),
            "Go can't load go.mod: go.mod:5: default=go1.99 too new",
        ),
        (
            "",
            {"go.mod": "go 1.22\n"},
            ("format.go-mod", "go.mod"),
            "Go can't load go.mod: missing module declaration.",
        ),
        (
            "",
            {"go.work": "go 1.22\n\nuse (\n\t.\n\t./gone\n)\n"},
            ("format.go-work", "go.work"),
            "Go can't load go.work: cannot load module gone listed in go.work file",
        ),
    ],
)
def test_files_that_go_would_not_load(
    check: Callable[..., Result],
    project: Path,
    directives: str,
    files: dict[str, str],
    found: tuple[str, str],
    said: str,
) -> None:
    """Each alone is well-formed; together Go builds nothing with them: 101."""
    write(project / "go.mod", f"{GO_MOD}\n{directives}\n")
    for name, content in files.items():
        write(project / name, content)
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    result = check("--json")
    assert violations(result) == [(101, *found)]
    assert said in result.json["violations"][0]["summary"]
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_what_go_does_not_ask_for_is_not_missing(
    check: Callable[..., Result], project: Path
) -> None:
    """A replace that nothing needs, a workspace's own modules, what isn't downloaded yet."""
    write(project / "go.mod", f"{GO_MOD}\nreplace example.org/q => ../q\n")
    assert check().code == 0
    write(project / "go.work", "go 1.22\n\nuse (\n\t.\n\t./q\n)\n")
    write(project / "go.mod", f"{GO_MOD}\nrequire example.org/q v1.0.0\n")
    write(project / "q" / "go.mod", "module example.org/q\n\ngo 1.22\n")
    write(project / "q" / "q.go", "package q\n")
    write(project / "q.go", USES)
    assert (check().code, check().err) == (0, "")
    (project / "go.work").unlink()
    sums = "example.org/q v1.0.0 h1:aaaa=\nexample.org/q v1.0.0/go.mod h1:aaaa=\n"
    write(project / "go.sum", sums)
    assert check().code == 0


def test_a_module_that_the_workspace_leaves_out(
    check: Callable[..., Result], project: Path
) -> None:
    """It may be meant so: a note."""
    write(project / "go.work", "go 1.22\n\nuse .\n")
    write(project / "tools" / "go.mod", "module tools\n\ngo 1.22\n")
    result = check()
    assert result.code == 0
    assert "Note: tools/go.mod is not used by go.work, so that Go finds none" in result.err


@pytest.mark.parametrize("name", ["pipe.go", "lib/pipe.s", "vendor/modules.txt", "vendor/q/q.go"])
def test_a_pipe_among_sources(check: Callable[..., Result], project: Path, name: str) -> None:
    """Go would wait for it; it is named at once."""
    (project / name).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(project / name)
    result = check("--json")
    assert violations(result) == [(101, "format.unreadable", name)]
    assert result.json["notes"] == []


def test_what_may_not_be_read() -> None:
    """Each file and folder is named, and no Go is asked."""
    with unprivileged.open_folder() as folder:
        for name in ("go.mod", "demo.go", "go.sum", "environment.yml"):
            write(folder / name, "", mode=0)
        (folder / "below").mkdir(mode=0)
        said = unprivileged.run(_UNREADABLE, folder)
    assert [[name, *files] for name, *files in said] == [
        ["closed", "below"],
        ["sources", "demo.go"],
        ["gofiles", "go.mod", "go.sum"],
        ["yaml", "environment.yml"],
    ]


_UNREADABLE = """
import json, sys
from pathlib import Path
from go_kernel.project.checking import formatted, gofiles, tree, wanted
drop()
folder = Path(sys.argv[1])
found = tree.of(folder)
print(json.dumps([
    ["closed", *found.closed],
    ["sources", *(one.file for one in formatted.violations(folder, found.sources, None, None))],
    ["gofiles", *(one.file for one in gofiles.examined(folder, found, None).faults)],
    ["yaml", *(one.file for one in wanted.read(folder).faults)],
]))
"""


def test_an_older_go_than_is_asked_for(
    check: Callable[..., Result], prefix: Path, project: Path
) -> None:
    """201, with the command that installs a newer one."""
    write(project / "go.mod", "module x\n\ngo 1.99\n")
    result = check()
    assert result.code == 201
    assert "201 go.mod asks for Go 1.99, and " in result.out
    assert f"Run: `conda install -p {prefix} 'go>=1.99'`" in result.out.replace("Install it", "Run")


def test_modules_further_down_and_the_one_above_ask_for_a_go(
    cli: CommandLine, prefix: Path, project: Path
) -> None:
    """Also where the project is named by a folder of it, or is a module of a workspace."""
    write(project / "go.work", "go 1.98\n\nuse .\n")
    write(project / "cmd" / "tools" / "go.mod", "module x\n\ngo 1.99\n")
    result = cli("check", project / "cmd", "--env", prefix, "--json")
    assert result.code == 201
    assert violations(result) == [
        (201, "environment.go", "go.work"),
        (201, "environment.go", "cmd/tools/go.mod"),
    ]
    result = cli("check", project / "cmd" / "tools", "--env", prefix, "--json")
    assert (201, "environment.go", str(project / "go.work")) in violations(result)


def test_packages_that_are_others_or_missing(
    check: Callable[..., Result], prefix: Path, project: Path
) -> None:
    """Each is named with its line, what is there instead, and the command."""
    write(project / "environment.yml", ASKS.replace("1.26", "1.27") + "  - ripgrep  # [linux]\n")
    result = check()
    assert result.code == 201
    first, second = result.out.splitlines()
    assert first.startswith(
        f"201 environment.yml, line 4, asks for go=1.27, and {prefix} has go-1.26"
    )
    assert second.startswith(f"201 environment.yml, line 5, asks for ripgrep, and {prefix} has no")
    assert second.endswith(f"`conda install -p {prefix} ripgrep`.")


def test_a_package_of_another_channel(
    check: Callable[..., Result], prefix: Path, project: Path
) -> None:
    """The version would do: that the channel keeps it from it is said."""
    write(project / "environment.yml", ASKS.replace("go=1.26", "elsewhere::go=1.26"))
    result = check()
    assert result.code == 201
    [record] = (prefix / "conda-meta").glob("go-1.26*.json")
    channel = json.loads(record.read_bytes())["channel"].rstrip("/").rpartition("/")[2]
    assert f" of another channel, {channel}. Install it: " in result.out
    write(project / "environment.yml", ASKS.replace("go=1.26", "elsewhere::go=1.27"))
    assert "channel" not in check().out


def test_where_nothing_asks_for_packages(
    check: Callable[..., Result], prefix: Path, project: Path
) -> None:
    """Nothing is said of them: the Go version is all that is compared, if any is named."""
    (project / "environment.yml").unlink()
    assert check().out.endswith(f", and the Go 1.26.6 of {prefix} is new enough for it.\n")
    write(project / "go.mod", "module demo\n")
    assert check().out.endswith("(1 Go file by gofmt, go.mod); it asks for no environment.\n")


def test_the_other_ending(check: Callable[..., Result], project: Path) -> None:
    """environment.yaml counts as environment.yml does, by its own name."""
    (project / "environment.yml").rename(project / "environment.yaml")
    assert "go.mod, environment.yaml)" in check().out
    write(project / "environment.yaml", ASKS + "  - ripgrep\nplatforms: [win-arm64]\n")
    assert violations(check("--json")) == [
        (201, "environment.platform", "environment.yaml"),
        (201, "environment.package", "environment.yaml"),
    ]


def test_what_is_for_other_platforms_is_not_asked_for(
    check: Callable[..., Result], project: Path
) -> None:
    """By conda-lock's comments."""
    write(project / "environment.yml", ASKS + "  - ripgrep  # [win]\n")
    assert check().code == 0


def test_what_pip_is_asked_for_is_noted(check: Callable[..., Result], project: Path) -> None:
    """It isn't looked at, and that is said."""
    write(project / "environment.yml", ASKS + "  - pip:\n    - requests\n")
    result = check()
    assert (result.code, result.err) == (
        0,
        "Note: What environment.yml asks of pip is not looked at.\n",
    )


def test_another_platform(check: Callable[..., Result], project: Path) -> None:
    """What environment.yml says it is for."""
    write(project / "environment.yml", ASKS + "platforms: [win-arm64]\n")
    assert violations(check("--json")) == [(201, "environment.platform", "environment.yml")]


def test_both_kinds_are_101(check: Callable[..., Result], project: Path) -> None:
    """All is reported; the files decide, since they say what is asked for."""
    write(project / "go.mod", "module x\n\ngo 1.99\n")
    write(project / "x.go", UGLY)
    result = check("--json")
    assert (result.code, result.json["code"]) == (101, 101)
    assert [code for code, _, _ in violations(result)] == [101, 201]


def lock(prefix: Path, **changed: str) -> str:
    """A conda-lock.yml of what is installed; `changed` are other hashes by package."""
    records = [json.loads(path.read_bytes()) for path in (prefix / "conda-meta").glob("*.json")]
    subdir = next(one["subdir"] for one in records if one["subdir"] != "noarch")
    entries = [
        {
            "name": one["name"],
            "version": one["version"],
            "manager": "conda",
            "platform": subdir,
            "dependencies": {},
            "url": f"https://conda.invalid/{one['subdir']}/{one['fn']}",
            "hash": {"md5": one.get("md5") or "0" * 32}
            | {"sha256": changed.get(one["name"], one["sha256"])},
            "category": "main",
            "optional": False,
        }
        for one in records
    ]
    metadata = {
        "content_hash": {subdir: "0" * 64},
        "channels": [{"url": "conda-forge", "used_env_vars": []}],
        "platforms": [subdir],
        "sources": ["environment.yml"],
    }
    return json.dumps({"version": 1, "metadata": metadata, "package": entries})


def test_what_is_locked_is_installed(
    check: Callable[..., Result], prefix: Path, project: Path
) -> None:
    """Each package by its hash."""
    write(project / "conda-lock.yml", lock(prefix))
    assert check().code == 0


def test_what_is_locked_for_pip_and_for_other_platforms(
    check: Callable[..., Result], prefix: Path, project: Path
) -> None:
    """The one is noted, the other is nobody's here."""
    content = json.loads(lock(prefix))
    entry = content["package"][0]
    content["package"] += [
        {**entry, "name": "requests", "manager": "pip"},
        {**entry, "name": "elsewhere", "platform": "win-arm64"},
        {**entry, "name": "wished", "category": "dev", "optional": True},
    ]
    write(project / "conda-lock.yml", json.dumps(content))
    result = check()
    assert result.code == 0
    assert result.err == "Note: What conda-lock.yml has for pip is not looked at.\n"


def test_a_lock_for_other_platforms(
    check: Callable[..., Result], prefix: Path, project: Path
) -> None:
    """It isn't for this environment, and its packages aren't compared."""
    content = json.loads(lock(prefix))
    content["metadata"]["platforms"] = ["win-arm64"]
    write(project / "conda-lock.yml", json.dumps(content))
    assert violations(check("--json")) == [(201, "environment.platform", "conda-lock.yml")]


def test_another_package_than_the_locked_one(
    check: Callable[..., Result], prefix: Path, project: Path
) -> None:
    """It is named, also where version and build are the same."""
    write(project / "conda-lock.yml", lock(prefix, go="f" * 64))
    result = check()
    assert result.code == 201
    assert "201 conda-lock.yml has go-1.26" in result.out
    assert f"and {prefix} has another go-1.26" in result.out
    assert f"`conda-lock install -p {prefix} {project}/conda-lock.yml`" in result.out


def test_what_is_asked_for_and_locked_is_named_once(
    check: Callable[..., Result], prefix: Path, project: Path
) -> None:
    """With the remedy of the lock, unless the lock is not what is asked for."""
    content = json.loads(lock(prefix))
    entry = next(one for one in content["package"] if one["name"] == "go")
    url = entry["url"].replace("/go-", "/ripgrep-").replace(entry["version"], "14.1.0")
    content["package"].append({**entry, "name": "ripgrep", "version": "14.1.0", "url": url})
    write(project / "conda-lock.yml", json.dumps(content))
    write(project / "environment.yml", ASKS + "  - ripgrep>=14\n")
    assert violations(check("--json")) == [(201, "environment.locked", "conda-lock.yml")]
    write(project / "environment.yml", ASKS + "  - ripgrep>=15\n")
    assert violations(check("--json")) == [
        (201, "environment.package", "environment.yml"),
        (201, "environment.locked", "conda-lock.yml"),
    ]


@pytest.fixture
def snapshot(cli: CommandLine, prefix: Path, project: Path) -> Path:
    """A snapshot of the project in its environment."""
    result = cli("snapshot", "create", project, "--env", prefix)
    assert result.code == 0, result.err
    return project / "gokernel-snapshot.json"


def test_the_snapshot_is_of_this_environment(check: Callable[..., Result], snapshot: Path) -> None:
    """Its fingerprint is the environment's; it is named among what was looked at."""
    result = check()
    assert (result.code, snapshot.name in result.out) == (0, True)


def test_another_fingerprint(
    cli: CommandLine, conda_prefix: CondaPrefix, snapshot: Path, project: Path
) -> None:
    """Both are shown, with the command that says what differs."""
    other = conda_prefix("go=1.26", "go-cgo_linux-64", name="other")
    result = cli("check", project, "--env", other)
    assert result.code == 201
    had = json.loads(snapshot.read_bytes())["fingerprint"]
    assert f"201 {snapshot.name} has the fingerprint {had[:12]}..., and {other} has " in result.out
    assert f"`jupyter gokernel snapshot verify {project} --env {other}`" in result.out


def test_a_snapshot_asks_for_an_environment(
    cli: CommandLine, snapshot: Path, project: Path
) -> None:
    """Where none is there, it can't be met."""
    (project / "environment.yml").unlink()
    result = cli("check", project)
    assert result.code == 201
    assert f"201 {snapshot.name} asks for a conda environment, and none is active" in result.out


def test_a_snapshot_of_a_go_outside_of_conda(cli: CommandLine, project: Path) -> None:
    """It is compared with the Go that is used."""
    (project / "environment.yml").unlink()
    assert cli("snapshot", "create", project).code == 0
    assert cli("check", project).code == 0
    path = project / "gokernel-snapshot.json"
    content = json.loads(path.read_bytes())
    content["toolchain"]["sha256"] = "0" * 64
    path.write_text(json.dumps(content))
    assert violations(cli("check", project, "--json")) == [
        (101, "format.gokernel-snapshot", path.name)
    ]
    content["fingerprint"] = fingerprint.of((), "0" * 64)
    path.write_text(json.dumps(content))
    assert violations(cli("check", project, "--json")) == [
        (201, "environment.fingerprint", path.name)
    ]


def test_no_environment(cli: CommandLine, project: Path) -> None:
    """Files that ask for one can't be met; without them any Go will do, and it is said which."""
    result = cli("check", project)
    assert result.code == 201
    assert "201 environment.yml asks for a conda environment, and none is active" in result.out
    (project / "environment.yml").unlink()
    result = cli("check", project)
    assert result.code == 0
    assert "embedded in Python is used" in result.err


def test_the_active_environment(cli: CommandLine, prefix: Path, project: Path) -> None:
    """Without --env it is what is compared, from the folder itself."""
    cli.env["CONDA_PREFIX"] = str(prefix)
    cli.cwd = project
    result = cli("check")
    assert result.code == 0
    assert str(prefix) in result.out


def test_an_environment_without_go(cli: CommandLine, project: Path, tmp_path: Path) -> None:
    """It isn't what the project asks for; another Go says what the files are like."""
    bare = tmp_path / "bare"
    (bare / "conda-meta").mkdir(parents=True)
    write(project / "x.go", UGLY)
    result = cli("check", project, "--env", bare, "--json")
    assert result.code == 101
    assert violations(result) == [
        (101, "format.gofmt", "x.go"),
        (201, "environment.go", None),
        (201, "environment.package", "environment.yml"),
    ]


def test_a_go_that_somebody_replaced_is_not_run(
    cli: CommandLine, conda_prefix: CondaPrefix, project: Path
) -> None:
    """It is a violation of the environment's; the files are checked by another Go."""
    prefix = conda_prefix("go=1.26", name="replaced")
    go = prefix / "go" / "bin" / "go"
    ran = prefix / "ran"
    go.unlink()
    program(go, f"#!/bin/sh\ntouch {ran}\n")
    result = cli("check", project, "--env", prefix, "--json")
    assert result.code == 201
    assert violations(result)[0] == (201, "environment.go", None)
    assert not ran.exists()


@pytest.mark.parametrize("name", ["go/bin/gofmt", "bin/gofumpt"])
def test_a_formatter_that_somebody_replaced_is_not_run(
    cli: CommandLine, conda_prefix: CondaPrefix, project: Path, name: str
) -> None:
    """As it is with `go`: another Go's formatter looks at the files."""
    prefix = conda_prefix("go=1.26", name=Path(name).name)
    record = {
        "name": "gofumpt",
        "version": "1",
        "build": "0",
        "paths_data": {"paths": [{"_path": "bin/gofumpt", "sha256_in_prefix": "0" * 64}]},
    }
    write(prefix / "conda-meta" / "gofumpt-1-0.json", json.dumps(record))
    ran = prefix / "ran"
    (prefix / name).unlink(missing_ok=True)  # a hard link into the cache of packages
    program(prefix / name, f"#!/bin/sh\ntouch {ran}\n")
    write(project / "x.go", UGLY)
    result = cli("check", project, "--env", prefix)
    assert result.code == 101
    package = "go" if name == "go/bin/gofmt" else "gofumpt"
    first, second = result.out.splitlines()
    assert first.startswith("101 x.go isn't formatted as gofmt does it.")
    assert second.startswith(
        f"201 {prefix / name} is not the file that was installed: its SHA-256 differs from "
        f"conda-meta's record of {package}, so it is not run."
    )
    assert second.endswith(f"`conda install -p {prefix} --force-reinstall {package}`.")
    assert not ran.exists()


def test_nothing_of_the_project_is_run_or_written(
    cli: CommandLine, check: Callable[..., Result], project: Path, tmp_path: Path
) -> None:
    """Neither a toolchain that go.mod names, nor GOFLAGS' programs; no file changes."""
    ran = tmp_path / "ran"
    evil = program(tmp_path / "evil", f"#!/bin/sh\ntouch {ran}\n")
    write(project / "go.mod", GO_MOD + "\ntoolchain go1.99.0\n")
    cli.env["GOFLAGS"] = f"-toolexec={evil}"
    cli.env["GOCACHEPROG"] = str(evil)
    before = {path: path.read_bytes() for path in project.rglob("*")}
    assert check().code == 0
    assert {path: path.read_bytes() for path in project.rglob("*")} == before
    assert not ran.exists()


def test_what_the_terminal_cannot_show(cli: CommandLine, project: Path) -> None:
    """It is written out: the answer and its code stand."""
    folder = project.rename(project.parent / "wirén")
    (folder / "environment.yml").unlink()
    cli.env |= {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    result = cli.process("check", folder)
    assert (result.code, "n is in order" in result.out) == (0, True), result.err


def test_a_snapshot_nested_too_deeply(check: Callable[..., Result], project: Path) -> None:
    """In words that aren't Python's."""
    write(project / "gokernel-snapshot.json", "[" * 100_000)
    result = check()
    assert result.code == 101
    assert result.out.startswith("101 gokernel-snapshot.json can't be read: ")
    assert "recursion" not in result.out


def test_links_are_not_followed(check: Callable[..., Result], project: Path) -> None:
    """Not in a circle, and not out of the project."""
    (project / "circle").symlink_to(project)
    write(project.parent / "other" / "x.go", UGLY)
    (project / "out").symlink_to(project.parent / "other")
    assert check().code == 0


def test_no_folder_is_a_usage_error(cli: CommandLine) -> None:
    """2, and one sentence."""
    for said in ("nowhere", ""):
        result = cli("check", said)
        assert (result.code, result.out) == (2, "")
        assert result.err.startswith(f"Error: {said!r} is no folder.")


def test_damaged_records_are_a_failure(
    cli: CommandLine, prefix: Path, project: Path, tmp_path: Path
) -> None:
    """1: nobody can say what the environment holds."""
    copy = tmp_path / "copy"
    shutil.copytree(prefix / "conda-meta", copy / "conda-meta")
    write(copy / "conda-meta" / "x-1-0.json", "{")
    result = cli("check", project, "--env", copy)
    assert (result.code, result.out) == (1, "")
    assert "x-1-0.json of a package can't be used" in result.err
