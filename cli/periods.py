"""Days and half-years as people name them, within the years in which the program's calendar is used."""

from __future__ import annotations

from datetime import date

from cli.sentences import CannotGoOn
from program.calendar import Half

_FIRST, _LAST = 2000, 2199


def half_of(text: str, what: str, *, since: int = _FIRST) -> Half:
    """The half-year written like 2027-H1; `CannotGoOn` says what can't be done with another, such as "rehearsed"."""
    try:
        found = Half.parse(text)
    except ValueError as error:
        raise CannotGoOn(str(error)) from None
    if not since <= found.year <= _LAST:
        raise CannotGoOn(f"{text} can't be {what}: its year can be {since} to {_LAST}.")
    return found


def day_of(text: str, option: str) -> date:
    """The day written like 2027-03-25; `CannotGoOn` names the option for another."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise CannotGoOn(f"{option} is «{text}», but a day is written like 2027-03-25.") from None
    if not _FIRST <= found.year <= _LAST:
        raise CannotGoOn(f"{option} is «{text}», but its year can be {_FIRST} to {_LAST}.")
    return found
