"""What anybody who can reach its ports can send to the mended gophernotes: it lives on.

After each attack somebody new is answered on every channel and a cell runs.
"""

from __future__ import annotations

import json
import socket
import struct
from contextlib import ExitStack
from typing import Any

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engines import wire
from tests.engines.wire import (
    CHANNELS,
    DELIMITER,
    Client,
    Info,
    check_alive,
    command,
    frame,
    greeting,
    header,
    hello,
    info_of,
    is_closed,
    key_of,
    packed,
    read_exactly,
    read_frame,
    ready,
)
from tests.kernels import Kernel


@pytest.fixture(scope="module")
def kernel(shared_kernel: Kernel) -> Kernel:
    shared_kernel.run('import ("fmt"; "strings"; "time")')
    return shared_kernel


@pytest.fixture(scope="module")
def info(kernel: Kernel) -> dict[str, Any]:
    return info_of(kernel)


def with_ready(data: bytes) -> bytes:
    return greeting() + data


# What is no beginning of a ZMTP connection.
BROKEN_HELLOS = {
    "http": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 4,
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
    "zeros": bytes(200),
    "ones": b"\xff" * 200,
    "ZMTP 1": b"\x01\x00\x01\x7e" + bytes(64),
    "ZMTP 2": b"\xff" + bytes(8) + b"\x7f\x01\x05\x00\x00" + bytes(64),
    "PLAIN": greeting(mechanism=b"PLAIN"),
    "CURVE": greeting(mechanism=b"CURVE"),
    "no READY": with_ready(frame(b"READY")),
    "a READY without a name": with_ready(frame(b"", 4)),
    "a READY whose name ends too late": with_ready(frame(b"\xffREADY", 4)),
    "another command": with_ready(command(b"HELLO")),
    "an ERROR": with_ready(command(b"ERROR", b"\x03no!")),
    "a READY that claims too much": with_ready(frame(b"", 4 | 2, 1 << 40)),
    "a property that is cut off": with_ready(command(b"READY", b"\x0bSocket-Type\x00\x00\x00\xff")),
    "a property without a name": with_ready(command(b"READY", b"\x00\x00\x00\x00\x00")),
    "a property of 4 GB": with_ready(command(b"READY", b"\x01a\xff\xff\xff\xff")),
    "no socket type": with_ready(command(b"READY")),
    "a wrong socket type": with_ready(ready(b"PAIR")),
    "an identity that is too long": with_ready(ready(b"DEALER", b"x" * 256)),
    "flags that are reserved": with_ready(b"\xf8\x00"),
}

# What is no ZMTP after a beginning that is in order.
BROKEN_TRAFFIC = {
    "flags that are reserved": b"\x80\x01x",
    "a command of many frames": b"\x05\x01x",
    "a command without a name": frame(b"", 4),
    "a PING that is too short": command(b"PING", b"\x00"),
    "a PING that is too long": command(b"PING", bytes(2 + 17)),
    "a frame of 2^63 bytes": frame(b"", 2, (1 << 63) - 1),
    "a frame of 2^64 bytes": frame(b"", 2, (1 << 64) - 1),
    "a frame of 257 MB": frame(b"", 2, 257 << 20),
    "a command of 1 GB": frame(b"", 4 | 2, 1 << 30),
    "too many frames": frame(b"", 1) * 70_000,
}


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("sent", BROKEN_HELLOS.values(), ids=BROKEN_HELLOS.keys())
def test_broken_hellos(info: Info, channel: str, sent: bytes) -> None:
    """Such a connection is closed at once."""
    with wire.connect(info, channel) as one:
        one.sendall(sent)
        assert is_closed(one)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("sent", BROKEN_TRAFFIC.values(), ids=BROKEN_TRAFFIC.keys())
def test_broken_traffic(info: Info, channel: str, sent: bytes) -> None:
    """So is one that goes wrong later."""
    with wire.connect(info, channel) as one:
        one.sendall(hello(channel))
        try:
            one.sendall(sent)
        except ConnectionError:
            return
        assert is_closed(one)


def test_it_lives_after_all_these(info: Info) -> None:
    check_alive(info)


def test_connections_that_say_nothing_more(info: Info) -> None:
    """Silent ones, and those that stop anywhere in their hello, hold up nobody."""
    with ExitStack() as stack:
        for channel in CHANNELS:
            whole = hello(channel)
            for length in (*range(0, 64, 7), 64, 65, 70, len(whole) - 1, len(whole)):
                one = stack.enter_context(wire.connect(info, channel))
                one.sendall(whole[:length])
        check_alive(info)
    check_alive(info)


