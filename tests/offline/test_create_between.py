"""Any modules of a bundle, in any order, work without a network: Go selects versions in between."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest

from go_kernel.offline.graph import GoMod, parse
from tests.engines.proxy import Proxy
from tests.offline.making import Maker, Offline


def says(package: str, *imports: str) -> str:
    """A Go file."""
    return "\n".join([f"package {package}", *(f'import _ "{one}"' for one in imports), ""])


@pytest.fixture
def proxy(tmp_path: Path) -> Proxy:
    """An empty one."""
    return Proxy(tmp_path / "proxy")


@pytest.fixture
def maker(proxy: Proxy, tmp_path: Path, goroot: Callable[[str], Path], dev_cache: Path) -> Maker:
    """Makes bundles from that proxy."""
    base = tmp_path / "maker"
    base.mkdir()
    return Maker(base, goroot("1.26"), dev_cache / "gocache", proxy.url)


def requires(*modules: str) -> str:
    """Lines of a go.mod."""
    return "".join(f"\nrequire {one.replace('@', ' ')}\n" for one in modules)


def test_two_of_three_modules_select_a_version_in_between(maker: Maker, proxy: Proxy) -> None:
    """In it, the package that one of them uses imports what it imports in no other version."""
    a, b, c, d, z = (f"example.test/{name}" for name in "abcdz")
    proxy.publish(z, "v1.0.0", {"z.go": says("z")})
    proxy.publish(b, "v1.1.0", {"x/x.go": says("x"), "y/y.go": says("y")})
    files = {"x/x.go": says("x", z), "y/y.go": says("y")}
    proxy.publish(b, "v1.2.0", files, more=requires(f"{z}@v1.0.0"))
    proxy.publish(b, "v1.3.0", {"x/x.go": says("x"), "y/y.go": says("y")})
    for path, version, package in ((a, 1, "x"), (c, 2, "y"), (d, 3, "y")):
        needs = requires(f"{b}@v1.{version}.0")
        proxy.publish(path, "v1.0.0", {"m.go": says("m", f"{b}/{package}")}, more=needs)
    offline = Offline(maker, maker.bundle(a, c, d).path)
    assert offline.imported(c, a) == f"{a}@v1.0.0 {b}@v1.2.0 {c}@v1.0.0 {z}@v1.0.0"


# These are some in which modules alone and all together do not suffice.
@pytest.mark.parametrize("seed", [0, 4, 6])
def test_any_of_many_modules_in_any_order(maker: Maker, proxy: Proxy, seed: int) -> None:
    """Of random graphs, tidy and not, with and without pruning, whatever works online."""
    chance = random.Random(seed)
    asked = _publish_some(proxy, chance)
    offline = Offline(maker, maker.bundle(*asked).path)
    online = Offline(maker, proxy.folder.parent / "online", numbers=1000)
    online.bundle.mkdir()
    (online.bundle / "proxy").symlink_to(proxy.folder)
    subsets = [[*some] for size in (2, 3) for some in combinations(asked, size)]
    for some in chance.sample(subsets, 6):
        chance.shuffle(some)
        packages = [f"{one}/{chance.choice('xy')}" for one in some]
        assert offline.imported(*packages) == online.imported(*packages)


def _publish_some(proxy: Proxy, chance: random.Random) -> list[str]:
    """Layers of modules, each of which needs some of those below; gives those at the top."""
    below: list[str] = []
    layers = [[f"example.test/l{layer}n{number}" for number in range(4)] for layer in range(4)]
    for layer in layers:
        made = []
        for path in layer:
            for version in range(1, 2 if layer is layers[-1] else 4):
                needs = {one.split("@")[0]: one for one in chance.sample(below, min(3, len(below)))}
                files = {
                    f"{package}/{package}.go": says(package, *_some(chance, [*needs]))
                    for package in "xy"
                }
                go = chance.choice(["1.16", "1.17", "1.22"])
                proxy.publish(path, f"v1.{version}.0", files, go=go, more=requires(*needs.values()))
                made.append(f"{path}@v1.{version}.0")
        below += made
    return layers[-1]


def _some(chance: random.Random, modules: list[str]) -> list[str]:
    return [f"{one}/{chance.choice('xy')}" for one in modules if chance.random() < 0.7]


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("module m\n", GoMod()),
        ("module m\ngo 1.16\nrequire a.b/c v1.2.3\n", GoMod((("a.b/c", "v1.2.3"),))),
        (
            'go 1.21.0 // so\nrequire (\n\t"a.b/c" v1.0.0 // indirect\n\n\td.e v0.1.0-x\n)\n',
            GoMod((("a.b/c", "v1.0.0"), ("d.e", "v0.1.0-x")), pruned=True),
        ),
        ("exclude a.b v1.0.0\nreplace (\n a.b v1.0.0 => c.d v1.0.0\n)\nodd\n", GoMod()),
        ("require a.b v2.0.0+incompatible\r\n", GoMod((("a.b", "v2.0.0+incompatible"),))),
    ],
)
def test_a_go_mod_is_read_as_go_reads_it(text: str, means: GoMod) -> None:
    """Blocks, comments, quotes, and what is unknown."""
    assert parse(text) == means
