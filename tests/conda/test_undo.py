"""A server started in an activated environment hands nothing of it to another's kernel."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rattler.shell import ActivationVariables, PathModificationBehavior, Shell
from rattler.shell import activate as rattler_activate

from go_kernel.cache import Cache
from go_kernel.conda.activation import activate
from go_kernel.conda.bookkeeping import inherited_prefixes, undo
from go_kernel.resolve import Target, resolve
from tests import prefixes
from tests.conftest import CondaPrefix

Env = dict[str, str]
PLAIN = {"HOME": "/home/me", "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}


def undone(env: Mapping[str, str]) -> Env:
    """What is left of a process environment."""
    values = {**env, **undo(env)}
    return {name: value for name, value in values.items() if value is not None}


def conda_activates(env: Mapping[str, str], prefix: Path, *, stack: bool = False) -> Env:
    """What `conda activate` makes of `env`, scripts aside.

    ref: https://github.com/conda/conda/blob/main/conda/activate.py
    """
    level = int(env.get("CONDA_SHLVL") or 0)
    old = env.get("CONDA_PREFIX", "")
    variables: dict[str, str] = {}
    folder = prefix / "etc/conda/env_vars.d"
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        variables |= json.loads(path.read_text())
    variables = {name.upper(): value for name, value in variables.items()}
    path = env["PATH"].split(":")
    at = path.index(f"{old}/bin") if level and not stack else 0
    path[at : at + bool(level and not stack)] = [f"{prefix}/bin"]
    return {
        **env,
        **{f"__CONDA_SHLVL_{level}_{name}": env[name] for name in variables if name in env},
        **variables,
        **({f"CONDA_PREFIX_{level}": old} if level else {}),
        **({f"CONDA_STACKED_{level + 1}": "true"} if stack and level else {}),
        "PATH": ":".join(path),
        "CONDA_PREFIX": str(prefix),
        "CONDA_SHLVL": str(level + 1),
        "CONDA_DEFAULT_ENV": prefix.name,
        "CONDA_PROMPT_MODIFIER": f"({prefix.name}) ",
    }


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The environment that is active in the parent."""
    return prefixes.prefix(tmp_path / "envs" / "old")


def test_nothing_active_nothing_changes() -> None:
    """Not even variables that look a little like conda's."""
    env = {**PLAIN, "CONDA_EXE": "/opt/conda/bin/conda", "CONDARC": "/x", "MY_CONDA_PREFIX": "/y"}

    assert undo(env) == {}


def test_condas_own_variables_and_path_entries_go(old: Path) -> None:
    """Those of deeper levels too; condabin stays."""
    active = conda_activates(conda_activates(PLAIN, old.parent / "older"), old, stack=True)
    condabin = f"{old}/condabin"
    active["PATH"] = f"{condabin}:{active['PATH']}:{old}:{old}2/bin"
    active |= {
        "_CE_CONDA": "",
        "CONDA_EXE": "/opt/bin/conda",
        "_CONDA_X": "1",
        "PIXI_IN_SHELL": "1",
    }

    assert undone(active) == {
        **PLAIN,
        "PATH": f"{condabin}:{PLAIN['PATH']}:{old}2/bin",
        "CONDA_EXE": "/opt/bin/conda",
        "_CE_CONDA": "",
    }


def test_a_deactivated_shell_is_clean() -> None:
    """conda leaves empty variables behind."""
    env = {**PLAIN, "CONDA_PREFIX": "", "CONDA_DEFAULT_ENV": "", "CONDA_SHLVL": "0"}

    assert inherited_prefixes(env) == []
    assert undone(env) == PLAIN


def test_variables_of_files_get_their_old_values_back(old: Path) -> None:
    """Those that conda put aside; the others go."""
    prefixes.package_variables(
        old, "a.json", {"NEW": "1", "KEPT": "env", "SAME": "s", "TOUCHED": "e"}
    )
    before = {**PLAIN, "KEPT": "mine", "SAME": "s", "OTHER": "x"}
    active = conda_activates(before, old) | {"TOUCHED": "by me since"}

    assert undone(active) == {**before, "TOUCHED": "by me since"}


