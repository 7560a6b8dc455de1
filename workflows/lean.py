"""What a worker need not keep of an open process; an open lead takes a sixth less memory for it.

A run's first task reaches the SDK as one message of protobuf, whose parts are views into one block of memory: its
argument, its search attributes, its summary. The SDK keeps a few parts of it, which mostly are empty, and with them the
whole block, for as long as the run is in its cache.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from dataclasses import replace
from typing import Any

from temporalio import workflow
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

from program.clock import REAL_TIME
from workflows.process import Start

_NOTHING = Payloads()
_TAKEN_IN = Start(data={}, clock=REAL_TIME)


class LeanRunner(UnsandboxedWorkflowRunner):
    """Runs workflows without the sandbox, with copies of their headers, memo and what the run before ended with.

    `workflow.info()` tells of search attributes only what was upserted since: a process knows what it shows.
    """

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """See base class."""
        ended_with = _NOTHING
        if det.last_completion_result.payloads:
            ended_with = Payloads()
            ended_with.CopyFrom(det.last_completion_result)
        info = replace(
            det.info,
            headers=_copied(det.info.headers),
            raw_memo=_copied(det.info.raw_memo),
            search_attributes={},
            typed_search_attributes=TypedSearchAttributes([]),
        )
        return super().create_instance(replace(det, info=info, last_completion_result=ended_with))


class Lean(Interceptor):
    """Lets go of what the SDK keeps for a run's beginning: its headers once more, and the start of a process."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: ARG002
        """See base class."""
        return _OnTheWayIn


class _OnTheWayIn(WorkflowInboundInterceptor):
    # It is no coroutine: that would live for as long as the run.
    def execute_workflow(self, input: ExecuteWorkflowInput) -> Coroutine[Any, Any, Any]:
        input.headers = workflow.info().headers
        input.args = [_TAKEN_IN if isinstance(each, Start) else each for each in input.args]
        return self.next.execute_workflow(input)


def _copied(payloads: Mapping[str, Payload]) -> dict[str, Payload]:
    copies = {name: Payload() for name in payloads}
    for name, copy in copies.items():
        copy.CopyFrom(payloads[name])
    return copies
