"""Days, windows and business days in the program's time zone."""

from datetime import UTC, date, datetime, timedelta, timezone
from importlib import resources
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program import calendar
from program.calendar import ZONE

DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))
INSTANTS = st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, ZONE, ZoneInfo("Asia/Kolkata")]),
)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


def test_the_program_date_is_the_one_in_new_york() -> None:
    assert calendar.program_date(utc(2026, 1, 1, 4, 59)) == date(2025, 12, 31)
    assert calendar.program_date(utc(2026, 1, 1, 5, 0)) == date(2026, 1, 1)
    assert calendar.program_date(datetime(2026, 7, 1, 6, 0, tzinfo=timezone(timedelta(hours=9)))) == date(2026, 6, 30)


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (date(2026, 1, 15), utc(2026, 1, 15, 5), utc(2026, 1, 16, 5)),
        (date(2026, 7, 15), utc(2026, 7, 15, 4), utc(2026, 7, 16, 4)),
        (date(2026, 3, 8), utc(2026, 3, 8, 5), utc(2026, 3, 9, 4)),  # 23 hours: clocks go forward
        (date(2026, 11, 1), utc(2026, 11, 1, 4), utc(2026, 11, 2, 5)),  # 25 hours: clocks go back
        (date(2024, 2, 29), utc(2024, 2, 29, 5), utc(2024, 3, 1, 5)),
        (date(2025, 12, 31), utc(2025, 12, 31, 5), utc(2026, 1, 1, 5)),
    ],
)
def test_a_day_lasts_from_midnight_to_midnight(day: date, start: datetime, end: datetime) -> None:
    assert calendar.start_of_day(day) == start
    assert calendar.end_of_day(day) == end
    assert calendar.start_of_day(day).tzinfo is UTC
    assert calendar.end_of_day(day).tzinfo is UTC


@pytest.mark.parametrize(
    ("registered", "days", "end"),
    [
        (utc(2026, 1, 5, 15), 90, utc(2026, 4, 6, 4)),  # into daylight-saving time
        (utc(2026, 9, 1, 15), 90, utc(2026, 12, 1, 5)),  # out of it
        (utc(2024, 1, 31, 15), 30, utc(2024, 3, 2, 5)),  # over a leap day
        (utc(2023, 1, 31, 15), 30, utc(2023, 3, 3, 5)),
        (utc(2024, 2, 29, 15), 365, utc(2025, 3, 1, 5)),
        (utc(2026, 1, 6, 4, 59), 1, utc(2026, 1, 7, 5)),  # still January 5 in New York
        (utc(2026, 1, 5, 5, 0), 0, utc(2026, 1, 6, 5)),  # the first date is day 0
    ],
)
def test_a_window_ends_with_its_last_day(registered: datetime, days: int, end: datetime) -> None:
    assert calendar.window_end(registered, days) == end


