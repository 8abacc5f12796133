"""From a machine that has a network to one that has none, as docs/offline.md tells it.

What is fetched comes from the dev cache where that has it; the second machine's programs run
in a network namespace that has loopback and nothing else, in a home where nothing is.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest

from tests.conftest import CondaPrefix
from tests.offline import nonet, plain_python, transcript
from tests.offline.machine import Machine
from tests.offline.transcript import Step, without_chance

ROOT = Path(__file__).parents[2]
CI = ROOT / "examples" / "ci"
PAGE = (ROOT / "docs" / "offline.md").read_text()
ARCHIVE = "course.gokernel.tar.zst"
SOMEBODY = 2019
_NETWORK = ("GOPROXY", "HTTP_PROXY", "HTTPS_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")

UUID = """\
import ("fmt"; "github.com/google/uuid")
%%
fmt.Println(uuid.NewSHA1(uuid.NameSpaceDNS, []byte("example.org")).Version())
"""
MISSING = """\
import "github.com/nobody/hasnot"
%%
hasnot.Do()
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all machines."""
    if reason := nonet.cannot():
        pytest.skip(reason)
    return tmp_path_factory.mktemp("machines")


@pytest.fixture(scope="module")
def online(base: Path, dev_cache: Path) -> Machine:
    """A machine with this one's network; what it downloads stays in the dev cache."""
    passed = {name: os.environ[name] for name in _NETWORK if name in os.environ}
    caches = {name: str(dev_cache / name.lower()) for name in ("GOMODCACHE", "GOCACHE")}
    # Not every machine that tests reaches the checksum database.
    machine = Machine(base / "online", {**passed, **caches, "GOSUMDB": "off"}, online=True)
    shutil.copytree(CI, machine.home / "course")
    return machine


@pytest.fixture(scope="module")
def offline(base: Path, dev_cache: Path) -> Machine:
    """A machine without network, without an embedded Go, without modules."""
    folder = base / "offline"
    python = plain_python.make(folder / "python")
    return Machine(folder, {"GOCACHE": str(dev_cache / "gocache")}, python=python)


@dataclass(frozen=True)
class Walked:
    """A transcript of the docs, and what the same commands printed here."""

    steps: list[Step]
    printed: list[str]


@pytest.fixture(scope="module")
def made(online: Machine) -> Walked:
    """What is typed where there is a network."""
    return _walk("online", online)


@pytest.fixture(scope="module")
def digest(made: Walked) -> str:
    """The SHA-256 that `create` printed."""
    found = _DIGEST.search(made.printed[0])
    assert found is not None
    return found[0]


@pytest.fixture(scope="module")
def used(made: Walked, digest: str, online: Machine, offline: Machine) -> dict[str, Walked]:
    """What is typed where there is none, in a copy of the folder."""
    shutil.copytree(online.home / "course", offline.home / "course")
    return {name: _walk(name, offline, digest) for name in ("offline", "shell")}


def _walk(name: str, machine: Machine, digest: str = "") -> Walked:
    steps = transcript.steps(PAGE, name)
    commands = [_DIGEST.sub(digest, step.command) for step in steps]
    folder = machine.home / "course"
    printed = [machine.sh(command, folder) for command in commands]
    return Walked(steps, [text.replace(str(machine.home), "/home/ada") for text in printed])


def _differences(walked: Walked) -> str:
    """The transcript as it would have to be; "" where it is so."""
    told = [without_chance(step.printed) for step in walked.steps]
    came = [without_chance(printed) for printed in walked.printed]
    if told == came:
        return ""
    pairs = zip(walked.steps, walked.printed, strict=True)
    return "\n" + "".join(f"$ {step.command}\n{printed}" for step, printed in pairs)


def test_transcripts_in_the_docs(made: Walked, used: dict[str, Walked]) -> None:
    """Each command prints what the docs show, on either machine."""
    assert _differences(made) == ""
    assert _differences(used["offline"]) == ""
    assert _differences(used["shell"]) == ""


def test_the_notebook_was_executed(used: dict[str, Walked], offline: Machine) -> None:
    """With the project's own package, what that needs, and what the notebook imports."""
    notebook = nbformat.read(offline.home / "course" / "notebooks" / "march.ipynb", as_version=4)
    printed = "".join(out.text for cell in notebook.cells for out in cell.get("outputs", []))

    assert "invoice 3566b248-5fbc-5a7c-aa97-a7036cd40efc\n" in printed
    assert "total          1108.97\n" in printed
    assert "version VERSION_5 <nil>\n" in printed


