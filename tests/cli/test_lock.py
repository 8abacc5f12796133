"""`lock`: what go.mod names beside what conda asks for and locks, in both directions."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests import conda_locks, unprivileged
from tests.cli.conftest import CommandLine, Result

MOD = """\
module example.invalid/course

go 1.26

require (
	example.invalid/thing v1.4.0 // the library's wrapper
	example.invalid/tool/v2 v2.1.0-rc.1 // indirect
)
"""
ENVIRONMENT = """\
# What the course needs.
name: course

channels: [conda-forge]
dependencies:
  - go=1.26       # as in the lectures
  - "libthing ==1.4.0"
  - python >=3.10,<3.13

  # Lower than what pip has.
  - go-tool=2.1.0rc.1
  - pip:
      - six
variables: {A: 'b'}
"""
RULES = """\
version: 1
modules:
  example.invalid/thing: libthing
  example.invalid/tool/v2: {package: go-tool}
"""
PACKAGES = {"go": "1.26.8", "libthing": "1.4.0", "go-tool": "2.1.0rc.1", "python": "3.12.1"}
AGREED = {
    "gokernel-go-version": "1.26",
    "gokernel-modules": "example.invalid/thing@v1.4.0 example.invalid/tool/v2@v2.1.0-rc.1",
}


# Which lock files tests want: with these notes, and these packages instead of those above.
VARIANTS: dict[str, tuple[dict[str, str] | None, dict[str, str]]] = {
    "agreed": (AGREED, {}),
    "without notes": (None, {}),
    "thing 1.6.0": (AGREED, {"libthing": "1.6.0"}),
    "without tool": (AGREED, {"go-tool": ""}),
}


@pytest.fixture(scope="module")
def locks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The texts of these lock files as conda-lock writes them."""
    folder = tmp_path_factory.mktemp("locks")
    platforms = ("linux-64", "osx-arm64")
    contents = {}
    for name, (custom, changed) in VARIANTS.items():
        packages = [
            conda_locks.package(package, version, platform)
            for package, version in {**PACKAGES, **changed}.items()
            for platform in platforms
            if version
        ]
        contents[folder / name] = conda_locks.content(packages, custom, platforms)
    conda_locks.ask(contents)
    return {path.name: path.read_text() for path in contents}


@dataclass
class World:
    """A project, and the command."""

    folder: Path
    cli: CommandLine

    def __call__(self, *words: str) -> Result:
        return self.cli("lock", *words, self.folder)

    def write(self, **files: str | None) -> None:
        for name, text in files.items():
            path = self.folder / NAMES[name]
            if text is None:
                path.unlink()
            else:
                path.write_text(text)

    def read(self, name: str) -> str:
        return (self.folder / NAMES[name]).read_text()

    def all(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.folder.iterdir() if path.is_file()}

    def solve(self, file: str = "environment.yml") -> str:
        """How conda-lock is asked, from wherever."""
        lock = self.folder / "conda-lock.yml"
        return f"conda-lock lock -f {self.folder / file} --lockfile {lock}"

    def state(self) -> dict[str, str]:
        pairs = self("status", "--json").json["pairs"]
        return {pair["module"] or "go": pair["state"] for pair in pairs}


NAMES = {
    "mod": "go.mod",
    "sum": "go.sum",
    "environment": "environment.yml",
    "lock": "conda-lock.yml",
    "rules": "gokernel-lock.yml",
}


@pytest.fixture
def world(cli: CommandLine, tmp_path: Path, locks: dict[str, str]) -> World:
    """A project whose sides agree, and that agree by what is noted; go.sum's hash is stale."""
    made = World(tmp_path / "project", cli)
    made.folder.mkdir()
    made.write(mod=MOD, sum="", environment=ENVIRONMENT, rules=RULES, lock=locks["agreed"])
    return made


THING, TOOL = "example.invalid/thing", "example.invalid/tool/v2"


