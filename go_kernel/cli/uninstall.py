"""`jupyter gokernel uninstall`: removes kernels of ours."""

from __future__ import annotations

from pathlib import Path

from traitlets import Bool, Unicode

from go_kernel import installed, kernelspec
from go_kernel.cli import installing, output
from go_kernel.cli.command import (
    JSON_FLAG,
    SHARED_ALIASES,
    SHARED_FLAGS,
    SHARED_METAVARS,
    GoKernelCommand,
)
from go_kernel.cli.errors import FAILED
from go_kernel.findings import GoKernelError


class NotRemoved(GoKernelError):
    """Somebody else's kernelspec."""

    id = "uninstall.not-ours"

    def __init__(self, name: str, folder: Path):
        super().__init__(
            f"The kernelspec {folder} was not made by jupyter-gokernel, so it is left alone.",
            f"If you want it gone: `jupyter kernelspec remove {name}`",
        )
        self.folder = folder


class GoKernelUninstall(GoKernelCommand):
    """Removes kernels."""

    name = "jupyter-gokernel uninstall"
    description = (
        "Removes Go kernels by name, from every folder of Jupyter's that has them, or from the one "
        "that is named. Kernelspecs that jupyter-gokernel did not make are left alone; "
        "environments and built engines stay."
    )
    words = "NAME..."
    words_allowed = (1, 1000)
    examples = """
jupyter gokernel uninstall go-demo
jupyter gokernel uninstall go-demo go-1.26.8
jupyter gokernel uninstall --sys-prefix go-demo
"""
    aliases = SHARED_ALIASES | {
        "prefix": ("GoKernelUninstall.prefix", "Only from below this folder's share/jupyter."),
    }
    flags = (
        {
            "user": ({"GoKernelUninstall": {"user": True}}, "Only this user's."),
            "sys-prefix": (
                {"GoKernelUninstall": {"sys_prefix": True}},
                "Only from the Python environment that this command runs in.",
            ),
        }
        | JSON_FLAG
        | SHARED_FLAGS
    )
    metavars = SHARED_METAVARS | {"prefix": "PATH"}

    user = Bool(False, config=True, help="Only this user's.")
    sys_prefix = Bool(False, config=True, help="Only from this Python's environment.")
    prefix = Unicode(config=True, help="Only from below this folder.")

    def run(self) -> int:
        """Remove them, each for itself."""
        folders = self._folders()
        removed: list[Path] = []
        failed = False
        for name in dict.fromkeys(self.extra_args):
            try:
                removed += self._remove(name, folders)
            except GoKernelError as error:
                output.say(f"Error: {error}")
                failed = True
        if self.as_json:
            plain = [{"name": one.name, "resource_dir": str(one)} for one in removed]
            output.print_json({"removed": plain})
        else:
            for one in removed:
                print(output.printable(f"Removed {one.name} ({one})"))
        return FAILED if failed else 0

    def _folders(self) -> list[Path]:
        """The `kernels` folders to remove from."""
        where = installing.destination(
            self, user=self.user, sys_prefix=self.sys_prefix, prefix=self.prefix
        )
        one = self.user or self.sys_prefix or self.prefix
        return [where.kernels] if one else self.kernel_dirs

    def _remove(self, name: str, folders: list[Path]) -> list[Path]:
        places = installed.places_of(name, folders)
        if not places:
            raise installed.UnknownKernel(name)
        ours = [place for place in places if installed.read(place)]
        if not ours:
            raise NotRemoved(name, places[0])
        for place in ours:
            kernelspec.remove(place)
        return ours
