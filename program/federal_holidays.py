"""The US federal holidays, on the days on which offices are closed for them.

A table of our own: workflow code counts business days, so the answer must need no files, and must not move
with an upgrade of somebody's package under processes that are running. The tests hold it against one.
"""

from datetime import date, timedelta
from functools import lru_cache

_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6
_LAST = -1

# Month and day.
_FIXED = {
    "New Year's Day": (1, 1),
    "Juneteenth": (6, 19),
    "Independence Day": (7, 4),
    "Veterans Day": (11, 11),
    "Christmas Day": (12, 25),
}

# Month, weekday, and which one of the month.
_FLOATING = {
    "Birthday of Martin Luther King, Jr.": (1, _MONDAY, 3),
    "Washington's Birthday": (2, _MONDAY, 3),
    "Memorial Day": (5, _MONDAY, _LAST),
    "Labor Day": (9, _MONDAY, 1),
    "Columbus Day": (10, _MONDAY, 2),
    "Thanksgiving Day": (11, _THURSDAY, 4),
}

_FIRST_YEAR = {"Birthday of Martin Luther King, Jr.": 1986, "Juneteenth": 2021}


@lru_cache(maxsize=256)
def days_off(year: int) -> frozenset[date]:
    """The dates in a year that are off for a holiday; some years have the next New Year's Day among them.

    A holiday on a Saturday is observed on the Friday before it, one on a Sunday on the Monday after it.
    """
    days = {_observed(date(year, *_FIXED[name])) for name in _FIXED if _exists(name, year)}
    days |= {_weekday_of_month(year, *_FLOATING[name]) for name in _FLOATING if _exists(name, year)}
    if year < date.max.year:
        days.add(_observed(date(year + 1, *_FIXED["New Year's Day"])))
    return frozenset(day for day in days if day.year == year)


def _exists(name: str, year: int) -> bool:
    return year >= _FIRST_YEAR.get(name, year)


def _observed(day: date) -> date:
    shift = {_SATURDAY: -1, _SUNDAY: 1}.get(day.weekday(), 0)
    # The calendar's very first day has no day before it.
    return day + timedelta(days=shift) if day > date.min else day


def _weekday_of_month(year: int, month: int, weekday: int, which: int) -> date:
    if which == _LAST:
        end = date(year, month + 1, 1) - timedelta(days=1)
        return end - timedelta(days=(end.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))
