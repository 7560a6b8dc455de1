"""How the outside reaches processes: start one, tell one something. For the portal, the relay and the commands.

Every call answers only when Temporal has acknowledged it durably, whether workers run or not, or raises
`TemporalAway`. Calls may be repeated: workflow ids are business keys, messages carry ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from program.clock import ProgramClock
from states.lifecycle import Event, Lifecycle, M
from workflows.process import Start
from workflows.search_attributes import attributes_of

TASK_QUEUE = "partnerflow"

# The portal stamps a message when it arrives. A deadline that costs somebody a right is armed two minutes late, so a
# message that Temporal has acknowledged within one minute of its stamp always comes before it.
ACKNOWLEDGED_WITHIN = timedelta(seconds=50)


class TemporalAway(Exception):
    """Temporal has not acknowledged in time; the same call may be repeated."""


class NoSuchProcess(Exception):
    """There is no such process, or it is over."""


async def start_process(
    client: Client,
    lifecycle: Lifecycle[M],
    data: M,
    *,
    clock: ProgramClock,
    workflow_id: str,
    task_queue: str = TASK_QUEUE,
    continue_after: int | None = None,
) -> bool:
    """Start a process with its data; False when it has been started before (open or closed), which changes nothing."""
    begun = data.model_copy()
    lifecycle.fire(begun, Event("begin", begun.since, begun.since))
    start = Start(data=data.model_dump(mode="json", exclude_none=True), clock=clock, continue_after=continue_after)
    try:
        await client.start_workflow(
            lifecycle.name,
            start,
            id=workflow_id,
            task_queue=task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            search_attributes=attributes_of(lifecycle, begun).at_start(),
            static_summary=f"{lifecycle.name} {data.subject()} of {data.partner_id}",
            rpc_timeout=ACKNOWLEDGED_WITHIN,
        )
    except WorkflowAlreadyStartedError:
        return False
    except RPCError as error:
        raise _away(error) from error
    return True


async def tell(client: Client, workflow_id: str, action: str, payload: Mapping[str, Any]) -> None:
    """Send a message to a process as a signal; `NoSuchProcess` when there is none that is open."""
    try:
        await client.get_workflow_handle(workflow_id).signal(action, dict(payload), rpc_timeout=ACKNOWLEDGED_WITHIN)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            raise NoSuchProcess(f"{workflow_id} is not open.") from error
        raise _away(error) from error


_PASSING = {
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.ABORTED,
}


def _away(error: RPCError) -> Exception:
    if error.status not in _PASSING:
        return error
    return TemporalAway(f"Temporal has not acknowledged: {error.status.name.lower().replace('_', ' ')}.")
