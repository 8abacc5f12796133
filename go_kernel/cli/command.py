"""What all commands share: a JupyterApp whose mistakes are sentences.

Config files, `--config`, `--generate-config` and `--help-all` are JupyterApp's; the
reading of the command line is stricter than its, and nothing but `main` exits.
"""

from __future__ import annotations

import difflib
import logging
import os
import shlex
import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_core.application import JupyterApp
from jupyter_core.paths import jupyter_path
from traitlets import Bool, TraitError, Unicode
from traitlets.config.application import LevelFormatter
from traitlets.utils.importstring import import_item

from go_kernel._version import __version__
from go_kernel.cli import help as helps
from go_kernel.cli.arguments import StrictLoader
from go_kernel.cli.errors import UsageError
from go_kernel.files import is_folder

if TYPE_CHECKING:
    from go_kernel.prepare import Limits
    from go_kernel.resolve import Policy

_PROVISIONER = "GoKernelProvisioner"

SHARED_FLAGS: dict[Any, Any] = {
    "debug": (
        {"Application": {"log_level": logging.DEBUG}},
        "Say what is looked at, and print the output of what failed.",
    ),
    "generate-config": (
        {"JupyterApp": {"generate_config": True}},
        "Write a configuration file with every default in it.",
    ),
}
# For a command that asks.
YES_FLAG: dict[Any, Any] = {
    "y": ({"JupyterApp": {"answer_yes": True}}, "Answer yes to every question.")
}
SHARED_ALIASES: dict[Any, Any] = {
    "config": ("JupyterApp.config_file", "Read this configuration file as well."),
    "log-level": ("Application.log_level", "DEBUG, INFO, WARN or ERROR."),
}
SHARED_METAVARS = {"config": "FILE", "log-level": "LEVEL"}
JSON_FLAG: dict[Any, Any] = {
    "json": ({"GoKernelCommand": {"as_json": True}}, "Print the result as JSON.")
}


class OneLineFormatter(LevelFormatter):
    """Log records on one line: a broken configuration file is no reason for a traceback."""

    def formatException(self, ei: Any) -> str:
        """The exception's class and words."""
        return f"({ei[0].__name__}: {ei[1]})"

    def format(self, record: logging.LogRecord) -> str:
        """As logging does it, in one line."""
        return super().format(record).replace("\n", " ")


