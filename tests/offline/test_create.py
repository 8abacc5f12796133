"""Making bundles: what is in them suffices, and is the same each time."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from go_kernel.findings import GoKernelError
from go_kernel.offline import verify
from go_kernel.offline.errors import BundleUnwritable
from go_kernel.offline.unmade import BadWish, NotGathered, OutputExists
from tests.engines.proxy import Proxy
from tests.offline.making import Maker, Offline, contents

LIB, DEP, MACOS, TOOL = (f"example.test/{one}" for one in ("lib", "dep", "darwin", "tool"))


def says(package: str, *imports: str) -> str:
    """A Go file."""
    return "\n".join([f"package {package}", *(f'import _ "{one}"' for one in imports), ""])


@pytest.fixture
def proxy(tmp_path: Path) -> Proxy:
    """example.test/lib with two packages, a program, and what they need, in two versions."""
    made = Proxy(tmp_path / "proxy")
    for version in ("v0.1.0", "v0.2.0"):
        for path in (DEP, MACOS, TOOL):
            name = path.rpartition("/")[2]
            made.publish(path, version, {f"{name}.go": says(name)})
    files = {
        "lib.go": f"// package main, it is not\n/* nor\n * package this */ {says('lib', DEP)}",
        "sub/sub.go": says("sub"),
        "sub/sub_darwin.go": says("sub", MACOS),
        "cmd/tool/main.go": says("main", TOOL),
        "sub/sub_test.go": says("sub", "example.test/only-for-tests"),
        "internal/hidden/hidden.go": says("hidden"),
    }
    needs = "".join(f"\nrequire {path} v0.1.0\n" for path in (DEP, MACOS, TOOL))
    for version in ("v0.1.0", "v0.2.0"):
        made.publish(LIB, version, files, more=needs)
    return made


@pytest.fixture
def maker(proxy: Proxy, tmp_path: Path, goroot: Callable[[str], Path], dev_cache: Path) -> Maker:
    """Makes bundles from that proxy."""
    base = tmp_path / "maker"
    base.mkdir()
    return Maker(base, goroot("1.26"), dev_cache / "gocache", proxy.url)


def test_a_module_brings_the_newest_version_and_all_that_its_packages_need(maker: Maker) -> None:
    """An import without a version works without a network, of every package, for every platform."""
    made = maker.bundle(LIB)
    assert made.manifest.extras == (f"{LIB}@v0.2.0",)
    offline = Offline(maker, made.path)
    assert offline.imported(f"{LIB}/sub") == f"{LIB}@v0.2.0"
    assert offline.imported(LIB, f"{LIB}/sub") == f"{DEP}@v0.1.0 {LIB}@v0.2.0"
    whole = {one.path for one in made.manifest.modules if one.sum}
    assert whole == {LIB, DEP, MACOS}  # nobody imports a program, and what it needs
    assert verify.problems(made.path) == []


def test_a_package_is_found_in_its_module(maker: Maker) -> None:
    """`--module` takes what a notebook imports: the error there names a package's path."""
    made = maker.bundle(f"{LIB}/sub@latest")
    assert made.manifest.extras == (f"{LIB}@v0.2.0",)


def test_modules_that_are_imported_together_agree_on_versions(maker: Maker, proxy: Proxy) -> None:
    """One needs a newer version of what the other needs, too: both are there."""
    other = "example.test/other"
    proxy.publish(other, "v0.1.0", {"o.go": says("o", DEP)}, more=f"\nrequire {DEP} v0.2.0\n")
    offline = Offline(maker, maker.bundle(LIB, other).path)
    assert offline.imported(LIB) == f"{DEP}@v0.1.0 {LIB}@v0.2.0"
    assert offline.imported(LIB, other) == f"{DEP}@v0.2.0 {LIB}@v0.2.0 {other}@v0.1.0"


def test_a_part_of_the_packages_has_a_part_of_the_graph(maker: Maker, proxy: Proxy) -> None:
    """What only one package's modules need may be older there than with all packages."""
    far = "example.test/far"
    for number in (1, 2):
        proxy.publish(far, f"v0.{number}.0", {"far.go": says("far")})
        needs = f"\nrequire {far} v0.{number}.0\n"
        proxy.publish(f"example.test/n{number}", "v0.1.0", {"n.go": says("n")}, more=needs)
    files = {f"p{n}/p.go": says("p", f"example.test/n{n}") for n in (1, 2)}
    needs = "".join(f"\nrequire example.test/n{n} v0.1.0\n" for n in (1, 2))
    proxy.publish("example.test/parts", "v0.1.0", files, more=needs)
    offline = Offline(maker, maker.bundle("example.test/parts").path)
    for number in (1, 2):
        took = offline.imported(f"example.test/parts/p{number}")
        assert took == f"example.test/n{number}@v0.1.0 example.test/parts@v0.1.0"


