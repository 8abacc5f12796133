"""YAML files that people write: read without believing them, changed without disturbing them.

A change replaces the characters of single values, by their places in the text, so that
comments, order, quotes and line ends elsewhere stay as they are, byte for byte.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLWarning
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.tag import Tag

from go_kernel.files import write_atomic
from go_kernel.findings import GoKernelError, Remedy
from go_kernel.printable import printable
from go_kernel.variables import mask_urls

# In bytes.  ruamel.yaml reads some 200 kB in a second.
HAND_WRITTEN = 1 << 20
LOCK_FILE = 64 << 20

# What YAML itself knows, as JSON does; dates are texts in all the files that we read.
_TAGS = frozenset("str int float bool null seq map timestamp merge".split())
_DIRECTIVE = re.compile(r"\ufeff?(?:[ \t]*(?:#[^\n]*)?\r?\n)*%")
_TAG = "tag:yaml.org,2002:"
# How many values a file may have more by its aliases than it has written.
_BY_ALIASES = 10_000
_DEEPEST = 100


class YamlError(GoKernelError):
    """Base of the errors of YAML files; `path` is the file."""

    id = "yaml.error"

    def __init__(self, path: Path, summary: str, remedy: Remedy | str | None = None):
        super().__init__(summary, remedy)
        self.path = path


class BadYaml(YamlError):
    """A file that can't be read, or that isn't YAML as we take it.

    `reason` is half a sentence, `line` counts from 1, 0 where it's about all of it.
    """

    id = "yaml.bad"

    def __init__(self, path: Path, reason: str, line: int = 0, remedy: Remedy | str | None = None):
        reason = mask_urls(reason)  # parts of the file's text, such as a key, stand in it
        where = f", line {line}," if line else ""
        super().__init__(
            path, f"{printable(str(path))}{where} can't be read: {printable(reason)}.", remedy
        )
        self.reason = reason
        self.line = line


class NoYaml(BadYaml):
    """A file that isn't there."""

    id = "yaml.missing"


class NotWritten(YamlError):
    """A file that could not be changed; it is as it was."""

    id = "yaml.not-written"

    def __init__(self, path: Path, reason: str, remedy: Remedy | str | None = None):
        said = f"{printable(str(path))} was not changed: {printable(reason)}."
        super().__init__(path, said, remedy)
        self.reason = reason


@dataclass(frozen=True)
class Edit:
    """`text` in place of the characters from `start` to `end`, counted in the file's text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Yaml:
    """One file as it was read.

    `data` are ruamel.yaml's round-trip values (dict, list, str, int, float, bool, None;
    dates are texts), `root` the same as nodes that know their places; both are None
    where the file holds nothing but comments.
    """

    path: Path
    text: str
    data: Any
    root: Node | None
    mode: int = 0o644
    _parser: YAML = field(repr=False, compare=False, default_factory=YAML)

    def dump(self) -> str:
        """`data` as text, after changes made to it; other values may be laid out anew."""
        stream = StringIO()
        self._parser.dump(self.data, stream)
        return stream.getvalue()

    def edited(self, edits: Sequence[Edit]) -> str:
        """The text with `edits` made; raises ValueError where they overlap."""
        text, begin = self.text, len(self.text)
        for edit in sorted(edits, key=lambda one: (one.start, one.end), reverse=True):
            if edit.end > begin:
                raise ValueError(f"two changes of {self.path} overlap at character {edit.end}")
            begin = edit.start
            text = text[: edit.start] + edit.text + text[edit.end :]
        return text

    def bad(self, reason: str, node: Node | None = None) -> BadYaml:
        """An error about this file, at a node's line."""
        return BadYaml(self.path, reason, line_of(node) if node is not None else 0)


def line_of(node: Node) -> int:
    """The line on which a node begins, from 1."""
    return int(node.start_mark.line) + 1


def read(path: Path, *, limit: int = HAND_WRITTEN) -> Yaml:
    """The one document in a file of at most `limit` bytes.

    Refused are: what isn't a regular file, other encodings than UTF-8, keys that occur
    twice or are no scalars, several documents, tags that aren't YAML's own, aliases to
    what they are part of and those that make much of little.  Raises BadYaml, and
    NoYaml where there is no such file.
    """
    text, mode = text_of(path, limit)
    return parse(path, text, mode=mode)


