"""A bundle's manifest: one way to write it, and nothing else is read."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from go_kernel.offline import manifest as manifests
from go_kernel.offline import paths
from go_kernel.offline.errors import BadBundle, BundleTooLarge, BundleTooNew, NotABundle
from go_kernel.offline.manifest import File, Manifest, Module, Toolchain, parse
from tests.offline import bundling

_SHA = "0123456789abcdef" * 4
_H1 = f"h1:{'A' * 43}="


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """The manifest of a small bundle."""
    return bundling.make(tmp_path_factory.mktemp("made"), name="course").manifest


def edited(manifest: Manifest, change: Callable[[dict[str, Any]], object]) -> bytes:
    """Its bytes after a change, written as ours are."""
    data = json.loads(manifest.to_bytes())
    change(data)
    return (json.dumps(data, indent=1, sort_keys=True) + "\n").encode()


def test_what_is_written_is_read(manifest: Manifest) -> None:
    """The same content comes back, under the same id."""
    found = parse(manifest.to_bytes())

    assert found.to_bytes() == manifest.to_bytes()
    assert found.id == manifest.id
    assert set(found.files) == set(manifest.files)
    assert found.modules == manifest.modules
    assert found.name == "course"


@given(st.randoms(use_true_random=False))
def test_the_order_in_which_it_was_gathered_changes_nothing(random: Any) -> None:
    """Files, modules and extras in any order are the same bytes."""
    files = [File(f"toolchain/linux-amd64/go/{name}", 1, _SHA) for name in "abcd"]
    modules = [Module("example.invalid/m", f"v1.{n}.0", _H1) for n in range(4)]
    extras = [f"example.invalid/m@v1.{n}.0" for n in range(4)]
    straight = Manifest("x 1", "1.26.8", tuple(files), tuple(modules), extras=tuple(extras))
    for items in (files, modules, extras):
        random.shuffle(items)
    mixed = Manifest("x 1", "1.26.8", tuple(files), tuple(modules), extras=tuple(extras))

    assert mixed.to_bytes() == straight.to_bytes()


def test_nothing_but_what_create_writes_is_a_manifest(manifest: Manifest) -> None:
    """Other spaces, a key twice, a key more: the id would say nothing about them."""
    content = manifest.to_bytes()
    twice = content.replace(b"{\n", b'{\n "made_by": "evil",\n', 1)

    for other in (
        content.replace(b"\n", b" "),
        content + b"\n",
        b"\xef\xbb\xbf" + content,
        content.decode().encode("utf-16"),
        twice,
        edited(manifest, lambda data: data.update(built_at="2026-01-01")),
        edited(manifest, lambda data: data["files"].reverse()),
        edited(manifest, lambda data: data["files"][0].update(mode=0o777)),
        edited(manifest, lambda data: data["files"][0].update(executable=False)),
        edited(manifest, lambda data: data.update(format=1.0)),
    ):
        with pytest.raises(BadBundle) as raised:
            parse(other, "a.tar.zst")
        assert raised.value.path == "manifest.json"
        assert str(raised.value).startswith("The bundle a.tar.zst can't be used: manifest.json: ")


_WRONG: dict[str, Callable[[dict[str, Any]], object]] = {
    "a size that is no number": lambda d: d["files"][0].update(size="1"),
    "a size that is true": lambda d: d["files"][0].update(size=True),
    "a size below nothing": lambda d: d["files"][0].update(size=-1),
    "a broken size": lambda d: d["files"][0].update(size=1.5),
    "a hash in capitals": lambda d: d["files"][0].update(sha256=_SHA.upper()),
    "a hash with a line more": lambda d: d["files"][0].update(sha256=_SHA + "\n"),
    "a file twice": lambda d: d["files"].append(d["files"][0]),
    "a module twice": lambda d: d["modules"].append(d["modules"][0]),
    "files that are none": lambda d: d.update(files={}),
    "a file that is none": lambda d: d["files"].append("go.sum"),
    "modules that are missing": lambda d: d.pop("modules"),
    "an extra that is none": lambda d: d.update(extras=["x"]),
    "an extra that is a list": lambda d: d.update(extras=[["x"]]),
    "extras that are one": lambda d: d.update(extras="example.invalid/m@v1.0.0"),
    "a module path out of it": lambda d: d["modules"][0].update(path="../../etc"),
    "a version with a slash": lambda d: d["modules"][0].update(version="v1/../../x"),
    "a version that is none": lambda d: d["modules"][0].update(version="latest"),
    "a sum of another kind": lambda d: d["modules"][0].update(sum="h2:x"),
    "a platform out of it": lambda d: d["toolchains"][0].update(platform="../x"),
    "a name with controls": lambda d: d.update(name="\x1b[2J"),
    "a name that is long": lambda d: d.update(name="x" * 65),
    "a name with a surrogate": lambda d: d.update(name="\ud800"),
    "a maker that says more": lambda d: d.update(made_by="jupyter-gokernel 1 on host"),
    "a Go that is none": lambda d: d.update(go_version="\n"),
    "pins that are none": lambda d: d["engines"][0].update(pins=""),
    "an engine with a path": lambda d: d["engines"][0].update(name="../x"),
    "a format that is none": lambda d: d.update(format=None),
    "a format that is true": lambda d: d.update(format=True),
    "a format of old": lambda d: d.update(format=0),
}


@pytest.mark.parametrize("change", _WRONG.values(), ids=_WRONG)
def test_what_is_wrong_is_refused(
    manifest: Manifest, change: Callable[[dict[str, Any]], object]
) -> None:
    """Every word of it is looked at."""
    with pytest.raises(BadBundle, match=r"manifest\.json"):
        parse(edited(manifest, change))


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b'"x"', b'{"kind": "other"}', b"{}"])
def test_other_files_are_no_manifests(content: bytes) -> None:
    """JSON of somebody else's, or none."""
    with pytest.raises(BadBundle):
        parse(content)


