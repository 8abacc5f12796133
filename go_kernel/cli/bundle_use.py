"""`jupyter gokernel bundle use`: unpack a bundle to where kernels find it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from traitlets import Bool, Unicode

from go_kernel.cli import output
from go_kernel.cli.bundle_list import plain, spoken_toolchains
from go_kernel.cli.command import (
    JSON_FLAG,
    SHARED_ALIASES,
    SHARED_FLAGS,
    SHARED_METAVARS,
    GoKernelCommand,
)
from go_kernel.cli.errors import UsageError
from go_kernel.findings import Finding
from go_kernel.offline import fitting, proof, summary
from go_kernel.offline.proof import Proof
from go_kernel.offline.store import BundleStores
from go_kernel.offline.use import Used, use


class GoKernelBundleUse(GoKernelCommand):
    """Uses a bundle."""

    name = "jupyter-gokernel bundle use"
    description = (
        "Unpacks a bundle into your own store, or with --site into the site's, and kernels look "
        "for modules in it first. What is in it is checked against its manifest, which proves that "
        "it is whole and not who made it. For that say the SHA-256 that `bundle create` printed, "
        "or give a signature; the site's store takes none without. A folder is copied, and its "
        "SHA-256 is that of its manifest.json; a signature is over the archive, or over the "
        "folder's manifest.json."
    )
    examples = """
jupyter gokernel bundle use course.gokernel.tar.zst
jupyter gokernel bundle use course.gokernel.tar.zst --sha256 HASH --name course
jupyter gokernel bundle use course.gokernel.tar.zst --site --signature course.sig
"""
    aliases = SHARED_ALIASES | {
        "sha256": ("GoKernelBundleUse.sha256", "The SHA-256 that it must have: 64 hex digits."),
        "signature": (
            "GoKernelBundleUse.signature",
            f"A signature that `ssh-keygen -Y sign -n {proof.NAMESPACE}` made.",
        ),
        "signers": (
            "GoKernelBundleUse.signers",
            f"Whose signatures count (OpenSSH's allowed signers), if not {proof.SIGNERS}.",
        ),
        "name": ("GoKernelBundleUse.called", "What to call it here."),
    }
    flags = (
        {
            "site": (
                {"GoKernelBundleUse": {"site": True}},
                "Into the site's store, for everybody on this machine.",
            )
        }
        | JSON_FLAG
        | SHARED_FLAGS
    )
    metavars = SHARED_METAVARS | {
        "sha256": "HASH",
        "signature": "FILE",
        "signers": "FILE",
        "name": "NAME",
    }
    words = "FILE|DIR"
    words_allowed = (1, 1)

    site = Bool(False, config=True, help="Into the site's store.")
    sha256 = Unicode(config=True, help="The SHA-256 that it must have.")
    signature = Unicode(config=True, help="A file with a signature.")
    signers = Unicode(config=True, help="The file of those whose signatures count.")
    called = Unicode(config=True, help="What to call it here.")

    def run(self) -> int:
        """Use it."""
        place = self.cwd / self.extra_args[0]
        given = self._proof()
        self._check_name()
        with output.progress(place.name) as line:
            used = use(
                place,
                BundleStores.from_environment(self.environ),
                self.environ,
                site=self.site,
                proof=given,
                name=self.called,
                progress=line,
            )
        warnings = fitting.misfits(used.bundle)
        if self.as_json:
            output.print_json(_plain(used, warnings))
        else:
            _report(used, given)
        for finding in warnings:
            output.say_finding(finding)
        return 0

    def _proof(self) -> Proof:
        self._check_empty("sha256", "signature", "signers")
        if self.sha256 and not proof.HASH.fullmatch(self.sha256):
            raise UsageError(
                f"--sha256 {self.sha256!r} is no SHA-256.",
                "It has 64 digits from 0 to 9 and a to f; `bundle create` prints it.",
            )
        if self.signers and not self.signature:
            raise UsageError(
                "--signers says whose signatures count, and there is no --signature.",
                "Name the signature's file as well.",
            )
        return Proof(self.sha256, self._file(self.signature), self._file(self.signers))

    def _check_empty(self, *options: str) -> None:
        """A variable of a script that is empty by mistake must not mean: without proof."""
        for option in options:
            if option in self.config[type(self).__name__] and not getattr(self, option):
                raise UsageError(f"--{option} says nothing.", "Leave it out, or say something.")

    def _file(self, said: str) -> Path | None:
        return self.cwd / said if said else None

    def _check_name(self) -> None:
        if not self.called:
            return
        if not summary.NAME.fullmatch(self.called) or summary.ID.fullmatch(self.called):
            raise UsageError(
                f"--name {self.called!r} is no name for a bundle.",
                "It has up to 64 letters, digits, dots, dashes and underscores, begins with a "
                "letter or digit, and doesn't look like an id.",
            )


def _plain(used: Used, warnings: list[Finding]) -> dict[str, Any]:
    return {
        "bundle": plain(used.bundle),
        "again": used.again,
        "digest": {"sha256": used.digest, "of": used.of},
        "signer": used.signer or None,
        "warnings": [one.to_dict() for one in warnings],
    }


def _report(used: Used, given: Proof) -> None:
    bundle, about = used.bundle, used.bundle.summary
    engines = ", ".join(name for name, _ in about.engines)
    parts = [f"{about.modules} module{'s' * (about.modules != 1)}"]
    parts[0] += f" (those of {engines} too)" if engines else ""
    parts += [spoken_toolchains(bundle)] if bundle.toolchains else []
    was = "was here already, whole, and comes first now" if used.again else "is here now"
    named = f"{bundle.name} ({bundle.id})" if bundle.name else bundle.id
    size = f"{about.size / 1e6:.0f} MB in {bundle.folder}"
    print(output.printable(f"The bundle {named} {was}: {', '.join(parts)}; {size}"))
    whose = "everybody's kernels, behind bundles of their own" if bundle.site else "your kernels"
    print(f"It is asked first by {whose}; those that run now have to be restarted.")
    if used.signer:
        print(output.printable(f"It was signed by {used.signer}."))
    elif not given.sha256:
        print(
            f"Nothing was given that proves where it comes from. The SHA-256 of {used.of} is "
            f"{used.digest}: is it the one that `bundle create` printed?"
        )
