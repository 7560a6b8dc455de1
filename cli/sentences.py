"""How a command fails: with one sentence that says what is wrong and what to do, and exit code 2."""

from __future__ import annotations

import sys
from typing import NoReturn

from rich.console import Console

CANNOT = 2
"""The exit code of a command that could not do or check what it was asked for."""

# What goes into a file need not fit a terminal of 80 columns. Names that others chose may look like markup.
out = Console(highlight=False, markup=False, emoji=False, soft_wrap=True, width=None if sys.stdout.isatty() else 160)
err = Console(highlight=False, markup=False, emoji=False, soft_wrap=True, stderr=True)


class CannotGoOn(Exception):
    """The command ends here. The text is one or two sentences for the person who called it."""


def say(text: str) -> None:
    """A line for the person who called the command, as it is."""
    out.print(text)


def end_with(sentence: str) -> NoReturn:
    """Print a sentence where errors go and end with exit code 2."""
    err.print(sentence)
    raise SystemExit(CANNOT)