def test_connections_that_end_anywhere(info: Info) -> None:
    """By hanging up, or by a reset."""
    for channel in CHANNELS:
        whole = hello(channel) + frame(b"a", 1) + frame(b"b" * 300)
        for length in range(0, len(whole), 11):
            with wire.connect(info, channel) as one:
                if length % 2:
                    reset = struct.pack("ii", 1, 0)
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
                one.sendall(whole[:length])
    check_alive(info)


def test_memory_is_not_taken_for_what_is_only_claimed(info: Info, kernel: Kernel) -> None:
    """Forty connections claim 10 GB and send a few bytes of them."""
    process = psutil.Process(kernel.pid)
    check_alive(info)
    before = process.memory_info().rss
    with ExitStack() as stack:
        for channel in CHANNELS:
            for _ in range(8):
                one = stack.enter_context(wire.connect(info, channel))
                one.sendall(hello(channel) + frame(b"x" * 1000, 2, 255 << 20))
        check_alive(info)
        assert process.memory_info().rss - before < 100 << 20


def test_messages_that_are_never_whole(info: Info, kernel: Kernel) -> None:
    """What is held of them is bounded over all connections: some are closed."""
    chunk = bytes(4 << 20)
    with ExitStack() as stack:
        closed = 0
        for _ in range(4):
            one = stack.enter_context(wire.connect(info, "shell"))
            one.sendall(hello("shell") + frame(b"", 2, 250 << 20))
            try:
                for _ in range(50):
                    one.sendall(chunk)
            except ConnectionError:
                closed += 1
        assert closed
        check_alive(info)
    check_alive(info)


@pytest.mark.parametrize("minor", [0, 1, 9])
def test_old_and_new_peers(info: Info, minor: int) -> None:
    """3.0 subscribes by messages, 3.1 by commands; later versions are spoken to as 3.1."""
    with wire.connect(info, "iopub") as one:
        one.sendall(hello("iopub", minor=minor))
        assert read_exactly(one, 64)[:12] == greeting()[:12]
        assert read_frame(one)[1].startswith(b"\x05READY")
        subscribe = frame(b"\x01stream.") if minor == 0 else command(b"SUBSCRIBE", b"stream.")
        cancel = frame(b"\x00stream.") if minor == 0 else command(b"CANCEL", b"stream.")
        one.sendall(subscribe)
        assert b"iopub_welcome" in b"".join(whole_message(one))
        one.sendall(command(b"PING", b"\x00\x0acontext"))
        assert read_frame(one) == (4, b"\x04PONGcontext")
        one.sendall(command(b"UNKNOWN", b"data") + frame(b"\x07what?") + frame(b""))
        with Client(info) as client:
            client.execute('fmt.Println("seen")')
            assert b"seen" in whole_message(one)[-1]
            one.sendall(cancel + command(b"PING", b"\x00\x0a"))
            assert read_frame(one) == (4, b"\x04PONG")
            client.execute('fmt.Println("unseen")')
            one.sendall(command(b"PING", b"\x00\x0alast"))
            assert read_frame(one) == (4, b"\x04PONGlast")


def whole_message(one: socket.socket) -> list[bytes]:
    frames = []
    while True:
        flags, body = read_frame(one)
        frames.append(body)
        if not flags & 1:
            return frames


def test_floods_of_subscriptions(info: Info) -> None:
    """Their number is bounded."""
    with wire.connect(info, "iopub") as one:
        one.sendall(hello("iopub"))
        try:
            for first in range(0, 20_000, 1000):
                topics = (b"%05d" % number + b"x" * 200 for number in range(first, first + 1000))
                one.sendall(b"".join(command(b"SUBSCRIBE", topic) for topic in topics))
        except ConnectionError:
            pass
        assert is_closed(one)
    check_alive(info)


def test_a_request_from_an_unnamed_peer(info: Info) -> None:
    """Without an identity, and with the empty frame of a REQ: the reply finds its way."""
    sent = header("kernel_info_request")
    frames = [b"", *packed(key_of(info), [sent, {}, {}, {}])]
    with wire.connect(info, "shell") as one:
        one.sendall(greeting() + ready(b"REQ"))
        one.sendall(b"".join(frame(f, 1) for f in frames[:-1]) + frame(frames[-1]))
        read_exactly(one, 64)
        read_frame(one)
        reply = whole_message(one)
    assert reply[:2] == [b"", DELIMITER]
    assert json.loads(reply[4]) == sent


