"""Which prefixes the Hub runs scripts of: those that only root or its own user could write."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from go_kernel.hub import activated, throughout, trusted
from go_kernel.hub.activated import look
from go_kernel.hub.errors import Broken
from tests import prefixes, unprivileged
from tests.conftest import CondaPrefix
from tests.unprivileged import NOBODY

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An environment with a script and a package's variables."""
    made = prefixes.go_prefix(tmp_path / "envs" / "demo")
    prefixes.script(made, "cc.sh", "export CC=cc")
    prefixes.package_variables(made, "a.json", {"A": "a"})
    prefixes.state(made, {"B": "b"})
    return made


def problem(prefix: Path) -> str:
    """Why the Hub would leave it alone; "" where it activates it."""
    found = look("demo", prefix, {}, 20.0)
    assert bool(found.untrusted) != bool(found.variables)
    return found.untrusted


def test_ones_own_is_activated(prefix: Path) -> None:
    """With nothing wrong, everything counts."""
    assert problem(prefix) == ""
    assert look("demo", prefix, {}, 20.0).variables["A"] == "a"


PARTS = [
    "",
    "..",
    "bin",
    "go/bin/go",
    "conda-meta",
    "conda-meta/state",
    "etc",
    "etc/conda",
    "etc/conda/activate.d",
    "etc/conda/activate.d/cc.sh",
    "etc/conda/env_vars.d",
    "etc/conda/env_vars.d/a.json",
    "go",
    "go/bin",
]


@pytest.mark.parametrize("part", PARTS)
def test_nobody_else_may_write_any_of_it(prefix: Path, part: str) -> None:
    """One folder or file that everybody may write is enough; it is named."""
    path = (prefix / part).resolve()
    path.chmod(0o777)
    assert problem(prefix) == f"{path} is writable by everybody"


@as_root
@pytest.mark.parametrize("part", PARTS)
def test_it_may_belong_to_nobody_else(prefix: Path, part: str) -> None:
    """Its owner could change it at any time."""
    path = (prefix / part).resolve()
    os.chown(path, NOBODY, NOBODY)
    assert problem(prefix) == f"{path} belongs to user {NOBODY}"


def test_a_sticky_folder_above_it_is_fine(prefix: Path) -> None:
    """As /tmp is: each may only replace what is theirs."""
    prefix.parent.chmod(0o1777)
    assert problem(prefix) == ""


def test_the_prefix_itself_may_not_be_sticky(prefix: Path) -> None:
    """There everybody may put more into it."""
    prefix.chmod(0o1777)
    assert problem(prefix) == f"{prefix} is writable by everybody"


def test_a_links_way_counts_as_well(prefix: Path, tmp_path: Path) -> None:
    """Every folder between a link and what it leads to, whatever the first link's own."""
    safe, open_ = tmp_path / "safe", tmp_path / "open"
    safe.mkdir()
    open_.mkdir()
    (open_ / "middle").symlink_to(prefix)
    (safe / "first").symlink_to("../open/middle")
    assert problem(safe / "first") == ""
    open_.chmod(0o777)
    assert problem(safe / "first") == f"{open_} is writable by everybody"


@as_root
def test_a_link_of_somebody_elses(prefix: Path, tmp_path: Path) -> None:
    """Its owner could let it lead elsewhere, also where the folder is sticky."""
    sticky = tmp_path / "sticky"
    sticky.mkdir()
    sticky.chmod(0o1777)
    link = sticky / "env"
    link.symlink_to(prefix)
    os.lchown(link, NOBODY, NOBODY)
    assert problem(link) == f"{link} belongs to user {NOBODY}"


def test_a_script_that_is_a_link(prefix: Path, tmp_path: Path) -> None:
    """What it leads to is what runs."""
    elsewhere = prefixes.write(tmp_path / "elsewhere" / "cc.sh", "export CC=evil")
    script = prefix / "etc" / "conda" / "activate.d" / "cc.sh"
    script.unlink()
    script.symlink_to(elsewhere)
    elsewhere.parent.chmod(0o777)
    assert problem(prefix) == f"{elsewhere.parent} is writable by everybody"


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    """They lead to nothing that could be trusted or run."""
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        trusted.problem(tmp_path / "a", ())


def test_a_link_to_where_others_could_put_something(prefix: Path, tmp_path: Path) -> None:
    """What isn't there yet could be anybody's by the time that it counts."""
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o1777)
    folder = prefix / "etc" / "conda" / "env_vars.d"
    shutil.rmtree(folder)
    folder.symlink_to(tmp_path / "open" / "later")
    assert problem(prefix) == f"{tmp_path}/open is writable by everybody"


