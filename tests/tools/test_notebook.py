import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.notebook import NEEDS_C_COMPILER, NotebookFailed, Ran, execute

PICTURE = "from IPython.display import Image, display; display(Image(bytes(300), format='png'))"


def written(path, *cells):
    """A notebook of these cells, at `path`."""
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_outputs_become_lines(tmp_path):
    """What a cell prints, its value, a picture's kind and size; and the heading above."""
    path = written(
        tmp_path / "a.ipynb",
        new_markdown_cell("# Title\n\nwords"),
        new_code_cell("print('one')\nprint('two')\n'three'"),
        new_code_cell(PICTURE),
    )
    before = path.read_bytes()

    ran = execute(path, "python3")

    assert ran == [
        Ran("Title", ("one", "two", "'three'")),
        Ran("Title", ("a picture: image/png, 300 bytes",)),
    ]
    assert path.read_bytes() == before


def test_tagged_cells_are_left_out(tmp_path):
    """Without a C compiler, cells that need one don't run."""
    tagged = new_code_cell("1 / 0", metadata={"tags": [NEEDS_C_COMPILER]})
    path = written(tmp_path / "a.ipynb", tagged, new_code_cell("1 + 1"))

    assert execute(path, "python3", {NEEDS_C_COMPILER}) == [Ran("", ("2",))]


def test_failing_cell_is_one_sentence(tmp_path):
    """The error's name and words in the sentence, the traceback as evidence."""
    path = written(tmp_path / "a.ipynb", new_code_cell("1 / 0"))

    with pytest.raises(
        NotebookFailed, match=r"^A cell of a\.ipynb failed: ZeroDivisionError: "
    ) as e:
        execute(path, "python3")

    assert "\n" not in str(e.value)
    assert "1 / 0" in e.value.evidence


def test_dead_kernel_is_one_sentence(tmp_path):
    """A kernel that dies in the middle is said so."""
    path = written(tmp_path / "a.ipynb", new_code_cell("import os; os._exit(3)"))

    with pytest.raises(NotebookFailed, match=r"^a\.ipynb could not be run: .*died"):
        execute(path, "python3")


def test_missing_kernel_is_one_sentence(tmp_path):
    """A kernel that isn't installed is named."""
    path = written(tmp_path / "a.ipynb", new_code_cell("1"))

    with pytest.raises(NotebookFailed, match="no-such-kernel"):
        execute(path, "no-such-kernel")


def test_quickstart_is_clean(request):
    """The example is kept without outputs, for the demo's kernel, with one cell to leave out."""
    notebook = nbformat.read(request.config.rootpath / "examples" / "quickstart.ipynb", 4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]

    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec["name"] == "go-demo"
    assert notebook.metadata.kernelspec["language"] == "go"
    assert [cell for cell in code if cell.outputs or cell.execution_count is not None] == []
    tagged = [cell for cell in code if NEEDS_C_COMPILER in cell.metadata.get("tags", [])]
    assert len(tagged) == 1
