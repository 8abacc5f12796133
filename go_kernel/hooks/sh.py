r"""The hooks for bash, zsh, dash and their like.

They are sourced into shells with `set -eu`, noclobber, zsh's nounset and its own word
splitting: each expansion is quoted or has a default, each command that may fail stands
in an `if`, and nothing is written but to descriptor 2, which may be closed.  `local` is
no POSIX; so what is needed on the way has names of its own and is gone at the end.

One process is started, `stat`: of these shells zsh alone knows a file's size by itself.
ref: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html
"""

from __future__ import annotations

from collections.abc import Iterator

from go_kernel.hooks import words
from go_kernel.hooks.wanted import Hooks, HookVariable
from go_kernel.shells import quoted

_LEVEL = """\
_gokernel_level="${CONDA_SHLVL:-0}"
case "$_gokernel_level" in
[0-9] | [0-9][0-9] | [0-9][0-9][0-9]) ;;
*) _gokernel_level=0 ;;
esac"""

# $1 is a name, $2 its value behind an `=`, or nothing for a variable to be unset.  What was
# put aside at this level stays: conda runs the scripts again without deactivation.  To set
# what is read-only ends shells; a shell beneath this one tries it.
_PUT = f"""\
_gokernel_put() {{
  eval "_gokernel_now=\\"\\${{$1+=\\$$1}}\\""
  if [ "$_gokernel_now" = "$2" ]; then return 0; fi
  if [ -n "$_gokernel_now" ] && ! (unset "$1") 2>/dev/null; then
    printf '%s%s\\n' FIXED "$1" >&2 || :
    return 0
  fi
  eval "_gokernel_kept=\\"\\${{{words.KEPT}${{_gokernel_level}}_$1+kept}}\\""
  if [ -z "$_gokernel_kept" ]; then
    export "{words.KEPT}${{_gokernel_level}}_$1=$_gokernel_now"
  fi
  if [ -n "$2" ]; then export "$1=${{2#?}}"; else unset "$1"; fi
}}"""

# A `go` before the environment's own is passed over by moving conda's own entry, which
# conda finds and removes wherever it is; another entry would stay when conda switches.
_PATH = """\
  case "${PATH-}" in
  "$_gokernel_bin":*) ;;
  *)
    _gokernel_rest="${PATH-}:" _gokernel_before="" _gokernel_other=""
    while [ -n "$_gokernel_rest" ]; do
      _gokernel_entry="${_gokernel_rest%%:*}"
      _gokernel_rest="${_gokernel_rest#*:}"
      if [ "$_gokernel_entry" = "$_gokernel_bin" ]; then
        if [ -n "$_gokernel_other" ]; then
          printf '%s%s\\n' PLANTED "$_gokernel_other" >&2 || :
          _gokernel_rest="$_gokernel_before$_gokernel_rest"
          PATH="$_gokernel_bin:${_gokernel_rest%:}"
        fi
        break
      fi
      _gokernel_before="$_gokernel_before$_gokernel_entry:"
      if [ -z "$_gokernel_other" ] && [ -f "${_gokernel_entry:-.}/go" ] &&
        [ -x "${_gokernel_entry:-.}/go" ]; then
        _gokernel_other="${_gokernel_entry:-.}/go"
      fi
    done
    ;;
  esac"""

# zsh asks the file system itself, which is ten times as fast as starting a program.
_SEEN = """\
_gokernel_go=GO
_gokernel_size="" _gokernel_mtime=""
if [ -n "${ZSH_VERSION-}" ] && zmodload -F zsh/stat b:zstat 2>/dev/null; then
  if builtin zstat -A _gokernel_size +size -- "$_gokernel_go" 2>/dev/null &&
    builtin zstat -A _gokernel_mtime +mtime -- "$_gokernel_go" 2>/dev/null; then
    _gokernel_seen="$_gokernel_size $_gokernel_mtime"
  else
    _gokernel_seen=""
  fi
else
  _gokernel_seen="$(command -p stat -L FORM "$_gokernel_go" 2>/dev/null)" || _gokernel_seen=""
fi"""

# Our own activation, which sets that variable, is to know; a person's shell with `set -e`
# would end.
_END = """\
if [ -n "$_gokernel_refused" ] && [ -n "${GOKERNEL_SCRIPT-}" ]; then return 1; fi
unset _gokernel_refused"""

