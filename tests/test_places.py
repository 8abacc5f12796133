"""GOPATH, GOMODCACHE and GOCACHE are places that Go can use, and one's own."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from go_kernel.cache import Cache
from go_kernel.environment import GoEnvironment
from go_kernel.findings import Status
from go_kernel.places import TEMPLATED, BadTemplate, filled
from go_kernel.process import run
from go_kernel.resolve import Policy, Target, resolve
from tests import prefixes, unprivileged

GetGoroot = Callable[[str], Path]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def resolved(
    folder: Path,
    parent: Mapping[str, str],
    settings: Mapping[str, str] | None = None,
    *,
    name: str = "demo",
    goroot: Path | None = None,
) -> GoEnvironment:
    """The environment of a kernel on some Go."""
    target = Target(name, goroot=goroot or prefixes.goroot(folder / "sdk"))
    policy = Policy(settings or {})
    return resolve(target, parent, cache=Cache(folder / "cache"), policy=policy).environment


def places(environment: GoEnvironment) -> dict[str, str]:
    """All three."""
    return {name: environment.get(name) for name in TEMPLATED}


def ids(environment: GoEnvironment) -> list[str]:
    """The findings about places."""
    return [f.id for f in environment.findings if f.id.startswith("places.")]


def plain(home: Path, **more: str) -> dict[str, str]:
    """A parent with that home."""
    return {"HOME": str(home), "PATH": "/usr/bin:/bin", **more}


@pytest.mark.parametrize("version", ["1.22", "1.27"])
@pytest.mark.parametrize("xdg", [False, True])
def test_the_defaults_are_gos_own(
    xdg: bool, version: str, home: Path, tmp_path: Path, goroot: GetGoroot
) -> None:
    """Made explicit; by the real Go's own word."""
    env = plain(home, **({"XDG_CACHE_HOME": f"{home}/xdg"} if xdg else {}))
    go = goroot(version) / "bin/go"
    printed = json.loads(
        run([go, "env", "-json", *TEMPLATED], env={**env, "GOENV": "off"}, timeout=60).stdout
    )

    environment = resolved(tmp_path, env, goroot=goroot(version))

    assert places(environment) == printed
    assert ids(environment) == []
    assert "Go's default" in str(environment.variables["GOPATH"].origin)


def test_a_modcache_follows_its_gopath(home: Path, tmp_path: Path) -> None:
    """As in Go; of a list, the first folder counts."""
    environment = resolved(tmp_path, plain(home, GOPATH=f"{home}/a:{home}/b"))

    assert environment.get("GOPATH") == f"{home}/a:{home}/b"
    assert environment.get("GOMODCACHE") == f"{home}/a/pkg/mod"


def test_only_gopath_is_a_list(home: Path, tmp_path: Path) -> None:
    """A colon in the others is a character of their name."""
    prefixes.write(home / "a", "a file")

    environment = resolved(tmp_path, plain(home, GOCACHE=f"{home}/a:b"))

    assert environment.get("GOCACHE") == f"{home}/a:b"
    assert ids(environment) == []


BAD = {
    "relative": ("go", "it is not an absolute path"),
    "a literal ~": ("~/go", "it is not an absolute path"),
    "a variable": ("$HOME/go", "it is not an absolute path"),
    "off": ("off", "it is not an absolute path"),
    "below a file": ("{home}/file/x", "{home}/file is not a folder"),
    "a file": ("{home}/file", "{home}/file is not a folder"),
    "a dead link": ("{home}/dead", "{home}/dead is not a folder"),
    "below a dead link": ("{home}/dead/x", "{home}/dead is not a folder"),
    "a loop": ("{home}/loop/x", "{home}/loop is not a folder"),
    "a device": ("/dev/null", "/dev/null is not a folder"),
}


@pytest.mark.parametrize("name", TEMPLATED)
@pytest.mark.parametrize("kind", BAD)
def test_what_go_cannot_use_is_replaced_and_said(
    kind: str, name: str, home: Path, tmp_path: Path
) -> None:
    """With the reason, the value, and what is used instead."""
    prefixes.write(home / "file", "")
    (home / "dead").symlink_to("nowhere")
    (home / "loop").symlink_to("loop")
    value, reason = (text.format(home=home) for text in BAD[kind])
    default = places(resolved(tmp_path, plain(home)))[name]
    (tmp_path / "again").mkdir()

    environment = resolved(tmp_path / "again", plain(home, **{name: value}))

    assert environment.get(name) == default
    [finding] = [f for f in environment.findings if f.id.startswith("places.")]
    assert (finding.id, finding.status) == ("places.replaced", Status.WARN)
    assert finding.summary == (
        f"{name}={value} can't be used, because {reason}; {default} is used instead."
    )
    assert environment.variables[name].overrode[0].value == value


