"""Deadlines are counted as late when nobody was there to handle them, and each is measured once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, func, select
from temporalio.client import Client
from temporalio.runtime import MetricBuffer, Runtime, TelemetryConfig

from activities import metrics
from program.clock import REAL_TIME, ProgramClock
from records.database import reading
from records.tables import audit
from states.staff import StaffList
from tests.workflows.conftest import ACCEPT, Desk, Server
from workflows.connection import DATA_CONVERTER

# Ninety days in seven seconds.
SPEED = 90 * 86_400 / 7


class Counted:
    """What a worker has counted so far."""

    def __init__(self, buffer: MetricBuffer) -> None:
        self._buffer = buffer
        self.late = 0
        self.lateness: list[float] = []

    def look(self) -> None:
        for update in self._buffer.retrieve_updates():
            if update.metric.name == metrics.LATE_DEADLINES.name:
                self.late += int(update.value)
            elif update.metric.name == metrics.LATENESS.name:
                self.lateness.append(float(update.value))


def deadlines(engine: Engine) -> int:
    """How many transitions happened by themselves."""
    wanted = select(func.count()).where(audit.c.by == "partnerflow", audit.c.trigger != "begin")
    with reading(engine) as connection:
        return int(connection.execute(wanted).scalar_one())


async def test_what_comes_due_while_nobody_works_is_late(
    temporal: Server, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "LATE_AFTER", 4.0)
    buffer = MetricBuffer(500_000)
    runtime = Runtime(telemetry=TelemetryConfig(metrics=buffer))
    client = await Client.connect(temporal.address, data_converter=DATA_CONVERTER, runtime=runtime)
    counted = Counted(buffer)
    desk = Desk(client, engine, REAL_TIME, StaffList())
    async with desk.working():
        # What a worker does for the first time takes longer, and is over when the fast clock begins.
        first = await desk.register()
        await desk.until(first, lambda now: now.data["claim"] == "held" and not now.waiting)
        desk.clock = ProgramClock(origin=datetime.now(UTC), speed=SPEED)
        lead = await desk.register()
        await desk.until(lead, lambda now: now.data["claim"] == "held")
        await lead.execute_update("accept", ACCEPT)
    counted.look()
    assert counted.late == 0
    # Its reminders, its window and the time for undoing all pass.
    await asyncio.sleep(14)
    async with desk.working():
        assert await lead.result() == {"state": "ended", "outcome": "expired"}
    counted.look()
    # The new worker has replayed the beginning, and counted nothing of it again.
    assert len(counted.lateness) == deadlines(engine)
    assert max(counted.lateness) > 4
    assert counted.late == sum(late > 4 for late in counted.lateness) >= 1
    assert min(counted.lateness) >= 0


async def test_a_sign_up_that_was_reported_late_makes_nobody_late(temporal: Server, engine: Engine) -> None:
    buffer = MetricBuffer(500_000)
    runtime = Runtime(telemetry=TelemetryConfig(metrics=buffer))
    client = await Client.connect(temporal.address, data_converter=DATA_CONVERTER, runtime=runtime)
    counted = Counted(buffer)
    desk = Desk(client, engine, ProgramClock(origin=datetime.now(UTC)), StaffList())
    async with desk.working():
        lead = await desk.register(at=datetime(2022, 6, 1, tzinfo=UTC), origin="affiliate")
        await desk.until(lead, lambda now: deadlines(engine) >= 1 and not now.waiting)
    counted.look()
    assert len(counted.lateness) == deadlines(engine)
    assert counted.late == 0