def test_nothing_of_the_first_machine_is_used(used: dict[str, Walked], offline: Machine) -> None:
    """Modules lie in the home of who is offline, Go is the bundle's, and there is no way out."""
    course = offline.home / "course"
    shell = 'eval "$(jupyter gokernel env --kernel go-course --shell sh)" && go env '
    modules, goroot, proxies = offline.sh(f"{shell} GOMODCACHE GOROOT GOPROXY", course).split()

    assert Path(modules).is_relative_to(offline.home)
    assert Path(goroot).is_relative_to(offline.home)
    assert proxies.startswith("file:///")
    assert "," not in proxies
    # And the same command fails where it would need one.
    done = offline.run("/bin/sh", "-c", f"{shell} -w GOPROXY=; go list -m x.invalid/y@latest")
    assert done.returncode != 0


def test_a_package_that_no_bundle_holds(used: dict[str, Walked], offline: Machine) -> None:
    """One sentence, as in the docs, with the command for the other machine and that for this."""
    said = offline.outputs("go-course", MISSING)[0]
    shown = re.search(r"(?s)<!-- missing -->\n```text\n(.*?)```", PAGE)
    assert shown is not None

    assert " ".join(shown[1].split()) in " ".join(said.split())
    assert "jupyter gokernel bundle create --module github.com/nobody/hasnot@latest" in said


def test_gonb(used: dict[str, Walked], offline: Machine) -> None:
    """It is built of the bundle's modules, imports from it, and says the same of what it hasn't."""
    offline.sh("jupyter gokernel install --offline --engine gonb --name gonb-course")
    printed, missing = offline.outputs("gonb-course", UUID, MISSING)

    assert "VERSION_5" in printed
    assert "jupyter gokernel bundle create --module github.com/nobody/hasnot@latest" in missing


def test_a_conda_environment(
    used: dict[str, Walked], offline: Machine, conda_prefix: CondaPrefix
) -> None:
    """A Go that came another way builds the engine of the bundle, and imports from it."""
    prefix = conda_prefix("go=1.26")
    offline.sh(f"jupyter gokernel install --offline --env {prefix} --name go-conda")
    version = 'import "runtime"\nruntime.Version()'
    printed, found = offline.outputs("go-conda", UUID, version)

    assert printed.endswith("VERSION_5\n")
    assert "go1.26" in found


def test_make_offline(made: Walked, online: Machine, offline: Machine) -> None:
    """examples/ci: one command restores the bundle, builds, tests, and executes the notebooks."""
    folder = offline.home / "checkout"
    shutil.copytree(CI, folder)
    shutil.copy(online.home / "course" / ARCHIVE, folder)
    online.sh(f"sha256sum {ARCHIVE} > {folder / ARCHIVE}.sha256", online.home / "course")

    # The engine is built already: what is new here is the Makefile.
    engines = offline.home / ".local/share/jupyter-gokernel/engines"
    assert engines.is_dir()

    said = offline.sh(f"make offline BUNDLE={ARCHIVE} GOKERNEL_STORE={engines}", folder)

    assert "ok  \texample.org/invoices" in said
    executed = nbformat.read(folder / "executed" / "march.ipynb", as_version=4)
    assert any(cell.get("outputs") for cell in executed.cells)
    # The person's own kernels are what they were.
    assert "go-ci" not in offline.sh("jupyter gokernel list")


def test_make_takes_no_other_bundle(made: Walked, offline: Machine, online: Machine) -> None:
    """One whose SHA-256 isn't that in the repository ends it, before anything is made of it."""
    folder = offline.home / "other"
    shutil.copytree(CI, folder)
    shutil.copy(online.home / "course" / ARCHIVE, folder)
    (folder / f"{ARCHIVE}.sha256").write_text(f"{'0' * 64}  {ARCHIVE}\n")
    done = offline.run("make", "offline", f"BUNDLE={ARCHIVE}", cwd=folder)

    assert done.returncode != 0
    assert "SHA-256" in done.stderr
    assert not list((folder / ".gokernel").glob("bundles/[0-9a-f]*"))