def test_sides_that_agree(world: World) -> None:
    """Builds, platforms and spellings are no difference; the sync notes go.sum's hash alone."""
    assert world.state() == {"go": "in sync", THING: "in sync", TOOL: "in sync"}
    result = world("sync", "--json")
    assert result.code == 0
    assert [Path(one["file"]).name for one in result.json["changes"]] == ["conda-lock.yml"]
    assert result.json["next"] == []
    verified = world("verify")
    assert (verified.code, verified.out) == (0, "Everything is as it was locked.\n")
    again = world("sync", "--json").json
    assert (again["changes"], again["written"]) == ([], False)


def test_what_is_noted_conda_lock_itself_reads(world: World) -> None:
    """By its own library: the notes are custom metadata, and nothing else changed."""
    path, old = world.folder / "conda-lock.yml", world.folder / "before.yml"
    old.write_bytes(path.read_bytes())
    world("sync")
    read = conda_locks.ask({}, [old, path])
    before, after = read[old], read[path]
    custom = after["metadata"].pop("custom_metadata")
    assert set(custom) == {"gokernel-go-sum", "gokernel-go-version", "gokernel-modules"}
    assert custom["gokernel-go-sum"].startswith("sha256:e3b0c44298fc1c14")  # of an empty file
    before["metadata"].pop("custom_metadata")
    assert after == before


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sum": "x v1.0.0 h1:a=\n"}, "go.sum: it was sha256:e3b0c44298fc… when it was noted"),
        ({"sum": None}, "go.sum: it was sha256:e3b0c44298fc… when it was noted, and is not there"),
        ({"mod": MOD.replace("go 1.26", "go 1.26.9")}, "go: go.mod says 1.26.9, and 1.26 was"),
        ({"mod": MOD.replace("go 1.26", "go 1.26.9")}, "go: go.mod says go 1.26.9, conda-lock.yml"),
        ({"mod": MOD.replace("v1.4.0", "v1.5.0")}, f"{THING}: go.mod requires v1.5.0, environment"),
        ({"lock": None}, "conda-lock.yml: there is none, so nothing is locked."),
    ],
)
def test_verify_names_what_differs(world: World, changes: dict[str, Any], said: str) -> None:
    """Each of them, with exit code 1."""
    world("sync")
    world.write(**changes)
    result = world("verify")
    assert result.code == 1
    assert said in result.out
    assert "differ" in result.err


def test_a_changed_go_mod_changes_environment_yml(world: World) -> None:
    """Comments, order, quotes and other entries stay; conda-lock is to solve anew."""
    mod = MOD.replace("go 1.26", "go 1.27.2").replace("v1.4.0", "v1.5.0")
    world.write(mod=mod)
    result = world("sync", "--json")
    assert result.code == 0, result.err
    expected = ENVIRONMENT.replace("- go=1.26 ", "- 'go>=1.27.2,<1.28' ")
    assert world.read("environment") == expected.replace("libthing ==1.4.0", "libthing ==1.5.0")
    assert world.read("mod") == mod
    assert result.json["next"] == [world.solve()]
    assert world.state() == {"go": "not solved", THING: "not solved", TOOL: "in sync"}


def test_after_the_new_solve_all_is_locked(world: World) -> None:
    """The way through: go.mod, sync, conda-lock (which keeps the notes), verify."""
    world.write(mod=MOD.replace("v1.4.0", "v1.5.0"))
    world("sync")
    assert world("verify").code == 1
    platforms = ("linux-64", "osx-arm64")
    solved = {**PACKAGES, "libthing": "1.5.0"}.items()
    packages = [conda_locks.package(*one, platform) for one in solved for platform in platforms]
    content = conda_locks.content(packages, None, platforms)
    conda_locks.ask({}, [], {world.folder / "conda-lock.yml": content})
    assert world("verify").out == "Everything is as it was locked.\n"


def test_a_changed_lock_changes_go_mod(world: World, locks: dict[str, str]) -> None:
    """Go itself writes it; comments stay, and go.sum has yet to follow."""
    world.write(
        lock=locks["thing 1.6.0"],
        environment=ENVIRONMENT.replace("libthing ==1.4.0", "libthing >=1.4"),
    )
    result = world("sync", "--json")
    assert result.code == 0, result.err
    assert world.read("mod") == MOD.replace("v1.4.0", "v1.6.0")
    tidy, again = result.json["next"]
    assert tidy.endswith(f"/go -C {world.folder} mod tidy")
    assert again == f"jupyter gokernel lock sync {world.folder}"
    assert world.state()[THING] == "in sync"


