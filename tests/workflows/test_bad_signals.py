"""A bad signal neither wedges its process nor vanishes: it is refused, counted and shown, and the process goes on."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Engine
from temporalio.api.enums.v1 import WorkflowTaskFailedCause
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.runtime import MetricBuffer, Runtime, TelemetryConfig

from program.clock import REAL_TIME
from states.card import escape
from states.staff import StaffList
from tests.workflows.conftest import ACCEPT, Desk, Server, eventually, runs_of
from tests.workflows.malformed import BadSignal, bad_signals
from workflows.connection import DATA_CONVERTER

AT_A_TIME = 50


class Counted:
    """A desk whose worker's counters can be read."""

    def __init__(self, client: Client, engine: Engine, buffer: MetricBuffer) -> None:
        self.desk = Desk(client, engine, REAL_TIME, StaffList())
        self._buffer = buffer
        self._refused = 0

    def refused(self) -> int:
        """How many messages the worker has counted as refused."""
        self._refused += sum(
            int(update.value)
            for update in self._buffer.retrieve_updates()
            if update.metric.name == "partnerflow_refused_messages"
        )
        return self._refused


@pytest.fixture
async def counted(server: Server, engine: Engine) -> Counted:
    await server.client()  # it takes requests
    buffer = MetricBuffer(500_000)
    runtime = Runtime(telemetry=TelemetryConfig(metrics=buffer))
    client = await Client.connect(server.address, data_converter=DATA_CONVERTER, runtime=runtime)
    return Counted(client, engine, buffer)


async def send(lead: WorkflowHandle[Any, Any], signals: list[BadSignal]) -> None:
    """Send them, some at a time."""
    left = iter(signals)

    async def one_after_another() -> None:
        for signal in left:
            await lead.signal(signal.name, args=signal.args)

    await asyncio.gather(*(one_after_another() for _ in range(AT_A_TIME)))


def failures(history: WorkflowHistory) -> list[str]:
    """Workflow tasks that failed, but for those that messages overtook at the moment of leaving: they run again."""
    return [
        str(event.workflow_task_failed_event_attributes.failure.message)
        for event in history.events
        if event.HasField("workflow_task_failed_event_attributes")
        and event.workflow_task_failed_event_attributes.cause
        != WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND
    ]


@pytest.mark.timeout(280)
@pytest.mark.parametrize(
    ("number", "leads"), [(1_000, 2), pytest.param(10_000, 2, marks=pytest.mark.slow)], ids=["thousand", "ten-thousand"]
)
async def test_bad_signals(counted: Counted, number: int, leads: int) -> None:
    desk, signals = counted.desk, bad_signals(number)
    share = number // leads
    async with desk.working():
        handles = [await desk.register() for _ in range(leads)]
        for handle in handles:
            await desk.until(handle, lambda now: now.data["claim"] == "held")
        await asyncio.gather(
            *(send(handle, signals[index * share : (index + 1) * share]) for index, handle in enumerate(handles))
        )

        async def all_counted() -> bool:
            return counted.refused() >= number

        await eventually(all_counted, seconds=60)
        for handle in handles:
            now = await desk.snapshot(handle)
            assert now.data["state"] == "in_review"
            assert len(now.notices) == 3
            assert all(notice.text for notice in now.notices)
            assert not now.parked
            card = await desk.card(handle)
            assert all(escape(notice.text) in card for notice in now.notices)
            assert len(card.encode()) < 20_000
            answer = await handle.execute_update("accept", ACCEPT)
            assert answer.startswith("Done: accepted.")
        assert counted.refused() == number, "each is counted once"
        for handle in handles:
            runs = await runs_of(handle)
            assert [failure for history in runs for failure in failures(history)] == []
            signalled = sum(
                event.HasField("workflow_execution_signaled_event_attributes") for run in runs for event in run.events
            )
            assert signalled == share, "none is lost between two runs"
            if number > 5_000:
                assert len(runs) > 1, "the server suggested to continue as new"


@pytest.mark.parametrize("signal", bad_signals(60)[::4], ids=lambda signal: signal.name[:20])
async def test_a_refusal_is_a_sentence_on_the_card(desk: Desk, signal: BadSignal) -> None:
    async with desk.working():
        lead = await desk.register()
        await desk.until(lead, lambda now: now.data["claim"] == "held")
        await lead.signal(signal.name, args=signal.args)
        now = await desk.until(lead, lambda now: bool(now.notices))
        [notice] = now.notices
        assert notice.text.endswith((".", "…")) or len(notice.text) == 600
        assert "Traceback" not in notice.text
