"""The daily look at the calendar: a schedule starts it, and one activity begins whatever is due."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities import names


@workflow.defn(name="opening")
class OpeningWorkflow:
    """One day's look at the calendar."""

    @workflow.run
    async def run(self) -> list[str]:
        """The ids of the processes that are due; the database is awaited for as long as it takes."""
        due: list[str] = await workflow.execute_activity(
            names.OPEN,
            result_type=list[str],
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=RetryPolicy(maximum_interval=timedelta(minutes=1)),
            summary="begin what the calendar begins",
        )
        return due
