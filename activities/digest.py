"""The daily digest: each business day one mail for every staff role that something waits for.

It is posted into the outbox under a key of role and day, so several workers, or one that starts again, post it once.
A worker that was away in the morning posts it when it is back, as long as the day lasts. What waits is looked up when
the mail leaves, not when it is posted.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from program.calendar import at_hour, is_business_day, program_date
from program.clock import ProgramClock
from records.digest import how_many_wait
from records.posting import post_mail
from states.staff import Role

_log = logging.getLogger("partnerflow.digest")

_RETRY_SECONDS = 30.0
# Long waits are cut: a machine that slept, or whose clock was set, looks again soon.
_LONGEST_WAIT_SECONDS = 600.0


@dataclass(slots=True)
class Digests:
    """Posts digests at `hour` o'clock (program time zone). `queue_link` is where a role's queue is, or ""."""

    engine: Engine
    clock: ProgramClock
    hour: int
    queue_link: Callable[[Role], str]
    posted: Callable[[], None] = lambda: None
    real: Callable[[], datetime] = lambda: datetime.now(UTC)
    _done: date | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Post until `stop` is set."""
        while not stop.is_set():
            try:
                await asyncio.to_thread(self.post_today)
                wait = self._until_next()
            except SQLAlchemyError as error:
                _log.warning("the digest waits for the database (%s)", type(error).__name__)
                wait = _RETRY_SECONDS
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), min(wait, _LONGEST_WAIT_SECONDS))

    def post_today(self) -> list[Role]:
        """Post today's digests if they are due and not yet posted by this worker; the roles that got one."""
        now = self.clock.program(self.real())
        today = program_date(now)
        if self._done == today or not is_business_day(today) or now < at_hour(today, self.hour):
            return []
        waiting = how_many_wait(self.engine)
        roles = [role for role in Role if role.is_staff and waiting.get(role.value)]
        for role in roles:
            key = f"digest:{role.value}:{today.isoformat()}"
            about = {"role": role.value, "link": self.queue_link(role)}
            post_mail(
                self.engine, key=key, process=key, template="digest", to=f"staff:{role.value}", now=now, about=about
            )
        self._done = today
        if roles:
            self.posted()
        return roles

    def _until_next(self) -> float:
        """Real seconds until the next digest is due."""
        now = self.clock.program(self.real())
        day = program_date(now)
        if self._done == day or not is_business_day(day):
            day += timedelta(days=1)
        while not is_business_day(day):
            day += timedelta(days=1)
        return max(0.01, self.clock.real_delay(at_hour(day, self.hour) - now).total_seconds())
