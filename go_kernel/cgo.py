"""cgo with the environment's own compilers and libraries.

Importing a third-party package needs a C compiler, and a package that links a
library of the environment must find it again when it is loaded, without
LD_LIBRARY_PATH: so its folder goes into the run path.
ref: https://pkg.go.dev/cmd/cgo
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

from go_kernel import goflags, taking_back
from go_kernel.environment import Layer, Merge, Origin
from go_kernel.findings import Finding, Remedy, Status

_COMPILERS = {"darwin": ("clang", "gcc", "cc")}
_CXX_OF = {"gcc": "g++", "clang": "clang++", "cc": "c++"}
# Commands, which Go splits at spaces.
_PROGRAMS = ("CC", "CXX", "FC", "AR", "PKG_CONFIG")
# Go's own for CGO_CFLAGS and its like when nothing is set; setting them replaces it.
_GO_DEFAULT = "-O2 -g"


def set_cgo(merge: Merge, prefix: Path | None, goos: str) -> None:
    """Settle CC, CXX, CGO_ENABLED and the flags; leave findings on the way."""
    wanted = merge.get("CGO_ENABLED")
    if prefix is not None:
        _quote_programs(merge, prefix)
    missing = _choose_compiler(merge, goos)
    if wanted == "0":
        merge.findings.append(_switched_off(merge, prefix))
    elif missing:
        merge.findings.append(_no_compiler(missing, prefix, demanded=wanted == "1"))
        merge.set("CGO_ENABLED", "0", Origin(Layer.TOOLCHAIN, "no C compiler"))
    else:
        merge.set("CGO_ENABLED", "1", Origin(Layer.TOOLCHAIN, f"{merge.get('CC')} is there"))
        if prefix is not None:
            _use_libraries(merge, prefix)


def _choose_compiler(merge: Merge, goos: str) -> str:
    """Set CC and CXX where they are unset; give back what is missing, "" if nothing."""
    path = merge.get("PATH")
    named = merge.get("CC")
    if named:
        command = (goflags.split(named) or [""])[0]
        return "" if shutil.which(command, path=path) else f"CC={named}"
    for name in _COMPILERS.get(goos, ("gcc", "clang", "cc")):
        if shutil.which(name, path=path):
            merge.set("CC", name, Origin(Layer.TOOLCHAIN, "found on PATH"))
            if not merge.get("CXX") and shutil.which(_CXX_OF[name], path=path):
                merge.set("CXX", _CXX_OF[name], Origin(Layer.TOOLCHAIN, "found on PATH"))
            return ""
    return "gcc, clang or cc"


def _quote_programs(merge: Merge, prefix: Path) -> None:
    """Make `CC` and its like one word where the environment's path holds spaces."""
    for name in _PROGRAMS:
        value = merge.get(name)
        fields = _fields(value, str(prefix))
        if any(str(prefix) in field and " " in field for field in fields):
            quoted = " ".join(filter(None, map(goflags.quote, fields)))
            if quoted != value:
                merge.set(name, quoted, Origin(Layer.TOOLCHAIN, "quoted: its path holds spaces"))


def _use_libraries(merge: Merge, prefix: Path) -> None:
    """Put the environment's include, library and pkg-config folders in force."""
    lib, include = f"{prefix}/lib", f"{prefix}/include"
    # conda-forge's patched Go takes CFLAGS and its like where CGO_* are unset: setting
    # CGO_* would end that, so what they hold comes along.
    _extend(merge, "CGO_CPPFLAGS", "CPPFLAGS", "", [f"-I{include}"], prefix)
    libraries = [f"-L{lib}", *_run_path(lib)]
    _extend(merge, "CGO_LDFLAGS", "LDFLAGS", _GO_DEFAULT, libraries, prefix)
    for name, plain in (("CGO_CFLAGS", "CFLAGS"), ("CGO_CXXFLAGS", "CXXFLAGS")):
        if " " in str(prefix) and (merge.get(name) or merge.get(plain)):
            _extend(merge, name, plain, _GO_DEFAULT, [], prefix)
    folders = [f"{lib}/pkgconfig", f"{prefix}/share/pkgconfig"]
    present = merge.get("PKG_CONFIG_PATH").split(os.pathsep)
    path = os.pathsep.join([*folders, *(p for p in present if p and p not in folders)])
    merge.set("PKG_CONFIG_PATH", path, Origin(Layer.TOOLCHAIN, "the environment's libraries"))


