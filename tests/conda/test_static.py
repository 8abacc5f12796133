"""Variables that an environment's files set, by conda's rules."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from go_kernel.conda import static
from tests import prefixes, unprivileged


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """An empty environment."""
    return prefixes.prefix(tmp_path / "env")


def merged(prefix: Path) -> Mapping[str, str | None]:
    """The variables as a shell would have them in the end."""
    result: dict[str, str | None] = {}
    for source in static.read(prefix).sources:
        result.update(source.variables)
    return result


def test_packages_in_the_order_of_their_names_then_state(prefix: Path) -> None:
    """A later file wins; each is named, so that an origin can be shown."""
    prefixes.package_variables(prefix, "b.json", {"X": "b", "Y": "b"})
    prefixes.package_variables(prefix, "a.json", {"X": "a", "Y": "a", "Z": "a"})
    prefixes.state(prefix, {"Y": "state"})

    sources = static.read(prefix).sources

    assert [source.place for source in sources] == [
        "etc/conda/env_vars.d/a.json",
        "etc/conda/env_vars.d/b.json",
        "conda-meta/state",
    ]
    assert merged(prefix) == {"X": "b", "Y": "state", "Z": "a"}


def test_names_are_upper_cased(prefix: Path) -> None:
    """conda's default since 4.9."""
    prefixes.package_variables(prefix, "a.json", {"my_var": "1", "Mixed": "2"})

    assert merged(prefix) == {"MY_VAR": "1", "MIXED": "2"}


def test_unset_in_state_takes_a_packages_variable_away(prefix: Path) -> None:
    """What `conda env config vars unset` writes: neither set nor unset, the parent's stays."""
    prefixes.package_variables(prefix, "a.json", {"X": "a", "y": "a", "Z": "a"})
    prefixes.state(prefix, {"X": "***unset***", "Y": "***unset***", "W": "***unset***"})

    assert merged(prefix) == {"Z": "a"}


def test_unset_by_a_package_and_set_by_a_later_one(prefix: Path) -> None:
    """The later file wins here too."""
    prefixes.package_variables(prefix, "a.json", {"X": "***unset***"})
    prefixes.package_variables(prefix, "b.json", {"X": "b"})

    assert merged(prefix) == {"X": "b"}


VALUES = {
    "a number": (12, "12"),
    "a fraction": (1.5, "1.5"),
    "a truth": (True, "True"),
    "a list": (["a", 1], "['a', 1]"),
    "an object": ({"a": 1}, "{'a': 1}"),
    "nothing": (None, None),
    "the empty text": ("", ""),
    "line breaks": ("a\nb\r\n", "a\nb\r\n"),
    "syntax": ("$(id) `id` ' \" \\ %s", "$(id) `id` ' \" \\ %s"),
    "non-ASCII": ("ünï ✓", "ünï ✓"),
    "undecodable bytes": ("\udcff", "\udcff"),
    "nearly unset": ("***UNSET***", "***UNSET***"),
}


@pytest.mark.parametrize("kind", VALUES)
def test_values_are_what_conda_makes_of_them(kind: str, prefix: Path) -> None:
    """`str()` of what is no text, null is "unset", and nothing is interpreted."""
    value, expected = VALUES[kind]
    prefixes.package_variables(prefix, "a.json", {"X": value})

    assert merged(prefix) == {"X": expected}
    assert static.read(prefix).findings == ()


REFUSED = {
    "PATH": "PATH",
    "path in lower case": "path",
    "no name": "",
    "a space": "A B",
    "a hyphen": "A-B",
    "an equals sign": "A=B",
    "a leading digit": "1A",
    "a line break": "A\nB",
    "a trailing line break": "A\n",
    "a NUL": "A\0B",
    "shell syntax": "A;id",
    "a function": "BASH_FUNC_ls%%",
    "a non-ASCII letter": "É",
    "a non-ASCII digit": "A٣",
}


@pytest.mark.parametrize("kind", REFUSED)
def test_names_that_cannot_be_set_are_refused(kind: str, prefix: Path) -> None:
    """Each with one finding that names it; what stands beside it counts."""
    prefixes.package_variables(prefix, "a.json", {REFUSED[kind]: "x", "GOOD": "1"})

    read = static.read(prefix)

    assert merged(prefix) == {"GOOD": "1"}
    assert [finding.id for finding in read.findings] == ["activation.variable-refused"]
    assert repr(REFUSED[kind]) in read.findings[0].summary


@pytest.mark.parametrize("value", ["a\0b", "\ud800"], ids=["NUL", "half a character"])
def test_values_that_no_process_can_have_are_refused(value: str, prefix: Path) -> None:
    """JSON can say them, an environment can't hold them."""
    prefixes.package_variables(prefix, "a.json", {"X": value, "GOOD": "1"})

    assert merged(prefix) == {"GOOD": "1"}
    assert [f.id for f in static.read(prefix).findings] == ["activation.variable-refused"]


def test_unsetting_path_needs_no_finding(prefix: Path) -> None:
    """It is what conda itself leaves behind when somebody removes that mistake."""
    prefixes.state(prefix, {"PATH": "***unset***"})

    assert static.read(prefix).findings == ()


