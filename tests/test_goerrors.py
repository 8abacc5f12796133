"""Go's own words, as Go 1.22 to 1.27 print them, and what is made of them."""

from __future__ import annotations

import pytest

from go_kernel.goerrors import explain

INFO = "proxy.invalid/example.test/lib/@v/v0.1.0.info"
GET = f'go: example.test/lib@v0.1.0: Get "https://{INFO}": '
READING = f"go: example.test/lib@v0.1.0: reading https://{INFO}: "
VERIFYING = "example.test/lib@v0.1.0: verifying go.mod: example.test/lib@v0.1.0/go.mod: "
LOOKUP = "https://sums.invalid/lookup/example.test/lib@v0.1.0"
MISMATCH = (
    "verifying example.test/lib@v0.1.0: checksum mismatch\n\tdownloaded: h1:aaa=\n"
    "\tgo.sum:     h1:bbb=\n\nSECURITY ERROR\nThis download does NOT match an earlier download\n"
)
WORDS = [
    (
        GET + "dial tcp 192.0.2.1:443: connect: connection refused",
        "refused",
        "(connection refused)",
    ),
    (GET + "dial tcp: lookup proxy.invalid on 192.0.2.53:53: no such host", "dns", "proxy.invalid"),
    (GET + "dial tcp 192.0.2.1:443: i/o timeout", "timeout", "proxy.invalid"),
    (GET + "net/http: TLS handshake timeout", "timeout", "proxy.invalid"),
    (GET + "dial tcp 192.0.2.1:443: connect: network is unreachable", "unreachable", "no way to"),
    (GET + "read tcp 192.0.2.9:1->192.0.2.1:443: read: connection reset by peer", "broken-off", ""),
    (GET + "EOF", "broken-off", "proxy.invalid"),
    (
        GET + "tls: failed to verify certificate: x509: certificate signed by unknown authority",
        "tls",
        "signed by unknown authority",
    ),
    (
        GET + "tls: failed to verify certificate: x509: certificate is valid for a.invalid, not "
        "proxy.invalid",
        "tls",
        "valid for a.invalid, not proxy.invalid",
    ),
    (GET + "tls: first record does not look like a TLS handshake", "no-tls", "proxy.invalid"),
    (GET + "http: server gave HTTP response to HTTPS client", "no-tls", "http and not https"),
    (
        GET + "proxyconnect tcp: dial tcp 192.0.2.1:1: connect: connection refused",
        "http-proxy",
        "HTTP_PROXY names refuses connections (connection refused)",
    ),
    (GET + "Proxy Authentication Required", "http-proxy-auth", "HTTPS_PROXY"),
    (GET + "Forbidden", "forbidden", "403"),
    (READING + "401 Unauthorized", "unauthorized", "proxy.invalid"),
    (READING + "403 Forbidden", "forbidden", "proxy.invalid"),
    (READING + "404 Not Found", "not-found", "404"),
    (READING + "410 Gone", "gone", "410"),
    (READING + "502 Bad Gateway", "server-error", "502 Bad Gateway"),
    (READING + "429 Too Many Requests", "server-error", "429"),
    (
        "go: x@v1: reading file:///mods/x/@v/v1.info: no such file or directory",
        "no-file",
        "folder in GOPROXY",
    ),
    ("go: x@v1: module lookup disabled by GOPROXY=off", "proxy-off", "GOPROXY=off"),
    ("go: x@v1: invalid proxy URL missing scheme: nonsense", "proxy-bad", "GOPROXY"),
    (
        'go: x@v1: unable to resolve git version: exec: "git": executable file not found in $PATH',
        "git-missing",
        "git",
    ),
    (
        "\tfatal: could not read Username for 'https://code.invalid': terminal prompts disabled",
        "auth-prompt",
        "credentials",
    ),
    ("\tgit@code.invalid: Permission denied (publickey).", "auth-prompt", "credentials"),
    (
        "\tfatal: unable to access 'https://code.invalid/x/': Could not resolve host: code.invalid",
        "dns",
        "code.invalid",
    ),
    (
        "go: x@v1: refusing to pass credentials to insecure URL: http://user:xxxxx@a.invalid/x",
        "insecure-credentials",
        "http://",
    ),
    ("go: x@v1: GOVCS disallows using git for public x", "vcs-refused", "GOVCS"),
    (
        "go: x@v1 requires go >= 1.99.0 (running go 1.26.6; GOTOOLCHAIN=local)",
        "go-too-old",
        "1.99.0",
    ),
    ("note: module requires Go 1.99", "go-too-old", "1.99"),
    (MISMATCH, "checksum", "checksum"),
    ("write /mods/x.zip: no space left on device", "disk-full", "space"),
    ("could not create module cache: mkdir /ro: permission denied", "cache-unwritable", "caches"),
    (VERIFYING + f"reading {LOOKUP}: 403 Forbidden", "sumdb-unreachable", "sums.invalid"),
    (
        VERIFYING + f'Get "{LOOKUP}": dial tcp: lookup sums.invalid: no such host',
        "sumdb-unreachable",
        "DNS",
    ),
    (VERIFYING + "invalid GOSUMDB: malformed verifier id", "sumdb-bad", "GOSUMDB"),
    ("main.go:3:1: expected declaration, found x\n\n", "unknown", "expected declaration"),
    ("", "unknown", "printed nothing"),
]


