"""Lives of benefits: given, due again, taken back, and long ones. None of them ends: a benefit rests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from states.benefit import BENEFIT
from states.benefit_data import Benefit
from tests.histories.life import Life, Stage

Handle = WorkflowHandle[Any, Any]
MANAGER = "manager@vendor.example"


async def a_benefit(on: Stage, code: str, *, continue_after: int | None = None) -> Handle:
    """A benefit's process, as an effect begins it."""
    at = await on.desk.server_now()
    data = Benefit.of("alster", code, at, edition_name="2022", lifecycle_version=BENEFIT.version)
    handle = await on.desk.start(BENEFIT, data, f"benefit:{data.id}", continue_after)
    await on.until(handle, state="not_given")
    on.processes.append((handle, ""))
    return handle


async def told(on: Stage, handle: Handle, name: str, **payload: str) -> None:
    """What the partner's standing says."""
    at = await on.desk.server_now()
    number = (await on.desk.snapshot(handle)).number
    await handle.signal(name, {"id": f"{name}-{number}", "at": at.isoformat(), **payload})


async def not_given(on: Stage) -> None:
    await a_benefit(on, "directory_listing")


async def to_do(on: Stage) -> None:
    benefit = await a_benefit(on, "directory_listing")
    await told(on, benefit, "grant", level="yes")
    await on.until(benefit, state="to_do")


async def taken_back(on: Stage) -> None:
    benefit = await a_benefit(on, "directory_listing")
    await told(on, benefit, "grant", level="yes")
    await benefit.execute_update("carry_out", f"{MANAGER}: listed")
    await told(on, benefit, "withdraw")
    await on.until(benefit, state="to_take_back")
    await benefit.signal("take_back", f"{MANAGER}: the listing is removed")
    await on.until(benefit, state="not_given")


async def chosen(on: Stage) -> None:
    benefit = await a_benefit(on, "partner_manager", continue_after=3)
    await told(on, benefit, "offer", level="chosen partners")
    await on.until(benefit, state="offered")
    await benefit.execute_update("choose", f"{MANAGER}: strong first half-year")
    await benefit.execute_update("carry_out", f"{MANAGER}: assigned and introduced")
    await told(on, benefit, "grant", level="yes")
    await on.until(benefit, level="yes")
    await benefit.cancel()
    await on.desk.until(benefit, lambda now: bool(now.notices))


async def overdue_and_due_again(on: Stage) -> None:
    benefit = await a_benefit(on, "leadership_access")
    await told(on, benefit, "grant", level="quarterly")
    await on.until(benefit, state="to_do")
    await on.days(20)
    await on.until(benefit, overdue=True)
    await benefit.execute_update("carry_out", f"{MANAGER}: met on Monday")
    again = (await on.desk.snapshot(benefit)).projection.due_at
    assert again is not None
    await on.days((again - await on.desk.server_now()) / timedelta(days=1) + 0.1)
    await on.until(benefit, state="to_do")


async def promoted(on: Stage) -> None:
    benefit = await a_benefit(on, "social_promotion")
    await told(on, benefit, "grant", level="yes")
    await benefit.execute_update("agree", f"{MANAGER}: one post in May")
    await benefit.execute_update("decline", f"{MANAGER}: the partner has changed its mind")
    await told(on, benefit, "withdraw")
    await on.until(benefit, state="not_given")


LIVES = (
    *map(Life, (not_given, to_do, taken_back, chosen, promoted)),
    Life(overdue_and_due_again, needs_time=True),
)  # fmt: skip
