"""Where a bundle comes from: its hash as somebody told it, or a signature.

The manifest in a bundle says that it is whole, and nothing of who made it.  So what a site
gives to everybody is proven by something that came another way.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from go_kernel import process
from go_kernel.files import more_writers
from go_kernel.findings import Remedy
from go_kernel.offline.errors import BundleError
from go_kernel.printable import printable
from go_kernel.ways import way_to, whom_we_trust

# ref: https://man.openbsd.org/ssh-keygen#Y and its ALLOWED SIGNERS
NAMESPACE = "jupyter-gokernel-bundle"
SIGNERS = Path("/etc/jupyter-gokernel/bundle-signers")

HASH = re.compile(r"[0-9a-fA-F]{64}")
_SECONDS = 120.0  # it hashes what is signed, gigabytes perhaps
_OTHERWISE = "Get the bundle again, or ask who made it; don't use this one."


class NoProof(BundleError):
    """A bundle for everybody, of which nobody knows where it comes from."""

    id = "bundle.unproven"

    def __init__(self, place: object, *, folder: bool = False):
        hash_ = "SHA-256 of its manifest.json" if folder else "hash that `bundle create` printed"
        super().__init__(
            f"Nothing shows where {printable(str(place))} comes from, and what is in the site's "
            "store runs for everybody.",
            Remedy(
                f"Say the {hash_}, or give a signature:",
                (
                    f"jupyter gokernel bundle use --site --sha256 HASH {quote(str(place))}",
                    f"jupyter gokernel bundle use --site --signature FILE.sig {quote(str(place))}",
                ),
            ),
        )
        self.place = str(place)


class WrongHash(BundleError):
    """Another bundle than the one whose hash was told."""

    id = "bundle.wrong-hash"

    def __init__(self, place: object, of: str, expected: str, found: str):
        super().__init__(
            f"{printable(str(place))} is not the bundle that was meant: the SHA-256 of {of} is "
            f"{found}, not {expected}.",
            _OTHERWISE,
        )
        self.place = str(place)
        self.expected = expected
        self.found = found


class BadSignature(BundleError):
    """A signature that is none of this bundle's, or none of a signer's who counts here."""

    id = "bundle.bad-signature"

    def __init__(self, place: object, reason: str, evidence: str = ""):
        super().__init__(
            f"The signature of {printable(str(place))} proves nothing: {printable(reason)}.",
            _OTHERWISE,
            evidence=evidence,
        )
        self.place = str(place)
        self.reason = reason


class BadSigners(BundleError):
    """The file of those whose signatures count can't be believed."""

    id = "bundle.bad-signers"

    def __init__(self, signers: Path, reason: str, wanted: str):
        super().__init__(
            f"{printable(str(signers))} can't say whose signatures count: {printable(reason)}.",
            wanted,
        )
        self.signers = signers
        self.reason = reason


class NoSshKeygen(BundleError):
    """There is no ssh-keygen to look at a signature with."""

    id = "bundle.no-ssh-keygen"

    def __init__(self, reason: str):
        super().__init__(
            f"The signature can't be looked at: ssh-keygen can't be run ({printable(reason)}).",
            "Install OpenSSH's client (8.2 or newer), or say --sha256 in place of --signature.",
        )


class StrangeSshKeygen(BundleError):
    """The ssh-keygen on PATH is somebody's who could let it say anything."""

    id = "bundle.strange-ssh-keygen"

    def __init__(self, program: Path, reason: str):
        super().__init__(
            f"{printable(str(program))} can't say who signed: {printable(reason)}.",
            "Let PATH lead to root's ssh-keygen (/usr/bin), or say --sha256 in place of "
            "--signature.",
        )
        self.program = program
        self.reason = reason