def test_a_format_of_a_thousand_digits_is_not_printed() -> None:
    """A sentence fits on a line."""
    assert len(str(BundleTooNew("b", 10**4000, 1))) < 200


def test_later_formats_say_that_an_update_is_wanted(manifest: Manifest) -> None:
    """Not "damaged": whoever made it is ahead of us."""
    with pytest.raises(BundleTooNew, match="Update jupyter-gokernel here"):
        parse(edited(manifest, lambda data: data.update(format=2, files={})))


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"[" + b"1" * 1_000_000 + b"]",
        b'{"kind": "jupyter-gokernel bundle", "format": ' + b"9" * 5000 + b"}",
        b"\xff\xfe",
        b'"\\ud800"',
    ],
    ids=["nested", "nested objects", "a number", "a format", "no text", "a surrogate"],
)
def test_deep_and_wide_ones_are_refused(content: bytes) -> None:
    """Neither the stack nor memory is theirs."""
    with pytest.raises(BadBundle):
        parse(content)


def test_large_ones_are_refused_unread() -> None:
    """By their size, or by the number of things in them, before JSON is read."""
    with pytest.raises(BundleTooLarge, match="larger than 16 MB"):
        parse(b" " * (manifests.MAX_BYTES + 1))
    with pytest.raises(BundleTooLarge, match="250000 things"):
        parse(b"[" + b"{}," * 250_001 + b"{}]")


@given(st.binary(max_size=200) | st.text().map(lambda text: json.dumps(text).encode()))
def test_no_content_makes_it_stumble(content: bytes) -> None:
    """BadBundle, whatever it is."""
    with pytest.raises(BadBundle):
        parse(content)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(data=st.data())
def test_no_value_in_any_place_makes_it_stumble(manifest: Manifest, data: st.DataObject) -> None:
    """BadBundle, whatever is put where; or it is what it was."""
    plain = json.loads(manifest.to_bytes())
    place: Any = plain
    while True:
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(keys))
        inner = place[key]
        if not isinstance(inner, (dict, list)) or not inner or data.draw(st.booleans()):
            break
        place = inner
    place[key] = data.draw(_JSON)
    content = (json.dumps(plain, indent=1, sort_keys=True) + "\n").encode()
    try:
        found = parse(content)
    except BadBundle:
        return
    assert found.to_bytes() == content


