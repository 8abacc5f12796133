"""Conda environments are found by files and variables, in a known order, each once."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from go_kernel.conda.discovery import Environment, active_prefix, find_environments, name_of
from tests import prefixes, unprivileged

Env = dict[str, str]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def env(home: Path) -> Env:
    """A process environment that knows nothing but that home."""
    return {"HOME": str(home)}


def found(
    env: Env,
    below: Path,
    *,
    explicit: tuple[Path | str, ...] = (),
    cwd: Path | None = None,
) -> list[Environment]:
    """What is found below a folder: the machine may have a conda of its own."""
    everything = find_environments(env, explicit=explicit, cwd=cwd)
    return [one for one in everything if one.prefix.is_relative_to(below)]


def condarc(path: Path, *folders: str) -> Path:
    """A configuration file with these envs_dirs."""
    return prefixes.write(path, "envs_dirs:\n" + "".join(f"  - {f}\n" for f in folders))


# Each source by itself: makes what it needs and gives back the environment that must be found.
def _active(root: Path, home: Path, env: Env) -> Path:
    env["CONDA_PREFIX"] = str(root / "env")
    return root / "env"


def _stacked(root: Path, home: Path, env: Env) -> Path:
    env["CONDA_PREFIX_1"] = str(root / "env")
    return root / "env"


def _pixi(root: Path, home: Path, env: Env) -> Path:
    env["PIXI_PROJECT_ROOT"] = str(root)
    return root / ".pixi/envs/default"


def _registered(root: Path, home: Path, env: Env) -> Path:
    prefixes.write(home / ".conda/environments.txt", f"\n  {root}/env  \nrelative/env\n")
    return root / "env"


def _home_default(root: Path, home: Path, env: Env) -> Path:
    return home / ".conda/envs/env"


def _variable(name: str) -> Callable[[Path, Path, Env], Path]:
    def source(root: Path, home: Path, env: Env) -> Path:
        env[name] = f"/nowhere:{root}/envs:"
        return root / "envs/env"

    return source


def _condarc_at(place: str) -> Callable[[Path, Path, Env], Path]:
    def source(root: Path, home: Path, env: Env) -> Path:
        env.update(XDG_CONFIG_HOME=str(root / "xdg"), CONDA_ROOT=str(root / "conda"))
        env.update(CONDARC=str(root / "rc.yml"), MAMBARC=str(root / "mambarc"))
        env.update(CONDA_PREFIX=str(root / "active"))
        condarc(Path(place.format(root=root, home=home)), f"{root}/envs")
        return root / "envs/env"

    return source


def _executable(name: str, below: str) -> Callable[[Path, Path, Env], Path]:
    def source(root: Path, home: Path, env: Env) -> Path:
        prefixes.prefix(root / "miniforge") if below else None
        env[name] = str(root / "miniforge/bin/conda")
        return root / "miniforge" / below

    return source


def _root_variable(name: str, below: str) -> Callable[[Path, Path, Env], Path]:
    def source(root: Path, home: Path, env: Env) -> Path:
        env[name] = str(root / "mamba")
        return root / "mamba" / below

    return source


def _usual(place: str) -> Callable[[Path, Path, Env], Path]:
    return lambda root, home, env: home / place


SOURCES: dict[str, Callable[[Path, Path, Env], Path]] = {
    "CONDA_PREFIX": _active,
    "CONDA_PREFIX_1": _stacked,
    "PIXI_PROJECT_ROOT": _pixi,
    "CONDA_ENVS_DIRS": _variable("CONDA_ENVS_DIRS"),
    "CONDA_ENVS_PATH": _variable("CONDA_ENVS_PATH"),
    **{
        f"condarc {place}": _condarc_at(place)
        for place in (
            "{home}/.condarc",
            "{home}/.mambarc",
            "{home}/.conda/.condarc",
            "{home}/.conda/condarc",
            "{home}/.conda/condarc.d/a.yml",
            "{home}/.config/conda/.condarc",
            "{root}/xdg/conda/condarc",
            "{root}/xdg/conda/condarc.d/b.yaml",
            "{root}/conda/.condarc",
            "{root}/active/.condarc",
            "{root}/active/condarc.d/a.yml",
            "{root}/rc.yml",
            "{root}/mambarc",
        )
    },
    "~/.conda/envs": _home_default,
    "CONDA_EXE": _executable("CONDA_EXE", ""),
    "CONDA_EXE envs": _executable("CONDA_EXE", "envs/env"),
    "MAMBA_EXE envs": _executable("MAMBA_EXE", "envs/env"),
    "MAMBA_ROOT_PREFIX": _root_variable("MAMBA_ROOT_PREFIX", ""),
    "MAMBA_ROOT_PREFIX envs": _root_variable("MAMBA_ROOT_PREFIX", "envs/env"),
    "CONDA_ROOT envs": _root_variable("CONDA_ROOT", "envs/env"),
    "~/miniforge3": _usual("miniforge3"),
    "~/miniconda3 envs": _usual("miniconda3/envs/env"),
    "~/.local/share/mamba envs": _usual(".local/share/mamba/envs/env"),
    "~/micromamba envs": _usual("micromamba/envs/env"),
    "environments.txt": _registered,
}


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_finds_its_environment(
    source: str, tmp_path: Path, home: Path, env: Env
) -> None:
    """Each place and variable that knows of environments is asked."""
    prefix = SOURCES[source](tmp_path, home, env)
    before = found(env, tmp_path)
    assert prefix not in [one.prefix for one in before]

    prefixes.prefix(prefix)

    new = [one.prefix for one in found(env, tmp_path) if one not in before]
    assert new == [prefix]


def test_the_root_prefixs_own_configuration_counts(tmp_path: Path, env: Env) -> None:
    """conda reads `.condarc` beside itself, which is where images put it."""
    root = prefixes.prefix(tmp_path / "opt/conda")
    env["CONDA_EXE"] = str(root / "bin/conda")
    condarc(root / ".condarc", f"{tmp_path}/data")
    prefixes.prefix(tmp_path / "data/go")

    assert [one.name for one in found(env, tmp_path)] == ["go", "base"]


def test_the_most_specific_source_comes_first(tmp_path: Path, home: Path, env: Env) -> None:
    """Named, active, stacked, pixi, envs_dirs, roots, environments.txt: in that order."""
    env.update(
        CONDA_PREFIX=str(tmp_path / "active"),
        CONDA_PREFIX_1=str(tmp_path / "oldest"),
        CONDA_PREFIX_2=str(tmp_path / "older"),
        CONDA_PREFIX_10=str(tmp_path / "old"),
        CONDA_ENVS_DIRS=str(tmp_path / "dirs"),
        MAMBA_ROOT_PREFIX=str(tmp_path / "mamba"),
    )
    prefixes.write(home / ".conda/environments.txt", f"{tmp_path}/registered\n")
    condarc(home / ".condarc", f"{tmp_path}/configured")
    order = [
        *("named", "active", "old", "older", "oldest", "project/.pixi/envs/default"),
        *("dirs/a", "dirs/b", "configured/c", "home/.conda/envs/d", "mamba", "mamba/envs/e"),
        "registered",
    ]
    for place in reversed(order):
        prefixes.prefix(tmp_path / place)

    environments = found(
        env, tmp_path, explicit=(tmp_path / "named",), cwd=tmp_path / "project/deep/folder"
    )

    assert [str(one.prefix.relative_to(tmp_path)) for one in environments] == order
    sources = list(dict.fromkeys(one.source for one in environments))
    assert sources == ["explicit", "active", "pixi", "envs_dirs", "root", "environments.txt"]


def test_the_later_configuration_file_comes_first(tmp_path: Path, home: Path, env: Env) -> None:
    """As conda ranks its files: the one that $CONDARC names over the home's."""
    env["CONDARC"] = str(tmp_path / "rc")
    condarc(tmp_path / "rc", f"{tmp_path}/special")
    condarc(home / ".condarc", f"{tmp_path}/usual")
    for place in ("usual/a", "special/b"):
        prefixes.prefix(tmp_path / place)

    assert [one.name for one in found(env, tmp_path)] == ["b", "a"]


