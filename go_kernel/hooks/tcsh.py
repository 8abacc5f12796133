r"""The hooks for tcsh, which has no functions: what is done is written out for each variable.

`:q` keeps a value one word whatever is in it; a variable whose name is made up of others
is read by `eval`, and only a number from 0 to 999 gets into that.
ref: https://github.com/tcsh-org/tcsh (tcsh.man.in, "Variable substitution")
"""

from __future__ import annotations

from collections.abc import Iterator

from go_kernel.hooks import words
from go_kernel.hooks.wanted import Hooks, HookVariable
from go_kernel.shells import quoted

_LEVEL = """\
set _gokernel_level = 0
if ($?CONDA_SHLVL) then
  if ("$CONDA_SHLVL:q" =~ {[0-9],[0-9][0-9],[0-9][0-9][0-9]}) then
    set _gokernel_level = "$CONDA_SHLVL:q"
  endif
endif"""

_PUT = f"""\
  set _gokernel_now = ""
  if ($?NAME) then
    set _gokernel_now = "=$NAME:q"
  endif
  if ("$_gokernel_now:q" != "$_gokernel_value:q") then
    eval 'set _gokernel_kept = $?{words.KEPT}'$_gokernel_level'_NAME'
    if (! $_gokernel_kept) setenv {words.KEPT}${{_gokernel_level}}_NAME "$_gokernel_now:q"
    if ("$_gokernel_value:q" == "") then
      unsetenv NAME
    else
      setenv NAME "$_gokernel_value:s/=//:q"
    endif
  endif"""

_PATH = """\
  if ("$path[1]:q" != "$_gokernel_bin:q") then
    set _gokernel_other = ""
    foreach _gokernel_entry ($path:q)
      if ("$_gokernel_entry:q" == "$_gokernel_bin:q") break
      if ("$_gokernel_other:q" == "" && -f "$_gokernel_entry:q/go" \\
          && -x "$_gokernel_entry:q/go") set _gokernel_other = "$_gokernel_entry:q/go"
    end
    if ("$_gokernel_other:q" != "" && "$_gokernel_entry:q" == "$_gokernel_bin:q") then
      sh -c 'printf "%s%s\\n" "$0" "$1" >&2' PLANTED "$_gokernel_other:q"
      set _gokernel_path = ("$_gokernel_bin:q")
      set _gokernel_seen = 0
      foreach _gokernel_entry ($path:q)
        if (! $_gokernel_seen && "$_gokernel_entry:q" == "$_gokernel_bin:q") then
          set _gokernel_seen = 1
        else
          set _gokernel_path = ($_gokernel_path:q "$_gokernel_entry:q")
        endif
      end
      set path = ($_gokernel_path:q)
    endif
  endif"""

_FIELDS = {
    "home": """\
  set _gokernel_home = ""
  if ($?HOME) then
    if ("$HOME:q" =~ /*) set _gokernel_home = "$HOME:q"
  endif""",
    "user": """\
  set _gokernel_user = ""
  if ($?LOGNAME) set _gokernel_user = "$LOGNAME:q"
  if ($?USER) set _gokernel_user = "$USER:q"
  if ("$_gokernel_user:q" =~ {.,..,*/*,*:*}) set _gokernel_user = \"\"""",
    "cache": """\
  set _gokernel_cache = ""
  if ($?HOME) then
    if ("$HOME:q" =~ /*) set _gokernel_cache = "$HOME:q/.cache"
  endif
  if ($?XDG_CACHE_HOME) then
    if ("$XDG_CACHE_HOME:q" =~ /*) set _gokernel_cache = "$XDG_CACHE_HOME:q"
  endif""",
}
_NAMES = "_gokernel_level _gokernel_now _gokernel_kept _gokernel_value _gokernel_prefix"


def _said(*sentences: str) -> str:
    """On stderr, which tcsh itself can't write to; only where something is wrong."""
    return f'sh -c \'printf "%s\\n" "$0" >&2\' {" ".join(sentences)}'


def activate(hooks: Hooks) -> Iterator[str]:
    """The lines of the activation script."""
    yield _LEVEL
    yield f"set _gokernel_go = {quoted('tcsh', str(hooks.go))}"
    yield f"set _gokernel_prefix = {quoted('tcsh', str(hooks.prefix))}"
    yield 'set _gokernel_active = "$_gokernel_prefix:q"'
    yield "if ($?CONDA_PREFIX) then"
    yield '  if ("$CONDA_PREFIX:q" != "") set _gokernel_active = "$CONDA_PREFIX:q"'
    yield "endif"
    yield 'if (! (-F "$_gokernel_active:q" == -F "$_gokernel_prefix:q")) then'
    yield f"  {_said(quoted('tcsh', words.elsewhere(hooks)))}"
    size, mtime = hooks.stamp.size, hooks.stamp.mtime
    yield f'else if (! (-Z "$_gokernel_go:q" == {size} && -M "$_gokernel_go:q" == {mtime})) then'
    yield f"  {_said(quoted('tcsh', words.changed(hooks)))}"
    yield "else"
    yield '  set _gokernel_bin = "$_gokernel_active:q/bin"'
    yield _PATH.replace("PLANTED", quoted("tcsh", words.planted()))
    for field in dict.fromkeys(field for one in hooks.variables for field in one.fields):
        yield _FIELDS[field]
    for one in hooks.variables:
        yield from _put(one)
    yield "endif"
    yield f"unset {_NAMES} _gokernel_active _gokernel_other _gokernel_seen"
    yield (
        "unset _gokernel_go _gokernel_bin _gokernel_entry _gokernel_path _gokernel_home "
        "_gokernel_user _gokernel_cache"
    )


def _put(one: HookVariable) -> Iterator[str]:
    put = _PUT.replace("NAME", one.name)
    if one.value is None:
        yield '  set _gokernel_value = ""'
        yield put
        return
    value = "'='" + "".join(
        f'"$_gokernel_{part[0]}:q"' if isinstance(part, tuple) else quoted("tcsh", part)
        for part in one.parts
    )
    if not one.fields:
        yield f"  set _gokernel_value = {value}"
        yield put
        return
    tests = " && ".join(f'"$_gokernel_{field}:q" != ""' for field in one.fields)
    yield f"  if ({tests}) then"
    yield f"  set _gokernel_value = {value}"
    yield put
    yield "  else"
    yield f"    {_said(quoted('tcsh', words.unfilled(one)))}"
    yield "  endif"


_BACK = f"""\
eval 'set _gokernel_kept = $?{words.KEPT}'$_gokernel_level'_NAME'
if ($_gokernel_kept) then
  eval 'set _gokernel_now = "${words.KEPT}'$_gokernel_level'_NAME:q"'
  if ("$_gokernel_now:q" == "") then
    unsetenv NAME
  else
    setenv NAME "$_gokernel_now:s/=//:q"
  endif
  unsetenv {words.KEPT}${{_gokernel_level}}_NAME
endif"""


def deactivate(hooks: Hooks) -> Iterator[str]:
    """The lines of the deactivation script."""
    yield _LEVEL
    for one in hooks.variables:
        yield _BACK.replace("NAME", one.name)
    yield "unset _gokernel_level _gokernel_kept _gokernel_now"