def test_a_go_that_is_a_link_to_nowhere(prefix: Path) -> None:
    """It is told as what it is: no kernel could start."""
    (prefix / "bin" / "go").unlink()
    (prefix / "bin" / "go").symlink_to("../gone/go")
    with pytest.raises(Broken, match="does not exist"):
        look("demo", prefix, {}, 20.0)


def test_what_the_hub_may_not_see_is_left_to_the_server() -> None:
    """A Hub without root's rights can't look into a user's home; the user's server can."""
    code = """
from pathlib import Path
from go_kernel.hub.activated import look
drop()
print(json.dumps(look("demo", Path(sys.argv[1]), {}, 20.0).untrusted))
"""
    with unprivileged.open_folder() as folder:
        made = prefixes.go_prefix(folder / "home" / "envs" / "demo")
        (folder / "home").chmod(0o700 if os.geteuid() == 0 else 0)
        said = unprivileged.run(code, made)
    assert said == f"{made} cannot be examined (Permission denied)"


def test_a_folder_of_a_script_for_path_is_looked_at(prefix: Path, tmp_path: Path) -> None:
    """A script may put a folder on PATH that others can put programs into: it is left out.

    So is one that isn't there: somebody else may make it.
    """
    for name in ("good", "bad"):
        (tmp_path / name).mkdir()
    (tmp_path / "bad").chmod(0o777)
    folders = f"{tmp_path}/bad:{tmp_path}/good:/tmp/none"
    prefixes.script(prefix, "path.sh", f"export PATH={folders}:$PATH")
    found = look("demo", prefix, {}, 20.0)
    assert found.front == (f"{tmp_path}/good", f"{prefix}/bin")
    assert [note for note in found.notes if f"{tmp_path}/bad" in note]


# What a script may use, besides what an activation reads itself.
HELPERS = ["bin/mytool", "lib", "lib/more.sh", "share/deep/er/file"]
# What somebody else could do to it, in the words that are said of it.
WRITERS = {
    "everybody": (lambda path: path.chmod(0o777), "is writable by everybody"),
    "roots own group": (lambda path: path.chmod(0o775), f"is writable by group {os.getegid()}"),
    "another's": (lambda path: os.chown(path, NOBODY, -1), f"belongs to user {NOBODY}"),
}


def with_helpers(prefix: Path) -> Path:
    """A prefix whose script runs a program of it and reads a file; "ran" says that it did."""
    prefixes.program(prefix / "bin" / "mytool", f"#!/bin/sh\ntouch {prefix}/../../ran\n")
    prefixes.write(prefix / "lib" / "more.sh", "mytool")
    prefixes.write(prefix / "share" / "deep" / "er" / "file", "")
    prefixes.script(prefix, "use.sh", '. "$CONDA_PREFIX/lib/more.sh"')
    return prefix


@as_root
@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("part", HELPERS)
def test_what_a_script_uses_counts_too(prefix: Path, part: str, writer: str) -> None:
    """Its programs come first on a script's PATH, and it reads what it likes: nothing is run."""
    path = with_helpers(prefix) / part
    change, said = WRITERS[writer]
    change(path)
    assert problem(prefix) == f"{path} {said}"
    assert not (prefix.parent.parent / "ran").exists()
    path.chmod(0o755)
    os.chown(path, os.geteuid(), -1)


def test_with_all_of_it_ones_own_scripts_use_it(prefix: Path) -> None:
    """A program of the prefix and a file that it reads."""
    assert problem(with_helpers(prefix)) == ""
    assert (prefix.parent.parent / "ran").exists()


@as_root
def test_links_out_of_the_prefix_are_followed(prefix: Path, tmp_path: Path) -> None:
    """By way of another link, too: whole folders; and what goes nowhere, or in a circle."""
    outside = tmp_path / "outside"
    prefixes.write(outside / "more" / "tool", "")
    (outside / "back").symlink_to(prefix)
    link = prefix / "lib"
    link.symlink_to("bin/../../../outside")
    assert problem(prefix) == ""
    throughout._known.clear()
    os.chown(outside / "more" / "tool", NOBODY, -1)
    assert problem(prefix) == f"{outside}/more/tool belongs to user {NOBODY}"

    link.unlink()
    link.symlink_to("bin/../lib")
    assert problem(prefix) == f"{link} can't be followed (Too many levels of symbolic links)"
    link.unlink()
    link.symlink_to(tmp_path / "later")
    assert problem(prefix) == ""
    link.unlink()
    link.symlink_to("/tmp/gokernel-later")
    assert problem(prefix) == "/tmp is writable by everybody"