def test_both_changed_is_a_conflict(world: World, locks: dict[str, str]) -> None:
    """Both sides are shown, and nothing at all is written, until somebody decides."""
    world.write(
        mod=MOD.replace("v1.4.0", "v1.5.0"),
        lock=locks["thing 1.6.0"],
        environment=ENVIRONMENT.replace("==1.4.0", "=1.6"),
    )
    before = world.all()
    for words in ([], ["--from", "go"], ["--from", "conda"]):
        result = world("sync", *words)
        assert result.code == 1
        assert result.out == (
            f"{THING} and libthing: go.mod requires v1.5.0; environment.yml asks for libthing =1.6,"
            " conda-lock.yml holds 1.6.0; they last agreed on v1.4.0.\n"
        )
        sync = f"jupyter gokernel lock sync {world.folder} --from"
        said = f"nothing was changed. Choose one: `{sync} go --force` or `{sync} conda --force`."
        assert said in result.err
        assert world.all() == before
    assert world("sync", "--from", "conda", "--force").code == 0
    assert world.read("mod") == MOD.replace("v1.4.0", "v1.6.0")


def test_without_notes_nobody_is_believed(world: World, locks: dict[str, str]) -> None:
    """The first sync of two sides that differ is a conflict; of two that agree none."""
    world.write(lock=locks["without notes"], mod=MOD.replace("v1.4.0", "v1.5.0"))
    result = world("sync", "--json")
    [conflict] = result.json["conflicts"]
    assert (result.code, conflict["module"]) == (1, THING)
    assert conflict["reason"] == "when they last agreed is noted nowhere"
    assert world("sync", "--from", "go", "--force").code == 0
    assert '"libthing ==1.5.0"' in world.read("environment")


def test_without_a_lock_file_the_next_step_is_to_make_one(world: World) -> None:
    """What is agreed on is noted in it, so that a sync follows; verify says the same."""
    world.write(lock=None)
    (world.folder / "environment.yml").rename(world.folder / "environment.yaml")
    steps = [world.solve("environment.yaml"), f"jupyter gokernel lock sync {world.folder}"]
    result = world("sync")
    assert result.code == 0
    assert result.err.endswith(f"Nothing was changed.\nNext: {steps[0]}\nNext: {steps[1]}\n")
    assert world("verify").err.endswith(f"Next: {steps[0]}\nNext: {steps[1]}\n")


def test_commands_that_follow_suit_any_folder(world: World) -> None:
    """They name the project's, in quotes where it needs some."""
    folder = world.folder.rename(world.folder.with_name("my project"))
    result = world.cli("lock", "verify", folder)
    assert result.code == 1
    assert result.err.endswith(f"Next: jupyter gokernel lock sync '{folder}'\n")


def test_what_was_never_noted_is_no_difference_from_it(world: World, locks: dict[str, str]) -> None:
    """A lock file without notes says nothing of Go's side."""
    world.write(lock=locks["without notes"])
    result = world("verify")
    assert result.out == "conda-lock.yml: nothing of Go's side is noted in it yet.\n"
    assert "Error: Go's side is not locked.\n" in result.err


def test_environment_yml_changed_and_not_solved(world: World) -> None:
    """The lock is older than what is asked for: a new solve, and then a sync."""
    world.write(environment=ENVIRONMENT.replace("==1.4.0", "=1.6"))
    before = world.all()
    result = world("sync", "--from", "conda", "--force", "--dry-run")
    assert result.code == 0
    said = "environment.yml asks for libthing =1.6, conda-lock.yml holds 1.4.0, which is to be"
    assert f"Left as it is: {THING}: {said} solved anew first.\n" in result.err
    again = f"jupyter gokernel lock sync {world.folder}"
    forced = f"Next: {world.solve()}\nNext: {again} --from conda --force\n"
    assert result.err.endswith(forced)
    assert world.all() == before
    assert world("sync", "--json").json["next"] == [world.solve(), again]


