"""Processes that the calendar begins: asked every day which of them is due, it begins each of them once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine

from program.edition import edition
from program.season import season_in_course
from records.database import writing
from records.posting import Postings
from states.adjustment import ADJUSTMENT
from states.adjustment_data import Adjustment
from states.season import SEASON
from states.season_data import PREFIX as SEASON_PREFIX
from states.season_data import Season

# A program that was down on the day still does what it missed. One that is set up later than that has no facts of the
# time, and must not judge anybody by their absence.
LATE = timedelta(days=3)

# So that a season is there, with its committee, when its first phase opens.
AHEAD = timedelta(days=3)


def open_due(engine: Engine, *, edition_name: str, now: datetime) -> list[str]:
    """Begin the adjustment whose time has come, unless it has begun; the ids of the processes that are due."""
    rules = edition(edition_name).moves
    coming = rules.next_adjustment(now)
    due = [half for half in (coming.previous(), coming) if _is_open(edition_name, str(half), now)]
    with writing(engine) as connection:
        for half in due:
            process = f"adjustment:{half}"
            data = Adjustment.of(str(half), now, edition_name=edition_name, lifecycle_version=ADJUSTMENT.version)
            postings = Postings(process, now)
            postings.begin(
                f"{process}/begin", process, ADJUSTMENT.name, data.model_dump(mode="json", exclude_none=True)
            )
            postings.write(connection)
    return [f"adjustment:{half}" for half in due]


def open_season(engine: Engine, *, edition_name: str, now: datetime, committee: tuple[str, ...]) -> list[str]:
    """The elite season in course: it begins with its first phase, and late only while it can still list anybody."""
    half = season_in_course(edition(edition_name), now)
    season = Season.of(half, now, edition_name=edition_name, lifecycle_version=SEASON.version, roster=committee)
    if not season.times.review_opens - AHEAD <= now < season.times.nominations_close:
        return []
    process = f"{SEASON_PREFIX}{half}"
    postings = Postings(process, now)
    postings.begin(f"{process}/begin", process, SEASON.name, season.model_dump(mode="json", exclude_none=True))
    with writing(engine) as connection:
        postings.write(connection)
    return [process]


def _is_open(edition_name: str, half: str, now: datetime) -> bool:
    rules = edition(edition_name).moves
    found = Adjustment.of(half, now, edition_name=edition_name, lifecycle_version=ADJUSTMENT.version)
    opens = found.cut_off_at - timedelta(days=rules.opens_days_before_cut_off)
    return opens <= now <= found.adjusts_at + LATE