@as_root
def test_a_link_in_it_is_ones_own(prefix: Path) -> None:
    """Where it leads to is safe, but its owner may let it lead elsewhere."""
    link = prefix / "bin" / "mytool"
    link.symlink_to("go")
    os.lchown(link, NOBODY, NOBODY)
    assert problem(prefix) == f"{link} belongs to user {NOBODY}"


def test_a_real_environment_is_trusted(conda_prefix: CondaPrefix) -> None:
    """All that packages of Go and of a compiler bring, links included."""
    assert throughout.problem(conda_prefix("go=1.26", "go-cgo"), 60) == ""


def test_too_many_files_are_not_trusted(prefix: Path) -> None:
    """A walk has an end; so has one that takes too long."""
    assert throughout.problem(prefix, 60, most=5).endswith("hold over 5 files")
    throughout._known.clear()
    for number in range(64):
        prefixes.write(prefix / "many" / str(number), "")
    said = f"{prefix} could not be looked through within 0 s"
    assert throughout.problem(prefix, 0) == said


@as_root
def test_a_walk_is_remembered_until_packages_change(
    prefix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And for some minutes at most."""
    tool = prefixes.program(prefix / "bin" / "mytool")
    assert throughout.problem(prefix, 60) == ""
    os.chown(tool, NOBODY, -1)
    assert throughout.problem(prefix, 60) == ""
    said = f"{tool} belongs to user {NOBODY}"
    prefixes.write(prefix / "conda-meta" / "new.json", "{}")
    assert throughout.problem(prefix, 60) == said
    os.chown(tool, 0, -1)
    now = throughout.time.monotonic()
    for later, expected in ((590, said), (610, "")):
        monkeypatch.setattr(throughout.time, "monotonic", lambda later=later: now + later)
        assert throughout.problem(prefix, 60) == expected


def test_what_a_script_reads_may_change(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of a script's own says so: what it set counts for some minutes."""
    more = prefixes.write(prefix / "lib" / "more.sh", "export E=1")
    prefixes.script(prefix, "use.sh", '. "$CONDA_PREFIX/lib/more.sh"')
    assert look("demo", prefix, {}, 20.0).variables["E"] == "1"
    more.write_text("export E=2")
    now = activated.activation.time.time()
    for later, expected in ((590, "1"), (610, "2")):
        monkeypatch.setattr(activated.activation.time, "time", lambda later=later: now + later)
        assert look("demo", prefix, {}, 20.0).variables["E"] == expected


def test_a_script_that_hung_is_soon_tried_again(
    prefix: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who starts meanwhile doesn't wait for it again."""
    flag = prefixes.write(tmp_path / "flag", "")
    prefixes.script(prefix, "x.sh", f"if test -e {flag}; then sleep 60; fi; export LICENCE=here")
    assert "LICENCE" not in look("demo", prefix, {}, 0.5).variables
    flag.unlink()
    now = activated.activation.time.time()
    for later, expected in ((25, None), (35, "here")):
        monkeypatch.setattr(activated.activation.time, "time", lambda later=later: now + later)
        assert look("demo", prefix, {}, 0.5).variables.get("LICENCE") == expected


@pytest.mark.parametrize("end", ["false", "exit 3", "sleep 60"])
def test_nothing_that_a_script_prints_is_logged(prefix: Path, end: str) -> None:
    """It may be a secret: the script is named, and how it ended."""
    script = prefixes.script(prefix, "loud.sh", f"echo token PLANTED; {end}")
    found = look("demo", prefix, {}, 1.0)
    (note,) = found.notes
    assert str(script) in note
    assert "PLANTED" not in repr(found)


def test_values_that_are_no_text_are_left_out(prefix: Path) -> None:
    """Some spawners could not start a server with them; the log names them."""
    prefixes.script(prefix, "odd.sh", "export BAD=$'\\xff' GOOD=é; PATH=$'/\\xff:'$PATH")
    found = look("demo", prefix, {}, 20.0)
    assert "BAD" not in found.variables
    assert found.variables["GOOD"] == "é"
    assert found.front == (f"{prefix}/bin",)
    assert [note for note in found.notes if "BAD" in note and "no UTF-8" in note]
    json.dumps(found.notes).encode()


def test_a_prefix_that_goes_meanwhile(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the file system says then is a sentence."""
    real = trusted.problem

    def gone(place: Path, parts: list[Path]) -> str:
        said = real(place, parts)
        shutil.rmtree(place)
        return said

    monkeypatch.setattr(trusted, "problem", gone)
    with pytest.raises(Broken, match="'demo' can't be used now"):
        look("demo", prefix, {}, 20.0)
