"""What somebody can do to a process in the Web UI besides sending it messages: cancel, terminate, reset."""

import uuid
from typing import Any

import pytest
from sqlalchemy import select
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import ResetReapplyExcludeType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import WorkflowExecutionStatus, WorkflowHandle

from program.clock import REAL_TIME
from records.commits import write_commit
from records.tables import audit, processes
from states.effects import Commit, Step
from states.lead import LEAD
from states.lead_data import Lead
from tests.workflows.conftest import ACCEPT, REJECT, Desk, database_held
from worker import WORKFLOWS
from workflows.doors import start_process

VOID = {"by": "reviewer@vendor.example", "reason": "entered twice"}
BACK = {"by": "reviewer@vendor.example", "reason": "it was not"}


def triggers(desk: Desk, lead: WorkflowHandle[Any, Any]) -> list[str]:
    with desk.engine.connect() as database:
        chosen = select(audit.c.trigger).where(audit.c.process == lead.id).order_by(audit.c.number, audit.c.index)
        return list(database.execute(chosen).scalars())


async def status(lead: WorkflowHandle[Any, Any]) -> WorkflowExecutionStatus | None:
    return (await lead.describe()).status


async def test_a_cancellation_is_the_void_of_a_lead(desk: Desk) -> None:
    async with desk.working():
        lead = await desk.register()
        await desk.until(lead, lambda now: now.data["claim"] == "held")
        await lead.cancel()
        now = await desk.until(lead, lambda now: now.data["state"] == "voided" and not now.waiting)
        assert now.data["why_ended"] == "cancelled in the Web UI"
        assert await status(lead) == WorkflowExecutionStatus.RUNNING, "it can be brought back"
        await lead.execute_update("reinstate", BACK)
        now = await desk.until(lead, lambda now: now.data["state"] == "in_review" and not now.waiting)
        assert now.notices == []
    assert triggers(desk, lead) == ["begin", "void", "reinstate"]


async def test_a_cancellation_before_the_first_task_counts_too(desk: Desk) -> None:
    lead = await desk.register()
    await lead.cancel()
    async with desk.working():
        await desk.until(lead, lambda now: now.data["state"] == "voided" and not now.waiting)
    assert triggers(desk, lead) == ["begin", "void"]


async def test_a_cancellation_while_the_database_is_away(desk: Desk) -> None:
    async with desk.working():
        lead = await desk.register()
        await desk.until(lead, lambda now: now.data["claim"] == "held")
        with database_held(desk.engine):
            await lead.execute_update("accept", ACCEPT)
            await lead.cancel()
            await desk.until(lead, lambda now: now.data["state"] == "voided" and now.waiting)
        await desk.until(lead, lambda now: not now.waiting, seconds=45)
    assert triggers(desk, lead) == ["begin", "accept", "void"]


async def test_a_cancellation_that_can_not_be_is_refused_on_the_card(desk: Desk) -> None:
    async with desk.working():
        lead = await desk.register()
        await desk.until(lead, lambda now: now.data["claim"] == "held")
        await lead.execute_update("void", VOID)
        await lead.cancel()
        now = await desk.until(lead, lambda now: bool(now.notices))
        assert now.notices[0].action == "cancel"
        assert now.notices[0].text.startswith("«void» can't be done now: this lead is in the state «voided».")
        assert "«void»" in await desk.card(lead)
        await lead.execute_update("reinstate", BACK)
        await desk.until(lead, lambda now: now.data["state"] == "in_review" and not now.waiting)
        assert await status(lead) == WorkflowExecutionStatus.RUNNING


async def test_a_process_without_an_action_for_it_refuses_a_cancellation(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LEAD, "on_cancel", None)
    async with desk.working():
        lead = await desk.register()
        await desk.until(lead, lambda now: now.data["claim"] == "held")
        await lead.cancel()
        now = await desk.until(lead, lambda now: bool(now.notices))
        assert "can't be cancelled" in now.notices[0].text
        await lead.execute_update("accept", ACCEPT)


async def test_a_terminated_lead_leaves_its_projection_open_and_is_not_started_again(desk: Desk) -> None:
    async with desk.working():
        lead = await desk.register("ended-by-force")
        await desk.until(lead, lambda now: now.data["claim"] == "held")
        await lead.terminate("by mistake")
        with desk.engine.connect() as database:
            row = database.execute(select(processes).where(processes.c.process == lead.id)).mappings().one()
        assert not row["final"], "a terminated process can't say that it is over: the doctor finds it"
        again = Lead.register(
            "ended-by-force", "alster", "x.example", desk.now(), edition_name="2022", lifecycle_version=1
        )
        assert not await start_process(desk.client, LEAD, again, clock=REAL_TIME, workflow_id=lead.id)