_FIELDS = {
    "home": '_gokernel_home="${HOME-}"\n'
    'case "$_gokernel_home" in /*) ;; *) _gokernel_home="" ;; esac',
    "user": '_gokernel_user="${USER:-${LOGNAME-}}"\n'
    'case "$_gokernel_user" in . | .. | */* | *:*) _gokernel_user="" ;; esac',
    "cache": '_gokernel_cache="${XDG_CACHE_HOME:-${HOME-}/.cache}"\n'
    'case "$_gokernel_cache" in /.cache) _gokernel_cache="" ;; /*) ;; '
    '*) _gokernel_cache="" ;; esac',
}
_STAT = {"darwin": "-f '%z %m'"}
_GNU_STAT = "-c '%s %Y'"


def activate(hooks: Hooks) -> Iterator[str]:
    """The lines of the activation script."""
    go, prefix = quoted("sh", str(hooks.go)), quoted("sh", str(hooks.prefix))
    form = _STAT.get(hooks.goos, _GNU_STAT)
    yield _LEVEL
    yield '_gokernel_refused=""'
    yield _PUT.replace("FIXED", quoted("sh", words.fixed()))
    yield _SEEN.replace("FORM", form).replace("=GO", f"={go}")
    yield f"_gokernel_prefix={prefix}"
    yield 'if [ ! "${CONDA_PREFIX:-$_gokernel_prefix}" -ef "$_gokernel_prefix" ]; then'
    yield f"  printf '%s\\n' {quoted('sh', words.elsewhere(hooks))} >&2 || :"
    yield "  _gokernel_refused=1"
    yield f'elif [ "$_gokernel_seen" != {quoted("sh", str(hooks.stamp))} ]; then'
    yield f"  printf '%s\\n' {quoted('sh', words.changed(hooks))} >&2 || :"
    yield "  _gokernel_refused=1"
    yield "else"
    yield '  _gokernel_bin="${CONDA_PREFIX:-$_gokernel_prefix}/bin"'
    yield _PATH.replace("PLANTED", quoted("sh", words.planted()))
    for field in dict.fromkeys(field for one in hooks.variables for field in one.fields):
        yield _FIELDS[field]
    for one in hooks.variables:
        yield from _put(one)
    yield "fi"
    yield "unset -f _gokernel_put"
    yield (
        "unset _gokernel_level _gokernel_now _gokernel_kept _gokernel_seen _gokernel_prefix "
        "_gokernel_bin _gokernel_go _gokernel_size _gokernel_mtime"
    )
    yield (
        "unset _gokernel_rest _gokernel_before _gokernel_other _gokernel_entry _gokernel_home "
        "_gokernel_user _gokernel_cache"
    )

    yield _END


def _put(one: HookVariable) -> Iterator[str]:
    if one.value is None:
        yield f'  _gokernel_put {one.name} ""'
        return
    # The mark is quoted: zsh takes a bare `=word` for a command's path.  Not by the quotes of
    # what follows: with RC_QUOTES zsh takes two of them in a row for one in the value.
    value = '"="' + "".join(
        f'"$_gokernel_{part[0]}"' if isinstance(part, tuple) else quoted("sh", part)
        for part in one.parts
    )
    if not one.fields:
        yield f"  _gokernel_put {one.name} {value}"
        return
    tests = " && ".join(f'[ -n "$_gokernel_{field}" ]' for field in one.fields)
    yield f"  if {tests}; then"
    yield f"    _gokernel_put {one.name} {value}"
    yield "  else"
    yield f"    printf '%s\\n' {quoted('sh', words.unfilled(one))} >&2 || :"
    yield "  fi"


_BACK = f"""\
_gokernel_back() {{
  eval "_gokernel_kept=\\"\\${{{words.KEPT}${{_gokernel_level}}_$1-none}}\\""
  case "$_gokernel_kept" in
  none) ;;
  "="*) export "$1=${{_gokernel_kept#?}}" ;;
  *) unset "$1" ;;
  esac
  unset "{words.KEPT}${{_gokernel_level}}_$1"
}}"""


def deactivate(hooks: Hooks) -> Iterator[str]:
    """The lines of the deactivation script."""
    yield _LEVEL
    yield _BACK
    for one in hooks.variables:
        yield f"_gokernel_back {one.name}"
    yield "unset -f _gokernel_back"
    yield "unset _gokernel_level _gokernel_kept"