@pytest.mark.parametrize("value", ["/a:b", "/a:~/b", "/a:./b", ":b"])
def test_a_list_with_a_relative_folder_is_replaced(
    value: str, home: Path, tmp_path: Path, goroot: GetGoroot
) -> None:
    """Every `go` fails with it, wherever in the list it stands."""
    go = goroot("1.27") / "bin/go"
    argv = [go, "list", "unsafe"]
    env = plain(home, GOPATH=value, GOENV="off", GOFLAGS="", GOCACHE=str(home / "c"))
    assert run(argv, env=env, timeout=60, check=False, cwd=home).returncode != 0

    environment = resolved(tmp_path, plain(home, GOPATH=value), goroot=goroot("1.27"))

    assert ids(environment) == ["places.replaced"]
    assert run(argv, env=environment.as_dict(), timeout=60, cwd=home).stdout == "unsafe\n"


@pytest.mark.parametrize("how", ["itself", "by a link", "with a slash", "in a list"])
def test_a_gopath_that_is_the_goroot_is_replaced(how: str, home: Path, tmp_path: Path) -> None:
    """`$CONDA_PREFIX/go`, as old articles have it."""
    sdk = prefixes.goroot(tmp_path / "sdk")
    (tmp_path / "link").symlink_to(sdk)
    value = {
        "itself": f"{sdk}",
        "by a link": f"{tmp_path}/link",
        "with a slash": f"{sdk}/",
        "in a list": f"{sdk}:{home}/x",
    }[how]

    environment = resolved(tmp_path, plain(home, GOPATH=value), goroot=sdk)

    assert environment.get("GOPATH") == f"{home}/go"
    assert environment.get("GOMODCACHE") == f"{home}/go/pkg/mod"
    assert ids(environment) == ["places.replaced"]


def test_a_go_that_was_unpacked_where_gopath_would_be(home: Path, tmp_path: Path) -> None:
    """~/go is the Go itself: another folder of the home then, and no error."""
    sdk = prefixes.goroot(home / "go")

    environment = resolved(tmp_path, plain(home), goroot=sdk)

    assert environment.get("GOPATH") == f"{home}/.local/share/go"
    assert environment.errors == ()


@pytest.mark.parametrize("home_value", ["", "relative", None])
def test_without_a_home_there_is_no_place(home_value: str | None, tmp_path: Path) -> None:
    """An error each, in a sentence; nothing is made up, least of all in `/`."""
    env = {"PATH": "/usr/bin:/bin"} | ({} if home_value is None else {"HOME": home_value})

    environment = resolved(tmp_path, env)

    assert places(environment) == {"GOPATH": "", "GOMODCACHE": "", "GOCACHE": ""}
    assert [f.summary for f in environment.errors] == [
        f"{name} has no usable place, because HOME is not set." for name in TEMPLATED
    ]


def test_without_a_home_explicit_places_do(tmp_path: Path) -> None:
    """A service account."""
    env = {name: str(tmp_path / name) for name in TEMPLATED} | {"PATH": "/usr/bin"}

    environment = resolved(tmp_path, env)

    assert ids(environment) == []
    assert places(environment) == {name: str(tmp_path / name) for name in TEMPLATED}


# Rights.

_AS_NOBODY = """
from pathlib import Path
from go_kernel.cache import Cache
from go_kernel.resolve import Policy, Target, resolve
base, env = Path(sys.argv[1]), json.loads(sys.argv[2])
drop()
environment = resolve(Target("t", goroot=base / "sdk"), env, cache=Cache(base / "no")).environment
print(json.dumps([
    {n: environment.get(n) for n in ("GOPATH", "GOMODCACHE", "GOCACHE")},
    [[f.id, f.summary] for f in environment.findings if f.id.startswith("places.")],
]))
"""


def as_nobody(base: Path, env: Mapping[str, str]) -> tuple[dict[str, str], list[list[str]]]:
    """The places of somebody who owns `base/home`, and what is wrong with them."""
    home = base / "home"
    home.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        os.chown(home, unprivileged.NOBODY, unprivileged.NOBODY)
    prefixes.goroot(base / "sdk")
    found = unprivileged.run(_AS_NOBODY, base, json.dumps({"PATH": "/usr/bin:/bin", **env}))
    return found[0], found[1]


