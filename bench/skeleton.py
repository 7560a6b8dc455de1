"""A lead without anything of ours: the same history, event for event, around activities that do nothing.

What it costs more than the minimal workflow is the price of the design on this server and SDK; what a lead costs more
than this is the price of our own code and of the records.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import activity, workflow

from workflows.search_attributes import DUE_AT, STAGE, WAITS_FOR

_RECORD = "record_nothing"


@activity.defn(name=_RECORD)
def record_nothing(what: dict[str, str]) -> dict[str, str]:
    """Answer."""
    return what


@workflow.defn(name="skeleton")
class SkeletonWorkflow:
    """The events of a lead's trial: start attributes, three local activities, two timers, two upserts."""

    def __init__(self) -> None:
        self._accepted = self._paid = False

    @workflow.run
    async def run(self) -> None:
        """Record the beginning, the update and the signal; a timer runs in between, and the last one when all ends."""
        await self._record("begin")
        reminder = asyncio.create_task(workflow.sleep(timedelta(days=2), summary="2 days are over"))
        await workflow.wait_condition(lambda: self._accepted)
        await self._record("accept")
        reminder.cancel()
        last = asyncio.create_task(workflow.sleep(timedelta(days=90), summary="90 days are over"))
        workflow.upsert_search_attributes(
            [STAGE.value_set("accepted"), WAITS_FOR.value_set("partner"), DUE_AT.value_set(workflow.now())]
        )
        await workflow.wait_condition(lambda: self._paid or last.done())
        await self._record("client paid")
        workflow.upsert_search_attributes([STAGE.value_set("credited"), WAITS_FOR.value_unset(), DUE_AT.value_unset()])

    @workflow.update
    def accept(self, payload: Any) -> str:  # noqa: ARG002
        """Go on."""
        self._accepted = True
        return "Done."

    @workflow.signal
    def client_paid(self, payload: Any) -> None:  # noqa: ARG002
        """End it."""
        self._paid = True

    async def _record(self, what: str) -> None:
        await workflow.execute_local_activity(
            _RECORD, {"step": what}, start_to_close_timeout=timedelta(seconds=2), summary=f"record: {what}"
        )
