"""Cells and all that they say: every message, in its order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.kernels import Kernel


@dataclass
class Cell:
    """What came of a cell."""

    messages: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    reply: dict[str, Any] = field(default_factory=dict)

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        """The contents of all messages of some kinds."""
        return [content for kind, content in self.messages if kind in kinds]

    @property
    def printed(self) -> list[tuple[str, str]]:
        """What was printed, in order; neighbours of one stream joined."""
        parts: list[tuple[str, str]] = []
        for content in self.of("stream"):
            if parts and parts[-1][0] == content["name"]:
                parts[-1] = (content["name"], parts[-1][1] + content["text"])
            else:
                parts.append((content["name"], content["text"]))
        return parts

    def text(self, stream: str) -> str:
        """All of one stream."""
        return "".join(text for name, text in self.printed if name == stream)

    @property
    def shown(self) -> dict[str, Any]:
        """The data of the only thing that was shown."""
        (content,) = self.of("display_data", "execute_result")
        data: dict[str, Any] = content["data"]
        return data

    @property
    def failure(self) -> str:
        """What the error says; "" where there is none."""
        return "".join(content["evalue"] for content in self.of("error"))


def run(
    kernel: Kernel,
    code: str,
    *,
    answers: list[str] | None = None,
    heard: Callable[[str, dict[str, Any]], None] | None = None,
) -> Cell:
    """Run a cell; `answers` are typed when it asks, None: the client can't be asked."""
    cell = Cell()

    def hook(message: dict[str, Any]) -> None:
        cell.messages.append((message["msg_type"], message["content"]))
        if heard:
            heard(message["msg_type"], message["content"])

    def asked(message: dict[str, Any]) -> None:
        cell.messages.append(("input_request", message["content"]))
        kernel.client.input((answers or []).pop(0))

    reply = kernel.client.execute_interactive(
        code,
        allow_stdin=answers is not None,
        output_hook=hook,
        stdin_hook=asked,
        timeout=120,
    )
    cell.reply = reply["content"]
    return cell
