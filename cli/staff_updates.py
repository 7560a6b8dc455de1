"""What staff of a demonstration do in the Web UI: send an update, and again for a moment while nothing takes it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.service import RPCError, RPCStatusCode

_GLANCE = 0.1


async def update_as_staff(client: Client, process: str, action: str, said: Any, *, patience: float) -> str:
    """The answer to an update. Who is told that it is too early, or is told nothing, tries again, as people do.

    Who was told nothing, and is then refused, was followed the first time; the refusal is the answer. When the
    `patience` (real seconds) is over, the last `WorkflowUpdateFailedError` or `RPCError` is raised.
    """
    handle, unanswered = client.get_workflow_handle(process), False
    until = time.monotonic() + patience
    while True:
        try:
            answer: str = await handle.execute_update(action, said)
        except WorkflowUpdateFailedError as refused:
            if unanswered:
                return str(refused.cause)
            if time.monotonic() > until:
                raise
        except RPCError as error:
            if time.monotonic() > until:
                raise
            unanswered = unanswered or error.status is not RPCStatusCode.NOT_FOUND
        else:
            return answer
        await asyncio.sleep(_GLANCE)
