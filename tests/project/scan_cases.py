"""Trees of Go projects with one risk each, and what Go itself does in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_GO = "go 1.22"


def mod(path: str, *lines: str, go: str = _GO) -> str:
    """A go.mod."""
    return "\n".join([f"module {path}", "", go, "", *lines, ""])


def package(*imports: str) -> str:
    """A package that imports others."""
    return "\n".join(["package p", "", *(f'import _ "{one}"' for one in imports), ""])


def work(*lines: str) -> str:
    """A go.work."""
    return "\n".join([_GO, "", *lines, ""])


def module(path: str, *lines: str, imports: tuple[str, ...] = ()) -> dict[str, str]:
    """The files of a module."""
    return {"go.mod": mod(path, *lines), "p.go": package(*imports)}


def tree(**folders: Mapping[str, str]) -> dict[str, str]:
    """Files below folders, `a__b` for a/b, all in one repository; `top` is the repository."""
    named = {
        f"{'' if folder == 'top' else _path(folder)}{name}": text
        for folder, files in folders.items()
        for name, text in files.items()
    }
    return {".git/HEAD": "", **named}


def _path(word: str) -> str:
    return f"{word.replace('__', '/').replace('go_mod_', 'go.mod')}/"


@dataclass(frozen=True)
class Case:
    """Files, the risks in them as `id file`, and what `go list -deps` comes to in folders.

    `{base}` in a file is the folder that all are in.
    """

    name: str
    files: Mapping[str, str]
    risks: tuple[str, ...]
    works: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()


def write(case: Mapping[str, str], base: Path) -> None:
    """Make the files."""
    for name, text in case.items():
        path = base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("{base}", str(base)))


_B = "require example.org/b v1.0.0"
_APP = ("example.org/b",)
_LIB = module("example.org/b")


def _app(*lines: str) -> dict[str, str]:
    return module("example.org/a", *lines, imports=_APP)


CASES = (
    Case(
        "healthy",
        tree(a=_app(_B, "replace example.org/b => ../b"), b=_LIB),
        (),
        works=("a", "b"),
    ),
    Case(
        "missing",
        tree(a=_app(_B, "replace example.org/b => ../gone")),
        ("replace.missing a/go.mod",),
        fails=("a",),
    ),
    Case(
        "a file in the folder's place",
        tree(a=_app(_B, "replace example.org/b => ../b"), top={"b": ""}),
        ("replace.missing a/go.mod",),
        fails=("a",),
    ),
    Case(
        "no go.mod",
        tree(a=_app(_B, "replace example.org/b => ../b"), b={"p.go": package()}),
        ("replace.no-go-mod a/go.mod",),
        fails=("a",),
    ),
    Case(
        "the other's go.mod is broken",
        tree(
            a=_app(_B, "replace example.org/b => ../b"),
            b={"go.mod": "module example.org/b\nrequire (\n", "p.go": package()},
        ),
        ("module.unreadable b/go.mod", "replace.broken a/go.mod"),
        fails=("a", "b"),
    ),
    Case(
        "the other's go.mod has a line that only its own users mind",
        tree(
            a=_app(_B, "replace example.org/b => ../b"),
            b={"go.mod": "module example.org/b\nrequired x\n", "p.go": package()},
        ),
        ("module.unreadable b/go.mod", "replace.broken a/go.mod"),
        works=("a",),
        fails=("b",),
    ),
    Case(
        "the other's go.mod is a folder",
        tree(a=_app(_B, "replace example.org/b => ../b"), b__go_mod_={"x": ""}),
        ("replace.unreadable a/go.mod",),
        fails=("a",),
    ),
    Case(
        "the other asks for a newer Go",
        tree(
            a=_app(_B, "replace example.org/b => ../b"),
            b={"go.mod": mod("example.org/b", go="go 1.99"), "p.go": package()},
        ),
        ("module.newer-go b/go.mod", "replace.newer-go a/go.mod"),
        fails=("a", "b"),
    ),
    Case(
        "the other asks for a newer Go than the project does",
        tree(
            a=_app(_B, "replace example.org/b => ../b"),
            b={"go.mod": mod("example.org/b", go="go 1.24"), "p.go": package()},
        ),
        ("replace.raises-go a/go.mod",),
        works=("b",),
        fails=("a",),
    ),
    Case(
        "old go lines, which Go doesn't compare",
        tree(
            a={
                "go.mod": mod("example.org/a", _B, "replace example.org/b => ../b", go="go 1.16"),
                "p.go": package(*_APP),
            },
            b={"go.mod": mod("example.org/b", go="go 1.20"), "p.go": package()},
        ),
        (),
        works=("a", "b"),
    ),
    Case(
        "a module of the workspace asks for a newer Go than go.work",
        tree(
            top={"go.work": work("use ./a")},
            a={"go.mod": mod("example.org/a", go="go 1.24"), "p.go": package()},
        ),
        ("work.raises-go go.work",),
        fails=("a",),
    ),
    Case(
        "another module's name",
        tree(a=_app(_B, "replace example.org/b => ../b"), b=module("example.org/fork")),
        ("replace.other-module a/go.mod",),
        works=("a",),
    ),
    Case(
        "out of the project",
        {
            **{
                f"one/{name}": text
                for name, text in tree(top=_app(_B, "replace example.org/b => ../b")).items()
            },
            "b/go.mod": mod("example.org/b"),
            "b/p.go": package(),
        },
        ("replace.outside one/go.mod",),
        works=("one",),
    ),
    Case(
        "absolute",
        tree(a=_app(_B, "replace example.org/b => {base}/b"), b=_LIB),
        ("replace.absolute a/go.mod",),
        works=("a",),
    ),
    Case(
        "a circle",
        tree(
            a=_app(_B, "replace example.org/b => ../b"),
            b=module(
                "example.org/b",
                "require example.org/c v1.0.0",
                "replace example.org/c => ../c",
                "replace example.org/a => ../a",
            ),
            c=module(
                "example.org/c",
                "require example.org/a v1.0.0",
                "replace example.org/a => ../a",
                "replace example.org/b => ../b",
            ),
        ),
        (
            "replace.cycle a/go.mod",
            "replace.cycle c/go.mod",
            "replace.not-inherited a/go.mod",
            "replace.not-required b/go.mod",
            "replace.not-required c/go.mod",
        ),
    ),
    Case(
        "itself",
        tree(a=module("example.org/a", "replace example.org/a => ../b"), b=_LIB),
        ("replace.self a/go.mod",),
        works=("a",),
    ),
    Case(
        "a chain",
        tree(
            a=_app(
                _B,
                "replace example.org/b => example.org/c v1.0.0",
                "replace example.org/c => ../c",
            ),
            c=module("example.org/c"),
        ),
        ("replace.chained a/go.mod", "replace.not-required a/go.mod"),
        fails=("a",),
    ),
    Case(
        "another version",
        tree(a=_app(_B, "replace example.org/b v0.9.0 => ../b"), b=_LIB),
        ("replace.other-version a/go.mod",),
        fails=("a",),
    ),
    Case(
        "not required",
        tree(a=module("example.org/a", "replace example.org/b => ../b"), b=_LIB),
        ("replace.not-required a/go.mod",),
        works=("a",),
    ),
    Case(
        "not required, and not there",
        tree(a=module("example.org/a", "replace example.org/b => ../b")),
        ("replace.missing a/go.mod", "replace.not-required a/go.mod"),
        works=("a",),
    ),
    Case(
        "another version, and not there",
        tree(
            a=_app(
                _B,
                "replace example.org/b v0.9.0 => ../gone",
                "replace example.org/b v1.0.0 => ../b",
            ),
            b=_LIB,
        ),
        ("replace.other-version a/go.mod",),
        works=("a",),
    ),
    Case(
        "every version, and not there, beside the one that is required",
        tree(
            a=_app(
                _B,
                "replace example.org/b => ../gone",
                "replace example.org/b v1.0.0 => ../b",
            ),
            b=_LIB,
        ),
        ("replace.outranked a/go.mod",),
        works=("a",),
    ),
    Case(
        "not inherited",
        tree(
            a=module(
                "example.org/a",
                _B,
                "require example.org/c v1.0.0",
                "replace example.org/b => ../b",
                imports=_APP,
            ),
            b=module(
                "example.org/b",
                "require example.org/c v1.0.0",
                "replace example.org/c => ../c",
                imports=("example.org/c",),
            ),
            c=module("example.org/c"),
        ),
        ("replace.not-inherited a/go.mod",),
        works=("b",),
        fails=("a",),
    ),
    Case(
        "a workspace shares its replaces",
        tree(
            top={"go.work": work("use ./a", "use ./b")},
            a=module("example.org/a", _B, "replace example.org/b => ./b2", imports=_APP),
            a__b2=module("example.org/b"),
            b=module("example.org/c"),
        ),
        ("work.left-out a/b2/go.mod",),
        works=("a", "b"),
        fails=("a/b2",),
    ),
    Case(
        "overridden",
        tree(
            top={"go.work": work("use ./a", "replace example.org/b => ./b2")},
            a=_app(_B, "replace example.org/b => ./b1"),
            a__b1__testdata=_LIB,
            a__b1=_LIB,
            b2=_LIB,
        ),
        (
            "module.duplicate a/b1/go.mod",
            "replace.overridden a/go.mod",
            "work.left-out a/b1/go.mod",
            "work.left-out b2/go.mod",
        ),
        works=("a",),
    ),
    Case(
        "two modules of a workspace disagree",
        tree(
            top={"go.work": work("use ./a", "use ./c")},
            a=_app(_B, "replace example.org/b => ./testdata"),
            a__testdata=_LIB,
            c=module("example.org/c", _B, "replace example.org/b => ./testdata", imports=_APP),
            c__testdata=_LIB,
        ),
        ("work.conflict c/go.mod",),
        fails=("a", "c"),
    ),
    Case(
        "go.work replaces its own",
        tree(
            top={"go.work": work("use ./a", "use ./b", "replace example.org/b => ./testdata")},
            a=_app(_B),
            b=_LIB,
            testdata=_LIB,
        ),
        ("work.replaces-own go.work",),
        fails=("a",),
    ),
    Case(
        "go.work uses what isn't there",
        tree(top={"go.work": work("use ./a", "use ./gone")}, a=module("example.org/a")),
        ("work.missing go.work",),
        fails=("a",),
    ),
    Case(
        "go.work uses a module twice",
        tree(top={"go.work": work("use ./a", "use ./b")}, a=_LIB, b=_LIB),
        ("module.duplicate a/go.mod", "work.twice go.work"),
        fails=("a",),
    ),
    Case(
        "left out of the workspace",
        tree(top={"go.work": work("use ./a")}, a=module("example.org/a"), b=_LIB),
        ("work.left-out b/go.mod",),
        works=("a",),
        fails=("b",),
    ),
    Case(
        "no module line",
        tree(a={"go.mod": "go 1.22\n", "p.go": package()}),
        ("module.nameless a/go.mod",),
        fails=("a",),
    ),
    Case(
        "go.work is broken",
        tree(top={"go.work": "use\nx (\n"}, a=module("example.org/a")),
        ("module.unreadable go.work",),
        fails=("a",),
    ),
    Case(
        "the same path twice",
        tree(a=_LIB, b=_LIB),
        ("module.duplicate a/go.mod",),
        works=("a", "b"),
    ),
    Case(
        "what is somebody else's is left out",
        tree(
            a={"go.mod": mod("example.org/a"), "p.go": package()},
            a__vendor__x={"go.mod": "broken"},
            a__testdata={"go.mod": "broken"},
            node_modules__x={"go.mod": "broken"},
            _hidden={"go.mod": mod("example.org/h")},
            pkg__mod__x={"go.mod": "broken"},
            pkg__mod__cache__download={"x": ""},
            sdk={"VERSION": "go1.22.1\n", "go.mod": "broken"},
            sdk__src={"go.mod": "broken"},
        )
        | {".venv/go.mod": "broken"},
        (),
        works=("a",),
    ),
)