def test_a_choice_that_cannot_work_is_not_offered(world: World) -> None:
    """A range names no version that go.mod could take; who asks for it all the same gets 1."""
    asked = ENVIRONMENT.replace("go=1.26 ", "conda-forge::go>=1.26,<1.27 ")
    world.write(lock=None, environment=asked, mod=MOD.replace("go 1.26", "go 1.27"))
    result = world("sync")
    way = f"`jupyter gokernel lock sync {world.folder} --from go --force`"
    assert result.code == 1
    assert (
        "\nGo: go.mod says go 1.27; environment.yml asks for conda-forge::go" in f"\n{result.out}"
    )
    assert f"Change one of them yourself, or have go.mod count: {way}.\n" in result.err
    before = world.all()
    result = world("sync", "--from", "conda", "--force")
    assert result.code == 1
    assert "Left as it is: Go: conda's side names no single version" in result.err
    assert "Next:" not in result.err
    assert world.all() == before


def test_passwords_of_channels_are_not_shown(world: World, locks: dict[str, str]) -> None:
    """Neither in a difference, as the lines around it, nor in a table, nor in a conflict."""
    urls = '[{"url":"https://u:S3CRET@c.invalid"},{"url":"https://c.invalid/t/S3CRET/x"}]'
    lock = locks["without notes"].replace("  channels:\n  - url: conda-forge\n", "!")
    assert "!    used_env_vars: []\n" in lock
    lock = lock.replace("!    used_env_vars: []\n", f"  channels: {urls}\n")
    asked = ENVIRONMENT.replace("- go=", "- https://u:S3CRET@c.invalid/x::go=")
    asked = asked.replace('"libthing ', '"https://u:S3CRET@c.invalid/x::libthing ')
    world.write(lock=lock, environment=asked, mod=MOD.replace("v1.4.0", "v1.5.0"))
    shown = [
        world("status"),
        world("status", "--json"),
        world("sync"),
        world("sync", "--json"),
        world("sync", "--from", "go", "--force", "--dry-run"),
        world("sync", "--from", "go", "--force", "--json"),
    ]
    assert "c.invalid" in shown[-2].out
    for one in shown:
        assert "S3CRET" not in one.out + one.err
    assert world.read("environment").count("S3CRET") == 2
    assert world.read("lock").count("S3CRET") == 2


def test_dry_run_shows_and_writes_nothing(world: World) -> None:
    """The difference of each file as `diff -u` has it."""
    world.write(mod=MOD.replace("v1.4.0", "v1.5.0"))
    before = world.all()
    result = world("sync", "--dry-run")
    assert result.code == 0
    assert '-  - "libthing ==1.4.0"\n+  - "libthing ==1.5.0"\n' in result.out
    assert "@@ -4,7 +4,7 @@" in result.out
    assert world.all() == before


def test_what_environment_yml_lacks_is_added(world: World, locks: dict[str, str]) -> None:
    """Behind the last conda package, before what pip reads."""
    without = ENVIRONMENT.replace("  - go-tool=2.1.0rc.1\n", "")
    world.write(environment=without, lock=locks["without tool"])
    assert world("sync").code == 0
    added = "  - python >=3.10,<3.13\n  - go-tool=2.1.0rc.1\n"
    assert world.read("environment") == without.replace("  - python >=3.10,<3.13\n", added)


def test_lists_in_brackets(world: World, locks: dict[str, str]) -> None:
    """Another way to write the same file."""
    world.write(
        environment="dependencies: [go=1.26, libthing=1.4.0]  # all\n",
        lock=locks["without tool"],
        mod=MOD.replace("go 1.26", "go 1.26.9"),
    )
    assert world("sync", "--from", "go").code == 0
    assert world.read("environment") == (
        "dependencies: [go=1.26, libthing=1.4.0, go-tool=2.1.0rc.1]  # all\n"
    )


@pytest.mark.parametrize(
    ("spec", "line"),
    [("&t libthing=1.3", 3), ("!!str libthing=1.3", 3), (">-\n    libthing=1.3", 3)],
)
def test_what_cannot_be_changed_in_its_place_is_left(world: World, spec: str, line: int) -> None:
    """Anchors, tags and texts over several lines: one sentence, nothing written."""
    world.write(environment=f"dependencies:\n  - go\n  - {spec}\n  - go-tool\n", lock=None)
    before = world.all()
    result = world("sync", "--from", "go", "--force")
    assert result.code == 1
    assert f"environment.yml, line {line}, can't be changed: libthing=1.3 is written" in result.err
    assert world.all() == before