class GoKernelCommand(JupyterApp):
    """Base of the commands of `jupyter gokernel`."""

    name = "jupyter-gokernel"
    version = __version__
    aliases = SHARED_ALIASES
    flags = SHARED_FLAGS
    # What stands for an option's value in the help.
    metavars = SHARED_METAVARS
    # What stands for the words behind the options in the help, and how many there may be.
    words = ""
    words_allowed: tuple[int, int] = (0, 0)
    uses_provisioner_config = False

    as_json = Bool(False, config=True, help="Print results as JSON.")
    config_file_name = Unicode("jupyter_gokernel_config", config=True)
    _log_formatter_cls = OneLineFormatter

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.log_format = "%(levelname)s: %(message)s"

    def run(self) -> int:
        """Do what the command is for; give back the exit code."""
        raise NotImplementedError

    def dispatch(self) -> int:
        """Run the subcommand, or this one, or write the configuration file."""
        if self.subapp is not None:
            assert isinstance(self.subapp, GoKernelCommand)
            return self.subapp.dispatch()
        if self.generate_config:
            self.write_default_config()
            return 0
        return self.run()

    @property
    def command(self) -> str:
        """How a person calls it."""
        return self.name.replace("-", " ", 1)

    @cached_property
    def environ(self) -> dict[str, str]:
        """The process's environment: the one place where a command reads it."""
        return dict(os.environ)

    @cached_property
    def cwd(self) -> Path:
        """The folder that relative paths count from."""
        return Path.cwd()

    @cached_property
    def kernel_dirs(self) -> list[Path]:
        """The folders that Jupyter looks for kernelspecs in, the first one first."""
        return [Path(folder) for folder in jupyter_path("kernels")]

    def provisioner_settings(self) -> tuple[Limits, Policy]:
        """What configuration files say about all Go kernels.

        They are the provisioner's own settings, so that what a command builds and shows
        is what a launch will use.
        """
        from go_kernel.prepare import Limits
        from go_kernel.resolve import Policy

        if _PROVISIONER not in self.config:
            return Limits(), Policy()
        from go_kernel.provisioner import GoKernelProvisioner

        try:
            own = GoKernelProvisioner(config=self.config)
        except TraitError as error:
            raise UsageError(str(error), "Mend the configuration file.") from error
        limits = Limits(own.activation_timeout, own.build_timeout, own.build_at_launch)
        policy = Policy(user=dict(own.variables), site=dict(own.policy), offline=own.offline)
        return limits, policy

    # What follows replaces parts of JupyterApp.

    def initialize(self, argv: Any = None) -> None:
        """Read command line and configuration files; raises UsageError.

        Without two things JupyterApp does: looking for subcommands on PATH, and
        migrating IPython's old folders.
        """
        self.parse_command_line(sys.argv[1:] if argv is None else argv)
        if self._dispatching:
            return
        self._check_cwd()
        self.load_config_file()  # what the command line says stays on top

    def parse_command_line(self, argv: Any = None) -> None:
        """Read the command line; raises UsageError."""
        self._with_provisioner_class(argv)
        super().parse_command_line(argv)
        if self.subapp is None:
            self._check_words()

    def initialize_subcommand(self, subc: str, argv: Any = None) -> None:
        """Make the subcommand; no singleton, since tests and servers run several."""
        self.subapp = import_item(self.subcommands[subc][0])(parent=self)
        self.subapp.initialize(argv)

    def update_config(self, config: Any) -> None:
        """As traitlets, with its error in our words."""
        try:
            super().update_config(config)
        except TraitError as error:
            raise UsageError(str(error), f"Try `{self.command} --help`.") from error

    def emit_help(self, classes: bool = False) -> Any:
        """The help, as lines: ours, and with `classes` every configurable trait, too."""
        yield from helps.lines(self)
        if classes:
            yield from ("", "Configuration", "")
            yield from self.emit_help_epilogue_of_classes()

    def emit_help_epilogue_of_classes(self) -> Any:
        """Every configurable trait."""
        for cls in self._classes_with_config_traits():
            yield cls.class_get_help()
            yield ""

    def _with_provisioner_class(self, argv: Any) -> None:
        # Importing it takes as long as all the rest, so only where somebody asks for it.
        wanted = any(
            word in ("--help-all", "--generate-config") or word.startswith(f"--{_PROVISIONER}.")
            for word in argv or ()
        )
        if self.uses_provisioner_config and wanted:
            from go_kernel.provisioner import GoKernelProvisioner

            self.classes = [*self.classes, GoKernelProvisioner]

    def _create_loader(self, argv: Any, aliases: Any, flags: Any, classes: Any) -> StrictLoader:
        loader = StrictLoader(
            argv, aliases, flags, classes=classes, log=self.log, subcommands=self.subcommands
        )
        loader.command = self.command
        return loader

    def _check_cwd(self) -> None:
        """Say in a sentence that nothing can count from the current folder any more."""
        try:
            _ = self.cwd
        except FileNotFoundError as error:
            raise UsageError(
                "The current folder is no longer there.", "Change to one that is: `cd`."
            ) from error

    def _check_words(self) -> None:
        least, most = self.words_allowed
        words = self.extra_args
        if len(words) < least:
            raise UsageError(
                f"Something is missing, as in `{self.command} {self.words}`.",
                f"Try `{self.command} --help`.",
            )
        if len(words) > most:
            if self.subcommands:
                every = ", ".join(self.subcommands)
                close = difflib.get_close_matches(words[0], self.subcommands, n=1)
                remedy = f"Did you mean {close[0]}?" if close else f"There are: {every}."
                raise UsageError(f"There is no command {words[0]!r}.", remedy)
            raise UsageError(f"{words[most]!r} is one word too many.", self._meant(words[most]))

    def _meant(self, word: str) -> str:
        """What to do about a word too many: a name alone where an option takes one, mostly."""
        if is_folder(self.cwd / word) and "project" in self.aliases:
            return f"Did you mean --project {shlex.quote(word)}?"
        if self.words == "[DIR]" and is_folder(self.cwd / word):
            return "Name one folder at a time."
        if "env" in self.aliases and not word.startswith("-"):
            return f"Did you mean --env {shlex.quote(word)}?"
        return f"Try `{self.command} --help`."
