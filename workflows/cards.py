"""The card is written when somebody looks: the Web UI asks a process for its current details, and gets it then.

Written at every change instead, as Temporal's own `set_current_details` does it, it would cost each process several
cards that nobody reads, and a few kilobytes in the worker's cache for as long as it is open.
"""

from __future__ import annotations

from typing import Any

from temporalio import workflow
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.worker import (
    HandleQueryInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from workflows.process import Process


class Cards(Interceptor):
    """Answers the Web UI's question for a process's details with its card. Every worker of processes needs it."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: ARG002
        """See base class."""
        return _OnTheWayIn


class _OnTheWayIn(WorkflowInboundInterceptor):
    async def handle_query(self, input: HandleQueryInput) -> Any:
        answer = await super().handle_query(input)
        process: Any = workflow.instance()
        if isinstance(answer, WorkflowMetadata) and isinstance(process, Process):
            answer.current_details = process.card()
        return answer