@pytest.mark.parametrize(
    ("spec", "became"),
    [
        ("conda-forge::libthing=1.3", "conda-forge::libthing=1.4.0"),
        ("libthing 1.3.0", "libthing 1.4.0"),
        ("libthing=1.3.0=h12_3", "libthing=1.4.0"),
        ("libthing=1.3.*", "libthing=1.4.0"),
        ("libthing >=1.5", "libthing=1.4.0"),
        ("LibThing=1.3", "LibThing=1.4.0"),
        ("libthing", "libthing"),
        ("libthing[version='>=1.2']", "libthing[version='>=1.2']"),
        ("libthing=1.4", "libthing=1.4"),
    ],
)
def test_each_way_to_name_a_version(world: World, spec: str, became: str) -> None:
    """What stands before the version stays, a build goes, and what allows it isn't touched."""
    text = "dependencies:\n  - go\n  - {}\n  - go-tool=2.1.0rc.1\n"
    world.write(environment=text.format(spec), lock=None)
    assert world("sync", "--from", "go", "--force").code == 0
    assert world.read("environment") == text.format(became)


@pytest.mark.parametrize(
    ("mod", "said"),
    [
        (MOD.replace("v1.4.0", "v1.4.0-RC1"), "can't be said in conda's words"),
        (f"{MOD}replace {THING} => ../thing\n", f"go.mod replaces {THING} with ../thing"),
    ],
)
def test_what_has_no_counterpart_is_left_and_said(world: World, mod: str, said: str) -> None:
    """Nothing is guessed."""
    world.write(mod=mod)
    assert world.state()[THING] == "no counterpart"
    result = world("sync")
    assert said in result.err
    assert world.read("environment") == ENVIRONMENT
    assert world("verify").code == 1


@pytest.mark.parametrize("side", ["environment", "lock", "rules"])
@pytest.mark.parametrize("bad", ["a: [1\n", "- x\n", "a: 1\na: 2\n"])
def test_half_written_files_are_named(world: World, side: str, bad: str) -> None:
    """One sentence, and nothing changed."""
    world.write(**{side: bad})
    before = world.all()
    result = world("sync", "--from", "go", "--force")
    assert result.code == 1
    assert str(world.folder / NAMES[side]) in result.err
    assert len([line for line in result.err.splitlines() if "Error" in line]) == 1
    assert world.all() == before


def test_a_pipe_instead_of_go_sum_is_named(world: World) -> None:
    """It isn't waited for, nor taken for none."""
    world.write(sum=None)
    os.mkfifo(world.folder / "go.sum")
    result = world("verify")
    assert result.code == 1
    assert f"{world.folder}/go.sum can't be read: it is no plain file." in result.err


def test_without_files_it_is_said_what_is_missing(world: World) -> None:
    """No module, or nothing of conda's."""
    world.write(environment=None, lock=None)
    assert "There is neither environment.yml nor conda-lock.yml in" in world("status").err
    world.write(mod=None)
    assert "There is no go.mod in" in world("status").err
    world.write(mod="modul x\n")
    assert "Go can't read" in world("status").err


def test_the_project_is_where_go_mod_is(world: World) -> None:
    """Files of conda's below it are others', and that is said."""
    below = world.folder / "docs"
    below.mkdir()
    (below / "environment.yml").write_text("dependencies: [go=1.20]\n")
    for words in (["status"], ["verify"], ["sync", "--dry-run"]):
        result = world.cli("lock", *words, below)
        said = f"The project is {world.folder}, whose go.mod is in force in {below}; of conda's"
        assert said in result.err
        assert "1.20" not in result.out


