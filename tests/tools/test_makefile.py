import subprocess

import pytest


def make(request, tmp_path, clean_env, *arguments):
    """Run make on our Makefile in an empty folder."""
    (tmp_path / "pyproject.toml").touch()
    makefile = request.config.rootpath / "Makefile"
    return subprocess.run(
        ["make", "--no-print-directory", "-f", makefile, *arguments],
        cwd=tmp_path,
        env=clean_env,
        capture_output=True,
        text=True,
    )


def test_help_names_the_commands(request, tmp_path, clean_env):
    """`make` alone says what there is."""
    done = make(request, tmp_path, clean_env)

    assert done.returncode == 0
    for command in ("demo", "lab", "hub", "test", "lint", "bench", "clean"):
        assert f"make {command} " in done.stdout


OLD = "#!/bin/sh\nexit 1\n"
WITHOUT_VENV = "#!/bin/sh\ncase $2 in *ensurepip*) exit 1;; esac\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "there is no {}"),
        (OLD, "{} is older than Python 3.10"),
        (WITHOUT_VENV, "apt-get install python3-venv"),
    ],
)
def test_unfit_python_is_one_sentence(request, tmp_path, clean_env, text, expected):
    """No Python, an old one, one without venv: each has its sentence, and no .venv is begun."""
    python = tmp_path / "a python"
    if text:
        python.write_text(text)
        python.chmod(0o755)

    done = make(request, tmp_path, clean_env, "demo", f"PYTHON={python}")

    said = [line for line in done.stderr.splitlines() if not line.startswith("make: ***")]
    assert done.returncode != 0
    assert len(said) == 1
    assert expected.format(python) in said[0]
    assert not (tmp_path / ".venv").exists()
