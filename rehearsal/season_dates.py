"""When the half-year's own dates were: the season, its nominations, the adjustment, and what they did to partners."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from program.calendar import at_hour, end_of_day, last_day, program_date, start_of_day, window_end
from program.edition import Edition
from program.season import Timetable, timetable
from rehearsal.lives import Expected, Life, due

# Which instant of the timetable a step of the clock is due at.
_BY_TIMETABLE = {
    "open_review": "review_opens",
    "open_nominations": "nominations_open",
    "close_nominations": "nominations_close",
    "open_committee": "committee_opens",
    "open_scoring": "committee_opens",
    "close_scoring": "scoring_closes",
    "end_extension": "scoring_extended",
    "reach_cut_off": "cut_off",
    "grant_date": "grant",
}


def season_dates(life: Life) -> Iterator[Expected]:
    """The season's phases and its grant date, and a look through all partners every so many days."""
    times = timetable(life.rules, life.half)
    yield from _by_timetable(life, times)
    for step in life.steps:
        if step.trigger == "look_through":
            # A look is due with the start of a day of the season's first three phases.
            day = program_date(step.at)
            inside = times.review_opens < step.at <= times.scoring_closes
            yield due(step, *([start_of_day(day)] if inside else []))


def nomination_dates(life: Life) -> Iterator[Expected]:
    """The same calendar, and the managers' reminders before nominations close."""
    times = timetable(life.rules, life.half)
    yield from _by_timetable(life, times)
    closes, elite = last_day(times.nominations_close), life.rules.elite
    days = [closes - timedelta(days=before) for before in elite.nomination_reminder_days]
    taken_out = life.since
    for step in life.steps:
        match step.trigger:
            case "remind_manager":
                yield due(step, *(at_hour(day, elite.nomination_reminder_hour) for day in days))
            case "look_once_more":
                yield due(step, start_of_day(times.grant_date - timedelta(days=1)))
            case "settle" if step.source == "declined":
                # So long the chair can admit a late nomination.
                yield due(step, times.scoring_closes)
            case "settle":
                yield due(step, window_end(taken_out, life.rules.leads.undo_days))
        if step.enters("taken_out"):
            taken_out = step.known_at


def adjustment_dates(life: Life) -> Iterator[Expected]:
    """Warnings before the cut-off, its facts at its end, and the run on the adjustment's day."""
    moves, half = life.rules.moves, life.half
    cut_off = moves.cut_off_date(half)
    for step in life.steps:
        match step.trigger:
            case "warn":
                yield due(step, *(end_of_day(cut_off - timedelta(days=days)) for days in moves.warning_days))
            case "freeze":
                yield due(step, end_of_day(cut_off))
            case "run":
                yield due(step, start_of_day(moves.adjustment_date(half)))


def partner_dates(life: Life) -> Iterator[Expected]:
    """Down on adjustment days alone, elite on grant dates alone; a retention ends with its last day."""
    for step in life.steps:
        if step.trigger in ("adjust", "grant_elite", "end_elite"):
            # Told within seconds or, after an outage, days: what it says of itself is from when it counts.
            since = step.since or step.at
            yield Expected(step, since, frozenset(_adjustment_days(life.rules, since)))
        elif step.trigger == "retention_ends":
            yield due(step, start_of_day(program_date(step.at)))


def _by_timetable(life: Life, times: Timetable) -> Iterator[Expected]:
    for step in life.steps:
        if step.trigger in _BY_TIMETABLE:
            yield due(step, getattr(times, _BY_TIMETABLE[step.trigger]))


def _adjustment_days(rules: Edition, at: datetime) -> list[datetime]:
    year = program_date(at).year
    return [start_of_day(row.adjustment.in_year(year)) for row in rules.moves.halves]
