"""The panel and the status item, in a real JupyterLab and a real Notebook 7.

The tests of each go on where the one before has left its page: that is what a person
does, and a page takes seconds to load.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FloatRect, Locator, expect

from tests.browser.conftest import checked
from tests.browser.page import Jupyter, Opener
from tests.browser.world import BROKEN, EMPTY, LONG, OLD_CHECK, WHOLE, World

expect.set_options(timeout=30_000)
CHECK = "toolchain.goroot"


@pytest.fixture(autouse=True)
def no_errors(jupyter: Jupyter) -> Iterator[None]:
    """The browser's console has no word of an error, whatever is done."""
    yield
    assert jupyter.errors == []


def press_until(jupyter: Jupyter, wanted: Locator, key: str = "Tab", most: int = 200) -> None:
    """Move the focus with the keyboard until it is on `wanted`."""
    for _ in range(most):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        jupyter.page.keyboard.press(key)
    raise AssertionError(f"{key} never reached {wanted}")


def test_status_shows_the_notebooks_go(jupyter: Jupyter) -> None:
    """Version, environment and the worst finding, in words and as a shape."""
    expect(jupyter.status).to_have_text(re.compile(rf"Go 1\.26\.\d+ · {BROKEN} · 1 warning"))
    expect(jupyter.status.locator("svg")).to_be_visible()
    assert "GOROOT=/usr/local/go" in str(jupyter.status.get_attribute("aria-label"))
    expect(jupyter.panel).to_be_hidden()
    expect(jupyter.page.locator(".jp-Dialog")).to_have_count(0)


def test_status_opens_the_panel(jupyter: Jupyter) -> None:
    """A press on the item, or the command from the palette."""
    jupyter.status.click()
    expect(jupyter.panel).to_be_visible()
    jupyter.hide_panel()
    expect(jupyter.panel).to_be_hidden()
    jupyter.command("Show Go Environments")
    expect(jupyter.panel).to_be_visible()


def test_environments_and_what_is_wrong(jupyter: Jupyter) -> None:
    """All environments are there; the notebook's own is open, with its finding."""
    for name in (WHOLE, BROKEN, EMPTY, "This machine"):
        expect(jupyter.card(name)).to_be_visible()
    expect(jupyter.card(BROKEN)).to_contain_text("this notebook")
    finding = jupyter.finding(BROKEN, CHECK)
    expect(finding).to_contain_text("GOROOT=/usr/local/go")
    expect(finding.get_by_role("button", name=re.compile("^Fix: "))).to_be_visible()
    expect(jupyter.card(WHOLE).locator(".jp-gokernel-verdict")).not_to_contain_text("error")
    jupyter.widen()
    if jupyter.kind == "notebook":
        jupyter.picture("panel-notebook")


@pytest.mark.skipif(bool(os.environ.get("GOKERNEL_PICTURES")), reason="not in pictures")
def test_an_earlier_deep_check(jupyter: Jupyter) -> None:
    """What it found has its age, the same in a closed card; after a day it counts no more."""
    verdict = jupyter.card(EMPTY).locator(".jp-gokernel-verdict")
    expect(verdict).to_have_text("1 error (3 h ago)")
    jupyter.unfold(EMPTY)
    expect(verdict).to_have_text("1 error (3 h ago)")
    finding = jupyter.finding(EMPTY, OLD_CHECK)
    expect(finding).to_contain_text("Found 3 h ago by a deep check; a deep check looks again.")
    finding = jupyter.finding(WHOLE, OLD_CHECK)
    jupyter.unfold(WHOLE)
    expect(finding).to_contain_text("Found 2 days ago by a deep check")
    expect(finding).to_have_class(re.compile("jp-mod-past"))
    expect(jupyter.card(WHOLE).locator(".jp-gokernel-verdict")).not_to_contain_text("error")
    assert jupyter.violations() == []


def test_panel_is_accessible(jupyter: Jupyter) -> None:
    """No serious finding of axe, in the light theme and in the dark one."""
    jupyter.unfold(EMPTY)
    jupyter.finding(BROKEN, CHECK).get_by_role("button", name=re.compile("^Fix: ")).click()
    jupyter.page.locator(".jp-gokernel-Preview").wait_for()
    assert jupyter.violations() == []
    jupyter.theme("JupyterLab Dark")
    assert jupyter.violations() == []
    preview = jupyter.page.locator(".jp-gokernel-Preview")
    preview.get_by_role("button", name="Cancel").click()
    expect(preview).to_have_count(0)
    if jupyter.kind == "lab":
        jupyter.picture("panel-lab-dark")
    jupyter.theme("JupyterLab Light")


