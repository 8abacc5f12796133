"""Is every byte of the bundles what was made?"""

from __future__ import annotations

from go_kernel.findings import Finding, GoKernelError
from go_kernel.health.check import About, Answer, Check, Kind, error, ok, skipped
from go_kernel.health.context import Context
from go_kernel.health.static.offline import found, use_again
from go_kernel.offline import verify
from go_kernel.offline.store import Bundle

_SECONDS = 300.0  # a Go and some hundred modules are a gigabyte
_NAMED = 20


def verified(context: Context) -> Answer:
    """Hash all files of all bundles that kernels use."""
    seen = found(context).bundles
    if not seen:
        return skipped("There are no bundles.")
    return [_verified(bundle, context) for bundle in seen]


def _verified(bundle: Bundle, context: Context) -> Finding:
    context.progress(f"verifying the bundle {bundle.title}")
    try:
        wrong = [str(one) for one in verify.problems(bundle.folder)]
    except GoKernelError as failure:
        wrong = [str(failure)]
    if not wrong:
        return ok(f"The bundle {bundle.title} is what was made.", str(bundle.folder))
    files = "a file" if len(wrong) == 1 else f"{len(wrong)} files"
    return error(
        f"In the bundle {bundle.title} in {bundle.folder} {files} can't be trusted: kernels would "
        "compile something else than was made.",
        use_again(bundle),
        evidence="\n".join([*wrong[:_NAMED], f"({len(wrong)} in all)"]),
    )


VERIFIED = Check(
    id="offline.verified",
    title="Bundles are what was made, byte by byte",
    run=verified,
    broken_by="Somebody edited, added or removed a file in a store of bundles.",
    mended_by="`jupyter gokernel bundle use` of the same file.",
    kind=Kind.LIVE,
    about=About.MACHINE,
    seconds=_SECONDS,
    needs=(),
)