UNREADABLE: dict[str, str] = {
    "no JSON": "GOROOT=/x",
    "layout B's file in a prefix with a quote": '{"GOROOT": "/a"b/go"}',
    "empty": "",
    "a list": '["GOROOT"]',
    "text": '"GOROOT"',
    "deep": "[" * 100_000,
    "deep objects": '{"a":' * 100_000,
    "a number too long": '{"X": ' + "9" * 10_000 + "}",
    "invalid UTF-8": "\udcff{",
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_broken_file_is_a_finding_and_the_others_count(kind: str, prefix: Path) -> None:
    """conda itself ends with a traceback here."""
    broken = prefixes.package_variables(prefix, "a.json", "")
    broken.write_bytes(UNREADABLE[kind].encode("utf-8", "surrogateescape"))
    prefixes.package_variables(prefix, "b.json", {"X": "1"})

    read = static.read(prefix)

    assert merged(prefix) == {"X": "1"}
    assert [finding.id for finding in read.findings] == ["activation.variables-unreadable"]
    assert str(broken) in read.findings[0].summary
    assert read.findings[0].environment == str(prefix)


def test_every_file_of_the_folder_counts_whatever_its_name(prefix: Path) -> None:
    """As in conda; one called `state` is a package's like any other."""
    prefixes.package_variables(prefix, "state", {"X": "1"})
    prefixes.package_variables(prefix, "no-suffix", {"Y": "2"})

    assert merged(prefix) == {"X": "1", "Y": "2"}


@pytest.mark.parametrize("content", ['{"env_vars": ["X"]}', '{"env_vars": null}', "{}"])
def test_a_state_without_variables_sets_none(content: str, prefix: Path) -> None:
    """The file may hold other things."""
    prefixes.write(prefix / "conda-meta" / "state", content)

    assert merged(prefix) == {}


def test_folders_links_and_pipes_in_place_of_files(prefix: Path) -> None:
    """None of them is read, none of them is waited for."""
    good = prefixes.package_variables(prefix, "good.json", {"X": "1"})
    (good.parent / "folder.json").mkdir()
    (good.parent / "loop.json").symlink_to("loop.json")
    (good.parent / "gone.json").symlink_to("nowhere")
    os.mkfifo(good.parent / "pipe.json")
    (prefix / "conda-meta" / "state").mkdir()

    assert merged(prefix) == {"X": "1"}


def test_a_prefix_without_any_of_it(tmp_path: Path) -> None:
    """Not even the prefix has to be there."""
    assert static.read(tmp_path / "gone") == static.Sources()


@pytest.mark.parametrize(
    "place", ["etc/conda/env_vars.d/a.json", "etc/conda/env_vars.d", "etc/conda", "etc", "."]
)
def test_what_others_can_write_is_not_believed(place: str, prefix: Path) -> None:
    """The file itself, or any folder that would let them put another in its place."""
    prefixes.package_variables(prefix, "a.json", {"GOFLAGS": "-toolexec=/tmp/x"})
    (prefix / place).chmod((prefix / place).stat().st_mode | 0o002)

    read = static.read(prefix)

    assert merged(prefix) == {}
    assert [finding.id for finding in read.findings] == ["activation.variables-unreadable"]
    which = "it" if place.endswith(".json") else str(prefix / place)
    assert f"{which} is writable by everybody" in read.findings[0].summary


_AS_NOBODY = """
from pathlib import Path
from go_kernel.conda import static
prefix = Path(sys.argv[1])
drop()
read = static.read(prefix)
print(json.dumps([[dict(s.variables) for s in read.sources], [f.summary for f in read.findings]]))
"""


def test_an_unreadable_file_is_a_finding() -> None:
    """It names the file and the reason."""
    with unprivileged.open_folder() as base:
        prefix = prefixes.prefix(base / "env")
        prefixes.package_variables(prefix, "a.json", {"X": "1"}).chmod(0)
        prefixes.package_variables(prefix, "b.json", {"Y": "1"})

        variables, findings = unprivileged.run(_AS_NOBODY, prefix)

    assert variables == [{"Y": "1"}]
    assert findings == [
        f"The variables in {prefix}/etc/conda/env_vars.d/a.json are not used: "
        "it can't be read (Permission denied)."
    ]


@pytest.mark.parametrize("closed", ["conda-meta", "etc", "."])
def test_folders_that_may_not_be_entered(closed: str) -> None:
    """What can't be seen sets nothing, and nothing breaks."""
    with unprivileged.open_folder() as base:
        prefix = prefixes.prefix(base / "env")
        prefixes.package_variables(prefix, "a.json", {"X": "1"})
        prefixes.state(prefix, {"Y": "1"})
        (prefix / closed).chmod(0)
        try:
            variables, _ = unprivileged.run(_AS_NOBODY, prefix)
        finally:
            (prefix / closed).chmod(0o755)

    assert variables == {"conda-meta": [{"X": "1"}], "etc": [{"Y": "1"}], ".": []}[closed]


def test_a_huge_file(prefix: Path) -> None:
    """Ten thousand variables are read like one."""
    prefixes.package_variables(prefix, "a.json", json.dumps({f"V{n}": "x" for n in range(10_000)}))

    assert len(merged(prefix)) == 10_000
