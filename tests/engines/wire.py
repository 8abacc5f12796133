"""Speaking to a kernel's sockets directly: messages as one likes them, and raw ZMTP."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import struct
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

import zmq

from tests.kernels import Kernel

TIMEOUT = 20_000
DELIMITER = b"<IDS|MSG>"
CHANNELS = ("shell", "control", "stdin", "iopub", "hb")

Info = Mapping[str, Any]
Message = dict[str, Any]


def info_of(kernel: Kernel) -> dict[str, Any]:
    """What the kernel's connection file says."""
    info: dict[str, Any] = kernel.manager.get_connection_info()
    return info


def key_of(info: Info) -> bytes:
    key = info["key"]
    return key if isinstance(key, bytes) else key.encode()


def signature(key: bytes, parts: Sequence[bytes]) -> bytes:
    return hmac.new(key, b"".join(parts), hashlib.sha256).hexdigest().encode()


def header(kind: str, **fields: Any) -> Message:
    now = datetime.now(timezone.utc).isoformat()
    return {
        "msg_id": uuid.uuid4().hex,
        "msg_type": kind,
        "session": "wire",
        "username": "test",
        "date": now,
        "version": "5.4",
        **fields,
    }


def packed(key: bytes, parts: Sequence[Any]) -> list[bytes]:
    """The frames of a message of these four parts; bytes are taken as they are."""
    texts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in parts]
    return [DELIMITER, signature(key, texts), *texts]


class Client:
    """One client of a kernel, with an identity of its own on all channels."""

    def __init__(self, info: Info, *, session: str = "", topics: Sequence[str] = ("",)) -> None:
        self.info, self.key = info, key_of(info)
        self.session = session or uuid.uuid4().hex
        self.topics = topics
        self._context = zmq.Context()
        self._sockets: dict[str, zmq.Socket[bytes]] = {}

    def __enter__(self) -> Client:
        for channel in ("shell", "control", "stdin"):
            self._connect(channel, zmq.DEALER)
        iopub = self._connect("iopub", zmq.SUB)
        for topic in self.topics:
            iopub.subscribe(topic)
        for _ in self.topics:  # from here on nothing is missed
            assert self.receive("iopub")["header"]["msg_type"] == "iopub_welcome"
        return self

    def __exit__(self, *_: object) -> None:
        self._context.destroy(linger=0)

    def _connect(self, channel: str, kind: int) -> zmq.Socket[bytes]:
        made = self._context.socket(kind)
        if kind == zmq.DEALER:
            made.setsockopt(zmq.IDENTITY, self.session.encode())
        made.connect(f"tcp://{self.info['ip']}:{self.info[f'{channel}_port']}")
        self._sockets[channel] = made
        return made

    def send_frames(self, channel: str, frames: Sequence[bytes]) -> None:
        self._sockets[channel].send_multipart(list(frames))

    def send(self, channel: str, kind: str, content: Any = None, **fields: Any) -> str:
        """Send a message; its msg_id."""
        head = header(kind, **{"session": self.session, **fields})
        self.send_frames(channel, packed(self.key, [head, {}, {}, content or {}]))
        return str(head["msg_id"])

    def receive(self, channel: str, timeout: int = TIMEOUT) -> Message:
        """The next message; its signature is right."""
        one = self._sockets[channel]
        if not one.poll(timeout):
            raise TimeoutError(f"nothing on {channel}")
        frames = one.recv_multipart()
        at = frames.index(DELIMITER)
        assert hmac.compare_digest(frames[at + 1], signature(self.key, frames[at + 2 : at + 6]))
        names = ("header", "parent_header", "metadata", "content")
        parts = dict(zip(names, map(json.loads, frames[at + 2 : at + 6]), strict=True))
        return {**parts, "identities": frames[:at]}

    def has(self, channel: str, timeout: int = 0) -> bool:
        return bool(self._sockets[channel].poll(timeout))

    def request(self, channel: str, kind: str, content: Any = None, **fields: Any) -> Message:
        """The reply to a request."""
        sent = self.send(channel, kind, content, **fields)
        reply = self.receive(channel)
        assert reply["parent_header"]["msg_id"] == sent
        assert reply["header"]["msg_type"] == kind.replace("request", "reply")
        return reply

    def until_idle(self, msg_id: str) -> list[Message]:
        """What is published about a request, from busy to idle."""
        found: list[Message] = []
        while True:
            message = self.receive("iopub")
            if message["parent_header"].get("msg_id") != msg_id:
                continue
            found.append(message)
            if message["content"].get("execution_state") == "idle":
                return found

    def execute(self, code: str, **content: Any) -> tuple[Message, list[Message]]:
        """A cell's reply and what was published about it."""
        sent = self.send("shell", "execute_request", {"code": code, **content})
        reply = self.receive("shell")
        assert reply["parent_header"]["msg_id"] == sent
        return reply["content"], self.until_idle(sent)