@given(INSTANTS, st.integers(0, 400))
def test_every_window_ends_at_a_local_midnight_after_its_days(start: datetime, days: int) -> None:
    end = calendar.window_end(start, days)
    local = end.astimezone(ZONE)
    assert end.tzinfo is UTC
    assert (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
    assert calendar.last_day(end) - calendar.program_date(start) == timedelta(days=days)
    assert timedelta(days=days) - timedelta(hours=1) < end - start <= timedelta(days=days + 1, hours=1)


@given(INSTANTS, st.integers(0, 200), st.integers(0, 200))
def test_extending_a_window_adds_exactly_its_days(start: datetime, first: int, more: int) -> None:
    extended = calendar.window_extended(calendar.window_end(start, first), more)
    assert extended == calendar.window_end(start, first + more)


@given(DAYS)
def test_the_last_day_is_the_inverse_of_the_end(day: date) -> None:
    assert calendar.last_day(calendar.end_of_day(day)) == day
    assert calendar.program_date(calendar.start_of_day(day)) == day


@pytest.mark.parametrize(
    ("day", "hour", "instant"),
    [
        (date(2026, 1, 5), 9, utc(2026, 1, 5, 14)),
        (date(2026, 7, 5), 9, utc(2026, 7, 5, 13)),
        (date(2026, 3, 8), 2, utc(2026, 3, 8, 7)),  # does not exist: three o'clock strikes instead
        (date(2026, 3, 8), 3, utc(2026, 3, 8, 7)),
        (date(2026, 11, 1), 1, utc(2026, 11, 1, 5)),  # strikes twice: the first time
        (date(2026, 11, 1), 23, utc(2026, 11, 2, 4)),
    ],
)
def test_hours_strike_by_the_local_clock(day: date, hour: int, instant: datetime) -> None:
    assert calendar.at_hour(day, hour) == instant


FEDERAL_HOLIDAYS = {
    2021: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
    2022: "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26",
    2023: "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25",
    2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
    2027: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
}


@pytest.mark.parametrize("year", FEDERAL_HOLIDAYS)
def test_weekdays_off_are_the_federal_holidays_as_observed(year: int) -> None:
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(calendar.Year(year).last_day.timetuple().tm_yday))
    off = [day for day in days if day.weekday() < 5 and not calendar.is_business_day(day)]
    assert " ".join(f"{day:%m-%d}" for day in off) == FEDERAL_HOLIDAYS[year]


def test_business_days_are_known_to_the_ends_of_the_calendar() -> None:
    assert calendar.is_business_day(date(1, 1, 2)) is True
    assert calendar.is_business_day(date(9999, 12, 30)) is True


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 11, 20), 1, date(2026, 11, 23)),  # Friday to Monday
        (date(2026, 11, 21), 1, date(2026, 11, 23)),  # from a Saturday
        (date(2026, 11, 25), 1, date(2026, 11, 27)),  # over Thanksgiving
        (date(2021, 12, 30), 1, date(2022, 1, 3)),  # New Year observed in the old year
        (date(2022, 12, 30), 1, date(2023, 1, 3)),  # New Year observed in the new year
        (date(2026, 7, 2), 1, date(2026, 7, 6)),  # Independence Day observed on a Friday
        (date(2025, 12, 24), 5, date(2026, 1, 2)),
        (date(2026, 11, 21), 0, date(2026, 11, 21)),
    ],
)
def test_business_days_pass_over_weekends_and_holidays(day: date, count: int, expected: date) -> None:
    assert calendar.add_business_days(day, count) == expected


def test_a_business_deadline_is_the_end_of_its_day() -> None:
    assert calendar.business_deadline(utc(2026, 11, 25, 15), 2) == utc(2026, 12, 1, 5)
    assert calendar.business_deadline(utc(2026, 3, 6, 15), 1) == utc(2026, 3, 10, 4)


def test_business_days_before() -> None:
    assert calendar.business_day_before(date(2026, 11, 27)) == date(2026, 11, 25)
    assert calendar.business_days_before(date(2027, 4, 1), 5) == date(2027, 3, 25)
    assert calendar.business_days_before(date(2026, 1, 5), 2) == date(2025, 12, 31)
    assert calendar.business_day_on_or_before(date(2026, 11, 26)) == date(2026, 11, 25)
    assert calendar.business_day_on_or_before(date(2026, 11, 25)) == date(2026, 11, 25)


@given(DAYS, st.integers(1, 40))
def test_business_days_forwards_and_back(day: date, count: int) -> None:
    later = calendar.add_business_days(day, count)
    between = [day + timedelta(days=n) for n in range(1, (later - day).days + 1)]
    assert calendar.is_business_day(later)
    assert sum(map(calendar.is_business_day, between)) == count
    if calendar.is_business_day(day):
        assert calendar.business_days_before(later, count) == day