def test_a_bundle_behind_a_server_of_files(used: dict[str, Walked], offline: Machine) -> None:
    """The docs' own command makes a module proxy of one, with versions to choose of."""
    [bundle] = (offline.home / ".local/share/jupyter-gokernel/bundles").glob("[0-9a-f]*")
    line = f"""
        answers='import socket; socket.create_connection(("127.0.0.1", 3000)).close()'
        python -m http.server --bind 127.0.0.1 --directory {bundle}/proxy 3000 2>/dev/null &
        server=$!; trap 'kill $server; wait $server || :' EXIT
        eval "$(jupyter gokernel env --kernel go-course --shell sh)"
        until python -c "$answers" 2>/dev/null; do kill -0 $server; done
        mkdir served && cd served && go mod init example.org/served 2>/dev/null
        export GOMODCACHE=$PWD/modules GOFLAGS=-modcacherw GOPROXY=http://127.0.0.1:3000,off
        go get github.com/google/uuid 2>&1 && go list -m all
    """

    assert "github.com/google/uuid v1.6.0" in offline.sh(f"set -e; {line}")


_ATHENS = """
import os, subprocess, sys
from pathlib import Path
from tests.hub import athens
proxy, folder = sys.argv[1], Path(sys.argv[2])
(folder / "project").mkdir(parents=True)
with athens.running(folder / "athens", {**os.environ, "GOPROXY": f"file://{proxy},off"}) as served:
    shell = 'go mod init example.org/served && go get github.com/google/uuid && go list -m all'
    subprocess.run(["sh", "-ec", shell], env={**os.environ, "GOPROXY": f"{served.url},off"},
                   cwd=folder / "project", check=True)
"""


def test_athens_serves_a_bundle(used: dict[str, Walked], offline: Machine, dev_cache: Path) -> None:
    """As the docs have it: a site's Athens needs no network where it is given a bundle."""
    [bundle] = (offline.home / ".local/share/jupyter-gokernel/bundles").glob("[0-9a-f]*")
    program = offline.home / "athens.py"
    program.write_text(_ATHENS)
    line = f"""
        eval "$(jupyter gokernel env --kernel go-course --shell sh)"
        export GOMODCACHE=$HOME/served-modules GOFLAGS=-modcacherw GOKERNEL_DEV_CACHE={dev_cache}
        {sys.executable} {program} {bundle}/proxy {offline.home}/served-by-athens
    """

    assert "github.com/google/uuid v1.6.0" in offline.sh(line)


@pytest.fixture
def somebody(base: Path, dev_cache: Path, used: dict[str, Walked], offline: Machine) -> Machine:
    """A machine of somebody whose programs run in a user namespace that knows nobody else.

    The engine is the one that was built on the other machine without network.
    """
    if reason := nonet.cannot(SOMEBODY):
        pytest.skip(reason)
    # What they compile is kept from run to run, as everybody else's is.
    compiled = dev_cache / "gocache-somebody"
    compiled.mkdir(exist_ok=True)
    folder = base / "somebody"
    python = plain_python.make(folder / "python")
    shutil.copytree(CI, folder / "home" / "course")
    engines = Path("home/.local/share/jupyter-gokernel/engines")
    without = shutil.ignore_patterns(".plugins", "gonb-*")
    shutil.copytree(offline.folder / engines, folder / engines, symlinks=True, ignore=without)
    for one in (compiled, folder, *folder.rglob("*")):
        os.chown(one, SOMEBODY, SOMEBODY, follow_symlinks=False)
    env = {"GOCACHE": str(compiled)}
    return Machine(folder, env, python=python, uid=SOMEBODY, needs=[compiled])


def test_somebody_without_rights(
    made: Walked, digest: str, online: Machine, somebody: Machine
) -> None:
    """The same three commands; and the project is built and tested with the kernel's Go."""
    course = somebody.home / "course"
    shutil.copy(online.home / "course" / ARCHIVE, course)
    for step in transcript.steps(PAGE, "offline"):
        somebody.sh(_DIGEST.sub(digest, step.command), course)
    tested = somebody.sh(transcript.steps(PAGE, "shell")[0].command, course)

    notebook = nbformat.read(course / "notebooks" / "march.ipynb", as_version=4)
    assert "total          1108.97" in str(notebook)
    assert tested.startswith("ok  \texample.org/invoices")