def test_copy_report(jupyter: Jupyter) -> None:
    """A press puts it on the clipboard and says so; where that fails there is a sentence."""
    button = jupyter.panel.get_by_role("button", name="Copy report")
    button.click()
    expect(jupyter.panel.get_by_role("status").filter(has_text="Copied")).to_be_attached()
    expect(button).to_have_text("Copied")
    text = jupyter.page.evaluate("() => navigator.clipboard.readText()")
    assert text.startswith("### jupyter gokernel doctor")
    assert f"`{CHECK}`" in text
    assert "GOROOT=/usr/local/go" in text
    assert str(Path.home()) not in text
    expect(button).to_have_text("Copy report")
    jupyter.page.route("**/gokernel/report*", lambda route: route.abort())
    button.click()
    said = jupyter.panel.get_by_role("alert")
    expect(said).to_have_text("The server does not answer.")
    jupyter.page.unroute("**/gokernel/report*")
    button.focus()
    jupyter.page.keyboard.press("Enter")
    expect(said).to_have_count(0)
    expect(button).to_have_text("Copied")
    expect(button).to_be_focused()


def test_variables_of_the_kernel(jupyter: Jupyter, world: World) -> None:
    """Opened with the keyboard, they say what came from where; after a restart what is new."""
    card = jupyter.unfold(BROKEN)
    section = card.locator(".jp-gokernel-Variables")
    asked = [path for path in jupyter.ours() if "/kernels/" in path]
    assert asked == []
    press_until(jupyter, section.locator("summary"))
    jupyter.page.keyboard.press("Enter")
    goroot = section.locator("[data-variable='GOROOT']")
    prefix = world.prefix(BROKEN)
    expect(goroot.get_by_role("cell").first).to_contain_text(str(prefix / "go"))
    expect(goroot).to_contain_text("was /usr/local/go")
    expect(goroot.get_by_role("cell").last).to_contain_text("toolchain")
    expect(section.locator("[data-variable='CONDA_PREFIX']")).to_contain_text(str(prefix))
    press_until(jupyter, section.get_by_role("group"))
    assert jupyter.violations() == []
    jupyter.theme("JupyterLab Dark")
    assert jupyter.violations() == []
    jupyter.theme("JupyterLab Light")

    world.break_goroot("/opt/go")
    sessions = jupyter.server.request("GET", "/api/sessions").content
    (kernel,) = [one["kernel"]["id"] for one in sessions if one["path"] == f"{BROKEN}.ipynb"]
    jupyter.server.request("POST", f"/api/kernels/{kernel}/restart", {})
    expect(goroot).to_contain_text("was /opt/go")
    world.break_goroot()

    jupyter.menu("Kernel", "Shut Down Kernel")
    expect(section).to_contain_text("This notebook has no kernel that runs.")
    jupyter.menu("Kernel", "Restart Kernel…")
    expect(goroot).to_contain_text("was /usr/local/go")
    section.locator("summary").click()
    expect(goroot).to_have_count(0)


def test_fix_with_the_mouse(jupyter: Jupyter, world: World) -> None:
    """What would be done is shown first; when it was done, the finding is gone."""
    if jupyter.kind == "lab":
        jupyter.picture("mend-1-broken")
    jupyter.finding(BROKEN, CHECK).get_by_role("button", name=re.compile("^Fix: ")).click()
    preview = jupyter.page.locator(".jp-gokernel-Preview")
    expect(preview).to_contain_text("conda-meta/state, set GOROOT to")
    expect(preview).to_contain_text("Some risk")
    if jupyter.kind == "lab":
        jupyter.picture("mend-2-preview")
    assert world.is_broken()
    preview.get_by_role("button", name="Do it").click()
    card = jupyter.card(BROKEN)
    expect(card).to_contain_text("done, and checked again: fine")
    assert not world.is_broken()
    expect(jupyter.status).to_have_text(re.compile(rf"Go 1\.26\.\d+ · {BROKEN}$"))
    expect(card.locator(f".jp-gokernel-Finding.jp-mod-warn[data-check='{CHECK}']")).to_have_count(0)
    if jupyter.kind == "lab":
        jupyter.picture("mend-3-mended")
    card.get_by_role("button", name="Dismiss").first.click()


