"""Days, windows, business days and periods of the program, all counted in the program's time zone.

Instants go in and come out as aware datetimes, outwards always in UTC; dates are those of the program time
zone. A day *ends* at the instant the next one starts, so `end_of_day(d)` already belongs to the day after
`d`: use `last_day` to get back from such an end to the day it closes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from program.federal_holidays import days_off

# A worker whose machine might hold other zone data than its neighbours sets PYTHONTZPATH to nothing: then the
# installed tzdata is the only source.
ZONE = ZoneInfo("America/New_York")

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


def plausible(instant: datetime) -> datetime:
    """The same instant in UTC; ValueError where it lies before the year 2000 or outside the calendar: a mistake."""
    try:
        found = in_utc(instant)
    except OverflowError:
        raise ValueError("it lies outside the calendar.") from None
    if found < _EARLIEST:
        raise ValueError("it lies before the year 2000.")
    return found


def written(text: str) -> datetime:
    """The instant (UTC) that somebody wrote: without a zone it is the program's time, and a date begins at midnight.

    ValueError where it is not written as ISO 8601 has it, or as `plausible` says.
    """
    instant = datetime.fromisoformat(text)
    return plausible(instant if instant.tzinfo else instant.replace(tzinfo=ZONE))


def in_utc(instant: datetime) -> datetime:
    """The same instant in UTC; ValueError for a datetime that names no time zone."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError(
            f"{instant.isoformat()} names no time zone; an instant needs one, for example {instant.isoformat()}+00:00."
        )
    return instant.astimezone(UTC)


def program_date(instant: datetime) -> date:
    """The date that the program's time zone shows at an instant; ValueError for a naive datetime."""
    return in_utc(instant).astimezone(ZONE).date()


def at_hour(day: date, hour: int) -> datetime:
    """The instant (UTC) at which `hour` (0 to 23) o'clock strikes on a day.

    Of an hour that comes twice in autumn the first is meant; for the one that spring leaves out, the next.
    """
    if not 0 <= hour <= 23:
        raise ValueError(f"{hour} is no hour of the day; it can be 0 to 23.")
    return datetime.combine(_plain(day), time(hour), tzinfo=ZONE).astimezone(UTC)


def start_of_day(day: date) -> datetime:
    """The instant (UTC) of the midnight with which a day starts."""
    return at_hour(day, 0)


def end_of_day(day: date) -> datetime:
    """The instant (UTC) at which a day ends, which is the one at which the next day starts."""
    return start_of_day(_plain(day) + _ONE_DAY)


def last_day(end: datetime) -> date:
    """The day that an end closes: the inverse of `end_of_day`, for `window_end` and every other deadline."""
    return program_date(in_utc(end) - timedelta(microseconds=1))


def window_end(start: datetime, days: int) -> datetime:
    """The instant (UTC) at which a window of `days` days ends: the end of that day after the date of `start`.

    The date of `start` is day 0, whatever its hour, so a shift of daylight-saving time moves no deadline.
    """
    return end_of_day(program_date(start) + timedelta(days=_not_negative(days, "days")))


def window_extended(end: datetime, days: int) -> datetime:
    """The instant (UTC) at which a window that ended at `end` ends when it is given `days` more days.

    `window_end(end, days)` would be a day too long: the end of a window is already the next day's midnight.
    """
    return end_of_day(last_day(end) + timedelta(days=_not_negative(days, "days")))


def is_business_day(day: date) -> bool:
    """Whether a day is neither Saturday, Sunday nor a US federal holiday, on the day it is observed."""
    return day.weekday() < _SATURDAY and _plain(day) not in days_off(day.year)


def add_business_days(day: date, count: int) -> date:
    """The `count`-th business day after a day; the day itself, business day or not, when `count` is 0."""
    return _walk_business_days(day, _not_negative(count, "business days"), _ONE_DAY)


def business_deadline(start: datetime, count: int) -> datetime:
    """The instant (UTC) at which the `count`-th business day after the date of `start` ends."""
    return end_of_day(add_business_days(program_date(start), count))


def business_days_between(after: date, until: date) -> int:
    """How many business days lie after a day, up to and including another; 0 when that is not later."""
    days = (_plain(until) - _plain(after)).days
    return sum(is_business_day(after + timedelta(days=number)) for number in range(1, days + 1))


def business_days_before(day: date, count: int) -> date:
    """The `count`-th business day before a day; the day itself, business day or not, when `count` is 0."""
    return _walk_business_days(day, _not_negative(count, "business days"), -_ONE_DAY)


def business_day_before(day: date) -> date:
    """The last business day strictly before a day."""
    return business_days_before(day, 1)


def business_day_on_or_before(day: date) -> date:
    """The day itself when it is a business day, otherwise the last business day before it."""
    return _plain(day) if is_business_day(day) else business_day_before(day)


def days_after_or_business_day_before(last: date, days: int) -> date:
    """The date on which something is due `days` calendar days after a period's last day.

    When that is a weekend or a holiday, it is due on the business day before.
    """
    return business_day_on_or_before(_plain(last) + timedelta(days=_not_negative(days, "days")))


