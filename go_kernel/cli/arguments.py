"""Reads a command line strictly.

traitlets lets much pass: an option that nobody knows is a warning, and a mistyped
`--Class.trait` is nothing at all.  Here each is an error in one sentence.
"""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Sequence
from typing import Any, NoReturn

from traitlets.config.loader import ArgumentError, Config, KVArgParseConfigLoader

from go_kernel.cli.errors import UsageError

# traitlets hands argparse's parser its options under their long names.
_OPTION = re.compile(r"--?([A-Za-z][\w.-]*)")

# What traitlets says of an option that takes one value and was given twice.
_TWICE = re.compile(r"(--[\w.-]+)=\[.*only accepts one value", re.DOTALL)


def unknown(what: str, said: str, known: Sequence[str], command: str) -> UsageError:
    """The error for a word that isn't known, with near ones or all of them."""
    close = difflib.get_close_matches(said, known, n=2)
    if close:
        return UsageError(f"{what} {said!r} is not known.", f"Did you mean {' or '.join(close)}?")
    return UsageError(f"{what} {said!r} is not known.", f"Try `{command} --help`.")


class StrictLoader(KVArgParseConfigLoader):
    """As traitlets' own, but everything that isn't understood is a UsageError."""

    command = ""

    def load_config(
        self, argv: Any = None, aliases: Any = None, flags: Any = None, classes: Any = None
    ) -> Config:
        """The options as a Config; raises UsageError."""
        words = list(self.argv if argv is None else argv)
        self._check_names(words[: words.index("--")] if "--" in words else words)
        try:
            return super().load_config(words)
        except ArgumentError as error:
            raise UsageError(self._spoken(str(error)), f"Try `{self.command} --help`.") from error

    def _check_names(self, words: Sequence[str]) -> None:
        known = [*self.aliases, *self.flags]
        traits = [
            f"{c.__name__}.{t}" for c in self.classes for t in c.class_trait_names(config=True)
        ]
        for word in words:
            name = word.partition("=")[0]
            found = _OPTION.fullmatch(name)
            if found is None or found[1] in known or found[1] in traits:
                continue
            near = [f"--{one}" for one in (traits if "." in name else known)]
            raise unknown("The option", name, near, self.command)

    def _create_parser(self) -> None:
        super()._create_parser()
        parser: argparse.ArgumentParser = self.parser
        parser.allow_abbrev = False
        # Words may come before, between and after the options.
        parser.parse_args = parser.parse_intermixed_args  # type: ignore[method-assign]

        def error(message: str) -> NoReturn:
            raise ArgumentError(message)

        parser.error = error  # type: ignore[method-assign]

    def _spoken(self, message: str) -> str:
        """What argparse or traitlets said, as a sentence about the option that was typed."""
        for alias, trait in self.aliases.items():
            message = message.replace(f"--{trait}", f"--{alias}").replace(trait, f"--{alias}")
        if twice := _TWICE.search(message):
            return f"{twice[1]} was given more than once, and takes one value."
        text = re.sub(r"^argument (?:-\w/)?(--?[\w.-]+)(?:/\S+)?:", r"\1:", message).rstrip(".")
        return text[:1].upper() + text[1:] + "."
