"""The examples that come with the program: partners to try it out with, and a season to play."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from cli.sentences import CannotGoOn
from records.entering import import_partners
from records.partners import list_partners

_TOP = Path(__file__).parent
# In a checkout they lie beside this package, in an installed program inside it.
_FOLDERS = (_TOP.parent / "examples", _TOP / "examples")


def example(name: str) -> Path:
    """The example file of that name."""
    for folder in _FOLDERS:
        if (folder / name).exists():
            return folder / name
    raise CannotGoOn(f"The example file {name} is missing in this installation; it lies in the repository's examples/.")


def import_example_partners(engine: Engine, now: datetime, *, edition: str) -> int:
    """Fill an empty list of partners with the examples, so that a lead can be submitted at once; how many."""
    if list_partners(engine):
        return 0
    with example("partners.csv").open(encoding="utf-8", newline="") as lines:
        return import_partners(engine, lines, edition=edition, now=now)