def _run_path(lib: str) -> list[str]:
    # A comma would end the value of -Wl, so then each word is handed over by itself.
    if "," in lib:
        return ["-Xlinker", "-rpath", "-Xlinker", lib]
    return [f"-Wl,-rpath,{lib}"]


def _extend(
    merge: Merge, name: str, plain: str, default: str, added: Sequence[str], prefix: Path
) -> None:
    base = merge.get(name) or merge.get(plain) or default
    flags = _fields(base, str(prefix))
    flags += [flag for flag in added if flag not in flags or flag == "-Xlinker"]
    quoted = [goflags.quote(flag) for flag in flags]
    if not all(quoted) or (name == "CGO_LDFLAGS" and not _survives_cgo(str(prefix))):
        # Leaving out single flags could tear apart two that belong together.
        merge.findings.append(_inexpressible(name, prefix))
        return
    value = " ".join(quoted)
    merge.set(name, value, Origin(Layer.TOOLCHAIN, "the environment's headers and libraries"))


def _survives_cgo(path: str) -> bool:
    """Whether cgo can hand this path to the linker.

    It writes the flags into comments of the Go files that it makes, quoted, and what
    reads them there doesn't unquote.
    ref: https://github.com/golang/go/blob/master/src/cmd/cgo/out.go (cgo_ldflag)
    """
    return path.isprintable() and not any(character in path for character in '"\\')


def _fields(value: str, prefix: str) -> list[str]:
    """The flags of a value in which the prefix may stand with spaces and unquoted.

    Activation scripts write `-L${CONDA_PREFIX}/lib`, which falls apart at a space;
    put together again it works.
    """
    marker = "\1"
    fields = goflags.split(value.replace(prefix, marker))
    return [field.replace(marker, prefix) for field in fields]


def _no_compiler(missing: str, prefix: Path | None, *, demanded: bool) -> Finding:
    remedy = Remedy("Install your system's gcc or clang.")
    if prefix is not None:
        command = f"conda install -p {shlex.quote(str(prefix))} c-compiler"
        remedy = Remedy(
            "Install your system's gcc or clang, or one into the environment", (command,)
        )
    return Finding(
        id="cgo.no-compiler",
        status=Status.ERROR if demanded else Status.WARN,
        summary=(
            f"There is no C compiler ({missing} is not on PATH): "
            + (
                "cgo was asked for with CGO_ENABLED=1 and can't work."
                if demanded
                else "notebooks can't import third-party packages."
            )
        ),
        remedy=remedy,
    )


def _switched_off(merge: Merge, prefix: Path | None) -> Finding:
    which = f"--env {shlex.quote(str(prefix))} " if prefix else ""
    origin = merge.variables["CGO_ENABLED"].origin
    for_kernel = Remedy(
        "Install Go's cgo variant, or set CGO_ENABLED=1 for the kernel",
        (f"jupyter gokernel install {which}--replace --set CGO_ENABLED=1",),
    )
    by_site = origin.layer is Layer.SITE  # what a kernel sets would be overruled
    return Finding(
        id="cgo.switched-off",
        status=Status.WARN,
        summary=f"cgo is switched off (by {origin}): notebooks can't import third-party packages.",
        remedy=taking_back.remedy_of_site(["CGO_ENABLED"], origin) if by_site else for_kernel,
    )


def _inexpressible(name: str, prefix: Path) -> Finding:
    return Finding(
        id="cgo.inexpressible-prefix",
        status=Status.WARN,
        summary=(
            f"{name} can't name {prefix}, because of the quotes, backslashes or unprintable "
            "characters in its path: its C libraries are not found."
        ),
        remedy=Remedy("Create the environment at another path if you need its C libraries."),
    )