def dropped(info: Info, *messages: list[bytes]) -> None:
    """None of these is answered, and what comes after them is."""
    for channel in ("shell", "control", "stdin"):
        with Client(info) as client:
            for frames in messages:
                client.send_frames(channel, frames)
            if channel != "stdin":
                client.request(channel, "kernel_info_request")
            assert not client.has(channel)
    check_alive(info)


INFO_REQUEST = [header("kernel_info_request"), {}, {}, {}]


def test_signatures(info: Info) -> None:
    """Unsigned, wrongly signed, signed for something else."""
    good = packed(key_of(info), INFO_REQUEST)
    other = packed(b"another key", INFO_REQUEST)
    content = [*good[:5], b'{"code": "1"}']
    longer = [DELIMITER, good[1] + b"00", *good[2:]]
    upper = [DELIMITER, b"\xff" * 64, *good[2:]]
    dropped(info, other, content, longer, upper, *([DELIMITER, s, *good[2:]] for s in (b"", b"0")))


def test_a_message_that_was_overheard(info: Info) -> None:
    """The same one again is not answered again."""
    with Client(info) as client:
        frames = packed(client.key, [header("kernel_info_request"), {}, {}, {}])
        client.send_frames("shell", frames)
        client.receive("shell")
        for channel in ("shell", "control"):
            client.send_frames(channel, frames)
            client.request(channel, "kernel_info_request")


def test_missing_frames(info: Info) -> None:
    good = packed(key_of(info), INFO_REQUEST)
    cut = [good[:length] for length in range(1, len(good))]
    dropped(
        info,
        *cut,
        [b""],
        [b""] * 7,
        good[1:],
        [b"<IDS|MSG"] * 8,
        [DELIMITER] * 8,
        [b"x"] * 1000,
    )


NO_OBJECTS = [
    b"",
    b"null",
    b"[]",
    b"1",
    b'"{}"',
    b"{",
    b"{} {}",
    b"{'a': 1}",
    b'{"a": 1,}',
    b"\xff\xfe{}",
    b"\x80\x81",
    b'{"a":' * 20_000,
    b"[" * 200_000,
    b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
]


def test_parts_that_are_no_objects(info: Info) -> None:
    """Each of the four, with a signature that is right."""
    key = key_of(info)
    messages = []
    for at in range(4):
        for value in NO_OBJECTS:
            parts: list[Any] = [header("kernel_info_request"), {}, {}, {}]
            parts[at] = value
            messages.append(packed(key, parts))
    dropped(info, *messages)


WRONG = [None, True, -1, 2**70, 1e300, 1.5, "text", "", [], [1], {}, {"a": {"b": []}}]


def test_headers_of_wrong_types(info: Info) -> None:
    key, messages = key_of(info), []
    for name in header("x"):
        for value in WRONG:
            if isinstance(value, str) or (value is None and name not in ("msg_id", "msg_type")):
                continue
            head = {**header("kernel_info_request"), name: value}
            messages.append(packed(key, [head, {}, {}, {}]))
    huge = {**header("kernel_info_request"), "more": "x" * 100_000}
    messages += [packed(key, [huge, {}, {}, {}]), packed(key, [{}, {}, {}, {}])]
    messages += [packed(key, [header("kernel_info_request"), {"msg_id": 1}, {}, {}])]
    dropped(info, *messages)


# Every request, with content that is right.
REQUESTS: dict[str, dict[str, Any]] = {
    "execute_request": {
        "code": "6 * 7",
        "silent": False,
        "store_history": True,
        "user_expressions": {"a": "6 * 7"},
        "allow_stdin": False,
        "stop_on_error": True,
    },
    "complete_request": {"code": "fmt.", "cursor_pos": 4},
    "inspect_request": {"code": "fmt.Println", "cursor_pos": 4, "detail_level": 0},
    "is_complete_request": {"code": "6 * 7"},
    "history_request": {
        "hist_access_type": "search",
        "output": False,
        "raw": True,
        "session": 0,
        "start": 0,
        "stop": 1,
        "n": 1,
        "pattern": "*",
        "unique": False,
    },
    "comm_info_request": {"target_name": "x"},
    "kernel_info_request": {"a": 1},
}


