"""Imports in notebooks on bad days: a sentence for each, nothing half-made, the next try works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import ready
from tests.conftest import CondaPrefix
from tests.faults.badday import VERSION, BadDay, module_for
from tests.faults.table import PROXY, Row
from tests.kernels import CellFailed, Kernel, install, running

IMPORT = 'import a "{}"'


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A module cache that is empty at first."""
    return tmp_path_factory.mktemp("modules")


@pytest.fixture(scope="module")
def kernel(
    whole_day: BadDay,
    modules: Path,
    dev_cache: Path,
    conda_prefix: CondaPrefix,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Kernel]:
    """A kernel in the folder of a project that requires everything."""
    folder, prefix = tmp_path_factory.mktemp("kernel"), conda_prefix("go=1.26")
    env = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "GOCACHE": str(dev_cache / "gocache"),
        "GOMODCACHE": str(modules),
        "GOKERNEL_STORE": str(folder / "engines"),
        "GOKERNEL_SITE_STORES": str(ready.engine(prefix, dev_cache)),
        "GOPROXY": whole_day.faulty.url,
        "GOSUMDB": "off",
    }
    name = install(folder, environment="test", prefix=str(prefix))
    with running(folder, name, env, whole_day.notebooks) as started:
        yield started


@pytest.mark.parametrize("row", PROXY, ids=lambda row: row.fault)
def test_each_fault_gives_its_sentence(
    day: BadDay, kernel: Kernel, modules: Path, row: Row
) -> None:
    """Once, behind what Go printed; no file of the module is in the cache, and it imports then."""
    module = module_for(row.fault)
    day.faulty(row.fault, f"{module}/@v/{VERSION}.zip")
    if row.gave:
        with pytest.raises(CellFailed) as failed:
            kernel.run(IMPORT.format(module))
        said = str(failed.value)
        sentence = f"{row.gives(f'{module}@{VERSION}')[1:]}. {row.remedy}"
        assert sentence in said, said
        versions = modules / "cache/download" / module / "@v"
        # On a wrong hash Go itself leaves a .zip*.tmp behind, which nothing reads.
        assert not [*versions.glob("*.zip"), *versions.glob("*.ziphash")]
        assert not [*modules.glob(f"{module}@*")]
        day.faulty("")
    assert kernel.run("41") == "41"
    if row.fault in ("slow", "altered", "500"):  # a compilation each
        kernel.run(IMPORT.format(module))
        assert kernel.run("a.N") == "42"
