"""The Jupyter protocol as the mended gophernotes speaks it."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import psutil
import pytest
import zmq

from tests.engines.conftest import StartKernel
from tests.engines.wire import Client, Message, info_of, kinds, packed
from tests.kernels import Kernel

BUSY_LOOP = "for { time.Sleep(time.Millisecond) }"
PRINT = 'fmt.Println("hi")'
ASK = "fmt.Scanln(&name)"


@pytest.fixture(scope="module")
def kernel(shared_kernel: Kernel) -> Kernel:
    shared_kernel.run('import ("fmt"; "strings"; "time")\nvar name string')
    return shared_kernel


@pytest.fixture
def client(kernel: Kernel) -> Iterator[Client]:
    with Client(info_of(kernel)) as one:
        yield one


def test_what_is_published_about_a_cell(client: Client) -> None:
    """In order, each with the request as its parent, and headers as they have to be."""
    reply, published = client.execute(f"{PRINT}\n6 * 7")

    assert kinds(published) == ["busy", "execute_input", "stream", "execute_result", "idle"]
    _, given, printed, result, _ = (one["content"] for one in published)
    assert given == {"code": f"{PRINT}\n6 * 7", "execution_count": reply["execution_count"]}
    assert printed == {"name": "stdout", "text": "hi\n"}
    assert result["data"]["text/plain"] == "42"
    assert result["execution_count"] == reply["execution_count"]
    assert reply["status"] == "ok"
    assert reply["user_expressions"] == {}
    headers = [one["header"] for one in published]
    assert len({one["msg_id"] for one in headers}) == len(headers)
    assert len({one["session"] for one in headers}) == 1
    assert headers[0]["session"] != client.session
    assert all(one["version"] == "5.4" for one in headers)
    dates = [datetime.fromisoformat(one["date"].replace("Z", "+00:00")) for one in headers]
    assert all(one.tzinfo and one.microsecond for one in dates[:1])
    assert dates == sorted(dates)


def test_the_parent_is_the_header_as_it_was_sent(client: Client) -> None:
    """Also what the kernel knows nothing of."""
    sent = client.send("shell", "kernel_info_request", subshell_id=None, more={"a": [1, "ü"]})

    for message in (client.receive("shell"), *client.until_idle(sent)):
        assert message["parent_header"]["msg_id"] == sent
        assert message["parent_header"]["more"] == {"a": [1, "ü"]}


def test_kernel_info(client: Client) -> None:
    for channel in ("shell", "control"):
        content = client.request(channel, "kernel_info_request")["content"]
        assert content["status"] == "ok"
        assert content["protocol_version"] == "5.4"
        assert content["language_info"]["name"] == "go"
        assert content["language_info"]["file_extension"] == ".go"
        assert {"implementation", "implementation_version", "banner"} <= content.keys()


def test_what_counts(client: Client) -> None:
    """Silent cells, those that are not stored and empty ones don't."""

    def count(code: str, **content: Any) -> tuple[int, list[str]]:
        reply, published = client.execute(code, **content)
        assert reply["status"] == "ok"
        return reply["execution_count"], kinds(published)

    shown = ["busy", "execute_input", "execute_result", "idle"]
    first, kinds_of_first = count("6 * 7")
    assert kinds_of_first == shown
    assert count("6 * 7", silent=True, store_history=True)[1] == ["busy", "idle"]
    assert count("6 * 7", store_history=False)[1] == shown
    assert count("") == (first, ["busy", "execute_input", "idle"])
    assert count(" \n\t") == (first, ["busy", "execute_input", "idle"])
    assert count("6 * 7") == (first + 1, shown)


def test_user_expressions(client: Client) -> None:
    """Each is evaluated by itself, and only after a cell that succeeds."""
    expressions = {"good": "6 * 7", "bad": "undefined"}

    values = client.execute("6 * 7", user_expressions=expressions)[0]["user_expressions"]
    failed = client.execute("undefined", user_expressions=expressions)[0]

    assert values["good"]["status"] == "ok"
    assert values["good"]["data"]["text/plain"] == "42"
    assert values["good"]["metadata"] == {}
    assert values["bad"]["status"] == "error"
    assert {"ename", "evalue", "traceback"} <= values["bad"].keys()
    assert failed["status"] == "error"
    assert not failed.get("user_expressions")


@pytest.mark.parametrize("code", ['panic("oops")', "undefined", ")"])
def test_errors(client: Client, code: str) -> None:
    """The reply and the message to everybody say the same; no list is null."""
    reply, published = client.execute(code)

    assert kinds(published) == ["busy", "execute_input", "error", "idle"]
    said = published[2]["content"]
    assert reply["status"] == "error"
    assert {name: reply[name] for name in said} == said
    assert said["ename"]
    assert said["evalue"]
    assert isinstance(said["traceback"], list)
    assert all(isinstance(line, str) for line in said["traceback"])
    assert isinstance(reply["execution_count"], int)


