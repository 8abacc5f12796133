"""Imports where bundles hold the modules: their go.sum, and no network at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from go_kernel.engines.store import Build
from go_kernel.toolchain import Toolchain
from tests.engines.conftest import StartKernel, run_kernel
from tests.engines.proxy import LIB, Proxy, saying
from tests.gofaults import closed
from tests.health.loopback import sums_of, verifier
from tests.kernels import CellFailed, Kernel

TOP = "example.test/top"
FORGED = "h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
ADVICE = (
    "Where there is a network: jupyter gokernel bundle create --module {} -o FILE; then here: "
    "jupyter gokernel bundle use FILE, and restart the kernel"
)


@dataclass(frozen=True)
class Bundle:
    """What a bundle in a store holds of modules."""

    folder: Path

    @classmethod
    def made(cls, folder: Path, **versions: str) -> Bundle:
        """One of a module that says something else in each version."""
        bundle = cls(folder)
        for version, text in versions.items():
            bundle.publish(LIB, version.replace("_", "."), saying(text))
        return bundle

    @property
    def proxy(self) -> Proxy:
        return Proxy(self.folder / "proxy")

    @property
    def sums(self) -> Path:
        return self.folder / "go.sum"

    def publish(self, path: str, version: str, files: Mapping[str, str], more: str = "") -> None:
        """Add a module, and its lines to go.sum."""
        self.proxy.publish(path, version, files, more=more)
        lines = sums_of(path, version, self.proxy.folder, self.folder / "work")
        with self.sums.open("a") as sums:
            sums.write(lines)


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    """With versions v0.1.0 and v0.2.0 of a module."""
    return Bundle.made(tmp_path / "bundles" / "b1", v0_1_0="one", v0_2_0="two")


@pytest.fixture
def unreachable() -> Iterator[str]:
    """A checksum database that nobody can ask."""
    with closed() as address:
        yield f"{verifier()} http://{address}"


Using = Callable[..., dict[str, str]]


@pytest.fixture
def using(tmp_path: Path) -> Using:
    """Variables of a kernel that uses bundles, and keeps what it compiles in this test's folder."""

    def variables(*bundles: Bundle, **more: str) -> dict[str, str]:
        return {
            "GOPROXY": ",".join(one.proxy.url for one in bundles) or "off",
            "GOKERNEL_SUMS": ":".join(str(one.sums) for one in bundles),
            "GOMODCACHE": str(tmp_path / "modcache"),
            "GOKERNEL_PLUGINS": str(tmp_path / "store" / "x"),
            **more,
        }

    return variables


OFFLINE = {"GOKERNEL_OFFLINE": "1", "GONOPROXY": "none", "GOVCS": "*:off"}


@pytest.fixture
def gonb(
    built: Callable[..., Build],
    toolchain_of: Callable[[str], Toolchain],
    kernel_variables: Callable[..., dict[str, str]],
    tmp_path: Path,
) -> Callable[..., AbstractContextManager[Kernel]]:
    """`with gonb("1.26", NAME=value) as kernel`: a running GoNB, no provisioner."""

    @contextmanager
    def running(version: str, **more: str) -> Iterator[Kernel]:
        chain = toolchain_of(version)
        engine = built(version, engine="gonb")
        scratch = tmp_path / "scratch"
        scratch.mkdir(exist_ok=True)
        env = {**kernel_variables(chain), **engine.variables, "GOKERNEL_SCRATCH": str(scratch)}
        env["PATH"] = f"{chain.go.parent}:{engine.executable.parent}:/usr/bin:/bin"
        argv = engine.argv("{connection_file}")
        with run_kernel(argv, {**env, **more}, tmp_path) as kernel:
            yield kernel

    return running


def failure(kernel: Kernel, code: str) -> str:
    """What a cell says that fails."""
    with pytest.raises(CellFailed) as caught:
        kernel.run(code)
    return str(caught.value)


