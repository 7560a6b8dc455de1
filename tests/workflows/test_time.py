"""What counts is when somebody acted, not when we woke up.

The program clock runs twenty times as fast as the world and starts shortly before an affiliate lead's window ends, so
that its two minutes of grace take six seconds. Everything else is real: server, worker, timers.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from temporalio.client import WorkflowHandle

from program.calendar import window_end
from program.clock import ProgramClock
from records.tables import audit, referrals
from states.lifecycle import GRACE
from states.staff import StaffList
from tests.workflows.conftest import Desk, Server
from tests.workflows.test_life import refusal

REGISTERED = datetime(2026, 10, 5, 15, tzinfo=UTC)
DUE = window_end(REGISTERED, 90)
SPEED = 20
MOMENT = timedelta(seconds=1)


class Window:
    """A desk whose program time stands shortly before the window's end, and an open lead."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.lead: WorkflowHandle[Any, Any]

    async def open(self) -> None:
        """Register the lead and wait until its timer is armed."""
        self.lead = await self.desk.register(at=REGISTERED, origin="affiliate")
        await self.desk.until(self.lead, lambda now: now.data["claim"] == "held" and now.data["terms"] is not None)
        assert self.desk.now() < DUE, "the machine was too slow for this clock"

    async def passes(self, instant: datetime) -> None:
        """Wait until it is `instant` in the program."""
        await asyncio.sleep(max(0.0, (instant - self.desk.now()).total_seconds() / SPEED))

    async def pays(self, at: datetime, message_id: str = "crm-1") -> None:
        await self.lead.signal("client_paid", {"id": message_id, "at": at.isoformat(), "by": "crm"})

    async def credited(self) -> bool:
        """Whether it ends credited, as opposed to expired with the payment put to staff."""
        now = await self.desk.until(
            self.lead, lambda now: now.data["paid_at"] is not None and not now.waiting, seconds=40
        )
        return bool(now.data["state"] == "credited")

    def steps(self) -> dict[str, Any]:
        chosen = select(audit).where(audit.c.process == self.lead.id)
        with self.desk.engine.connect() as database:
            return {row.trigger: row for row in database.execute(chosen)}


def shortly_before(engine: Engine, client: Any, *, program_seconds: int) -> Desk:
    starts = DUE - timedelta(seconds=program_seconds)
    return Desk(client, engine, ProgramClock(origin=datetime.now(UTC), starts=starts, speed=SPEED), StaffList())


@pytest.fixture
async def window(server: Server, engine: Engine) -> Window:
    return Window(shortly_before(engine, await server.client(), program_seconds=100))


@pytest.fixture
async def own_server(tmp_path: Path) -> AsyncIterator[Server]:
    """A server that the test may kill."""
    own = Server(tmp_path)
    own.start()
    yield own
    own.kill()


async def test_a_right_is_armed_two_minutes_late_and_recorded_at_its_due_time(window: Window) -> None:
    desk = window.desk
    async with desk.working():
        await window.open()
        assert (await desk.snapshot(window.lead)).projection.due_at == DUE
        await window.passes(DUE + timedelta(seconds=40))
        now = await desk.snapshot(window.lead)
        assert now.data["state"] == "signed_up", "it is due, but not yet armed"
        await desk.until(window.lead, lambda now: now.data["state"] == "expired" and not now.waiting)
        expired = window.steps()["expire"]
        assert expired.at == DUE
        assert expired.handled_at >= DUE + GRACE


@pytest.mark.parametrize(("stamp", "counts"), [(-MOMENT, True), (MOMENT, False)], ids=["before", "after"])
async def test_a_message_within_the_grace(window: Window, stamp: timedelta, counts: bool) -> None:
    async with window.desk.working():
        await window.open()
        await window.passes(DUE + timedelta(seconds=20))
        await window.pays(DUE + stamp)
        assert await window.credited() == counts
        if not counts:
            expired = window.steps()["expire"]
            assert expired.at == DUE
            assert expired.handled_at < DUE + GRACE, "the message brought it forward"


@pytest.mark.parametrize(("stamp", "counts"), [(-MOMENT, True), (MOMENT, False)], ids=["before", "after"])
async def test_a_message_long_after(window: Window, stamp: timedelta, counts: bool) -> None:
    async with window.desk.working():
        await window.open()
        await window.desk.until(window.lead, lambda now: now.data["state"] == "expired", seconds=40)
        await window.pays(DUE + stamp)
        assert await window.credited() == counts, "a late fact that happened in time brings it back"


@pytest.mark.faults
@pytest.mark.parametrize("early_first", [True, False], ids=["early-first", "late-first"])
@pytest.mark.parametrize("absence", ["worker", "server"])
async def test_away_over_the_deadline(own_server: Server, engine: Engine, absence: str, early_first: bool) -> None:
    """Both payments are acknowledged while nobody works; the early one counts, in either order of arrival."""
    window = Window(shortly_before(engine, await own_server.client(), program_seconds=160))
    async with window.desk.working():
        await window.open()
    messages = [(DUE - MOMENT, "crm-1"), (DUE + MOMENT, "crm-2")]
    await window.passes(DUE + 2 * MOMENT)
    for at, message_id in messages if early_first else reversed(messages):
        await window.pays(at, message_id)
    if absence == "server":
        own_server.kill()
    await window.passes(DUE + GRACE + timedelta(seconds=60))
    if absence == "server":
        own_server.start()
        window.desk.client = await own_server.client()
        window.lead = window.desk.client.get_workflow_handle(window.lead.id)
    async with window.desk.working():
        assert await window.credited()
        with engine.connect() as database:
            referral = database.execute(select(referrals)).mappings().one()
    assert referral["first_payment_at"] == DUE - MOMENT


@pytest.mark.faults
@pytest.mark.parametrize("absence", ["worker", "server"])
async def test_away_over_the_deadline_and_paid_too_late(own_server: Server, engine: Engine, absence: str) -> None:
    window = Window(shortly_before(engine, await own_server.client(), program_seconds=160))
    async with window.desk.working():
        await window.open()
    await window.passes(DUE + 2 * MOMENT)
    await window.pays(DUE + MOMENT)
    if absence == "server":
        own_server.kill()
    await window.passes(DUE + GRACE + timedelta(seconds=60))
    if absence == "server":
        own_server.start()
        window.desk.client = await own_server.client()
        window.lead = window.desk.client.get_workflow_handle(window.lead.id)
    async with window.desk.working():
        assert not await window.credited()
        expired = window.steps()["expire"]
        assert expired.at == DUE
        assert window.steps()["client_paid"].source == "expired"


async def test_an_update_obeys_the_same_rule_and_its_trial_writes_nothing(window: Window) -> None:
    desk = window.desk
    async with desk.working():
        await window.open()
        await window.passes(DUE + timedelta(seconds=10))
        late = {"id": "portal-1", "at": (DUE + MOMENT).isoformat(), "by": "partner"}
        failure = await refusal(window.lead, "withdraw", late)
        assert "this lead is in the state «expired»" in failure.message
        now = await desk.snapshot(window.lead)
        assert now.data["state"] == "signed_up", "it was tried on a copy"
        assert not now.waiting
        await window.lead.execute_update("withdraw", {**late, "at": (DUE - MOMENT).isoformat()})
        assert (await window.lead.result())["outcome"] == "withdrawn"
    assert window.steps()["withdraw"].at == DUE - MOMENT
    assert "expire" not in window.steps()
