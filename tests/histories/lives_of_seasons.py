"""Lives of elite seasons with their nominations: a whole one, one called off, one confirmed late, and open ones."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from program.calendar import Half
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
    await elbe.execute_update("score", {"by": MEMBERS[0], "sheet": GOOD, "reason": "once more"})
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


LIVES = tuple(
    Life(life, needs_time=True, starts=START) for life in (whole, confirmed_late, called_off, open_without_quorum)
)
