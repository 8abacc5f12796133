"""Projects are tidied or vendored anew by the real Go; nobody's project gets worse."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from go_kernel.findings import GoKernelError, Risk
from go_kernel.project.repair.errors import Changed, GoRefused, NotRepairable, Worse
from tests.engines.proxy import LIB
from tests.project.repairing import MAIN, MOD, Bench, tree

REQUIRED = f"{MOD}\nrequire {LIB} v0.1.0\n"


def repaired(bench: Bench, root: Path) -> str:
    """Plan, see that nothing changed by that, do it; give back what was shown."""
    before = tree(root)
    plan = bench.planned(root)
    assert tree(root) == before
    plan.apply()
    assert not (root / ".gokernel-repair").exists()
    return "\n".join(plan.steps)


@pytest.mark.parametrize(
    ("files", "shown"),
    [
        ({}, "+require example.test/lib v0.2.0"),
        ({"go.mod": REQUIRED}, "+example.test/lib v0.1.0 h1:"),
        (
            {"go.mod": f"{REQUIRED}\nreplace {LIB} => ../nowhere\n"},
            "Run `go mod edit -dropreplace=example.test/lib` and `go mod tidy`.",
        ),
        (
            {"go.mod": f"{REQUIRED}\nreplace {LIB} v0.1.0 => /nowhere\n"},
            "`go mod edit -dropreplace=example.test/lib@v0.1.0`",
        ),
        (
            {"go.mod": f"{REQUIRED}\nreplace {LIB} => ./lib\n", "lib/lib.go": "package lib\n"},
            "-replace example.test/lib => ./lib",
        ),
    ],
    ids=["not-required", "no-sums", "replaced-by-nothing", "version-replaced", "no-module-there"],
)
def test_without_vendor(bench: Bench, files: dict[str, str], shown: str) -> None:
    """What Go misses comes into go.mod and go.sum, as the dry run says, and it builds."""
    root = bench.project(files)
    said = repaired(bench, root)
    assert shown in said
    assert "without a vendor folder" in said
    assert "`go build ./...` fails" in said
    assert " now, and then succeeds" in said
    assert bench.builds(root)
    assert not (root / "vendor").exists()


def test_once_is_enough(bench: Bench) -> None:
    """A version that go.mod names isn't raised, its file keeps its mode, and then all is well."""
    root = bench.project({"go.mod": REQUIRED})
    (root / "go.mod").chmod(0o600)
    repaired(bench, root)
    assert bench.plan(root) is None
    assert f"{LIB} v0.1.0" in (root / "go.mod").read_text()
    assert (root / "go.mod").stat().st_mode & 0o777 == 0o600


def _other_version(root: Path) -> None:
    mod = root / "go.mod"
    mod.write_text(mod.read_text().replace("v0.2.0", "v0.1.0"))


def _file_gone(root: Path) -> None:
    (root / "vendor" / LIB / "lib.go").unlink()


def _new_import(root: Path) -> None:
    (root / "more.go").write_text('package main\n\nimport _ "example.test/old"\n')


def _nothing_used(root: Path) -> None:
    (root / "main.go").write_text("package main\n\nfunc main() {}\n")


def _edited(root: Path) -> None:
    (root / "vendor" / LIB / "lib.go").write_text("package lib\n\nconst Text = \n")


@pytest.mark.parametrize(
    ("harm", "shown"),
    [
        (_other_version, "~ vendor/modules.txt"),
        (_file_gone, "+ vendor/example.test/lib/lib.go"),
        (_new_import, "Run `go mod tidy` and `go mod vendor`."),
        (_nothing_used, "- vendor/example.test/lib/lib.go"),
        (_edited, "~ vendor/example.test/lib/lib.go"),
    ],
)
def test_with_vendor(bench: Bench, harm: object, shown: str) -> None:
    """A vendor folder is made anew, from what go.mod says."""
    root = bench.vendored()
    assert callable(harm)
    harm(root)
    assert shown in repaired(bench, root)
    assert bench.builds(root)
    listed = bench.go(root, "list", "-deps", "-f", "{{.Dir}}", "./...").stdout
    assert str(root / "vendor") in listed or harm is _nothing_used


def test_vendor_by_a_flag(bench: Bench) -> None:
    """With -mod=vendor in GOFLAGS the folder is made; with -mod=mod an old one is left alone."""
    root = bench.vendored()
    _other_version(root)
    plan = bench.planned(root, GOFLAGS="-modcacherw -mod=mod")
    assert "its vendor folder is not: GOFLAGS says -mod=mod" in "\n".join(plan.steps)
    assert "vendor/modules.txt" not in "\n".join(plan.steps)
    root = bench.project()
    bench.planned(root, GOFLAGS="-modcacherw -mod=vendor").apply()
    assert (root / "vendor" / "modules.txt").is_file()


