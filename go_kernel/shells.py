r"""Variables as commands for a shell, quoted so that every value survives.

Single quotes are the base in all three; what differs is how a quote gets into them.
ref: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html (2.2.2)
ref: https://fishshell.com/docs/current/language.html#quotes
ref: https://github.com/tcsh-org/tcsh (sh.lex.c: `!` and line breaks want a backslash
even inside of quotes)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# What shells keep themselves, and partly refuse to have set: `commands` leaves it out.
SHELLS_OWN = frozenset(
    {
        *("PWD", "OLDPWD", "SHLVL", "_", "IFS", "PPID", "UID", "EUID", "GID"),
        *("BASHOPTS", "SHELLOPTS", "BASH_VERSINFO", "BASH_ENV", "ENV"),
        # Numbers to a shell: bash evaluates what they are set to, commands in it included.
        *("RANDOM", "SRANDOM", "SECONDS", "LINENO", "HISTCMD", "OPTIND", "BASHPID"),
        *("EPOCHSECONDS", "EPOCHREALTIME", "BASH_ARGV0", "BASH_SUBSHELL", "BASH_COMMAND"),
        *("TTYIDLE", "ERRNO", "umask", "FISH_VERSION", "HISTSIZE", "SAVEHIST", "COLUMNS", "LINES"),
        *("status", "version", "history", "hostname", "fish_pid", "argv", "pipestatus"),
        *("path", "cdpath", "fpath", "manpath", "mailpath", "module_path", "prompt", "signals"),
    }
)


def commands(shell: str, variables: Mapping[str, str | None]) -> Iterator[str]:
    """The commands that set these variables in `sh`, `fish` or `tcsh`; None means unset.

    A name that no shell takes is left out.  Raises KeyError for another shell.
    """
    one = SHELLS[shell]
    for name, value in variables.items():
        if _NAME.fullmatch(name) and name not in SHELLS_OWN:
            yield one(name, value)


def quoted(shell: str, value: str) -> str:
    """`value` as one word of that shell; raises KeyError for an unknown one."""
    return _QUOTED[shell](value)


def _quoted_sh(value: str) -> str:
    return "'" + value.replace("'", "'\"'\"'") + "'"


def _quoted_fish(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _quoted_tcsh(value: str) -> str:
    return "'" + value.replace("'", "'\\''").replace("!", "\\!").replace("\n", "\\\n") + "'"


_QUOTED = {"sh": _quoted_sh, "fish": _quoted_fish, "tcsh": _quoted_tcsh}


def _sh(name: str, value: str | None) -> str:
    return f"unset {name};" if value is None else f"export {name}={_quoted_sh(value)};"


def _fish(name: str, value: str | None) -> str:
    return f"set -e {name};" if value is None else f"set -gx {name} {_quoted_fish(value)};"


def _tcsh(name: str, value: str | None) -> str:
    return f"unsetenv {name};" if value is None else f"setenv {name} {_quoted_tcsh(value)};"


SHELLS: Mapping[str, Callable[[str, str | None], str]] = MappingProxyType(
    {"sh": _sh, "fish": _fish, "tcsh": _tcsh}
)
