"""The standard library's declarations, prepared for a kernel's start.

A kernel needs the declarations of some standard packages to start, and of others as
they are imported.  Go's own importer starts `go list -export` for each, which takes
more than all the rest of a start.  Here they are all listed once, and of each
compiled package only the part with the declarations is kept: a valid archive with
its first entry alone, some 10 MB in place of 170.

ref: https://pkg.go.dev/cmd/compile#hdr-Export_data
ref: https://pkg.go.dev/cmd/internal/archive
"""

from __future__ import annotations

from pathlib import Path

from go_kernel.engines.job import Job

_MAGIC = b"!<arch>\n"
_HEADER = 60
_NAME = slice(0, 16)
_SIZE = slice(48, 58)


class NotAnArchive(ValueError):
    """A file that isn't what the Go compiler writes."""


def prepare(job: Job, work: Path, target: Path) -> int:
    """Write the declarations of the standard library into `target`; gives the number of files.

    One file a package, `net/http.a`.  `work` is the folder of the main module.
    Raises BuildFailed, BuildTimedOut and OSError.
    """
    step = "listing the standard library"
    template = "{{if .Export}}{{.ImportPath}}\t{{.Export}}{{end}}"
    done = job.go(("list", "-export", "-deps", "-f", template, "std"), cwd=work, step=step)
    count = 0
    for line in done.stdout.splitlines():
        package, _, archive = line.partition("\t")
        file = target / f"{package}.a"
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            file.write_bytes(declarations(Path(archive)))
        except NotAnArchive as error:
            raise job.failed(str(error), f"{step} failed") from error
        count += 1
    return count


def declarations(archive: Path) -> bytes:
    """The archive with its first entry only, which holds the declarations.

    Raises NotAnArchive and OSError.
    """
    with archive.open("rb") as stream:
        start = stream.read(len(_MAGIC) + _HEADER)
        header = start[len(_MAGIC) :]
        size = header[_SIZE].strip()
        name = header[_NAME].strip()
        if not start.startswith(_MAGIC) or name != b"__.PKGDEF" or not size.isdigit():
            raise NotAnArchive(f"{archive} does not begin as a Go archive does")
        content = stream.read(int(size))
    if len(content) != int(size):
        raise NotAnArchive(f"{archive} is cut short")
    return start + content + b"\n" * (len(content) % 2)  # entries begin at even places