def test_what_fails_for_other_reasons_stays_so(bench: Bench) -> None:
    """Code that is wrong by itself is nobody's reason not to repair the rest."""
    root = bench.project({"wrong/w.go": "package wrong\n\nvar X int = true\n"})
    said = repaired(bench, root)
    assert "fails for 2 of 2 packages now, and then fails for 1 of 2 packages" in said


def test_what_would_build_less_is_not_done(bench: Bench) -> None:
    """Vendored code that somebody mended by hand is not thrown away where the project needs it."""
    root = bench.vendored()
    (root / "vendor" / LIB / "lib.go").write_text("package lib\n\nconst Text, Mine = 1, 2\n")
    (root / "main.go").write_text(MAIN.replace("lib.Text", "lib.Mine"))
    assert bench.builds(root)
    before = tree(root)
    with pytest.raises(Worse, match=r"is left as it is: repaired, example.test/app would"):
        bench.plan(root)
    assert tree(root) == before


def test_what_builds_less_is_put_back(bench: Bench) -> None:
    """What shows only when it is done is undone, to the nanosecond."""
    root = bench.vendored()
    lib = root / "vendor" / LIB / "lib.go"
    lib.write_text(f"{lib.read_text()}\nconst Mine = 2\n")
    plan = bench.planned(root)
    # By now the code needs what somebody added to the vendored package.
    (root / "main.go").write_text(MAIN.replace("lib.Text", "lib.Mine"))
    (root / "vendor").chmod(0o750)
    before = tree(root)
    with pytest.raises(Worse, match=r"was put back as it was: repaired, example.test/app would"):
        plan.apply()
    assert tree(root) == before
    assert bench.builds(root)


@pytest.mark.parametrize("file", ["go.mod", "go.sum", "vendor/modules.txt"])
def test_what_changed_since_it_was_shown_is_left(bench: Bench, file: str) -> None:
    """Nobody's edit is overwritten."""
    root = bench.vendored()
    _other_version(root)
    plan = bench.planned(root)
    with (root / file).open("a") as stream:
        stream.write("\n")
    before = tree(root)
    with pytest.raises(Changed, match="changed while it was being repaired"):
        plan.apply()
    assert tree(root) == before


def test_a_module_that_nobody_has(bench: Bench) -> None:
    """Go's reason is said, and what it printed."""
    root = bench.project({"main.go": MAIN.replace(LIB, "example.test/gone")})
    before = tree(root)
    with pytest.raises(GoRefused, match=r"fails for example\.test/gone: ") as caught:
        bench.plan(root)
    assert "example.test/gone" in caught.value.evidence
    assert caught.value.remedy
    assert tree(root) == before


def test_a_module_that_nobody_has_and_a_folder_had(bench: Bench) -> None:
    """Which module was asked for, and that its folder is gone: that is what can be mended."""
    mod = f"{MOD}\nrequire example.test/q v0.0.0\n\nreplace example.test/q => ../gone\n"
    files = {"go.mod": mod, "main.go": MAIN.replace(LIB, "example.test/q/sub")}
    root = bench.project(files)
    with pytest.raises(GoRefused) as caught:
        bench.plan(root)
    words = "fails for example.test/q, which go.mod replaces by ../gone, where no module is: "
    assert words in caught.value.summary.replace("/sub", "")
    assert f"Bring {root.parent / 'gone'} back" in str(caught.value)


def _pipe(root: Path) -> None:
    os.mkfifo(root / "go.sum")


def _source_pipe(root: Path) -> None:
    (root / "sub").mkdir()
    os.mkfifo(root / "sub" / "pipe.go")


def _pipe_elsewhere(root: Path) -> None:
    beside = root.parent / f"beside-{root.name}"
    beside.mkdir()
    (beside / "go.mod").write_text("module example.test/lib\n")
    os.mkfifo(beside / "pipe.go")
    with (root / "go.mod").open("a") as file:
        file.write(f"\nreplace {LIB} => ../{beside.name}\n")


def _vendor_pipe(root: Path) -> None:
    (root / "vendor").mkdir()
    os.mkfifo(root / "vendor" / "modules.txt")


def _link(root: Path) -> None:
    (root / "go.mod").rename(root / "real.mod")
    (root / "go.mod").symlink_to("real.mod")


def _foreign_vendor(root: Path) -> None:
    (root / "vendor").mkdir()
    (root / "vendor" / "composer.json").write_text("{}")


def _linked_vendor(root: Path) -> None:
    (root / "elsewhere").mkdir()
    (root / "vendor").symlink_to("elsewhere")


