"""A folder that is somebody's alone, wherever it lies: looked at, made and closed.

The way down is walked by descriptors, one step at a time, and every step is looked at
before it is trusted: what was checked is what is used, whoever moves folders and links
about in the meantime.
"""

from __future__ import annotations

import errno
import os
import pwd
import re
import stat
from collections import deque
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from go_kernel.files import more_writers

# Without O_PATH a folder that may be entered and not listed can't be opened.
_ENTER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LONGEST_CHAIN = 40

# What Go itself puts into GOPATH, GOMODCACHE and GOCACHE: hosts' names hold a dot.
_GOS_OWN = re.compile(
    r"bin|pkg|src|cache|sumdb|fuzz|README|log\.txt|testexpire\.txt|trim\.txt|[0-9a-f]{2}"
    r"|[A-Za-z0-9][\w-]*\.[\w.-]+"
)


class Unfit(Exception):
    """A folder that can't be somebody's own: why, and what has to be done.

    `by_you` where that is not its administrator's affair.
    """

    def __init__(self, reason: str, wanted: str, *, by_you: bool = False):
        super().__init__(reason)
        self.reason = reason
        self.wanted = wanted
        self.by_you = by_you


def look(path: str, *, may_be_roots: bool = False) -> None:
    """Raise Unfit where `make` would; nothing is made or changed.

    Raises OSError where the process can open no more files.
    """
    with ExitStack() as held:
        way = _Way(path, held)
        if way.down():
            way.check_own(may_be_roots)
        elif not os.access(".", os.W_OK | os.X_OK, dir_fd=way.folder):
            raise way.unmade(OSError(errno.EACCES, ""))


def make(path: str, *, may_be_roots: bool = False) -> None:
    """Make the folder of an absolute path where it is missing, and close it to others.

    Those above it that are missing are made for the user alone, too.  With `may_be_roots`
    it may also belong to root, if nobody else writes it: it is only read then.  Raises
    Unfit, and OSError where the process can open no more files.
    """
    with ExitStack() as held:
        way = _Way(path, held)
        way.down(making=True)
        if way.check_own(may_be_roots):
            way.close()


