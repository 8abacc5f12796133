"""From a prefix or a GOROOT to a kernel's environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from go_kernel.cache import Cache
from go_kernel.conda.activation import BadPrefix
from go_kernel.findings import FindingError
from go_kernel.resolve import Target, resolve
from tests import prefixes, unprivileged

PLAIN = {"PATH": "/usr/bin:/bin", "HOME": "/home/me"}


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    """An empty cache."""
    return prefixes.cache(tmp_path)


@pytest.mark.parametrize("path", ["/a:b", "/a\nb", "/a\0b", "relative/env"])
@pytest.mark.parametrize("kind", ["prefix", "goroot"])
def test_a_path_that_no_path_could_hold_is_refused(kind: str, path: str, cache: Cache) -> None:
    """A colon would end its entry; in conda and outside."""
    with pytest.raises(BadPrefix) as caught:
        resolve(Target("t", **{kind: Path(path)}), PLAIN, cache=cache)

    assert "\n" not in str(caught.value)


def test_a_missing_toolchain_is_an_error_that_names_it(tmp_path: Path, cache: Cache) -> None:
    """Whatever else is wrong."""
    prefix = prefixes.prefix(tmp_path / "env")
    prefixes.package_variables(prefix, "a.json", "broken")

    with pytest.raises(FindingError, match="holds no Go") as caught:
        resolve(Target("t", prefix), {}, cache=cache)

    assert caught.value.id == "toolchain.missing"


def test_what_is_wrong_is_said_about_the_environment(tmp_path: Path, cache: Cache) -> None:
    """Each finding of an activation names the prefix, for those who look at many."""
    prefix = prefixes.go_prefix(tmp_path / "env")
    prefixes.package_variables(prefix, "a.json", "broken")
    prefixes.script(prefix, "a.sh", "exit 1")

    environment = resolve(Target("t", prefix), PLAIN, cache=cache).environment

    about = {f.id: f.environment for f in environment.findings if f.id.startswith("activation.")}
    assert about == {
        "activation.variables-unreadable": str(prefix),
        "activation.script-exited": str(prefix),
    }


def test_looking_without_running(tmp_path: Path, cache: Cache) -> None:
    """A poll shows what is known, and says that the scripts' part isn't."""
    prefix = prefixes.go_prefix(tmp_path / "env")
    prefixes.script(prefix, "a.sh", f"touch {tmp_path}/ran; export A=1")

    looked = resolve(Target("t", prefix), PLAIN, cache=cache, may_run_scripts=False).environment

    assert not (tmp_path / "ran").exists()
    assert looked.get("A") == ""
    assert "activation.not-run" in [f.id for f in looked.findings]
    assert looked.errors == ()
    assert resolve(Target("t", prefix), PLAIN, cache=cache).environment.get("A") == "1"
    known = resolve(Target("t", prefix), PLAIN, cache=cache, may_run_scripts=False).environment
    assert known.get("A") == "1"


_WATCHED = """
started = []
def watch(event, arguments):
    if event.split(".")[0] == "subprocess" or event in ("os.system", "os.exec", "os.fork",
                                                        "os.posix_spawn", "os.forkpty"):
        started.append(event)
from pathlib import Path
from go_kernel.cache import Cache
from go_kernel.resolve import Target, resolve
sys.addaudithook(watch)
base = Path(sys.argv[1])
env = {"HOME": str(base), "PATH": "/usr/bin:/bin", "CONDA_PREFIX": str(base / "old")}
counts = []
for name in ("quiet", "scripted", "scripted"):
    resolve(Target(name, base / name), env, cache=Cache(base / "cache"))
    counts.append(len(started))
print(json.dumps(counts))
"""


def test_no_process_but_the_environments_scripts(tmp_path: Path) -> None:
    """Once, in one bash; not those of the environment that was active."""
    prefixes.go_prefix(tmp_path / "quiet")
    for name in ("old", "scripted"):
        prefix = prefixes.go_prefix(tmp_path / name)
        for script in ("a.sh", "b.sh", "c.sh"):
            prefixes.script(prefix, script, f"export FROM={name}")
        prefixes.write(prefix / "etc/conda/deactivate.d/a.sh", f"touch {tmp_path}/deactivated")

    assert unprivileged.run(_WATCHED, tmp_path) == [0, 1, 1]
    assert not (tmp_path / "deactivated").exists()
