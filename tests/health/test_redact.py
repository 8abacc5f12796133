"""A report that is pasted into an issue holds no secret, no name, no home folder."""

from __future__ import annotations

import json
import string
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from go_kernel.health import redact
from go_kernel.health.redact import Private

NOBODY = Private()

# Long enough, and of letters that the templates don't hold by themselves.
plain = st.text(string.ascii_uppercase + string.digits, min_size=10, max_size=40)
# What passwords are made of: also what means something in URLs, JSON, Markdown and patterns.
wild = st.text(
    string.ascii_letters + string.digits + "!$%&*+-._~^()[]{}\\'\"`|;,<>#=:/?",
    min_size=8,
    max_size=40,
)
names = st.sampled_from(
    ["GITHUB_TOKEN", "MY_SECRET", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD", "api_key", "GOAUTH"]
)


@given(
    plain,
    st.sampled_from(
        [
            "https://user:{}@proxy.invalid/path",
            "https://{}@proxy.invalid",
            "GOPROXY=https://u:{}@a.invalid,direct",
            "GOPROXY=https://a.invalid|https://u:{}@b.invalid",
            "http_proxy=user:{}@proxy.invalid:8080",
            "fetch https://a.invalid/x?token={}&y=1: 401",
            "failed: user:{}@proxy.invalid",
            "MY_TOKEN={}",
            "MY_TOKEN = '{}'",
            'export DB_PASSWORD="{} and more"',
            '{{"password": "{}"}}',
            "password: {}",
            "Authorization: Bearer {}",
            "authorization: Basic {}==",
            "sent Bearer {} and got 401",
            "Cookie: session={}; other=1",
            "Set-Cookie: a=1; session={}",
            "Authorization: {}",
            "refused: user:{}@localhost:8080",
            "refused (user:x@{}@localhost)",
            "X-Auth-Token: {}",
            "curl --token {} x",
            "tool --api-key={}",
            "ghp_{}AAAAAA",
            "github_pat_{}AAAAAA",
            "glpat-{}",
            "AIza{}",
            "sk_live_{}",
            "rk_test_{}",
            "SG.{}.x",
            "ya29.{}",
            "pw={}",
            "DB_PW: {}",
            "ftp-pass={}",
            "pwd={}",
            "machine a.invalid login ada password {}",
            "machine a.invalid\n  login ada\n  password\n  {}",
            "  password {}",
            "eyJhbGciOiJI.{}.x",
            "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\n{}",
        ],
    ),
)
def test_what_looks_like_a_secret_goes(secret: str, template: str) -> None:
    """By its shape alone, whoever's it is."""
    assert secret not in redact.text(f"before {template.format(secret)}\nafter", NOBODY)


@given(wild, names, st.sampled_from(["so {} it was", "{}", "a/{}/b", "x{}y", "`{}`"]))
@example("aaaa bbbb", "MY_SECRET", "{}")
def test_what_is_known_as_a_secret_goes(secret: str, name: str, template: str) -> None:
    """The value of a variable with a secret's name, wherever and however it is written."""
    private = Private({name: secret})
    escaped = json.dumps(secret)[1:-1]
    for spelled in (secret, quote(secret, safe=""), escaped, escaped.replace("/", "\\/")):
        assert spelled not in redact.text(template.format(spelled), private)
        found = redact.data({"a": [{"b": template.format(spelled)}]}, private)
        assert spelled not in found["a"][0]["b"]


@given(plain, st.sampled_from(["GOPROXY", "HTTPS_PROXY", "PIP_INDEX_URL", "ANYTHING"]))
def test_a_password_of_a_url_goes_without_its_url(secret: str, name: str) -> None:
    """A proxy's password, quoted alone by some error message."""
    private = Private({name: f"https://me:{secret}@proxy.invalid/simple"})
    assert secret not in redact.text(f"the server refused {secret}!", private)


@given(
    st.text(string.ascii_lowercase, min_size=5, max_size=12).filter(
        lambda name: name not in redact.COMMON
    ),
    st.sampled_from(
        ["/home/{}/envs/demo", "/Users/{}/x", "/data/{}/go", "~{}/go", "uid 1000 ({})", "{}@HOST:~"]
    ),
)
def test_user_names_go(name: str, template: str) -> None:
    """One's own, in paths and in words."""
    private = Private(users=(name,), homes=(f"/home/{name}",))
    assert name not in redact.text(template.format(name), private)


def test_secrets_of_configuration_files_go() -> None:
    """Variables that are set for kernels alone are known, too, under a name of their own or not."""
    private = Private({"A_TOKEN": "outer-secret"}, more=({"A_TOKEN": "inner-secret"},))
    assert redact.text("outer-secret inner-secret", private) == "*** ***"


def test_homes_and_hosts() -> None:
    """The home folder becomes ~, and only at the end of a name; hosts go, long and short."""
    private = Private(
        homes=("/srv/people/ada", "/srv"), users=("ada",), hosts=("node17.cluster.invalid",)
    )
    said = (
        "/srv/people/ada/go /srv/people/ada2 in /srv/people/ada on NODE17, node17.cluster.invalid"
    )
    assert redact.text(said, private) == "~/go ~/people/ada2 in ~ on HOST, HOST"


def test_others_homes_go() -> None:
    """A colleague's name stands in the path of a shared environment."""
    said = "/home/grace/envs/demo and /Users/grace, ~grace/go, but ~/go and ~~~"
    expected = "/home/USER/envs/demo and /Users/USER, ~USER/go, but ~/go and ~~~"
    assert redact.text(said, NOBODY) == expected
    for shown in (
        "https://web.invalid/~grace/x",
        "/u/grace/go",
        "?next=%2Fhome%2Fgrace%2Fgo&x=1",
        "?next=%2fUsers%2fgrace",
        "uid=1000(grace) gid=1000(grace) groups=1000(grace),27(sudo)",
    ):
        assert "grace" not in redact.text(shown, NOBODY)
    private = Private(homes=("/srv/people/grace",))
    assert redact.text("next=%2Fsrv%2Fpeople%2fgrace%2Fx", private) == "next=~%2Fx"


@pytest.mark.parametrize(
    "said",
    [
        "Go 1.26.6 at /opt/conda/envs/demo/go, linux/amd64",
        "expected 3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, found nothing",
        "GOPROXY=https://proxy.invalid,direct GOFLAGS=-mod=mod GOROOT=/opt/go",
        "github.com/google/uuid@v1.6.0 h1:NIvaJDMOsjHA8n1jAhLSgzrAzy1Hgr+hNrb57e+94F0=",
        "error: engine.built: gophernotes has not been built for this Go 1.26.6",
        "jupyter gokernel install --env demo --replace",
        "belongs to root; Python 3.11.7",
        "proxy.invalid wants a user and password (401)",
        "GOPROXY holds a password or token, and others may read /etc/x",
        "the cell `pass` is empty; PWD=/opt/work; see /usr/lib/u/x",
    ],
)
def test_what_helps_stays(said: str) -> None:
    """Versions, hashes, places and commands are what the report is for."""
    private = Private(
        {"HOME": "/root", "PATH": "/bin", "USER": "root"},
        homes=("/root",),
        users=("root", "go"),
        hosts=("localhost",),
    )
    assert redact.text(said, private) == said


def test_secret_keys_of_data() -> None:
    """What has a secret's name goes whole; numbers, null and the rest stay."""
    found = redact.data({"api_token": "x", "n": 1, "none": None, "ok": [True, "y"]}, NOBODY)
    assert found == {"api_token": "***", "n": 1, "none": None, "ok": [True, "y"]}


@given(st.text())
def test_any_text_can_be_redacted(said: str) -> None:
    """Whatever it is, and done twice it is the same."""
    once = redact.text(said, NOBODY)
    assert redact.text(once, NOBODY) == once


@pytest.mark.parametrize(
    "piece",
    [
        "a:",
        "a@",
        "https://",
        "A=",
        "x-",
        "/home/",
        "-----BEGIN ",
        "(a:",
        "--a-token-",
        "a://",
        '"',
        'a="',
        "password ",
        "login a ",
        "uid=1(",
        "%2Fhome%2F",
    ],
)
def test_long_nonsense_takes_no_time(piece: str) -> None:
    """No pattern runs away: this ends."""
    redact.text(piece * 20_000, Private({"MY_TOKEN": "abcdefgh"}, homes=("/home/x",)))