@pytest.mark.parametrize("stack", [False, True], ids=["one after the other", "stacked"])
def test_nested_environments_that_set_the_same(old: Path, stack: bool) -> None:
    """The value of the environment below isn't taken for the person's own."""
    inner = prefixes.prefix(old.parent / "inner")
    prefixes.package_variables(old, "a.json", {"A": "old", "B": "old", "ONLY_OLD": "x"})
    prefixes.package_variables(inner, "a.json", {"A": "inner", "B": "inner", "C": "mine"})
    before = {**PLAIN, "B": "mine", "C": "mine"}

    assert undone(conda_activates(conda_activates(before, old), inner, stack=stack)) == before


def test_what_packages_put_aside_comes_back(old: Path) -> None:
    """As their scripts keep it; an empty value stands for "was not set"."""
    active = conda_activates(PLAIN, old) | {
        "CC": f"{old}/bin/cc",
        "CONDA_BACKUP_CC": "clang",
        "CFLAGS": "-O2",
        "CONDA_BACKUP_CFLAGS": "",
        "CONDA_BACKUP_HOST": "",
        "HOST": "x86_64-conda-linux-gnu",
        "CONDA_BACKUP_PATH": "/evil",
        "CONDA_BACKUP_CONDA_PREFIX": "/evil",
    }

    assert undone(active) == {**PLAIN, "CC": "clang"}


def test_a_backup_that_is_another_inherited_environments_goes(old: Path) -> None:
    """Two stacked environments with compilers: neither's is left."""
    inner = prefixes.prefix(old.parent / "inner")
    active = conda_activates(conda_activates(PLAIN, old), inner, stack=True) | {
        "CC": f"{inner}/bin/cc",
        "CONDA_BACKUP_CC": f"{old}/bin/cc",
        "PKG_CONFIG_PATH": f"{inner}/lib/pkgconfig",
        "CONDA_BACKUP_PKG_CONFIG_PATH": f"{old}/lib/pkgconfig:/mine",
    }

    assert undone(active) == {**PLAIN, "PKG_CONFIG_PATH": "/mine"}


def test_a_backup_of_what_a_file_set_is_the_files(old: Path) -> None:
    """Layout B's go.json and then layout A's script, in one environment."""
    prefixes.package_variables(old, "go.json", {"MODE": "conda"})
    active = conda_activates(PLAIN, old) | {"CONDA_BACKUP_MODE": "conda", "MODE": "script"}

    assert undone(active) == PLAIN


INSIDE = {
    "JAVA_HOME": ("{old}/lib/jvm", None),
    "SSL_CERT_FILE": ("{old}/ssl/cacert.pem", None),
    "CMAKE_ARGS": ("-DCMAKE_AR={old}/bin/ar -DX=1", None),
    "MY_FLAGS": ("-O2 -I{old}/include", None),
    "FIRST_FLAGS": ("-L{old}/lib", None),
    "LINK": ("-Wl,-rpath,{old}/lib", None),
    "URL": ("file://{old}/share", None),
    "QUOTED": ("'{old}/x'", None),
    "ITSELF": ("{old}", None),
    "LD_LIBRARY_PATH": ("{old}/lib:/usr/lib:{old}/lib64", "/usr/lib"),
    "MANPATH": ("{old}/share/man::", ":"),
    "XDG_DATA_DIRS": ("/usr/share:{old}/share", "/usr/share"),
    "PYTHONPATH": ("{old}/lib/python", None),
}
OUTSIDE = {
    "A_SIBLING": "{old}-2/bin",
    "A_COPY": "/mnt/backup{old}/bin",
    "A_LONGER_NAME": "{old}er",
    "A_SIBLING_PATH": "{old}2/bin:/mnt{old}/bin",
    "A_DASH": "/x/foo-bar{old}/y",
    "THE_PARENT": "{parent}",
}


