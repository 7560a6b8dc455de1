"""Whether everything happened on its day: the audit of a rehearsal held against the calendar and the edition.

It knows nothing of lifecycles: from what is on record of a process it counts for itself when the clock had to act next.
What people say has no date that could be wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Engine, select

from program.calendar import at_hour, business_deadline, program_date, window_end
from records.database import reading
from records.tables import processes
from rehearsal.lead_dates import lead_dates
from rehearsal.lives import Expected, Life, due, lives
from rehearsal.season_dates import adjustment_dates, nomination_dates, partner_dates, season_dates


@dataclass(slots=True)
class Dates:
    """How many dates were checked, by what happened, and sentences on those that are wrong."""

    checked: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def account_dates(life: Life) -> Iterator[Expected]:
    """A client is reminded on some mornings, and asked for so many days."""
    rules = life.rules.accounts
    asked = ended = life.since
    for step in life.steps:
        match step.trigger:
            case "submit_again":
                asked = step.at
            case "remind_client":
                days = (program_date(asked) + timedelta(days=days) for days in rules.reminder_days)
                yield due(step, *(at_hour(day, rules.reminder_hour) for day in days))
            case "lapse":
                yield due(step, window_end(asked, rules.request_lapses_days))
            case "settle":
                yield due(step, window_end(ended, life.rules.leads.undo_days))
        if step.enters("lapsed", "voided"):
            ended = step.known_at


def benefit_dates(life: Life) -> Iterator[Expected]:
    """What staff carry out has its day in business days, counted from when they could know of it."""
    rules = life.rules.benefits
    asked = life.since
    for step in life.steps:
        match step.trigger:
            case "remind_task":
                yield due(step, business_deadline(asked, rules.task_reminder_business_days))
            case "task_overdue":
                yield due(step, business_deadline(asked, rules.task_due_business_days))
        if step.enters("to_agree", "to_do", "to_take_back"):
            asked = step.known_at


DATED: Mapping[str, Callable[[Life], Iterator[Expected]]] = {
    "lead": lead_dates,
    "account": account_dates,
    "benefit": benefit_dates,
    "season": season_dates,
    "nomination": nomination_dates,
    "adjustment": adjustment_dates,
    "partner": partner_dates,
}


def check_dates(engine: Engine, *, until: datetime) -> Dates:
    """Check every step that the clock took, and that until an instant it has left none out."""
    found = Dates()
    overdue = select(processes.c.process, processes.c.due_at).where(
        processes.c.final.is_(False), processes.c.due_at <= until
    )
    with reading(engine) as connection:
        for life in lives(connection):
            for each in DATED[life.kind](life) if life.kind in DATED else ():
                _check(life, each, found)
        found.wrong += [
            f"{row.process}: what was due at {row.due_at.isoformat()} has not happened"
            for row in connection.execute(overdue)
        ]
    return found


def _check(life: Life, each: Expected, found: Dates) -> None:
    step = each.step
    found.checked[f"{life.kind}: {step.trigger.replace('_', ' ')}"] += 1
    if each.found not in each.due:
        when = " or ".join(at.isoformat() for at in sorted(each.due)) or "never"
        found.wrong.append(f"{life.process}: {step.trigger} at {each.found.isoformat()}, and it was due at {when}")