def test_a_folder_without_one_is_no_bundle(tmp_path: Path) -> None:
    """And one whose manifest can't be read is none either."""
    with pytest.raises(NotABundle, match=r"No such file"):
        manifests.read(tmp_path)
    (tmp_path / "manifest.json").mkdir()
    with pytest.raises(NotABundle, match="no plain file"):
        manifests.read(tmp_path)


def test_a_pipe_for_a_manifest_keeps_nobody_waiting(tmp_path: Path) -> None:
    """It isn't waited for what somebody might write into it."""
    os.mkfifo(tmp_path / "manifest.json")
    with pytest.raises(NotABundle, match="no plain file"):
        manifests.read(tmp_path)


# What fits: files and modules, toolchains and their go.


def without(manifest: Manifest, ending: str) -> Manifest:
    """It, without a file."""
    return replace(
        manifest, files=tuple(one for one in manifest.files if not one.path.endswith(ending))
    )


def with_file(manifest: Manifest, *names: str) -> Manifest:
    """It, with files more."""
    return replace(manifest, files=(*manifest.files, *(File(name, 1, _SHA) for name in names)))


@pytest.mark.parametrize("ending", ["go.sum", "v1.0.0.zip", "v1.0.0.mod", "bin/go"])
def test_files_that_must_be_there_are_missed(manifest: Manifest, ending: str) -> None:
    """A module has its zip, a toolchain its go."""
    with pytest.raises(BadBundle) as raised:
        parse(without(manifest, ending).to_bytes())
    assert raised.value.path.endswith(ending)


@pytest.mark.parametrize(
    "name",
    [
        "proxy/example.invalid/other/@v/v1.0.0.zip",
        "proxy/example.invalid/m/@v/v1.0.1.zip",
        "proxy/example.invalid/other/@v/list",
        "proxy/example.invalid/m/x/@latest",
        "toolchain/plan9-mips/go/bin/go",
    ],
)
def test_files_of_nothing_that_is_listed_are_refused(manifest: Manifest, name: str) -> None:
    """Go would find a module that the manifest, and so everybody, says nothing of."""
    with pytest.raises(BadBundle, match="it is of no") as raised:
        parse(with_file(manifest, name).to_bytes())
    assert raised.value.path == name


@pytest.mark.parametrize(
    "names",
    [
        ("src/a.go", "src/A.go"),
        ("src/x/a.go", "src/X/b.go"),
        ("src/\u00e9.go", "src/e\u0301.go"),
        ("src/stra\u00dfe", "src/STRASSE"),
        ("bin/go/x",),
    ],
    ids=["case", "a folder's case", "accents", "sharp s", "a file and a folder"],
)
def test_names_that_clash_are_refused(manifest: Manifest, names: tuple[str, ...]) -> None:
    """What is two files here would be one on macOS, and the second would be the first."""
    goroot = f"toolchain/{manifest.toolchains[0].platform}/go"
    with pytest.raises(BadBundle, match=r"it is (the same as|a file and a folder)"):
        parse(with_file(manifest, *(f"{goroot}/{name}" for name in names)).to_bytes())


def test_the_go_of_a_toolchain_is_the_one_that_is_listed(manifest: Manifest) -> None:
    """Its hash is what a kernel is told."""
    other = replace(manifest, toolchains=(Toolchain(bundling.PLATFORM, "1.26.8", _SHA),))
    with pytest.raises(BadBundle, match="not the go that its manifest lists"):
        parse(other.to_bytes())


def test_no_bundle_is_called_as_another_ones_id() -> None:
    """Neither by `create --name` nor by a manifest of whoever."""
    assert not manifests.is_name("0123456789abcdef")
    assert manifests.is_name("0123456789abcde")
    content = Manifest("jupyter-gokernel 1", "1.26.8", (), name="0123456789abcdef").to_bytes()
    with pytest.raises(BadBundle, match="name"):
        manifests.parse(content)


# Names.