def test_one_environment_by_two_paths_is_one(tmp_path: Path, home: Path, env: Env) -> None:
    """A link to it, a link above it, and a second mention don't list it again."""
    prefix = prefixes.prefix(tmp_path / "real/envs/go")
    (tmp_path / "link").symlink_to(prefix)
    (tmp_path / "folder").symlink_to(tmp_path / "real")
    env.update(CONDA_PREFIX=str(tmp_path / "link"), CONDA_ENVS_DIRS=f"{tmp_path}/folder/envs")
    prefixes.write(home / ".conda/environments.txt", f"{prefix}/\n{prefix}\n")

    assert [one.prefix for one in found(env, tmp_path)] == [tmp_path / "link"]


def test_what_is_gone_or_no_environment_is_passed_over(
    tmp_path: Path, home: Path, env: Env, caplog: pytest.LogCaptureFixture
) -> None:
    """A removed prefix, a file, a folder without conda-meta, a link to itself: debug lines."""
    caplog.set_level(logging.DEBUG)
    prefixes.write(tmp_path / "envs/file", "")
    prefixes.write(tmp_path / "envs/odd/conda-meta", "a file where a folder should be")
    (tmp_path / "envs/empty").mkdir()
    (tmp_path / "envs/loop").symlink_to("loop")
    good = prefixes.prefix(tmp_path / "envs/good")
    env["CONDA_ENVS_DIRS"] = f"{tmp_path}/envs:{tmp_path}/envs/file:{tmp_path}/nowhere"
    prefixes.write(home / ".conda/environments.txt", f"{tmp_path}/gone\n")

    assert [one.prefix for one in found(env, tmp_path)] == [good]
    assert f"{tmp_path}/gone (environments.txt)" in caplog.text
    assert f"{tmp_path}/envs/file can't be listed" in caplog.text
    assert f"{tmp_path}/nowhere" not in caplog.text
    assert all(record.levelno == logging.DEBUG for record in caplog.records)


