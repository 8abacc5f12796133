"""The shells that we know, and how each comes to read our commands last.

No shell has a file for that, so each is given one that stands for a file of its own and
that reads the person's files first, in the order in which a login shell does.
ref: https://www.gnu.org/software/bash/manual/html_node/Bash-Startup-Files.html
ref: https://zsh.sourceforge.io/Doc/Release/Files.html
ref: https://github.com/tcsh-org/tcsh (tcsh.man.in, "Startup and shutdown")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from go_kernel import shells
from go_kernel.terminals.start import Folder, Start, Wanted

_ENV = "_GOKERNEL_ENV"


def start(shell: str, wanted: Wanted) -> Start:
    """How `shell` is started so that `wanted` holds at its first prompt; raises OSError.

    A shell of another kind gets the variables at its start, as a login shell.
    """
    kind = KINDS.get(Path(shell).name)
    if kind is None:
        return _other(shell, wanted)
    folder = Folder.make()
    try:
        return kind(shell, wanted, folder)
    except BaseException:
        folder.remove()
        raise


def _bash(shell: str, wanted: Wanted, folder: Folder) -> Start:
    # A login shell reads no --rcfile, so a plain one reads what a login shell would.
    lines = [
        "if [ -r /etc/profile ]; then . /etc/profile; fi",
        'for _gokernel in "$HOME/.bash_profile" "$HOME/.bash_login" "$HOME/.profile"; do',
        '  if [ -r "$_gokernel" ]; then . "$_gokernel"; break; fi',
        "done",
        "unset _gokernel",
        *wanted.commands("sh"),
    ]
    file = folder.write("bashrc", "sh", lines)
    return Start(shell, (shell, "--rcfile", str(file), "-i"), wanted.before)


def _sh(shell: str, wanted: Wanted, folder: Folder) -> Start:
    own = wanted.before.get("ENV")
    lines = [
        *shells.commands("sh", {_ENV: own or ""}),
        f'export ENV="${_ENV}"; unset {_ENV};' if own else f"unset ENV {_ENV};",
        # `command`: in a special builtin a mistake in a file would end all that follows.
        'for _gokernel in /etc/profile "$HOME/.profile"; do',
        '  if [ -r "$_gokernel" ]; then command . "$_gokernel"; fi',
        "done",
        'if [ -r "${ENV:-}" ]; then command . "$ENV"; fi',
        "unset _gokernel",
        *wanted.commands("sh"),
    ]
    file = folder.write("shrc", "sh", lines)
    return Start(shell, (shell, "-i"), {**wanted.before, "ENV": str(file)})


def _zsh(shell: str, wanted: Wanted, folder: Folder) -> Start:
    # .zshenv alone is ours, so that ZDOTDIR is the person's in all other files, where
    # histories and caches are put by it; what is ours then runs before the first prompt.
    lines = [
        *shells.commands("sh", {"ZDOTDIR": wanted.before.get("ZDOTDIR")}),
        "_gokernel() {",
        "  precmd_functions=(${precmd_functions:#_gokernel}); unfunction _gokernel",
        *wanted.commands("sh"),
        "}",
        "precmd_functions=(_gokernel)",
        'if [[ -r "${ZDOTDIR:-$HOME}/.zshenv" ]]; then . "${ZDOTDIR:-$HOME}/.zshenv"; fi',
    ]
    folder.write(".zshenv", "sh", lines)
    return Start(shell, (shell, "-l"), {**wanted.before, "ZDOTDIR": str(folder.path)})


def _fish(shell: str, wanted: Wanted, folder: Folder) -> Start:
    file = folder.write("init.fish", "fish", wanted.commands("fish"))
    command = f"source {shells.quoted('fish', str(file))}"
    return Start(shell, (shell, "-l", "-C", command), wanted.before)


def _tcsh(shell: str, wanted: Wanted, folder: Folder) -> Start:
    # Its files are found by HOME alone: /etc/csh.cshrc, which comes first, sees ours.
    home = wanted.before.get("HOME")
    lines = [
        *shells.commands("tcsh", {"HOME": home}),
        "if (-r /etc/csh.login) source /etc/csh.login",
        "if (-r ~/.tcshrc) then",
        "  source ~/.tcshrc",
        "else if (-r ~/.cshrc) then",
        "  source ~/.cshrc",
        "endif",
        "if (-r ~/.login) source ~/.login",
        *wanted.commands("tcsh"),
    ]
    folder.write(".cshrc", "tcsh", lines)
    return Start(shell, (shell,), {**wanted.before, "HOME": str(folder.path)})


def _other(shell: str, wanted: Wanted) -> Start:
    variables = dict(wanted.before)
    for name, value in wanted.variables.items():
        variables.pop(name, None)
        if value is not None:
            variables[name] = value
    variables["PATH"] = wanted.path(variables.get("PATH", ""))
    return Start(shell, (shell, "-l"), variables)


KINDS: Mapping[str, Callable[[str, Wanted, Folder], Start]] = MappingProxyType(
    {"bash": _bash, "zsh": _zsh, "fish": _fish, "tcsh": _tcsh, "csh": _tcsh}
    | dict.fromkeys(("sh", "dash", "ash", "ksh", "ksh93", "mksh"), _sh)
)