@pytest.mark.parametrize("name", INSIDE)
def test_values_that_point_into_the_old_prefix_go(name: str, old: Path) -> None:
    """Of a list of folders only those entries."""
    value, expected = INSIDE[name]
    active = conda_activates(PLAIN, old) | {name: value.format(old=old)}

    assert undone(active) == PLAIN | ({name: expected} if expected is not None else {})


@pytest.mark.parametrize("name", OUTSIDE)
def test_values_that_only_look_like_it_stay(name: str, old: Path) -> None:
    """A path counts as a whole."""
    value = OUTSIDE[name].format(old=old, parent=old.parent)

    assert undone(conda_activates(PLAIN, old) | {name: value}) == {**PLAIN, name: value}


@pytest.mark.parametrize(
    "name",
    [
        *("HOME", "PWD", "TMPDIR", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"),
        *("JPY_SESSION_NAME", "CONDA_EXE", "CONDA_PYTHON_EXE", "MAMBA_EXE", "MAMBA_ROOT_PREFIX"),
        *("CONDA_ENVS_DIRS", "CONDARC"),
    ],
)
def test_a_persons_own_places_may_lie_inside(name: str, old: Path) -> None:
    """A container's home is often below the base environment, and conda itself is in it."""
    mine = {**PLAIN, name: f"{old}/home"}

    assert undone(conda_activates(mine, old)) == mine


@pytest.mark.parametrize("prefix", ["/", "//", "/usr", "/usr/", "relative", ".", "~"])
def test_a_nonsensical_prefix_takes_nothing_away(prefix: str) -> None:
    """Least of all the system's folders."""
    assert undone({**PLAIN, "CONDA_PREFIX": prefix, "CONDA_PREFIX_1": prefix}) == PLAIN


@pytest.mark.parametrize("name", ["a b", "a.b", "a+b(c)[d]", "ünï", "$x", "a\nb", "back\\slash"])
def test_odd_prefixes_are_undone(name: str, tmp_path: Path) -> None:
    """Their characters mean nothing special; a trailing slash changes nothing."""
    old = prefixes.prefix(tmp_path / name)
    active = conda_activates(PLAIN, old) | {"X": f"{old}/x", "Y": f"{tmp_path}/a-b/x"}
    active["CONDA_PREFIX"] += "/"

    assert undone(active) == {**PLAIN, "Y": f"{tmp_path}/a-b/x"}


def test_a_prefix_that_is_gone_is_undone_all_the_same(tmp_path: Path) -> None:
    """Removed since, or on a disk that isn't mounted."""
    active = conda_activates(PLAIN, tmp_path / "gone") | {"X": f"{tmp_path}/gone/x"}

    assert undone(active) == PLAIN


def test_hostile_bookkeeping(old: Path) -> None:
    """Numbers beyond reason, loops and other odd variables: no error, nothing kept."""
    env = {
        **conda_activates(PLAIN, old),
        "CONDA_PREFIX_99999999": str(old),
        f"__CONDA_SHLVL_{'9' * 5000}_X": "1",
        "__CONDA_SHLVL_١_X": "1",
        "CONDA_SHLVL": "many",
        "CONDA_BACKUP_": "x",
        "CONDA_BACKUP_CONDA_BACKUP_X": "y",
        "__CONDA_SHLVL_0_CONDA_PREFIX": "/evil",
    }

    left = undone(env)

    assert {name: left[name] for name in PLAIN} == PLAIN
    assert "CONDA_PREFIX" not in left
    assert "X" not in left


# Generated environments.

_NAMES = st.sampled_from(["FOO", "BAR", "TOOL_HOME", "LIBS_PATH"])
_PERSONS = st.sampled_from(["a", "b", "/mine", "/mine:/yours", "x y"])
_VALUES = st.sampled_from(["a", "b", "/mine", "{prefix}", "{prefix}/lib", "{prefix}/lib:/more"])


@settings(max_examples=150, deadline=None)
@given(
    person=st.dictionaries(_NAMES, _PERSONS),
    environments=st.lists(
        st.tuples(st.dictionaries(_NAMES, _VALUES), st.booleans()), min_size=1, max_size=3
    ),
)
def test_any_stack_of_activations_is_undone(
    person: Env, environments: list[tuple[Env, bool]]
) -> None:
    """Whatever the environments' files set, over whatever a person had set."""
    before = {**PLAIN, **person}
    env = before
    with tempfile.TemporaryDirectory() as folder:
        for number, (variables, stack) in enumerate(environments):
            prefix = prefixes.prefix(Path(folder, f"env{number}"))
            filled = {name: value.format(prefix=prefix) for name, value in variables.items()}
            prefixes.package_variables(prefix, "a.json", filled)
            env = conda_activates(env, prefix, stack=stack)

        assert undone(env) == before


_number = count()


@settings(max_examples=25, deadline=None)
@given(
    person=st.dictionaries(_NAMES, _PERSONS),
    files=st.dictionaries(_NAMES, _VALUES),
    scripted=st.dictionaries(_NAMES, _VALUES),
)
def test_a_kernel_does_not_depend_on_what_was_active(
    person: Env, files: Env, scripted: Env, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Started from a shell in which another environment was active by our own activation."""
    folder = tmp_path_factory.mktemp(f"property{next(_number)}")
    old = prefixes.prefix(folder / "old")
    target = prefixes.go_prefix(folder / "target")
    cache = Cache(folder / "cache")
    prefixes.package_variables(
        old, "a.json", {name: value.format(prefix=old) for name, value in files.items()}
    )
    lines = [
        f'export CONDA_BACKUP_{name}="${{{name}:-}}"; export {name}="{value.format(prefix=old)}"'
        for name, value in scripted.items()
        if name not in person  # our scripts don't see a person's variables, so can't keep them
    ]
    prefixes.script(old, "a.sh", "\n".join(lines))
    before = {**PLAIN, "HOME": str(folder), **person}
    active = conda_activates(before, old)
    for change in activate(old, "old", before, cache=cache).changes:
        active[change.name] = change.value or ""

    plain = resolve(Target("t", target), before, cache=cache).environment
    nested = resolve(Target("t", target), active, cache=cache).environment

    assert nested.as_dict() == plain.as_dict()


# Real ones.


def in_a_shell(script: str, env: Mapping[str, str]) -> Env:
    """The environment after a script."""
    printed = subprocess.run(
        ["bash", "--noprofile", "--norc", "-c", f"{script}\nenv -0"],
        env=env,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    values = dict(item.split("=", 1) for item in printed.split("\0") if item)
    return {name: value for name, value in values.items() if name not in ("PWD", "SHLVL", "_")}


@pytest.mark.parametrize(
    ("inherited", "wanted"),
    [(("1.22",), "1.27"), (("1.27",), "1.22"), (("1.22", "1.27"), "1.26"), (("1.26",), "1.26")],
    ids=["A then B", "B then A", "A, B, then B", "itself"],
)
def test_real_compilers_and_flags_of_another_environment(
    inherited: tuple[str, ...],
    wanted: str,
    conda_prefix: CondaPrefix,
    clean_env: Env,
    tmp_path: Path,
) -> None:
    """With conda-forge's compiler scripts in force, the kernel is as if they had never run."""
    env = {**clean_env, "GOPRIVATE": "corp.example", "CFLAGS": "-O0"}
    active = env
    below: Path | None = None
    for version in inherited:
        prefix = conda_prefix(f"go={version}", "go-cgo")
        script = rattler_activate(
            prefix,
            ActivationVariables(below, active["PATH"].split(":"), PathModificationBehavior.Replace),
            Shell.bash,
        ).script
        active = in_a_shell(script, active)
        below = prefix
    assert active["CC"].startswith(f"{below}/bin/")
    target = Target("demo", conda_prefix(f"go={wanted}", "go-cgo"))
    cache = Cache(tmp_path / "cache")

    plain = resolve(target, env, cache=cache).environment
    nested = resolve(target, active, cache=cache).environment

    assert nested.as_dict() == plain.as_dict()
    assert [f.id for f in nested.findings] == [f.id for f in plain.findings]
