"""Lines at the beginning of a cell that are no Go."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.conftest import StartKernel
from tests.engines.test_introspect import Asking
from tests.kernels import CellFailed, Kernel
from tests.processes import has_ended

SECRETS = "https://user:p,w@a.test,https://b.test/x?token=1|direct"


@pytest.fixture
def kernel(start: StartKernel, tmp_path: Path) -> Iterator[Kernel]:
    """A kernel that knows what its environment is called."""
    with start(
        "1.26",
        GOKERNEL_ENVIRONMENT="data science",
        GOPROXY=SECRETS,
        GOKERNEL_PLUGINS=str(tmp_path / "store" / "x"),
    ) as running:
        yield running


def failure(kernel: Kernel, code: str) -> str:
    """What a failing cell says."""
    with pytest.raises(CellFailed) as caught:
        kernel.run(code)
    return str(caught.value)


def test_folders(kernel: Kernel, tmp_path: Path) -> None:
    """Quoted or not, a folder may have a space in its name."""
    spaced = tmp_path / "a b"
    spaced.mkdir()
    for cell in (f"%cd {spaced}", f'%cd "{spaced}"', f"%cd '{spaced}'"):
        kernel.run(f"%cd {tmp_path}")
        kernel.run(cell)
        assert kernel.run("%pwd") == f"{spaced}\n"
        assert kernel.run("$pwd") == f"{spaced}\n"
    kernel.run("%cd")
    assert kernel.run("%pwd") == kernel.run("%cd ~\n%pwd") == kernel.run("%env HOME")
    assert "no such file" in failure(kernel, f"%cd {tmp_path}/nowhere")


def test_variables(kernel: Kernel) -> None:
    """They are the kernel's, so what it starts has them too; none are listed."""
    assert kernel.run("%env COLOUR=dark blue\n%env COLOUR\n$sh -c 'echo $COLOUR'") == (
        "dark blue\ndark blue\n"
    )
    assert kernel.run("%env EMPTY=\n%env EMPTY") == "\n"
    assert "NOTHING is not set" in failure(kernel, "%env NOTHING")
    for wrong in ("%env", "%env A B", "%env =x"):
        assert "%env" in failure(kernel, wrong) or '""' in failure(kernel, wrong)


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("$echo a   b", "a b\n"),
        ("""$echo 'a  b' "c  d" e\\ f""", "a  b c  d e f\n"),
        (r"""$printf %s\n 'a\b' "c\"d" "e\f" ''""", 'a\\b\nc"d\ne\\f\n\n'),
        ("$echo $HOME | cat; *", "$HOME | cat; *\n"),
        ("$ echo spaced", "spaced\n"),
        ("$", ""),
    ],
)
def test_commands_have_quotes_and_no_shell(kernel: Kernel, line: str, printed: str) -> None:
    """Words are kept together by quotes; nothing else has a meaning."""
    assert kernel.run(line.replace("%s\\n", "'%s\\n'")) == printed


def test_commands_in_order_with_their_two_streams(kernel: Kernel) -> None:
    """Standard output and error both arrive; there is nothing to read."""
    said = kernel.run("$echo one\n$sh -c 'echo two >&2'\n\n$cat\n$echo three\n1 + 1")
    assert sorted(said.split()) == ["2", "one", "three", "two"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("$sh -c 'exit 3'", "sh failed: exit status 3"),
        ("$no-such-program", "there is no program no-such-program in the folders of PATH"),
        ("$/etc/passwd", "/etc/passwd can't be run"),
        ("$echo 'a", "a quote is not closed"),
        ("%nothing", "there is no magic %nothing: there are %cd, %env, %get, %go111module"),
        ("%help nothing", "there is no magic nothing"),
        ("%gokernel nothing", "%gokernel is used as: %gokernel [update]"),
        ("%go111module perhaps", "%go111module is used as"),
    ],
)
def test_what_a_failed_line_says(kernel: Kernel, line: str, reason: str) -> None:
    """One sentence; what comes after it isn't run."""
    assert reason in failure(kernel, f"{line}\n$echo ran\nx := 1")
    assert "undefined" in failure(kernel, "x")


def test_only_leading_lines(kernel: Kernel) -> None:
    """Further down a % is Go's, and a dollar is nothing; lines keep their numbers."""
    assert kernel.run("\n  %cd /\n\n$echo x\n7 %\n4") == "x\n3"
    assert "4:1" in failure(kernel, "%cd /\n$echo x\n\nnothing")
    failure(kernel, "1 + 1\n$echo x")


def test_a_command_is_interrupted_with_all_it_started(kernel: Kernel, tmp_path: Path) -> None:
    """Whatever it ignores; the kernel stays as it was."""
    kernel.run("x := 42")
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    script = f'trap "" INT; sleep 1000 & echo $! $$ > {fifo}; wait'
    request = kernel.client.execute(f"$sh -c '{script}'")
    pids = [int(pid) for pid in fifo.read_text().split()]
    kernel.manager.interrupt_kernel()
    reply = kernel.client.get_shell_msg(timeout=60)
    assert reply["parent_header"]["msg_id"] == request
    assert reply["content"]["status"] == "error"
    assert all(has_ended(pid) for pid in pids)
    assert kernel.run("x") == "42"


def test_help(kernel: Kernel) -> None:
    """Each magic has its line, and its own help."""
    text = kernel.run("%help")
    for name in ("%cd", "%env", "%get", "%go111module", "%gokernel", "%help", "%pwd", "$COMMAND"):
        assert f"\n  {name}" in text
    assert kernel.run("%help cd") == kernel.run("%help %cd")


def test_gokernel(kernel: Kernel, tmp_path: Path) -> None:
    """What a person asks for when something is odd; no credentials."""
    kernel.run(f"%cd {tmp_path}")
    rows = dict(line.split(maxsplit=1) for line in kernel.run("%gokernel").splitlines())
    assert rows["environment"] == "data science"
    assert rows["Go"].startswith("go1.26")
    assert Path(rows["GOROOT"], "bin/go").exists()
    assert Path(rows["engine"], "manifest.json").exists()
    assert rows["GOPROXY"] == "https://***@a.test,https://b.test/x?***|direct"
    assert rows["GOFLAGS"] == "-modcacherw -trimpath"
    assert rows["versions"] == "the newest, where %get pins no other"
    assert rows["plugins"] == f"0, 0 MB, in {tmp_path}/store/x"


def test_gonbs_mark_means_nothing(shared_kernel: Kernel) -> None:
    """A notebook for both engines says where statements begin; a string may hold anything."""
    code = 'import "fmt"\n\nfunc twice(n int) int { return 2 * n }\n\n%%\nfmt.Println(twice(21))'

    assert shared_kernel.run(code) == "42\n"
    assert shared_kernel.run("%%\ntext := `\n%%\n`\nlen(text)") == "4"
    assert Asking(shared_kernel).is_complete(code)[0] == "complete"
