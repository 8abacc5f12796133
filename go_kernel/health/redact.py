"""Text and data as they may be shown to strangers: a report that somebody pastes into an issue.

What goes: secrets that this process knows of, by their value; whatever looks like a
credential, by its shape; names of the user and the machine, and the home folder.
Too much taken out is a nuisance, too little is a leak: in doubt it goes.  What stays
are versions, hashes, the rest of a path, and the names of variables.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, unquote

from go_kernel.variables import MASK, is_secret, mask_urls, masked

USER, HOST = "USER", "HOST"

# Shorter ones are found where they stand beside their name; taken out by value alone
# they would take half of the text with them.
_SHORTEST_SECRET = 4
_SHORTEST_NAME = 3
# Words that reports are full of: as the name of a user or a machine they stay, but for homes.
COMMON = frozenset(
    "root user users admin go golang gopher conda python jupyter jovyan kernel kernels local "
    "localhost localdomain home tmp var usr opt bin lib env envs demo test base linux main "
    "error warn info unknown skipped".split()
)


@dataclass(frozen=True)
class Private:
    """What is known of who asks: variables, home folders, names of user and machine.

    `more` are variables besides those of `env`, as configuration files set them.
    """

    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    homes: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    more: tuple[Mapping[str, str], ...] = ()

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """The values that must not be seen, the longest first."""
        found = {
            spelled
            for variables in (self.env, *self.more)
            for name, value in variables.items()
            for secret in _secrets_in(name, value)
            for spelled in _spellings(secret)
            if len(spelled) >= _SHORTEST_SECRET
        }
        return tuple(sorted(found, key=lambda one: (-len(one), one)))


def text(said: str, private: Private) -> str:
    """`said` without what is private in it."""
    for secret in private.secrets:
        said = said.replace(secret, MASK)
    said = _PEM.sub(MASK, said)
    said = mask_urls(said)
    said = _HEADER.sub(rf"\g<1>{MASK}", said)
    said = _SCHEME.sub(rf"\g<1>{MASK}", said)
    said = _ASSIGNED.sub(_masked_assignment, said)
    said = _NETRC.sub(rf"\g<1>{MASK}", said)
    said = _OPTION.sub(rf"\g<1>{MASK}", said)
    said = _TOKEN.sub(MASK, said)
    said = _WITH_PASSWORD.sub(f"{MASK}@", said)
    said = _MAIL.sub(MASK, said)
    return _without_names(said, private)


def data(value: Any, private: Private) -> Any:
    """Plain data without what is private in its strings; what has a secret's name goes whole."""
    if isinstance(value, str):
        return text(value, private)
    if isinstance(value, Mapping):
        return {
            text(str(key), private): MASK
            if _is_credential(str(key)) and isinstance(one, str) and one
            else data(one, private)
            for key, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [data(one, private) for one in value]
    return value


_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*-----|\Z)", re.DOTALL)
_HEADER = re.compile(
    r"((?:proxy-)?authorization\W{1,4}|(?:set-)?cookie\W{1,4}|x-[\w-]{0,40}(?:token|key|auth)\W{1,4})"
    r"[^\r\n]*",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\b((?:bearer|basic|digest|negotiate)\s+)[^\s\"'`,;]+", re.IGNORECASE)
# NAME=value, NAME: value, "name": "value".
_ASSIGNED = re.compile(
    r"(?P<name>[A-Za-z_][A-Za-z0-9_-]{0,80})(?P<between>[\"']?[ \t]{0,2}[=:][ \t]{0,2})"
    r"(?P<value>\"(?:[^\"\\\r\n]|\\.)*\"?|'[^'\r\n]*'?|[^\s]+)"
)
_OPTION = re.compile(
    r"(--?[\w-]{0,40}(?:token|password|passwd|secret|api-?key|passphrase)[\w-]{0,40}"
    r"(?:[ \t]+|=))\S+",
    re.IGNORECASE,
)
# A netrc file's lines; not what stands in a sentence ("wants a user and password (401)").
_NETRC = re.compile(
    r"(\b(?:login|account)[ \t\r\n]{1,9}\S{1,200}[ \t\r\n]{1,9}password[ \t\r\n]{1,9}"
    r"|\bpassw(?:or)?d[ \t]{1,9}(?!(?:or|and|is|was|of|in|for|that|which|to|from|over|may|out)\b))"
    r"[^\s(]\S*"
)
# What services give out; ref: https://docs.github.com/en/code-security/secret-scanning
_TOKEN = re.compile(
    r"\b(?:gh[opsur]_[A-Za-z0-9]{16,}|github_pat_\w{16,}|glpat-[\w-]{10,}|xox[a-z]-[\w-]{10,}"
    r"|(?:AKIA|ASIA)[A-Z0-9]{12,}|sk-[\w-]{16,}|pypi-[\w-]{16,}|npm_[A-Za-z0-9]{16,}"
    r"|AIza[\w-]{10,}|ya29\.[\w-]{10,}|SG\.[\w-]{10,}(?:\.[\w-]*)?|[srp]k_(?:live|test)_\w{10,}"
    r"|hf_[A-Za-z0-9]{16,}|dckr_pat_[\w-]{10,}|eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?)"
)
# user:password@host; what precedes the last @ of a word may be anything.
_WITH_PASSWORD = re.compile(
    r"(?<![^\s\"'`(,=|;])[^\s/@:\"'`(,=|;]{1,200}:(?!//)[^\s]{0,200}@(?=\S)"
)
_MAIL = re.compile(r"[\w.+%-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b")
_SOMEBODYS_HOME = re.compile(
    r"(/(?:home|Users|export/home|var/home)/|(?<![\w./~-])/u/)(?!USER\b)[^/\s:\"'`,;)]+"
    r"|((?i:%2F(?:home|Users)%2F))(?!USER\b)[^/%\s:\"'`,;)&]+"
    r"|(?<![\w~.])~(?!USER\b)[A-Za-z_][\w-]*"
)
# As `id` shows them: uid=1000(ada) gid=1000(ada) groups=1000(ada),27(sudo).
_IDS = re.compile(r"\b(?:e?[ug]id|groups)=\d{1,10}\([^\s]{0,2000}")
_SHORT_FOR_PASSWORD = re.compile(r"(?:^|[_-])(?:pw|pwd|pass)$", re.IGNORECASE)


def _masked_assignment(match: re.Match[str]) -> str:
    name, value = match["name"], match["value"]
    # PWD is the folder that a shell is in.
    if _is_credential(name) and not (name.upper() == "PWD" and value.startswith("/")):
        return f"{name}{match['between']}{MASK}"
    return f"{name}{match['between']}{masked(name, value)}"


def _is_credential(name: str) -> bool:
    return is_secret(name) or (name != "PWD" and bool(_SHORT_FOR_PASSWORD.search(name)))


def _secrets_in(name: str, value: str) -> Iterator[str]:
    if is_secret(name):
        yield value
        yield from value.split()  # a key of several lines may be shown a line at a time
        return
    shown = masked(name, value)
    if shown == value:
        return
    if shown == MASK:  # one of git's settings, as a header: `Authorization: Basic ...`
        yield from (value, value.split()[-1])
        return
    for user in re.findall(r"(?:://|^|[\s,|;])([^\s]*)@", value):
        for part in re.split(r"[,|;](?=\w+://)", user):
            said = part.rpartition("://")[2]
            yield from (said, said.partition(":")[2])
    for query in re.findall(r"\?(\S+)", value):
        yield query
        yield from (pair.partition("=")[2] for pair in query.split("&"))


def _spellings(secret: str) -> Iterable[str]:
    """How a secret may be written: as it is, in a URL, in JSON with its slashes escaped or not."""
    plain = unquote(secret)
    in_json = (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    return {
        *(secret, quote(secret, safe=""), quote(secret)),
        *(plain, quote(plain, safe=""), quote(plain)),
        *(*in_json, *(one.replace("/", "\\/") for one in in_json)),
    }


def _without_names(said: str, private: Private) -> str:
    for home in sorted({one.rstrip("/") for one in private.homes}, key=len, reverse=True):
        if home.startswith("/"):
            said = re.sub(rf"{re.escape(home)}(?![\w-]|\.\w)", "~", said)
            in_url = re.escape(quote(home, safe=""))
            said = re.sub(rf"{in_url}(?![\w-]|\.\w)", "~", said, flags=re.IGNORECASE)
    said = _SOMEBODYS_HOME.sub(lambda match: f"{match[1] or match[2] or '~'}{USER}", said)
    said = _IDS.sub(lambda match: re.sub(r"\([^()]*", f"({USER}", match[0]), said)
    for host in _longest_first(part for one in private.hosts for part in (one, _short(one))):
        said = _named(host, HOST, said)
    for user in _longest_first(private.users):
        said = _named(user, USER, said)
    return said


def _short(host: str) -> str:
    return host.partition(".")[0]


def _longest_first(names: Iterable[str]) -> list[str]:
    return sorted({one for one in names if one}, key=lambda one: (-len(one), one))


def _named(name: str, instead: str, said: str) -> str:
    """A name taken out where it stands as a word, unless it is one that says nothing."""
    common = len(name) < _SHORTEST_NAME or name.lower() in COMMON
    if common:
        return said
    return re.sub(
        rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", instead, said, flags=re.IGNORECASE
    )