@pytest.mark.parametrize("name", ["GOPATH", "GOCACHE"])
@pytest.mark.parametrize("value", ["{base}/site", "{base}/site/deep/er", "{base}/closed/go"])
def test_places_without_the_right_to_write_are_replaced(value: str, name: str) -> None:
    """A site's folder, one to be made in it, and root's home kept by sudo."""
    with unprivileged.open_folder() as base:
        (base / "site").mkdir(mode=0o555)
        (base / "closed/go").mkdir(parents=True)
        (base / "closed").chmod(0o700 if os.geteuid() == 0 else 0)
        value = value.format(base=base)
        blamed = base / "closed" if "closed" in value else base / "site"

        found, findings = as_nobody(base, {"HOME": f"{base}/home", name: value})

        assert found[name].startswith(f"{base}/home/")
        [[finding_id, summary]] = findings
        assert finding_id == "places.replaced"
        assert f"because {blamed}" in summary
        assert "can't be written" in summary


def test_a_home_that_cannot_be_written_is_an_error_with_a_sentence() -> None:
    """Nothing is left to fall back to."""
    with unprivileged.open_folder() as base:
        (base / "admin").mkdir(mode=0o555)

        _, findings = as_nobody(base, {"HOME": f"{base}/admin"})

        assert [finding_id for finding_id, _ in findings] == ["places.unusable"] * 3
        assert findings[0][1] == (
            f"GOPATH has no usable place: {base}/admin/go can't be used, because {base}/admin "
            "can't be written."
        )


def test_the_sentence_is_about_what_was_set() -> None:
    """Where both that and the default are unusable."""
    with unprivileged.open_folder() as base:
        (base / "admin").mkdir(mode=0o555)

        _, findings = as_nobody(base, {"HOME": f"{base}/admin", "GOCACHE": "off"})

        assert findings[-1][1] == (
            "GOCACHE has no usable place: off can't be used, because it is not an absolute path."
        )


def test_a_module_cache_that_can_only_be_read_serves() -> None:
    """A site shares a complete one."""
    with unprivileged.open_folder() as base:
        (base / "mod").mkdir(mode=0o555)

        for value in (f"{base}/mod", f"{base}/mod/"):
            found, findings = as_nobody(base, {"HOME": f"{base}/home", "GOMODCACHE": value})
            assert (found["GOMODCACHE"], findings) == (value, [])


def test_a_module_cache_that_cannot_even_be_read_is_replaced() -> None:
    """Somebody else's."""
    with unprivileged.open_folder() as base:
        (base / "mod").mkdir()
        (base / "mod").chmod(0o700 if os.geteuid() == 0 else 0)

        found, findings = as_nobody(base, {"HOME": f"{base}/home", "GOMODCACHE": f"{base}/mod"})

        assert found["GOMODCACHE"] == f"{base}/home/go/pkg/mod"
        assert f"{base}/mod can't be read" in findings[0][1]


@pytest.mark.parametrize("name", TEMPLATED)
@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o702])
def test_a_place_that_everybody_can_write_is_said(
    mode: int, name: str, home: Path, tmp_path: Path
) -> None:
    """It works, so it is used; sticky or not, a planted file would be compiled in."""
    folder = tmp_path / "shared place"
    folder.mkdir()
    folder.chmod(mode)

    environment = resolved(tmp_path, plain(home, **{name: str(folder)}))

    assert environment.get(name) == str(folder)
    [finding] = [f for f in environment.findings if f.id == "places.shared-writable"]
    assert finding.status is Status.WARN
    assert f"{name}={folder} is writable by everybody" in finding.summary
    assert finding.remedy is not None
    assert finding.remedy.commands == (f"chmod go-w '{folder}'",)


def test_looking_makes_nothing(home: Path, tmp_path: Path) -> None:
    """Go makes its folders when it needs them."""
    resolved(tmp_path, plain(home))

    assert list(home.iterdir()) == []
    assert stat.S_ISDIR(home.stat().st_mode)


# Templates.