def _huge(root: Path) -> None:
    with (root / "go.sum").open("wb") as file:
        file.truncate(100 * 2**20)


def _workspace(root: Path) -> None:
    (root / "go.work").write_text("go 1.22\n\nuse .\n")
    (root / "vendor").mkdir()
    (root / "vendor" / "modules.txt").write_text("## workspace\n")


def _empty_workspace(root: Path) -> None:
    (root / "go.mod").rename(root / "not.mod")
    (root / "go.work").write_text("go 1.22\n")


def _left_out(root: Path) -> None:
    (root / "a").mkdir()
    (root / "a" / "go.mod").write_text("module example.test/a\n\ngo 1.22\n")
    (root / "go.work").write_text("go 1.22\n\nuse ./a\n")


def _used_and_gone(root: Path) -> None:
    (root / "go.work").write_text("go 1.22\n\nuse (\n\t.\n\t./gone\n)\n")


def _half(root: Path) -> None:
    (root / "go.mod").write_text("<<<<<<< HEAD\nmodule a\n")


def _no_module(root: Path) -> None:
    (root / "go.mod").unlink()


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (_pipe, "go.sum is no plain file, and Go would wait"),
        (_source_pipe, "sub/pipe.go is no plain file, and Go would wait"),
        (_pipe_elsewhere, "pipe.go is no plain file, and Go would wait"),
        (_vendor_pipe, "modules.txt is no plain file"),
        (_link, "go.mod is a link to real.mod."),
        (_foreign_vendor, "vendor has no modules.txt, so Go didn't make it"),
        (_linked_vendor, "vendor is a link to elsewhere."),
        (_huge, "go.sum has 105 MB, and 16 MB is the most."),
        (_workspace, "vendor is a workspace's"),
        (_left_out, "go.work uses, so Go builds nothing there"),
        (_used_and_gone, "gone, which holds no go.mod, so Go builds nothing of it"),
        (_empty_workspace, "go.work uses no module."),
        (_half, "go.mod"),
        (_no_module, "is in no Go module."),
    ],
)
def test_what_is_not_repaired(bench: Bench, harm: object, words: str) -> None:
    """One sentence names the thing, with a remedy, and nothing is changed."""
    root = bench.project()
    assert callable(harm)
    harm(root)
    names = sorted(os.listdir(root))  # noqa: PTH208
    with pytest.raises(GoKernelError) as caught:
        bench.plan(root)
    assert words in caught.value.summary
    assert "\n" not in caught.value.summary
    assert caught.value.remedy
    assert sorted(os.listdir(root)) == names  # noqa: PTH208


@pytest.mark.parametrize("harm", [_left_out, _used_and_gone])
def test_what_to_do_with_a_workspace(bench: Bench, harm: object) -> None:
    """The command that is named makes a repair possible."""
    root = bench.project()
    assert callable(harm)
    harm(root)
    with pytest.raises(NotRepairable) as caught:
        bench.plan(root)
    assert caught.value.remedy
    [command] = caught.value.remedy.commands
    assert bench.go(bench.base, *shlex.split(command)[1:]).returncode == 0
    bench.planned(root).apply()
    assert bench.builds(root)


def test_a_module_that_was_downloaded(bench: Bench) -> None:
    """Go's module cache is no project."""
    bench.go(bench.vendored(), "build", "./...", GOFLAGS="-mod=mod")
    with pytest.raises(NotRepairable, match="is a module that Go downloaded"):
        bench.plan(bench.base / "modcache" / f"{LIB}@v0.2.0")


def test_a_module_of_a_workspace(bench: Bench) -> None:
    """It is repaired by itself; the workspace's own build decides."""
    root = bench.project()
    (root.parent / "go.work").write_text(f"go 1.22\n\nuse ./{root.name}\n")
    try:
        plan = bench.planned(root)
        plan.apply()
        assert bench.builds(root)
    finally:
        (root.parent / "go.work").unlink()
    assert "what is worse then is put back" in "\n".join(plan.steps)


def workspace(bench: Bench, main: str, *, more: str = "") -> Path:
    """Modules a and b, of which a needs b, which is published nowhere, and c, which b needs."""
    packages = {
        "b": 'package b\n\nimport "example.test/c"\n\nconst Text = c.Text\n',
        "c": "package c\n\nconst Text = 3\n",
    }
    files = {"go.work": "go 1.22\n\nuse (\n\t./a\n\t./b\n\t./c\n)\n", "a/main.go": main}
    files["a/go.mod"] = f"module example.test/a\n\ngo 1.22\n{more}"
    for name, text in packages.items():
        files |= {
            f"{name}/{name}.go": text,
            f"{name}/go.mod": f"module example.test/{name}\n\ngo 1.22\n",
        }
    root = bench.project(files)
    (root / "go.mod").unlink()
    (root / "main.go").unlink()
    return root


