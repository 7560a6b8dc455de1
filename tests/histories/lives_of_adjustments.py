"""Lives of half-yearly adjustments: one that waits for its cut-off, and one that is late for everything."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from program.calendar import Half
from program.edition import edition
from states.adjustment import ADJUSTMENT
from states.adjustment_data import Adjustment
from tests.histories.life import Life, Stage
from tests.workflows.partners import entered, standing_begins

Handle = WorkflowHandle[Any, Any]
MANAGER = "manager@vendor.example"
RULES = edition("2022").moves


async def an_adjustment(on: Stage, half: Half) -> Handle:
    """The process of a half-year's adjustment, with one partner to judge."""
    name = entered(on.desk, "advisor", "gold")
    partner = await standing_begins(on.desk, name, "advisor", "gold")
    await on.desk.until(partner, lambda now: now.data["evaluated_at"] is not None and not now.waiting)
    at = await on.desk.server_now()
    data = Adjustment.of(str(half), at, edition_name="2022", lifecycle_version=ADJUSTMENT.version)
    handle = await on.desk.start(ADJUSTMENT, data, f"adjustment:{half}", None)
    on.processes.append((handle, ""))
    return handle


async def from_warning_to_list(on: Stage) -> None:
    half = RULES.next_adjustment(await on.desk.server_now())
    handle = await an_adjustment(on, half)
    data = (await on.desk.snapshot(handle)).data
    assert data["state"] == "awaiting_cut_off"
    until = RULES.cut_off(half) - await on.desk.server_now() + timedelta(days=1)
    await on.days(until.total_seconds() / 86_400)
    await on.until(handle, state="listed")
    await handle.execute_update("hold", {"by": MANAGER, "partner": "acme", "reason": "pays late"})
    await handle.execute_update("let_go", {"by": MANAGER, "partner": "acme", "reason": "has paid"})
    await handle.execute_update("release", f"{MANAGER}: read")


async def late(on: Stage) -> None:
    half = RULES.next_adjustment(await on.desk.server_now()).previous()
    handle = await an_adjustment(on, half)
    await handle.result()


LIVES = (Life(from_warning_to_list, needs_time=True), Life(late))
