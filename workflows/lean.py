"""What a worker need not keep of an open process; an open lead takes a quarter less memory for it.

A run's first task reaches the SDK as one message of protobuf, whose parts are views into one block of memory: its
argument, its search attributes, its summary. The SDK keeps two empty parts of it, and with them the whole block, for
as long as the run is in its cache.
"""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

from temporalio.api.common.v1 import Payload, Payloads
from temporalio.common import TypedSearchAttributes
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    UnsandboxedWorkflowRunner,
    WorkflowInboundInterceptor,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowInterceptorClassInput,
)


class LeanRunner(UnsandboxedWorkflowRunner):
    """Runs workflows without the sandbox, with a copy of what the run before ended with.

    `workflow.info()` tells of search attributes only what was upserted since: a process knows what it shows.
    """

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """See base class."""
        ended_with = Payloads()
        ended_with.CopyFrom(det.last_completion_result)
        info = replace(det.info, search_attributes={}, typed_search_attributes=TypedSearchAttributes([]))
        return super().create_instance(replace(det, info=info, last_completion_result=ended_with))


class Lean(Interceptor):
    """Keeps a copy of a run's headers."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: ARG002
        """See base class."""
        return _OnTheWayIn


class _OnTheWayIn(WorkflowInboundInterceptor):
    # No coroutine of its own: it would live, and take its room, for as long as the run.
    def execute_workflow(self, input: ExecuteWorkflowInput) -> Coroutine[Any, Any, Any]:
        input.headers = {name: _copied(header) for name, header in input.headers.items()}
        return self.next.execute_workflow(input)


def _copied(payload: Payload) -> Payload:
    copy = Payload()
    copy.CopyFrom(payload)
    return copy
