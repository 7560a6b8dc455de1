"""How the outside reaches processes: start one, tell one something. For the portal, the relay and the commands.

Every call answers only when Temporal has acknowledged it durably, whether workers run or not, or raises
`TemporalAway`. Calls may be repeated: workflow ids are business keys, messages carry ids.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from program.clock import ProgramClock
from states.lifecycle import Event, Lifecycle, M
from states.messages import Refusal
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
    again: bool = False,
) -> bool:
    """Start a process with its data; False when it has been started before (open or closed), which changes nothing.

    With `again`, one that is over may begin again under its id; the caller vouches that it has not been asked before.
    """
    reuse = WorkflowIDReusePolicy.ALLOW_DUPLICATE if again else WorkflowIDReusePolicy.REJECT_DUPLICATE
    begun = data.model_copy()
    lifecycle.fire(begun, Event("begin", begun.since, begun.since))
    start = Start(data=data.model_dump(mode="json", exclude_none=True), clock=clock, continue_after=continue_after)
    try:
        await client.start_workflow(
            lifecycle.name,
            start,
            id=workflow_id,
            task_queue=task_queue,
            id_reuse_policy=reuse,
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


def beginning(
    client: Client, lifecycles: Iterable[Lifecycle[Any]], *, clock: ProgramClock, task_queue: str = TASK_QUEUE
) -> Callable[[str, str, dict[str, Any]], Awaitable[None]]:
    """A function that starts a process by its id, the name of its lifecycle and its data as JSON values.

    It raises `LookupError` for a lifecycle that is none of these: a newer worker may know it.
    """
    known = {(table.name, table.version): table for table in lifecycles}

    async def begin(process: str, kind: str, data: dict[str, Any]) -> None:
        table = known.get((kind, int(data["lifecycle_version"])))
        if table is None:
            raise LookupError(f"This worker does not know version {data['lifecycle_version']} of {kind}.")
        begun = table.data.model_validate(data)
        await start_process(client, table, begun, clock=clock, workflow_id=process, task_queue=task_queue)

    return begin


async def tell(client: Client, workflow_id: str, action: str, payload: Mapping[str, Any]) -> None:
    """Send a message to a process as a signal; `NoSuchProcess` when there is none that is open."""
    try:
        await client.get_workflow_handle(workflow_id).signal(action, dict(payload), rpc_timeout=ACKNOWLEDGED_WITHIN)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            raise NoSuchProcess(f"{workflow_id} is not open.") from error
        raise _away(error) from error


async def ask(client: Client, workflow_id: str, action: str, payload: Mapping[str, Any]) -> str:
    """Send a message of a person as an update, and return the answer; `Refusal` with the sentence that says why not.

    Other than a signal it needs a worker at work: without one it is not answered, and may be repeated.
    """
    try:
        handle = client.get_workflow_handle(workflow_id)
        answer: str = await handle.execute_update(
            action, dict(payload), result_type=str, rpc_timeout=ACKNOWLEDGED_WITHIN
        )
    except WorkflowUpdateFailedError as failed:
        raise Refusal(getattr(failed.cause, "message", str(failed))) from None
    except WorkflowUpdateRPCTimeoutOrCancelledError as late:
        raise TemporalAway("Nobody has answered in time.") from late
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            raise NoSuchProcess(f"{workflow_id} is not open.") from error
        raise _away(error) from error
    return answer


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
