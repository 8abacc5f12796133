"""The one table of variables, and what may be shown of their values."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from go_kernel.process import run
from go_kernel.variables import (
    INHERITED,
    MASK,
    OURS,
    RUNS_CODE,
    SECRET,
    TABLE,
    mask_urls,
    masked,
    settable,
)


@pytest.mark.parametrize("version", ["1.22", "1.24", "1.27"])
def test_every_variable_that_go_prints_has_a_row(
    version: str, goroot: Callable[[str], Path]
) -> None:
    """By the real `go env`; what has no row would be inherited unseen."""
    env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GOENV": "off"}
    printed = run([goroot(version) / "bin/go", "env", "-json"], env=env, timeout=60).stdout

    assert sorted(set(json.loads(printed)) - set(TABLE)) == []


def test_every_variable_that_go_may_read_has_a_row(goroot: Callable[[str], Path]) -> None:
    """By the list in Go's own sources."""
    source = (goroot("1.27") / "src/internal/cfg/cfg.go").read_text()
    known = source[source.index("const KnownEnv") :].split("`")[1].split()

    assert len(known) > 50
    assert sorted(set(known) - set(TABLE)) == []


def test_what_runs_code_is_never_inherited() -> None:
    """Whatever the process that starts kernels says."""
    assert not RUNS_CODE & INHERITED
    assert OURS <= RUNS_CODE


@pytest.mark.parametrize(
    "name",
    [
        *("GOFLAGS", "GOAUTH", "GOVCS", "GOCACHEPROG", "GOENV", "GOROOT", "GOTOOLCHAIN", "CC"),
        *("CXX", "FC", "AR", "PKG_CONFIG", "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS"),
        *("CGO_FFLAGS", "CGO_LDFLAGS", "LD_PRELOAD", "GCCGO", "GO_EXTLINK_ENABLED", "GO_LDSO"),
        *("CGO_LDFLAGS_ALLOW", "LDFLAGS", "CFLAGS", "PKG_CONFIG_PATH", "GIT_ALLOW_PROTOCOL"),
    ],
)
def test_what_is_known_to_run_code(name: str) -> None:
    """The threat, spelled out."""
    assert name in RUNS_CODE


@pytest.mark.parametrize(
    "name",
    [
        *("GOPATH", "GOMODCACHE", "GOCACHE", "GOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE"),
        *("GONOPROXY", "GOINSECURE", "GOTMPDIR", "NETRC"),
    ],
)
def test_what_passes(name: str) -> None:
    """Without it nothing could be downloaded behind a company's proxy."""
    assert name in INHERITED


def test_names_that_a_kernel_may_set() -> None:
    """All but ours; anything else of a person's too."""
    for name in ("GOPROXY", "GOFLAGS", "PATH", "MY_VAR", "_x", "http_proxy", "LD_PRELOAD"):
        assert settable(name), name
    for name in (*OURS, "GOKERNEL_SCRATCH", "GOKERNEL_POLICY", "GOKERNEL_X"):
        assert not settable(name), name
    for name in ("", "1A", "A B", "A=B", "A\n", "A\0", "É", "A-B", "BASH_FUNC_x%%"):
        assert not settable(name), name