def test_fix_with_the_keyboard(jupyter: Jupyter, world: World) -> None:
    """From the palette to the mended finding without a mouse."""
    world.break_goroot()
    jupyter.command("Check This Notebook's Go")
    finding = jupyter.finding(BROKEN, CHECK)
    finding.wait_for()
    press_until(jupyter, finding.get_by_role("button", name=re.compile("^Fix: ")))
    jupyter.page.keyboard.press("Enter")
    confirm = jupyter.page.locator(".jp-gokernel-Preview").get_by_role("button", name="Do it")
    expect(confirm).to_be_focused()
    jupyter.page.keyboard.press("Escape")
    expect(finding.get_by_role("button", name=re.compile("^Fix: "))).to_be_focused()
    jupyter.page.keyboard.press("Enter")
    expect(confirm).to_be_focused()
    assert world.is_broken()
    jupyter.page.keyboard.press("Enter")
    expect(jupyter.card(BROKEN)).to_contain_text("done, and checked again: fine")
    assert not world.is_broken()


def test_change_after_the_preview_is_told(jupyter: Jupyter, world: World) -> None:
    """What is confirmed is what was shown: where things changed since, nothing is done."""
    world.break_goroot()
    jupyter.command("Check This Notebook's Go")
    finding = jupyter.finding(BROKEN, CHECK)
    finding.get_by_role("button", name=re.compile("^Fix: ")).click()
    preview = jupyter.page.locator(".jp-gokernel-Preview")
    preview.wait_for()
    world.break_goroot("/opt/go")
    preview.get_by_role("button", name="Do it").click()
    expect(jupyter.card(BROKEN).get_by_role("alert")).to_be_visible()
    assert world.is_broken("/opt/go")


def test_kernel_for_an_environment_without_one(jupyter: Jupyter, world: World) -> None:
    """Installed by the press of a button, and there for new notebooks at once."""
    card = jupyter.unfold(EMPTY)
    card.get_by_role("button", name=f"Install a kernel for {EMPTY}").click()
    card.get_by_role("button", name=re.compile("^Do it")).click()
    expect(card).to_contain_text(f"Go (conda env: {EMPTY})")
    expect(card.get_by_role("button", name=f"Rebuild the engine of {EMPTY}")).to_be_visible()
    specs = jupyter.server.request("GET", "/api/kernelspecs").content["kernelspecs"]
    assert f"go-{EMPTY}" in specs


def test_deep_check_goes_on_visibly_and_stops(jupyter: Jupyter) -> None:
    """What it is doing is shown; Cancel ends it."""
    card = jupyter.unfold(WHOLE)
    card.get_by_role("button", name=f"Deep check of {WHOLE}").click()
    task = card.locator(".jp-gokernel-Task[data-state='running']")
    expect(task).to_contain_text(re.compile(r"Deep check: \S"))
    expect(card.get_by_role("button", name=f"Deep check of {WHOLE}")).to_have_attribute(
        "aria-disabled", "true"
    )
    task.get_by_role("button", name="Cancel: Deep check").click()
    expect(card).to_contain_text("Deep check: cancelled.")


def test_deep_check_says_that_it_ended(jupyter: Jupyter) -> None:
    """With what it found and since when; a check after it takes the line away."""
    card = jupyter.unfold("This machine")
    card.get_by_role("button", name="Deep check of This machine").click()
    task = card.locator(".jp-gokernel-Task[data-state='done']")
    expect(task).to_contain_text(re.compile(r"Deep check: done, .*just now"))
    card.get_by_role("button", name="Check This machine").click()
    expect(task).to_have_count(0)


def test_nothing_for_another_language(jupyter: Jupyter, opener: Opener) -> None:
    """A Python notebook has no item, and no request is made, whatever happens elsewhere."""
    other = opener(jupyter.kind)
    other.open("python")
    other.page.get_by_text("Python 3 (ipykernel)").first.wait_for()
    with other.events.expect_event("framereceived", lambda frame: '"done"' in str(frame)):
        body = {"deep": False, "checks": []}
        assert other.server.request("POST", "/gokernel/checks", body).status == 202
    expect(other.status).to_be_hidden()
    assert other.ours() == []
    other.close()