@pytest.mark.parametrize(("output", "kind", "words"), WORDS)
def test_each_of_gos_texts_has_a_sentence(output: str, kind: str, words: str) -> None:
    """The kind, what it names, and something to do about it."""
    cause = explain(output)
    assert cause.kind == kind
    assert words in cause.reason
    assert not cause.reason.endswith(".")
    assert (cause.remedy is None) == (kind == "unknown")


def test_only_a_missing_module_sends_go_to_the_next_proxy() -> None:
    """As the reference has it: after 404 and 410, and where a folder hasn't the file."""
    absent = {kind for output, kind, _ in WORDS if explain(output).absent}
    assert absent == {"not-found", "gone", "no-file"}


def test_a_bug_in_a_cell_is_not_the_networks_fault() -> None:
    """An import that fails in another way is told apart."""
    local = {kind for output, kind, _ in WORDS if not explain(output).network}
    assert local == {"checksum", "go-too-old", "disk-full", "cache-unwritable", "unknown"}


@pytest.mark.parametrize("ending", ["401 Unauthorized", "something new"])
def test_no_credential_is_repeated(ending: str) -> None:
    """Not even where Go itself leaves one in."""
    output = f"go: x@v1: reading https://user:hunter2@proxy.invalid/x?token=hunter2: {ending}"
    assert "hunter2" not in str(explain(output))


@pytest.mark.parametrize(
    "output",
    [
        "./main.go:3:1: syntax error: unexpected EOF, expected }",
        "./main.go:3:1: undefined: timeout",
        "./main.go:500:1: cannot use x (variable of type int) as io.EOF value: EOF",
        "./main.go:3:1: undefined: tls",
    ],
)
def test_a_compilers_words_are_not_the_networks(output: str) -> None:
    """What a cell is about may sound like it."""
    assert explain(output).kind == "unknown"


def test_what_a_notebooks_own_module_requires() -> None:
    """Its folder stands for it, so nobody could bundle it: what it asks for is named."""
    output = (
        "go: example.test/nb@v0.0.0-00010101000000-000000000000 requires\n"
        "\texample.test/top@v0.1.0 requires\n"
        "\texample.test/gone@v0.3.0: reading file:///b/example.test/gone/@v/v0.3.0.mod: "
        "no such file or directory"
    )
    cause = explain(output, {"GOKERNEL_OFFLINE": "1"})
    assert "example.test/gone@v0.3.0, which example.test/top@v0.1.0 needs," in cause.reason
    assert "--module example.test/top@v0.1.0 -o" in str(cause.remedy)
