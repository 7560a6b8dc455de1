"""What counts is when somebody acted, not when we woke up.

The program clock runs twenty times as fast as the world, slower on a busy machine, and starts shortly before an
affiliate lead's window ends, so that its two minutes of grace take six seconds. Everything else is real: server,
worker, timers.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from temporalio.client import WorkflowHandle

from program.calendar import window_end
from program.clock import REAL_TIME, ProgramClock
from records.tables import audit, referrals
from states.lifecycle import GRACE
from states.staff import StaffList
from tests.workflows.conftest import Desk, Server
from tests.workflows.test_life import refusal

REGISTERED = datetime(2026, 10, 5, 15, tzinfo=UTC)
DUE = window_end(REGISTERED, 90)
SPEED = 20
MOMENT = timedelta(seconds=1)

pytestmark = pytest.mark.timeout(200)


class Window:
    """A desk whose program time stands shortly before the window's end, and an open lead."""

    def __init__(self, desk: Desk, program_seconds: int) -> None:
        self.desk = desk
        self.before = timedelta(seconds=program_seconds)
        self.lead: WorkflowHandle[Any, Any]

    async def open(self) -> None:
        """Start the clock as fast as this machine can follow, register the lead and wait until its timer is armed."""
        began = time.monotonic()
        first = await self.desk.register()
        await self.desk.until(first, lambda now: now.data["claim"] == "held" and not now.waiting)
        took = time.monotonic() - began
        speed = min(SPEED, SPEED / took)
        self.desk.clock = ProgramClock(origin=datetime.now(UTC), starts=DUE - self.before, speed=speed)
        self.lead = await self.desk.register(at=REGISTERED, origin="affiliate")
        await self.desk.until(self.lead, lambda now: now.data["claim"] == "held" and now.data["terms"] is not None)
        assert self.desk.now() < DUE, "the machine was too slow for this clock"

    async def passes(self, instant: datetime) -> None:
        """Wait until it is `instant` in the program."""
        await asyncio.sleep(max(0.0, (instant - self.desk.now()).total_seconds() / self.desk.clock.speed))

    async def pays(self, at: datetime, message_id: str = "crm-1") -> None:
        await self.lead.signal("client_paid", {"id": message_id, "at": at.isoformat(), "by": "crm"})

    async def credited(self) -> bool:
        """Whether it ends credited, as opposed to expired with the payment put to staff."""
        now = await self.desk.until(
            self.lead, lambda now: now.data["paid_at"] is not None and not now.waiting, seconds=90
        )
        return bool(now.data["state"] == "credited")

    def steps(self) -> dict[str, Any]:
        chosen = select(audit).where(audit.c.process == self.lead.id)
        with self.desk.engine.connect() as database:
            return {row.trigger: row for row in database.execute(chosen)}


async def shortly_before(engine: Engine, server: Server, *, program_seconds: int) -> Window:
    return Window(Desk(await server.client(), engine, REAL_TIME, StaffList()), program_seconds)


@pytest.fixture
async def window(server: Server, engine: Engine) -> Window:
    return await shortly_before(engine, server, program_seconds=100)


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
        await desk.until(window.lead, lambda now: now.data["state"] == "expired" and not now.waiting, seconds=90)
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
        await window.desk.until(window.lead, lambda now: now.data["state"] == "expired", seconds=90)
        await window.pays(DUE + stamp)
        assert await window.credited() == counts, "a late fact that happened in time brings it back"


@pytest.mark.faults
@pytest.mark.parametrize("early_first", [True, False], ids=["early-first", "late-first"])
@pytest.mark.parametrize("absence", ["worker", "server"])
async def test_away_over_the_deadline(own_server: Server, engine: Engine, absence: str, early_first: bool) -> None:
    """Both payments are acknowledged while nobody works; the early one counts, in either order of arrival."""
    window = await shortly_before(engine, own_server, program_seconds=160)
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
    window = await shortly_before(engine, own_server, program_seconds=160)
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