def test_a_workspace_has_no_one_module(world: World) -> None:
    """Its modules are named."""
    (world.folder / "api").mkdir()
    (world.folder / "go.mod").rename(world.folder / "api" / "go.mod")
    (world.folder / "go.work").write_text("go 1.26\n\nuse ./api\n")
    result = world("status")
    assert result.code == 1
    assert "in no module of it" in result.err
    assert f"Name a module's folder: {world.folder}/api.\n" in result.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sync", "--from", "pip"], "--from 'pip' is no side."),
        (["sync", "--force"], "--force overwrites one side."),
        (["sync", "a", "b"], "one word too many"),
        (["sync", "--env", "none-such"], "is the name of no conda environment"),
    ],
)
def test_usage(cli: CommandLine, words: list[str], said: str) -> None:
    """What can't be meant ends with 2."""
    result = cli("lock", *words)
    assert result.code == 2
    assert said in result.err


def test_a_package_for_one_platform_alone(world: World) -> None:
    """On the others its absence is no difference."""
    lock = world.read("lock").split("- name: ")
    kept = [one for one in lock if not (one.startswith("libthing") and "osx-arm64" in one)]
    assert len(kept) == len(lock) - 1
    environment = ENVIRONMENT.replace('"libthing ==1.4.0"', "libthing=1.4.0  # [linux]")
    world.write(lock="- name: ".join(kept), environment=environment)
    assert world.state()[THING] == "in sync"
    world.write(environment=ENVIRONMENT)
    assert world.state()[THING] == "not solved"


def test_an_environment_without_go_is_left_alone(world: World) -> None:
    """Some have conda for libraries only; `--from go` puts a Go into it."""
    without = ENVIRONMENT.replace("  - go=1.26       # as in the lectures\n", "")
    lock = [one for one in world.read("lock").split("- name: ") if not one.startswith("go\n")]
    world.write(environment=without, lock="- name: ".join(lock))
    assert world("sync").code == 0
    assert world.read("environment") == without
    assert world("verify").code == 0
    assert world("sync", "--from", "go").code == 0
    assert "  - go-tool=2.1.0rc.1\n  - go=1.26\n" in world.read("environment")


def test_what_was_written_is_put_back_where_the_rest_cannot_be() -> None:
    """A lock file that is somebody else's: environment.yml is then not changed, either."""
    with unprivileged.open_folder() as folder:
        for name in ("environment.yml", "conda-lock.yml"):
            (folder / name).write_text("a: 1\n")
        (folder / "environment.yml").chmod(0o666)
        folder.chmod(0o777)
        said = unprivileged.run(
            """
from pathlib import Path
from go_kernel import yamlfile
from go_kernel.project.lock import writing
from go_kernel.project.lock.edits import Change
paths = [Path(sys.argv[1]) / name for name in ("environment.yml", "conda-lock.yml")]
read = [yamlfile.read(path) for path in paths]
drop()
try:
    writing.write([Change(one.path, one.text, "a: 2\\n", one) for one in read])
except writing.NotSynced as error:
    print(json.dumps(str(error)))
""",
            folder,
        )
        assert said == (
            f"{folder}/conda-lock.yml could not be changed (it may not be written by this user), "
            "so nothing was."
        )
        assert (folder / "environment.yml").read_text() == "a: 1\n"
        assert sorted(path.name for path in folder.iterdir()) == [
            "conda-lock.yml",
            "environment.yml",
        ]


def test_modes_and_links_stay(world: World) -> None:
    """Files that a project shares by links, or closes to others."""
    real = world.folder.parent / "shared.yml"
    (world.folder / "environment.yml").rename(real)
    (world.folder / "environment.yml").symlink_to(real)
    (world.folder / "go.mod").chmod(0o600)
    world.write(mod=MOD.replace("v1.4.0", "v1.5.0"))
    assert world("sync").code == 0
    assert (world.folder / "environment.yml").is_symlink()
    assert "libthing ==1.5.0" in real.read_text()
    assert stat.S_IMODE((world.folder / "go.mod").stat().st_mode) == 0o600


def test_two_at_once(world: World) -> None:
    """Both come to an end, and the files are as one of them would have left them."""
    world.write(mod=MOD.replace("v1.4.0", "v1.5.0"))
    argv = world.cli.argv("lock", "sync", world.folder)
    env = {**world.cli.env, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    both = [subprocess.Popen(argv, env=env, cwd=world.cli.cwd, stderr=-3) for _ in range(2)]
    assert [process.wait(120) for process in both] == [0, 0]
    assert world.read("environment").count("libthing ==1.5.0") == 1
    assert world("sync", "--json").json["changes"] == []
