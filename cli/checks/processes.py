"""Do processes and records agree, or did somebody terminate or reset a process behind our back?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from sqlalchemy import Engine
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from cli.checks.finding import Finding
from cli.repair import rebuilt_as_ended, rebuilt_from_process, taken_back
from records.checkup import Accepted, Shown, accepted_without_process, open_projections, projection_of
from settings import Settings
from workflows.process import Snapshot

# A process that has just started or just changed may not have written it yet (real time).
_SETTLING = timedelta(minutes=2)
_ENDED = {
    WorkflowExecutionStatus.TERMINATED: "was terminated",
    WorkflowExecutionStatus.FAILED: "failed",
    WorkflowExecutionStatus.TIMED_OUT: "timed out",
    WorkflowExecutionStatus.CANCELED: "was cancelled for good",
    WorkflowExecutionStatus.COMPLETED: "is over",
}


async def check_ends(client: Client, engine: Engine, settings: Settings) -> AsyncIterator[Finding]:
    """Processes that the records take for open and that do not run."""
    running = {found.id async for found in client.list_workflows('ExecutionStatus="Running"', page_size=1000)}
    for shown in open_projections(engine).values():
        if shown.process in running:
            continue
        described = await _described(client, shown.process)
        if described is not None and described.status == WorkflowExecutionStatus.RUNNING:
            continue
        # Read again: it may have ended properly in between.
        still = projection_of(engine, shown.process)
        if still is None or still.projection.final:
            continue
        yield _ended(engine, settings, still, described)


async def check_resets(client: Client, engine: Engine, settings: Settings) -> AsyncIterator[Finding]:
    """Processes that run again from an earlier point, so that the records show a future that they have lost."""
    running = {found.id async for found in client.list_workflows('ExecutionStatus="Running"', page_size=1000)}
    # A reset closes the run that it replaces as terminated; one of a process that was over leaves it as it was.
    replaced = {found.id async for found in client.list_workflows('ExecutionStatus="Terminated"', page_size=1000)}
    known = open_projections(engine)
    for process in sorted(running):
        if process in known and process not in replaced:
            continue
        shown = known.get(process) or projection_of(engine, process)
        if shown is None:
            continue
        snapshot = await _snapshot(client, process)
        if snapshot is None or snapshot.waiting or _agree(snapshot, shown):
            continue
        yield Finding(
            f"{process} was reset: it is in the state {snapshot.projection.state} (change {snapshot.number}), and the "
            f"records show {shown.projection.state} (change {shown.number}). Mails that left stay sent. "
            "partnerflow doctor --repair writes what the process knows into the records.",
            repair=rebuilt_from_process(engine, shown, snapshot, settings.now),
        )


async def check_starts(client: Client, engine: Engine, settings: Settings) -> AsyncIterator[Finding]:
    """What was accepted, of whatever kind, and whose process is gone or has never written anything."""
    before = settings.now() - _SETTLING * settings.program_clock.speed
    for accepted in accepted_without_process(engine, before=before):
        described = await _described(client, accepted.process)
        # A request that follows an ended one begins a run of its own.
        if described is None or (accepted.number > 1 and described.status != WorkflowExecutionStatus.RUNNING):
            yield _lost(engine, settings, accepted)
        else:
            yield Finding(
                f"{accepted.process} has not recorded anything since it was accepted. Is a worker running, and does "
                "its card in the Web UI show a failing workflow task?"
            )


def _lost(engine: Engine, settings: Settings, accepted: Accepted) -> Finding:
    remedy = (
        "partnerflow doctor --repair begins it again."
        if accepted.way.by_outbox
        else "partnerflow doctor --repair takes that back; tell whoever sent it, who can send it again then."
    )
    return Finding(
        f"{accepted.process} was accepted, but Temporal does not know it: was Temporal's database replaced? {remedy}",
        repair=taken_back(engine, accepted, settings.now),
    )


def _ended(engine: Engine, settings: Settings, shown: Shown, described: WorkflowExecutionDescription | None) -> Finding:
    closed = described.close_time if described else None
    how = _ENDED.get(described.status, "is over") if described and described.status else "is unknown to Temporal"
    at = settings.program_clock.program(closed) if closed else settings.now()
    return Finding(
        f"{shown.process} {how}{f' on {at:%Y-%m-%d %H:%M} UTC' if closed else ''}, and the records still show it as "
        f"{shown.projection.state}. partnerflow doctor --repair ends it there and gives free what it holds.",
        repair=rebuilt_as_ended(engine, shown, at=at, how=how, now=settings.now),
    )


def _agree(snapshot: Snapshot, shown: Shown) -> bool:
    mine, theirs = snapshot.projection, shown.projection
    return (mine.state, mine.outcome, mine.final, mine.since, mine.due_at) == (
        theirs.state, theirs.outcome, theirs.final, theirs.since, theirs.due_at,
    )  # fmt: skip


async def _snapshot(client: Client, process: str) -> Snapshot | None:
    try:
        found: Snapshot = await client.get_workflow_handle(process).query(
            "snapshot", result_type=Snapshot, rpc_timeout=timedelta(seconds=10)
        )
    except RPCError:
        return None  # no worker, which is a finding of its own
    return found


async def _described(client: Client, process: str) -> WorkflowExecutionDescription | None:
    try:
        return await client.get_workflow_handle(process).describe()
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return None
        raise
