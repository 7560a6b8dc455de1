"""Days and half-years as people name them, within the years in which the program's calendar is used."""

from __future__ import annotations

from datetime import date

from cli.sentences import CannotGoOn
from program.calendar import Half

YEARS = range(2022, 2200)


def half_of(text: str, what: str) -> Half:
    """The half-year written like 2027-H1; `CannotGoOn` says what can't be done with another, such as "rehearsed"."""
    try:
        found = Half.parse(text)
    except ValueError as error:
        raise CannotGoOn(str(error)) from None
    if found.year not in YEARS:
        raise CannotGoOn(f"{text} can't be {what}: its year can be {YEARS[0]} to {YEARS[-1]}.")
    return found


def day_of(text: str, option: str) -> date:
    """The day written like 2027-03-25; `CannotGoOn` names the option for another."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise CannotGoOn(f"{option} is «{text}», but a day is written like 2027-03-25.") from None
    if found.year not in YEARS:
        raise CannotGoOn(f"{option} is «{text}», but its year can be {YEARS[0]} to {YEARS[-1]}.")
    return found
