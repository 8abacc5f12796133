"""`jupyter gokernel uninstall`: removes kernels of ours."""

from __future__ import annotations

from pathlib import Path

from go_kernel import installed, kernelspec
from go_kernel.cli import output
from go_kernel.cli.command import JSON_FLAG, SHARED_FLAGS, GoKernelCommand
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
        "Removes Go kernels by name, from every folder of Jupyter's that has them. Kernelspecs "
        "that jupyter-gokernel did not make are left alone; environments and built engines stay."
    )
    words = "NAME..."
    words_allowed = (1, 1000)
    examples = """
jupyter gokernel uninstall go-demo
jupyter gokernel uninstall go-demo go-1.26.8
"""
    flags = JSON_FLAG | SHARED_FLAGS

    def run(self) -> int:
        """Remove them, each for itself."""
        removed: list[Path] = []
        failed = False
        for name in dict.fromkeys(self.extra_args):
            try:
                removed += self._remove(name)
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

    def _remove(self, name: str) -> list[Path]:
        places = installed.places_of(name, self.kernel_dirs)
        if not places:
            raise installed.UnknownKernel(name)
        ours = [place for place in places if installed.read(place)]
        if not ours:
            raise NotRemoved(name, places[0])
        for place in ours:
            kernelspec.remove(place)
        return ours