def text_of(path: Path, limit: int) -> tuple[str, int]:
    """The text and mode of a regular file of at most `limit` bytes; raises BadYaml, NoYaml."""
    content, mode = _content(path, limit)
    try:
        return content.decode("utf-8"), mode
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadYaml(path, "it isn't UTF-8 text", line) from error


def parse(path: Path, text: str, *, mode: int = 0o644) -> Yaml:
    """As `read`, of a text; `path` is what errors name."""
    if directive := _DIRECTIVE.match(text):
        line = directive[0].count("\n") + 1
        raise BadYaml(path, "directives such as %YAML aren't taken", line)
    parser = _parser()
    try:
        constructor, _ = parser.get_constructor_parser(StringIO(text))
        root = parser.composer.get_single_node()
        if root is not None:
            _check(path, root)
            _lay_out_as(parser, root)
        data = None if root is None else constructor.construct_document(root)
    except MarkedYAMLError as error:
        raise _marked(path, error, text) from error
    except ReaderError as error:
        line = text.count("\n", 0, max(0, int(error.position))) + 1
        raise BadYaml(path, "it holds a character that YAML doesn't allow", line) from error
    except RecursionError as error:
        raise BadYaml(path, "it is nested too deeply") from error
    except (YAMLError, YAMLWarning, ValueError, TypeError, LookupError, AttributeError) as error:
        raise BadYaml(path, f"it isn't YAML ({_first_line(error)})") from error
    return Yaml(path, text, data, root, mode, parser)


def write(yaml: Yaml, text: str, *, check: Callable[[Path, str], object] = parse) -> None:
    """Put `text` in the place of what was read: whole or not at all, with the same mode.

    A link stays, what it leads to is written.  Raises NotWritten where the file isn't
    any more what was read or may not be written, and what `check` does where `text` isn't
    as it should be.
    """
    check(yaml.path, text)
    path = yaml.path.resolve()
    try:
        content, mode = _content(path, LOCK_FILE)
    except BadYaml as error:
        raise NotWritten(yaml.path, error.reason, "Try again.") from error
    if content != yaml.text.encode():
        raise NotWritten(yaml.path, "somebody changed it since it was read", "Try again.")
    if why_not := unwritable(path):
        raise NotWritten(yaml.path, why_not)
    try:
        write_atomic(path, text, mode=mode)
    except OSError as error:
        raise NotWritten(yaml.path, (error.strerror or str(error)).lower()) from error


def unwritable(path: Path) -> str:
    """Why a file may not be written, in half a sentence; "" where it may."""
    if os.access(path, os.W_OK):
        return ""
    with suppress(OSError):
        if os.statvfs(path).f_flag & os.ST_RDONLY:
            return "its file system is read-only"
    return "it may not be written by this user"


def quoted(value: str) -> str:
    """A text as a scalar that all versions of YAML read as this text and nothing else."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    if escaped == value and value.isprintable() and "'" not in value:
        return f"'{value}'"
    return '"' + "".join(c if c.isprintable() else _escape(c) for c in escaped) + '"'


def _escape(character: str) -> str:
    return f"\\U{ord(character):08x}"


def entries(node: Node | None) -> Iterator[tuple[str, Node, Node]]:
    """Keys of a mapping as texts, with the nodes of key and value; none of anything else."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield str(key.value), key, value


def child(node: Node | None, key: str) -> Node | None:
    """The value of a mapping's key as a node; None where there is none."""
    return next((value for name, _, value in entries(node) if name == key), None)


def items(node: Node | None) -> list[Node]:
    """The nodes of a sequence; none of anything else."""
    return list(node.value) if isinstance(node, SequenceNode) else []


def _parser() -> YAML:
    parser = YAML(typ="rt", pure=True)
    parser.preserve_quotes = True
    parser.width = 1 << 30
    parser.allow_duplicate_keys = True  # looked for by ourselves, with a line for it
    return parser


