"""Our errors as the Hub passes them on to its users: a sentence, and no traceback."""

from __future__ import annotations

from typing import Any

from go_kernel.findings import GoKernelError
from go_kernel.hub.errors import BadSetting, HubError, SettingsUnusable


def told(error: GoKernelError, log: Any) -> Exception:
    """What to raise so that the user's page and the REST reply say the sentence.

    What only the administrator can mend goes to the Hub's log, and the user is told that.
    JupyterHub logs an HTTPError in one line.
    ref: https://jupyterhub.readthedocs.io/en/stable/reference/spawners.html
    """
    from tornado.web import HTTPError

    if isinstance(error, BadSetting):
        log.error("%s", error)
        error = SettingsUnusable()
    status = error.status if isinstance(error, HubError) else 500
    answer = HTTPError(status, "%s", str(error))
    answer.jupyterhub_message = str(error)  # type: ignore[attr-defined]
    return answer
