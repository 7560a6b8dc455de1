"""How the worker and its surroundings are: looked at every few seconds, and shown as metrics.

Several workers of one database all show the same queues and outbox: `max`, not `sum`, of them is the truth.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from temporalio.client import Client
from temporalio.common import MetricMeter
from temporalio.service import RPCError

from activities import metrics
from program.clock import ProgramClock
from records.digest import queue_lengths
from records.outbox import Backlog, backlog
from records.parked import how_many_parked
from states.staff import Role

_log = logging.getLogger("partnerflow.vitals")

_PROBE = 2.0


def answers_of(client: Client) -> Callable[[], Awaitable[bool]]:
    """A function that asks whether Temporal answers right now."""

    async def ask() -> bool:
        try:
            async with asyncio.timeout(_PROBE):
                return await client.service_client.check_health()
        except (TimeoutError, RPCError, RuntimeError):
            return False

    return ask


@dataclass(slots=True)
class Vitals:
    """Looks around every `every` seconds (real time), and at the queues each `queues_each` times."""

    engine: Engine
    clock: ProgramClock
    meter: MetricMeter
    temporal_answers: Callable[[], Awaitable[bool]]
    breaker_is_open: Callable[[], bool]
    every: float = 5.0
    queues_each: int = 3
    _temporal: bool = True
    _database: bool = True

    async def run(self, stop: asyncio.Event) -> None:
        """Look around until `stop` is set."""
        looked = 0
        while not stop.is_set():
            try:
                await self.look(with_queues=looked % self.queues_each == 0 or not self._database)
            except Exception:
                # Who only watches must not stop the work. The heartbeat grows old, and that is seen.
                _log.exception("looking around failed")
            looked += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self.every)

    async def look(self, *, with_queues: bool = True) -> None:
        """Look around once."""
        temporal, database = await asyncio.gather(
            self.temporal_answers(), asyncio.to_thread(self._database_answers, with_queues)
        )
        self._told(temporal, self._temporal, "Temporal")
        self._told(database, self._database, "the database")
        self._temporal, self._database = temporal, database
        metrics.TEMPORAL_UP.set(self.meter, temporal)
        metrics.DATABASE_UP.set(self.meter, database)
        metrics.BREAKER_OPEN.set(self.meter, self.breaker_is_open())
        metrics.HEARTBEAT.set(self.meter, datetime.now(UTC).timestamp())

    def _told(self, there: bool, before: bool, who: str) -> None:
        if there != before:
            _log.log(logging.INFO if there else logging.WARNING, "%s %s", who, "is back" if there else "is away")

    def _database_answers(self, with_queues: bool) -> bool:
        try:
            left = backlog(self.engine)
            self._show_outbox(left)
            if with_queues:
                self._show_queues()
        except SQLAlchemyError:
            return False
        return True

    def _show_outbox(self, left: Backlog) -> None:
        age = self.clock.program(datetime.now(UTC)) - left.oldest if left.oldest else None
        metrics.OUTBOX_WAITING.set(self.meter, left.mails, kind="mail")
        metrics.OUTBOX_WAITING.set(self.meter, left.signals, kind="signal")
        metrics.OUTBOX_OLDEST.set(self.meter, max(0.0, self.clock.real_delay(age).total_seconds()) if age else 0.0)

    def _show_queues(self) -> None:
        queues = queue_lengths(self.engine)
        for role in Role:
            if role is not Role.SYSTEM:
                waiting, overdue = queues.get(role.value, (0, 0))
                metrics.WAITING.set(self.meter, waiting, role=role.value)
                metrics.OVERDUE.set(self.meter, overdue, role=role.value)
        metrics.UNRESOLVED.set(self.meter, how_many_parked(self.engine))