@pytest.mark.parametrize("version", ["1.22", "1.26", "1.27"])
def test_a_bundles_modules_need_no_checksum_database(
    start: StartKernel, bundle: Bundle, using: Using, unreachable: str, version: str
) -> None:
    """Its go.sum says what they are; for others the database is asked as ever."""
    with start(version, **using(bundle, GOSUMDB=unreachable)) as kernel:
        kernel.run(f'import "{LIB}"')
        assert kernel.run("lib.Say()") == "two"
        Proxy(bundle.proxy.folder).publish("example.test/other", "v0.1.0", saying("other"))
        said = failure(kernel, 'import "example.test/other"')
        assert "The checksum database can't be asked: 127.0.0.1 refuses connections" in said
        assert "GOSUMDB=off goes without it" in said


def test_what_is_not_by_a_bundles_go_sum_is_refused(
    start: StartKernel, bundle: Bundle, using: Using
) -> None:
    """Also where no checksum database is asked; the bundle that says it is named."""
    bundle.sums.write_text(f"{LIB} v0.2.0 {FORGED}\n{LIB} v0.2.0/go.mod {FORGED}\n")
    with start("1.26", **using(bundle, **OFFLINE)) as kernel:
        said = failure(kernel, f'import "{LIB}"')
        assert "checksum mismatch" in said
        assert f"{LIB}@v0.2.0 is not what the go.sum of the bundle b1 says it is." in said
        assert "jupyter gokernel bundle remove b1" in said


def test_a_bundle_speaks_for_what_it_holds_alone(
    start: StartKernel, bundle: Bundle, using: Using, unreachable: str, tmp_path: Path
) -> None:
    """A line of go.sum about anything else is passed over, and the database is asked as ever."""
    other = "example.test/Other"
    proxy = Proxy(tmp_path / "online")
    proxy.publish(other, "v0.1.0", saying("other"))
    with bundle.sums.open("a") as sums:
        sums.write(f"{other} v0.1.0 {FORGED}\n{other} v0.1.0/go.mod {FORGED}\n")
    variables = using(bundle, GOSUMDB=unreachable)
    variables["GOPROXY"] += f",{proxy.url}"
    with start("1.26", **variables) as kernel:
        assert "The checksum database can't be asked" in failure(kernel, f'import "{other}"')
    with start("1.26", **{**variables, "GOSUMDB": "off"}) as kernel:
        kernel.run(f'import "{other}"')
        assert kernel.run("lib.Say()") == "other"


def test_a_store_with_a_colon_in_its_name(
    start: StartKernel, using: Using, unreachable: str, tmp_path: Path
) -> None:
    """Its bundles are seen and speak as others do."""
    odd = Bundle(tmp_path / "st:o%41" / "Upper")
    odd.publish("example.test/Odd", "v0.1.0", saying("odd"))
    variables = using(odd, GOSUMDB=unreachable, **OFFLINE)
    variables["GOPROXY"] = f"file://{tmp_path}/st%3Ao%2541/Upper/proxy"
    variables["GOKERNEL_SUMS"] = f"{tmp_path}/st%3Ao%2541/Upper/go.sum"
    with start("1.26", **variables) as kernel:
        kernel.run('import "example.test/Odd"')
        assert kernel.run("lib.Say()") == "odd"
        assert f"bundles      {odd.folder}\n" in kernel.run("%gokernel")


def test_the_notebooks_go_sum_comes_first(
    start: StartKernel, bundle: Bundle, using: Using, unreachable: str, tmp_path: Path
) -> None:
    """A bundle has no say about a module that the notebook's own go.sum knows."""
    lines = bundle.sums.read_text()
    (tmp_path / "go.mod").write_text(f"module nb\n\ngo 1.22\n\nrequire {LIB} v0.1.0\n")
    (tmp_path / "go.sum").write_text(lines.strip())
    bundle.sums.write_text(
        f"not a line of a go.sum\n{LIB} v0.1.0 {FORGED}\n{LIB} v0.1.0/go.mod {FORGED}\n"
    )
    with start("1.26", **using(bundle, GOSUMDB=unreachable)) as kernel:
        kernel.run(f'import "{LIB}"')
        assert kernel.run("lib.Say()") == "one"
        assert (tmp_path / "go.sum").read_text() == lines.strip()