@dataclass(frozen=True, order=True, slots=True)
class Year:
    """A calendar year, the period of managed payouts; written "2027"."""

    year: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """The year written "2027"; ValueError otherwise."""
        return cls(_year_in(text, text, "a year is written like 2027"))

    @classmethod
    def of(cls, day: date) -> Self:
        """The year in which a day lies."""
        return cls(day.year)

    @property
    def first_day(self) -> date:
        """January 1."""
        return date(self.year, 1, 1)

    @property
    def last_day(self) -> date:
        """December 31."""
        return date(self.year, 12, 31)

    def next(self) -> Self:
        """The year after."""
        return type(self)(self.year + 1)

    def previous(self) -> Self:
        """The year before."""
        return type(self)(self.year - 1)

    def __str__(self) -> str:
        return f"{self.year:04}"


@dataclass(frozen=True, order=True, slots=True)
class _PartOfYear:
    """What quarters and halves have in common: a year, a number, a letter and a length in months."""

    year: int
    number: int
    _LETTER: ClassVar[str]
    _MONTHS: ClassVar[int]

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 12 // self._MONTHS:
            raise ValueError(f"{self._LETTER}{self.number} does not exist; a year has {self._described()}.")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The period written like "2027-H1" or "2027-Q3"; ValueError otherwise."""
        year, dash, part = text.partition(f"-{cls._LETTER}")
        hint = f"write a year with {cls._described()}, for example 2027-{cls._LETTER}1"
        if not dash or len(part) != 1 or part not in "1234":
            raise ValueError(f"{text!r} is not a {cls.__name__.lower()}: {hint}.")
        return cls(_year_in(year, text, hint), int(part))

    @classmethod
    def of(cls, day: date) -> Self:
        """The period in which a day lies."""
        return cls(day.year, (day.month - 1) // cls._MONTHS + 1)

    @classmethod
    def _described(cls) -> str:
        return f"{cls._LETTER}1 to {cls._LETTER}{12 // cls._MONTHS}"

    @property
    def first_day(self) -> date:
        """The first day of the period's first month."""
        return date(self.year, (self.number - 1) * self._MONTHS + 1, 1)

    @property
    def last_day(self) -> date:
        """The last day of the period's last month."""
        return last_day_of_month(self.year, self.number * self._MONTHS)

    def next(self) -> Self:
        """The period after."""
        return self.of(self.last_day + _ONE_DAY)

    def previous(self) -> Self:
        """The period before."""
        return self.of(self.first_day - _ONE_DAY)

    def __str__(self) -> str:
        return f"{self.year:04}-{self._LETTER}{self.number}"


@dataclass(frozen=True, order=True, slots=True)
class Quarter(_PartOfYear):
    """A calendar quarter, the period of referred payouts; written "2027-Q3"."""

    _LETTER: ClassVar[str] = "Q"
    _MONTHS: ClassVar[int] = 3


@dataclass(frozen=True, order=True, slots=True)
class Half(_PartOfYear):
    """A calendar half-year, the rhythm of adjustments and elite seasons; written "2027-H1".

    When its cut-off, adjustment and season are is the edition's matter: `edition.moves`, `edition.season`.
    """

    _LETTER: ClassVar[str] = "H"
    _MONTHS: ClassVar[int] = 6


def last_day_of_month(year: int, month: int) -> date:
    """The last day of a month, leap years included."""
    return date(year, 12, 31) if month == 12 else date(year, month + 1, 1) - _ONE_DAY


def months_from(first: date, count: int) -> Iterator[date]:
    """The first days of `count` consecutive calendar months, beginning with the month of `first`."""
    for index in range(first.month - 1, first.month - 1 + count):
        yield date(first.year + index // 12, index % 12 + 1, 1)


def months_later(instant: datetime, count: int) -> datetime:
    """The instant (UTC) at which the same day of the month ends, `count` calendar months after that of `instant`.

    A month that is too short for the day gives its last day: a year after February 29 is the end of February 28.
    """
    day = program_date(instant)
    index = day.year * 12 + day.month - 1 + _not_negative(count, "months")
    year, month = index // 12, index % 12 + 1
    return end_of_day(min(last_day_of_month(year, month), date(year, month, 1) + timedelta(days=day.day - 1)))


def months_earlier(instant: datetime, count: int) -> datetime:
    """The first instant (UTC) whose `count` months (`months_later`) have not ended before `instant`.

    The end of a day belongs to that day. Where the earlier month is too short for the day, the next month's first
    counts: seen from February 29, a year began on March 1.
    """
    day = last_day(instant)
    index = day.year * 12 + day.month - 1 - _not_negative(count, "months")
    month = date(index // 12, index % 12 + 1, 1)
    if day.day > last_day_of_month(month.year, month.month).day:
        return end_of_day(last_day_of_month(month.year, month.month))
    return start_of_day(month.replace(day=day.day))


def _walk_business_days(day: date, count: int, step: timedelta) -> date:
    found = _plain(day)
    while count:
        found += step
        if is_business_day(found):
            count -= 1
    return found


def _plain(day: date) -> date:
    if isinstance(day, datetime):
        # A datetime passes for a date everywhere, and would silently be read in its own time zone.
        raise ValueError(f"{day.isoformat()} is an instant where a date is needed; program_date() gives its date.")
    return day


def _not_negative(count: int, unit: str) -> int:
    if count < 0:
        raise ValueError(f"{count} {unit} would count backwards; the number can be 0 or more.")
    return count


def _year_in(text: str, whole: str, hint: str) -> int:
    if len(text) != 4 or not text.isascii() or not text.isdigit() or text == "0000":
        raise ValueError(f"{whole!r} has no year: {hint}.")
    return int(text)
