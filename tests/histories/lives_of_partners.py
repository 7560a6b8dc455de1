"""Lives of partners' standings. Only a merger ends one: a partner that has left may come back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from program.calendar import program_date
from tests.histories.life import Life, Stage
from tests.records.telling import certify, refer, tell
from tests.workflows.partners import entered, standing_begins

Handle = WorkflowHandle[Any, Any]
MANAGER = "manager@vendor.example"


async def a_standing(
    on: Stage, track: str = "advisor", tier: str = "partner", *, continue_after: int | None = None
) -> tuple[str, Handle]:
    """A partner and the process of its standing."""
    name = entered(on.desk, track, tier)
    handle = await standing_begins(on.desk, name, track, tier, continue_after=continue_after)
    await on.desk.until(handle, lambda now: now.data["evaluated_at"] is not None and not now.waiting)
    on.processes.append((handle, ""))
    return name, handle


async def told(on: Stage, handle: Handle, action: str, **said: Any) -> None:
    """What other processes and the portal say."""
    number = (await on.desk.snapshot(handle)).number
    await on.fact(handle, action, by=said.pop("by", "partnerflow"), id=f"{action}-{number}", **said)


async def risen(on: Stage) -> None:
    name, partner = await a_standing(on, continue_after=6)
    at = await on.desk.server_now()
    certify(on.desk.engine, name, at=at)
    refer(on.desk.engine, name, 2_600, paid=at)
    await told(on, partner, "facts_changed", kinds="certification")
    await on.until(partner, tier="silver")
    tell(on.desk.engine, name, "website", at=at, evidence=["badge"])
    await told(on, partner, "facts_changed", kinds="website")
    await on.until(partner, tier="gold")


async def at_risk_and_adjusted(on: Stage) -> None:
    _, partner = await a_standing(on, "master", "gold")
    await on.until(partner, state="at_risk")
    moved = {"track": "advisor", "tier": "partner", "half": "2027-H1", "judged": "master gold", "edition": "2022"}
    await told(on, partner, "adjust", **moved)
    await on.until(partner, state="member", tier="partner")


async def set_by_hand(on: Stage) -> None:
    _, partner = await a_standing(on)
    until = program_date(await on.desk.server_now() + timedelta(days=3)).isoformat()
    gold = {"by": MANAGER, "track": "advisor", "tier": "gold", "until": until, "reason": "agreed"}
    await partner.execute_update("set_tier", gold)
    await on.until(partner, state="by_hand")
    await on.days(5)
    await on.until(partner, state="member", tier="partner")


async def corrected(on: Stage) -> None:
    _, partner = await a_standing(on)
    await partner.signal("correct_fact", f"{MANAGER}: kind=website value=badge seen")
    await partner.execute_update("strike_fact", f"{MANAGER}: fact=academy/1 another company's")
    await partner.execute_update("hold_downtier", f"{MANAGER}: pays late")
    await partner.execute_update("release_downtier", f"{MANAGER}: it has paid")


async def suspended_left_and_back(on: Stage) -> None:
    _, partner = await a_standing(on)
    await partner.execute_update("suspend", f"{MANAGER}: looked into")
    await partner.execute_update("lift_suspension", f"{MANAGER}: settled")
    await told(on, partner, "leave", by="partner")
    await on.until(partner, state="left")
    await partner.execute_update("rejoin", f"{MANAGER}: signed again")
    await on.until(partner, state="member")


async def elite(on: Stage) -> None:
    _, partner = await a_standing(on, "master", "platinum")
    until: datetime = await on.desk.server_now() + timedelta(days=365)
    await told(on, partner, "grant_elite", until=until.isoformat())
    await on.until(partner, tier="elite")
    await on.days(370)
    await on.until(partner, elite_until=None)
    await told(on, partner, "end_elite")
    await on.until(partner, tier="partner")


LIVES = (
    Life(risen),
    Life(at_risk_and_adjusted),
    Life(set_by_hand, needs_time=True),
    Life(corrected),
    Life(suspended_left_and_back),
    Life(elite, needs_time=True),
)
