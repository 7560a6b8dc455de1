"""A worker keeps less of a run's start (`bench/` measures it); what can be read of it stays what was sent."""

import asyncio
import uuid
from typing import Any

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, OutboundInterceptor, StartWorkflowInput, WorkflowHandle
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    Worker,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from tests.workflows.conftest import Server
from workflows.lean import Lean, LeanRunner
from workflows.search_attributes import PARTNER, STAGE

HEADER = "from"


@workflow.defn(name="told")
class Told:
    """Says what it has shown for searching since it began."""

    @workflow.run
    async def run(self, stage: str) -> dict[str, Any]:
        workflow.upsert_search_attributes([STAGE.value_set(stage)])
        await workflow.sleep(0.1)  # the other one runs meanwhile
        headers = {name: header.data.decode() for name, header in workflow.info().headers.items()}
        return {pair.key.name: pair.value for pair in workflow.info().typed_search_attributes} | {"told": headers}


class Send(ClientInterceptor):
    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        return _OnTheWayOut(next)


class _OnTheWayOut(OutboundInterceptor):
    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
        input.headers = {HEADER: Payload(metadata={"encoding": b"binary/plain"}, data=input.args[0].encode())}
        return await super().start_workflow(input)


class Read(Interceptor):
    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        return _OnTheWayIn


class _OnTheWayIn(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> dict[str, Any]:
        shown: dict[str, Any] = await super().execute_workflow(input)
        return shown | {name: header.data.decode() for name, header in input.headers.items()}


async def test_each_process_reads_its_own_headers_and_what_it_has_shown(server: Server) -> None:
    client = await Client.connect(server.address, interceptors=[Send()])
    queue = f"lean-{uuid.uuid4().hex}"
    async with Worker(
        client, task_queue=queue, workflows=[Told], workflow_runner=LeanRunner(), interceptors=[Lean(), Read()]
    ):
        said = await asyncio.gather(
            *(
                client.execute_workflow(
                    "told", stage, id=f"{queue}:{stage}", task_queue=queue,
                    search_attributes=TypedSearchAttributes([SearchAttributePair(PARTNER, "alster")]),
                )
                for stage in ("one", "two")
            )
        )  # fmt: skip
    assert said == [{"Stage": each, "told": {HEADER: each}, HEADER: each} for each in ("one", "two")]
