"""Going through days of the program while something is gone, and people who repeat what was not answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from tests.faults.lives import IMPATIENCE, PATIENCE
from tests.faults.test_away import Away
from tests.workflows.conftest import database_held


async def passes(instant: datetime, seconds: float = 0) -> None:
    """Wait until so many seconds after an instant of real time."""
    await asyncio.sleep(max(0.0, (instant - datetime.now(UTC)).total_seconds() + seconds))


async def say(client: Client, process: str, action: str, said: str) -> None:
    """An update, sent again under the same id while it is not answered, or not possible yet."""
    until, why = time.monotonic() + PATIENCE, ""
    handle = client.get_workflow_handle(process)
    while time.monotonic() < until:
        try:
            await asyncio.wait_for(handle.execute_update(action, said, id=f"{action} {said[:25]}"), IMPATIENCE)
        except WorkflowUpdateFailedError as refused:
            why = str(refused.cause)
        except (TimeoutError, RPCError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
            why = repr(error)
        else:
            return
        await asyncio.sleep(0.3)
    raise AssertionError(f"{action} of {process} was not followed: {why}")


@asynccontextmanager
async def gone(house: Away, what: str) -> AsyncIterator[None]:
    """Something is gone in this block, and comes back after it."""
    match what:
        case "worker":
            house.worker.kill()
            yield
            house.worker.start()
        case "server":
            house.server.kill()
            yield
            await asyncio.to_thread(house.server.start)
        case "database":
            with database_held(house.engine):
                yield
        case "mail":
            house.mail.stop()
            yield
            house.mail.start()
        case _:
            yield