@pytest.mark.parametrize("kind", REQUESTS)
def test_contents_of_wrong_types(info: Info, kind: str) -> None:
    """Whoever signs what can't be right still gets a reply: else its client would hang."""
    right = REQUESTS[kind]
    wrong = [{**right, name: value} for name in right for value in WRONG]
    wrong += [{n: v for n, v in right.items() if n != name} for name in right]
    with Client(info) as client:
        for content in [*wrong, {}]:
            reply = client.request("shell", kind, content)["content"]
            assert reply["status"] in ("ok", "error", "aborted", "complete"), content
        for name in ("code", "cursor_pos", "hist_access_type"):
            if name in right:
                reply = client.request("shell", kind, {**right, name: [1]})["content"]
                assert reply["status"] == "error"
                assert reply["ename"] == "MalformedRequest"
                assert f'"{name}" can\'t be a' in reply["evalue"]
    check_alive(info)


def test_shutdowns_that_are_malformed(info: Info) -> None:
    with Client(info) as client:
        for channel in ("shell", "control"):
            for value in ("yes", 1, [], {}):
                asked = {"restart": value}
                reply = client.request(channel, "shutdown_request", asked)
                assert reply["content"]["status"] == "error"
    check_alive(info)


def test_comms_and_input_of_wrong_types(info: Info) -> None:
    """They have no reply; what comes after them has."""
    with Client(info) as client:
        for value in WRONG:
            client.send("shell", "comm_open", {"comm_id": value, "target_name": value})
            client.send("shell", "comm_msg", {"comm_id": value})
            client.send("stdin", "input_reply", {"value": value})
            client.send("stdin", "input_reply", {"value": "x", "status": value})
        client.request("shell", "kernel_info_request")
        assert not client.has("shell")
    check_alive(info)


@pytest.mark.parametrize(
    "pattern",
    ["*" * 5000, "[" * 5000, "[]", "[!]", "[z-a]", "[^", "\\", "(?i)", "a{9999999}", "\0"],
)
def test_patterns_of_a_search(info: Info, pattern: str) -> None:
    with Client(info) as client:
        asked = {"hist_access_type": "search", "raw": True, "output": True, "pattern": pattern}
        assert client.request("shell", "history_request", asked)["content"]["status"] == "ok"


def test_text_of_all_kinds(info: Info) -> None:
    """Half surrogates, NUL, control characters: the reply is JSON that clients can read."""
    with Client(info) as client:
        for text in ("\ud800", "\0", "\x1b[31m", "\u2028", "é" * 1000, '"</script>'):
            reply, published = client.execute(text)
            assert reply["status"] in ("ok", "error")
            assert published
        extra = packed(client.key, [header("kernel_info_request"), {}, {}, {}])
        client.send_frames("shell", [*extra, b"buffer", b"\xff" * 1000])
        assert client.receive("shell")["content"]["status"] == "ok"
    check_alive(info)


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """A recorded connection, with some of it changed, left out or repeated."""
    channel = draw(st.sampled_from(CHANNELS))
    message = packed(b"key", [header("kernel_info_request"), {}, {}, {}])
    recorded = hello(channel, minor=draw(st.integers(0, 1)))
    recorded += command(b"SUBSCRIBE", b"") + command(b"PING", b"\x00\x01abc")
    recorded += b"".join(frame(part, 1) for part in message[:-1]) + frame(message[-1])
    data = bytearray(recorded)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data) - 1))
        match draw(st.sampled_from(("change", "cut", "repeat", "insert"))):
            case "change":
                data[at] = draw(st.integers(0, 255))
            case "cut":
                del data[at : at + draw(st.integers(1, 40))]
            case "repeat":
                data[at:at] = data[at : at + draw(st.integers(1, 200))]
            case _:
                data[at:at] = draw(st.binary(max_size=30))
    return channel, bytes(data)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(damaged())
def test_damaged_connections(info: Info, attack: tuple[str, bytes]) -> None:
    """Hypothesis damages the record of a connection; the heart goes on beating."""
    channel, data = attack
    with wire.connect(info, channel) as one:
        try:
            one.sendall(data)
            one.shutdown(socket.SHUT_WR)
            assert is_closed(one)
        except ConnectionError:
            pass
    with wire.connect(info, "hb") as heart:
        heart.sendall(hello("hb") + frame(b"", 1) + frame(b"beat"))
        read_exactly(heart, 64)
        read_frame(heart)
        assert [read_frame(heart), read_frame(heart)] == [(1, b""), (0, b"beat")]


def test_it_lives_after_all_damages(info: Info) -> None:
    check_alive(info)