@dataclass(frozen=True)
class Proof:
    """What was given to prove a bundle's origin: its SHA-256, a signature, or nothing.

    `signers` is OpenSSH's file of allowed signers, None for the site's own.
    """

    sha256: str = ""
    signature: Path | None = None
    signers: Path | None = None

    @property
    def given(self) -> bool:
        """Whether there is any."""
        return bool(self.sha256 or self.signature)

    def check_hash(self, found: str, of: str, place: object) -> None:
        """Raise WrongHash where another hash was told than the one `found`, that of `of`."""
        if self.sha256 and self.sha256.lower() != found:
            raise WrongHash(place, of, self.sha256.lower(), found)

    def check_signature(self, content: Path, env: Mapping[str, str], place: object) -> str:
        """Who signed `content`, a file that nobody else can change; "" without a signature.

        Raises BadSignature, BadSigners, NoSshKeygen, StrangeSshKeygen.
        """
        if self.signature is None:
            return ""
        signers = self.signers or SIGNERS
        _check_signers(signers, named=self.signers is not None)
        if not self.signature.is_file():
            raise BadSignature(place, f"there is no file {self.signature}")
        command = [str(_ssh_keygen(env)), "-Y"]
        files = ["-s", str(self.signature), "-f", str(signers)]
        known = _run([*command, "find-principals", *files], env)
        names = [line for line in known.stdout.splitlines() if line.strip()]
        if known.returncode != 0 or not names:
            raise BadSignature(place, f"nobody in {signers} made it", known.stderr)
        for name in names:
            options = ["-I", name, "-n", NAMESPACE]
            with content.open("rb") as stream:
                verified = _run([*command, "verify", *files, *options], env, stream.fileno())
            if verified.returncode == 0:
                return name
        raise BadSignature(
            place, "it is of something else, or for another purpose", verified.stderr
        )


def _run(argv: list[str], env: Mapping[str, str], stdin: int | None = None) -> process.Completed:
    # Nothing of the person's but where programs are: what it says is read.
    own = {"PATH": env.get("PATH", os.defpath), "LC_ALL": "C"}
    try:
        if stdin is None:
            return process.run(argv, env=own, timeout=_SECONDS, check=False)
        return process.run(argv, env=own, timeout=_SECONDS, check=False, stdin=stdin)
    except process.CommandNotFound as error:
        raise NoSshKeygen(error.reason) from error


def _ssh_keygen(env: Mapping[str, str]) -> Path:
    """The first on PATH that is nobody else's: it judges, as those who may sign do."""
    strange: list[StrangeSshKeygen] = []
    for folder in env.get("PATH", os.defpath).split(os.pathsep):
        if not folder.startswith("/") or not shutil.which("ssh-keygen", path=folder):
            continue
        program = Path(folder, "ssh-keygen")
        problem = _strange(program)
        if not problem:
            return program
        strange.append(StrangeSshKeygen(program, problem))
    if strange:
        raise strange[0]
    raise NoSshKeygen("it is not on PATH")


def _strange(program: Path) -> str:
    """Why others could let a program say anything; "" where they couldn't."""
    try:
        for step, status in way_to(program):
            if problem := _changed_by(step, status, whom_we_trust()):
                return f"{step} {problem}"
    except OSError as error:
        return f"it can't be looked at ({error.strerror})"
    return ""


def _check_signers(signers: Path, *, named: bool) -> None:
    """Raise BadSigners where somebody could have written the file who is no judge of it.

    The site's own is root's; one that was named may also be of who named it.
    """
    trusted = (0, os.geteuid()) if named else (0,)
    wanted = "Let root own it and all folders above, and nobody else write them."
    try:
        for step, status in way_to(signers.absolute()):
            if problem := _changed_by(step, status, trusted):
                raise BadSigners(signers, f"{step} {problem}", wanted)
    except OSError as error:
        make = "Make it (one line a signer: a name, a public key), or name one with --signers."
        raise BadSigners(signers, f"it can't be read ({error.strerror})", make) from error
    if not stat.S_ISREG(status.st_mode):
        raise BadSigners(signers, "it is no file", wanted)


def _changed_by(step: Path, status: os.stat_result, trusted: tuple[int, ...]) -> str:
    if status.st_uid not in trusted:
        return f"belongs to user {status.st_uid}"
    # In a sticky folder each may replace only what is theirs; a link's mode says nothing.
    sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
    return "" if sticky or stat.S_ISLNK(status.st_mode) else more_writers(step, status, mine=False)