async def reset(desk: Desk, lead: WorkflowHandle[Any, Any], *, task: int, forget_messages: bool) -> None:
    """Reset to a workflow task (the first is 1), as from the UI, with or without the messages after it."""
    tasks = [
        event.event_id
        for event in (await lead.fetch_history()).events
        if event.HasField("workflow_task_completed_event_attributes")
    ]
    kinds = ResetReapplyExcludeType
    exclude = (
        [kinds.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL, kinds.RESET_REAPPLY_EXCLUDE_TYPE_UPDATE] if forget_messages else []
    )
    await desk.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=desk.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=lead.id),
            reason="tried out",
            workflow_task_finish_event_id=tasks[task - 1],
            request_id=uuid.uuid4().hex,
            reset_reapply_exclude_types=exclude,
        )
    )


async def task_that_accepted(lead: WorkflowHandle[Any, Any]) -> int:
    """The number of the workflow task that took the update: the second, or a later one on a busy machine."""
    tasks = 0
    async for event in lead.fetch_history_events():
        tasks += event.HasField("workflow_task_completed_event_attributes")
        if event.HasField("workflow_execution_update_accepted_event_attributes"):
            return tasks
    raise AssertionError("no update was accepted")


async def test_a_reset_that_keeps_the_messages_changes_nothing(desk: Desk) -> None:
    async with desk.working():
        lead = await desk.register()
        await desk.until(lead, lambda now: now.data["claim"] == "held")
        await lead.execute_update("accept", ACCEPT)
        paid_at = desk.now().isoformat()
        await lead.signal("report_progress", {"id": "p-1", "at": paid_at, "by": "partner"})
        await desk.until(lead, lambda now: bool(now.notices) and not now.waiting)
        before = triggers(desk, lead)
        await reset(desk, lead, task=await task_that_accepted(lead), forget_messages=False)
        now = await desk.until(lead, lambda now: now.data["state"] == "accepted" and not now.waiting)
        assert not now.parked
        assert triggers(desk, lead) == before == ["begin", "accept"]
        await lead.execute_update("void", VOID)
        await desk.until(lead, lambda now: not now.waiting)
        assert triggers(desk, lead) == ["begin", "accept", "void"]


async def test_a_reset_that_forgets_what_was_recorded_rings_and_goes_on(desk: Desk) -> None:
    async with desk.working():
        lead = await desk.register()
        await desk.until(lead, lambda now: now.data["claim"] == "held")
        await lead.execute_update("accept", ACCEPT)
        await desk.until(lead, lambda now: now.data["terms"] is not None)
        await reset(desk, lead, task=1, forget_messages=True)
        now = await desk.until(lead, lambda now: now.data["state"] == "in_review" and now.data["claim"] == "held")
        assert not now.parked, "the first commit is the same again, and nothing"
        await lead.execute_update("reject", REJECT)
        now = await desk.until(lead, lambda now: bool(now.parked) and not now.waiting)
        assert "was written before with other content" in now.parked
        assert "could not be recorded" in await desk.card(lead)
        await lead.execute_update("reinstate", BACK)
        now = await desk.until(lead, lambda now: now.data["state"] == "in_review" and not now.waiting)
    assert triggers(desk, lead) == ["begin", "accept", "reinstate"], "what came after is recorded again"


async def test_a_decision_that_temporal_never_held_leaves_room_for_the_next(desk: Desk) -> None:
    """Worker and server both died after our transaction; the update is lost, and its sender does not repeat it."""
    async with desk.working():
        lead = await desk.register()
        before = await desk.until(lead, lambda now: now.data["claim"] == "held" and not now.waiting)
        at, number = desk.now(), before.number + 1
        lost = Step(trigger="accept", source="in_review", dest="accepted", at=at, handled_at=at, by=ACCEPT["by"])
        accepted = before.projection.model_copy(update={"state": "accepted"})
        written = Commit(process=lead.id, chain=before.chain, number=number, steps=(lost,), projection=accepted)
        write_commit(desk.engine, written, now=at)
        await lead.execute_update("reject", REJECT)
        now = await desk.until(lead, lambda now: not now.waiting)
        assert not now.parked
        assert now.number == number + 1
        with desk.engine.connect() as database:
            shown = select(processes.c.state).where(processes.c.process == lead.id)
            assert database.execute(shown).scalar_one() == "rejected"
        await lead.execute_update("reinstate", BACK)
        await desk.until(lead, lambda now: now.data["state"] == "in_review" and not now.waiting)
    assert triggers(desk, lead) == ["begin", "accept", "reject", "reinstate"]


def test_what_a_cancellation_means_to_each_process() -> None:
    """None: staff are told how such a process ends instead, and it goes on."""
    meant = {table.name: table.on_cancel for each in WORKFLOWS for table in each.lifecycles.values()}
    assert meant == {
        "lead": "void",
        "account": "void",
        "application": "void",
        "nomination": "take_out",
        "season": "call_off",
        "partner": None,
        "benefit": None,
        "adjustment": None,
    }
