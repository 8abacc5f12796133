"""Runs a notebook on a kernel, and puts into words what its cells put out."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from go_kernel.findings import GoKernelError

# The tag of cells that import a package which has to be compiled.
NEEDS_C_COMPILER = "needs-c-compiler"
_CELL_SECONDS = 300


class NotebookFailed(GoKernelError):
    """A cell failed, or the kernel did; `evidence` is the traceback."""

    id = "tools.notebook"


@dataclass(frozen=True)
class Ran:
    """A code cell: the heading above it, and its outputs as lines of text."""

    heading: str
    outputs: tuple[str, ...]


def execute(path: Path, kernel: str, leave_out: Collection[str] = ()) -> list[Ran]:
    """Run the notebook at `path` (which isn't written to) without cells tagged `leave_out`.

    Raises `NotebookFailed`.
    """
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    notebook.cells = [
        cell for cell in notebook.cells if not set(leave_out) & set(cell.metadata.get("tags", []))
    ]
    client = NotebookClient(notebook, kernel_name=kernel, timeout=_CELL_SECONDS)
    try:
        client.execute()
    except CellExecutionError as error:
        raise NotebookFailed(
            f"A cell of {path.name} failed: {error.ename}: {error.evalue}.", evidence=str(error)
        ) from error
    except (CellTimeoutError, DeadKernelError, NoSuchKernel) as error:
        first = str(error).strip().partition("\n")[0]
        raise NotebookFailed(f"{path.name} could not be run: {first}.") from error
    return list(_ran(notebook.cells))


def _ran(cells: list[NotebookNode]) -> Iterator[Ran]:
    heading = ""
    for cell in cells:
        if cell.cell_type == "code":
            yield Ran(heading, tuple(_lines(cell.outputs)))
        elif cell.source.startswith("#"):
            heading = cell.source.partition("\n")[0].strip("# ")


def _lines(outputs: list[NotebookNode]) -> Iterator[str]:
    for output in outputs:
        if output.output_type == "stream":
            yield from output.text.splitlines()
        elif output.output_type in {"execute_result", "display_data"}:
            pictures = [kind for kind in output.data if kind.startswith("image/")]
            for kind in pictures:
                # Base64 takes four characters for three bytes.
                yield f"a picture: {kind}, {len(output.data[kind]) * 3 // 4} bytes"
            if not pictures:
                yield from str(output.data.get("text/plain", "")).splitlines()