@pytest.mark.parametrize(
    "use",
    [calendar.program_date, calendar.in_utc, calendar.last_day, lambda naive: calendar.window_end(naive, 1)],
)
def test_an_instant_without_a_time_zone_is_refused(use: object) -> None:
    with pytest.raises(ValueError, match=r"2026-01-05T09:00:00 names no time zone; an instant needs one"):
        use(datetime(2026, 1, 5, 9))  # type: ignore[operator] # noqa: DTZ001


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: calendar.window_end(utc(2026, 1, 1), -1), "-1 days would count backwards"),
        (lambda: calendar.window_extended(utc(2026, 1, 1), -1), "-1 days would count backwards"),
        (lambda: calendar.add_business_days(date(2026, 1, 1), -2), "-2 business days would count backwards"),
        (
            lambda: calendar.business_days_before(date(2026, 1, 1), -2),
            "-2 business days would count backwards",
        ),
        (lambda: calendar.at_hour(date(2026, 1, 1), 24), "24 is no hour of the day"),
        (lambda: calendar.end_of_day(utc(2026, 1, 1)), "is an instant where a date is needed"),
        (lambda: calendar.is_business_day(utc(2026, 1, 1)), "is an instant where a date is needed"),
    ],
)
def test_what_cannot_be_counted_is_refused_in_a_sentence(call: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        call()  # type: ignore[operator]


def test_the_machine_and_the_installed_time_zone_data_agree() -> None:
    with (resources.files("tzdata") / "zoneinfo/America/New_York").open("rb") as compiled:
        installed = ZoneInfo.from_file(compiled)
    for day in (date(2020, 1, 1) + timedelta(days=n) for n in range(365 * 25)):
        midnight = calendar.start_of_day(day)
        assert midnight.astimezone(installed).utcoffset() == midnight.astimezone(ZONE).utcoffset(), day


@pytest.mark.parametrize(
    ("instant", "count", "ends"),
    [
        (utc(2026, 11, 22, 15), 12, date(2027, 11, 22)),
        (utc(2028, 2, 29, 15), 12, date(2029, 2, 28)),  # no such day: the month's last one
        (utc(2027, 3, 1, 4), 12, date(2028, 2, 28)),  # still February 28 in New York
        (utc(2026, 12, 31, 15), 2, date(2027, 2, 28)),
        (utc(2026, 5, 5, 15), 0, date(2026, 5, 5)),
    ],
)
def test_months_later_ends_on_the_same_day_of_the_month(instant: datetime, count: int, ends: date) -> None:
    assert calendar.months_later(instant, count) == calendar.end_of_day(ends)


@given(now=INSTANTS, then=INSTANTS, count=st.integers(0, 24))
def test_months_back_are_months_later_read_backwards(now: datetime, then: datetime, count: int) -> None:
    since = calendar.months_earlier(now, count)
    for moment in (then, since, since - timedelta(microseconds=1)):
        assert (moment >= since) == (calendar.months_later(moment, count) >= now)


def test_a_year_before_a_leap_day_begins_on_the_first_of_march() -> None:
    leap_day, cut_off = calendar.end_of_day(date(2028, 2, 29)), calendar.end_of_day(date(2027, 3, 25))
    assert calendar.months_earlier(leap_day, 12) == calendar.start_of_day(date(2027, 3, 1))
    assert calendar.months_earlier(cut_off, 12) == calendar.start_of_day(date(2026, 3, 25))


@pytest.mark.parametrize(
    ("after", "until", "count"),
    [
        (date(2027, 1, 5), date(2027, 1, 5), 0),
        (date(2027, 1, 5), date(2027, 1, 4), 0),
        (date(2027, 1, 5), date(2027, 1, 6), 1),
        (date(2027, 1, 8), date(2027, 1, 10), 0),  # a weekend
        (date(2027, 1, 14), date(2027, 1, 19), 2),  # Martin Luther King Day
    ],
)
def test_business_days_between(after: date, until: date, count: int) -> None:
    assert calendar.business_days_between(after, until) == count


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 30))
def test_business_days_between_is_the_inverse_of_adding_them(day: date, count: int) -> None:
    assert calendar.business_days_between(day, calendar.add_business_days(day, count)) == count
