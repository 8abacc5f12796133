"""A refused launch in words that Jupyter Server passes on, and its line in the server's log."""

from __future__ import annotations

import logging
import textwrap

from tornado.web import HTTPError

from go_kernel.findings import GoKernelError

_DIALOG_WIDTH = 90


class LaunchRefused(HTTPError):
    """A failure in words that Jupyter Server passes on to its client as they are."""

    def __init__(self, error: GoKernelError):
        self.error = error
        self.logged = False
        # tornado formats this text with %, so a lone % has to be doubled.
        super().__init__(500, str(self).replace("%", "%%"))

    def __str__(self) -> str:
        """The sentence and the remedy, without tornado's own words around them.

        Lab's dialog breaks no lines by itself and cuts off what doesn't fit.
        """
        return textwrap.fill(
            str(self.error), _DIALOG_WIDTH, break_long_words=False, break_on_hyphens=False
        )


class _Plain(logging.Filter):
    """Says a refused launch once, in its sentence: the tracebacks lead through no mistake.

    jupyter_client logs what a start raises as an exception, in two places.
    ref: https://github.com/jupyter/jupyter_client/blob/v8.10.0/jupyter_client/manager.py#L115
    """

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, LaunchRefused):
            return True
        said, error.logged = error.logged, True
        record.msg, record.args = str(error.error), ()
        record.exc_info = record.exc_text = None
        return not said


_PLAIN = _Plain()


def log_plainly(log: logging.Logger | logging.LoggerAdapter[logging.Logger]) -> None:
    """Let a server's log have each refused launch as one line; asking twice changes nothing."""
    while isinstance(log, logging.LoggerAdapter):
        log = log.logger
    log.addFilter(_PLAIN)