def owner_name(user: int) -> str:
    """A user as people know them."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"


@dataclass
class _Way:
    """The way down to a folder; `folder` is the descriptor of where we are, `shown` its path."""

    path: str
    held: ExitStack
    folder: int = -1
    shown: str = "/"
    _todo: deque[str] = field(default_factory=deque)
    _links: int = 0

    def down(self, *, making: bool = False) -> bool:
        """Go there; False at the first folder that is missing, unless those are to be made.

        Raises Unfit.
        """
        if len(os.fsencode(self.path)) >= os.pathconf("/", "PC_PATH_MAX"):
            raise self._too_long()  # we could get there step by step, and Go could not
        self._todo.extend(_steps(self.path))
        self._from_root()
        while self._todo:
            self._check_above()
            step = self._todo.popleft()
            found = self._status(step)
            if found is not None and stat.S_ISLNK(found.st_mode):
                self._follow(step, found.st_uid)
                continue
            if found is None and not making:
                return False
            if found is None:
                self._make(step)
            self._enter(step)
        return True

    def check_own(self, may_be_roots: bool) -> bool:
        """Whether the folder is ours, and to be closed; raises Unfit where it can't serve."""
        found = os.fstat(self.folder)
        if may_be_roots and found.st_uid == 0 and not self._writers(found):
            self._check_access(os.R_OK | os.X_OK, "read")
            return False
        if found.st_uid != os.geteuid():
            raise Unfit(
                f"{self.shown} belongs to {owner_name(found.st_uid)}",
                f"see whose it is, and make {self.path} yours",
            )
        if found.st_mode & stat.S_ISVTX or self.shown == "/":
            raise Unfit(f"{self.shown} is a folder for everybody", "name a folder for each user")
        self._check_access(os.R_OK | os.W_OK | os.X_OK, "written")
        content = os.listdir(self._opened())  # noqa: PTH208 - of a descriptor
        self._check_owners(content)
        if _is_open(found):
            self._check_content(found, content)
        return True

    def _check_access(self, mode: int, spoken: str) -> None:
        if not os.access(".", mode, dir_fd=self.folder):
            raise Unfit(f"{self.shown} can't be {spoken}", f"make {self.path} a folder of yours")

    def close(self) -> None:
        """Take all others' rights away; raises Unfit."""
        found = os.fstat(self.folder)
        if not _is_open(found):
            return
        try:
            os.fchmod(self._opened(), stat.S_IMODE(found.st_mode) & ~0o077)
        except OSError as error:
            raise Unfit(
                f"others' rights to {self.shown} can't be taken away ({error.strerror})",
                f"make {self.path} a folder of yours alone",
            ) from error

    def unmade(self, error: OSError) -> Unfit:
        """Why the next folder can't be made where we are."""
        if error.errno in (errno.EACCES, errno.EPERM):
            reason = f"{self.shown} can't be written"
        else:
            reason = f"no folder can be made in {self.shown} ({error.strerror})"
        return Unfit(reason, f"make {self.path} a folder of yours")

    def _from_root(self) -> None:
        self._at(os.open("/", _ENTER), "/")

    def _at(self, folder: int, shown: str) -> None:
        self.held.callback(os.close, folder)
        self.folder, self.shown = folder, shown

    def _enter(self, step: str) -> None:
        shown = os.path.normpath(Path(self.shown, step))
        try:
            self._at(os.open(step, _ENTER, dir_fd=self.folder), shown)
        except OSError as error:
            if error.errno in (errno.ENOTDIR, errno.ELOOP):
                raise Unfit(
                    f"{shown} is not a folder", f"put a folder in the place of {shown}"
                ) from error
            raise Unfit(f"{shown} can't be entered", f"let you enter {shown}") from error

    def _status(self, step: str) -> os.stat_result | None:
        try:
            return os.stat(step, dir_fd=self.folder, follow_symlinks=False)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                raise self._too_long(step) from error
            raise Unfit(
                f"{self.shown} can't be entered ({error.strerror})", f"let you enter {self.shown}"
            ) from error

    def _too_long(self, step: str = "") -> Unfit:
        what = f"the name of a folder in it, {step[:20]}…," if step else "its path"
        return Unfit(f"{what} is too long for this system", "name a shorter one")

    def _make(self, step: str) -> None:
        try:
            os.mkdir(step, 0o700, dir_fd=self.folder)
        except FileExistsError:
            pass  # another launch was faster; whose it is, is looked at like any other's
        except OSError as error:
            raise self.unmade(error) from error

    def _follow(self, step: str, owner: int) -> None:
        link = os.path.normpath(Path(self.shown, step))
        if owner not in (0, os.geteuid()):
            raise Unfit(f"{link} is a link of {owner_name(owner)}'s", f"remove {link}")
        self._links += 1
        if self._links > _LONGEST_CHAIN:
            raise Unfit(f"{link} is a link that leads nowhere", f"remove {link}")
        target = os.readlink(step, dir_fd=self.folder)
        self._todo.extendleft(reversed(_steps(target)))
        if target.startswith("/"):
            self._from_root()

    def _check_above(self) -> None:
        """A folder in which others could put something else in the place of what is in it."""
        found = os.fstat(self.folder)
        if found.st_uid not in (0, os.geteuid()):
            raise Unfit(
                f"{self.shown} belongs to {owner_name(found.st_uid)}", f"give {self.shown} to root"
            )
        writers = "" if found.st_mode & stat.S_ISVTX else self._writers(found)
        if writers:
            raise Unfit(
                f"{self.shown} {writers}",
                f"take that right away, or make {self.shown} sticky (`chmod +t`)",
            )

    def _writers(self, found: os.stat_result) -> str:
        return more_writers(Path(f"/dev/fd/{self.folder}"), found, mine=True)

    def _check_owners(self, content: Sequence[str]) -> None:
        """Somebody else's files came by an earlier opening, and they may change them still."""
        for name in content:
            status = self._status(name)
            if status is not None and status.st_uid not in (0, os.geteuid()):
                raise Unfit(
                    f"{Path(self.shown, name)} belongs to {owner_name(status.st_uid)}",
                    f"Move {self.shown} away: it is made again, for you alone",
                    by_you=True,
                )

    def _check_content(self, found: os.stat_result, content: Sequence[str]) -> None:
        """What can't be believed once others could put it there; and what isn't to be closed."""
        writers = self._writers(found)
        if content and writers:
            raise Unfit(
                f"{self.shown} {writers}, and what is in it may be anybody's",
                f"Remove {self.shown}: it is made again, for you alone",
                by_you=True,
            )
        # Root's are the system's folders, too: a policy could say /opt by mistake.
        strange = [name for name in content if not _GOS_OWN.fullmatch(name)]
        if os.geteuid() == 0 and strange:
            raise Unfit(
                f"{self.shown} is open to others and holds more than Go's files ({strange[0]!r})",
                "name a folder that is for this alone",
            )

    def _opened(self) -> int:
        folder = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self.folder)
        self.held.callback(os.close, folder)
        return folder


def _steps(path: str) -> list[str]:
    return [step for step in path.split("/") if step not in ("", ".")]


def _is_open(found: os.stat_result) -> bool:
    return bool(found.st_mode & 0o077)
