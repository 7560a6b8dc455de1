"""The least that a workflow with the messages of a lead could be: the measure of everything else."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow


@workflow.defn(name="minimal")
class MinimalWorkflow:
    """Start, timer, the same update and signal as a lead's trial, end. No data, no records, nothing shown."""

    def __init__(self) -> None:
        self._paid = False

    @workflow.run
    async def run(self) -> None:
        """Wait for the payment, ninety days at most."""
        with suppress(TimeoutError):
            await workflow.wait_condition(lambda: self._paid, timeout=timedelta(days=90))

    @workflow.update
    def accept(self, payload: Any) -> str:  # noqa: ARG002
        """Answer."""
        return "Done."

    @workflow.signal
    def client_paid(self, payload: Any) -> None:  # noqa: ARG002
        """End."""
        self._paid = True