def kinds(messages: Sequence[Message]) -> list[str]:
    """Message types, of a status its state."""
    return [
        message["content"].get("execution_state", message["header"]["msg_type"])
        for message in messages
    ]


def check_alive(info: Info) -> None:
    """Somebody new is answered on every channel, and a cell runs."""
    with Client(info) as client:
        reply = client.request("control", "kernel_info_request")
        assert reply["content"]["status"] == "ok"
        content, published = client.execute("6 * 7")
        assert content["status"] == "ok", content
        assert any("42" in str(one["content"]) for one in published)
        heart = client._connect("hb", zmq.REQ)
        heart.send(b"beat")
        assert heart.poll(TIMEOUT)
        assert heart.recv() == b"beat"


def greeting(*, major: int = 3, minor: int = 1, mechanism: bytes = b"NULL") -> bytes:
    """ref: https://rfc.zeromq.org/spec/37/"""
    start = b"\xff" + bytes(8) + b"\x7f" + bytes([major, minor])
    return start + mechanism.ljust(20, b"\0") + bytes(32)


def frame(body: bytes, flags: int = 0, size: int | None = None) -> bytes:
    length = len(body) if size is None else size
    if length < 256 and not flags & 2:
        return bytes([flags, length]) + body
    return bytes([flags | 2]) + struct.pack(">Q", length) + body


def command(name: bytes, data: bytes = b"") -> bytes:
    return frame(bytes([len(name)]) + name + data, 4)


def properties(**values: bytes) -> bytes:
    return b"".join(
        bytes([len(name)]) + name.encode() + struct.pack(">I", len(value)) + value
        for name, value in values.items()
    )


def ready(kind: bytes, identity: bytes = b"") -> bytes:
    return command(b"READY", properties(**{"Socket-Type": kind, "Identity": identity}))


# What may connect to each channel.
PEERS = {
    "shell": b"DEALER",
    "control": b"DEALER",
    "stdin": b"DEALER",
    "iopub": b"SUB",
    "hb": b"REQ",
}


def hello(channel: str, *, minor: int = 1) -> bytes:
    """The beginning of a connection that is in order."""
    return greeting(minor=minor) + ready(PEERS[channel])


def connect(info: Info, channel: str) -> socket.socket:
    made = socket.create_connection((info["ip"], info[f"{channel}_port"]), timeout=TIMEOUT / 1000)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def read_exactly(one: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = one.recv(size - len(data))
        if not more:
            raise EOFError(data)
        data += more
    return data


def read_frame(one: socket.socket) -> tuple[int, bytes]:
    flags = read_exactly(one, 1)[0]
    size = struct.unpack(">Q", read_exactly(one, 8))[0] if flags & 2 else read_exactly(one, 1)[0]
    return flags, read_exactly(one, size)


def is_closed(one: socket.socket) -> bool:
    """Whether the other side ends the connection."""
    try:
        while one.recv(1 << 16):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True