_GOOD = (
    *("manifest.json", "go.sum", "proxy/example.invalid/m/@v/list", "proxy/a/@latest"),
    *("proxy/github.com/!burnt!sushi/toml/@v/v1.0.0.zip", "proxy/git.sr.ht/~x/y/@v/v1.0.0.mod"),
    *("proxy/gopkg.in/yaml.v3/@v/v3.0.0-20200313102051-9f266ea9e77c.info",),
    *("proxy/a.invalid/b/@v/v2.0.0+incompatible.zip", "toolchain/linux-amd64/go/VERSION"),
    *("toolchain/linux-arm64/go/test/\u00c4foo.go", "toolchain/darwin-arm64/go/a b/c:d"),
)
_BAD = (
    *("", "/", "/etc/passwd", "../x", "proxy", "proxy/", "x", "bundle.json", "go.mod", "./go.sum"),
    *("proxy/../go.sum", "proxy/a/@v/../../../x.zip", "proxy//a/@latest", "proxy/a//@latest"),
    *("proxy/a/@v/list/", "proxy/a/@v/v1.0.0.zip.exe", "proxy/a/@v/v1.0.0", "proxy/A/@latest"),
    *("proxy/.a/@latest", "proxy/a./@latest", "proxy/a/.git/@latest", "proxy/a/@v/V1.0.0.zip"),
    *("proxy/a/@v/v1.0.0.zip\n", "proxy/a/@v/v1.0.0\0.zip", "proxy/\u00e9/@latest"),
    *("toolchain/linux-amd64/go", "toolchain/linux-amd64/go/", "toolchain/linux-amd64/x"),
    *("toolchain/linux-amd64/go/..", "toolchain/linux-amd64/go/a/../../../../../x"),
    *("toolchain/linux-amd64/go//etc/passwd", "toolchain/linux-amd64/go/./x"),
    *("toolchain/../../go/x", "toolchain/linux-amd64/../go/x", "toolchain/linux/go/x"),
    *("toolchain/linux-amd64/go/a\\b", "toolchain/linux-amd64/go/C:\\x"),
    *("toolchain/linux-amd64/go/\x1b[2J", "toolchain/linux-amd64/go/a\nb"),
    *("toolchain/linux-amd64/go/\udcff", "toolchain/linux-amd64/go/\u202egnp.go"),
    *("toolchain/linux-amd64/go/" + "a" * 256, "toolchain/linux-amd64/go/" + "a/" * 100 + "a"),
    *("toolchain/linux-amd64/go/" + "\u00e9" * 128, "toolchain/linux-amd64/go/" + "abcd/" * 250),
    *("GO.SUM", "Manifest.json", "proxy\\a\\@latest"),
)


@pytest.mark.parametrize("name", _GOOD)
def test_names_of_bundles_are_allowed(name: str) -> None:
    """Modules as the proxy protocol escapes them, whatever a GOROOT holds."""
    assert paths.is_allowed(name)


@pytest.mark.parametrize("name", _BAD)
def test_other_names_are_not(name: str) -> None:
    """No way out, nothing that a terminal would obey, nothing that isn't a bundle's."""
    assert not paths.is_allowed(name)


@given(st.text(st.sampled_from("abA!.@/~\\-v1\0\n"), max_size=12), st.sampled_from(_GOOD))
def test_every_allowed_name_stays_inside(more: str, good: str) -> None:
    """It is spelled in one way, and what it names lies below the folder."""
    name = good.rpartition("/")[0] + "/" + more
    if paths.is_allowed(name):
        assert os.path.normpath(name) == name
        assert os.path.normpath(f"/x/{name}").startswith("/x/")


@given(st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9.]{0,5}[a-z](/[A-Za-z]{1,4})?", fullmatch=True))
def test_modules_are_found_again_from_their_files(path: str) -> None:
    """Path and version come back, capitals included."""
    name = paths.file_of(path, "v1.0.0-RC1", "zip")

    assert paths.is_allowed(name)
    assert name == name.lower()
    assert paths.module_of(name) == (path, "v1.0.0-RC1", "zip")
    assert paths.module_of(paths.list_of(path)) is None