SHOWN = {
    ("GOPROXY", "https://goproxy.example,direct"): "https://goproxy.example,direct",
    ("GOPROXY", "https://me:pw@h/a|https://h2:8080/b,off"): "https://***@h/a|https://h2:8080/b,off",
    ("GOPROXY", "https://token@h,direct"): "https://***@h,direct",
    ("GOPROXY", "https://u:p,w@h/a,direct"): "https://***@h/a,direct",
    ("GOPROXY", "https://u:p/w@h/a"): "https://***@h/a",
    ("GOPROXY", "https://u:p?w#x@h/a"): "https://***@h/a",
    ("GOPROXY", "https://u:p@q@h/a"): "https://***@h/a",
    ("GOPROXY", "https://h/a?token=x,direct"): "https://h/a?***,direct",
    ("GOPROXY", "file:///home/me@corp/mod"): "file:///home/me@corp/mod",
    ("GOPROXY", "https://h:8080/x@v1"): "https://h:8080/x@v1",
    ("GOPROXY", "https://[::1]:80/x"): "https://[::1]:80/x",
    ("GOPROXY", "https://d.example/?a#b,off"): "https://d.example/?***#***,off",
    ("GOPROXY", "https://d.example/#hunter2"): "https://d.example/#***",
    ("HTTPS_PROXY", "http://me:pw@h:3128"): "http://***@h:3128",
    ("https_proxy", "me:pw@h:3128"): "***@h:3128",
    ("HTTP_PROXY", "h:3128"): "h:3128",
    ("DATABASE_URL", "postgres://u:p'w\"<x>|;@h/db"): "postgres://***@h/db",
    ("MY_ROUTE", "a:b@c"): "a:b@c",
    ("GOPRIVATE", "*.corp.example"): "*.corp.example",
    ("PATH", "/usr/bin:/bin"): "/usr/bin:/bin",
    ("PWD", "/home/me"): "/home/me",
    ("OLDPWD", "/home/me"): "/home/me",
    ("SSH_AUTH_SOCK", "/run/x"): "/run/x",
    ("COMPASS", "north"): "north",
    ("KEYBOARD", "us"): "us",
    ("CGO_CFLAGS", "-I/x -DURL=https://u:p@h"): "-I/x -DURL=https://***@h",
    ("GOAUTH", "netrc; git /home/me"): MASK,
    ("GIT_CONFIG_COUNT", "1"): "1",
    ("GIT_CONFIG_KEY_0", "url.https://u:p@h/.insteadOf"): "url.https://***@h/.insteadOf",
    ("GIT_CONFIG_VALUE_0", "https://t@h/"): "https://***@h/",
    ("GIT_CONFIG_VALUE_0", "git@h.example:"): "git@h.example:",
    ("GIT_CONFIG_VALUE_1", "/etc/ssl/site.pem"): "/etc/ssl/site.pem",
    ("GIT_CONFIG_VALUE_2", "Authorization: Basic dTpw"): MASK,
    ("GIT_CONFIG_VALUE_3", "!echo password=p"): MASK,
    ("GIT_CONFIG_VALUE_4", "hunter2"): MASK,
    ("GIT_CONFIG_PARAMETERS", "'url.https://u:p@h/.insteadof=https://h/'"): MASK,
    ("GOFLAGS", "-ldflags=-X=main.t=pw -mod=mod"): "-ldflags=-X=main.t=*** -mod=mod",
    ("GOFLAGS", "'-ldflags=-s -X main.t=pw -w' -x"): "'-ldflags=-s -X main.t=***' -x",
    ("GOFLAGS", "\"-ldflags=-X 'main.t=p w'\""): '"-ldflags=-X \'main.t=***"',
    ("GOFLAGS", "-tags=a,b -trimpath"): "-tags=a,b -trimpath",
    ("ANY", ""): "",
    ("SECRET", ""): "",
}


@pytest.mark.parametrize(("name", "value"), SHOWN)
def test_what_is_shown(name: str, value: str) -> None:
    """Users, passwords and queries of URLs go; all else stays readable."""
    assert masked(name, value) == SHOWN[name, value]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "GITHUB_TOKEN",
            "JUPYTERHUB_API_TOKEN",
            "AWS_SECRET_ACCESS_KEY",
            "MY_PASSWORD",
            "DB_PASS",
        ),
        *("apikey", "OPENAI_API_KEY", "STRIPE_KEY", "GITHUB_PAT", "MYSQL_PWD", "PGPASSWORD"),
        *("SSL_KEY_PASSPHRASE", "NPM_CONFIG_//r.example/:_authToken", "my-secret", "GOAUTH"),
        *("AZURE_CREDENTIALS", "SESSION_COOKIE", "HTTP_BASIC_AUTH", "TOKENS", "CONFIGPROXY_AUTH"),
    ],
)
def test_what_is_named_like_a_secret_is_one(name: str) -> None:
    """Whatever it holds."""
    assert masked(name, "anything at all") == MASK


_HOSTS = st.from_regex(r"[a-z]{1,5}(\.[a-z]{1,3})?(:[0-9]{1,4})?", fullmatch=True)
_PASSWORDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="/"), min_size=6
)


@given(user=st.from_regex(r"[a-z]{0,4}", fullmatch=True), password=_PASSWORDS, host=_HOSTS)
def test_no_password_of_any_url_is_shown(user: str, password: str, host: str) -> None:
    """However odd: only white space and a slash end the place where one can stand."""
    secret = f"%{password}%"
    text = f"see https://{user}:{secret}@{host}/path,direct and more"

    shown = mask_urls(text)

    assert secret not in shown
    assert shown.startswith("see https://")
    assert shown.endswith("and more")


@given(st.text())
def test_masking_is_never_an_error(text: str) -> None:
    """And masking twice is masking once."""
    assert mask_urls(mask_urls(text)) == mask_urls(text)


def test_what_the_table_calls_secret_is_masked() -> None:
    """One list, one meaning."""
    for name in SECRET:
        assert "hunter2" not in masked(name, "https://me:hunter2@h")
