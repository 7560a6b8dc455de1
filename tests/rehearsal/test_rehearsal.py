"""A rehearsal from its beginning: same seed, same story; every date on its day."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from program.calendar import Half, start_of_day
from program.edition import LATEST
from records.database import open_database, writing
from records.migrate import migrate
from records.tables import audit
from rehearsal.cast import filled_up
from rehearsal.dates import check_dates
from rehearsal.plans import draw_accounts, draw_leads
from rehearsal.run import Played, Script, play
from rehearsal.summary import Summary, summary_of
from tests.workflows.conftest import SANDBOX

HALF = Half(2027, 1)
HALF_BEGINS = start_of_day(HALF.first_day)


def script(many: int, *, leads: int, seed: int = 1, last: date | None = None) -> Script:
    """A rehearsal with so many drawn partners and accounts, and their leads."""
    partners = filled_up([], many, seed, HALF, LATEST)
    return Script(HALF, LATEST.name, seed, partners, leads=leads, accounts=many, last=last)


async def played(folder: Path, rehearsed: Script) -> tuple[Engine, Played, Summary]:
    """Records, what people did, and the figures of a rehearsal."""
    engine = open_database(f"sqlite:///{folder}/records.db")
    migrate(engine)
    done = await play(engine, rehearsed, runner=SANDBOX)
    return engine, done, summary_of(engine, rehearsed)


async def test_the_first_weeks_twice(tmp_path: Path) -> None:
    short = script(5, leads=60, last=date(2027, 1, 12))
    engine, _, first = await played(tmp_path / "once", short)
    other, _, second = await played(tmp_path / "again", short)
    assert first.dates.wrong == []
    assert first.ends["partner"].total() == 5
    assert first.ends["season"] == Counter(mrr_review=1)
    in_time = [each for each in draw_leads(short.partners, 60, seed=1, half=HALF) if each.on <= short.last_day]
    assert first.ends["lead"].total() == len(in_time) > 0
    assert first.digest == second.digest
    assert (first.ends, first.moves, first.mails) == (second.ends, second.moves, second.mails)

    # A step that is recorded an hour late is found.
    late = (audit.c.trigger == "open_review") & (audit.c.process == "elite:2027-H1")
    with writing(engine) as connection:
        connection.execute(update(audit).where(late).values(at=HALF_BEGINS + timedelta(hours=1)))
    assert check_dates(engine, until=short.ends).wrong == [
        "elite:2027-H1: open_review at 2027-01-01T06:00:00+00:00, and it was due at 2027-01-01T05:00:00+00:00"
    ]
    assert summary_of(engine, short).digest != first.digest
    engine.dispose()
    other.dispose()


@pytest.mark.slow
@pytest.mark.timeout(280)
async def test_a_whole_half_year_twice(tmp_path: Path) -> None:
    whole = script(25, leads=75, seed=4)  # some of these slip, some climb
    engine, done, first = await played(tmp_path / "once", whole)
    other, _, second = await played(tmp_path / "again", whole)
    assert first.dates.wrong == []
    assert first.digest == second.digest
    assert (first.ends, first.moves, first.mails) == (second.ends, second.moves, second.mails)
    clocks = ("lead: expire", "lead: remind window", "account: lapse", "nomination: grant date", "adjustment: run")
    assert [each for each in clocks if not first.dates.checked[each]] == []
    assert first.ends["lead"].total() == 75
    assert first.ends["account"].total() == 25
    assert first.ends["season"]["granted"] == 1
    assert (first.moves["down"] > 0, first.moves["up"] > 0) == (True, True)
    assert done.turned_away == Counter()
    engine.dispose()
    other.dispose()


def test_what_is_drawn_depends_on_seed_and_number_alone() -> None:
    partners = filled_up([], 30, 1, HALF, LATEST)
    leads = draw_leads(partners, 40, seed=1, half=HALF)
    assert leads[:10] == draw_leads(partners, 10, seed=1, half=HALF)
    assert leads[:10] != draw_leads(partners, 10, seed=2, half=HALF)
    assert draw_accounts(partners, 20, seed=1, half=HALF)[:5] == draw_accounts(partners, 5, seed=1, half=HALF)
    assert filled_up(partners[:3], 30, 1, HALF, LATEST) == partners
    assert all(HALF.first_day <= each.on <= HALF.last_day for each in leads)


def test_three_hundred_partners_are_a_program() -> None:
    partners = filled_up([], 300, 1, HALF, LATEST)
    standings = Counter((each.track.value, each.tier.value) for each in partners)
    assert standings[("master", "platinum")] == 42
    assert standings[("master", "elite")] == 12
    assert len({each.id for each in partners}) == 300
    assert replace(script(2, leads=1), last=date(2027, 2, 1)).last_day == date(2027, 2, 1)
