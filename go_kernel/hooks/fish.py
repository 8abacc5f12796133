"""The hooks for fish.

A variable whose name ends in PATH is a list to fish, which `"$NAME"` joins again; a
universal one of a person's shows again where ours, a global one, is erased.
ref: https://fishshell.com/docs/current/language.html#variable-scope
"""

from __future__ import annotations

from collections.abc import Iterator

from go_kernel.hooks import words
from go_kernel.hooks.wanted import Hooks, HookVariable
from go_kernel.shells import quoted

_LEVEL = """\
set -l _gokernel_level 0
if string match -qr '^[0-9]{1,3}$' -- "$CONDA_SHLVL"
    set _gokernel_level $CONDA_SHLVL
end"""

_PUT = f"""\
function _gokernel_put -a level name wanted value
    set -l kept {words.KEPT}"$level"_$name
    set -l now ''
    if set -qg $name
        set now "=$$name"
    end
    if test "$now" != "$wanted$value"
        if not set -q $kept
            set -gx $kept $now
        end
        if test -n "$wanted"
            set -gx $name "$value"
        else
            set -eg $name
        end
    end
end"""

_PATH = """\
    if test "$PATH[1]" != "$_gokernel_bin"
        set -l _gokernel_other ''
        # Counted here: `seq` is a program.
        set -l _gokernel_at 0
        set -l _gokernel_entry
        for _gokernel_entry in $PATH
            set _gokernel_at (math $_gokernel_at + 1)
            if test "$_gokernel_entry" = "$_gokernel_bin"
                if test -n "$_gokernel_other"
                    printf '%s%s\\n' PLANTED $_gokernel_other >&2
                    set -e PATH[$_gokernel_at]
                    set -gx PATH $_gokernel_bin $PATH
                end
                break
            end
            set -l _gokernel_go $_gokernel_entry/go
            if test -z "$_gokernel_other" -a -f "$_gokernel_go" -a -x "$_gokernel_go"
                set _gokernel_other $_gokernel_go
            end
        end
    end"""

_FIELDS = {
    "home": '    set -l _gokernel_home (string match -r "^/.*" -- "$HOME")',
    "user": """\
    set -l _gokernel_user "$USER"
    test -n "$_gokernel_user"; or set _gokernel_user "$LOGNAME"
    string match -qr '^\\.{1,2}$|[/:]' -- "$_gokernel_user"; and set _gokernel_user ''""",
    "cache": """\
    set -l _gokernel_cache "$XDG_CACHE_HOME"
    test -n "$_gokernel_cache"; or set _gokernel_cache "$HOME/.cache"
    string match -qr '^/(?!\\.cache$)' -- "$_gokernel_cache"; or set _gokernel_cache ''""",
}
_STAT = {"darwin": "-f '%z %m'"}
_GNU_STAT = "-c '%s %Y'"


def activate(hooks: Hooks) -> Iterator[str]:
    """The lines of the activation script."""
    form = _STAT.get(hooks.goos, _GNU_STAT)
    yield _LEVEL
    yield _PUT
    yield f"set -l _gokernel_prefix {quoted('fish', str(hooks.prefix))}"
    yield "set -l _gokernel_active $_gokernel_prefix"
    yield 'test -n "$CONDA_PREFIX"; and set _gokernel_active $CONDA_PREFIX'
    yield "set -l _gokernel_seen"
    # The system's own `stat`, whatever comes first on PATH.
    yield "begin"
    yield "    set -lx PATH /usr/bin /bin"
    yield (
        f"    set _gokernel_seen (command stat -L {form} "
        f"{quoted('fish', str(hooks.go))} 2>/dev/null)"
    )
    yield "end"
    yield 'if not test "$_gokernel_active" -ef "$_gokernel_prefix"'
    yield f"    printf '%s\\n' {quoted('fish', words.elsewhere(hooks))} >&2"
    yield f'else if test "$_gokernel_seen" != {quoted("fish", str(hooks.stamp))}'
    yield f"    printf '%s\\n' {quoted('fish', words.changed(hooks))} >&2"
    yield "else"
    yield "    set -l _gokernel_bin $_gokernel_active/bin"
    yield _PATH.replace("PLANTED", quoted("fish", words.planted()))
    for field in dict.fromkeys(field for one in hooks.variables for field in one.fields):
        yield _FIELDS[field]
    for one in hooks.variables:
        yield from _put(one)
    yield "end"
    yield "functions -e _gokernel_put"


def _put(one: HookVariable) -> Iterator[str]:
    call = f"_gokernel_put $_gokernel_level {one.name}"
    if one.value is None:
        yield f"    {call} '' ''"
        return
    value = "= " + "".join(
        f'"$_gokernel_{part[0]}"' if isinstance(part, tuple) else quoted("fish", part)
        for part in one.parts
    )
    if not one.fields:
        yield f"    {call} {value}"
        return
    tests = "; and ".join(f'test -n "$_gokernel_{field}"' for field in one.fields)
    yield f"    if {tests}"
    yield f"        {call} {value}"
    yield "    else"
    yield f"        printf '%s\\n' {quoted('fish', words.unfilled(one))} >&2"
    yield "    end"


_BACK = f"""\
function _gokernel_back -a level name
    set -l kept {words.KEPT}"$level"_$name
    if set -q $kept
        if test -n "$$kept"
            # Not by a command substitution, which would lose or add line breaks.
            printf '%s' "$$kept" | read -lz -d = none value
            set -gx $name "$value"
        else
            set -eg $name
        end
        set -e $kept
    end
end"""


def deactivate(hooks: Hooks) -> Iterator[str]:
    """The lines of the deactivation script."""
    yield _LEVEL
    yield _BACK
    for one in hooks.variables:
        yield f"_gokernel_back $_gokernel_level {one.name}"
    yield "functions -e _gokernel_back"