def replies(client: Client, requests: list[dict[str, Any]]) -> list[str]:
    """The statuses of execute_requests that are sent in one go."""
    sent = [client.send("shell", "execute_request", content) for content in requests]
    received = [client.receive("shell") for _ in sent]
    assert [one["parent_header"]["msg_id"] for one in received] == sent
    for msg_id in sent:
        client.until_idle(msg_id)
    return [one["content"]["status"] for one in received]


# Long enough for the client to have sent the next ones: one that fails sooner may have had
# its reply by then.
FAILING = 'time.Sleep(200 * time.Millisecond)\npanic("no")'


def test_cells_after_one_that_fails_are_aborted(client: Client) -> None:
    """Those that were sent before its reply; but not what is sent after."""
    one = {"code": "6 * 7"}

    assert replies(client, [{"code": FAILING}, one, one]) == ["error", "aborted", "aborted"]
    assert replies(client, [one]) == ["ok"]
    going_on = {"code": FAILING, "stop_on_error": False}
    assert replies(client, [going_on, one, one]) == ["error", "ok", "ok"]
    silent = {"code": FAILING, "silent": True}
    assert replies(client, [silent, one]) == ["error", "ok"]


def test_only_cells_are_aborted(client: Client) -> None:
    client.send("shell", "execute_request", {"code": FAILING})
    client.send("shell", "kernel_info_request")
    client.send("shell", "execute_request", {"code": "6 * 7"})

    statuses = [client.receive("shell")["content"]["status"] for _ in range(3)]

    assert statuses == ["error", "ok", "aborted"]


def test_control_is_served_while_a_cell_runs(client: Client) -> None:
    """Heart, kernel_info and the interrupt itself."""
    sent = client.send("shell", "execute_request", {"code": BUSY_LOOP})
    while kinds([client.receive("iopub")]) != ["execute_input"]:
        pass

    assert client.request("control", "kernel_info_request")["content"]["status"] == "ok"
    assert not client.has("shell")
    assert client.request("control", "interrupt_request")["content"] == {"status": "ok"}
    reply = client.receive("shell")
    assert reply["parent_header"]["msg_id"] == sent
    assert reply["content"]["status"] == "error"
    assert client.execute("6 * 7")[0]["status"] == "ok"


def test_completion_counts_code_points(client: Client) -> None:
    """An answer without any match is ok, too; a cursor outside is moved to the end."""
    code = '"😀ü"; zzz_nothing'

    for cursor in (len(code), len(code) + 5, 2**40, None):
        asked = {"code": code, "cursor_pos": cursor}
        content = client.request("shell", "complete_request", asked)["content"]
        assert content["status"] == "ok"
        assert content["matches"] == []
        assert 0 <= content["cursor_start"] <= content["cursor_end"] == len(code)
    asked = {"code": code, "cursor_pos": -3}
    assert client.request("shell", "complete_request", asked)["content"]["cursor_end"] == 0


def test_inspection_of_nothing(client: Client) -> None:
    asked = {"code": "zzz_nothing", "cursor_pos": 4, "detail_level": 1}

    content = client.request("shell", "inspect_request", asked)["content"]

    assert content == {"status": "ok", "found": False, "data": {}, "metadata": {}}


def test_is_complete(client: Client) -> None:
    def answer(code: str) -> dict[str, Any]:
        content: dict[str, Any] = client.request("shell", "is_complete_request", {"code": code})[
            "content"
        ]
        return content

    assert answer("6 * 7") == {"status": "complete"}
    incomplete = answer("func f() {")
    assert incomplete["status"] == "incomplete"
    assert isinstance(incomplete["indent"], str)


def test_history(client: Client) -> None:
    """The end, a range of lines, and what a pattern fits."""
    lines = [client.execute(code)[0]["execution_count"] for code in ("6 * 7", PRINT, "6 * 7")]
    client.execute("6 * 7", store_history=False)
    client.execute("6 * 7", silent=True)

    def ask(access: str, **content: Any) -> list[Any]:
        asked = {"hist_access_type": access, "raw": True, "output": False, **content}
        entries: list[Any] = client.request("shell", "history_request", asked)["content"]["history"]
        return entries

    first, second, third = lines
    assert ask("tail", n=2) == [[1, second, PRINT], [1, third, "6 * 7"]]
    assert ask("tail", n=1, output=True) == [[1, third, ["6 * 7", "42"]]]
    assert ask("tail", n=0) == []
    both = [[1, first, "6 * 7"], [1, second, PRINT]]
    assert ask("range", session=0, start=first, stop=third) == both
    assert ask("range", session=1, start=first, stop=third) == both
    assert ask("range", session=0, start=-1) == [[1, third, "6 * 7"]]
    assert ask("range", session=7, start=1, stop=99) == []
    assert ask("search", pattern="6 [*] ?", unique=True) == [[1, third, "6 * 7"]]
    assert ask("search", pattern="fmt.*", n=1) == [[1, second, PRINT]]
    assert ask("search", pattern="*[!a-z]hi*", n=1) == [[1, second, PRINT]]
    assert ask("search", pattern="fmt") == []