def _lay_out_as(parser: YAML, root: Node) -> None:
    """Dump sequences as most of the file has them: their dash below the key, or further in."""
    offsets = [
        value.start_mark.column - key.start_mark.column
        for key, value in _pairs(root)
        if isinstance(value, SequenceNode) and not value.flow_style
    ]
    offset = max(set(offsets), key=offsets.count, default=0)
    if 0 < offset < 10:
        parser.indent(mapping=2, sequence=offset + 2, offset=offset)


def _pairs(root: Node) -> Iterator[tuple[Node, Node]]:
    work, seen = [root], set()
    while work:
        node = work.pop()
        if id(node) not in seen:
            seen.add(id(node))
            work.extend(_children(node))
            if isinstance(node, MappingNode):
                yield from node.value


def _content(path: Path, limit: int) -> tuple[bytes, int]:
    """A regular file's bytes and mode; a FIFO isn't waited for."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise NoYaml(path, "there is no such file") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadYaml(path, reason[:1].lower() + reason[1:]) from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
            raise BadYaml(path, f"it is {kind}")
        chunks, left = [], limit + 1
        while left > 0 and (chunk := os.read(descriptor, min(left, 1 << 20))):
            chunks.append(chunk)
            left -= len(chunk)
    except OSError as error:
        raise BadYaml(path, (error.strerror or str(error)).lower()) from error
    finally:
        with suppress(OSError):
            os.close(descriptor)
    if left <= 0:
        raise BadYaml(path, f"it is larger than {_size(limit)}")
    return b"".join(chunks), stat.S_IMODE(status.st_mode)


def _size(count: int) -> str:
    return f"{count >> 20} MiB" if count >= 1 << 20 else f"{count} bytes"


def _check(path: Path, root: Node) -> None:
    """Refuse what is YAML and nothing that anybody writes by hand; raises BadYaml."""
    sizes: dict[int, int] = {}  # values in a node, aliases counted as what they stand for
    written = 0
    # Depth first without recursion: a node is looked at again once its children are done.
    above: set[int] = set()
    work: list[tuple[Node, bool]] = [(root, False)]
    while work:
        node, done = work.pop()
        if done:
            above.discard(id(node))
            sizes[id(node)] = 1 + sum(sizes[id(one)] for one in _children(node))
            continue
        if id(node) in above:
            raise BadYaml(path, "an alias leads back to what it is part of", line_of(node))
        if id(node) in sizes:
            continue
        written += 1
        _check_one(path, node)
        above.add(id(node))
        if len(above) > _DEEPEST:
            raise BadYaml(path, "it is nested too deeply", line_of(node))
        work.append((node, True))
        work.extend((one, False) for one in _children(node))
    if sizes[id(root)] > written + _BY_ALIASES:
        raise BadYaml(path, "its aliases stand for too many values")


def _children(node: Node) -> list[Node]:
    if isinstance(node, MappingNode):
        return [one for pair in node.value for one in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []


def _check_one(path: Path, node: Node) -> None:
    tag = str(node.tag)
    if tag.removeprefix(_TAG) not in _TAGS or not tag.startswith(_TAG):
        raise BadYaml(path, f"the tag {tag} isn't one of YAML's own", line_of(node))
    if tag == f"{_TAG}timestamp":
        node.ctag = Tag(suffix=f"{_TAG}str")
    if not isinstance(node, MappingNode):
        return
    seen = set()
    for key, _ in node.value:
        if not isinstance(key, ScalarNode):
            raise BadYaml(path, "a key is no text", line_of(key))
        if key.value in seen:
            raise BadYaml(path, f"the key {key.value} occurs twice", line_of(key))
        seen.add(key.value)


def _marked(path: Path, error: MarkedYAMLError, text: str) -> BadYaml:
    mark = error.problem_mark or error.context_mark
    # What is missing at the end is missing on the last line, not on the one behind it.
    line = min(int(mark.line) + 1, len(text.splitlines())) if mark is not None else 0
    reason = _first_line(error.problem or error.context or "it isn't YAML")
    if "single document" in str(error.context):
        reason = "it holds several documents"
    return BadYaml(path, reason, line)


def _first_line(said: object) -> str:
    return (str(said).strip().splitlines() or [type(said).__name__])[0].rstrip(".")
