"""The least that a workflow with the messages of a lead could be: the measure of everything else."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow


@workflow.defn(name="minimal")
class MinimalWorkflow:
    """Start, timer, the same update and signals as a trial, end. No data, no records, nothing shown."""

    def __init__(self) -> None:
        self._heard = 0

    @workflow.run
    async def run(self, signals: int = 1) -> None:
        """Wait for so many signals, ninety days at most."""
        with suppress(TimeoutError):
            await workflow.wait_condition(lambda: self._heard == signals, timeout=timedelta(days=90))

    @workflow.update
    def accept(self, payload: Any) -> str:  # noqa: ARG002
        """Answer."""
        return "Done."

    @workflow.signal
    def client_paid(self, payload: Any) -> None:  # noqa: ARG002
        """Count; the last one ends it."""
        self._heard += 1
