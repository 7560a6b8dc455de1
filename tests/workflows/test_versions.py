"""A changed table leaves open processes as they were: they finish as they began, and adopt the newest on continuing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from sqlalchemy import Engine, select
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

import worker
from program.calendar import window_end
from program.clock import ProgramClock
from records.tables import audit
from states.effects import Effect, Receipt, Step
from states.lead import LEAD
from states.lead_data import Lead
from states.lifecycle import Deadline, Lifecycle
from states.messages import Message
from states.staff import StaffList
from tests.workflows.conftest import ACCEPT, SANDBOX, Desk, Server, eventually
from workflows.connection import DATA_CONVERTER
from workflows.handlers import handlers
from workflows.lead import LeadWorkflow
from workflows.process import Outcome, Process, Start
from workflows.search_attributes import LIFECYCLE

# The SDK leaves a coroutine behind when a worker does not know a version, for whichever test comes then.
pytestmark = pytest.mark.filterwarnings(
    "ignore:coroutine .*run_workflow:RuntimeWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)

SPEED = 400_000  # ninety days in twenty seconds
SOONER = timedelta(days=30)


def _sooner(lead: Lead) -> datetime | None:
    return lead.valid_until - SOONER


# The next version: nobody is reminded of the window's end, and a lead expires 30 days sooner.
CHANGED = Lifecycle(
    "lead",
    version=LEAD.version + 1,
    data=Lead,
    initial=LEAD.initial,
    phases=[
        replace(phase, deadlines=(Deadline("expire", _sooner, "the lead expires sooner", costs_a_right=True),))
        if phase.name == "accepted"
        else phase
        for phase in LEAD.phases.values()
    ],
    moves=[move for move in LEAD.moves if move.trigger not in ("remind_window", "ask_progress", "question_credit")],
    actions=list(LEAD.actions.values()),
    on_cancel=LEAD.on_cancel,
)  # fmt: skip


@workflow.defn(name="lead")
@handlers
class NextLeadWorkflow(Process[Lead]):
    """The lead as a worker of the next release knows it."""

    lifecycles: ClassVar = {LEAD.version: LEAD, CHANGED.version: CHANGED}

    @workflow.init
    def __init__(self, start: Start) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: Start) -> Outcome:
        return await self.drive()

    def effects(self, data: Lead, step: Step) -> tuple[Effect, ...]:
        return LeadWorkflow.effects(self, data, step)  # type: ignore[arg-type]

    def learn(self, data: Lead, receipt: Receipt) -> tuple[str, Message] | None:
        return LeadWorkflow.learn(self, data, receipt)  # type: ignore[arg-type]


@contextmanager
def released(*workflows: type) -> Iterator[None]:
    """Workers that start now are of this release."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "WORKFLOWS", list(workflows))
        yield


def steps(desk: Desk, process: str) -> list[tuple[str, datetime]]:
    chosen = select(audit.c.trigger, audit.c.at).where(audit.c.process == process)
    with desk.engine.connect() as database:
        rows = database.execute(chosen.order_by(audit.c.number, audit.c.index)).all()
    return [(row.trigger, row.at) for row in rows]


async def replays(history: WorkflowHistory, workflow_class: type) -> None:
    replayer = Replayer(workflows=[workflow_class], data_converter=DATA_CONVERTER, workflow_runner=SANDBOX)
    await replayer.replay_workflow(history)


@pytest.mark.slow
@pytest.mark.timeout(150)
async def test_an_open_lead_finishes_as_it_began(server: Server, engine: Engine) -> None:
    clock = ProgramClock(origin=datetime.now(UTC), speed=SPEED)
    desk = Desk(await server.client(), engine, clock, StaffList())
    at = desk.now()
    async with desk.working():
        old = await desk.register("old", at=at)
        await desk.until(old, lambda now: now.data["claim"] == "held")
        await old.execute_update("accept", ACCEPT)
    with released(NextLeadWorkflow):
        async with desk.working():
            later = desk.now()
            new = await desk.register("new", at=later, lifecycle=CHANGED)
            await desk.until(new, lambda now: now.data["claim"] == "held")
            await new.execute_update("accept", ACCEPT)
            assert (await old.result())["outcome"] == (await new.result())["outcome"] == "expired"
            old_end, new_end = (dict(steps(desk, lead.id))["expire"] for lead in (old, new))
            assert old_end == window_end(at, 90)
            assert new_end == window_end(later, 90) - SOONER
            assert "remind_window" in dict(steps(desk, old.id))
            assert "remind_window" not in dict(steps(desk, new.id))
            assert (await desk.snapshot(old)).data["lifecycle_version"] == LEAD.version
            await replays(await new.fetch_history(), NextLeadWorkflow)
            for release in (LeadWorkflow, NextLeadWorkflow):
                await replays(await old.fetch_history(), release)


@pytest.mark.slow
async def test_an_older_worker_refuses_what_it_does_not_know(desk: Desk) -> None:
    new = await desk.register(lifecycle=CHANGED)

    async def says_so() -> bool:
        return any(
            "upgrade it" in event.workflow_task_failed_event_attributes.failure.message
            for event in (await new.fetch_history()).events
        )

    async with desk.working():
        await eventually(says_so)
    with released(NextLeadWorkflow):
        async with desk.working():
            await desk.until(new, lambda now: now.data["claim"] == "held", seconds=40)


@pytest.mark.slow
async def test_continuing_as_new_adopts_the_newest(desk: Desk) -> None:
    async with desk.working():
        lead = await desk.register(continue_after=4)
        await desk.until(lead, lambda now: now.data["claim"] == "held")
    with released(NextLeadWorkflow):
        async with desk.working():
            await lead.execute_update("accept", ACCEPT)
            now = await desk.until(lead, lambda now: now.data["terms"] is not None)
            assert now.data["lifecycle_version"] == LEAD.version
            for _ in range(3):
                await lead.signal("no_such_message")
            now = await desk.until(lead, lambda now: now.data["lifecycle_version"] == CHANGED.version)
            assert now.projection.due_at == datetime.fromisoformat(now.data["valid_until"]) - SOONER
            described = await lead.describe()
            assert described.typed_search_attributes.get(LIFECYCLE) == f"lead/{CHANGED.version}"
            assert described.status is not None
            await lead.execute_update("void", {"by": "reviewer@vendor.example", "reason": "entered twice"})
            await desk.until(lead, lambda now: now.data["state"] == "voided" and not now.waiting)
