"""python -m go_kernel.health.worker: checks and fixes in a process of their own.

Jupyter Server starts it: what checks do would stop its event loop, and one that hangs
can only be got rid of with its process.  One JSON request comes on stdin (never on the
command line, where everybody could read the site's variables), JSON lines go to stdout:
`{"finding": …}`, `{"progress": …}`, `{"environments": …}`, `{"preview": …}`,
`{"report": …}`, `{"error": …}`, and `{"done": true}` at the end.  Stdin stays open for
as long as the server lives; when it closes, the worker ends with all that it started.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import IO, Any, NoReturn

from go_kernel.findings import GoKernelError
from go_kernel.health import work
from go_kernel.health.request import BadRequest, Request, parse
from go_kernel.process_tree import Tree, adopt_orphans
from go_kernel.variables import mask_urls

_TERMINATED = 128 + signal.SIGTERM
# For a fix to put away what it has begun, in seconds.
_TIDYING = 5.0
_LONGEST_EVIDENCE = 20_000


class Told(BaseException):
    """Somebody told this process to end."""


class Out:
    """The lines that go to the server; many threads write."""

    def __init__(self, stream: IO[str]):
        self._stream = stream
        self._lock = threading.Lock()

    def line(self, what: Mapping[str, object]) -> None:
        """Write one line; nobody there to read it ends the process."""
        text = json.dumps(what, allow_nan=False)  # ASCII: a path may hold what UTF-8 can't
        try:
            with self._lock:
                self._stream.write(text + "\n")
                self._stream.flush()
        except (BrokenPipeError, ValueError):
            end_now()


def main() -> NoReturn:
    """Answer the request on stdin, and end, with all that was started."""
    # Checks that hang sit in threads that nobody waits for, and may have started programs.
    end_now(_run())


def _run() -> int:
    out = Out(_own_stdout())
    sys.addaudithook(_no_more)
    adopt_orphans()
    try:
        request = _read()
        signal.signal(signal.SIGTERM, _tidy_up if request.action == "fix" else _end_at_once)
        threading.Thread(target=_until_server_ends, args=(request,), daemon=True).start()
        _answer(request, out)
    except GoKernelError as error:
        out.line({"error": spoken(error)})
        return 1
    except Told:
        return _TERMINATED
    except Exception as error:
        # Whatever it is: the server's user is to read a sentence, its log the rest.
        sentence = f"The worker failed ({type(error).__name__}: {mask_urls(str(error))})."
        out.line({"error": {"message": sentence, "reason": "health.failed", "remedy": None}})
        traceback.print_exc()  # on stderr, which goes to the server's log
        return 1
    out.line({"done": True})
    return 0


def spoken(error: GoKernelError) -> dict[str, object]:
    """An error as the REST API says it."""
    remedy = error.remedy and {
        "text": mask_urls(error.remedy.text),
        "commands": [mask_urls(one) for one in error.remedy.commands],
    }
    return {"message": mask_urls(error.summary), "reason": error.id, "remedy": remedy}


def _answer(request: Request, out: Out) -> None:
    hear = work.Hear(
        finding=lambda one: out.line(
            {"finding": replace(one, evidence=one.evidence[-_LONGEST_EVIDENCE:]).to_dict()}
        ),
        progress=lambda text: out.line({"progress": mask_urls(text)}),
        answer=out.line,
    )
    # The one place of this program that reads the process's environment.
    work.do(request, dict(os.environ), hear)


def _own_stdout() -> IO[str]:
    """The pipe to the server; what anybody else prints goes to stderr from now on."""
    stream = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    return stream


def _read() -> Request:
    line = sys.stdin.buffer.readline()
    try:
        content: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadRequest("it is no JSON") from error
    return parse(content)


def _until_server_ends(request: Request) -> None:
    with suppress(OSError, ValueError):
        while os.read(0, 4096):
            pass
    if request.action == "fix":
        signal.raise_signal(signal.SIGTERM)
        threading.Event().wait(_TIDYING)
    end_now()


_ending = threading.Event()


def end_now(code: int = _TERMINATED) -> NoReturn:
    """End all that was started, then this process, whatever its threads are at."""
    _ending.set()
    Tree(os.getpid(), "").end()
    os._exit(code)


def _no_more(event: str, arguments: object) -> None:
    """Nobody starts anything any more once the end has begun."""
    if event in ("subprocess.Popen", "os.fork", "os.posix_spawn") and _ending.is_set():
        raise OSError("this worker is ending")


def _tidy_up(number: int, frame: object) -> None:
    raise Told


def _end_at_once(number: int, frame: object) -> None:
    end_now()


if __name__ == "__main__":
    main()
