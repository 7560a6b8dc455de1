"""Is Temporal as processes need it, and does anybody work?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from cli.checks.finding import Finding
from cli.sentences import CannotGoOn
from settings import Settings
from workflows.namespace import add_attributes, missing_attributes
from workflows.schedules import missing_schedules, register_schedules

_POLLED_WITHIN = timedelta(minutes=2)


async def check_namespace(client: Client) -> AsyncIterator[Finding]:
    """Whether the namespace exists and has the search attributes. Raises `CannotGoOn` when it does not exist."""
    try:
        missing = await missing_attributes(client)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            raise CannotGoOn(
                f"Temporal has no namespace {client.namespace}. Create it, or set TEMPORAL_NAMESPACE to the right one."
            ) from None
        raise
    if missing:

        async def add() -> str:
            await add_attributes(client, missing)
            return f"Created the search attributes {', '.join(missing)}."

        yield Finding(
            f"The search attributes {', '.join(missing)} are missing, so no process can start. Run: partnerflow setup",
            repair=add,
        )


async def check_schedules(client: Client, settings: Settings) -> AsyncIterator[Finding]:
    """Whether Temporal has the schedules; with a clock that is not the real one there are none."""
    missing = await missing_schedules(client) if settings.program_clock.speed == 1 else []
    if missing:

        async def add() -> str:
            await register_schedules(client, task_queue=settings.task_queue)
            return f"Created the schedules {', '.join(missing)}."

        yield Finding(
            f"The schedules {', '.join(missing)} are missing, so no adjustment begins. Run: partnerflow setup",
            repair=add,
        )


async def check_workers(client: Client, settings: Settings) -> AsyncIterator[Finding]:
    """Whether a worker asks for work."""
    described = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=settings.task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
    )
    since = datetime.now(UTC) - _POLLED_WITHIN
    if not any(poller.last_access_time.ToDatetime(tzinfo=UTC) > since for poller in described.pollers):
        yield Finding(
            f"No worker polls the task queue {settings.task_queue}, so processes stand still (nothing is lost). "
            "Run: partnerflow worker"
        )