def test_an_older_version_that_was_asked_for_is_not_the_newest_that_is_needed(
    maker: Maker, proxy: Proxy
) -> None:
    """Where another module needs a newer one, an import without a version finds it complete."""
    other = "example.test/other"
    proxy.publish(other, "v0.1.0", {"o.go": says("o", LIB)}, more=f"\nrequire {LIB} v0.2.0\n")
    made = maker.bundle(f"{LIB}@v0.1.0", other)
    assert Offline(maker, made.path).imported(f"{LIB}/sub") == f"{LIB}@v0.2.0"
    assert f"{LIB}@v0.1.0" in made.manifest.extras


def test_the_newest_version_is_the_proxys_and_not_the_caches(maker: Maker) -> None:
    """What happens to be in the module cache says nothing about what there is."""
    maker.bundle(f"{LIB}@v0.1.0", out="first/")
    got = maker.go("mod", "download", f"{LIB}@v0.1.0", cwd=maker.base)
    assert got.returncode == 0, got.stderr
    assert maker.bundle(LIB).manifest.extras == (f"{LIB}@v0.2.0",)


def test_what_the_cache_holds_is_not_downloaded_again(maker: Maker, proxy: Proxy) -> None:
    """A proxy that has lost its zips does no harm."""
    for path in (LIB, DEP, MACOS):
        version = "v0.2.0" if path == LIB else "v0.1.0"
        got = maker.go("mod", "download", f"{path}@{version}", cwd=maker.base)
        assert got.returncode == 0, got.stderr
    for file in proxy.folder.rglob("*.zip"):
        file.unlink()
    made = maker.bundle(f"{LIB}@v0.2.0")
    assert Offline(maker, made.path).imported(LIB) == f"{DEP}@v0.1.0 {LIB}@v0.2.0"


def test_same_input_same_bytes(maker: Maker) -> None:
    """From an empty module cache and from one that has it all, in any order."""
    first = maker.bundle(LIB, f"{DEP}@v0.2.0", out="first.tar.zst")
    got = maker.go("mod", "download", f"{LIB}@v0.2.0", f"{DEP}@v0.2.0", cwd=maker.base)
    assert got.returncode == 0, got.stderr
    second = maker.bundle(f"{DEP}@v0.2.0", LIB, LIB, out="second.tar.zst")
    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.sha256 == second.sha256


def test_no_address_is_carried_away(maker: Maker, proxy: Proxy) -> None:
    """Go notes where a repository is; a bundle says versions and dates alone."""
    info = proxy.folder / LIB / "@v/v0.2.0.info"
    origin = '"Origin": {"VCS": "git", "URL": "https://git.example.invalid/secret"}'
    info.write_text(f'{{"Version": "v0.2.0", "Time": "2026-01-02T03:04:05Z", {origin}}}')
    made = maker.bundle(LIB)
    latest = (made.path / "proxy" / LIB / "@latest").read_text()
    assert latest == '{"Version": "v0.2.0", "Time": "2026-01-02T03:04:05Z"}'
    assert not any(b"secret" in content for content in contents(made.path).values())
    assert not any(str(maker.base).encode() in one for one in contents(made.path).values())


def test_a_newest_version_that_is_too_new_for_this_go_is_passed_over(
    maker: Maker, proxy: Proxy
) -> None:
    """As a kernel does it, and it is said."""
    proxy.publish(LIB, "v0.3.0", {"lib.go": says("lib")}, go="1.99")
    made = maker.bundle(LIB)
    assert made.manifest.extras == (f"{LIB}@v0.2.0",)
    assert "needs a newer Go" in made.notes[0]


def test_a_package_that_lacks_something_does_not_keep_the_others_out(
    maker: Maker, proxy: Proxy
) -> None:
    """Published modules hold packages that nobody can import; it is said which."""
    files = {"lib.go": says("lib"), "odd/odd.go": says("odd", "example.test/gone/for/good")}
    proxy.publish("example.test/odd", "v1.0.0", files)
    made = maker.bundle("example.test/odd")
    assert "example.test/gone" in made.notes[0]
    assert Offline(maker, made.path).imported("example.test/odd") == "example.test/odd@v1.0.0"


