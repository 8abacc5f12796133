"""A page of Lab or Notebook as a person uses it, and what went wrong in it meanwhile."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, TimeoutError, WebSocket

from tests.servers import TOKEN, Server

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
# Not ours: Chromium's word about each reply like 404, and a race between Notebook 7's own
# shortcuts and settings, which is there without our extension, too.
_NOT_OURS = re.compile(r"Failed to load resource|Cannot read properties .* \(reading 'schema'\)")


_NUMBERS = count()
_TRIES = 6


class Jupyter:
    """One page; `kind` is lab or notebook."""

    def __init__(self, kind: str, server: Server, page: Page):
        self.kind, self.server, self.page = kind, server, page
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self._failed(str(error)))
        page.on("request", self._asked)
        self._sockets: list[WebSocket] = []
        page.on("websocket", lambda socket: self._sockets.append(socket))

    def open(self, notebook: str) -> None:
        """Show a notebook, and wait until its kernel is known."""
        # A workspace of its own: Lab would open what another page has open.
        own = f"lab/workspaces/{next(_NUMBERS)}/tree"
        where = own if self.kind == "lab" else "notebooks"
        self.page.goto(f"{self.server.url}/{where}/{notebook}.ipynb?token={TOKEN}")
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for()

    @property
    def events(self) -> WebSocket:
        """The connection over which the server tells what happens."""
        return next(one for one in self._sockets if "/api/events/" in one.url)

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
        """Run a command from the palette; a page that is still loading may close it again."""
        palette = self.page.locator(".lm-CommandPalette-input:visible")
        found = self.page.locator(".lm-CommandPalette-item:visible", has_text=words)
        for _ in range(_TRIES):
            self.page.keyboard.press("Control+Shift+C")
            with suppress(TimeoutError):
                palette.fill(words, timeout=5_000)
                found.first.click(timeout=5_000)
                return
        raise AssertionError(f"the palette took no {words!r}")

    def menu(self, menu: str, item: str) -> None:
        """Choose what a menu has."""
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        self.page.get_by_role("menuitem", name=item).click()

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
            self.page.mouse.move(500, 600)  # over nothing that shows it
            self.page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")

    def hide_panel(self) -> None:
        """As a person closes it."""
        if self.kind == "lab":
            self.page.locator(".jp-SideBar.jp-mod-right [data-id='jp-gokernel-panel']").click()
        else:
            self.page.get_by_role("button", name="Collapse right side panel").click()

    def widen(self) -> None:
        """Drag the panel's border, so that it takes more of the page."""
        box = self.panel.bounding_box()
        assert box is not None
        mouse = self.page.mouse
        mouse.move(box["x"] - 2, 500)
        mouse.down()
        # Notebook's top bar is in the same half as the notebook.
        mouse.move(700 if self.kind == "lab" else 880, 500, steps=5)
        mouse.up()

    def theme(self, name: str) -> None:
        """Change the theme, and wait until it is in force."""
        self.command(f"Use Theme: {name}")
        self.page.locator(f"body[data-jp-theme-name='{name}']").wait_for(state="attached")

    def close(self) -> None:
        """Close the page."""
        self.page.context.close()

    def _failed(self, text: str) -> None:
        if not _NOT_OURS.search(text):
            self.errors.append(text)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._failed(message.text)

    def _asked(self, request: Request) -> None:
        self.requests.append(urlsplit(request.url).path)


Opener = Callable[..., Jupyter]