def test_relative_and_empty_values_find_nothing(
    tmp_path: Path, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a variable says never depends on where the process happens to stand."""
    prefixes.prefix(tmp_path / "here")
    prefixes.prefix(tmp_path / "here/.pixi/envs/default")
    prefixes.prefix(tmp_path / "here/envs/env")
    monkeypatch.chdir(tmp_path / "here")
    env.update(CONDA_PREFIX="", CONDA_PREFIX_1="", CONDA_PREFIX_2=".", PIXI_PROJECT_ROOT=".")
    env.update(CONDA_ENVS_DIRS="envs:", CONDA_EXE="bin/conda", MAMBA_ROOT_PREFIX="", CONDARC="rc")

    everything = find_environments(env)

    assert [one for one in everything if not one.prefix.is_absolute()] == []
    assert found(env, tmp_path) == []
    assert active_prefix(env) is None


def test_an_explicit_relative_path_counts_from_here(
    tmp_path: Path, env: Env, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person who names a folder means the one in front of them."""
    prefixes.prefix(tmp_path / "env")
    monkeypatch.chdir(tmp_path)

    assert [one.prefix for one in found(env, tmp_path, explicit=("env",))] == [tmp_path / "env"]


def test_configured_folders_may_hold_home_and_variables(
    tmp_path: Path, home: Path, env: Env
) -> None:
    """`~`, $VAR and ${VAR} are filled in; what isn't set is no folder."""
    env.update(A=str(tmp_path / "a"), B="b")
    condarc(home / ".condarc", "~/mine", "$A/x", "${A}/${B}", "$UNSET/x", "relative", "$A$UNSET")
    expected = [home / "mine/e", tmp_path / "a/x/e", tmp_path / "a/b/e"]
    for prefix in (*expected, tmp_path / "a/e"):
        prefixes.prefix(prefix)

    assert [one.prefix for one in found(env, tmp_path)] == expected


BROKEN = {
    "unclosed": b"envs_dirs: [",
    "tabs": b"envs_dirs:\n\t- x",
    "a list": b"- a\n- b",
    "text": b"hello",
    "a number": b"envs_dirs: 12",
    "nested": b"envs_dirs: [[a], {b: c}, 3, null, true]",
    "twice": b"envs_dirs: [a]\nenvs_dirs: [b]",
    "no UTF-8": b"envs_dirs: [\xff\xfe]",
    "NUL": b"envs_dirs: ['/a\0b']",
    "an object": b"envs_dirs: !!python/object/apply:os.system ['touch {0}/ran']",
    "anchors": b"a: &a [*a]",
    "a tag alone": b"!!timestamp envs_dirs",
    "unknown version": b"%YAML 3.0\n---\nenvs_dirs: []",
    "deep": b"[" * 3000,
    "an odd tag": b"!!float 'x'",
    "empty": b"",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_configuration_is_passed_over(
    content: bytes, tmp_path: Path, home: Path, env: Env
) -> None:
    """Nobody's kernels vanish because some other tool's file is broken."""
    prefixes.write(home / ".condarc", content.replace(b"{0}", bytes(tmp_path)))
    env["CONDA_PREFIX"] = str(prefixes.prefix(tmp_path / "env"))

    assert [one.prefix for one in found(env, tmp_path)] == [tmp_path / "env"]
    assert not (tmp_path / "ran").exists()


def test_one_folder_may_stand_without_a_list(tmp_path: Path, home: Path, env: Env) -> None:
    """As people write it; and conda's older name of the setting."""
    prefixes.write(home / ".condarc", f"envs_dirs: {tmp_path}/one\nenvs_path: [{tmp_path}/two]\n")
    for place in ("one/a", "two/b"):
        prefixes.prefix(tmp_path / place)

    assert [one.name for one in found(env, tmp_path)] == ["a", "b"]


def test_named_pipes_and_folders_in_place_of_files_do_no_harm(
    tmp_path: Path, home: Path, env: Env
) -> None:
    """Reading them would wait for ever, or fail."""
    (home / ".conda").mkdir()
    os.mkfifo(home / ".condarc")
    (home / ".conda/.condarc").mkdir()
    (home / ".conda/environments.txt").mkdir()
    (home / ".conda/condarc.d/a.yml").mkdir(parents=True)
    os.mkfifo(home / ".conda/condarc.d/b.yml")
    env["CONDA_PREFIX"] = str(prefixes.prefix(tmp_path / "env"))

    assert [one.prefix for one in found(env, tmp_path)] == [tmp_path / "env"]


NAMES = {
    "envs/science": "science",
    "envs/with conda in it": "with conda in it",
    "miniforge3": "base",
    "project/.pixi/envs/default": "project",
    "project/.pixi/envs/test": "project:test",
    "somewhere/env": "env",
    "envs/.hidden": ".hidden",
}


@pytest.mark.parametrize("place", NAMES)
def test_environments_are_called_as_people_call_them(place: str, tmp_path: Path) -> None:
    """A root is `base`, pixi's go by their project, all others by their folder."""
    prefix = prefixes.prefix(tmp_path / place)
    if NAMES[place] in ("base", "with conda in it"):
        (prefix / "condabin").mkdir()

    assert name_of(prefix) == NAMES[place]


def test_a_root_without_condabin_is_base_too(tmp_path: Path, env: Env) -> None:
    """micromamba's root prefix has none."""
    env["MAMBA_ROOT_PREFIX"] = str(prefixes.prefix(tmp_path / "mamba"))

    assert [one.name for one in found(env, tmp_path)] == ["base"]


@pytest.mark.parametrize("name", ["a b", "a'b", 'a"b', "$HOME", "`id`", "ünï", ".dot", "-rf"])
def test_odd_names_are_found(name: str, tmp_path: Path, env: Env) -> None:
    """A name is bytes in a folder, not syntax."""
    env["CONDA_ENVS_DIRS"] = str(tmp_path / "envs")
    prefix = prefixes.prefix(tmp_path / "envs" / name)

    assert [(one.prefix, one.name) for one in found(env, tmp_path)] == [(prefix, name)]


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS refuses such names itself")
def test_names_that_are_no_utf8_are_found(tmp_path: Path, home: Path, env: Env) -> None:
    """By a folder's listing and by environments.txt."""
    env["CONDA_ENVS_DIRS"] = str(tmp_path / "envs")
    listed = Path(os.fsdecode(os.fsencode(tmp_path) + b"/envs/\xff"))
    registered = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xfe"))
    prefixes.prefix(listed)
    prefixes.prefix(registered)
    prefixes.write(home / ".conda/environments.txt", os.fsencode(registered))

    assert [one.prefix for one in found(env, tmp_path)] == [listed, registered]


def test_a_thousand_environments(tmp_path: Path, env: Env) -> None:
    """All of them, in the order of their names."""
    env["CONDA_ENVS_DIRS"] = str(tmp_path)
    names = [f"env{number:04}" for number in range(1000)]
    for name in reversed(names):
        prefixes.prefix(tmp_path / name)

    assert [one.name for one in found(env, tmp_path)] == names


_WATCHED = """
import sys
from pathlib import Path
started = []
def watch(event, arguments):
    if event.split(".")[0] in ("subprocess", "pty") or event in (
        "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn",
    ):
        started.append(event)
from go_kernel.conda.discovery import find_environments
from go_kernel.toolchain import has_go, in_prefix
sys.addaudithook(watch)
import os
home, prefix = sys.argv[1:]
found = find_environments({"HOME": home, "CONDA_PREFIX": prefix})
names = [(e.name, has_go(e.prefix), in_prefix(e.prefix).version)
         for e in found if prefix == str(e.prefix)]
seen = list(started)
os.system(":")
print(__import__("json").dumps([names, seen, started]))
"""


def test_no_process_is_started(tmp_path: Path, home: Path) -> None:
    """Discovery looks at files, and so does looking for Go in what it finds."""
    prefix = prefixes.go_prefix(tmp_path / "envs/go")
    condarc(home / ".condarc", f"{tmp_path}/envs")

    names, seen, started = unprivileged.run(_WATCHED, home, prefix)

    assert names == [["go", "1.26.6", "1.26.6"]]
    assert seen == []
    assert started == ["os.system"]  # the watch itself works


_AS_NOBODY = """
from pathlib import Path
from go_kernel.conda.discovery import find_environments
import ruamel.yaml
base = Path(sys.argv[1])
drop()
closed = str(base / "closed")
env = {"HOME": closed, "XDG_CONFIG_HOME": closed, "CONDA_PREFIX": f"{closed}/env",
       "CONDA_ENVS_DIRS": f"{closed}/envs:{base}/envs",
       "CONDA_EXE": f"{closed}/bin/conda", "CONDARC": f"{closed}/rc"}
print(json.dumps([e.name for e in find_environments(env, cwd=base / "closed/project")
                  if e.prefix.is_relative_to(base)]))
"""


def test_what_may_not_be_entered_is_passed_over() -> None:
    """A home, a root or an environment that is somebody else's hides nothing of ours."""
    with unprivileged.open_folder() as base:
        for place in ("closed/env", "closed/envs/a", "envs/b", "envs/c", "envs/d"):
            prefixes.prefix(base / place)
        prefixes.write(base / "closed/.condarc", "envs_dirs: [/x]")
        (base / "envs/c").chmod(0)
        (base / "closed").chmod(0)
        try:
            assert unprivileged.run(_AS_NOBODY, base) == ["b", "d"]
        finally:
            (base / "closed").chmod(0o700)
            (base / "envs/c").chmod(0o700)


def test_nothing_but_files_is_needed(tmp_path: Path) -> None:
    """An empty process environment is fine."""
    assert found({}, tmp_path) == []