def test_comms(client: Client) -> None:
    """There are none; one that a client opens is closed."""
    assert client.request("shell", "comm_info_request")["content"] == {"status": "ok", "comms": {}}

    opened = {"comm_id": "c1", "target_name": "jupyter.widget", "data": {}}
    sent = client.send("shell", "comm_open", opened)
    client.send("shell", "comm_msg", {"comm_id": "c1", "data": {}})

    busy, closed, idle = client.until_idle(sent)
    assert kinds([busy, closed, idle]) == ["busy", "comm_close", "idle"]
    assert closed["content"]["comm_id"] == "c1"
    client.request("shell", "kernel_info_request")
    assert not client.has("shell")


@pytest.mark.parametrize("channel", ["shell", "control"])
def test_unknown_requests(client: Client, channel: str) -> None:
    """Nothing but busy and idle: then the client knows that there is nothing more to come."""
    sent = client.send(channel, "debug_request", {"command": "initialize"})

    assert kinds(client.until_idle(sent)) == ["busy", "idle"]
    client.request(channel, "kernel_info_request")


def test_two_clients(client: Client, kernel: Kernel) -> None:
    """Each gets its own replies; both see everything that is published."""
    with Client(info_of(kernel)) as other:
        mine = client.send("shell", "execute_request", {"code": PRINT})
        theirs = other.send("shell", "execute_request", {"code": "6 * 7"})
        assert client.receive("shell")["parent_header"]["msg_id"] == mine
        assert other.receive("shell")["parent_header"]["msg_id"] == theirs
        for one in (client, other):
            published = [one.receive("iopub") for _ in range(8)]
            for msg_id in (mine, theirs):
                about = [m for m in published if m["parent_header"].get("msg_id") == msg_id]
                assert len(about) == 4
                assert kinds(about[:2]) == ["busy", "execute_input"]


def test_two_clients_of_one_session(client: Client, kernel: Kernel) -> None:
    """Clients of one manager share an identity: replies go to who has asked."""
    with Client(info_of(kernel), session=client.session) as other:
        for one in (client, other, client):
            one.request("shell", "kernel_info_request")
    client.request("shell", "kernel_info_request")


def test_subscriptions_by_topic(kernel: Kernel, client: Client) -> None:
    """A subscription is confirmed, and nothing else comes."""
    with Client(info_of(kernel), topics=["stream."]) as listener:
        client.execute(f"{PRINT}\n6 * 7")
        client.execute(PRINT)
        assert kinds([listener.receive("iopub") for _ in range(2)]) == ["stream", "stream"]
        assert not listener.has("iopub", 50)


def ask_for_input(client: Client, **content: Any) -> tuple[str, Message]:
    asked = {"code": ASK, "allow_stdin": True, **content}
    sent = client.send("shell", "execute_request", asked)
    question = client.receive("stdin")
    assert question["header"]["msg_type"] == "input_request"
    assert question["parent_header"]["msg_id"] == sent
    assert question["content"]["password"] is False
    return sent, question


def test_input(client: Client, kernel: Kernel) -> None:
    """The client of the cell is asked, and only its own answer counts."""
    with Client(info_of(kernel)) as other:
        ask_for_input(client)
        other.send("stdin", "input_reply", {"value": "from another one"})
        client.send("stdin", "input_reply", {"value": "wrong session"}, session="other")
        client.send("stdin", "kernel_info_request")
        client.send("stdin", "input_reply", {"value": "Gopher"})
        assert client.receive("shell")["content"]["status"] == "ok"
        assert not other.has("stdin")
    client.send("stdin", "input_reply", {"value": "too late"})
    _, published = client.execute("name")
    assert "Gopher" in str(published)


def test_input_that_is_not_allowed(client: Client) -> None:
    """It fails at once, and nobody is asked."""
    client.execute(ASK, allow_stdin=False)

    assert not client.has("stdin")
    assert client.execute("6 * 7")[0]["status"] == "ok"


