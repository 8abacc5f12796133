"""Does C compile into a Go program, and does what came of it load?

A program that links is not yet one that starts: the library has to be found again, and
by a kernel that another server started there may be no LD_LIBRARY_PATH to help.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from go_kernel import process
from go_kernel.files import is_file
from go_kernel.findings import Finding, Remedy
from go_kernel.goerrors import explain
from go_kernel.health.check import Check, Kind, info, ok, skipped, warn
from go_kernel.health.context import Context
from go_kernel.health.live import trial

# The first time, the standard library's packages that use C are compiled.
_SECONDS = 170.0
_TO_COMPILE = 120.0
_TO_RUN = 15.0
_GO_MOD = "module gokernel.invalid/trial\n\ngo 1.22\n"

_PLAIN = """\
package main

/*
static int times(int a, int b) { return a * b; }
*/
import "C"
import "os"

func main() {
	if C.times(6, 7) != 42 {
		os.Exit(1)
	}
}
"""

_WITH_LIBRARY = """\
package main

/*
#cgo LDFLAGS: -l{name}
#include <{header}>
*/
import "C"
import "os"

func main() {{
	if C.{function}() == nil {{
		os.Exit(1)
	}}
	maps, _ := os.ReadFile("/proc/self/maps")
	os.Stdout.Write(maps)
}}
"""


@dataclass(frozen=True)
class Library:
    """A C library with a function without arguments that gives back a string."""

    name: str
    header: str
    function: str


# What environments often hold, one of them is enough.
_LIBRARIES = (
    Library("z", "zlib.h", "zlibVersion"),
    Library("lzma", "lzma.h", "lzma_version_string"),
    Library("bz2", "bzlib.h", "BZ2_bzlibVersion"),
    Library("zstd", "zstd.h", "ZSTD_versionString"),
    Library("sqlite3", "sqlite3.h", "sqlite3_libversion"),
)


def loads(context: Context) -> Finding:
    """Compile and run a program with C in it, linked with a library of the environment."""
    environment = trial.environment(context)
    if not environment.cgo:
        return skipped("cgo is off here (compiler.present says why), so there is no C to try.")
    library = _library(context.target.prefix)
    env = environment.as_dict()
    context.progress("compiling and running a program with C in it")
    with trial.folder(context) as folder:
        (folder / "go.mod").write_text(_GO_MOD)
        (folder / "main.go").write_text(_source(library))
        program = folder / "trial"
        flags = {**env, "GO111MODULE": "on", "GOWORK": "off", "GOTMPDIR": str(folder)}
        argv = ["build", "-o", str(program), "."]
        done = trial.go(context, argv, flags, seconds=_TO_COMPILE, cwd=folder, check=False)
        if done.returncode != 0:
            return _not_compiled(library, done.stderr)
        alone = {name: value for name, value in env.items() if name != "LD_LIBRARY_PATH"}
        ran = process.run([program], env=alone, timeout=_TO_RUN, cwd=folder, check=False)
        if ran.returncode != 0 and alone != env:
            helped = process.run([program], env=env, timeout=_TO_RUN, cwd=folder, check=False)
            if helped.returncode == 0:
                return _helped(library, ran, env)
    return _judged(ran, library, context.target.prefix, env)


def _library(prefix: Path | None) -> Library | None:
    for library in _LIBRARIES if prefix else ():
        if is_file(f"{prefix}/include/{library.header}") and _shared(prefix, library):
            return library
    return None


def _shared(prefix: Path | None, library: Library) -> bool:
    return any(is_file(f"{prefix}/lib/lib{library.name}.{end}") for end in ("so", "dylib"))


def _source(library: Library | None) -> str:
    return _WITH_LIBRARY.format(**vars(library)) if library else _PLAIN


def _spoken(library: Library | None) -> str:
    return f"A program with C and the environment's lib{library.name}" if library else "C"


def _not_compiled(library: Library | None, output: str) -> Finding:
    found = explain(output)
    reason = found.reason if output.strip() else "the compiler printed nothing"
    return warn(
        f"{_spoken(library)} can't be compiled, and so third-party packages can't be "
        f"imported: {reason}.",
        found.remedy or Remedy("Mend the C compiler, or its flags (`jupyter gokernel env`)."),
        evidence=output,
    )


def _helped(library: Library | None, ran: process.Completed, env: Mapping[str, str]) -> Finding:
    return info(
        f"{_spoken(library)} runs only as long as LD_LIBRARY_PATH is what it is now.",
        Remedy("Nothing is to be done if your site sets it everywhere."),
        evidence=f"{ran.stderr.strip()}\nLD_LIBRARY_PATH={env['LD_LIBRARY_PATH']}",
    )


def _judged(
    ran: process.Completed,
    library: Library | None,
    prefix: Path | None,
    env: Mapping[str, str],
) -> Finding:
    if ran.returncode != 0:
        said = (ran.stderr or ran.stdout).strip()
        reason = said.splitlines()[-1].rstrip(".") if said else f"exit code {ran.returncode}"
        return warn(
            f"{_spoken(library)} compiles and does not run: {reason}.",
            Remedy("Reinstall the environment's C libraries; CGO_LDFLAGS says where they are."),
            evidence=f"{said}\nCGO_LDFLAGS={env.get('CGO_LDFLAGS', '')}",
        )
    elsewhere = _elsewhere(ran.stdout, library, prefix)
    if elsewhere:
        return warn(
            f"{_spoken(library)} runs with another one, {elsewhere}.",
            Remedy("See that CGO_LDFLAGS names the environment's own folder first."),
            evidence=f"CGO_LDFLAGS={env.get('CGO_LDFLAGS', '')}",
        )
    return ok(f"{_spoken(library)} compiles, loads and runs.")


def _elsewhere(maps: str, library: Library | None, prefix: Path | None) -> str:
    """The library that was loaded, where it isn't the environment's; only Linux tells."""
    if library is None or prefix is None:
        return ""
    loaded = {line.split(maxsplit=5)[-1] for line in maps.splitlines() if " /" in line}
    same = [path for path in loaded if Path(path).name.startswith(f"lib{library.name}.so")]
    real = prefix.resolve()
    return next((path for path in same if not Path(path).resolve().is_relative_to(real)), "")


LOADS = Check(
    id="cgo.loads",
    title="C compiles, and what comes of it loads",
    run=loads,
    broken_by="A compiler without its headers, wrong CGO_* flags, a library that is half there.",
    mended_by="Reinstalling the C compiler or the library; taking back the flags.",
    kind=Kind.LIVE,
    seconds=_SECONDS,
    needs=trial.NEEDS,
)
