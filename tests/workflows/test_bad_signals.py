"""A bad signal neither wedges its process nor vanishes: it is refused, counted and shown, and the process goes on."""

import asyncio

import pytest
from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.runtime import MetricBuffer, Runtime, TelemetryConfig

from program.clock import REAL_TIME
from states.card import escape
from states.staff import StaffList
from tests.workflows.conftest import ACCEPT, Desk, Server, eventually, runs_of
from tests.workflows.failed_tasks import faults_in
from tests.workflows.malformed import BadSignal, bad_signals
from workflows.connection import DATA_CONVERTER

AT_A_TIME = 100


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
            if update.metric.name == "partnerflow_refused_signals"
        )
        return self._refused


@pytest.fixture
async def counted(server: Server, engine: Engine) -> Counted:
    await server.client()  # it takes requests
    buffer = MetricBuffer(500_000)
    runtime = Runtime(telemetry=TelemetryConfig(metrics=buffer))
    client = await Client.connect(server.address, data_converter=DATA_CONVERTER, runtime=runtime)
    return Counted(client, engine, buffer)


@pytest.mark.timeout(280)
@pytest.mark.parametrize(
    ("number", "leads"), [(1_000, 2), pytest.param(10_000, 2, marks=pytest.mark.slow)], ids=["thousand", "ten-thousand"]
)
async def test_bad_signals(counted: Counted, number: int, leads: int) -> None:
    desk, signals = counted.desk, bad_signals(number)
    async with desk.working():
        handles = [await desk.register() for _ in range(leads)]
        for handle in handles:
            await desk.until(handle, lambda now: now.data["claim"] == "held")
        for first in range(0, number, AT_A_TIME):
            batch = signals[first : first + AT_A_TIME]
            await asyncio.gather(
                *(
                    handles[index % leads].signal(signal.name, args=signal.args)
                    for index, signal in enumerate(batch, start=first)
                )
            )

            async def are_counted(sent: int = first + len(batch)) -> bool:
                return counted.refused() >= sent

            await eventually(are_counted, seconds=60)
        for handle in handles:
            now = await desk.snapshot(handle)
            assert now.data["state"] == "in_review"
            assert len(now.notices) == 3
            assert all(notice.text for notice in now.notices)
            assert not now.parked
            card = await desk.card(handle)
            for notice in now.notices:
                assert escape(notice.text) in card
            assert len(card.encode()) < 20_000
            answer = await handle.execute_update("accept", ACCEPT)
            assert answer.startswith("Done: accepted.")
        histories = [await runs_of(handle) for handle in handles]
        redone = sum(
            event.HasField("workflow_task_failed_event_attributes")
            for runs in histories
            for run in runs
            for event in run.events
        )
        # A task that is done again counts again.
        assert counted.refused() == number or redone > 0
        for runs in histories:
            assert [fault for history in runs for fault in faults_in(history)] == []
            signalled = sum(
                event.HasField("workflow_execution_signaled_event_attributes") for run in runs for event in run.events
            )
            assert signalled == number // leads, "none is lost between two runs"
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
