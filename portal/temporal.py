"""The portal's way to Temporal: nothing is answered that Temporal has not acknowledged within a minute of its stamp."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError

from program.clock import ProgramClock
from states.lifecycle import Lifecycle, M
from workflows.doors import ACKNOWLEDGED_WITHIN, NoSuchProcess, TemporalAway, ask, start_process, tell

ClientProvider = Callable[[], Awaitable[Client]]
"""Connects; raises ConnectionError while nobody answers. Called until it has succeeded once."""

_log = logging.getLogger("partnerflow.portal")

_PROBE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Received:
    """When a request arrived: `at` in program time (UTC), `heard` on the event loop's clock."""

    at: datetime
    heard: float


class Temporal:
    """Starts processes and sends messages. Raises `TemporalAway` when that is not acknowledged in time.

    `patience` (real time) counts from the stamp, so that waiting for anything else is part of it.
    """

    def __init__(
        self,
        provider: ClientProvider,
        *,
        clock: ProgramClock,
        task_queue: str,
        patience: timedelta = ACKNOWLEDGED_WITHIN,
    ) -> None:
        self._provider = provider
        self._client: Client | None = None
        self._clock = clock
        self._task_queue = task_queue
        self._patience = patience

    async def start(
        self, received: Received, lifecycle: Lifecycle[M], data: M, process: str, *, again: bool = False
    ) -> bool:
        """Start a process; False when it had been started before. With `again`, one that is over begins again."""
        async with self._in_time(received) as client:
            started = await start_process(
                client,
                lifecycle,
                data,
                clock=self._clock,
                workflow_id=process,
                task_queue=self._task_queue,
                again=again,
            )
        _log.info("started" if started else "had been started before", extra={"of_process": process})
        return started

    async def tell(self, received: Received, process: str, action: str, payload: Mapping[str, Any]) -> bool:
        """Send a message to a process; False when there is none that is open."""
        async with self._in_time(received) as client:
            try:
                await tell(client, process, action, payload)
            except NoSuchProcess:
                return False
        _log.info("told", extra={"of_process": process, "action": action})
        return True

    async def ask(self, received: Received, process: str, action: str, payload: Mapping[str, Any]) -> str | None:
        """Say something for a person, as an update, and return the answer; None when there is no such open process.

        Raises `Refusal` with the sentence of a process that does not follow it.
        """
        async with self._in_time(received) as client:
            try:
                answer = await ask(client, process, action, payload)
            except NoSuchProcess:
                return None
        _log.info("asked", extra={"of_process": process, "action": action})
        return answer

    async def answers(self) -> bool:
        """Whether Temporal answers right now."""
        try:
            async with asyncio.timeout(_PROBE.total_seconds()):
                client = await self._connected()
                return await client.service_client.check_health()
        except (TimeoutError, TemporalAway, RPCError, RuntimeError):
            return False

    @asynccontextmanager
    async def _in_time(self, received: Received) -> AsyncIterator[Client]:
        until = received.heard + self._patience.total_seconds()
        try:
            async with asyncio.timeout_at(until):
                yield await self._connected()
        except TimeoutError:
            raise TemporalAway("Temporal has not acknowledged in time.") from None

    async def _connected(self) -> Client:
        # Two requests may both connect at first; the later client stays, which does no harm.
        if self._client is None:
            try:
                self._client = await self._provider()
            except (OSError, RuntimeError) as error:
                raise TemporalAway("Temporal does not answer.") from error
        return self._client