def test_a_package_that_no_bundle_holds(start: StartKernel, bundle: Bundle, using: Using) -> None:
    """One sentence, with what would bring it here; the kernel goes on."""
    with start("1.26", **using(bundle, **OFFLINE)) as kernel:
        said = failure(kernel, 'import "github.com/foo/bar"')
        assert (
            "github.com/foo/bar is in none of this machine's bundles, and this kernel fetches "
            "nothing (offline)."
        ) in said
        assert ADVICE.format("github.com/foo/bar@latest") in said
        kernel.run(f'import "{LIB}"')
        assert kernel.run("lib.Say()") == "two"


def test_without_any_bundle(start: StartKernel, using: Using) -> None:
    """The same sentence."""
    with start("1.26", **using(**OFFLINE)) as kernel:
        said = failure(kernel, 'import "github.com/foo/bar/sub"')
        assert "github.com/foo/bar/sub is in none of this machine's bundles" in said
        assert "(offline, and without any bundle: there are none)" in kernel.run("%gokernel")


def test_a_bundle_that_was_removed_since(
    start: StartKernel, bundle: Bundle, using: Using, tmp_path: Path
) -> None:
    """It is told as what is wrong, since another `bundle use` alone mends nothing."""
    with start("1.26", **using(bundle, **OFFLINE)) as kernel:
        bundle.folder.rename(tmp_path / "away")
        said = failure(kernel, f'import "{LIB}"')
        assert f"a bundle that this kernel began with was removed ({bundle.folder})" in said
        assert "Restart the kernel: it then uses the bundles that are here now." in said


def test_a_dependency_that_no_bundle_holds(
    start: StartKernel, bundle: Bundle, using: Using
) -> None:
    """What is missing is named, and what to bundle is what was asked for."""
    bundle.publish(
        TOP,
        "v0.1.0",
        {"top.go": 'package top\n\nimport _ "example.test/gone/sub"\n'},
        more="\nrequire example.test/gone v0.3.0\n",
    )
    with start("1.26", **using(bundle, **OFFLINE)) as kernel:
        said = failure(kernel, f'import "{TOP}"')
        assert f"example.test/gone@v0.3.0, which {TOP} needs, is in none of this" in said
        assert ADVICE.format(f"{TOP}@latest") in said


def test_what_a_notebooks_go_mod_asks_for(
    start: StartKernel, bundle: Bundle, using: Using, tmp_path: Path
) -> None:
    """Its folder is what to bundle where more than one module may be missing."""
    (tmp_path / "go.mod").write_text(
        f"module example.test/nb\n\ngo 1.22\n\nrequire (\n\t{LIB} v0.1.0\n"
        "\texample.test/gone v0.3.0\n)\n"
    )
    with start("1.26", **using(bundle, **OFFLINE)) as kernel:
        said = failure(kernel, 'import "example.test/gone"')
        assert "example.test/gone@v0.3.0 is in none of this machine's bundles" in said
        assert f"jupyter gokernel bundle create --project {tmp_path} -o FILE" in said


def test_versions_are_those_of_the_bundles(
    start: StartKernel, bundle: Bundle, using: Using
) -> None:
    """%get takes what is there, and says how what isn't there would come."""
    with start("1.26", **using(bundle, **OFFLINE)) as kernel:
        said = failure(kernel, f"%get {LIB}@v0.9.0")
        assert f"{LIB}@v0.9.0 is in none of this machine's bundles" in said
        assert ADVICE.format(f"{LIB}@v0.9.0") in said
        kernel.run(f"%get {LIB}@v0.1.0")
        kernel.run(f'import "{LIB}"')
        assert kernel.run("lib.Say()") == "one"
        assert "that this machine's bundles hold (offline)" in kernel.run("%gokernel update")


