"""The season's timetable: both halves, every year, across changes of the clock, and what staff may move."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from program.calendar import Half, end_of_day, is_business_day, last_day, program_date, start_of_day
from program.edition import LATEST
from program.season import due_again, extended, opened_early, reminders, retained_until, season_in_course, timetable

H1, H2 = timetable(LATEST, Half(2027, 1)), timetable(LATEST, Half(2027, 2))
halves = st.builds(Half, st.integers(2022, 2099), st.sampled_from((1, 2)))


def test_the_first_half_of_2027() -> None:
    assert H1.review_opens == start_of_day(date(2027, 1, 1))
    assert H1.review_closes == H1.nominations_open == start_of_day(date(2027, 2, 1))
    assert H1.nominations_close == H1.committee_opens == end_of_day(date(2027, 2, 28))
    assert last_day(H1.cut_off) == date(2027, 3, 25)
    # Thursday, April 1: business days before it are March 31, 30, 29, 26, 25.
    assert last_day(H1.scoring_closes) == date(2027, 3, 25)
    assert last_day(H1.scoring_extended) == date(2027, 3, 29)
    assert (H1.grant_date, H1.grant) == (date(2027, 4, 1), datetime(2027, 4, 1, 4, tzinfo=UTC))


def test_the_second_half_of_2027() -> None:
    assert [program_date(at) for at in (H2.review_opens, H2.nominations_open, H2.committee_opens)] == [
        date(2027, 7, 1), date(2027, 8, 1), date(2027, 9, 1),
    ]  # fmt: skip
    assert last_day(H2.cut_off) == date(2027, 9, 15)
    assert last_day(H2.scoring_closes) == date(2027, 9, 24)
    assert H2.grant_date == date(2027, 10, 1)


def test_february_of_a_leap_year_closes_on_its_last_day() -> None:
    leap = timetable(LATEST, Half(2028, 1))
    assert last_day(leap.nominations_close) == date(2028, 2, 29)
    assert [program_date(at) for at in reminders(LATEST, leap)] == [date(2028, 2, 19), date(2028, 2, 26)]


@given(halves)
def test_every_season_is_in_order_and_at_midnight_in_the_program(half: Half) -> None:
    times = timetable(LATEST, half)
    assert times.review_opens < times.nominations_open == times.review_closes
    assert times.nominations_open < times.committee_opens == times.nominations_close
    assert times.committee_opens < times.scoring_closes < times.scoring_extended < times.grant
    assert all(at == end_of_day(last_day(at)) for _, at in times), "across changes of the clock as well"
    assert is_business_day(last_day(times.scoring_closes))
    left = [last_day(times.scoring_closes) + timedelta(days=day) for day in range(1, 40)]
    between = [day for day in left if day < times.grant_date and is_business_day(day)]
    assert len(between) == 4, "the fifth business day before the grant date is the last one of scoring"


@given(halves, st.integers(0, 4), st.sampled_from(("mrr_review", "nominations", "committee")))
def test_an_extension_never_passes_the_grant_date_and_never_breaks_the_order(half: Half, days: int, phase: str) -> None:
    times = timetable(LATEST, half)
    with pytest.raises(ValueError, match="days at most"):
        extended(times, phase, days + 40, times.review_opens)  # type: ignore[arg-type]
    later = extended(times, phase, days, times.review_opens)  # type: ignore[arg-type]
    assert later.nominations_open <= later.nominations_close <= later.scoring_closes <= later.grant
    assert later.scoring_closes <= later.scoring_extended <= later.grant == times.grant
    assert later.cut_off == times.cut_off


def test_what_began_because_a_phase_was_over_begins_later() -> None:
    later = extended(H1, "mrr_review", 5, H1.review_opens)
    assert last_day(later.review_closes) == date(2027, 2, 5)
    assert later.nominations_open == later.review_closes
    assert later.nominations_close == H1.nominations_close
    later = extended(H1, "nominations", 3, H1.nominations_open)
    assert later.committee_opens == later.nominations_close == end_of_day(date(2027, 3, 3))
    later = extended(H1, "committee", 5, H1.committee_opens)
    assert last_day(later.scoring_closes) == last_day(later.scoring_extended) == date(2027, 3, 30)


def test_a_closed_phase_and_too_many_days_are_refused_in_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"^The MRR review closed at the end of 2027-01-31\.$"):
        extended(H1, "mrr_review", 1, H1.nominations_open)
    with pytest.raises(ValueError, match="after the grant date has begun; it can be extended by 6 days at most"):
        extended(H1, "committee", 7, H1.committee_opens)
    assert extended(H1, "committee", 6, H1.committee_opens).scoring_closes == H1.grant


def test_opening_early_takes_no_day_away() -> None:
    now = datetime(2027, 1, 20, 15, tzinfo=UTC)
    early = opened_early(H1, "nominations", now)
    assert (early.nominations_open, early.review_closes) == (now, H1.review_closes)
    with pytest.raises(ValueError, match="opened on 2027-01-20"):
        opened_early(early, "nominations", now + timedelta(days=1))
    with pytest.raises(ValueError, match="open these first"):
        opened_early(H1, "committee", now)
    committee = opened_early(early, "committee", now + timedelta(days=9))
    assert committee.nominations_close == H1.nominations_close
    later = extended(committee, "nominations", 2, now + timedelta(days=10))
    assert later.committee_opens == committee.committee_opens


def test_reminders_are_in_the_morning_before_nominations_close() -> None:
    assert reminders(LATEST, H1) == (datetime(2027, 2, 18, 14, tzinfo=UTC), datetime(2027, 2, 25, 14, tzinfo=UTC))
    assert reminders(LATEST, H2) == (datetime(2027, 8, 21, 13, tzinfo=UTC), datetime(2027, 8, 28, 13, tzinfo=UTC))


def test_elite_is_kept_for_a_year_and_evaluated_again_on_the_anniversary() -> None:
    until = retained_until(LATEST, date(2027, 4, 1))
    assert until == date(2028, 4, 1)
    assert not due_again(until, date(2027, 10, 1)), "the season in between leaves it alone"
    assert due_again(until, date(2028, 4, 1))
    assert due_again(until, date(2028, 10, 1)), "still undecided"
    assert due_again(None, date(2027, 10, 1))


def test_elite_since_a_leap_day_is_kept_for_a_full_year() -> None:
    assert retained_until(LATEST, date(2028, 2, 29)) == date(2029, 3, 1)


@pytest.mark.parametrize(
    ("at", "season"),
    [("2026-12-31", "2027-H1"), ("2027-03-31", "2027-H1"), ("2027-04-01", "2027-H2"), ("2027-10-01", "2028-H1")],
)
def test_which_season_is_in_course(at: str, season: str) -> None:
    assert str(season_in_course(LATEST, start_of_day(date.fromisoformat(at)))) == season
