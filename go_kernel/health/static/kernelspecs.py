"""The kernelspecs: is there one, is it up to date, can Jupyter read and see it?"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator

from go_kernel import config, hub_choice, installed, kernelspec, serverpython
from go_kernel.files import is_file
from go_kernel.findings import Finding, GoKernelError, Remedy
from go_kernel.health.check import About, Answer, Check, error, info, ok, warn
from go_kernel.health.context import Context
from go_kernel.health.static.looks import install_again, of_each_kernel
from go_kernel.installed import Kernel
from go_kernel.kernelspec import LOGOS, Change


def _present(context: Context) -> Finding:
    names = [kernel.name for kernel in context.subject.kernels]
    if names:
        return ok(f"Its kernels: {', '.join(names)}.")
    place, option = context.target.place, "--env" if context.target.prefix else "--go"
    return info(
        f"No kernel is installed for the Go in {place}.",
        Remedy("Install one", (f"jupyter gokernel install {option} {shlex.quote(str(place))}",)),
        fix="kernelspec.install",
    )


PRESENT = Check(
    "kernelspec.present",
    "It has a kernel",
    _present,
    broken_by="No kernel was installed for this Go yet.",
    mended_by="`jupyter gokernel install`.",
    fixes=("kernelspec.install",),
)


def _current(context: Context) -> Iterator[Finding]:
    return of_each_kernel(context, _is_current)


def _is_current(context: Context, kernel: Kernel) -> Finding:
    settings = kernel.as_written
    assert settings is not None
    try:
        config.parse_env(kernel.content.get("env", {}))
    except GoKernelError as bad:
        text = f"The kernel of {kernel.folder} can't start: {bad.summary}"
        return error(text, install_again(kernel), fix="kernelspec.reinstall")
    argv = kernel.content.get("argv")
    python = str(argv[0]) if isinstance(argv, list) and argv else ""
    if not (python.startswith("/") and is_file(python) and os.access(python, os.X_OK)):
        return _no_python(kernel, python)
    wanted = kernelspec.spec_for(
        settings, shown=kernel.display_name, python=python, portable=kernel.portable
    ).content
    # Variables that somebody wrote into `env` are a setting like any other.
    change = kernelspec.compared(kernel.content, {**wanted, "env": kernel.content.get("env")})
    version = kernel.content["metadata"]["gokernel"].get("version")
    if version != wanted["metadata"]["gokernel"]["version"]:
        text = f"The kernelspec {kernel.folder} was written by jupyter-gokernel {version}."
        return info(text, install_again(kernel), fix="kernelspec.reinstall")
    if change is not Change.NONE:
        return warn(
            f"The kernelspec {kernel.folder} says something else than `install` would write: "
            "it was changed by hand.",
            install_again(kernel),
            fix="kernelspec.reinstall",
        )
    if not all(is_file(kernel.folder / logo) for logo in LOGOS):
        text = f"The kernelspec {kernel.folder} lacks its logos."
        return info(text, install_again(kernel), fix="kernelspec.reinstall")
    return ok(f"The kernelspec {kernel.folder} is up to date.")


def _no_python(kernel: Kernel, python: str) -> Finding:
    text = f"The kernelspec {kernel.folder} names a Python that is not there ({python})"
    if kernel.portable:
        text += ": its kernel can't start."
        return error(text, install_again(kernel), fix="kernelspec.reinstall")
    text += ": programs that know no provisioners can't start its kernel."
    return warn(text, install_again(kernel), fix="kernelspec.reinstall")


CURRENT = Check(
    "kernelspec.current",
    "Its kernelspecs are up to date",
    _current,
    broken_by="jupyter-gokernel was upgraded, its Python went, or kernel.json was edited.",
    mended_by="`jupyter gokernel install --replace`.",
    needs=("environment.exists",),
    fixes=("kernelspec.reinstall",),
)


def _readable(context: Context) -> Answer:
    kernels = context.subject.kernels
    bad = [*_unreadable(kernels), *_hubs(context), *_hidden(context), *_strange(context)]
    names = ", ".join(dict.fromkeys(kernel.name for kernel in kernels))
    return bad or ok(f"The kernelspecs can be read: {names}." if names else "There are none.")


def _unreadable(kernels: tuple[Kernel, ...]) -> Iterator[Finding]:
    for kernel in kernels:
        if kernel.config is None:
            yield error(
                f"The kernelspec {kernel.folder} can't be used: {kernel.problem}",
                Remedy(
                    "Install its kernel again, which writes over it, or remove it:",
                    (f"jupyter gokernel uninstall {kernel.name}",),
                ),
                fix="kernelspec.remove",
                kernel=kernel.name,
            )


def _hubs(context: Context) -> Iterator[Finding]:
    """The kernels whose Go a Hub is to choose, where none chose one.

    Of one that it chose and that can't be used, `hub.environment` says why, once for all.
    """
    if hub_choice.given(context.env):
        return
    for kernel in context.subject.kernels:
        if kernel.config is None or kernel.config.place:
            continue
        try:
            hub_choice.settled(kernel.config, context.env)
        except hub_choice.NotChosen as reason:
            yield info(
                f"The kernel {kernel.name} can't start here: {reason.summary}",
                reason.remedy,
                kernel=kernel.name,
            )


def _strange(context: Context) -> Iterator[Finding]:
    for folder in installed.strangers(context.around.kernel_dirs):
        yield warn(
            f"Jupyter can't read the kernelspec {folder}: its kernel.json is no JSON.",
            Remedy("jupyter-gokernel did not make it; mend it, or remove its folder."),
            evidence=str(folder / "kernel.json"),
        )


def _hidden(context: Context) -> Iterator[Finding]:
    for kernel in context.subject.kernels:
        first = next(iter(installed.places_of(kernel.name, context.around.kernel_dirs)), None)
        if first is None or first == kernel.folder:
            continue
        other = installed.read(first)
        same = other is not None and other.config == kernel.as_written is not None
        say = info if same else warn
        yield say(
            f"Jupyter does not show the kernelspec {kernel.folder}: {first} has the same name and "
            f"comes first{', for the same Go' if same else ''}.",
            Remedy("Remove one of them, or install it under another name with --name."),
            fix="kernelspec.remove",
            kernel=kernel.name,
        )


READABLE = Check(
    "kernelspec.readable",
    "All our kernelspecs can be read and seen",
    _readable,
    broken_by="A kernel.json was edited or cut off, or another of the same name hides it.",
    mended_by="Install the kernel again, or remove the kernelspec.",
    about=About.MACHINE,
    needs=(),
    fixes=("kernelspec.remove",),
)


def _provisioner(context: Context) -> Answer:
    around = context.around
    found = [*serverpython.findings(around.env, around.python)]
    if not serverpython.knows_us(around.python, around.env):
        found.insert(0, serverpython.missing(around.python))
    return found or ok(f"Jupyter on {around.python} finds our provisioner.")


PROVISIONER = Check(
    "server.provisioner",
    "Jupyter finds our provisioner",
    _provisioner,
    broken_by="Jupyter runs on a Python in which jupyter-gokernel is not installed.",
    mended_by="Install it there, or install kernels with --portable.",
    about=About.MACHINE,
    needs=(),
)
