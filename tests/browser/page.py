"""A page of Lab or Notebook as a person uses it, and what went wrong in it meanwhile."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Locator, Page, Request

from tests.servers import TOKEN, Server

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
# Chromium's own word about each reply like 404; that we ask is a test's to judge.
_REPLY = re.compile(r"Failed to load resource")


class Jupyter:
    """One page; `kind` is lab or notebook."""

    def __init__(self, kind: str, server: Server, page: Page):
        self.kind, self.server, self.page = kind, server, page
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._asked)

    def open(self, notebook: str) -> None:
        """Show a notebook, and wait until its kernel is known."""
        where = "lab/tree" if self.kind == "lab" else "notebooks"
        self.page.goto(f"{self.server.url}/{where}/{notebook}.ipynb?token={TOKEN}")
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for()

    @property
    def status(self) -> Locator:
        """The item that shows the notebook's Go."""
        return self.page.locator(".jp-gokernel-StatusButton")

    @property
    def panel(self) -> Locator:
        """The panel."""
        return self.page.locator("#jp-gokernel-panel")

    def card(self, name: str) -> Locator:
        """An environment in the panel."""
        head = self.page.locator(".jp-gokernel-name", has_text=re.compile(f"^{name}$"))
        return self.panel.locator(".jp-gokernel-Card").filter(has=head)

    def finding(self, environment: str, check: str) -> Locator:
        """One finding of an environment that is no fine one."""
        return self.card(environment).locator(f"[data-check='{check}']")

    def command(self, words: str) -> None:
        """Run a command from the palette."""
        self.page.keyboard.press("Control+Shift+C")
        self.page.locator(".lm-CommandPalette-input:visible").fill(words)
        self.page.keyboard.press("Enter")

    def show_panel(self) -> None:
        """Have the panel open."""
        if not self.panel.is_visible():
            self.command("Show Go Environments")
            self.panel.wait_for()

    def unfold(self, name: str) -> Locator:
        """Have an environment's card open."""
        card = self.card(name)
        head = card.locator(".jp-gokernel-Head")
        if head.get_attribute("aria-expanded") == "false":
            head.click()
        return card

    def violations(self) -> list[str]:
        """What axe finds in the panel that is serious or worse."""
        result = Axe().run(self.page, context="#jp-gokernel-panel")
        return [
            f"{one['id']}: {node['html']} {node['failureSummary']}"
            for one in result.response["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]

    def ours(self) -> list[str]:
        """The paths of the requests to our server part so far."""
        return [path for path in self.requests if "/gokernel/" in path]

    def picture(self, name: str) -> None:
        """Take a picture for the docs, where GOKERNEL_PICTURES asks for that."""
        if os.environ.get("GOKERNEL_PICTURES"):
            PICTURES.mkdir(exist_ok=True)
            self.page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _REPLY.match(message.text):
            self.errors.append(message.text)

    def _asked(self, request: Request) -> None:
        self.requests.append(urlsplit(request.url).path)


Opener = Callable[..., Jupyter]
