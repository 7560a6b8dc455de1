"""Lives of elite seasons with their nominations: a whole one, one called off, one confirmed late, and open ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from program.calendar import Half
from program.edition import LATEST, Tier
from program.season import timetable
from tests.histories.life import Life, Stage
from tests.workflows.elite import (
    CHAIR,
    GOOD,
    MANAGER,
    MEMBERS,
    POOR,
    START,
    a_partner,
    score_all,
    season_begins,
    stand,
    worthy,
)  # fmt: skip

Handle = WorkflowHandle[Any, Any]
NAMES = ("elbe", "saale", "spree")


# Before July, and before the January of a leap year; the first half of every year crosses a change of the clock.
SUMMER, LEAP = datetime(2027, 6, 28, 15, tzinfo=UTC), datetime(2027, 12, 28, 15, tzinfo=UTC)


async def until(on: Stage, day: str) -> None:
    """Let time pass until the morning of a day."""
    left = datetime.fromisoformat(f"{day}T15:00:00+00:00") - await on.desk.server_now()
    await on.days(left / timedelta(days=1))


async def a_season(on: Stage, *, continue_after: int | None = None) -> Handle:
    """A season with three partners on its list; it has come to its nominations."""
    for name in NAMES:
        a_partner(on.desk.engine, name, START)
        worthy(on.desk.engine, name, START, case_study=name != "saale")
    season = await season_begins(on.desk, Half(2027, 1), continue_after=continue_after)
    on.processes.append((season, ""))
    await until(on, "2027-02-02")
    await stand(on.desk, **dict.fromkeys(NAMES, "to_nominate"))
    for name in NAMES:
        on.processes.append((on.desk.client.get_workflow_handle(f"nomination:2027-H1:{name}"), name))
    return season


async def scored(on: Stage) -> None:
    """Two are nominated and scored, one is declined by silence; scoring has closed."""
    _, elbe, saale, _ = (handle for handle, _ in on.processes)
    for nomination in (elbe, saale):
        await nomination.execute_update("nominate", f"{MANAGER}: grows by half")
    await until(on, "2027-03-02")
    await stand(on.desk, elbe="scoring", saale="scoring", spree="declined")
    await score_all(on.desk, elbe, GOOD)
    await score_all(on.desk, saale, POOR)
    await elbe.execute_update("score", {"by": MEMBERS[0], "sheet": GOOD})
    await until(on, "2027-03-30")
    await stand(on.desk, elbe="scored", saale="scored", spree="closed")


async def whole(on: Stage) -> None:
    season = await a_season(on)
    await season.execute_update("extend", f"{CHAIR}: phase=nominations days=1 ill")
    await season.execute_update("add_member", f"{CHAIR}: member=fourth@vendor.example a seat")
    await stand(on.desk, **dict.fromkeys(NAMES, "to_nominate"))
    await scored(on)
    await season.execute_update("choose", f"{CHAIR}: partner=saale selected=yes its case study is in print")
    await season.execute_update("confirm", f"{CHAIR}: as discussed")
    await stand(on.desk, elbe="selected", saale="selected", spree="closed")
    await until(on, "2027-04-01")
    await stand(on.desk, elbe="granted", saale="granted", spree="closed")
    await season.result()


async def confirmed_late(on: Stage) -> None:
    season = await a_season(on, continue_after=20)
    await scored(on)
    await until(on, "2027-04-03")
    await stand(on.desk, "season", **{"2027-H1": "unconfirmed"})
    await season.execute_update("confirm", f"{CHAIR}: as discussed")
    await stand(on.desk, elbe="granted", saale="not_granted", spree="closed")
    await season.result()


async def called_off(on: Stage) -> None:
    season = await a_season(on)
    await season.execute_update("call_off", f"{CHAIR}: no committee can be formed")
    await stand(on.desk, **dict.fromkeys(NAMES, "called_off"))
    await season.result()


async def open_without_quorum(on: Stage) -> None:
    await a_season(on)
    _, elbe, saale, _ = (handle for handle, _ in on.processes)
    await elbe.execute_update("nominate", f"{MANAGER}: grows by half")
    await saale.execute_update("decline", f"{MANAGER}: its founders leave")
    await until(on, "2027-03-10")
    await stand(on.desk, elbe="scoring", saale="declined", spree="declined")
    await score_all(on.desk, elbe, GOOD, members=MEMBERS[:1])
    await elbe.execute_update("recuse", f"{MEMBERS[1]}: a relative works there")
    await elbe.execute_update("readmit", f"{CHAIR}: member={MEMBERS[1]} a misunderstanding")
    await elbe.signal("take_out", f"{CHAIR}: by mistake")
    await stand(on.desk, elbe="taken_out", saale="declined", spree="declined")
    await elbe.execute_update("reinstate", f"{CHAIR}: taken out by mistake")
    await until(on, "2027-03-28")
    await stand(on.desk, elbe="extended", saale="closed", spree="closed")


async def another_half(on: Stage, half: Half, starts: datetime) -> None:
    """A season with a new partner and one whose year of elite ends on the grant date; both are selected."""
    times, names = timetable(LATEST, half), ("elbe", "weser")
    a_partner(on.desk.engine, "elbe", starts)
    granted = timetable(LATEST, Half(half.year - 1, half.number)).grant
    a_partner(on.desk.engine, "weser", starts - timedelta(days=400), tier=Tier.ELITE, since=granted)
    for name in names:
        worthy(on.desk.engine, name, starts)
    season = await season_begins(on.desk, half)
    on.processes.append((season, ""))
    await until(on, _day_after(times.nominations_open))
    await stand(on.desk, **dict.fromkeys(names, "to_nominate"))
    handles = [on.desk.client.get_workflow_handle(f"nomination:{half}:{name}") for name in names]
    on.processes += list(zip(handles, names, strict=True))
    await handles[0].execute_update("nominate", f"{MANAGER}: grows by half")
    await until(on, _day_after(times.committee_opens))
    await stand(on.desk, **dict.fromkeys(names, "scoring"))
    for handle in handles:
        await score_all(on.desk, handle, GOOD)
    await until(on, _day_after(times.scoring_closes))
    await stand(on.desk, **dict.fromkeys(names, "scored"))
    await season.execute_update("confirm", f"{CHAIR}: as discussed")
    await until(on, _day_after(times.grant))
    await stand(on.desk, **dict.fromkeys(names, "granted"))
    await season.result()


def _day_after(instant: datetime) -> str:
    return (instant + timedelta(days=1)).date().isoformat()


async def second_half(on: Stage) -> None:
    await another_half(on, Half(2027, 2), SUMMER)


async def leap_year(on: Stage) -> None:
    await another_half(on, Half(2028, 1), LEAP)


LIVES = (
    *(Life(life, needs_time=True, starts=START) for life in (whole, confirmed_late, called_off, open_without_quorum)),
    Life(second_half, needs_time=True, starts=SUMMER),
    Life(leap_year, needs_time=True, starts=LEAP),
)
