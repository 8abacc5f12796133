"""Module proxies and checksum databases that answer, and all the ways in which they don't."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from go_kernel.findings import Finding, Status
from go_kernel.health import runner
from go_kernel.health.live import proxies, sums
from go_kernel.health.live.trial import SAMPLE, SAMPLE_VERSION
from go_kernel.resolve import Target
from tests.engines.proxy import Proxy
from tests.health import loopback
from tests.health.conftest import World


@pytest.fixture(scope="module")
def mods(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that is a proxy with the one module that is asked for."""
    made = Proxy(tmp_path_factory.mktemp("proxy"))
    made.publish(SAMPLE, SAMPLE_VERSION, {"uuid.go": "package uuid\n"})
    return made.folder


@pytest.fixture(scope="module")
def refusing() -> Iterator[str]:
    """An address at which nobody listens, and nobody else will."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{held.getsockname()[1]}"


@pytest.fixture
def certificate(world: World, tmp_path: Path) -> Path:
    """A folder with a certificate of our own making."""
    return loopback.make_certificate(world.goroot("1.26"), world.env, tmp_path)


@pytest.fixture
def proxied(world: World) -> Callable[..., Finding]:
    """`proxied(GOPROXY=value)`: what proxy.reachable says in that environment."""
    return lambda **more: _only(world, proxies.REACHABLE, more)


@pytest.fixture
def summed(world: World, mods: Path) -> Callable[..., Finding]:
    """`summed(GOSUMDB=value)`: what sumdb.reachable says, with a proxy that serves."""
    return lambda **more: _only(world, sums.REACHABLE, {"GOPROXY": f"file://{mods}", **more})


def _only(world: World, check: proxies.Check, more: dict[str, str]) -> Finding:
    unset = {name: world.env[name] for name in world.env if "PROXY" not in name.upper()}
    context = world.context(Target("go", goroot=world.goroot("1.26")), env={**unset, **more})
    [finding] = runner.run([check], [context])
    return finding


def test_a_folder_and_a_server_answer(proxied: Callable[..., Finding], mods: Path) -> None:
    """Both kinds of proxy, the way there given by HTTP_PROXY or none."""
    with loopback.served(mods) as address:
        for more in (
            {"GOPROXY": f"file://{mods}"},
            {"GOPROXY": f"http://{address}"},
            {"GOPROXY": "http://mods.invalid", "HTTP_PROXY": f"http://{address}"},
        ):
            finding = proxied(**more)
            assert (finding.status, finding.remedy) == (Status.OK, None), finding
            assert finding.summary == f"Modules come from {more['GOPROXY']}."


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "wants a user and password"),
        (403, "forbids it"),
        (502, "answers with an error (502 Bad Gateway)"),
    ],
)
def test_a_server_that_refuses(
    proxied: Callable[..., Finding], mods: Path, status: int, words: str
) -> None:
    """Its status is told in words."""
    with loopback.served(mods, status=status) as address:
        finding = proxied(GOPROXY=f"http://{address}")
    assert finding.status is Status.WARN
    assert words in finding.summary
    assert finding.remedy is not None


def test_nobody_there(proxied: Callable[..., Finding], refusing: str) -> None:
    """The port is closed; for the proxy itself and for the HTTP proxy on the way."""
    finding = proxied(GOPROXY=f"http://{refusing}")
    assert finding.status is Status.WARN
    assert "refuses connections" in finding.summary
    finding = proxied(GOPROXY="https://mods.invalid", HTTPS_PROXY=f"http://{refusing}")
    assert "HTTP_PROXY names refuses connections" in finding.summary


def test_certificates(proxied: Callable[..., Finding], mods: Path, certificate: Path) -> None:
    """One that isn't trusted is told, and trusted once SSL_CERT_FILE names it."""
    with loopback.served(mods, certificate=certificate) as address:
        finding = proxied(GOPROXY=f"https://{address}")
        assert finding.status is Status.WARN
        assert "not trusted (signed by unknown authority)" in finding.summary
        assert "SSL_CERT_FILE" in str(finding.remedy)
        trusting = str(certificate / "cert.pem")
        assert proxied(GOPROXY=f"https://{address}", SSL_CERT_FILE=trusting).status is Status.OK


@pytest.mark.parametrize("status", [404, 410])
def test_go_goes_on_where_a_module_is_absent(
    proxied: Callable[..., Finding], mods: Path, status: int
) -> None:
    """After 404 and 410 the next entry is asked; with none, it may be meant so."""
    with loopback.served(mods, status=status) as address:
        finding = proxied(GOPROXY=f"http://{address},file://{mods}")
        assert finding.status is Status.OK
        assert f"({status})" in finding.evidence
        assert proxied(GOPROXY=f"http://{address},off").status is Status.INFO


def test_separators(proxied: Callable[..., Finding], mods: Path, refusing: str) -> None:
    """After `|` Go goes on in any case, after `,` it stops: the finding says how to go on."""
    assert proxied(GOPROXY=f"http://{refusing}|file://{mods}").status is Status.OK
    finding = proxied(GOPROXY=f"http://{refusing},file://{mods}")
    assert finding.status is Status.WARN
    assert f"doesn't go on to file://{mods}" in finding.summary
    assert "`|`" in str(finding.remedy)
    assert f"file://{mods}: answers" in finding.evidence


def test_off(proxied: Callable[..., Finding]) -> None:
    """Switched off is no fault."""
    finding = proxied(GOPROXY="off")
    assert finding.status is Status.INFO
    assert "GOPROXY=off" in finding.summary


