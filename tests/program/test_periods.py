"""Years, quarters and half-years, and what an edition dates by them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program.calendar import (
    Half,
    Quarter,
    Year,
    days_after_or_business_day_before,
    is_business_day,
    last_day_of_month,
    months_from,
)
from program.edition import LATEST

DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))
PERIODS = [Year, Quarter, Half]


@pytest.mark.parametrize("period", PERIODS)
@given(day=DAYS)
def test_periods_are_read_as_they_are_written_and_follow_each_other(
    period: type[Year | Quarter | Half], day: date
) -> None:
    found = period.of(day)
    assert found.first_day <= day <= found.last_day
    assert period.parse(str(found)) == found
    assert found.next().previous() == found == found.previous().next()
    assert (found.next().first_day - found.last_day).days == 1
    assert found != found.next()


def test_periods_are_written_like_this() -> None:
    assert str(Half(2027, 1)) == "2027-H1"
    assert str(Quarter(2027, 3)) == "2027-Q3"
    assert str(Year(2027)) == "2027"
    assert (Half(2027, 1).first_day, Half(2027, 1).last_day) == (date(2027, 1, 1), date(2027, 6, 30))
    assert (Half(2027, 2).first_day, Half(2027, 2).last_day) == (date(2027, 7, 1), date(2027, 12, 31))
    assert (Quarter(2024, 1).first_day, Quarter(2024, 1).last_day) == (date(2024, 1, 1), date(2024, 3, 31))
    assert len({Half(2027, 1), Quarter(2027, 1)}) == 2
    assert Half(2026, 2) < Half(2027, 1) < Half(2027, 2)


@pytest.mark.parametrize("text", ["", "2027", "2027-H3", "2027-H0", "2027-H", "2027-h1", "27-H1", "2027-Q1", "0000-H1"])
def test_what_is_no_half_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"H1|H2"):
        Half.parse(text)


def test_numbers_that_a_year_does_not_have_are_refused() -> None:
    with pytest.raises(ValueError, match="H3 does not exist; a year has H1 to H2"):
        Half(2027, 3)
    with pytest.raises(ValueError, match="Q5 does not exist; a year has Q1 to Q4"):
        Quarter(2027, 5)
    with pytest.raises(ValueError, match="'next' has no year: a year is written like 2027"):
        Year.parse("next")


def test_months() -> None:
    assert last_day_of_month(2024, 2) == date(2024, 2, 29)
    assert last_day_of_month(2023, 2) == date(2023, 2, 28)
    assert last_day_of_month(2023, 12) == date(2023, 12, 31)
    assert list(months_from(date(2025, 11, 17), 3)) == [
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
    ]


@pytest.mark.parametrize(
    ("period", "due"),
    [
        (Quarter(2026, 1), date(2026, 5, 15)),  # a Friday
        (Quarter(2026, 2), date(2026, 8, 14)),
        (Quarter(2026, 3), date(2026, 11, 13)),  # day 45 is a Saturday
        (Quarter(2026, 4), date(2027, 2, 12)),  # day 45 is a Sunday
        (Year(2026), date(2027, 2, 12)),
        (Year(2020), date(2021, 2, 12)),  # day 45 is a Sunday before a holiday
        (Quarter(2027, 3), date(2027, 11, 12)),
    ],
)
def test_payouts_are_due_45_days_after_their_period(period: Quarter | Year, due: date) -> None:
    assert LATEST.payout_due(period) == due


@given(DAYS)
def test_something_due_is_due_on_a_business_day(day: date) -> None:
    due = days_after_or_business_day_before(day, 45)
    assert is_business_day(due)
    assert 40 <= (due - day).days <= 45


def test_halves_are_adjusted_by_the_edition() -> None:
    first, second = Half(2027, 1), Half(2027, 2)
    assert LATEST.moves.cut_off_date(first) == date(2027, 3, 25)
    assert LATEST.moves.cut_off(first) == datetime(2027, 3, 26, 4, tzinfo=UTC)
    assert LATEST.moves.adjustment_date(first) == date(2027, 4, 1)
    assert LATEST.moves.cut_off_date(second) == date(2027, 9, 15)
    assert LATEST.moves.cut_off(second) == datetime(2027, 9, 16, 4, tzinfo=UTC)
    assert LATEST.moves.adjustment(second) == datetime(2027, 10, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("after", "half"),
    [
        (datetime(2027, 1, 1, 5, tzinfo=UTC), Half(2027, 1)),
        (datetime(2027, 4, 1, 3, 59, tzinfo=UTC), Half(2027, 1)),
        (datetime(2027, 4, 1, 4, 0, tzinfo=UTC), Half(2027, 2)),
        (datetime(2027, 9, 30, tzinfo=UTC), Half(2027, 2)),
        (datetime(2027, 12, 31, tzinfo=UTC), Half(2028, 1)),
    ],
)
def test_the_next_adjustment_is_strictly_later(after: datetime, half: Half) -> None:
    assert LATEST.moves.next_adjustment(after) == half


def test_a_season_in_the_first_half() -> None:
    season = LATEST.season(Half(2027, 1))
    assert season.mrr_review == (datetime(2027, 1, 1, 5, tzinfo=UTC), datetime(2027, 2, 1, 5, tzinfo=UTC))
    assert season.nominations == (datetime(2027, 2, 1, 5, tzinfo=UTC), datetime(2027, 3, 1, 5, tzinfo=UTC))
    assert season.committee == (datetime(2027, 3, 1, 5, tzinfo=UTC), datetime(2027, 4, 1, 4, tzinfo=UTC))
    assert season.cut_off == datetime(2027, 3, 26, 4, tzinfo=UTC)
    assert season.scoring_closes == datetime(2027, 3, 26, 4, tzinfo=UTC)  # the end of March 25
    assert season.extended_scoring_closes == datetime(2027, 3, 30, 4, tzinfo=UTC)  # the end of March 29
    assert season.grant_date == date(2027, 4, 1)
    assert season.grant == datetime(2027, 4, 1, 4, tzinfo=UTC)


def test_a_season_in_the_second_half() -> None:
    season = LATEST.season(Half(2026, 2))
    assert season.mrr_review.starts == datetime(2026, 7, 1, 4, tzinfo=UTC)
    assert season.nominations.starts == season.mrr_review.closes == datetime(2026, 8, 1, 4, tzinfo=UTC)
    assert season.committee.starts == season.nominations.closes == datetime(2026, 9, 1, 4, tzinfo=UTC)
    assert season.committee.closes == season.grant == datetime(2026, 10, 1, 4, tzinfo=UTC)
    assert season.scoring_closes == datetime(2026, 9, 25, 4, tzinfo=UTC)  # the end of September 24
    assert season.extended_scoring_closes == datetime(2026, 9, 29, 4, tzinfo=UTC)


@given(st.integers(2022, 2090), st.sampled_from([1, 2]))
def test_seasons_run_in_order(year: int, number: int) -> None:
    season = LATEST.season(Half(year, number))
    dates = [*season.mrr_review, *season.nominations, *season.committee]
    assert dates == sorted(dates)
    assert season.committee.starts < season.scoring_closes < season.extended_scoring_closes < season.grant
    assert season.committee.closes == season.grant
