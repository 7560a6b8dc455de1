"""The timetable of an elite season: when its phases open and close, and how staff may move that.

Source: 2022 guide, elite process page. A timetable begins as the edition's calendar has it. Staff
may extend a phase, never past the grant date, or open the next one early, which takes no day away from the one
before: nominations go on until they close, also when the committee has begun.
"""

from __future__ import annotations

from calendar import isleap
from datetime import date, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from program.calendar import Half, at_hour, last_day, program_date, window_extended
from program.edition import Edition
from program.rules.elite import PhaseName

PHASE_WORDS: dict[PhaseName, str] = {
    "mrr_review": "MRR review",
    "nominations": "nominations",
    "committee": "committee review",
}


class Timetable(BaseModel):
    """The instants (UTC) of one season. What closes at an instant is open just before it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    review_opens: datetime
    review_closes: datetime
    nominations_open: datetime
    nominations_close: datetime
    committee_opens: datetime
    scoring_closes: datetime
    scoring_extended: datetime
    cut_off: datetime
    grant: datetime

    @property
    def grant_date(self) -> date:
        """The day on which elite is granted."""
        return program_date(self.grant)


def timetable(edition: Edition, half: Half) -> Timetable:
    """The season of a half-year as the edition's calendar has it."""
    season = edition.season(half)
    return Timetable(
        review_opens=season.mrr_review.starts,
        review_closes=season.mrr_review.closes,
        nominations_open=season.nominations.starts,
        nominations_close=season.nominations.closes,
        committee_opens=season.committee.starts,
        scoring_closes=season.scoring_closes,
        scoring_extended=season.extended_scoring_closes,
        cut_off=season.cut_off,
        grant=season.grant,
    )


def extended(times: Timetable, phase: PhaseName, days: int, at: datetime) -> Timetable:
    """The timetable with a phase that closes so many days later, and what comes after it; ValueError with a sentence.

    What began only because the phase was over begins as much later. Nothing ever moves past the grant date.
    """
    closes, limit, named = _close_of(times, phase)
    if closes <= at:
        raise ValueError(f"The {PHASE_WORDS[phase]} closed at the end of {last_day(closes)}.")
    later = window_extended(closes, days)
    if later > limit:
        most = (last_day(limit) - last_day(closes)).days
        raise ValueError(
            f"The {PHASE_WORDS[phase]} would close at the end of {last_day(later)}, after {named}; "
            f"it can be extended by {most} days at most."
        )
    changes: dict[str, datetime] = {_CLOSES[phase]: later}
    follows = _FOLLOWS.get(phase)
    if follows and getattr(times, follows) == closes:
        changes[follows] = later
    if phase == "committee":
        changes["scoring_extended"] = max(times.scoring_extended, later)
    return times.model_copy(update=changes)


def opened_early(times: Timetable, phase: Literal["nominations", "committee"], at: datetime) -> Timetable:
    """The timetable with a phase that opens now; ValueError with a sentence when it is open or can't be yet."""
    name = _OPENS[phase]
    if getattr(times, name) <= at:
        raise ValueError(f"The {PHASE_WORDS[phase]} opened on {program_date(getattr(times, name))}.")
    if phase == "committee" and times.nominations_open > at:
        raise ValueError("The committee can't begin before nominations have opened; open these first.")
    return times.model_copy(update={name: at})


def reminders(edition: Edition, times: Timetable) -> tuple[datetime, ...]:
    """When partner managers are reminded that nominations close: some days before, in the morning."""
    rules, closes = edition.elite, last_day(times.nominations_close)
    days = [closes - timedelta(days=before) for before in rules.nomination_reminder_days]
    return tuple(
        at for at in (at_hour(day, rules.nomination_reminder_hour) for day in days) if at > times.nominations_open
    )


def retained_until(edition: Edition, granted: date) -> date:
    """The anniversary until which elite is kept that was granted, or confirmed, on a day; March 1 for February 29."""
    year = granted.year + edition.elite.retention_years
    if (granted.month, granted.day) == (2, 29) and not isleap(year):
        return date(year, 3, 1)
    return granted.replace(year=year)


def due_again(until: date | None, grant_date: date) -> bool:
    """Whether a season evaluates an elite partner again: its retention ends on the grant date, or has ended undecided.

    `until` is the day on which retention ends, None for one that lasts until decided.
    """
    return until is None or until <= grant_date


def season_in_course(edition: Edition, at: datetime) -> Half:
    """The half-year whose season is in course at an instant, or the one that comes next."""
    half = Half.of(program_date(at)).previous()
    while edition.season(half).grant <= at:
        half = half.next()
    return half


_CLOSES: dict[PhaseName, str] = {
    "mrr_review": "review_closes",
    "nominations": "nominations_close",
    "committee": "scoring_closes",
}
_OPENS: dict[PhaseName, str] = {"nominations": "nominations_open", "committee": "committee_opens"}
_FOLLOWS: dict[PhaseName, str] = {"mrr_review": "nominations_open", "nominations": "committee_opens"}


def _close_of(times: Timetable, phase: PhaseName) -> tuple[datetime, datetime, str]:
    """When a phase closes, until when it can be extended, and what is then."""
    match phase:
        case "mrr_review":
            return times.review_closes, times.nominations_close, "nominations close"
        case "nominations":
            return times.nominations_close, times.scoring_closes, "scoring closes"
        case _:
            return times.scoring_closes, times.grant, "the grant date has begun"
