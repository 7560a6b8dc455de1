"""What a lead and an account cost the Temporal service, to the digit: history events, workflow tasks, billable actions.

The trial of docs/bench: register (with the reminder's timer), accept by update, the client pays, credited; each step
awaited. An account's: submit, staff confirm by update, the client confirms, the partner ends it. Beside each the
minimal workflow of `bench/`, which takes as many messages. A figure that changes here is a cost for everything that
will ever live: say why in the changelog, or mend it.
"""

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle, WorkflowHistory
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from bench.kinds import skeleton
from bench.minimal import MinimalWorkflow
from tests.workflows.conftest import ACCEPT, Desk, eventually

# What Temporal Cloud counts as an action. All local activities of one workflow task are one, so are their markers.
BILLABLE = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
    EventType.EVENT_TYPE_TIMER_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
}


def figures(history: WorkflowHistory) -> tuple[int, int, int]:
    """Events, workflow tasks and billable actions of a history."""
    kinds = Counter(event.event_type for event in history.events)
    actions = sum(kinds[kind] for kind in BILLABLE)
    markers_of_task = {
        event.marker_recorded_event_attributes.workflow_task_completed_event_id
        for event in history.events
        if event.HasField("marker_recorded_event_attributes")
    }
    tasks = kinds[EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED]
    return len(history.events), tasks, actions + len(markers_of_task)


async def tasks_completed(handle: WorkflowHandle[Any, Any], number: int) -> None:
    """Wait, by looking at the history: a query could split a workflow task in two."""

    async def ask() -> bool:
        return figures(await handle.fetch_history())[1] >= number

    await eventually(ask)


async def lead_trial(desk: Desk) -> WorkflowHistory:
    async with desk.working():
        lead = await desk.register()
        await tasks_completed(lead, 1)
        await lead.execute_update("accept", ACCEPT)
        await tasks_completed(lead, 2)
        await lead.signal("client_paid", {"id": "crm-1", "at": desk.now().isoformat(), "by": "crm"})
        await lead.result()
        return await lead.fetch_history()


async def account_trial(desk: Desk) -> WorkflowHistory:
    async with desk.working():
        account = await desk.submit()
        await tasks_completed(account, 1)
        await account.execute_update("confirm_for_vendor", "reviewer@vendor.example: checked")
        await tasks_completed(account, 2)
        await account.signal("client_confirms", {"id": "page-1", "at": desk.now().isoformat(), "by": "client"})
        await tasks_completed(account, 3)
        await account.signal("end_management", {"id": "portal-1", "at": desk.now().isoformat(), "by": "partner"})
        await account.result()
        return await account.fetch_history()


async def minimal_trial(desk: Desk, signals: int = 1) -> WorkflowHistory:
    queue = f"minimal-{uuid.uuid4().hex}"
    runner = UnsandboxedWorkflowRunner()
    async with Worker(desk.client, task_queue=queue, workflows=[MinimalWorkflow], workflow_runner=runner):
        minimal = await desk.client.start_workflow("minimal", signals, id=f"minimal:{queue}", task_queue=queue)
        await tasks_completed(minimal, 1)
        await minimal.execute_update("accept", ACCEPT)
        for number in range(signals):
            await tasks_completed(minimal, 2 + number)
            await minimal.signal("client_paid", {"id": "crm-1", "at": desk.now().isoformat(), "by": "crm"})
        await minimal.result()
        return await minimal.fetch_history()


async def skeleton_trial(desk: Desk) -> WorkflowHistory:
    queue, kind = f"skeleton-{uuid.uuid4().hex}", skeleton()
    with ThreadPoolExecutor(1) as threads:
        async with Worker(
            desk.client, task_queue=queue, workflows=[kind.workflow], activities=kind.activities,
            activity_executor=threads, max_concurrent_activities=1, workflow_runner=UnsandboxedWorkflowRunner(),
        ):  # fmt: skip
            one = await kind.open(desk.client, queue)
            await tasks_completed(one, 1)
            await one.execute_update(*kind.update)
            await tasks_completed(one, 2)
            await one.signal(kind.signal[0], {})
            await one.result()
            return await one.fetch_history()


def kinds_of(history: WorkflowHistory) -> Counter[EventType.ValueType]:
    return Counter(event.event_type for event in history.events)


async def test_what_a_trial_costs(desk: Desk) -> None:
    minimal = figures(await minimal_trial(desk))
    trial = await lead_trial(desk)
    lead = figures(trial)
    # Six events more: three commits' markers, two upserts, and the reminder's timer that gives way to the window's.
    # The last timer ends with the run and is not cancelled first. Actions: start, signal, update, two timers, two
    # upserts, three tasks with a local activity.
    assert minimal == (16, 3, 4)
    assert lead == (22, 3, 10)
    assert lead[0] <= 1.45 * minimal[0]
    # What is measured in `bench/` as the price of the design has a lead's history, event for event.
    assert kinds_of(await skeleton_trial(desk)) == kinds_of(trial)


async def test_what_an_account_costs(desk: Desk) -> None:
    minimal = figures(await minimal_trial(desk, signals=2))
    account = figures(await account_trial(desk))
    assert minimal == (20, 4, 5)
    # Seven events more: four commits' markers, two upserts, and the timer of the next reminder that gives way. Actions:
    # start, two signals, update, two timers, two upserts, four tasks with a local activity.
    assert account == (27, 4, 12)
    assert account[0] <= 1.45 * minimal[0]
