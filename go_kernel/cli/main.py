"""`jupyter gokernel`: the commands' entry, and the only place that decides on exit codes."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from go_kernel.cli.errors import FAILED, INTERRUPTED, TERMINATED, exit_code
from go_kernel.cli.pipes import forget, open_what_is_closed, patient
from go_kernel.findings import GoKernelError


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line (by default the process's); give back the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    open_what_is_closed()
    # Names and paths come from anywhere: what the terminal can't show is escaped.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    with patient():
        return _run(words)


def _run(words: list[str]) -> int:
    from go_kernel.cli.output import say

    debug = "--debug" in words
    try:
        code = _dispatched(words)
        sys.stdout.flush()
        return code
    except GoKernelError as error:
        say(f"Error: {error}")
        if error.evidence:
            if debug:
                print(error.evidence.rstrip(), file=sys.stderr)
            else:
                say("(With --debug the whole output is shown.)")
        return exit_code(error)
    except _Terminated:
        say("Terminated.")
        return TERMINATED
    except KeyboardInterrupt:
        say("Interrupted.")
        return INTERRUPTED
    except SystemExit as ended:  # --help and --version end traitlets' way
        return ended.code if isinstance(ended.code, int) else 0
    except OSError as error:  # a full disk above all
        if debug:
            raise
        forget(sys.stdout)
        where = f"{error.filename}: " if error.filename else ""
        say(f"Error: {where}{error.strerror or error}.")
        return FAILED
    except Exception as error:
        if debug:
            raise
        what = " ".join(f"{type(error).__name__}: {error}".split())
        say(f"Error: {what}. This should not happen: run it again with --debug, and report it.")
        return FAILED


def _dispatched(words: list[str]) -> int:
    if words[:1] == ["launch"] and "--help" not in words:
        # It becomes the kernel: nothing of an application is wanted above that.
        from go_kernel import launch

        return launch.main(words[1:])
    from go_kernel.cli.root import GoKernelApp

    app = GoKernelApp()
    with _tidying_up_on_sigterm():
        app.initialize(words)
        return app.dispatch()


class _Terminated(KeyboardInterrupt):
    """SIGTERM came: whatever tidies up for Ctrl-C does so for this, too."""


@contextmanager
def _tidying_up_on_sigterm() -> Iterator[None]:
    main_thread = threading.current_thread() is threading.main_thread()
    # No other thread may set handlers; and whoever has set one has plans of his own.
    if not main_thread or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def end(number: int, frame: object) -> None:
        signal.signal(number, signal.SIG_IGN)  # a second one shall not cut the tidying short
        raise _Terminated

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


if __name__ == "__main__":
    sys.exit(main())
