"""How a process calls its few activities: with which timeouts and retries, and why."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, FailureError

from activities import names
from states.effects import Commit, Receipt
from states.staff import Role

# Two short tries inside the workflow task: no event but a marker, no second task. The database's own connect timeout
# is shorter, so a database that is away is noticed here and not by the task's timeout.
_AT_ONCE = RetryPolicy(initial_interval=timedelta(milliseconds=50), maximum_attempts=2)
# Afterwards without limit. Half a minute at most between two tries: so long it takes to catch up after an outage.
_PATIENTLY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


async def record_locally(commit: Commit) -> Receipt:
    """Write a commit as a local activity; `FailureError` after two short tries."""
    receipt: Receipt = await workflow.execute_local_activity(
        names.COMMIT,
        commit,
        result_type=Receipt,
        start_to_close_timeout=timedelta(seconds=2),
        retry_policy=_AT_ONCE,
        summary=_summary(commit),
    )
    return receipt


async def record(commit: Commit) -> Receipt:
    """Write a commit as a regular activity, as often as it takes. Updates and deadlines go on meanwhile."""
    receipt: Receipt = await workflow.execute_activity(
        names.COMMIT,
        commit,
        result_type=Receipt,
        start_to_close_timeout=timedelta(seconds=10),
        retry_policy=_PATIENTLY,
        summary=f"{_summary(commit)} (the database is awaited)",
    )
    return receipt


async def park(commit: Commit, why: str) -> None:
    """Put aside a commit that the database refuses for good, for `partnerflow doctor`."""
    await workflow.execute_activity(
        names.PARK,
        args=[commit, why],
        start_to_close_timeout=timedelta(seconds=10),
        retry_policy=_PATIENTLY,
        summary="put aside what the database refuses",
    )


async def authorise(address: str, roles: tuple[Role, ...]) -> str:
    """Ask the staff list whether `address` may act in one of `roles`; the answer is an objection, or ""."""
    objection: str = await workflow.execute_local_activity(
        names.AUTHORISE,
        args=[address, list(roles)],
        result_type=str,
        start_to_close_timeout=timedelta(seconds=2),
        summary="ask the staff list",
    )
    return objection


def refused_for_good(failure: FailureError) -> str | None:
    """The sentence with which the database refused a commit for good, or None when trying again may help."""
    cause = failure.cause if isinstance(failure, ActivityError) else failure
    if isinstance(cause, ApplicationError) and cause.type == names.REFUSED:
        return cause.message
    return None


def done_before_a_lost_message(failure: FailureError) -> int | None:
    """How many steps are written, when the commit's number is taken by a message that the process never saw."""
    cause = failure.cause if isinstance(failure, ActivityError) else failure
    details = cause.details if isinstance(cause, ApplicationError) and cause.type == names.REFUSED else ()
    return int(details[0]) if details else None


def _summary(commit: Commit) -> str:
    return "record: " + ", ".join(step.trigger.replace("_", " ") for step in commit.steps)[:150]