def test_an_interrupt_while_a_cell_waits_for_input(client: Client) -> None:
    """The cell ends; the answer to its question is not taken for another one's."""
    _, question = ask_for_input(client)

    client.request("control", "interrupt_request")

    assert client.receive("shell")["content"]["status"] in ("ok", "error")
    ask_for_input(client)
    late = packed(
        client.key,
        [
            {
                **question["header"],
                "msg_id": "x",
                "msg_type": "input_reply",
                "session": client.session,
            },
            question["header"],
            {},
            {"value": "late"},
        ],
    )
    client.send_frames("stdin", late)
    client.send("stdin", "input_reply", {"value": "right"})
    assert client.receive("shell")["content"]["status"] == "ok"
    assert "right" in str(client.execute("name")[1])


def test_a_shutdown_for_the_predecessor_is_ignored(client: Client, kernel: Kernel) -> None:
    """A restarted kernel gets what could not be delivered to the one before it."""
    began = datetime.fromtimestamp(psutil.Process(kernel.pid).create_time(), timezone.utc)
    before = (began - timedelta(seconds=1)).isoformat()

    client.send("control", "shutdown_request", {"restart": True}, date=before)
    client.send("shell", "shutdown_request", {"restart": True}, date=before)

    client.request("control", "kernel_info_request")
    client.request("shell", "kernel_info_request")
    # A cell that is as old is run: whoever has sent it waits for its reply.
    old = client.request("shell", "execute_request", {"code": "6 * 7"}, date=before)
    assert old["content"]["status"] == "ok"


@pytest.mark.parametrize("channel", ["control", "shell"])
def test_shutdown(start: StartKernel, channel: str) -> None:
    """A reply, an announcement to everybody, and the process ends by itself; busy or not."""
    with start("1.26") as kernel, Client(info_of(kernel)) as client:
        if channel == "control":
            client.execute('import "time"')
            client.send("shell", "execute_request", {"code": BUSY_LOOP})
            while "execute_input" not in kinds([client.receive("iopub")]):
                pass
        process = psutil.Process(kernel.pid)
        sent = client.send(channel, "shutdown_request", {"restart": False})

        reply = client.receive(channel)
        assert reply["content"] == {"status": "ok", "restart": False}
        assert kinds(client.until_idle(sent)) == ["busy", "shutdown_reply", "idle"]
        assert process.wait(timeout=20) == 0


def test_ipc(start: StartKernel, tmp_path: Path) -> None:
    """Paths instead of ports: nobody else's to use, and taken over from a kernel that died."""
    traits = {"transport": "ipc", "ip": str(tmp_path / "k")}
    with start("1.26", traits=traits) as kernel:
        paths = list(tmp_path.glob("k-*"))
        assert len(paths) == 5
        assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
        process = psutil.Process(kernel.pid)
        process.kill()
        kernel.manager.restart_kernel(now=True)
        kernel.client.wait_for_ready(timeout=60)
        assert kernel.run("6 * 7") == "42"


def test_a_client_that_stops_reading(kernel: Kernel, client: Client) -> None:
    """Others get everything; this one learns how much it has missed; memory is bounded.

    The cell is held up until the kernel takes the client for one that is gone: 10 s.
    """
    process = psutil.Process(kernel.pid)
    info, context = info_of(kernel), zmq.Context()
    sleeper = context.socket(zmq.SUB)
    sleeper.setsockopt(zmq.RCVHWM, 1)
    sleeper.subscribe(b"")
    sleeper.connect(f"tcp://{info['ip']}:{info['iopub_port']}")
    try:
        sleeper.recv_multipart()  # the welcome: subscribed
        client.execute('line := strings.Repeat("x", 999)')
        before = process.memory_info().rss
        sent = client.send(
            "shell",
            "execute_request",
            {"code": "for i := 0; i < 100000; i++ { fmt.Println(line) }"},
        )
        size, most = 0, 0
        for message in iter(lambda: client.receive("iopub", 60_000), None):
            if message["header"]["msg_type"] == "stream":
                size += len(message["content"]["text"])
                most = max(most, process.memory_info().rss)
            elif message["content"].get("execution_state") == "idle":
                break
        assert client.receive("shell")["parent_header"]["msg_id"] == sent
        assert size >= 100_000_000
        assert most - before < 150_000_000

        got, notice = 0, ""
        while not notice:
            assert sleeper.poll(20_000)
            parts = sleeper.recv_multipart()
            if b"are left out here" in parts[-1]:
                notice = parts[-1].decode()
            got += len(parts[-1])
        assert got < 60_000_000
        assert sleeper.recv_multipart()[-1] == b'{"execution_state":"idle"}'
        assert client.execute("6 * 7")[0]["status"] == "ok"
    finally:
        context.destroy(linger=0)
