"""GOPATH, GOMODCACHE and GOCACHE: explicit, absolute, usable and private.

Go fails where GOCACHE can't be written, where one of them is relative or begins with
a literal `~`, and it takes GOROOT for a workspace when GOPATH is the same folder.
Each of these is replaced by Go's own default, with a finding.  But not where the site
said where: its places are never replaced, and one that isn't the user's alone forbids
the launch.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from go_kernel import private_places
from go_kernel.environment import Layer, Merge, Origin, Variable
from go_kernel.files import exists, foreign_writer, is_folder, writable
from go_kernel.findings import Finding, GoKernelError, Remedy, Status
from go_kernel.private_places import UnfitPlace
from go_kernel.toolchain import Toolchain

TEMPLATED = private_places.PLACES
_FIELD = re.compile(r"\{(\w*)\}")
_PATHS = ("home", "cache")


class BadTemplate(GoKernelError):
    """A template for a place that can't be filled in."""

    id = "places.bad-template"

    def __init__(self, name: str, template: str, reason: str):
        super().__init__(
            f"The template {template!r} for {name} can't be used: {reason}.",
            "It may hold {home}, {user}, {environment} and {cache}, and must be an absolute path.",
        )
        self.name = name
        self.template = template


def filled(name: str, template: str, fields: Mapping[str, str]) -> str:
    """A template with its fields filled in; raises BadTemplate.

    A field's value counts as one path component (but {home} and {cache}, which are
    paths): a `/` or `:` in it becomes `-`, and `.` and `..` are refused.
    """
    for field in _FIELD.findall(template):
        if field not in fields:
            raise BadTemplate(name, template, f"{{{field}}} is not known")
        is_path = fields[field].startswith("/")
        if fields[field] in (".", "..", "") or (field in _PATHS and not is_path):
            raise BadTemplate(name, template, f"{{{field}}} would be {fields[field]!r}")
    if re.search(r"[{}]", _FIELD.sub("", template)):
        raise BadTemplate(name, template, "a brace in it belongs to no field")
    path = _FIELD.sub(lambda match: _component(match[1], fields), template)
    if not path.startswith("/") or any(character in path for character in "\0\n\r"):
        raise BadTemplate(name, template, f"it gives {path!r}")
    return path


def _component(field: str, fields: Mapping[str, str]) -> str:
    # A colon would make two folders of GOPATH.
    value = fields[field]
    return value if field in _PATHS else re.sub(r"[/:]", "-", value)


def fields_of(merge: Merge, environment: str) -> dict[str, str]:
    """What a template may name, from the variables as they stand."""
    home = merge.get("HOME")
    return {
        "home": home,
        "user": merge.get("USER") or merge.get("LOGNAME") or str(os.getuid()),
        "environment": environment,
        "cache": merge.get("XDG_CACHE_HOME") or (f"{home}/.cache" if home else ""),
    }


def set_places(merge: Merge, toolchain: Toolchain) -> None:
    """Make the three places explicit; replace those that Go couldn't use."""
    defaults = _defaults(merge, toolchain.goos)
    if _is_goroot(defaults["GOPATH"], toolchain):  # a Go that somebody unpacked in ~/go
        defaults["GOPATH"] = f"{merge.get('HOME')}/.local/share/go"
    gopath = _usable(merge, "GOPATH", defaults["GOPATH"], toolchain)
    _usable(merge, "GOMODCACHE", f"{gopath}/pkg/mod" if gopath else "", toolchain)
    _usable(merge, "GOCACHE", defaults["GOCACHE"], toolchain)


def _defaults(merge: Merge, goos: str) -> dict[str, str]:
    """Go's own; ref: https://pkg.go.dev/os#UserCacheDir."""
    home = merge.get("HOME")
    if not home.startswith("/"):
        return {"GOPATH": "", "GOCACHE": ""}
    cache = f"{home}/Library/Caches" if goos == "darwin" else f"{home}/.cache"
    if merge.get("XDG_CACHE_HOME").startswith("/") and goos != "darwin":
        cache = merge.get("XDG_CACHE_HOME")
    return {"GOPATH": f"{home}/go", "GOCACHE": f"{cache}/go-build"}


