"""What somebody asked an environment for: packages and versions, without builds.

ref: https://github.com/conda/conda/blob/main/conda/history.py
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from go_kernel.conda import packages
from go_kernel.conda.packages import NoPackages, Package, clean_address
from go_kernel.files import is_file
from go_kernel.platforms import SUBDIRS
from go_kernel.printable import printable

_MOST_BYTES = 16 << 20
_SPECS = re.compile(r"#\s*(\w+)\s*specs:\s*(.*)")
_ASKED = frozenset({"update", "install", "create", "neutered"})
_TAKEN_BACK = frozenset({"remove", "uninstall"})
# conda before 4.5 wrote specs side by side, where a version's second half looks like another.
_SECOND_HALF = re.compile(r"\s*[<>=!~]")

_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_SPEC = re.compile(rf"(?:(?P<channel>.*)::)?(?P<name>{_NAME})(?P<rest>.*)", re.DOTALL)
_KEY = re.compile(r"""(\w+)\s*=\s*(?:'([^']*)'|"([^"]*)"|([^,'"\]]*))""")
_ARCHIVE = re.compile(rf"({_NAME})-([^-/]+)-[^-/]+\.(?:conda|tar\.bz2)")


def requested(prefix: Path, installed: Sequence[Package] | None = None) -> tuple[str, ...]:
    """What was asked for, by name: `go=1.26`, `conda-forge::numpy>=2,<3`.

    By the environment's history; where that holds no wishes, by the packages' records.
    What isn't there any more is left out, as conda does.  `installed` are the prefix's
    packages where they are known.  Raises PackagesError.
    """
    there = packages.installed(prefix) if installed is None else installed
    names = {one.name for one in there}
    asked = {name: spec for name, spec in _of_history(prefix).items() if name in names}
    if not asked:
        specs = [spec for one in there for spec in one.requested_specs]
        asked = {name: said for name, said in _named(specs) if name in names}
    return tuple(asked[name] for name in sorted(asked))


def without_build(spec: str) -> str:
    """A spec without build, hashes and platform: `go=1.26`; "" where it names no package."""
    return next((said for _, said in _named([spec])), "")


def _of_history(prefix: Path) -> dict[str, str]:
    asked: dict[str, str] = {}
    for line in _lines(prefix):
        match = _SPECS.fullmatch(line.strip())
        named = [*_named(_listed(match[2]))] if match else []
        if match and match[1] in _ASKED:
            asked.update(named)
        elif match and match[1] in _TAKEN_BACK:
            for name, _ in named:
                asked.pop(name, None)
    return asked


def _lines(prefix: Path) -> list[str]:
    """The history's lines; none where there is no history, as with other tools than conda."""
    path = prefix / "conda-meta" / "history"
    try:
        if not is_file(path):
            return []
        with path.open("rb") as stream:
            data = stream.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NoPackages(prefix, f"{path}: {reason}") from error
    if len(data) > _MOST_BYTES:
        raise NoPackages(prefix, f"{path} is larger than {_MOST_BYTES >> 20} MB")
    return data.decode("utf-8", "replace").splitlines()


def _listed(text: str) -> list[str]:
    if text.startswith("["):
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return []
        return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
    specs: list[str] = []
    for part in text.split(",") if "[" not in text else ():
        if specs and _SECOND_HALF.match(part):
            specs[-1] += f",{part}"
        else:
            specs.append(part)
    return specs


def _named(specs: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each spec that names a package, with that name."""
    for spec in specs:
        said, _, keys = spec.partition("#")[0].strip().partition("[")
        archive = _ARCHIVE.fullmatch(said.rpartition("/")[2])
        match = _SPEC.fullmatch(said)
        if said.endswith("@"):  # an archive that older versions of conda were given
            continue
        if archive:
            yield archive[1].lower(), f"{archive[1].lower()}=={archive[2]}"
        elif match:
            name = match["name"].lower()
            known = _keys(keys)
            version = _version(match["rest"]) or _version(known.get("version", ""))
            channel = _channel(match["channel"] or known.get("channel", ""))
            yield name, printable(f"{channel}{name}{version}")


def _keys(text: str) -> dict[str, str]:
    return {match[1]: match[2] or match[3] or match[4] or "" for match in _KEY.finditer(text)}


def _version(rest: str) -> str:
    """The version's part of what follows a name, with an operator before it."""
    joined = re.sub(r"\s*([,|])\s*", r"\1", rest.strip())
    joined = re.sub(r"([<>=!~])\s+", r"\1", joined)
    first = joined.split()[0] if joined else ""
    pinned = re.fullmatch(r"(==?[^=<>!~,|]+)=[^=<>!~,|]*", first)  # ==1.2=build
    version = pinned[1] if pinned else first
    if version in ("", "*", "=*", "==*"):
        return ""
    if fuzzy := re.fullmatch(r"=?([^<>=!~,|*]+)\.\*", version):
        return f"={fuzzy[1]}"  # 1.26.* and =1.26 are one wish, which conda spells either way
    if re.match(r"[<>=!~]", version):
        return version
    return f" {version}" if re.search(r"[,|*]", version) else f"=={version}"


def _channel(said: str) -> str:
    """The channel before a name, without its platform."""
    before, _, last = clean_address(said.strip()).rstrip("/").rpartition("/")
    if last == "noarch" or last in SUBDIRS:
        last = ""
    joined = "/".join(filter(None, (before, last))) if before or last else ""
    return f"{joined}::" if joined and joined != "*" else ""