def test_a_template_per_person_and_environment(home: Path, tmp_path: Path) -> None:
    """A site's persistent volume; two environments don't share a build cache."""
    settings = {
        "GOCACHE": f"{tmp_path}/vol/{{user}}/{{environment}}/build",
        "GOMODCACHE": "{cache}/mod",
        "GOPATH": "{home}/go-{environment}",
    }

    environment = resolved(
        tmp_path, plain(home, USER="ada", XDG_CACHE_HOME=f"{home}/c"), settings, name="science"
    )

    assert places(environment) == {
        "GOPATH": f"{home}/go-science",
        "GOMODCACHE": f"{home}/c/mod",
        "GOCACHE": f"{tmp_path}/vol/ada/science/build",
    }


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"USER": "ada", "LOGNAME": "other"}, "ada"),
        ({"LOGNAME": "ada"}, "ada"),
        ({}, str(os.getuid())),
        ({"USER": "corp/ada"}, "corp-ada"),
        ({"USER": "../../etc"}, "..-..-etc"),
        ({"USER": "ada:lovelace"}, "ada-lovelace"),
        ({"USER": "{home}"}, "{home}"),
    ],
)
def test_a_field_is_one_component(
    variables: Mapping[str, str], expected: str, home: Path, tmp_path: Path
) -> None:
    """Whatever a person is called, it neither climbs nor makes two folders."""
    settings = {"GOCACHE": f"{tmp_path}/vol/{{user}}"}

    environment = resolved(tmp_path, plain(home, **variables), settings)

    assert environment.get("GOCACHE") == f"{tmp_path}/vol/{expected}"


def test_a_pixi_environments_name_makes_no_list(home: Path, tmp_path: Path) -> None:
    """They are called `project:environment`."""
    environment = resolved(
        tmp_path, plain(home), {"GOPATH": "{home}/{environment}"}, name="project:test"
    )

    assert environment.get("GOPATH") == f"{home}/project-test"


FIELDS = {"home": "/h", "user": "u", "environment": "e", "cache": "/c"}


@pytest.mark.parametrize(
    ("template", "fields", "words"),
    [
        ("{home}/{nope}", {}, "{nope} is not known"),
        ("{home}/{}", {}, "{} is not known"),
        ("/x/{user", {}, "a brace in it belongs to no field"),
        ("/x/{user.name}", {}, "a brace in it belongs to no field"),
        ("/x/{{user}}", {}, "a brace in it belongs to no field"),
        ("/x/{0!r}", {}, "a brace in it belongs to no field"),
        ("{user}/x", {}, "it gives 'u/x'"),
        ("x{home}", {}, "it gives 'x/h'"),
        ("{home}/{user}", {"user": ".."}, "{user} would be '..'"),
        ("{home}/{user}", {"user": "."}, "{user} would be '.'"),
        ("{home}/{user}", {"user": ""}, "{user} would be ''"),
        ("{home}/x", {"home": ""}, "{home} would be ''"),
        ("{cache}/x", {"cache": "relative"}, "{cache} would be 'relative'"),
        ("/x/{user}", {"user": "a\nb"}, r"it gives '/x/a\nb'"),
        ("/x/{user}", {"user": "a\0b"}, r"it gives '/x/a\x00b'"),
    ],
)
def test_a_template_that_cannot_be_filled(
    template: str, fields: Mapping[str, str], words: str
) -> None:
    """One sentence with the template and the reason."""
    with pytest.raises(BadTemplate) as caught:
        filled("GOCACHE", template, {**FIELDS, **fields})

    assert words in str(caught.value)
    assert repr(template) in str(caught.value)
    assert "{environment}" in str(caught.value.remedy)
    assert "\n" not in str(caught.value)


@given(st.text(), st.text())
def test_a_filled_template_stays_where_it_is_meant_to(user: str, environment: str) -> None:
    """Below the folder that the administrator named, exactly two levels down."""
    try:
        path = filled(
            "GOCACHE",
            "/vol/{user}/{environment}",
            {**FIELDS, "user": user, "environment": environment},
        )
    except BadTemplate:
        return

    assert os.path.normpath(path).count("/") == 3
    assert os.path.normpath(path).startswith("/vol/")
    assert ":" not in path


def test_braces_elsewhere_are_not_templates(home: Path, tmp_path: Path) -> None:
    """Only the three places are."""
    environment = resolved(tmp_path, plain(home), {"MY_JSON": '{"a": 1}', "GOPROXY": "{x}"})

    assert environment.get("MY_JSON") == '{"a": 1}'
    assert environment.get("GOPROXY") == "{x}"