def _usable(merge: Merge, name: str, default: str, toolchain: Toolchain) -> str:
    """Settle one place and give back the folder; leave findings on the way."""
    variable = merge.variables.get(name)
    if variable is not None and private_places.is_sites(variable):
        return _of_site(merge, variable, toolchain)
    value = merge.get(name)
    # GOPATH may be a list; Go downloads and builds into its first folder.
    first = value.split(os.pathsep)[0] if name == "GOPATH" else value
    problem = _problem(name, first, value, toolchain) if value else ""
    if value and not problem:
        _note_sharing(merge, name, first)
        return first
    unusable = _problem(name, default, default, toolchain) if default else "HOME is not set"
    if unusable and not (name == "GOMODCACHE" and not value and _is_unfit(merge, "GOPATH")):
        finding = _unusable(name, value or default, problem or unusable)
        if not default:
            finding = replace(finding, remedy=Remedy("Set HOME to a folder of yours."))
        merge.findings.append(finding)
    if unusable:
        return default
    if problem:
        merge.findings.append(_replaced(name, value, problem, default))
    merge.set(name, default, Origin(Layer.TOOLCHAIN, problem or "Go's default, made explicit"))
    _note_sharing(merge, name, default)
    return default


def _of_site(merge: Merge, variable: Variable, toolchain: Toolchain) -> str:
    """What the site gave stands as it is: where it can't be used, no kernel starts."""
    folder = private_places.folder_of(variable)
    unfit = private_places.problem(
        variable, _misnamed(variable.name, variable.value or "", toolchain)
    )
    if unfit:
        merge.findings.append(unfit)
    return folder


def _is_unfit(merge: Merge, name: str) -> bool:
    """Whether the site gave a place that can't be: what follows from it needs no second error."""
    unfit = any(found.id == UnfitPlace.id for found in merge.findings)
    return unfit and private_places.is_sites(merge.variables.get(name))


def _misnamed(name: str, value: str, toolchain: Toolchain) -> str:
    """Why Go can't use a place whatever is there; "" where nothing speaks against it."""
    entries = value.split(os.pathsep) if name == "GOPATH" else [value]
    if not entries[0].startswith("/"):
        return "it is not an absolute path"
    if name == "GOPATH" and _is_goroot(entries[0], toolchain):
        return "it is the Go installation itself"
    if any(entry and not entry.startswith("/") for entry in entries):
        return "a folder in it is not absolute"
    return ""


def _problem(name: str, path: str, value: str, toolchain: Toolchain) -> str:
    """Why Go can't use a place, a variable's folder; "" where it can."""
    misnamed = _misnamed(name, value, toolchain)
    if misnamed:
        return misnamed
    existing = Path(path)
    while not os.path.lexists(existing) and existing != existing.parent:
        existing = existing.parent
    if not is_folder(existing):
        return f"{existing} is not a folder"
    # A complete module cache that is read-only serves well (a site may share one).
    if name == "GOMODCACHE" and existing == Path(path):
        may_read = os.access(existing, os.R_OK | os.X_OK)
        return "" if may_read else f"{existing} can't be read"
    return "" if writable(existing) else f"{existing} can't be written"


def _is_goroot(path: str, toolchain: Toolchain) -> bool:
    return bool(path) and os.path.realpath(path) == os.path.realpath(toolchain.goroot)


def _note_sharing(merge: Merge, name: str, path: str) -> None:
    folder = Path(path)
    writer = foreign_writer(folder) if exists(folder) else ""
    if writer.startswith("is writable"):
        merge.findings.append(_shared(name, path, writer))


def _replaced(name: str, value: str, problem: str, default: str) -> Finding:
    return Finding(
        id="places.replaced",
        status=Status.WARN,
        summary=f"{name}={value} can't be used, because {problem}; {default} is used instead.",
        remedy=Remedy(f"Set {name} to a folder of yours, or leave it unset."),
    )


def _unusable(name: str, path: str, problem: str) -> Finding:
    return Finding(
        id="places.unusable",
        status=Status.ERROR,
        summary=(
            f"{name} has no usable place: {path} can't be used, because {problem}."
            if path
            else f"{name} has no usable place, because {problem}."
        ),
        remedy=Remedy(f"Set {name} to a folder that you can write."),
    )


def _shared(name: str, path: str, writer: str) -> Finding:
    return Finding(
        id="places.shared-writable",
        status=Status.WARN,
        summary=(
            f"{name}={path} {writer}: whoever changes a file there changes what your notebooks run."
        ),
        remedy=Remedy(
            "Take that right away, or use a place of your own", (f"chmod go-w {shlex.quote(path)}",)
        ),
    )
