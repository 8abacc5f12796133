"""The panel and the status item, in a real JupyterLab and a real Notebook 7."""

from __future__ import annotations

from tests.browser import world as worlds
from tests.browser.page import Jupyter


def test_status(jupyter: Jupyter) -> None:
    import time
    t=time.time()
    time.sleep(5)
    jupyter.page.screenshot(path=f"/tmp/w/shot0-{jupyter.kind}.png")
    print(jupyter.errors, jupyter.ours())
    jupyter.status.wait_for(timeout=3000)
    print("status", time.time()-t, jupyter.status.inner_text())
    jupyter.status.click()
    jupyter.panel.wait_for()
    jupyter.finding(worlds.BROKEN, "toolchain.goroot").wait_for()
    print(time.time()-t)
    time.sleep(3)
    jupyter.page.screenshot(path=f"/tmp/w/shot-{jupyter.kind}.png")
    print(jupyter.errors, jupyter.ours())