def test_gokernel_shows_the_bundles(start: StartKernel, bundle: Bundle, using: Using) -> None:
    """By name where they have one, and that nothing else is asked."""
    named = Bundle.made(bundle.folder.with_name("b2"), v0_1_0="named")
    (named.folder / "bundle.json").write_text('{"name": "course"}')
    with start("1.26", **using(named, bundle, **OFFLINE)) as kernel:
        shown = kernel.run("%gokernel")
        assert f"bundles      course, {named.folder}\n             {bundle.folder}\n" in shown
        assert "offline      nothing is fetched from a network\n" in shown
        shutil.rmtree(bundle.folder)
        assert f"{bundle.folder} (gone)" in kernel.run("%gokernel")
    with start("1.26", **using(bundle, GOKERNEL_SUMS="")) as kernel:
        shown = kernel.run("%gokernel")
        assert "\nbundles " not in shown
        assert "\noffline " not in shown


def test_bundles_come_and_go(start: StartKernel, bundle: Bundle, using: Using) -> None:
    """What was compiled of one is used while that one is there, and a newer one is seen."""
    code = f'import "{LIB}"'
    newer = Bundle.made(bundle.folder.with_name("b2"), v0_3_0="three")
    with start("1.26", **using(bundle, **OFFLINE)) as kernel:
        kernel.run(code)
        assert kernel.run("lib.Say()") == "two"
    with start("1.26", **using(newer, bundle, **OFFLINE)) as kernel:
        kernel.run(code)
        assert kernel.run("lib.Say()") == "three"
    with start("1.26", **using(bundle, GOKERNEL_GO="/nonexistent", **OFFLINE)) as kernel:
        assert kernel.run(code) == ""  # what is kept answers, and no go command
        assert kernel.run("lib.Say()") == "two"
    with start("1.26", **using(**OFFLINE)) as kernel:
        assert f"{LIB} is in none of this machine's bundles" in failure(kernel, code)


def test_a_bundle_that_goes_while_a_kernel_runs(
    start: StartKernel, bundle: Bundle, using: Using
) -> None:
    """What was imported stays; for the rest it is said what has gone."""
    with start("1.26", **using(bundle, **OFFLINE)) as kernel:
        kernel.run(f'import "{LIB}"')
        shutil.rmtree(bundle.folder)
        assert kernel.run("lib.Say()") == "two"
        said = failure(kernel, 'import "example.test/other"')
        assert "a bundle that this kernel began with was removed" in said


def test_gonb_begins_with_the_bundles_go_sum(
    gonb: Callable[..., AbstractContextManager[Kernel]],
    bundle: Bundle,
    using: Using,
    unreachable: str,
    tmp_path: Path,
) -> None:
    """Its module, also a new one, needs no checksum database for what a bundle holds, alone."""
    other = "example.test/other"
    online = Proxy(tmp_path / "online")
    online.publish(other, "v0.1.0", saying("other"))
    with bundle.sums.open("a") as sums:
        sums.write(f"{other} v0.1.0 {FORGED}\n{other} v0.1.0/go.mod {FORGED}\n")
    cell = f'import "{LIB}"\n%%\nfmt.Println(lib.Say())'
    variables = using(bundle, GOSUMDB=unreachable)
    variables["GOPROXY"] += f",{online.url}"
    with gonb("1.26", **variables) as kernel:
        assert kernel.run(cell).endswith("two\n")
        kernel.run("%reset go.mod")
        assert kernel.run(cell).endswith("two\n")
        said = failure(kernel, f'import other "{other}"\n%%\nfmt.Println(other.Text)')
        assert "The checksum database can't be asked: 127.0.0.1 refuses connections" in said


def test_gonb_says_what_no_bundle_holds(
    gonb: Callable[..., AbstractContextManager[Kernel]], bundle: Bundle, using: Using
) -> None:
    """In the same words."""
    with gonb("1.26", **using(bundle, **OFFLINE)) as kernel:
        said = failure(kernel, 'import "github.com/foo/bar"\n%%\nfmt.Println(bar.X)')
        assert "github.com/foo/bar is in none of this machine's bundles" in said
        assert ADVICE.format("github.com/foo/bar@latest") in said
        assert kernel.run(f'import "{LIB}"\n%%\nfmt.Println(lib.Say())').endswith("two\n")
