"""Sources: what go.sum says, or nothing."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from go_kernel.engines import catalogue, mend, sources
from go_kernel.engines.errors import BuildFailed
from go_kernel.engines.fetch import Module, fetch, hash_of
from go_kernel.engines.job import Job, build_variables
from go_kernel.engines.store import Stores
from go_kernel.toolchain import Toolchain
from tests.engines.conftest import Tiny

ENGINE = catalogue.get("gophernotes")


def job_for(chain: Toolchain, variables: dict[str, str]) -> Job:
    """A job that builds gophernotes."""
    return Job(ENGINE, chain, build_variables(variables, chain), 300, lambda line: None)


@pytest.fixture
def job(
    toolchain_of: Callable[[str], Toolchain], kernel_variables: Callable[..., dict[str, str]]
) -> Job:
    """A job that builds gophernotes with Go 1.26, from the outer proxy."""
    chain = toolchain_of("1.26")
    return job_for(chain, kernel_variables(chain))


@pytest.fixture
def modules(job: Job, tmp_path: Path) -> tuple[Module, ...]:
    """The real modules of gophernotes."""
    work = tmp_path / "download"
    work.mkdir()
    return fetch(job, ENGINE.folder, work)


def test_go_sum_holds_two_hashes_for_each_pin(job: Job) -> None:
    """One for the content and one for go.mod, for what go.mod names and nothing else."""
    argv = [str(job.toolchain.go), "mod", "edit", "-json", str(ENGINE.folder / "go.mod")]
    pins = json.loads(subprocess.check_output(argv))["Require"]
    expected = {(p["Path"], p["Version"] + end) for p in pins for end in ("", "/go.mod")}

    lines = (ENGINE.folder / "go.sum").read_text().splitlines()

    assert {tuple(line.split()[:2]) for line in lines} == expected
    assert set(ENGINE.mended.values()) <= {p["Path"] for p in pins}


def test_our_hash_is_gos(modules: tuple[Module, ...]) -> None:
    """The hash we make of a module's files is the one that Go wrote into go.sum."""
    assert {m.path: hash_of(m) for m in modules} == {m.path: m.sum for m in modules}


def test_every_mend_has_a_reason() -> None:
    """Each edit says why, so that it could be offered upstream."""
    mends = mend.load(ENGINE.folder / "mends")

    assert all(edit.why for edit in mends.edits)
    assert mends.added


def test_added_files_carry_a_licence() -> None:
    """Our files say under which licence they go: gomacro's for gomacro; what is shared, MIT."""
    taken = mend.taken(ENGINE.folder / "mends")
    for name, path in mend.load(ENGINE.folder / "mends").added.items():
        if path.suffix != ".go":
            continue
        licence = "MPL-2.0" if name.startswith("gomacro/") and name not in taken else "MIT"
        assert path.read_text().startswith(f"// SPDX-License-Identifier: {licence}\n"), name


def test_our_go_is_formatted(job: Job) -> None:
    """gofmt has nothing to say about the files that we add."""
    added = mend.load(ENGINE.folder / "mends").added.values()
    files = [path for path in added if path.suffix == ".go"]
    gofmt = job.toolchain.goroot / "bin" / "gofmt"

    assert subprocess.check_output([gofmt, "-l", *files], text=True) == ""


def test_our_go_is_vetted(job: Job, modules: tuple[Module, ...], tmp_path: Path) -> None:
    """`go vet` has nothing to say about what we add, compiled with what it is added to."""
    work = tmp_path / "module"
    work.mkdir()
    sources.assemble(job, modules, ENGINE.folder, work)

    job.go(("vet", "github.com/cosmos72/gomacro/base/gotool"), cwd=work, step="vetting")


def test_no_module_of_the_kernel_is_in_a_notebooks_way(
    job: Job, modules: tuple[Module, ...], tmp_path: Path
) -> None:
    """What the kernel is linked from bears its own names: any version can be imported."""
    work = tmp_path / "module"
    work.mkdir()
    sources.assemble(job, modules, ENGINE.folder, work)

    listed = job.go(
        (
            "list",
            "-deps",
            "-f",
            "{{if not .Standard}}{{.ImportPath}}{{end}}",
            ENGINE.kernel.package,
        ),
        cwd=work,
        step="listing",
    ).stdout.split()

    outside = [
        path
        for path in listed
        if not path.startswith(("gokernel.engine/", *ENGINE.mended.values()))
    ]
    assert outside == []
    assert "gokernel.engine/github.com/peterh/liner" in listed


def test_a_file_proxy_and_no_checksum_database_are_enough(
    modules: tuple[Module, ...],
    toolchain_of: Callable[[str], Toolchain],
    kernel_variables: Callable[..., dict[str, str]],
    dev_cache: Path,
    tmp_path: Path,
) -> None:
    """All sources come from a folder, into an empty module cache, with no host to ask."""
    chain = toolchain_of("1.22")
    variables = kernel_variables(
        chain,
        GOPROXY=f"file://{dev_cache / 'gomodcache' / 'cache' / 'download'}",
        GOMODCACHE=str(tmp_path / "fresh"),
        GOSUMDB="sum.invalid+00000000+AAAA",
        HTTPS_PROXY="http://127.0.0.1:9",
    )
    work = tmp_path / "again"
    work.mkdir()

    found = fetch(job_for(chain, variables), ENGINE.folder, work)

    assert {m.path: m.version for m in found} == {m.path: m.version for m in modules}
    assert all(m.folder.is_relative_to(tmp_path / "fresh") for m in found)


def test_a_read_only_module_cache_is_enough(tiny: Tiny, stores: Stores, tmp_path: Path) -> None:
    """A complete cache that a site shares needs neither a proxy nor the right to write."""
    tiny.ensure(Stores((), tmp_path / "first"))
    cache = Path(tiny.variables["GOMODCACHE"])
    folders = [cache, *(path for path in cache.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        assert tiny.with_variables(GOPROXY="off").ensure(stores).executable.exists()
    finally:
        for folder in folders:
            folder.chmod(0o755)


def test_an_edited_module_cache_is_noticed(tiny: Tiny, stores: Stores, tmp_path: Path) -> None:
    """Go would compile an edited source without a word; we say what was changed."""
    tiny.ensure(Stores((), tmp_path / "first"))
    (edited,) = Path(tiny.variables["GOMODCACHE"]).glob("example.test/lib@*/lib.go")
    edited.chmod(0o644)
    edited.write_text(edited.read_text().replace("hello", "pwned"))

    with pytest.raises(BuildFailed, match="checksum") as caught:
        tiny.ensure(stores)

    assert caught.value.kind == "checksum"
    assert "example.test/lib@v0.1.0" in caught.value.evidence
    assert stores.builds() == []


def test_a_proxy_that_serves_something_else_is_noticed(
    tiny: Tiny, stores: Stores, tiny_source: Path
) -> None:
    """go.sum decides, whatever the proxy says."""
    sums = tiny.engine.folder / "go.sum"
    good = hash_of(
        Module("example.test/lib", "v0.1.0", tiny_source / "sources/example.test/lib", "")
    )
    sums.write_text(sums.read_text().replace(good, "h1:" + "A" * 43 + "="))

    with pytest.raises(BuildFailed) as caught:
        tiny.ensure(stores)

    assert caught.value.kind == "checksum"
