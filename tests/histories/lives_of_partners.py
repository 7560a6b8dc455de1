"""Lives of partners' standings. Only a merger ends one: a partner that has left may come back."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from program.calendar import program_date
from records.database import reading
from records.mergers import SIDES, merger_of, say
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


async def merger_called_off(on: Stage) -> None:
    _, partner = await a_standing(on)
    other, _ = await a_standing_aside(on)
    await partner.execute_update("propose_merger", f"{MANAGER}: into=nobody a slip")
    await on.until(partner, merger_over="There is no partner nobody.")
    await partner.execute_update("propose_merger", f"{MANAGER}: into={other} bought")
    await partner.execute_update("resend_merger", f"{MANAGER}: lost")
    await partner.execute_update("withdraw_merger", f"{MANAGER}: not bought")
    await on.until(partner, merger_into="")
    await partner.execute_update("propose_merger", f"{MANAGER}: into={other} bought after all")
    await on.days(32)
    await on.until(partner, merger_into="")


async def merged(on: Stage) -> None:
    """Into another partner, whose process is kept as well, and so are those of a lead and an account that go on."""
    name, partner = await a_standing(on, "advisor", "silver")
    other, survivor = await a_standing_aside(on)
    lead = await on.lead("lead", partner=name)
    account = await on.account("account", partner=name)
    await partner.execute_update("propose_merger", f"{MANAGER}: into={other} bought")
    await on.until(partner, merger_into=other)
    at = await on.desk.server_now()
    with reading(on.desk.engine) as connection:
        proposed = merger_of(connection, partner.id, 1)
    assert proposed is not None
    for side in SIDES:
        await asyncio.to_thread(say, on.desk.engine, proposed, side, "confirm", at=at, now=at)
    await partner.result()
    await on.until(survivor, tier="silver")
    for process in (lead, account):
        await on.until(process, partner_id=other)


async def a_standing_aside(on: Stage) -> tuple[str, Handle]:
    """Another partner, beside the one that the life is about."""
    name, handle = await a_standing(on)
    on.processes[-1] = (handle, "survivor")
    return name, handle


LIVES = (
    Life(risen),
    Life(at_risk_and_adjusted),
    Life(set_by_hand, needs_time=True),
    Life(corrected),
    Life(suspended_left_and_back),
    Life(elite, needs_time=True),
    Life(merger_called_off, needs_time=True),
    Life(merged),
)