def test_hidden_panel_asks_nothing_as_time_goes_by(jupyter: Jupyter, opener: Opener) -> None:
    """With a Go notebook in front and the panel hidden, an hour brings no request."""
    checked(jupyter.server)  # else the page asks for it, be it late
    other = opener(jupyter.kind)
    other.page.clock.install()
    other.open(WHOLE)
    expect(other.status).to_have_text(re.compile(rf"Go 1\.27\.\d+ · {WHOLE}"))
    idle = other.page.locator("[data-status='idle']").first
    idle.wait_for(state="attached")  # a kernel that starts later shows its notebook anew
    other.page.wait_for_load_state("networkidle")
    before = other.ours()
    other.page.clock.fast_forward("01:00:00")
    other.page.evaluate("() => fetch('/api')")
    assert other.ours() == before
    other.close()


@pytest.mark.parametrize("jupyter", ["notebook"], indirect=True)
def test_status_in_a_narrow_page(jupyter: Jupyter, opener: Opener) -> None:
    """Notebook's logo and title stay as they are: the item is cut off with an ellipsis."""
    other = opener("notebook")
    other.page.set_viewport_size({"width": 700, "height": 600})
    other.open(LONG)
    expect(other.status).to_contain_text(WHOLE)

    def box(selector: str) -> FloatRect:
        found = other.page.locator(selector).bounding_box()
        assert found is not None
        return found

    logo, title, text = "#jp-NotebookLogo", "#jp-title", ".jp-gokernel-StatusButton > :last-child"
    item = box(".jp-gokernel-StatusItem")
    assert item["x"] + item["width"] <= 700
    assert box(logo)["height"] == box("#top-panel")["height"] == box("#top-panel-wrapper")["height"]
    one = f"document.querySelector('{text}')"
    cut = f"{one}.scrollWidth > {one}.clientWidth"
    other.page.wait_for_function(cut)
    narrow = [box(one)["width"] for one in (logo, title)]
    other.page.set_viewport_size({"width": 1280, "height": 600})
    other.page.wait_for_function(f"!({cut})")
    assert [box(one)["width"] for one in (logo, title)] == narrow
    other.close()


@pytest.mark.parametrize("jupyter", ["lab"], indirect=True)
def test_without_the_server_part(jupyter: Jupyter, opener: Opener) -> None:
    """A server that has none: one passive sentence in the panel, no dialog, no error."""
    other = opener("lab", "bare")
    other.open(BROKEN)
    other.show_panel()
    expect(other.panel).to_contain_text("has no jupyter-gokernel, or it is switched off")
    expect(other.panel).to_contain_text("jupyter server extension enable go_kernel.server")
    expect(other.page.locator(".jp-Dialog")).to_have_count(0)
    assert other.violations() == []
    assert other.errors == []
    other.close()


@pytest.mark.parametrize("jupyter", ["lab"], indirect=True)
def test_what_a_hub_decided(jupyter: Jupyter, opener: Opener, world: World) -> None:
    """Its choice in a line, its variables with their origin, and the kernel's own say the same."""
    other = opener("lab", "hub")
    checked(other.server)
    other.open(WHOLE)
    expect(other.status).to_contain_text(WHOLE)
    other.status.click()
    expect(other.panel).to_be_visible()
    other.widen()
    hub = other.panel.get_by_role("region", name="JupyterHub")
    expect(hub).to_contain_text(f"This server's Go was chosen by JupyterHub: {WHOLE}")
    expect(other.card(WHOLE)).to_contain_text("chosen by JupyterHub")
    hub.get_by_text("JupyterHub sets 3 variables for kernels").click()
    row = hub.get_by_role("row", name=re.compile("GOPROXY"))
    expect(row).to_contain_text("https://***@athens.invalid")
    expect(row).to_contain_text("JupyterHub")
    assert "hunter2" not in other.page.content()
    other.picture("panel-hub")

    other.unfold(WHOLE).get_by_text("Variables of this kernel").click()
    place = other.card(WHOLE).locator("[data-variable='GOCACHE']")
    expect(place).to_contain_text("site policy: JupyterHub")
    expect(place).to_contain_text("scratch/ada/go-build")
    assert (world.folder / "scratch/ada/go-build").stat().st_mode & 0o777 == 0o700
    assert other.violations() == []
    other.theme("JupyterLab Dark")
    assert other.violations() == []
    assert other.errors == []
    other.close()