def test_off_by_a_hub(proxied: Callable[..., Finding]) -> None:
    """Whom to ask: nobody else can change it."""
    hub = {"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/", "GOKERNEL_POLICY": "GOPROXY"}
    assert str(proxied(GOPROXY="off", **hub).remedy).startswith(
        "Ask JupyterHub's administrator, who sets GOPROXY: set GOPROXY to a module proxy"
    )


def test_a_folder_that_is_not_there(
    proxied: Callable[..., Finding], mods: Path, tmp_path: Path
) -> None:
    """A disk that isn't mounted is no proxy of chosen modules; Go goes on after it all the same."""
    finding = proxied(GOPROXY=f"file://{tmp_path}/mods%20x")
    assert finding.status is Status.WARN
    assert f"from file://{tmp_path}/mods%20x: there is no such folder" in finding.summary
    assert finding.remedy is not None
    finding = proxied(GOPROXY=f"file://{tmp_path}/none,file://{mods}")
    assert finding.status is Status.OK
    assert "no such folder" in finding.evidence


def test_an_empty_folder(proxied: Callable[..., Finding], tmp_path: Path) -> None:
    """It may hold chosen modules only; a blank in its name is no harm."""
    (tmp_path / "mods x").mkdir()
    assert proxied(GOPROXY=f"file://{tmp_path}/mods%20x").status is Status.INFO


def test_nonsense(proxied: Callable[..., Finding]) -> None:
    """An entry that is no address."""
    assert "no address" in proxied(GOPROXY="nonsense").summary


def test_direct_without_git(proxied: Callable[..., Finding]) -> None:
    """`direct` needs git, and this environment has none."""
    finding = proxied(GOPROXY="direct", PATH="/nowhere")
    assert finding.status is Status.WARN
    assert "git is not there" in finding.summary


def test_no_password_is_told(proxied: Callable[..., Finding], mods: Path, refusing: str) -> None:
    """Neither in the summary nor in the evidence, whatever fails."""
    with loopback.served(mods, status=403) as address:
        for url in (f"http://me:hunter2@{address}", f"https://me:hunter2@{refusing}"):
            assert "hunter2" not in str(proxied(GOPROXY=f"{url}|{url}/x,off").to_dict())
    through = {"HTTPS_PROXY": f"http://me:hunter2@{refusing}"}
    assert "hunter2" not in str(proxied(GOPROXY="https://mods.invalid", **through).to_dict())


def test_a_server_that_says_nothing(
    proxied: Callable[..., Finding], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the connection and then nothing comes: told, within the time for one entry."""
    monkeypatch.setattr(proxies, "_FOR_ONE", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        finding = proxied(GOPROXY=f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert finding.status is Status.WARN
    assert "gives no answer in 0.5 s" in finding.summary


@pytest.fixture(scope="module")
def sums_program(
    goroot: Callable[[str], Path], dev_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A real checksum database to start."""
    env = {
        **loopback.network(),
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path_factory.mktemp("home")),
        "GOMODCACHE": str(dev_cache / "gomodcache"),
        "GOCACHE": str(dev_cache / "gocache"),
    }
    return loopback.build_sums(goroot("1.26"), env, tmp_path_factory.mktemp("sums"))


def test_a_database_that_knows_the_module(
    summed: Callable[..., Finding], sums_program: Path, mods: Path, tmp_path: Path
) -> None:
    """Asked, and agreed; a name in GONOSUMDB or GOPRIVATE keeps Go from asking."""
    lines = loopback.sums_of(SAMPLE, SAMPLE_VERSION, mods, tmp_path)
    with loopback.sums_served(sums_program, lines) as database:
        finding = summed(GOSUMDB=database)
        assert finding.status is Status.OK
        assert finding.summary == "The checksum database sums.invalid answers."
        for name in ("GONOSUMDB", "GOPRIVATE"):
            exempt = summed(GOSUMDB=database, **{name: "github.com/google"})
            assert exempt.status is Status.INFO
            assert exempt.evidence == "github.com/google"


def test_a_module_that_was_changed_on_its_way(
    summed: Callable[..., Finding], sums_program: Path, mods: Path, tmp_path: Path
) -> None:
    """The database knows another hash: no word of a network, but of the content."""
    lines = loopback.sums_of(SAMPLE, SAMPLE_VERSION, mods, tmp_path)
    changed = lines.replace("h1:", "h1:AAAA")[:-8] + "AAAA=\n"
    with loopback.sums_served(sums_program, changed) as database:
        finding = summed(GOSUMDB=database)
    assert finding.status is Status.WARN
    assert "not what it should be by its checksum" in finding.summary


def test_a_database_that_is_not_there(summed: Callable[..., Finding], refusing: str) -> None:
    """The proxy serves, the database doesn't: nearly always a firewall."""
    finding = summed(GOSUMDB=f"{loopback.verifier()} http://{refusing}")
    assert finding.status is Status.WARN
    assert "checksum database can't be asked: 127.0.0.1 refuses connections" in finding.summary
    assert "GOSUMDB=off" in str(finding.remedy)


def test_a_database_that_is_switched_off_or_no_database(summed: Callable[..., Finding]) -> None:
    """The one is a decision, the other a mistake."""
    assert summed(GOSUMDB="off").status is Status.INFO
    finding = summed(GOSUMDB="sums.invalid")
    assert finding.status is Status.WARN
    assert "names no checksum database" in finding.summary


def test_without_a_proxy_nothing_is_known_of_the_database(
    summed: Callable[..., Finding], refusing: str
) -> None:
    """No module, no sum: the other check has the reason."""
    for proxy in (f"http://{refusing}", "off"):
        finding = summed(GOSUMDB=loopback.verifier(), GOPROXY=proxy)
        assert finding.status is Status.UNKNOWN