_OF_B = 'package main\n\nimport "example.test/b"\n\nfunc main() { println(b.Text) }\n'
_LIB = f'import "{LIB}"\nimport '
_OF_BOTH = _OF_B.replace("(b.Text)", "(b.Text, lib.Text)").replace("import ", _LIB)
_NOBODY = "http://127.0.0.1:1"


@pytest.mark.parametrize("more", ["", "\nrequire example.test/b v0.0.0\n"])
@pytest.mark.parametrize("folder", ["", "a"])
def test_a_workspace_that_is_well(bench: Bench, folder: str, more: str) -> None:
    """Where it builds there is nothing to mend, and no proxy hears of its modules."""
    root = workspace(bench, _OF_B, more=more)
    (root / "a" / "a_test.go").write_text('package main\n\nimport _ "example.test/private"\n')
    assert bench.builds(root / "a")
    assert bench.plan(root / folder, GOPROXY=_NOBODY) is None
    assert bench.plan(root / "b", GOPROXY=_NOBODY) is None


@pytest.mark.parametrize("folder", ["", "a"])
@pytest.mark.parametrize("required", ["", "\nrequire example.test/b v0.0.0\n"])
def test_a_module_that_needs_unpublished_ones(bench: Bench, folder: str, required: str) -> None:
    """They are asked in their folders, and nothing of that stays in go.mod."""
    root = workspace(bench, _OF_BOTH, more=required)
    if required:  # else Go asks for the version that isn't published, in a workspace, too
        with (root / "go.work").open("a") as file:
            file.write("\nreplace example.test/b v0.0.0 => ./b\n")
    before = tree(root)
    plan = bench.planned(root / folder)
    assert tree(root) == before
    plan.apply()
    changed = {name for name, one in tree(root).items() if before.get(name) != one}
    assert changed == {"a", "a/go.mod", "a/go.sum"}
    mod = (root / "a" / "go.mod").read_text()
    assert "replace" not in mod
    assert "00010101" not in mod
    assert ("example.test/b" in mod) == bool(required)
    assert f"{LIB} v0.2.0" in mod
    assert bench.builds(root / "a")
    assert bench.plan(root / folder) is None


def test_a_workspace_with_a_killed_repair(bench: Bench) -> None:
    """That is put back first; what else there is to do shows only then."""
    root = workspace(bench, _OF_BOTH)
    left = root / "b" / ".gokernel-repair"
    left.mkdir()
    for name, text in (("journal.json", "[]"), ("lock", "")):
        (left / name).write_text(text)
    plan = bench.planned(root)
    assert [step.partition(":")[0] for step in plan.steps] == [
        f"A repair of {root / 'b'} was killed midway"
    ]
    assert plan.leads_on
    plan.apply()
    assert not left.exists()
    plan = bench.planned(root)
    assert not plan.leads_on
    plan.apply()
    assert bench.builds(root / "a")


def test_sums_of_a_sibling_stay(bench: Bench) -> None:
    """A module of the workspace that is published as well: who builds without go.work needs it."""
    root = workspace(bench, _OF_BOTH, more="\nrequire example.test/c v0.3.0\n")
    line = "example.test/c v0.3.0 h1:DrHOyFAg1vsiNzPCx2D0g8VCHFpDIn+jLGiBfIdQIEg=\n"
    (root / "a" / "go.sum").write_text(line)
    bench.planned(root / "a").apply()
    lines = (root / "a" / "go.sum").read_text().splitlines(True)
    assert lines[0] == line
    assert len(lines) == 3


def test_an_empty_vendor_folder(bench: Bench) -> None:
    """It is as good as none where nothing is vendored."""
    root = bench.project({"main.go": "package main\n\nfunc main() {}\n"})
    (root / "vendor").mkdir()
    assert bench.plan(root) is None


def test_what_it_could_cost(bench: Bench) -> None:
    """Lines that come into go.sum are nobody's decision; another version, or vendored code, is."""
    assert bench.planned(bench.project({"go.mod": REQUIRED})).risk is Risk.NONE
    assert bench.planned(bench.project()).risk is Risk.MEDIUM
    root = bench.vendored()
    _file_gone(root)
    assert bench.planned(root).risk is Risk.NONE
    _edited(root)
    assert bench.planned(root).risk is Risk.MEDIUM


def test_a_proxy_with_a_password(bench: Bench) -> None:
    """What is said of a failure holds no password."""
    root = bench.project()
    with pytest.raises(GoRefused) as caught:
        bench.plan(root, GOPROXY="https://ada:hunter2@127.0.0.1:1/")
    assert "hunter2" not in f"{caught.value} {caught.value.evidence}"