def test_a_folder_holds_what_the_archive_holds(maker: Maker) -> None:
    """And is replaced with --force alone; something else is not replaced at all."""
    folder = maker.bundle(LIB)
    archive = maker.bundle(LIB, out="out.tar.zst")
    assert folder.manifest.to_bytes() == archive.manifest.to_bytes()
    assert (folder.path / "manifest.json").read_bytes() == archive.manifest.to_bytes()
    with pytest.raises(OutputExists):
        maker.bundle(DEP)
    assert maker.bundle(DEP, force=True).manifest.id != folder.manifest.id
    assert verify.problems(folder.path) == []
    (maker.base / "mine").mkdir()
    (maker.base / "mine/thesis.txt").touch()
    with pytest.raises(OutputExists, match="folders that are bundles"):
        maker.bundle(DEP, out="mine/", force=True)
    assert (maker.base / "mine/thesis.txt").exists()


@pytest.mark.parametrize(
    ("module", "said"),
    [
        ("example.test/unknown", "has no such module"),
        (f"{LIB}@v7.7.7", "has no such module"),
        (f"{LIB}@no-such-branch", "has no such module"),
    ],
)
def test_what_there_is_not_is_said_in_a_sentence(maker: Maker, module: str, said: str) -> None:
    """Neither a half bundle nor leftovers are there afterwards."""
    before = contents(maker.base)
    with pytest.raises(NotGathered, match=said) as caught:
        maker.bundle(module, out="new.tar.zst")
    assert module.split("@")[0] in caught.value.summary
    left = {name for name in {*contents(maker.base)} - {*before} if "go/telemetry" not in name}
    assert not any("new" in name or "bundling" in name for name in left)


@pytest.mark.parametrize(
    "said", ["", "fmt", "-x", "example.test/lib@", "../lib", "a.b/c d", "a.b/c@none", "a.b/../c"]
)
def test_what_is_no_module_is_refused(maker: Maker, said: str) -> None:
    """Before anything is asked for."""
    with pytest.raises(BadWish):
        maker.bundle(said)


def test_a_module_that_was_altered_is_not_bundled(maker: Maker, proxy: Proxy) -> None:
    """What two sources say differently of one version is nobody's to choose from."""
    project = maker.base / "project"
    project.mkdir()
    (project / "go.mod").write_text(f"module p\n\ngo 1.22\n\nrequire {DEP} v0.1.0\n")
    (project / "p.go").write_text(says("p", DEP))
    assert maker.go("mod", "tidy", cwd=project).returncode == 0
    shutil.rmtree(maker.cache)
    (proxy.folder / DEP / "@v/v0.1.0.zip").write_bytes(
        (proxy.folder / TOOL / "@v/v0.1.0.zip").read_bytes()
    )
    with pytest.raises(NotGathered):
        maker.bundle(projects=[project])


def test_a_proxy_that_is_not_there_is_named(maker: Maker) -> None:
    """The sentence names the host, and never a password."""
    maker.variables["GOPROXY"] = "https://me:secret@127.0.0.1:9"
    with pytest.raises(NotGathered, match=r"127\.0\.0\.1") as caught:
        maker.bundle(LIB)
    assert "secret" not in str(caught.value) + caught.value.evidence


def test_leftovers_of_a_killed_run_are_swept(maker: Maker) -> None:
    """Both where it worked and beside the output; what is locked belongs to somebody."""
    work = maker.base / "home/.cache/jupyter-gokernel/bundling/making-dead"
    beside = maker.base / ".bundle.making-dead"
    for folder in (work, beside):
        folder.mkdir(parents=True)
        (folder / ".lock").touch()
        (folder / "half").touch()
    maker.bundle(LIB, out="out.tar.zst")
    assert not work.exists()
    assert not beside.exists()


def test_an_output_in_no_folder_is_refused(maker: Maker) -> None:
    """Before anything is downloaded."""
    with pytest.raises(BadWish, match="is no folder"):
        maker.bundle(LIB, out="nowhere/out.tar.zst")
    assert not maker.cache.exists()


def test_a_place_to_work_that_cannot_be_written_is_named(maker: Maker) -> None:
    """The cache folder, that is."""
    (maker.base / "home").touch()
    with pytest.raises((BundleUnwritable, GoKernelError), match="can't be"):
        maker.bundle(LIB)


@pytest.mark.parametrize("kind", ["fifo", "link", "folder"])
def test_what_is_no_plain_file_is_never_replaced(maker: Maker, kind: str) -> None:
    """A device such as /dev/null would be gone for everybody."""
    out = maker.base / "out.tar.zst"
    if kind == "fifo":
        os.mkfifo(out)
    elif kind == "link":
        (maker.base / "thesis.txt").touch()
        out.symlink_to("thesis.txt")
    else:
        out.mkdir()
    before = out.lstat()
    with pytest.raises(OutputExists, match="replaces files"):
        maker.bundle(LIB, out="out.tar.zst", force=True)
    assert out.lstat() == before
