"""One measurement in a process of its own: `python -m bench.measure ADDRESS KIND WHAT N`. Prints JSON.

`trial`: N workflows through their whole life, 20 at a time: seconds of wall time and of this process's CPU.
`memory`: bytes of resident memory for each of N open workflows in the worker's cache.
`replay`: workflow tasks replayed in a second of CPU, over N closed histories.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Replayer, Worker

from bench.kinds import Kind, kind_named
from workflows.connection import COMPRESSION, DATA_CONVERTER

AT_A_TIME = 20
WARM_UP = 20
# The CPU time that a tenth of a second costs a worker which has nothing to do, at most.
_AT_REST = 0.005
_C_LIBRARY = ctypes.CDLL(None)


async def trial(client: Client, kind: Kind, queue: str, number: int) -> dict[str, float]:
    """Whole lives, each step awaited: all are opened, then all are brought to their end."""
    await _lives(client, kind, queue, WARM_UP)  # imports and caches are warm afterwards
    wall, cpu = time.perf_counter(), time.process_time()
    await _lives(client, kind, queue, number)
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


async def memory(client: Client, kind: Kind, queue: str, number: int) -> dict[str, float]:
    """Open ones in the cache."""
    await _many(200, lambda: _opened(kind, client, queue))
    await _at_rest()
    before = _resident()
    await _many(number, lambda: _opened(kind, client, queue))
    await _at_rest()
    return {"bytes": (_resident() - before) / number}


async def replay(client: Client, kind: Kind, queue: str, number: int) -> dict[str, float]:
    """Closed ones, from their histories."""
    handles = await _lives(client, kind, queue, number)
    histories = [await handle.fetch_history() for handle in handles]
    tasks = sum(
        event.HasField("workflow_task_completed_event_attributes") for history in histories for event in history.events
    )
    replayer = Replayer(workflows=[kind.workflow], workflow_runner=kind.runner, data_converter=DATA_CONVERTER)
    cpu = time.process_time()
    for history in histories:
        await replayer.replay_workflow(history)
    return {"tasks_per_second": tasks / (time.process_time() - cpu)}


async def _lives(client: Client, kind: Kind, queue: str, number: int) -> list[WorkflowHandle[Any, Any]]:
    opened = iter(await _many(number, lambda: kind.open(client, queue)))
    await _at_rest()
    return await _many(number, lambda: kind.finish(next(opened)))


async def _opened(kind: Kind, client: Client, queue: str) -> WorkflowHandle[Any, Any]:
    """One that has done its first task, and so is in the cache."""
    handle = await kind.open(client, queue)
    async for event in handle.fetch_history_events(wait_new_event=True):
        if event.HasField("workflow_task_completed_event_attributes"):
            break
    return handle


async def _many(number: int, do: Callable[[], Awaitable[WorkflowHandle[Any, Any]]]) -> list[WorkflowHandle[Any, Any]]:
    left = iter(range(number))
    done: list[WorkflowHandle[Any, Any]] = []

    async def one_after_another() -> None:
        for _ in left:
            done.append(await do())

    await asyncio.gather(*(one_after_another() for _ in range(AT_A_TIME)))
    return done


async def _at_rest() -> None:
    """Wait until what has begun is done: an update that comes sooner would spare a workflow its first task."""
    before = -1.0
    while (now := time.process_time()) - before > _AT_REST:
        before = now
        await asyncio.sleep(0.1)


def _resident() -> int:
    """Memory of our own, in bytes: pages of files come and go as the machine likes.

    What the C library keeps of freed memory is given back first: no open workflow needs it.
    """
    gc.collect()
    _C_LIBRARY.malloc_trim(0)
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:"))


async def main(address: str, name: str, what: str, number: int) -> None:
    """Measure one thing and print it."""
    client = await Client.connect(address, data_converter=DATA_CONVERTER, grpc_compression=COMPRESSION)
    queue = f"bench-{uuid.uuid4().hex}"
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(16) as threads:
        kind = kind_named(name, Path(directory))
        async with Worker(
            client,
            task_queue=queue,
            workflows=[kind.workflow],
            activities=kind.activities,
            activity_executor=threads,
            workflow_runner=kind.runner,
            interceptors=kind.interceptors,
            max_cached_workflows=5_000,
            max_concurrent_activities=16,
        ):
            measured = await {"trial": trial, "memory": memory, "replay": replay}[what](client, kind, queue, number)
    print(json.dumps(measured))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
